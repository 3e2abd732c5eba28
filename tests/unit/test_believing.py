"""What a recognizer cannot have heard is left out and told; what it heard stands where it was said."""

from collections.abc import Sequence

import pytest

from voxweave.core.believing import believed
from voxweave.core.hearing import Phrase
from voxweave.core.speech import Word
from voxweave.core.time import Span


def said(text: str, start: int, end: int, **doubts: float) -> Phrase:
    """A phrase whose words share its time evenly."""
    texts = text.split()
    step = (end - start) / len(texts)
    spans = [
        Span(start=round(start + n * step), end=round(start + (n + 1) * step)) for n in range(len(texts))
    ]
    words = (Word(text=one, span=span) for one, span in zip(texts, spans, strict=True))
    return Phrase(words=tuple(words), **doubts)


def voice(*pairs: tuple[int, int]) -> tuple[Span, ...]:
    """Where somebody speaks."""
    return tuple(Span(start=start, end=end) for start, end in pairs)


def texts(phrases: Sequence[Phrase], speech: Sequence[Span], language: str = "en") -> str:
    """The words that are believed."""
    return " ".join(word.text for word in believed(phrases, speech, language=language).words)


A_BREATH = voice((1_000, 4_000))
LEFT_OUT = [
    (said("Thanks for watching!", 8_000, 9_000), "nobody speaks there"),
    (said("You", 6_000, 8_000), "nobody speaks there"),
    (said("We went home", 1_000, 4_000, silence=0.8, confidence=-1.2), "the recognizer itself heard nobody"),
    (said("We went home", 1_000, 4_000, confidence=-1.7), "the recognizer was guessing"),
    (said("We went home", 3_500, 9_000, confidence=-1.1), "the recognizer was guessing"),
    (said("[Music]", 1_000, 4_000), "a sound, not words"),
    (said("(laughter)", 1_000, 4_000), "a sound, not words"),
    (said("♪ ♪", 1_000, 4_000), "a sound, not words"),
    (said("*sighs*", 1_000, 4_000), "a sound, not words"),
]


@pytest.mark.parametrize(("phrase", "why"), LEFT_OUT)
def test_text_for_silence_music_and_laughter_is_left_out(phrase: Phrase, why: str) -> None:
    """Each rule by itself; what goes is told with its time and reason."""
    found = believed([phrase], A_BREATH)
    assert () == found.words
    assert [why] == [one.why for one in found.left_out]
    assert why in found.notes[0]


@pytest.mark.parametrize("silence", [0.5, 0.9])
def test_a_doubt_alone_is_not_enough(silence: float) -> None:
    """Whisper doubts real speech, too: only both signs together count."""
    assert "We went home" == texts(
        [said("We went home", 1_000, 4_000, silence=silence, confidence=-0.4)], A_BREATH
    )


@pytest.mark.parametrize(
    "ghost",
    ["Thanks for watching!", "Thank you for watching.", "Untertitel der Amara.org-Community", "ご視聴ありがとうございました"],
)  # fmt: skip
def test_a_known_ghost_needs_voice_enough(ghost: str) -> None:
    """A made-up phrase over a cough goes; the same words spoken in full stay."""
    assert "" == texts([said(ghost, 1_000, 1_300)], voice((1_000, 1_300)))
    assert ghost == texts([said(ghost, 1_000, 4_000)], A_BREATH)


def test_nobody_speaks_so_fast() -> None:
    """Too many words for the voice under them are not said there."""
    many = "the committee on transport and infrastructure has decided to postpone the hearing"
    assert "" == texts([said(many, 1_000, 1_500)], voice((1_000, 1_500)))
    assert many == texts([said(many, 1_000, 6_000)], voice((1_000, 6_000)))


def test_a_loop_is_said_once() -> None:
    """What compresses too well goes round: its first turn is kept, the rest is told."""
    looped = said("we went home and then and then and then and then and then", 1_000, 4_000, repetition=2.9)
    found = believed([looped], A_BREATH)
    assert ["we", "went", "home", "and", "then"] == [word.text for word in found.words]
    assert ["the recognizer went round in a loop"] == [one.why for one in found.left_out]
    assert "" == texts([said("la lu li lo", 1_000, 4_000, repetition=3.0)], A_BREATH)


def test_a_phrase_that_only_comes_again_is_left_out() -> None:
    """A sentence four times in a row, or again where there is no time to say it; a real echo stays."""
    turns = [said("I am here now", 1_000 * n, 1_000 * n + 900) for n in range(1, 6)]
    assert 12 == len(texts(turns, voice((1_000, 6_000))).split())
    echo = [said("I am here now", 1_000, 2_000), said("I am here now", 2_200, 2_300)]
    assert 4 == len(texts(echo, voice((1_000, 2_000))).split())
    assert "No. No. No." == texts(
        [said("No.", 1_000 * n, 1_000 * n + 500) for n in range(1, 4)], voice((1_000, 4_000))
    )


def test_starts_are_moved_to_where_the_voice_starts() -> None:
    """A word that begins in the pause, or late in its breath, begins with the breath."""
    speech = voice((1_000, 2_000), (2_700, 4_000), (4_600, 6_000))
    found = believed(
        [said("one", 1_120, 1_900), said("two", 2_100, 3_100), said("three", 3_100, 3_950), said("four", 4_820, 5_700)],
        speech,
    )  # fmt: skip
    assert [(1_000, 2_000), (2_700, 3_100), (3_100, 4_000), (4_600, 5_700)] == [
        (word.span.start, word.span.end) for word in found.words
    ]


@pytest.mark.parametrize(
    ("text", "place"), [("that", (2_700, 2_800)), ("sky.", (1_700, 2_000)), ("a", (2_700, 2_800))]
)
def test_a_word_on_both_sides_of_a_pause(text: str, place: tuple[int, int]) -> None:
    """Engines begin the first word of a breath too early; a mark says that the pause comes after."""
    word = Word(text=text, span=Span(start=1_700, end=2_800))
    (found,) = believed([Phrase(words=(word,))], voice((1_000, 2_000), (2_700, 4_000))).words
    assert place == (found.span.start, found.span.end)


def test_a_word_near_the_voice_was_said_there() -> None:
    """A short word just outside is moved in; one far from any voice is left out."""
    found = believed([said("no", 750, 900), said("yes", 4_900, 5_100)], A_BREATH)
    assert [("no", 1_000)] == [(word.text, word.span.start) for word in found.words]
    assert ["yes"] == [one.text for one in found.left_out]


def test_marks_belong_to_words() -> None:
    """Punctuation goes to the word before, opening marks to the word after, tails of contractions home."""
    words = [("¿", 0), ("Qué", 0), ("tal", 300), ("?", 500), ('"', 600), ("It", 600), ("'s", 700), ('"', 800), ("—", 900), ("so", 950)]  # fmt: skip
    claimed = tuple(Word(text=text, span=Span(start=1_000 + at, end=1_100 + at)) for text, at in words)
    assert ["¿Qué", "tal?", '"It\'s"—', "so"] == [
        word.text for word in believed([Phrase(words=claimed)], A_BREATH).words
    ]


@pytest.mark.parametrize(
    ("language", "tokens", "words"),
    [
        ("zh", ["你", "好", "，", "世界"], ["你", "好，", "世界"]),
        ("th", ["สวัส", "ดี", "ครับ"], ["สวัสดีครับ"]),
        ("en", ["good", "day"], ["good", "day"]),
    ],
)
def test_languages_without_spaces_are_joined_right(
    language: str, tokens: list[str], words: list[str]
) -> None:
    """Chinese keeps its words, which are shown without spaces; Thai has a breath as one."""
    claimed = tuple(
        Word(text=text, span=Span(start=1_000 + 200 * n, end=1_200 + 200 * n))
        for n, text in enumerate(tokens)
    )
    found = believed([Phrase(words=claimed)], A_BREATH, language=language)
    assert words == [word.text for word in found.words]


def test_confidence_and_speaker_stay() -> None:
    """What an engine told of a word is kept."""
    word = Word(text="hello", span=Span(start=1_000, end=1_500), confidence=0.9, speaker="A")
    (found,) = believed([Phrase(words=(word,))], A_BREATH).words
    assert (0.9, "A") == (found.confidence, found.speaker)


def test_many_notes_are_few_lines() -> None:
    """Twenty things left out are one line with eight of them."""
    claimed = [said("Thanks for watching!", 10_000 * n, 10_000 * n + 500) for n in range(1, 21)]
    found = believed(claimed, A_BREATH)
    (line,) = found.notes
    assert "and 12 more, in the report" in line
    assert len(found.left_out) == 20
