"""One picture giving way to another, on planes of our own; the same curves as FFmpeg's xfade and fade."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from voxweave.core.style import TransitionName
from voxweave.media.planes import Planes

_BLACK = (16, 128, 128)


def blend(kind: TransitionName, before: Planes, after: Planes, frame: int, frames: int) -> None:
    """Write into `after` what is seen at a frame of a transition so many frames long."""
    if kind == "dip":
        _dip(before, after, frame, frames)
    elif kind == "wipe":
        _wipe(before, after, frame / frames)
    else:
        share = frame / frames
        for old, new in zip(before[:3], after[:3], strict=True):
            cv2.addWeighted(old, 1 - share, new, share, 0, dst=new)


def _dip(before: Planes, after: Planes, frame: int, frames: int) -> None:
    """The first half goes to black, the second comes from it."""
    half = frames // 2
    shown, light = (before, 1 - frame / half) if frame < half else (after, (frame - half) / (frames - half))
    for source, target, black in zip(shown[:3], after[:3], _BLACK, strict=True):
        cv2.addWeighted(source, light, source, 0, black * (1 - light), dst=target)


def _wipe(before: Planes, after: Planes, share: float) -> None:
    """The new picture comes in from the right behind a soft edge half a picture wide."""
    for old, new in zip(before[:3], after[:3], strict=True):
        ramp = np.clip(_across(new.shape[1]) + (2 * share - 1), 0, 1)
        weight = (ramp * ramp * (3 - 2 * ramp)).astype(np.float32)
        mixed = old + (new.astype(np.float32) - old) * weight
        np.copyto(new, np.rint(mixed), casting="unsafe")


@cache
def _across(width: int) -> NDArray[np.float32]:
    return np.arange(width, dtype=np.float32) / np.float32(width)
