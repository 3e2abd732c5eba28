"""Calm zones: where text will stand, bright things bend down until white text reads on them."""

import cv2
import numpy as np

from voxweave.core.film import Box, Canvas
from voxweave.core.pictures import Calm
from voxweave.providers.art.colour import Image
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.stage import smooth

EASE_FRAMES = 12
_DIM = 0.16
_REACH = 0.24
"""How far the calm fades out above and below the text, in shorter sides of the picture."""
_BEND = 1.75
"""White comes out at 0.31 of itself, luminance 0.08: contrast 8 to 1. Dark pixels hardly change."""

_STRIP = 64
"""Rows calmed at a time: few enough to stay in the fast memory between the steps."""

Band = tuple[slice, Image]
"""Which rows of the plate, and how calm each is."""


class CalmZones:
    """All calm zones of a scene, grouped by box."""

    def __init__(self, calms: tuple[Calm, ...], canvas: Canvas) -> None:
        self._canvas = canvas
        boxes = {(calm.box.x, calm.box.y, calm.box.width, calm.box.height): calm.box for calm in calms}
        self._zones = [(box, [calm for calm in calms if calm.box == box]) for box in boxes.values()]
        self._latest: dict[int, Band] = {}

    def draw(self, plate: Plate, frame: int) -> None:
        """Calm the plate down where text stands at this frame."""
        for number, (box, calms) in enumerate(self._zones):
            strength = max(strength_at(frame, calm.first, calm.last) for calm in calms)
            if strength > 0:
                _quiet(plate, self._mask(number, box), strength)

    def _mask(self, number: int, box: Box) -> Band:
        # One scene may have a box per cue: keep the few in use, not all.
        if number not in self._latest:
            while len(self._latest) > 2:
                self._latest.pop(next(iter(self._latest)))
            self._latest[number] = _band(box, self._canvas)
        return self._latest[number]


def strength_at(frame: int, first: int, last: int) -> float:
    """0..1: rising over the frames before `first`, full until `last`, then falling."""
    before = (frame - first + EASE_FRAMES) / EASE_FRAMES
    after = (last - 1 - frame + EASE_FRAMES) / EASE_FRAMES
    return smooth(min(before, after, 1.0))


def _band(box: Box, canvas: Canvas) -> Band:
    """The even-sided rows of the plate, and their mask: 1 on the box's own, fading above and below.

    From side to side, since a patch of its own shape would be seen as one; a box low in the picture
    takes all below it.
    """
    reach = round(_REACH * min(canvas.width, canvas.height))
    last = box.y + box.height
    if canvas.height - last < reach:
        last = canvas.height
    top, bottom = max(0, box.y - reach) // 2 * 2, min(canvas.height, (last + reach + 1) // 2 * 2)
    away = _outside(np.arange(top, bottom), box.y, last) / np.float32(reach)
    kept = np.clip(1 - away, 0, 1)
    return slice(top, bottom), (kept * kept * (3 - 2 * kept)).astype(np.float32)[:, None]


def _outside(at: Image, first: int, last: int) -> Image:
    return np.asarray(np.maximum(np.maximum(first - at, at - last + 1), 0), np.float32)


def _quiet(plate: Plate, band: Band, strength: float) -> None:
    """Multiply by (1 - dim·m) / (1 + bend·m·Y): luma and chroma alike, so hues stay."""
    rows, mask = band
    # Divided through by bend·m, so that one sum and one quotient for each pixel are enough.
    knee = np.float32(219 / _BEND) / np.maximum(mask * np.float32(strength), np.float32(1e-4))
    peak = (1 - np.float32(_DIM * strength) * mask) * knee
    gain: Image = np.empty((_STRIP, plate.width), np.float32)
    half: Image = np.empty((_STRIP // 2, plate.width // 2), np.float32)
    for top in range(rows.start, rows.stop, _STRIP):
        last = min(top + _STRIP, rows.stop)
        own = slice(top - rows.start, last - rows.start)
        part, sized = plate.y[top:last], gain[: last - top]
        np.add(part, knee[own], out=sized)
        np.divide(peak[own], sized, out=sized)
        np.multiply(part, sized, out=part)
        small = half[: len(sized) // 2]
        cv2.resize(sized, (small.shape[1], small.shape[0]), dst=small, interpolation=cv2.INTER_AREA)
        for plane in (plate.u, plate.v):
            chroma = plane[top // 2 : last // 2]
            np.multiply(chroma, small, out=chroma)
