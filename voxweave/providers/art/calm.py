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

Rows = tuple[slice, slice]


class CalmZones:
    """All calm zones of a scene, grouped by box."""

    def __init__(self, calms: tuple[Calm, ...], canvas: Canvas) -> None:
        self._canvas = canvas
        boxes = {(calm.box.x, calm.box.y, calm.box.width, calm.box.height): calm.box for calm in calms}
        self._zones = [(box, [calm for calm in calms if calm.box == box]) for box in boxes.values()]
        self._latest: dict[int, tuple[Rows, Image]] = {}

    def draw(self, plate: Plate, frame: int) -> None:
        """Calm the plate down where text stands at this frame."""
        for number, (box, calms) in enumerate(self._zones):
            strength = max(strength_at(frame, calm.first, calm.last) for calm in calms)
            if strength > 0:
                _quiet(plate, self._mask(number, box), strength)

    def _mask(self, number: int, box: Box) -> tuple[Rows, Image]:
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


def _band(box: Box, canvas: Canvas) -> tuple[Rows, Image]:
    """The even-sided part of the plate from side to side, and its mask: 1 on the box's rows, fading above and below.

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
    falling = kept * kept * (3 - 2 * kept)
    mask = np.repeat(falling[:, None], canvas.width, axis=1).astype(np.float32)
    return (slice(top, bottom), slice(0, canvas.width)), mask


def _outside(at: Image, first: int, last: int) -> Image:
    return np.asarray(np.maximum(np.maximum(first - at, at - last + 1), 0), np.float32)


def _quiet(plate: Plate, zone: tuple[Rows, Image], strength: float) -> None:
    """Multiply by (1 - dim·m) / (1 + bend·m·Y): luma and chroma alike, so hues stay."""
    (rows, columns), mask = zone
    part = plate.y[rows, columns]
    bend = cv2.multiply(np.maximum(part, 0), mask, scale=_BEND * strength / 219)
    bend += 1
    gain = cv2.divide(cv2.addWeighted(mask, -_DIM * strength, mask, 0, 1), bend)
    cv2.multiply(part, gain, dst=part)
    half = cv2.resize(gain, (gain.shape[1] // 2, gain.shape[0] // 2), interpolation=cv2.INTER_AREA)
    for plane in (plate.u, plate.v):
        part = plane[rows.start // 2 : rows.stop // 2, columns.start // 2 : columns.stop // 2]
        cv2.multiply(part, half, dst=part)
