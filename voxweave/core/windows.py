"""Windows to be recognised one by one: a few minutes long, cut where the voice rests."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from voxweave.core.hearing import Task, Window
from voxweave.core.speech import Narration
from voxweave.core.time import Span

AIM_MS = 300_000
"""A two-hour file given at once took 6.5 GB before its first word; five minutes take half a gigabyte."""
_SHARE = 0.2
"""A cut is looked for so far to each side of the aim, as a share of it."""
_LEAST_MS = 2_000


def cuts_of(duration_ms: int, pauses: Sequence[Span], *, longest_ms: int = 0) -> tuple[Span, ...]:
    """Spans that tile the narration, each ending in the longest pause about five minutes on.

    `longest_ms` is what a service takes at most, 0 for no limit. Where no pause is near, the bare moment
    must do.
    """
    aim_ms = AIM_MS
    if longest_ms:
        aim_ms = max(_LEAST_MS, min(AIM_MS, round(longest_ms / (1 + _SHARE))))
    return tuple(_tiles(duration_ms, pauses, aim_ms))


def windows_of(
    narration: Narration, *, longest_ms: int = 0, language: str = "", task: Task = "transcribe"
) -> tuple[Window, ...]:
    """The narration's windows in which somebody speaks, with where; what is silent is not listened to."""
    speech = speech_of(narration)
    spans = cuts_of(narration.duration_ms, narration.pauses, longest_ms=longest_ms)
    return tuple(
        Window(sound=narration.speech, span=span, speech=inside, language=language, task=task)
        for span in spans
        if (inside := within(speech, span))
    )


def speech_of(narration: Narration) -> tuple[Span, ...]:
    """Where the voice speaks: all that is no pause."""
    return between(narration.pauses, narration.duration_ms)


def between(pauses: Sequence[Span], duration_ms: int) -> tuple[Span, ...]:
    """What lies between ordered pauses, from the beginning to the end."""
    edges = [0, *(edge for pause in pauses for edge in (pause.start, pause.end))]
    edges.append(max(duration_ms, edges[-1]))
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return tuple(Span(start=start, end=end) for start, end in pairs if end > start)


def within(spans: Sequence[Span], around: Span) -> tuple[Span, ...]:
    """The parts of ordered spans that lie inside another."""
    first = bisect_right(spans, around.start, key=lambda span: span.end)
    past = bisect_left(spans, around.end, key=lambda span: span.start)
    return tuple(
        Span(start=max(span.start, around.start), end=min(span.end, around.end)) for span in spans[first:past]
    )


def _tiles(duration_ms: int, pauses: Sequence[Span], aim_ms: int) -> Iterator[Span]:
    start, reach = 0, round(aim_ms * _SHARE)
    while (rest := duration_ms - start) > aim_ms + reach:
        middle = start + min(aim_ms, rest // 2)  # two halves rather than one whole and a crumb
        end = _cut(pauses, Span(start=middle - reach, end=middle + reach))
        yield Span(start=start, end=end)
        start = end
    if duration_ms > start:
        yield Span(start=start, end=duration_ms)


def _cut(pauses: Sequence[Span], reach: Span) -> int:
    """The middle of the longest pause in reach, as far as it is; the middle of the reach where there is none."""
    longest = max(within(pauses, reach), key=lambda pause: pause.duration, default=reach)
    return (longest.start + longest.end) // 2
