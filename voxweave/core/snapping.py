"""Word times put on the voice: nothing in silence, starts where the voice starts, no two at once.

Engines are 36 to 120 ms off at the start of sentences, and a word after a pause may begin up to 0.8 s
early; moved to the nearest onset of the voice, half of them are within 10 ms.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise, zip_longest

from voxweave.core.speech import Word
from voxweave.core.spelling import ends_clause
from voxweave.core.time import Span
from voxweave.core.windows import within

PAUSE_MS = 180
"""A shorter gap in the voice may be the closure inside a word."""
_ASTRAY_MS = 250
"""A word that stands in a pause so near to the voice was said there."""
_REACH_MS, _NEAR_MS = 300, 80
"""How far a start is moved to the voice's onset: after a pause, and after a shorter gap."""
_TAIL_MS = 250
_LONGEST_MS = 3_000
_HEARD_MS = 40
_LEAST_MS = 20


def snapped(words: Sequence[Word], speech: Sequence[Span]) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    """The words on the voice, in order, none overlapping; and those that stand where nobody speaks."""
    breaths = joined(speech, PAUSE_MS)
    spans = [_voiced(word, breaths) for word in words]
    unvoiced = tuple(word for word, span in zip(words, spans, strict=True) if span is None)
    kept = [word for word, span in zip(words, spans, strict=True) if span is not None]
    placed = _apart([span for span in spans if span is not None])
    moved = _apart(_tailed(_started(placed, speech, breaths), breaths))
    return tuple(_moved(word, span) for word, span in zip(kept, moved, strict=True)), unvoiced


def joined(speech: Sequence[Span], gap_ms: int) -> tuple[Span, ...]:
    """The same stretches, with gaps shorter than this closed."""
    found: list[Span] = []
    for span in speech:
        if found and span.start - found[-1].end < gap_ms:
            found[-1] = Span(start=found[-1].start, end=max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def _voiced(word: Word, breaths: Sequence[Span]) -> Span | None:
    """A word's time as far as somebody speaks; None where nobody does, near and far."""
    start = word.span.start
    span = Span(start=start, end=min(max(word.span.end, start + 1), start + _LONGEST_MS))
    parts = within(breaths, span)
    if not parts:
        return _nearby(span, breaths)
    return _one_side(parts, word.text) if len(parts) > 1 else parts[0]


def _one_side(parts: Sequence[Span], text: str) -> Span:
    """On which side of a pause a word is said that its engine has on both.

    Nearly always after it: engines begin the first word of a breath in the pause, or in the tail of the
    breath before, and end it in time. A mark at its end says that the pause comes after it.
    """
    if ends_clause(text) or parts[-1].duration < _HEARD_MS:
        return max(parts, key=lambda part: part.duration)
    return parts[-1]


def _nearby(span: Span, breaths: Sequence[Span]) -> Span | None:
    """A place at the edge of the nearest voice; None where it is too far."""
    after = bisect_left(breaths, span.start, key=lambda breath: breath.start)
    nearest: tuple[int, Span] | None = None
    if after < len(breaths):
        breath = breaths[after]
        nearest = (
            breath.start - span.end,
            Span(start=breath.start, end=min(breath.end, breath.start + span.duration)),
        )
    if after > 0:
        breath = breaths[after - 1]
        far = span.start - breath.end
        if nearest is None or far < nearest[0]:
            nearest = (far, Span(start=max(breath.start, breath.end - span.duration), end=breath.end))
    return nearest[1] if nearest is not None and nearest[0] <= _ASTRAY_MS else None


def _started(spans: Sequence[Span], speech: Sequence[Span], breaths: Sequence[Span]) -> list[Span]:
    """The spans, with the word nearest to each onset beginning there."""
    found = list(spans)
    firm = {breath.start for breath in breaths}
    starts = [span.start for span in found]
    for before, run in pairwise((Span(start=0, end=0), *speech)):
        reach = _REACH_MS if run.start in firm else _NEAR_MS
        first = bisect_left(starts, run.start - (0 if run.start in firm else reach))
        past = bisect_right(starts, run.start + reach)
        near = min(range(first, past), key=lambda at: abs(starts[at] - run.start), default=None)
        if near is None or (near and _holds(found[near - 1], run.start, before)):
            continue
        if found[near].end > run.start:
            found[near] = Span(start=run.start, end=found[near].end)
            if near:
                found[near - 1] = _until(found[near - 1], run.start)
    return found


def _holds(span: Span, onset: int, before: Span) -> bool:
    """Whether the word before has most of its time after the onset, which is then its own."""
    return (
        span.start >= onset or (span.end - onset) > max(onset - span.start, _LEAST_MS) or before.end > onset
    )


def _until(span: Span, end: int) -> Span:
    return Span(start=span.start, end=max(span.start, min(span.end, end)))


def _tailed(spans: Sequence[Span], breaths: Sequence[Span]) -> list[Span]:
    """The last word before a pause lasts as long as the voice, where that is not far."""
    found: list[Span] = []
    for span, after in zip_longest(spans, spans[1:]):
        place = bisect_right(breaths, span.start, key=lambda breath: breath.start) - 1
        end = breaths[place].end if place >= 0 else span.end
        free = after is None or after.start >= end
        found.append(Span(start=span.start, end=end) if free and 0 < end - span.end <= _TAIL_MS else span)
    return found


def _apart(spans: Sequence[Span]) -> list[Span]:
    """No two at once: the earlier makes way, and none begins before the one before it."""
    found: list[Span] = []
    for span in spans:
        start = span.start
        if found and start < found[-1].end:
            start = max(start, min(found[-1].start + _LEAST_MS, found[-1].end))
            found[-1] = _until(found[-1], start)
        found.append(Span(start=start, end=max(start, span.end)))
    return found


def _moved(word: Word, span: Span) -> Word:
    return word.model_copy(update={"span": span})
