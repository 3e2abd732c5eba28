"""Words as text to read and as facts for programs."""

import json

from voxweave.core.speech import Cue, Disbelieved, Hearing, Transcript, Unspoken, Word
from voxweave.core.time import Span
from voxweave.core.written import facts_text, plain_text


def word(text: str, start: int, **more: str) -> Word:
    """A word of 200 ms."""
    return Word(text=text, span=Span(start=start, end=start + 200), **more)


def test_paragraphs_are_the_scripts_own() -> None:
    """Where there is a script, its paragraphs stay."""
    words = (word("One", 0), word("two.", 300), word("Three", 600))
    assert "One two.\n\nThree\n" == plain_text(Transcript(words=words, paragraphs=(0, 2)))


def test_long_pauses_part_paragraphs() -> None:
    """A rest after a sentence, or a very long one anywhere."""
    words = (word("One.", 0), word("Two", 2_000), word("three", 4_000), word("four", 9_000))
    assert "One.\n\nTwo three\n\nfour\n" == plain_text(Transcript(words=words))


def test_speakers_are_named() -> None:
    """Each turn is a paragraph of its own."""
    words = (word("Hi.", 0, speaker="A"), word("Hello.", 300, speaker="B"))
    assert "A: Hi.\n\nB: Hello.\n" == plain_text(Transcript(words=words))


def test_chinese_is_written_without_spaces() -> None:
    """Between its own words; not between them and others."""
    words = (word("你好，", 0), word("世界", 300), word("ok", 600))
    assert "你好，世界 ok\n" == plain_text(Transcript(words=words))


def test_nothing_said_is_an_empty_file() -> None:
    """No stray line."""
    assert "" == plain_text(Transcript())


def test_facts_are_complete() -> None:
    """Words with times, cues, what was not said, what was not believed."""
    left = Disbelieved(span=Span(start=5_000, end=6_000), text="You", why="nobody speaks there")
    transcript = Transcript(
        language="en",
        how="recognition",
        words=(word("Hi", 0, speaker="A"), word("there", 300)),
        unspoken=(Unspoken(first=1, past=2, at_ms=300),),
        offscript=(Span(start=900, end=1_000),),
        notes=("a note",),
        heard=Hearing(engine="whisper", model="base", windows=1, words=2, left_out=(left,)),
    )
    cue = Cue(span=Span(start=0, end=833), lines=("Hi there",))
    assert {
        "language": "en",
        "duration_ms": 2_000,
        "how": "recognition",
        "engine": "whisper",
        "model": "base",
        "task": "transcribe",
        "words": [
            {"text": "Hi", "start_ms": 0, "end_ms": 200, "confidence": None, "speaker": "A"},
            {"text": "there", "start_ms": 300, "end_ms": 500, "confidence": None, "speaker": ""},
        ],
        "cues": [{"start_ms": 0, "end_ms": 833, "lines": ["Hi there"]}],
        "unspoken": [{"first": 1, "past": 2, "at_ms": 300, "text": "there"}],
        "offscript": [{"start_ms": 900, "end_ms": 1_000}],
        "left_out": [{"start_ms": 5_000, "end_ms": 6_000, "text": "You", "why": "nobody speaks there"}],
        "notes": ["a note"],
    } == json.loads(facts_text(transcript, (cue,), 2_000))
