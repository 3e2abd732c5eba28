"""Moments, spans, frames and how people write them."""

from fractions import Fraction

import pytest
from pydantic import ValidationError

from voxweave.core.time import Span, clock, frame_at, frames_of, ms_of, parse_clock, parse_rate

NTSC = Fraction(30000, 1001)


def test_positions_are_rounded_not_durations() -> None:
    """300 shots of 4.016 s at 29.97 end on the frame of their sum, where rounded durations would lose 108."""
    assert frame_at(300 * 4016, NTSC) == 36108
    assert 300 * frame_at(4016, NTSC) == 36000


@pytest.mark.parametrize(
    ("samples", "rate", "frames"),
    [
        (48_000, Fraction(30), 30),
        (24_000, NTSC, 15),
        (48_048, Fraction(24000, 1001), 24),
        (1, Fraction(24), 1),
        (518_400_000, NTSC, 323_676),
    ],
)
def test_a_film_has_the_frames_of_its_sound(samples: int, rate: Fraction, frames: int) -> None:
    """round(duration x rate), and at least one."""
    assert frames_of(samples, rate) == frames


def test_a_frame_appears_at_its_moment() -> None:
    """The moment of a frame is where the frame of that moment is."""
    assert [ms_of(frame, NTSC) for frame in (0, 1, 30)] == [0, 33, 1001]
    assert all(frame_at(ms_of(frame, NTSC), NTSC) == frame for frame in range(2000))


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("29.97", NTSC),
        ("23.98", Fraction(24000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("59.94", Fraction(60000, 1001)),
        ("25", "25"),
    ],
)
def test_ntsc_decimals_are_exact_rates(text: str, rate: object) -> None:
    """29.97 means 30000/1001, nothing else."""
    assert parse_rate(text) == rate


def test_a_span_runs_forward() -> None:
    """A span that ends before it begins cannot be; an empty one can."""
    assert Span(start=5, end=5).duration == 0
    with pytest.raises(ValidationError, match="ends before it starts: 6 to 5"):
        Span(start=6, end=5)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0:00:00.000", 0),
        ("0:01:23.456", 83_456),
        ("1:23", 83_000),
        ("1:23,4", 83_400),
        (" 10:00:00.05 ", 36_000_050),
        ("0:99", 99_000),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, ms: int) -> None:
    """Hours may be left out, and the comma of other countries is a point."""
    assert parse_clock(text) == ms


@pytest.mark.parametrize(
    "text", ["", "12", "1:2:3:4", "-1:00", "1:00.1234", "1:0x", "1:٣"[:2], "nan", "1:23 s"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """Anything else names itself."""
    with pytest.raises(ValueError, match="not a time"):
        parse_clock(text)


def test_a_time_is_written_so_that_it_can_be_read() -> None:
    """Hours, minutes, seconds and all three places."""
    assert clock(83_456) == "0:01:23.456"
    assert clock(36_000_050) == "10:00:00.050"
