"""What to decode of a window: stretches of voice that fill the model's half minute, cut where it rests."""

from collections.abc import Iterator, Sequence

from voxweave.core.time import Span

LONGEST_MS = 29_000
"""The model looks at thirty seconds at once; a little is left for the margins."""
MARGIN_MS = 200
"""Of the sound around the voice, so that no word loses its first or last breath."""

_REST_MS = 2_000
"""Longer rests are not decoded at all: in silence the model invents words."""


def clips(speech: Sequence[Span], window: Span) -> tuple[Span, ...]:
    """Ordered spans within the window that hold all its voice and no long rest."""
    groups: list[list[Span]] = []
    for span in speech:
        if groups and span.start - groups[-1][-1].end < _REST_MS:
            groups[-1].append(span)
        else:
            groups.append([span])
    whole = [Span(start=part[0].start, end=part[-1].end) for group in groups for part in _filled(group)]
    return tuple(_widened(whole, window))


def _filled(group: Sequence[Span]) -> Iterator[Sequence[Span]]:
    """A run of voice in parts of less than half a minute, as far as there is a rest to cut at."""
    rest = list(group)
    while rest and rest[-1].end - rest[0].start > LONGEST_MS and len(rest) > 1:
        fit = max(1, sum(span.end - rest[0].start <= LONGEST_MS for span in rest))
        cut = _cut(rest, fit)
        yield rest[:cut]
        rest = rest[cut:]
    if rest:
        yield rest


def _cut(spans: Sequence[Span], fit: int) -> int:
    """Where to part: at the longest rest in the later half, for a sentence is likely to end there."""
    half = spans[0].start + LONGEST_MS // 2
    later = [place for place in range(1, min(fit, len(spans) - 1) + 1) if spans[place - 1].end >= half]
    return max(later, key=lambda place: (spans[place].start - spans[place - 1].end, place), default=fit)


def _widened(whole: Sequence[Span], window: Span) -> Iterator[Span]:
    """With margins, none of which reaches past the window or half-way to the next."""
    for place, span in enumerate(whole):
        before = (whole[place - 1].end + span.start + 1) // 2 if place else window.start
        after = (span.end + whole[place + 1].start) // 2 if place + 1 < len(whole) else window.end
        start, end = max(span.start - MARGIN_MS, before), min(span.end + MARGIN_MS, after)
        yield Span(start=min(start, span.start), end=max(end, span.end))
