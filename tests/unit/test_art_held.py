"""Soft light between two keys: a straight line, the same whoever asks, painted no more often than it must be."""

import numpy as np

from voxweave.providers.art.held import Held
from voxweave.providers.art.pulse import Beat
from voxweave.providers.art.stage import Moment

_BEAT = Beat(level=0, swell=0, spark=0, presence=0, bands=np.zeros(8), past=(np.zeros(601), 0.0))
_STEP = 4


def _bare(frame: int) -> Moment:
    return Moment(frame / 30, frame / 30, _BEAT, frame)


def _moment(frame: int) -> Moment:
    first = frame // _STEP * _STEP
    share = (frame - first) / _STEP
    return Moment(frame / 30, 0, _BEAT, frame, (_bare(first), _bare(first + _STEP), share))


class _Painter:
    """Paints planes that hold their frame's number, and counts."""

    def __init__(self) -> None:
        self.painted: list[int] = []

    def __call__(self, now: Moment) -> np.ndarray:
        self.painted.append(now.frame)
        return np.full((3, 4, 5), now.frame, np.float32)


def test_every_frame_lies_on_the_line() -> None:
    """A frame between two keys is the mean of both by its distance; a key is itself."""
    held, paint = Held(), _Painter()

    assert [float(held(_moment(frame), paint)[1, 2, 3]) for frame in range(12)] == list(range(12))


def test_only_keys_are_painted() -> None:
    """In order, each key is painted once."""
    held, paint = Held(), _Painter()
    for frame in range(13):
        held(_moment(frame), paint)

    assert paint.painted == [0, 4, 8, 12]


def test_order_does_not_matter() -> None:
    """Frames asked for in any order are the same as in order."""
    held, paint = Held(), _Painter()
    order = [9, 2, 30, 3, 9, 0]

    assert [float(held(_moment(frame), paint).mean()) for frame in order] == order


def test_what_is_given_may_be_changed_after_a_mixture() -> None:
    """Finishing happens to the key's own picture, before frames are mixed."""
    held = Held(lambda picture: picture * 2)

    assert float(held(_moment(6), _Painter()).mean()) == 12
