"""Words as a text to read, and as facts for other programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from voxweave.core.breaks import ends_sentence
from voxweave.core.letters import spaceless
from voxweave.core.speech import Cue, Disbelieved, Transcript, Unspoken, Word
from voxweave.core.time import Span

_REST_MS, _LONG_REST_MS = 1_500, 4_000
"""A pause after a sentence, or within one, that begins a new paragraph."""


def plain_text(transcript: Transcript) -> str:
    """The words as paragraphs: the script's own, else parted by long pauses; speakers named where they change."""
    lines = [_line(words) for words in _paragraphs(transcript)]
    return "\n\n".join(lines) + "\n" if lines else ""


def facts_text(transcript: Transcript, cues: Sequence[Cue], duration_ms: int) -> str:
    """Everything known of the words, as JSON; times are whole milliseconds."""
    heard = transcript.heard
    facts: dict[str, Any] = {
        "language": transcript.language,
        "duration_ms": duration_ms,
        "how": transcript.how,
        "engine": heard.engine if heard else "",
        "model": heard.model if heard else "",
        "task": heard.task if heard else "transcribe",
        "words": [_word(word) for word in transcript.words],
        "cues": [{**_span(cue.span), "lines": list(cue.lines)} for cue in cues],
        "unspoken": [_unspoken(one, transcript.words) for one in transcript.unspoken],
        "offscript": [_span(span) for span in transcript.offscript],
        "left_out": [_left_out(one) for one in heard.left_out] if heard else [],
        "notes": list(transcript.notes),
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def _paragraphs(transcript: Transcript) -> Iterator[Sequence[Word]]:
    words, starts = transcript.words, frozenset(transcript.paragraphs)
    first = 0
    for index in range(1, len(words) + 1):
        if index == len(words) or index in starts or (not starts and _parts(words[index - 1], words[index])):
            yield words[first:index]
            first = index


def _parts(one: Word, two: Word) -> bool:
    rest = two.span.start - one.span.end
    long = rest >= _LONG_REST_MS or (rest >= _REST_MS and ends_sentence(one.text))
    return long or one.speaker != two.speaker


def _line(words: Sequence[Word]) -> str:
    text, before = "", ""
    for word in words:
        glued = bool(before) and spaceless(before[-1]) and spaceless(word.text[0])
        text += word.text if glued or not text else f" {word.text}"
        before = word.text
    speaker = words[0].speaker
    return f"{speaker}: {text}" if speaker else text


def _word(word: Word) -> dict[str, Any]:
    return {"text": word.text, **_span(word.span), "confidence": word.confidence, "speaker": word.speaker}


def _span(span: Span) -> dict[str, int]:
    return {"start_ms": span.start, "end_ms": span.end}


def _unspoken(one: Unspoken, words: Sequence[Word]) -> dict[str, Any]:
    text = " ".join(word.text for word in words[one.first : one.past])
    return {"first": one.first, "past": one.past, "at_ms": one.at_ms, "text": text}


def _left_out(one: Disbelieved) -> dict[str, Any]:
    return {**_span(one.span), "text": one.text, "why": one.why}
