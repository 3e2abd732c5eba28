"""Frames add up, and no cut is more than half a frame from its moment, whatever the scenes and the rate."""

from fractions import Fraction
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from voxweave.core.film import Canvas
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import CLOCK_HZ, Span, frame_at, ms_of
from voxweave.core.timeline import assemble, worst_cut_error_ms

USUAL = [*map(Fraction, (24, 25, 30, 50, 60)), *(Fraction(n * 1000, 1001) for n in (24, 30, 60))]
RATES = st.sampled_from(USUAL) | st.fractions(10, 120, max_denominator=1001)
LENGTHS = st.lists(st.integers(1, 60_000), min_size=1, max_size=300)


@given(LENGTHS, RATES, st.integers(-24, 23))
def test_frames_add_up(lengths: list[int], rate: Fraction, rest: int) -> None:
    """The shots fill the film without gap or overlap, and each begins within half a frame of its scene."""
    ends = list(accumulate(lengths))
    scenes = tuple(
        Scene(number=number, span=Span(start=end - length, end=end))
        for number, (length, end) in enumerate(zip(lengths, ends, strict=True), start=1)
    )
    samples = max(1, ends[-1] * 48 + rest)
    canvas = Canvas(width=64, height=64, rate=rate)
    timeline = assemble(Storyboard(duration_ms=ends[-1], scenes=scenes), canvas, samples)

    assert timeline.frames == max(1, round(Fraction(samples, CLOCK_HZ) * rate))
    assert timeline.shots[0].first == 0
    assert [shot.last for shot in timeline.shots] == [
        *(shot.first for shot in timeline.shots[1:]),
        timeline.frames,
    ]
    assert all(shot.frames > 0 for shot in timeline.shots)
    assert all(
        abs(Fraction(shot.first * 1000) / rate - shot.scene.span.start) <= 500 / rate
        for shot in timeline.shots
    )
    assert worst_cut_error_ms(timeline) <= float(500 / rate) + 0.001


@given(st.integers(0, 12 * 3600 * 60), RATES)
def test_a_frames_moment_leads_back_to_it(frame: int, rate: Fraction) -> None:
    """Twelve hours on, a frame's moment in whole milliseconds is still that frame's."""
    assert frame_at(ms_of(frame, rate), rate) == frame
