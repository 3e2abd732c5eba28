"""Words an engine claims to have heard, judged by the voice: what cannot have been said is left out.

Engines write down sentences for silence, music and laughter, and go round in loops; their word times are
off by a tenth of a second and more. The voice measured in the narration knows better: a word stands where
somebody speaks, begins where the voice begins, and takes time to say.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from voxweave.core.ghosts import is_ghost, plain, unlooped
from voxweave.core.hearing import Phrase
from voxweave.core.snapping import snapped
from voxweave.core.speech import Disbelieved, Word
from voxweave.core.spelling import spelled
from voxweave.core.text import printable
from voxweave.core.time import Span, clock
from voxweave.core.value import Value
from voxweave.core.weights import weight_of
from voxweave.core.windows import within

_NOBODY, _UNSURE, _LOST = 0.6, -1.0, -1.6
"""Whisper's own bounds: the chance that nobody speaks, and the mean log probability of a failed guess."""
_LOOP = 2.4
"""How well a text compresses that goes round in a loop; Whisper's own bound."""
_IMPOSSIBLE, _HASTY = 40.0, 24.0
"""Letters a second: nobody speaks so fast, or only in great haste. Usual are 13, fast readers reach 22."""
_FEW = 8.0
_SLACK_MS = 200
"""Nine of ten word times are off by less."""
_THIN = 0.5
_AGAIN = 3
"""So many times in a row is a phrase of several words not said in quite the same way."""
_MOST_NOTES = 8


class Believed(Value):
    """The words that can have been said, in order, none overlapping; and what was left out."""

    words: tuple[Word, ...]
    left_out: tuple[Disbelieved, ...] = ()
    notes: tuple[str, ...] = ()


def believed(phrases: Sequence[Phrase], speech: Sequence[Span], *, language: str = "") -> Believed:
    """Words worth showing; `speech` are the stretches of voice, parted by every gap of 60 ms and more."""
    left: list[Disbelieved] = []
    kept: list[Word] = []
    for phrase in _not_again(_said(phrases), speech, left):
        why = _doubt(phrase, speech)
        words = phrase.words
        if why == _ROUND:
            words, cut = unlooped(words)
            left += _left(cut, why)
        elif why:
            left += _left(words, why)
            words = ()
        kept += spelled(words, language)
    placed, unvoiced = snapped(kept, speech)
    left += _left(unvoiced, "nobody speaks there")
    left.sort(key=lambda one: one.span.start)
    return Believed(words=tuple(placed), left_out=tuple(left), notes=notes_of(left))


def notes_of(left: Sequence[Disbelieved]) -> tuple[str, ...]:
    """What was left out, with times, in a few lines."""
    lines = [f'"{printable(one.text, most=60)}" at {clock(one.span.start)}: {one.why}' for one in left]
    if not lines:
        return ()
    count = sum(len(one.text.split()) for one in left)
    more = [f"and {len(lines) - _MOST_NOTES} more, in the report"] if len(lines) > _MOST_NOTES else []
    head = f"{count} recognised word{'' if count == 1 else 's'} left out, as they cannot have been said"
    return (f"{head}: {'; '.join([*lines[:_MOST_NOTES], *more])}",)


_ROUND = "the recognizer went round in a loop"


def _said(phrases: Sequence[Phrase]) -> list[Phrase]:
    return [phrase for phrase in phrases if phrase.words]


def _doubt(phrase: Phrase, speech: Sequence[Span]) -> str:
    """Why a phrase cannot have been said; empty when it can."""
    text = _text(phrase.words)
    voice_ms = _voice_ms(phrase, speech)
    pace = weight_of(phrase.words) * 1000 / max(voice_ms, 1)
    confidence = 0.0 if phrase.confidence is None else phrase.confidence
    if not plain(text) or _is_noise(text):
        return "a sound, not words"
    if not voice_ms:
        return "nobody speaks there"
    if (phrase.silence or 0.0) > _NOBODY and confidence < _UNSURE:
        return "the recognizer itself heard nobody"
    if confidence < _LOST or (confidence < _UNSURE and voice_ms < _THIN * _span(phrase.words).duration):
        return "the recognizer was guessing"
    if is_ghost(text) and pace > _HASTY:
        return "a phrase recognizers make up, over too little voice"
    if (phrase.repetition or 0.0) > _LOOP:
        return _ROUND
    if pace > _IMPOSSIBLE and weight_of(phrase.words) > _FEW:
        return "too many words for the time"
    return ""


def _not_again(
    phrases: Sequence[Phrase], speech: Sequence[Span], left: list[Disbelieved]
) -> Iterator[Phrase]:
    """The phrases, without those that only say the one before once more."""
    before, times = "", 0
    for phrase in phrases:
        text = plain(_text(phrase.words))
        times = times + 1 if text == before and text else 1
        before = text
        hasty = weight_of(phrase.words) * 1000 > _HASTY * max(1, _voice_ms(phrase, speech))
        if times > 1 and len(phrase.words) > 1 and (hasty or (times > _AGAIN and len(phrase.words) > 2)):
            left += _left(phrase.words, "the phrase before it once more")
        else:
            yield phrase


def _voice_ms(phrase: Phrase, speech: Sequence[Span]) -> int:
    """How long somebody speaks under a phrase, its own times taken with a grain of salt."""
    span = _span(phrase.words)
    around = Span(start=max(0, span.start - _SLACK_MS), end=span.end + _SLACK_MS)
    return sum(one.duration for one in within(speech, around))


def _span(words: Sequence[Word]) -> Span:
    start = min(word.span.start for word in words)
    return Span(start=start, end=max(start, *(word.span.end for word in words)))


def _text(words: Sequence[Word]) -> str:
    return " ".join(word.text.strip() for word in words)


def _is_noise(text: str) -> bool:
    """A description in brackets or between notes, as captions for the deaf have it."""
    pairs = {"[": "]", "(": ")", "*": "*", "♪": "♪", "【": "】", "（": "）"}
    bare = text.strip(" .,!?")
    return len(bare) > 1 and pairs.get(bare[0]) == bare[-1] and bare.count(bare[-1]) <= 2


def _left(words: Sequence[Word], why: str) -> list[Disbelieved]:
    """One entry for each run of words that stand near each other."""
    if not words:
        return []
    breaks = [n for n, (one, two) in enumerate(pairwise(words), 1) if two.span.start - one.span.end > 2_000]
    edges = [0, *breaks, len(words)]
    groups = (words[first:past] for first, past in pairwise(edges))
    return [Disbelieved(span=_span(group), text=_text(group), why=why) for group in groups]
