"""The picture while it is being made: float planes, and the few ways to put light on them."""

import cv2
import numpy as np

from voxweave.core.film import Canvas
from voxweave.media.planes import Planes
from voxweave.providers.art.colour import OFFSET, TO_YUV, Image, tone
from voxweave.providers.art.dither import dither

WHITE = 235.0
"""The brightest luma of limited range."""


class Plate:
    """Y at full size, Cb and Cr at half, float32 and without offsets, in BT.709 limited-range units.

    Y'CbCr is linear in R'G'B', so covering and adding light are the same sums as in R'G'B'.
    A plate belongs to one painter: nothing in it is shared between threads.
    """

    def __init__(self, canvas: Canvas, grain: float = 0.0) -> None:
        self.width, self.height = canvas.width, canvas.height
        self.unit = min(self.width, self.height)
        half = (self.height // 2, self.width // 2)
        self.y: Image = np.zeros((self.height, self.width), np.float32)
        self.u: Image = np.zeros(half, np.float32)
        self.v: Image = np.zeros(half, np.float32)
        self.ink: Image = np.zeros((self.height, self.width), np.uint8)
        self._scratch: Image = np.empty(self.height * self.width, np.float32)
        self._tile = dither(self.height, self.width, grain, float(OFFSET[0]))
        self._half_tile = dither(*half, 0.0, float(OFFSET[1]))

    def ground(self, colours: Image, last_row: int | None = None) -> None:
        """Fill the plate from a small R'G'B' picture (3×h×w); light above 1 rolls off softly.

        The picture is used up. With `last_row` (even) only the rows above are filled: the rest will be covered.
        """
        last = self.height if last_row is None else max(2, min(self.height, last_row))
        count = colours.shape[1]
        cells = min(count, -(-last * count // self.height) + 1)
        for small, plane in zip(_yuv(roll_off(colours[:, :cells])), (self.y, self.u, self.v), strict=True):
            how = cv2.INTER_CUBIC if plane is self.y else cv2.INTER_LINEAR
            rows = plane[: round(plane.shape[0] * cells / count)]
            cv2.resize(small, (rows.shape[1], rows.shape[0]), dst=rows, interpolation=how)

    def light(self, colours: Image, first_row: int = 0, last_row: int | None = None) -> None:
        """Add a small R'G'B' picture of light to the plate, or stretched over some even rows of it."""
        last_row = self.height if last_row is None else last_row
        for small, plane in zip(_yuv(colours), (self.y, self.u, self.v), strict=True):
            shrink = self.height // plane.shape[0]
            rows = plane[first_row // shrink : last_row // shrink]
            cv2.add(rows, self._stretched(small, rows.shape, cv2.INTER_LINEAR), dst=rows)

    def ground_inside(
        self, colours: Image, mask: Image, at: tuple[int, int] = (0, 0), *, solid: int | None = None
    ) -> None:
        """Cover with a small R'G'B' picture where a byte mask says so.

        Both span the same part of the plate, whose top left (row, column) is even. The picture is used up.
        From its row `solid` on, the mask is known to be full.
        """
        first = at[0]
        colours, mask, at = _trimmed_picture(colours, mask, at)
        full = mask.shape[0] if solid is None else max(0, min(mask.shape[0], solid + first - at[0]) // 2 * 2)
        halved = _halved(mask)
        planes = ((self.y, mask, 1), (self.u, halved, 2), (self.v, halved, 2))
        for small, (plane, alpha, shrink) in zip(_yuv(roll_off(colours)), planes, strict=True):
            part = _part(plane, alpha.shape, (at[0] // shrink, at[1] // shrink))
            source = self._stretched(small, part.shape, cv2.INTER_LINEAR)
            _mix(part[: full // shrink], source[: full // shrink], alpha[: full // shrink])
            part[full // shrink :] = source[full // shrink :]

    def _stretched(self, small: Image, size: tuple[int, ...], how: int) -> Image:
        """A small plane at a larger size, in memory that is used again and again."""
        if size[0] > 6 * small.shape[0] or size[1] > 6 * small.shape[1]:
            # Linear steps over so many pixels would show: go through a finer picture first.
            finer = (max(small.shape[1], size[1] // 4), max(small.shape[0], size[0] // 4))
            small = cv2.resize(small, finer, interpolation=cv2.INTER_CUBIC)
        target = self._scratch[: size[0] * size[1]].reshape(size)
        return cv2.resize(small, (size[1], size[0]), dst=target, interpolation=how)

    def add(self, mask: Image, colour: Image, gain: float = 1.0, at: tuple[int, int] = (0, 0)) -> None:
        """Add light of one colour through a byte mask whose top left (row, column) is even."""
        halved = _halved(mask)
        tones = [amount * gain / 255 for amount in tone(colour)]
        planes = ((self.y, mask, 1), (self.u, halved, 2), (self.v, halved, 2))
        for amount, (plane, alpha, shrink) in zip(tones, planes, strict=True):
            part = _part(plane, alpha.shape, (at[0] // shrink, at[1] // shrink))
            cv2.addWeighted(part, 1, alpha, amount, 0, dst=part, dtype=cv2.CV_32F)

    def cover(self, mask: Image, colour: Image, at: tuple[int, int] = (0, 0)) -> None:
        """Cover with one colour through a byte mask whose top left (row, column) is even."""
        mask, at = trimmed(mask, at)
        halved = _halved(mask)
        for plane, alpha, shrink in ((self.y, mask, 1), (self.u, halved, 2), (self.v, halved, 2)):
            part = _part(plane, alpha.shape, (at[0] // shrink, at[1] // shrink))
            cv2.multiply(part, cv2.bitwise_not(alpha), dst=part, scale=1 / 255, dtype=cv2.CV_32F)
        self.add(mask, colour, 1.0, at)

    def write(self, planes: Planes, gain: float = 1.0) -> None:
        """Dither once and hand over bytes; `gain` below 1 fades to black."""
        if gain < 1:
            for plane in (self.y, self.u, self.v):
                np.multiply(plane, np.float32(gain), out=plane)
        cv2.threshold(self.y, WHITE - OFFSET[0], 0, cv2.THRESH_TRUNC, dst=self.y)
        cv2.add(self.y, self._tile, dst=planes.y, dtype=cv2.CV_8U)
        for plane, out in ((self.u, planes.u), (self.v, planes.v)):
            cv2.add(plane, self._half_tile, dst=out, dtype=cv2.CV_8U)


def roll_off(colours: Image, knee: float = 0.72) -> Image:
    """Bend light above the knee so that nothing reaches 1 abruptly; may use the given memory."""
    flat = np.ascontiguousarray(colours, np.float32).reshape(-1, colours.shape[-1])
    cv2.threshold(flat, 0, 0, cv2.THRESH_TOZERO, dst=flat)
    low = cv2.threshold(flat, knee, 0, cv2.THRESH_TRUNC)[1]
    over = cv2.subtract(flat, low, dst=flat)
    bent = cv2.addWeighted(over, 1 / (1 - knee), over, 0, 1)
    cv2.divide(over, bent, dst=bent)
    return cv2.add(low, bent, dst=bent).reshape(colours.shape)


def _yuv(colours: Image) -> list[Image]:
    """3×h×w of R'G'B' as Y, Cb, Cr without offsets."""
    # Not a matrix product: BLAS would start threads of its own.
    red, green, blue = np.asarray(colours, np.float32)
    return [red * row[0] + green * row[1] + blue * row[2] for row in TO_YUV]


def _halved(mask: Image) -> Image:
    height, width = mask.shape
    return cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _mix(part: Image, source: Image, alpha: Image) -> None:
    """Towards the source, as far as alpha says; the source is used up."""
    if len(part):
        cv2.subtract(source, part, dst=source)
        cv2.multiply(source, alpha, dst=source, scale=1 / 255, dtype=cv2.CV_32F)
        cv2.add(part, source, dst=part)


def _part(plane: Image, size: tuple[int, ...], at: tuple[int, int]) -> Image:
    return plane[at[0] : at[0] + size[0], at[1] : at[1] + size[1]]


def trimmed(mask: Image, at: tuple[int, int] = (0, 0)) -> tuple[Image, tuple[int, int]]:
    """The even-sided part of a mask that is not empty, and where it lies."""
    left, top, width, height = cv2.boundingRect(mask)
    left, top, right, bottom = left // 2 * 2, top // 2 * 2, left + width + 1, top + height + 1
    right, bottom = max(right // 2 * 2, left + 2), max(bottom // 2 * 2, top + 2)
    return mask[top:bottom, left:right], (at[0] + top, at[1] + left)


def _trimmed_picture(
    colours: Image, mask: Image, at: tuple[int, int]
) -> tuple[Image, Image, tuple[int, int]]:
    """Picture and mask cut down to where the mask is not empty, along the picture's own grid."""
    left, top, width, height = cv2.boundingRect(mask)
    fit, first, last = [], (top, left), (top + height, left + width)
    for count, whole, low, high in zip(colours.shape[1:], mask.shape, first, last, strict=True):
        step = whole / count
        begin, end = max(0, int(low / step) - 1), min(count, int(high / step) + 2)
        edge = whole if end == count else round(end * step / 2) * 2
        fit.append((begin, max(end, begin + 1), round(begin * step / 2) * 2, edge))
    (y0, y1, top, bottom), (x0, x1, left, right) = fit
    return colours[:, y0:y1, x0:x1], mask[top:bottom, left:right], (at[0] + top, at[1] + left)
