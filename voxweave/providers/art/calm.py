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
            self._latest[number] = _soft_box(box, self._canvas)
        return self._latest[number]


def strength_at(frame: int, first: int, last: int) -> float:
    """0..1: rising over the frames before `first`, full until `last`, then falling."""
    before = (frame - first + EASE_FRAMES) / EASE_FRAMES
    after = (last - 1 - frame + EASE_FRAMES) / EASE_FRAMES
    return smooth(min(before, after, 1.0))


def _soft_box(box: Box, canvas: Canvas) -> tuple[Rows, Image]:
    """The even-sided part of the plate a box touches, and its mask: 1 inside, falling softly outside."""
    feather = 0.1 * min(canvas.width, canvas.height)
    reach = int(feather * 1.6)
    top, left = max(0, box.y - reach) // 2 * 2, max(0, box.x - reach) // 2 * 2
    bottom = min(canvas.height, (box.y + box.height + reach + 1) // 2 * 2)
    right = min(canvas.width, (box.x + box.width + reach + 1) // 2 * 2)
    down = _outside(np.arange(top, bottom), box.y, box.y + box.height)
    across = _outside(np.arange(left, right), box.x, box.x + box.width)
    away = np.hypot(down[:, None], across[None, :]) / np.float32(reach)
    kept = np.clip(1 - away, 0, 1)
    mask = kept * kept * (3 - 2 * kept)
    return (slice(top, bottom), slice(left, right)), mask.astype(np.float32)


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
