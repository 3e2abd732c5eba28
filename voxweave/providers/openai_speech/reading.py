"""What a transcription service answered, as phrases: with words' times, with phrases' times, or with none."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voxweave.core.alignment import spread
from voxweave.core.hearing import Heard, Phrase, Window
from voxweave.core.languages import tag_of
from voxweave.core.letters import pieces, spaceless
from voxweave.core.speech import Word
from voxweave.core.text import printable
from voxweave.core.time import Span
from voxweave.core.windows import within
from voxweave.errors import AnswerUnclear
from voxweave.providers.answers import finite

_AHEAD = 60
"""Letters that may stand between one word and the next."""
_MOST_LETTERS = 200_000
_RUN = 12
_WHOLE = 0.6


def heard_in(told: Mapping[str, Any], window: Window) -> Heard:
    """The phrases of an answer; AnswerUnclear when there is no text in it."""
    text = told.get("text")
    if not isinstance(text, str) or len(text) > _MOST_LETTERS:
        raise AnswerUnclear("the provider heard a window and sent no words that can be read")
    segments = [one for one in _listed(told.get("segments")) if isinstance(one.get("text"), str)]
    words = [timed for one in _listed(told.get("words")) if (timed := _timed(one, window))]
    if _covers(words, text):
        phrases = _phrases(words, segments, text)
    elif segments:
        phrases = [_spread(one, window) for one in segments]
    else:
        phrases = [Phrase(words=_laid(text, window.speech or (window.span,)), spread=True)]
    language = told.get("language")
    return Heard(
        language=(tag_of(language) if isinstance(language, str) else "") or window.language,
        phrases=tuple(phrase for phrase in phrases if phrase.words),
    )


def _covers(words: Sequence[Word], text: str) -> bool:
    """Whether the list of words is of the whole text, and not cut off."""
    return sum(len(word.text) for word in words) > _WHOLE * len("".join(text.split()))


def _listed(found: Any) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _timed(told: Mapping[str, Any], window: Window) -> Word | None:
    """A word with its times; None where either is missing or makes no sense."""
    text, span = told.get("word"), _span(told, window)
    if not isinstance(text, str) or not text.strip() or span is None:
        return None
    return Word(text=text.strip(), span=span, speaker=_speaker(told))


def _span(told: Mapping[str, Any], window: Window) -> Span | None:
    """Seconds from the window's beginning as a span of the narration, kept within the window."""
    start, end = finite(told.get("start")), finite(told.get("end"))
    if start is None or end is None:
        return None
    first, last = (
        window.span.start + round(min(max(moment, 0.0), window.span.duration / 1000) * 1000)
        for moment in (start, end)
    )
    return Span(start=first, end=max(first, last))


def _speaker(told: Mapping[str, Any]) -> str:
    speaker = told.get("speaker")
    return printable(str(speaker), most=60) if isinstance(speaker, str | int) else ""


def _doubts(told: Mapping[str, Any]) -> dict[str, Any]:
    """What the engine thought of a phrase, in our words."""
    names = {"confidence": "avg_logprob", "silence": "no_speech_prob", "repetition": "compression_ratio"}
    return {ours: value for ours, theirs in names.items() if (value := finite(told.get(theirs))) is not None}


def _phrases(words: Sequence[Word], segments: Sequence[Mapping[str, Any]], text: str) -> list[Phrase]:
    """The words as the text writes them (their own list has no punctuation), phrase by phrase."""
    parts = [str(one["text"]) for one in segments] or [text]
    doubts: list[dict[str, Any]] = [_doubts(one) for one in segments] or [{}]
    speakers = [_speaker(one) for one in segments] or [""]
    edges = [sum(len(part) for part in parts[:place]) for place in range(len(parts))]
    shelves: list[list[Word]] = [[] for _ in parts]
    for word, at in _written(words, "".join(parts)):
        place = max(number for number, edge in enumerate(edges) if edge <= at)
        speaker = word.speaker or speakers[place]
        shelves[place].append(word.model_copy(update={"speaker": speaker}))
    return [Phrase(words=tuple(shelf), **doubt) for shelf, doubt in zip(shelves, doubts, strict=True)]


def _written(words: Sequence[Word], text: str) -> Iterator[tuple[Word, int]]:
    """Each word with what stands around it, and its place in the text; nothing of the text is lost."""
    lower, at = text.lower(), 0
    held: Word | None = None
    place = 0
    for word in words:
        start = lower.find(word.text.lower(), at, at + _AHEAD + len(word.text))
        if start < 0 or len(lower) != len(text):  # not written so: numbers may be spelled out
            if held is not None:
                yield held, place
            held, place = word, at
            continue
        tail, head = _parted(text[at:start]) if held is not None else ("", text[at:start].lstrip())
        if held is not None:
            yield _with(held, held.text + tail), place
        at = start + len(word.text)
        held, place = _with(word, head + text[start:at]), start
    if held is not None:
        yield _with(held, held.text + text[at : at + _AHEAD].rstrip()), place


def _with(word: Word, text: str) -> Word:
    return word.model_copy(update={"text": text})


def _parted(between: str) -> tuple[str, str]:
    """What stands between two words: what goes with the first, and the marks that open the second."""
    tokens = between.split()
    opens = bool(tokens) and between[0].isspace() and not between[-1].isspace()
    if not opens or any(char.isalnum() for char in tokens[-1]):
        return between.rstrip(), ""
    return between[: -len(tokens[-1])].rstrip(), tokens[-1]


def _spread(told: Mapping[str, Any], window: Window) -> Phrase:
    """A phrase whose words have no times of their own; its own are a service's rough guess."""
    span = _span(told, window) or window.span
    voiced = within(window.speech, span) or (span,)
    words = (word.model_copy(update={"speaker": _speaker(told)}) for word in _laid(str(told["text"]), voiced))
    return Phrase(words=tuple(words), spread=True, **_doubts(told))


def _laid(text: str, spans: Sequence[Span]) -> tuple[Word, ...]:
    tokens = [part for token in text.split() for part in _parts(token)]
    return spread(tokens, spans, duration_ms=spans[-1].end)


def _parts(token: str) -> list[str]:
    """A word, or the pieces of a sentence written without spaces."""
    return pieces(token, _RUN) if any(map(spaceless, token)) else [token]
