"""Pictures prepared once per scene: silhouettes that slide, backdrops that drift and swell."""

import cv2
import numpy as np

from voxweave.providers.art.colour import TO_YUV, Image
from voxweave.providers.art.plate import Plate


class Cutout:
    """A band of painted scenery, with its own transparency, that slides sideways without steps.

    `colours` (h×w×3) are already weighted by `alpha` (h×w), both float32 0..1. The band may be wider than the plate;
    `top` is an even row.
    """

    def __init__(self, colours: Image, alpha: Image, top: int) -> None:
        shown = np.flatnonzero((alpha.max(axis=1) > 0) | (colours.max(axis=(1, 2)) > 1e-3))
        first, last = (int(shown[0]) // 2 * 2, int(shown[-1]) // 2 * 2 + 2) if len(shown) else (0, 2)
        colours, alpha = colours[first:last], alpha[first:last]
        self.top = top + first
        # Bytes are enough for what hides, and a quarter of the memory.
        keep = np.round(255 * (1 - alpha)).astype(np.uint8) if alpha.any() else None
        self._y = _plane(colours, 0)
        self._uv = tuple(_half(_plane(colours, axis)) for axis in (1, 2))
        self._keep = (keep, None if keep is None else _half(keep))

    def draw(self, plate: Plate, left: float = 0.0, gain: float = 1.0) -> None:
        """Cover the plate with the part of the band that starts `left` pixels in."""
        bottom = min(plate.height, self.top + self._y.shape[0])
        _blend(plate.y[self.top : bottom], self._keep[0], self._y, (left, gain))
        for plane, own in zip((plate.u, plate.v), self._uv, strict=True):
            _blend(plane[self.top // 2 : bottom // 2], self._keep[1], own, (left / 2, gain))


class Backdrop:
    """A whole painted picture, larger than the plate, seen through a slow sub-pixel camera."""

    def __init__(self, colours: Image) -> None:
        self._y = _plane(colours, 0)
        self._uv = tuple(_half(_plane(colours, axis)) for axis in (1, 2))

    def draw(self, plate: Plate, zoom: float, centre: tuple[float, float]) -> None:
        """Fill the plate; `centre` is the point of the backdrop, in its pixels, seen in the middle."""
        _look(self._y, plate.y, zoom, centre)
        for own, plane in zip(self._uv, (plate.u, plate.v), strict=True):
            _look(own, plane, zoom, (centre[0] / 2, centre[1] / 2))


class Sprite:
    """A small painted thing with transparency, laid anywhere, sub-pixel; colours weighted by alpha."""

    def __init__(self, colours: Image, alpha: Image, keep: Image | None = None) -> None:
        keep = np.asarray(1 - alpha if keep is None else keep, np.float32)
        self._left, self._top, width, height = cv2.boundingRect((keep < 1).astype(np.uint8))
        rows, columns = slice(self._top, self._top + height), slice(self._left, self._left + width)
        keep = np.ascontiguousarray(keep[rows, columns])
        yuv = cv2.transform(np.ascontiguousarray(colours[rows, columns], np.float32), TO_YUV)
        self._full = (np.ascontiguousarray(yuv[:, :, 0]), keep)
        self._half = tuple((_shrunk(np.ascontiguousarray(yuv[:, :, axis])), _shrunk(keep)) for axis in (1, 2))

    def draw(self, plate: Plate, left: float, top: float, strength: float = 1.0) -> None:
        """Cover the plate with it, its corner at a fractional place."""
        left, top = left + self._left, top + self._top
        _lay(plate.y, self._full, (left, top), strength)
        for plane, layers in zip((plate.u, plate.v), self._half, strict=True):
            _lay(plane, layers, ((left + 0.5) / 2 - 0.5, (top + 0.5) / 2 - 0.5), strength)


def slide(image: Image, left: float, width: int) -> Image:
    """`width` columns from a fractional place on."""
    whole = int(np.floor(left))
    part = float(left - whole)
    whole = min(max(whole, 0), max(image.shape[1] - width - 1, 0))
    first = image[:, whole : whole + width]
    if part < 1e-4 or whole + 1 + width > image.shape[1]:
        return first
    return cv2.addWeighted(first, 1 - part, image[:, whole + 1 : whole + 1 + width], part, 0)


def _blend(rows: Image, keep: Image | None, own: Image, how: tuple[float, float]) -> None:
    left, gain = how
    height, width = rows.shape
    if keep is not None:
        cv2.multiply(rows, slide(keep[:height], left, width), dst=rows, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.addWeighted(rows, 1, slide(own[:height], left, width), gain, 0, dst=rows)


def _plane(colours: Image, axis: int) -> Image:
    """One of Y, Cb, Cr of a painted picture, without holding all three."""
    weights = TO_YUV[axis].tolist()
    plane = np.multiply(colours[:, :, 0], np.float32(weights[0]), dtype=np.float32)
    for channel in (1, 2):
        plane += colours[:, :, channel] * np.float32(weights[channel])
    return plane


def _look(image: Image, plane: Image, zoom: float, centre: tuple[float, float]) -> None:
    height, width = plane.shape
    step = 1 / zoom
    matrix = np.array(
        [[step, 0, centre[0] - step * (width - 1) / 2], [0, step, centre[1] - step * (height - 1) / 2]],
        np.float32,
    )
    cv2.warpAffine(
        image,
        matrix,
        (width, height),
        dst=plane,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def _half(plane: Image) -> Image:
    height, width = plane.shape
    return cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _shrunk(layer: Image) -> Image:
    size = (round(layer.shape[1] / 2), round(layer.shape[0] / 2))
    return cv2.resize(layer, size, interpolation=cv2.INTER_AREA)


def _lay(plane: Image, layers: tuple[Image, Image], corner: tuple[float, float], strength: float) -> None:
    own, keep = layers
    left, top = max(0, int(np.floor(corner[0]))), max(0, int(np.floor(corner[1])))
    right = min(plane.shape[1], int(corner[0] + own.shape[1]) + 2)
    bottom = min(plane.shape[0], int(corner[1] + own.shape[0]) + 2)
    if right <= left or bottom <= top:
        return
    matrix = np.array([[1, 0, corner[0] - left], [0, 1, corner[1] - top]], np.float32)
    size = (right - left, bottom - top)
    moved = cv2.warpAffine(own, matrix, size)
    veil = cv2.warpAffine(keep, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(1.0,))
    part = plane[top:bottom, left:right]
    if strength < 1:
        veil = cv2.addWeighted(veil, strength, veil, 0, 1 - strength)
    cv2.multiply(part, veil, dst=part)
    cv2.addWeighted(part, 1, moved, strength, 0, dst=part)
