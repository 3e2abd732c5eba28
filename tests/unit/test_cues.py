"""Laying out words as cues, by the rules of the netflix profile."""

from fractions import Fraction

import pytest

from voxweave.core.breaks import ends_sentence
from voxweave.core.cue_rules import CueRules, Finding, check, rules_for
from voxweave.core.cues import lay_out, refit
from voxweave.core.film import Canvas
from voxweave.core.speech import Cue, Word
from voxweave.core.time import Span

RULES = CueRules()


def say(text: str, *, start: int = 0, letter_ms: int = 80) -> list[Word]:
    """Words spoken one after another; `|` is a pause of 800 ms."""
    now, words = start, []
    for text_of_word in text.split():
        if text_of_word == "|":
            now += 800
            continue
        end = now + letter_ms * len(text_of_word)
        words.append(Word(text=text_of_word, span=Span(start=now, end=end)))
        now = end + 20
    return words


def lines_of(text: str, rules: CueRules = RULES) -> list[tuple[str, ...]]:
    """The lines of each cue."""
    return [cue.lines for cue in lay_out(say(text), rules=rules)]


def cue(start: int, end: int, *lines: str) -> Cue:
    """A cue in milliseconds."""
    return Cue(span=Span(start=start, end=end), lines=lines)


def test_sentences_have_cues_of_their_own() -> None:
    """A sentence's end is the best place to break."""
    assert [
        ("Long ago its water was deep and green.",),
        ("Then the rain moved away from the hills.",),
    ] == lines_of("Long ago its water was deep and green. Then the rain moved away from the hills.")


def test_lines_break_before_a_clause_and_the_lower_is_longer() -> None:
    """Two lines break by syntax: before `that`, not after `there is a`."""
    text = "Far out in the Sahara there is a lake that nobody has ever sailed."

    assert [("Far out in the Sahara there is a lake", "that nobody has ever sailed.")] == lines_of(text)


@pytest.mark.parametrize("weak", ["the", "a", "of", "and", "my", "will", "de", "und"])
def test_a_leaning_word_does_not_end_a_line(weak: str) -> None:
    """Articles, prepositions, conjunctions and auxiliaries stay with what follows."""
    text = f"Nobody in our village remembered {weak} mountains standing so tall"

    (lines,) = lines_of(text)

    assert not lines[0].endswith(f" {weak}")


def test_names_stay_together() -> None:
    """First and last name are not torn apart."""
    (lines,) = lines_of("We were then told that Amelia Earhart had once landed right here")

    assert any("Amelia Earhart" in line for line in lines)


def test_a_pause_breaks() -> None:
    """Half a second of silence is a better place than any comma."""
    assert [("one small step for a man",), ("one giant leap for all of us",)] == lines_of(
        "one small step for a man | one giant leap for all of us"
    )


def test_a_paragraph_begins_a_cue() -> None:
    """Paragraphs of the script are not run together."""
    cues = lay_out(say("first things first second things"), rules=RULES, paragraphs=[0, 3])

    assert [("first things first",), ("second things",)] == [cue.lines for cue in cues]


def test_small_gaps_are_closed_to_two_frames() -> None:
    """A cue stays until two frames before the next when that comes within half a second."""
    words = [*say("The first sentence is this."), *say("The second is here.", start=2400)]

    first, second = lay_out(words, rules=RULES)

    assert (2400 - RULES.gap_ms, 2400) == (first.span.end, second.span.start)


def test_a_short_cue_stays_for_the_least_time() -> None:
    """No cue flashes by: 5/6 of a second even where that is more than half a second past the voice."""
    (only,) = lay_out(say("Yes.", start=1000), rules=RULES)

    assert Span(start=1000, end=1833) == only.span


def test_a_cue_lingers_to_be_read() -> None:
    """A cue stays up to half a second after speech, if it takes that to be read, and no longer."""
    (soon,) = lay_out(say("Somebody whispered something", letter_ms=40), rules=RULES)
    (late,) = lay_out(say("Somebody whispered something", letter_ms=20), rules=RULES)

    assert (1400, 1060) == (soon.span.end, late.span.end)


def test_a_cue_is_never_longer_than_seven_seconds() -> None:
    """Even a word that lasts longer is off after that."""
    (only,) = lay_out([Word(text="Ommm", span=Span(start=0, end=20_000))], rules=RULES)

    assert only.span == Span(start=0, end=7000)


def test_japanese_is_broken_without_spaces() -> None:
    """A text without spaces fits the lines, and no line begins with a full stop."""
    text = "何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。名前はまだ無い。"
    words = [Word(text=text, span=Span(start=0, end=6000))]

    cues = lay_out(words, rules=rules_for(Canvas(width=1920, height=1080, rate=Fraction(25)), "ja"))

    assert text == "".join("".join(cue.lines) for cue in cues)
    assert not any(line.startswith("。") for cue in cues for line in cue.lines)


def test_portrait_lines_are_short() -> None:
    """9:16 has 22 letters a line where 16:9 has 42; the gap is two frames of the film's rate."""
    tall = rules_for(Canvas(width=1080, height=1920, rate=Fraction(25)), "en")
    wide = rules_for(Canvas(width=1920, height=1080, rate=Fraction(50)), "es")

    assert (22, 80, 20.0) == (tall.chars_per_line, tall.gap_ms, tall.speed_cps)
    assert (42, 40, 17.0) == (wide.chars_per_line, wide.gap_ms, wide.speed_cps)


@pytest.mark.parametrize(
    ("word", "following", "ends"),
    [
        ("lake.", "Then", True),
        ("Dr.", "Jones", False),
        ("J.", "Smith", False),
        ("U.S.", "Army", False),
        ("e.g.", "this", False),
        ("well...", "maybe", False),
        ("what?!", "no", True),
        ("fin.»", "Et", True),
        ("ない。", "次", True),
        ("3.5", "metres", False),
    ],
)
def test_where_a_sentence_ends(word: str, following: str, *, ends: bool) -> None:
    """A full stop ends a sentence, unless it belongs to an abbreviation or an initial."""
    assert ends == ends_sentence(word, following)


def test_each_broken_rule_is_found() -> None:
    """The check names rule, cue, value and limit."""
    cues = [
        cue(0, 500, "Far too much text for only half a second"),
        cue(510, 9000, "x", "y", "z"),
        cue(9200, 10_200, "w" * 43),
        cue(10_000, 12_000, "fine"),
    ]

    assert (
        Finding(rule="reading speed", cue=1, value=80.0, limit=20),
        Finding(rule="shortest", cue=1, value=500, limit=833),
        Finding(rule="gap", cue=1, value=10, limit=67),
        Finding(rule="lines", cue=2, value=3, limit=2),
        Finding(rule="longest", cue=2, value=8490, limit=7000),
        Finding(rule="line length", cue=3, value=43, limit=42),
        Finding(rule="reading speed", cue=3, value=43.0, limit=20),
        Finding(rule="overlap", cue=3, value=200, limit=0),
    ) == check(cues, RULES)


def test_given_lines_are_kept_unless_too_long() -> None:
    """A cue that fits is not touched; one that does not is broken anew, speakers apart."""
    fits = cue(0, 1000, "one", "two", "three")
    talk = cue(0, 1000, "- Somebody told me yesterday that nothing grows here.", "- At home.")

    assert fits == refit(fits, 42)
    assert ("- Somebody told me yesterday", "that nothing grows here.", "- At home.") == refit(talk, 30).lines
