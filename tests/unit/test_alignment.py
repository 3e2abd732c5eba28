"""A known text on a voice: matching, spreading, and English as it is spoken."""

import pytest

from voxweave.core.alignment import kept_to_speech, matched, placed, spread
from voxweave.core.pronounce import letters, phones
from voxweave.core.speech import Word
from voxweave.core.spoken import looks_english, spoken_words
from voxweave.core.time import Span


def span(start: int, end: int) -> Span:
    """From start to end, in milliseconds."""
    return Span(start=start, end=end)


def word(text: str, start: int, end: int) -> Word:
    """A word from start to end, in milliseconds."""
    return Word(text=text, span=span(start, end))


def test_words_are_spread_by_their_length() -> None:
    """Over one stretch of speech each word gets time by its letters."""
    assert spread(["to", "harbour"], [span(1000, 2100)], duration_ms=3000) == (
        word("to", 1000, 1300),
        word("harbour", 1300, 2100),
    )


def test_sentences_end_at_pauses() -> None:
    """A pause falls after a full stop even where the letters alone would put it elsewhere."""
    texts = ["We", "left.", "Nobody", "followed", "us", "along", "the", "river"]
    words = spread(texts, [span(0, 700), span(1500, 3400)], duration_ms=3400)

    assert 700 == words[1].span.end
    assert 1500 == words[2].span.start


def test_ornaments_take_no_time() -> None:
    """A dash between words has its place and no length."""
    dash = spread(["one", "—", "two"], [span(0, 1000)], duration_ms=1000)[1]

    assert 0 == dash.span.duration


@pytest.mark.parametrize("texts", [["—"], ["—", "*"], ["one", "two"]])
def test_words_without_speech_still_have_a_place(texts: list[str]) -> None:
    """Without any detected speech, or any letters, every word is within the narration."""
    words = spread(texts, [], duration_ms=1000)

    assert texts == [one.text for one in words]
    assert all(0 <= one.span.start <= one.span.end <= 1000 for one in words)


def test_what_is_known_stays_and_the_rest_goes_between() -> None:
    """Words of known time keep it; the others share the speech between their neighbours."""
    known = {0: span(100, 300), 3: span(1000, 1200)}
    words = placed(["a", "bb", "bb", "c", "dd"], known, [span(100, 700), span(900, 1500)], duration_ms=2000)

    assert known[0] == words[0].span
    assert known[3] == words[3].span
    assert (300, 700) == (words[1].span.start, words[2].span.end)
    assert (1200, 1500) == (words[4].span.start, words[4].span.end)


def test_words_do_not_reach_into_pauses() -> None:
    """The silence at either end of a word is cut off, a word within a pause is left."""
    pauses = [span(1000, 1400), span(2000, 2600)]
    words = [
        word("one", 700, 1150),
        word("two", 1200, 1800),
        word("hm", 2100, 2300),
        word("four", 2500, 3000),
    ]

    kept = kept_to_speech(words, pauses)

    assert [(700, 1000), (1400, 1800), (2100, 2300), (2600, 3000)] == [
        (w.span.start, w.span.end) for w in kept
    ]


def test_a_word_does_not_run_over_a_pause() -> None:
    """Where a word is far too long, it is on the side of the pause that suits its length."""
    pauses = [span(2000, 2800)]

    assert (span(2800, 3200),) == tuple(w.span for w in kept_to_speech([word("Nobody", 500, 3200)], pauses))
    assert (span(1500, 2000),) == tuple(w.span for w in kept_to_speech([word("Nobody", 1500, 4900)], pauses))


def test_the_same_words_are_matched_in_order() -> None:
    """Matches skip what only one text has, and bear a wrong letter."""
    script = ["the", "lake", "dried", "and", "its", "floor", "turned", "to", "powder"]
    heard = ["um", "the", "lake", "dried", "and", "it's", "flour", "turned", "two", "powder"]

    assert ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (6, 7), (7, 8), (8, 9)) == tuple(
        pair for pair in matched(script, heard) if pair[0] != 5
    )


def test_texts_that_share_nothing_match_nowhere() -> None:
    """Two different texts give no pairs."""
    assert () == matched(["alpha", "beta"], ["gamma", "delta"])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("1984,", "nineteen eighty four"),
        ("1905", "nineteen oh five"),
        ("2007", "two thousand seven"),
        ("1,250", "one thousand two hundred fifty"),
        ("3.5", "three point five"),
        ("$20", "twenty dollars"),
        ("$3.50", "three dollars fifty"),
        ("12%", "twelve percent"),
        ("3rd", "third"),
        ("21st", "twenty first"),
        ("1990s", "nineteen nineties"),
        ("7:30", "seven thirty"),
        ("Dr.", "doctor"),
        ("e.g.", "for example"),
        ("&", "and"),
        ("café", "cafe"),
        ("“Don’t", "don't"),
        ("well-known", "well known"),
        ("GPU", "G.P.U."),
        ("gnu.org", "gnu dot org"),
        ("—", ""),
        ("***", ""),
        ("5km", "five kilometres"),
        ("007", "zero zero seven"),
    ],
)
def test_written_words_as_they_are_spoken(written: str, said: str) -> None:
    """Numbers, money, times and abbreviations become the words a reader says."""
    assert said == " ".join(spoken_words([written])[0])


def test_neighbours_decide_how_a_word_is_spoken() -> None:
    """A currency waits for its million, a unit needs its number, a saint his name."""
    written = ["$20", "million,", "250", "W.", "St.", "Mary", "Main", "St.", "Chapter", "IV", "No.", "5"]
    said = [" ".join(words) for words in spoken_words(written)]

    assert (
        "twenty|million dollars|two hundred fifty|watts|saint|mary|main|saint|chapter|four|number|five"
        == ("|".join(said))
    )


def test_unknown_words_get_phones() -> None:
    """Any word of letters has a pronunciation, and initials are spelled."""
    assert "JH IY P IY Y UW" == letters("GPU")
    assert "N AY T" == phones("knight")
    assert phones("zelenskaya").startswith("Z EH L")


def test_english_is_told_from_other_languages() -> None:
    """Function words tell; Spanish and German are not taken for English."""
    assert looks_english("Far out in the Sahara there is a lake that nobody has ever sailed.")
    assert not looks_english("Cuando la ciudad todavía duerme, en la esquina de mi calle ya hay una luz.")
    assert not looks_english("Der Mann in dem Haus an der Wand war in die See gefallen.")
    assert not looks_english("")
