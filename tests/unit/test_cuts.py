"""Where scenes are cut."""

import pytest

from voxweave.core.cuts import Cut, SceneRules, candidates, cut_moments, free_of_words
from voxweave.core.speech import Transcript, Word
from voxweave.core.time import Span

RULES = SceneRules(shortest_ms=4_000, longest_ms=20_000)


def _word(text: str, start: int, end: int) -> Word:
    return Word(text=text, span=Span(start=start, end=end))


def test_a_narration_shorter_than_a_scene_is_one_scene() -> None:
    """Nothing is cut where both sides would be too short."""
    assert cut_moments(3_000, [Cut(1_500, 1.0)], RULES) == ()


def test_the_better_of_two_cuts_is_taken() -> None:
    """A sentence's end is preferred to a comma."""
    assert cut_moments(16_000, [Cut(7_500, 0.25), Cut(8_200, 1.0)], RULES) == (8_200,)


def test_a_scene_too_long_is_cut_where_it_can_be() -> None:
    """A poor cut is better than a scene beyond the longest."""
    assert cut_moments(30_000, [Cut(14_000, -0.6)], RULES) == (14_000,)


def test_speech_over_music_is_cut_evenly() -> None:
    """Without a pause or a word there are even places, as many as the longest scene asks for."""
    cuts = candidates(Transcript(), [], duration_ms=50_000, rules=RULES)

    assert [cut.at for cut in cuts] == [16_666, 33_333]
    assert cut_moments(50_000, cuts, RULES) == (16_666, 33_333)


def test_an_even_place_within_a_word_is_not_taken() -> None:
    """A word that lasts over an even place keeps the cut away."""
    long = Transcript(words=(_word("aaa", 0, 60_000),))

    assert candidates(long, [], duration_ms=60_000, rules=RULES) == []


def test_pauses_are_cut_in_their_middle() -> None:
    """The middle of the still part, freed of words that reach into it."""
    words = (_word("One.", 0, 1_100), _word("Two.", 1_900, 3_000))

    assert free_of_words([Span(start=1_000, end=2_000)], words) == [Span(start=1_100, end=1_900)]
    assert [
        cut.at
        for cut in candidates(
            Transcript(words=words), [Span(start=1_000, end=2_000)], duration_ms=3_000, rules=RULES
        )
    ] == [1_500]


@pytest.mark.parametrize(
    ("before", "better"),
    [("end.", "end,"), ('end."', "end"), ("end?", "end;"), ("end,", "end"), ("終わり。", "end")],
)
def test_punctuation_tells_where_ideas_end(before: str, better: str) -> None:
    """A sentence's end is worth more than a clause's, and that more than none; closing quotes do not hide it."""

    def worth(text: str) -> float:
        words = (_word(text, 0, 1_000), _word("next", 1_200, 2_000))
        return candidates(Transcript(words=words), [], duration_ms=2_000, rules=RULES)[0].worth

    assert worth(before) > worth(better)


def test_a_paragraph_is_worth_more() -> None:
    """Where the script begins a new paragraph a cut is welcome."""
    words = (_word("end.", 0, 1_000), _word("Next", 1_200, 2_000))
    plain = candidates(Transcript(words=words), [], duration_ms=2_000, rules=RULES)[0]
    marked = candidates(Transcript(words=words, paragraphs=(0, 1)), [], duration_ms=2_000, rules=RULES)[0]

    assert marked.worth > plain.worth
