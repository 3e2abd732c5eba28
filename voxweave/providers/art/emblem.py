"""Cover art on the picture: rounded, shadowed, floating a little."""

import cv2
import numpy as np

from voxweave.core.film import Canvas
from voxweave.core.pictures import Emblem
from voxweave.errors import InputError
from voxweave.providers.art.calm import strength_at
from voxweave.providers.art.colour import Image
from voxweave.providers.art.cutout import Sprite
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.stage import soften


class Cover:
    """A decoded emblem, ready to be laid on the plate."""

    def __init__(self, emblem: Emblem, canvas: Canvas) -> None:
        self._emblem = emblem
        unit = min(canvas.width, canvas.height)
        self._float = 0.006 * unit
        self._margin = round(0.08 * unit) // 2 * 2
        card, alpha, shadow = self._paint(_decode(emblem), unit)
        self._sprite = Sprite(card * alpha[:, :, None], alpha, (1 - alpha) * (1 - shadow))

    def draw(self, plate: Plate, frame: int, t: float) -> None:
        """Lay the cover on the plate."""
        strength = strength_at(frame, self._emblem.first, self._emblem.last)
        if strength <= 0:
            return
        sink = self._float * np.sin(t * 0.9) + (1 - strength) * 3 * self._float
        box = self._emblem.box
        self._sprite.draw(plate, box.x - self._margin, box.y - self._margin + float(sink), strength)
        plate.shelter(slice(box.y, box.y + box.height), slice(box.x, box.x + box.width))

    def _paint(self, picture: Image, unit: int) -> tuple[Image, Image, Image]:
        margin, (height, width) = self._margin, picture.shape[:2]
        size = (height + 2 * margin, width + 2 * margin)
        inner = _rounded((height, width), 0.022 * unit)
        alpha = np.zeros(size, np.float32)
        alpha[margin : margin + height, margin : margin + width] = inner
        card = np.zeros((*size, 3), np.float32)
        card[margin : margin + height, margin : margin + width] = picture
        drop = np.roll(alpha, round(0.012 * unit), axis=0)
        return card, alpha, soften(drop, 0.02 * unit) * np.float32(0.65)


def _decode(emblem: Emblem) -> Image:
    """The picture in R'G'B' 0..1, cropped to fill its box."""
    raw = np.fromfile(emblem.media.path, np.uint8)
    found = cv2.imdecode(raw, cv2.IMREAD_COLOR) if raw.size else None
    if found is None:
        raise InputError(
            f"{emblem.media.path.name} is not a picture that can be read",
            hint="give the cover as a PNG or JPEG",
        )
    width, height = emblem.box.width, emblem.box.height
    grow = max(width / found.shape[1], height / found.shape[0])
    size = (max(width, round(found.shape[1] * grow)), max(height, round(found.shape[0] * grow)))
    fitted = cv2.resize(found, size, interpolation=cv2.INTER_AREA if grow < 1 else cv2.INTER_CUBIC)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return fitted[top : top + height, left : left + width, ::-1].astype(np.float32) / np.float32(255)


def _rounded(size: tuple[int, int], radius: float) -> Image:
    """How much of each pixel lies in a rounded rectangle that fills its raster."""
    half = np.array(size, np.float32)[:, None] / 2
    down = np.abs(np.arange(size[0], dtype=np.float32) + 0.5 - half[0]) - (half[0] - radius)
    across = np.abs(np.arange(size[1], dtype=np.float32) + 0.5 - half[1]) - (half[1] - radius)
    away = np.hypot(np.maximum(down, 0)[:, None], np.maximum(across, 0)[None, :])
    return np.asarray(np.clip(np.float32(radius) - away + np.float32(0.5), 0, 1))
