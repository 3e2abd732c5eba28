"""Which words of a cue are lit on which frames."""

from fractions import Fraction

import pytest

from voxweave.core.film import Canvas
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span
from voxweave.core.word_times import timed_words

CANVAS = Canvas(width=1920, height=1080, rate=Fraction(25))


def cue(*lines: str, end: int = 2000, words: tuple[tuple[str, int, int], ...] = ()) -> Cue:
    """A cue from 0 on, with words where they are given."""
    known = tuple(Word(text=text, span=Span(start=start, end=stop)) for text, start, stop in words)
    return Cue(span=Span(start=0, end=end), lines=lines, words=known)


def lit(one: Cue) -> list[tuple[str, int, int]]:
    """Each word with its frames."""
    return [(word.text, word.first, word.last) for word in timed_words(one, CANVAS)]


def test_words_are_lit_from_their_own_start_to_the_next() -> None:
    """Real times decide, on whole frames; the last word stays lit to the cue's end."""
    words = (("Two", 120, 400), ("words,", 640, 900), ("here", 1000, 1500))

    assert lit(cue("Two words,", "here", words=words)) == [
        ("Two", 3, 16),
        ("words,", 16, 25),
        ("here", 25, 50),
    ]


def test_unknown_times_are_shared_out_by_letters() -> None:
    """A word of twice the letters has twice the time."""
    assert lit(cue("ab abcd ab", end=3200)) == [("ab", 0, 20), ("abcd", 20, 60), ("ab", 60, 80)]


@pytest.mark.parametrize("said", ["two words HERE", "Two, words — here!"])
def test_spelling_does_not_part_words_from_their_times(said: str) -> None:
    """Case and punctuation may differ between what is heard and what is shown."""
    words = tuple((text, 200 * at, 200 * at + 100) for at, text in enumerate(said.split()) if text != "—")
    last = words[-1][1]

    assert lit(cue("Two words here", words=words))[-1] == ("here", round(last * 25 / 1000), 50)


def test_words_of_another_text_are_not_believed() -> None:
    """Where the words are not those of the lines, the text's own letters share the time."""
    found = lit(cue("abc abc", words=(("zzz", 1500, 1600),)))

    assert found == [("abc", 0, 25), ("abc", 25, 50)]


def test_scripts_without_spaces_are_lit_by_known_words() -> None:
    """Japanese words light up as they are said; letter by letter where they are not known."""
    words = (("砂漠", 0, 400), ("には", 400, 800), ("湖が", 800, 1200))

    assert [text for text, _, _ in lit(cue("砂漠には湖が", words=words))] == ["砂漠", "には", "湖が"]
    assert [text for text, _, _ in lit(cue("砂漠に。"))] == ["砂", "漠", "に。"]


def test_thai_is_lit_by_known_words_only() -> None:
    """Thai has no spaces, and letters that lean on others: it is cut at words that are known, else nowhere."""
    words = (("ทะเล", 0, 400), ("ทราย", 400, 800))

    assert [text for text, _, _ in lit(cue("ทะเลทราย", words=words))] == ["ทะเล", "ทราย"]
    assert [text for text, _, _ in lit(cue("ทะเลทราย"))] == ["ทะเลทราย"]


def test_words_outside_their_cue_do_not_leave_it() -> None:
    """No word is lit before its cue comes or after it has gone, and none runs backwards."""
    found = lit(cue("a b c", end=400, words=(("a", 900, 1000), ("b", 100, 200), ("c", 5000, 6000))))

    assert all(0 <= first <= last <= 10 for _, first, last in found)
    assert [first for _, first, _ in found] == sorted(first for _, first, _ in found)


def test_a_conjunct_is_one_word() -> None:
    """Letters of Devanagari and marks of Arabic never part."""
    assert [text for text, _, _ in lit(cue("क्षत्रिय विद्यार्थी"))] == ["क्षत्रिय", "विद्यार्थी"]


def test_a_word_said_as_its_cue_goes_is_seen_before() -> None:
    """It shares the time of the one before it; those said earlier keep theirs."""
    words = (("so", 0, 300), ("we", 1000, 1300), ("end.", 1990, 2000))
    assert lit(cue("so we end.", words=words)) == [("so", 0, 25), ("we", 25, 35), ("end.", 35, 50)]
    late = (("so", 2100, 2200), ("we", 2200, 2300), ("end.", 2300, 2400))
    assert lit(cue("so we end.", words=late)) == [("so", 0, 14), ("we", 14, 28), ("end.", 28, 50)]
