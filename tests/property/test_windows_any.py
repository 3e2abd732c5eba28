"""Whatever the narration, its windows tile it and end where the voice rests."""

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voxweave.core.time import Span
from voxweave.core.windows import AIM_MS, cuts_of, within

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def narrations(draw: st.DrawFn) -> tuple[int, tuple[Span, ...]]:
    """A length of up to four hours, and pauses in order that do not touch."""
    duration = draw(st.integers(1, 14_400_000))
    edges = sorted(set(draw(st.lists(st.integers(0, duration), max_size=60))))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return duration, tuple(Span(start=start, end=end) for start, end in pairs)


@UNHURRIED
@given(narrations(), st.sampled_from([0, 30_000, 300_000, 1_400_000]))
def test_windows_tile_the_narration(told: tuple[int, tuple[Span, ...]], longest_ms: int) -> None:
    """From the first moment to the last without gap or overlap, none longer than a service takes."""
    duration, pauses = told
    spans = cuts_of(duration, pauses, longest_ms=longest_ms)

    assert (0, duration) == (spans[0].start, spans[-1].end)
    assert all(one.end == two.start for one, two in pairwise(spans))
    assert all(span.duration <= (longest_ms or 1.2 * AIM_MS) for span in spans)
    assert all(span.duration > 0 for span in spans)


@UNHURRIED
@given(narrations())
def test_cuts_lie_in_pauses_where_there_are_any(told: tuple[int, tuple[Span, ...]]) -> None:
    """A cut in the middle of a word is made only where no pause is near."""
    duration, pauses = told
    for span in cuts_of(duration, pauses)[:-1]:
        reach = Span(start=max(span.start, span.end - 60_000), end=min(duration, span.end + 60_000))
        near = [pause for pause in within(pauses, reach) if pause.duration > 1]
        inside = any(pause.start <= span.end <= pause.end for pause in pauses)
        deep = [pause for pause in near if span.end - 59_000 < pause.start and pause.end < span.end + 1]
        assert inside or not deep


@UNHURRIED
@given(narrations())
def test_parts_within_a_span_are_the_ordered_ones(told: tuple[int, tuple[Span, ...]]) -> None:
    """Clipped to it, and no moment of a pause in it is lost."""
    duration, pauses = told
    around = Span(start=duration // 3, end=duration)
    parts = within(pauses, around)
    assert sum(part.duration for part in parts) == sum(
        max(0, min(pause.end, around.end) - max(pause.start, around.start)) for pause in pauses
    )
