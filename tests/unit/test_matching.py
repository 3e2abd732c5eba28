"""A script matched with recognised words: its own words, their times, and where the two part."""

import pytest

from voxweave.core.matching import WRONG, Match, match
from voxweave.core.speech import Word
from voxweave.core.time import Span

SCRIPT = [
    "Am",
    "frühen",
    "Morgen",
    "liegt",
    "der",
    "Nebel",
    "noch",
    "über",
    "dem",
    "Fluss",
    "und",
    "die",
    "ersten",
    "Boote",
    "fahren",
    "hinaus.",
    "Seit",
    "1984",
    "arbeitet",
    "Martin",
    "in",
    "der",
    "kleinen",
    "Werkstatt",
    "hinter",
    "dem",
    "Bahnhof.",
]
STEP_MS, LONG_MS = 400, 350


def said(texts: str | list[str], start: int = 0) -> list[Word]:
    """Words heard one after another, 400 ms each."""
    words = texts.split() if isinstance(texts, str) else texts
    return [
        Word(text=text, span=Span(start=start + n * STEP_MS, end=start + n * STEP_MS + LONG_MS))
        for n, text in enumerate(words)
    ]


def matched(script: list[str], heard: list[Word], language: str = "de") -> Match:
    """The script on a voice that speaks exactly while the words are heard."""
    end = heard[-1].span.end if heard else 1000
    speech = [word.span for word in heard]
    return match(script, heard, speech, duration_ms=end, language=language)


def starts(found: Match) -> list[int]:
    """When each word begins."""
    return [word.span.start for word in found.words]


def test_a_script_read_as_written_has_the_times_heard() -> None:
    """Every word at its own time, whatever its case and marks."""
    heard = said([text.lower().strip(".") for text in SCRIPT])
    found = matched(SCRIPT, heard)

    assert SCRIPT == [word.text for word in found.words]
    assert [word.span for word in heard] == [word.span for word in found.words]
    assert 1.0 == found.share
    assert not found.unspoken
    assert not found.offscript


def test_numbers_match_in_figures_and_in_words() -> None:
    """What the script has in figures may be heard in words, and the other way round."""
    heard = said("Im Jahr neunzehnhundertvierundachtzig kamen 20 Kunden zu ihm")
    found = matched(["Im", "Jahr", "1984", "kamen", "zwanzig", "Kunden", "zu", "ihm"], heard)

    assert [word.span for word in heard] == [word.span for word in found.words]
    assert 1.0 == found.share


def test_figures_stand_for_words_we_do_not_know() -> None:
    """Where a language's numbers are not known, a figure takes the place between its neighbours."""
    heard = said("он работает здесь с 1990 года и знает дерево")
    found = matched(
        [
            "он",
            "работает",
            "здесь",
            "с",
            "тысяча",
            "девятьсот",
            "девяностого",
            "года",
            "и",
            "знает",
            "дерево",
        ],
        heard,
        "ru",
    )

    year = found.words[4:7]
    assert heard[4].span.start == year[0].span.start
    assert heard[4].span.end == year[-1].span.end
    assert heard[5].span == found.words[7].span


def test_mandarin_matches_sign_by_sign_in_either_script() -> None:
    """Traditional signs heard for simplified ones take their places."""
    heard = said(["看見", "許多", "小", "魚", "孩子", "們", "坐在", "石頭", "上"])
    script = list("看见许多小鱼孩子们坐在石头上")
    found = matched(script, heard, "zh")

    assert script == [word.text for word in found.words]
    assert heard[0].span.start == found.words[0].span.start
    assert heard[3].span == found.words[5].span
    assert heard[8].span == found.words[13].span
    assert [] == [word.text for word in found.words if not word.span.duration]


def test_a_word_heard_wrongly_keeps_its_place() -> None:
    """A slip of the recognizer moves nothing."""
    heard = said("Er periert alter Uren die sonst niemand mehr anfassen will")
    found = matched(
        ["Er", "repariert", "alte", "Uhren,", "die", "sonst", "niemand", "mehr", "anfassen", "will"], heard
    )

    assert [word.span.start for word in heard] == pytest.approx(starts(found), abs=90)


def test_words_nobody_says_are_told_and_take_no_time() -> None:
    """A sentence left out is reported where it would have been; its neighbours stay."""
    extra = ["Dieser", "ganze", "Satz", "wurde", "niemals", "vorgelesen"]
    heard = said(SCRIPT)
    found = matched([*SCRIPT[:15], *extra, *SCRIPT[15:]], heard)

    (missing,) = found.unspoken
    assert (15, 15 + len(extra)) == (missing.first, missing.past)
    assert heard[14].span.end == missing.at_ms
    assert all(not word.span.duration for word in found.words[15 : 15 + len(extra)])
    assert [word.span for word in heard] == [word.span for word in (*found.words[:15], *found.words[21:])]


def test_speech_without_script_is_told() -> None:
    """A greeting before the text is reported with its times, and no word of the script goes there."""
    hello = said("Hallo und herzlich willkommen zu einer neuen Folge aus dem Studio")
    heard = [*hello, *said(SCRIPT, start=hello[-1].span.end + 500)]
    found = matched(SCRIPT, heard)

    (aside,) = found.offscript
    assert (hello[0].span.start, hello[-1].span.end) == (aside.start, aside.end)
    assert [word.span for word in heard[len(hello) :]] == [word.span for word in found.words]


def test_a_paragraph_read_from_another_text_is_told() -> None:
    """As many other words in a sentence's place are speech without script and script without speech."""
    other = [
        "Zuerst",
        "aber",
        "müssen",
        "wir",
        "kurz",
        "über",
        "unseren",
        "wunderbaren",
        "Sponsor",
        "aus",
        "Köln",
        "sprechen",
        "liebe",
        "Freunde",
    ]
    heard = said([*SCRIPT[:15], *other, *SCRIPT[15:]])
    extra = [
        "Manchmal",
        "kauft",
        "jemand",
        "gelbe",
        "Äpfel",
        "oder",
        "Birnen",
        "vom",
        "Markt",
        "gegenüber",
        "und",
        "verschenkt",
        "sie",
        "wieder",
    ]
    found = matched([*SCRIPT[:15], *extra, *SCRIPT[15:]], heard)

    assert [(15, 15 + len(extra))] == [(one.first, one.past) for one in found.unspoken]
    assert [(heard[15].span.start, heard[14 + len(other)].span.end)] == [
        (one.start, one.end) for one in found.offscript
    ]
    assert [word.span for word in heard[-8:]] == [word.span for word in found.words[-8:]]


def test_another_text_has_next_to_no_share() -> None:
    """A script of something else shares a few small words, and that is no match."""
    other = [
        "Die",
        "Post",
        "hat",
        "in",
        "der",
        "Nacht",
        "zum",
        "Montag",
        "alle",
        "Briefe",
        "an",
        "das",
        "falsche",
        "Amt",
        "in",
        "der",
        "Stadt",
        "gebracht",
    ]

    assert matched(other, said(SCRIPT)).share < WRONG / 2


def test_nothing_heard_is_no_match() -> None:
    """Without heard words all is laid over the voice, and the share is nought."""
    found = match(SCRIPT, [], [Span(start=0, end=9000)], duration_ms=9000, language="de")

    assert SCRIPT == [word.text for word in found.words]
    assert 0 == found.share


def test_a_script_of_ornaments_is_no_trouble() -> None:
    """Nothing to compare is neither wrong nor late."""
    assert ["—"] == [word.text for word in matched(["—"], said("hallo du da")).words]
