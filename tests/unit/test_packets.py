"""The grid of frames: each in its place, once, in an order that can be decoded."""

from fractions import Fraction

import pytest

from voxweave.errors import MediaError
from voxweave.media.packets import FrameGrid, Packet

RATE = Fraction(30000, 1001)


def _add(shown: list[float], decoded: list[float] | None = None, rate: Fraction = RATE) -> FrameGrid:
    grid = FrameGrid(rate)
    for number, frame in enumerate(shown):
        when = decoded[number] if decoded else number - 2
        grid.add(Packet(Fraction(when) / rate, Fraction(frame) / rate, 9, "0x1"))
    grid.close()
    return grid


def test_frames_in_decoding_order_are_counted() -> None:
    """Frames that are decoded before those shown before them are put in place."""
    assert _add([0, 3, 1, 2, 6, 4, 5]).frames == 7


def test_milliseconds_are_near_enough() -> None:
    """A container that counts whole milliseconds holds every rate we make."""
    rate = Fraction(60)
    rounded = [float(round(frame * 1000 / 60) * rate / 1000) for frame in range(200)]

    assert _add(rounded, rate=rate).frames == 200


def test_a_film_may_begin_some_milliseconds_late() -> None:
    """Where sound has a lead of its own all pictures are moved alike, by less than a frame."""
    assert _add([0.21, 3.21, 1.21, 2.21]).frames == 4


@pytest.mark.parametrize(
    ("shown", "decoded", "said"),
    [
        ([0, 1, 3], None, "frame 2 is missing"),
        ([0, 1, 1], None, "frame 1 is there twice"),
        ([0, 2, 2, 1], None, "frame 2 is there twice"),
        ([0, 1.5], None, "between two"),
        ([0, 1, 2], [0, 2, 2], "out of order"),
        ([1, 2], None, "frame 0 is missing"),
    ],
)
def test_what_is_wrong_is_said(shown: list[float], decoded: list[float] | None, said: str) -> None:
    """A gap, a double, a frame off the grid and times that run backwards are each found."""
    with pytest.raises(MediaError, match=said):
        _add(shown, decoded)
