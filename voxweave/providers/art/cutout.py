"""Pictures prepared once per scene: silhouettes that slide, backdrops that drift and swell."""

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np

from voxweave.providers.art.colour import TO_YUV, Image
from voxweave.providers.art.plate import SPARE, Plate

_MIDDLE = 128
_SPARE = np.arange(SPARE)


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
        rows = plate.y[self.top : bottom]
        _blend(rows, self._keep[0], self._y, (left, gain), plate.room(*rows.shape))
        for plane, own in zip((plate.u, plate.v), self._uv, strict=True):
            rows = plane[self.top // 2 : bottom // 2]
            _blend(rows, self._keep[1], own, (left / 2, gain), plate.room(*rows.shape))


class Backdrop:
    """A whole painted picture, larger than the plate, seen through a slow sub-pixel camera."""

    def __init__(self, colours: Image) -> None:
        # In 256ths of a level: as smooth as floats, and half of them to be read for every frame.
        luma, *chroma = (_plane(colours, axis) for axis in range(3))
        self._planes = (_fine(luma, 0), *(_fine(_half(plane), _MIDDLE) for plane in chroma))

    def add(self, plate: Plate, zoom: float, centre: tuple[float, float]) -> None:
        """Add to the plate; `centre` is the point of the backdrop, in its pixels, seen in the middle."""
        for own, plane in zip(self._planes, (plate.y, plate.u, plate.v), strict=True):
            shrink = plate.width / plane.shape[1]
            middle = [(place + 0.5) / shrink for place in centre]
            columns, rows = (
                gauge(seen, 1 / zoom, place, whole)
                for seen, place, whole in zip(plane.shape[::-1], middle, own.shape[::-1], strict=True)
            )
            room = plate.room(rows.drawn, columns.drawn, np.uint16)
            taken = own[rows.taken, columns.taken]
            cv2.resize(taken, (columns.drawn, rows.drawn), dst=room, interpolation=cv2.INTER_LINEAR)
            # What is there keeps 255 of 256 parts; the backdrop's own 256ths become levels.
            cv2.accumulateWeighted(room[rows.shown, columns.shown], plane, 1 / 256)
            if plane is not plate.y:
                np.subtract(plane, np.float32(_MIDDLE), out=plane)


class Gauge(NamedTuple):
    """Along one axis: the pixels taken, to how many they are drawn out, and which of those are shown."""

    taken: slice
    drawn: int
    shown: slice


@lru_cache(maxsize=16)  # both planes of chroma are seen alike
def gauge(size: int, step: float, middle: float, whole: int) -> Gauge:
    """How to see `size` pixels, `step` apart and around `middle`, by stretching whole pixels.

    OpenCV stretches whole pixels four times as fast as it warps between them. A few dozen pixels more or less
    give so many scales and offsets that one is right to a twentieth of a pixel, mostly to a hundredth, unless
    the step is nearly 1.
    """
    drawn, skipped = size + _SPARE[:, None], _SPARE[None, :]
    taken = np.minimum(np.round(step * drawn), whole)
    scale = taken / drawn
    first = middle - (size / 2 + skipped) * scale
    begin = np.clip(np.round(first), 0, whole - taken)
    wrong = np.abs(first - begin) + np.abs(scale - step) * (size / 2) + (skipped > drawn - size) * whole
    best = np.unravel_index(wrong.argmin(), wrong.shape)
    lead, start = int(best[1]), int(begin[best])
    return Gauge(slice(start, start + int(taken[best[0], 0])), size + int(best[0]), slice(lead, lead + size))


class Sprite:
    """A small painted thing with transparency, laid anywhere, sub-pixel; colours weighted by alpha."""

    def __init__(self, colours: Image, alpha: Image, keep: Image | None = None) -> None:
        keep = np.asarray(1 - alpha if keep is None else keep, np.float32)
        self._left, self._top, width, height = cv2.boundingRect((keep < 1).astype(np.uint8))
        rows, columns = slice(self._top, self._top + height), slice(self._left, self._left + width)
        keep = np.ascontiguousarray(keep[rows, columns])
        yuv = cv2.transform(np.ascontiguousarray(colours[rows, columns], np.float32), TO_YUV)
        y, *chroma = (np.ascontiguousarray(yuv[:, :, axis]) for axis in range(3))
        self._full = (_framed(y, 0), _framed(keep, 1))
        small = _framed(_shrunk(keep), 1)
        self._half = tuple((_framed(_shrunk(plane), 0), small) for plane in chroma)

    def draw(self, plate: Plate, left: float, top: float, strength: float = 1.0) -> None:
        """Cover the plate with it, its corner at a fractional place."""
        left, top = left + self._left, top + self._top
        _lay(plate.y, self._full, (left, top), strength)
        for plane, layers in zip((plate.u, plate.v), self._half, strict=True):
            _lay(plane, layers, ((left + 0.5) / 2 - 0.5, (top + 0.5) / 2 - 0.5), strength)


def slide(image: Image, left: float, width: int, room: Image | None = None) -> Image:
    """`width` columns from a fractional place on, in the memory given if they must be mixed."""
    whole = int(np.floor(left))
    part = float(left - whole)
    whole = min(max(whole, 0), max(image.shape[1] - width - 1, 0))
    first = image[:, whole : whole + width]
    if part < 1e-4 or whole + 1 + width > image.shape[1]:
        return first
    second = image[:, whole + 1 : whole + 1 + width]
    return cv2.addWeighted(first, 1 - part, second, part, 0, dst=room)


def _blend(rows: Image, keep: Image | None, own: Image, how: tuple[float, float], room: Image) -> None:
    left, gain = how
    height, width = rows.shape
    if keep is not None:
        cv2.multiply(rows, slide(keep[:height], left, width), dst=rows, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.scaleAdd(slide(own[:height], left, width, room), gain, rows, dst=rows)


def _plane(colours: Image, axis: int) -> Image:
    """One of Y, Cb, Cr of a painted picture, without holding all three."""
    weights = TO_YUV[axis].tolist()
    plane = np.multiply(colours[:, :, 0], np.float32(weights[0]), dtype=np.float32)
    for channel in (1, 2):
        plane += colours[:, :, channel] * np.float32(weights[channel])
    return plane


def _fine(plane: Image, offset: float) -> Image:
    """A plane in 256ths of a level above an offset."""
    return np.clip(np.round((plane + np.float32(offset)) * np.float32(256)), 0, 65_535).astype(np.uint16)


def _half(plane: Image) -> Image:
    height, width = plane.shape
    return cv2.resize(plane, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _shrunk(layer: Image) -> Image:
    size = (round(layer.shape[1] / 2), round(layer.shape[0] / 2))
    return cv2.resize(layer, size, interpolation=cv2.INTER_AREA)


def _framed(layer: Image, value: float) -> Image:
    """With a pixel more on every side, so that it can be moved by parts of one."""
    return cv2.copyMakeBorder(layer, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(value,))


def _lay(plane: Image, layers: tuple[Image, Image], corner: tuple[float, float], strength: float) -> None:
    left, top = (int(np.floor(place)) for place in corner)
    part = (corner[0] - left, corner[1] - top)
    height, width = layers[0].shape[0] - 1, layers[0].shape[1] - 1
    rows = slice(max(0, top), min(plane.shape[0], top + height))
    columns = slice(max(0, left), min(plane.shape[1], left + width))
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    cut = (
        slice(rows.start - top, rows.stop - top + 1),
        slice(columns.start - left, columns.stop - left + 1),
    )
    moved, veil = (_moved(layer[cut], part) for layer in layers)
    if strength < 1:
        veil = cv2.addWeighted(veil, strength, veil, 0, 1 - strength)
    under = plane[rows, columns]
    cv2.multiply(under, veil, dst=under)
    cv2.scaleAdd(moved, strength, under, dst=under)


def _moved(layer: Image, part: tuple[float, float]) -> Image:
    """A layer, with a row and a column to spare, moved right and down by less than a pixel."""
    x, y = part
    across = cv2.addWeighted(layer[:, 1:], 1 - x, layer[:, :-1], x, 0)
    return cv2.addWeighted(across[1:], 1 - y, across[:-1], y, 0)
