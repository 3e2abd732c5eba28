"""The picture while it is being made: float planes, and the few ways to put light on them."""

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise

import cv2
import numpy as np

from voxweave.core.film import Canvas
from voxweave.media.planes import Bytes, Planes
from voxweave.providers.art.colour import OFFSET, TO_YUV, Image, tone
from voxweave.providers.art.dither import TILE, dither

_BAND = 96
"""Rows of a mask that are looked at together."""

SPARE = 48
"""Rows and columns of room beyond the plate's own."""

WHITE = 235
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
        self.second_ink: Image = np.zeros((self.height, self.width), np.uint8)
        self._fine: Image | None = None
        self._scratch: Image = np.empty((self.height + SPARE) * (self.width + SPARE), np.float32)
        self._tile = dither(self.width, grain, float(OFFSET[0]))
        self._half_tile = dither(half[1], 0.0, float(OFFSET[1]))

    def ground(self, colours: Image, last_row: int | None = None) -> None:
        """Fill the plate from a small R'G'B' picture (3×h×w); light above 1 rolls off softly.

        The picture is used up. With `last_row` (even) only the rows above are filled: the rest will be covered.
        """
        self.lay(toned(colours), last_row)

    def lay(self, small: Image, last_row: int | None = None) -> None:
        """Fill the plate from small planes (Y, Cb, Cr without offsets), the luma with rounder curves."""
        last = self.height if last_row is None else max(2, min(self.height, last_row))
        count = small.shape[1]
        cells = min(count, -(-last * count // self.height) + 1)
        for own, plane in zip(small, (self.y, self.u, self.v), strict=True):
            rows = plane[: round(plane.shape[0] * cells / count)]
            _stretch(own[:cells], rows, rounder=plane is self.y)

    def light(self, colours: Image, first_row: int = 0, last_row: int | None = None) -> None:
        """Add a small R'G'B' picture of light to the plate, or stretched over some even rows of it."""
        self.shed(planes_of(colours), first_row, last_row)

    def shed(
        self,
        small: Image,
        first_row: int = 0,
        last_row: int | None = None,
        *,
        columns: tuple[int, int] | None = None,
    ) -> None:
        """The same from small planes (Y, Cb, Cr without offsets), and between even columns, if they are named."""
        last_row = self.height if last_row is None else last_row
        left, right = columns or (0, self.width)
        for own, plane in zip(small, (self.y, self.u, self.v), strict=True):
            shrink = self.height // plane.shape[0]
            part = plane[first_row // shrink : last_row // shrink, left // shrink : right // shrink]
            cv2.add(part, self._stretched(own, part.shape, cv2.INTER_LINEAR), dst=part)

    def ground_inside(self, colours: Image, mask: Image, at: tuple[int, int] = (0, 0)) -> None:
        """Cover with a small R'G'B' picture where a byte mask says so; the picture is used up."""
        self.inside(toned(colours), mask, at)

    def inside(
        self, small: Image, mask: Image, at: tuple[int, int] = (0, 0), *, solid: int | None = None
    ) -> None:
        """Cover with small planes (Y, Cb, Cr without offsets) where a byte mask says so.

        Both span the same part of the plate, whose top left (row, column) is even. From its row `solid` on,
        the mask is known to be full.
        """
        first = at[0]
        small, mask, at = _trimmed_picture(small, mask, at)
        full = mask.shape[0] if solid is None else max(0, min(mask.shape[0], solid + first - at[0]) // 2 * 2)
        for own, (part, alpha) in zip(small, self._parts(mask, at), strict=True):
            source = self._stretched(own, part.shape, cv2.INTER_LINEAR)
            mixed = full * len(part) // len(mask)
            for top in range(0, mixed, _BAND):  # few rows stay in the fast memory from step to step
                rows = slice(top, min(top + _BAND, mixed))
                _mix(part[rows], source[rows], alpha[rows])
            part[mixed:] = source[mixed:]

    def cover_spots(self, mask: Image, spots: Iterable[tuple[slice, slice]], colour: Image) -> None:
        """Cover with one colour through the parts of a byte mask that have something in them (even corners)."""
        tones = tone(colour)
        for rows, columns in spots:
            parts = self._parts(mask[rows, columns], (rows.start, columns.start))
            for amount, (part, alpha) in zip(tones, parts, strict=True):
                _tint(part, alpha, amount)

    def _stretched(self, small: Image, size: tuple[int, ...], how: int) -> Image:
        """A small plane at a larger size, in memory that is used again and again."""
        if size[0] > 6 * small.shape[0] or size[1] > 6 * small.shape[1]:
            # Linear steps over so many pixels would show: go through a finer picture first.
            finer = (max(small.shape[1], size[1] // 4), max(small.shape[0], size[0] // 4))
            small = cv2.resize(small, finer, interpolation=cv2.INTER_CUBIC)
        return cv2.resize(small, (size[1], size[0]), dst=self.room(size[0], size[1]), interpolation=how)

    def room(self, height: int, width: int, kind: type[np.generic] = np.float32) -> Image:
        """Memory for one plane, up to `SPARE` larger than the plate; the next who asks gets the same."""
        return self._scratch.view(kind)[: height * width].reshape(height, width)

    def add(self, mask: Image, colour: Image, gain: float = 1.0, at: tuple[int, int] = (0, 0)) -> None:
        """Add light of one colour through a byte mask whose top left (row, column) is even."""
        tones = [amount * gain / 255 for amount in tone(colour)]
        for ink, where in _pieces(mask, at):
            for amount, (part, alpha) in zip(tones, self._parts(ink, where), strict=True):
                cv2.addWeighted(part, 1, alpha, amount, 0, dst=part, dtype=cv2.CV_32F)

    def sprinkle(self, mask: Image) -> None:
        """Add a byte mask of small faint light, in levels of luma, on top of all; it must live until `write`.

        For what has no gradients: in bytes it costs a tenth. Where text stands it is not calmed, so keep it faint.
        """
        self._fine = mask

    def shelter(self, rows: slice, columns: slice) -> None:
        """Keep what was sprinkled away from a part of the plate."""
        if self._fine is not None:
            self._fine[rows, columns] = 0

    def cover(self, mask: Image, colour: Image, at: tuple[int, int] = (0, 0)) -> None:
        """Cover with one colour through a byte mask whose top left (row, column) is even."""
        tones = tone(colour)
        for ink, where in _pieces(*trimmed(mask, at)):
            full = where[0] > at[0] and ink.min() == 255
            for amount, (part, alpha) in zip(tones, self._parts(ink, where), strict=True):
                if full:
                    part.fill(amount)
                else:
                    _tint(part, alpha, amount)

    def _parts(self, mask: Image, at: tuple[int, int]) -> tuple[tuple[Image, Image], ...]:
        """What a mask covers of each plane, with the mask at that plane's size."""
        halved = _halved(mask)
        half = (at[0] // 2, at[1] // 2)
        return (
            (_part(self.y, mask.shape, at), mask),
            (_part(self.u, halved.shape, half), halved),
            (_part(self.v, halved.shape, half), halved),
        )

    def write(self, planes: Planes, gain: float = 1.0) -> None:
        """Dither once and hand over bytes; `gain` below 1 fades to black."""
        if gain < 1:
            for plane in (self.y, self.u, self.v):
                np.multiply(plane, np.float32(gain), out=plane)
        _dithered(self.y, self._tile, planes.y)
        if self._fine is not None:
            cv2.add(
                planes.y,
                cv2.convertScaleAbs(self._fine, alpha=gain) if gain < 1 else self._fine,
                dst=planes.y,
            )
            self._fine = None
        cv2.threshold(planes.y, WHITE, 0, cv2.THRESH_TRUNC, dst=planes.y)
        for plane, out in ((self.u, planes.u), (self.v, planes.v)):
            _dithered(plane, self._half_tile, out)


def _stretch(small: Image, rows: Image, *, rounder: bool) -> None:
    """A small plane over some rows; rounder curves go through a finer picture first, if it is coarse.

    Straight lines over three pixels pass for cubic curves, and cost half.
    """
    size, how = (rows.shape[1], rows.shape[0]), cv2.INTER_LINEAR
    if rounder and min(size[0] - 4 * small.shape[1], size[1] - 4 * small.shape[0]) > 0:
        small = cv2.resize(small, (size[0] // 3, size[1] // 3), interpolation=cv2.INTER_CUBIC)
    elif rounder:
        how = cv2.INTER_CUBIC
    cv2.resize(small, size, dst=rows, interpolation=how)


def _dithered(plane: Image, tile: Image, out: Bytes) -> None:
    for top in range(0, len(plane), TILE):
        rows = plane[top : top + TILE]
        cv2.add(rows, tile[: len(rows)], dst=out[top : top + TILE], dtype=cv2.CV_8U)


def toned(colours: Image) -> Image:
    """A small R'G'B' picture (3×h×w) as Y, Cb, Cr without offsets; light above 1 rolls off softly.

    The picture is used up.
    """
    return planes_of(roll_off(colours))


def roll_off(colours: Image, knee: float = 0.72) -> Image:
    """Bend light above the knee so that nothing reaches 1 abruptly; may use the given memory."""
    flat = np.ascontiguousarray(colours, np.float32).reshape(-1, colours.shape[-1])
    cv2.threshold(flat, 0, 0, cv2.THRESH_TOZERO, dst=flat)
    low = cv2.threshold(flat, knee, 0, cv2.THRESH_TRUNC)[1]
    over = cv2.subtract(flat, low, dst=flat)
    bent = cv2.addWeighted(over, 1 / (1 - knee), over, 0, 1)
    cv2.divide(over, bent, dst=bent)
    return cv2.add(low, bent, dst=bent).reshape(colours.shape)


def planes_of(colours: Image) -> Image:
    """3×h×w of R'G'B' as Y, Cb, Cr without offsets."""
    # Not a matrix product: BLAS would start threads of its own.
    red, green, blue = np.ascontiguousarray(colours, np.float32)
    out: Image = np.empty((3, *red.shape), np.float32)
    for plane, (first, second, third) in zip(out, TO_YUV.tolist(), strict=True):
        cv2.addWeighted(red, first, green, second, 0, dst=plane)
        cv2.scaleAdd(blue, third, plane, dst=plane)
    return out


def _halved(mask: Image) -> Image:
    height, width = mask.shape
    return cv2.resize(mask, (width // 2, height // 2), interpolation=cv2.INTER_AREA)


def _mix(part: Image, source: Image, alpha: Image) -> None:
    """Towards the source, as far as alpha says; the source is used up."""
    cv2.subtract(source, part, dst=source)
    cv2.multiply(source, alpha, dst=source, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.add(part, source, dst=part)


def _tint(part: Image, alpha: Image, amount: float) -> None:
    """Towards one level, as far as alpha says."""
    cv2.multiply(part, cv2.bitwise_not(alpha), dst=part, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.addWeighted(part, 1, alpha, amount / 255, 0, dst=part, dtype=cv2.CV_32F)


def _part(plane: Image, size: tuple[int, ...], at: tuple[int, int]) -> Image:
    return plane[at[0] : at[0] + size[0], at[1] : at[1] + size[1]]


def _pieces(mask: Image, at: tuple[int, int]) -> Iterator[tuple[Image, tuple[int, int]]]:
    """The bands of a mask that are not empty, whole rows of it: neighbours in one piece."""
    edges = [*range(0, len(mask), _BAND), len(mask)]
    filled = [cv2.hasNonZero(mask[top:bottom]) for top, bottom in pairwise(edges)]
    for inked, run in groupby(range(len(filled)), filled.__getitem__):
        if inked:
            bands = list(run)
            top, bottom = edges[bands[0]], edges[bands[-1] + 1]
            yield mask[top:bottom], (at[0] + top, at[1])


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
