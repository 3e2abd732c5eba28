"""Crisp things at full size: lines, curves, ridges, sparks; all anti-aliased and sub-pixel."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

import cv2
import numpy as np

from voxweave.providers.art.colour import TO_YUV, Image, tone
from voxweave.providers.art.plate import Plate

_SHIFT = 4  # sixteenths of a pixel


def fixed(points: Image) -> Image:
    """Pixel positions (n×2) as the sixteenths OpenCV draws in."""
    return np.round(np.asarray(points) * (1 << _SHIFT)).astype(np.int32)


def stroke(ink: Image, points: Image, light: float, width: float = 1.0, *, closed: bool = False) -> None:
    """A line through points in a byte mask; `light` 0..1, thin widths fade instead of vanishing."""
    drawn = max(1, round(width))
    value = round(255 * min(1.0, light) * min(1.0, width))
    cv2.polylines(ink, [fixed(points)], closed, value, drawn, cv2.LINE_AA, _SHIFT)


def strokes(ink: Image, lines: Image, light: float, width: float = 1.0) -> None:
    """Many lines (n×points×2) of one light and width."""
    value = round(255 * min(1.0, light) * min(1.0, width))
    cv2.polylines(ink, list(fixed(lines)), False, value, max(1, round(width)), cv2.LINE_AA, _SHIFT)


def dashes(ink: Image, first: Image, last: Image, light: Image | float, width: Image | float = 1.0) -> None:
    """Many straight strokes at once: ends n×2 in pixels, light and width one each or for all."""
    starts, ends = fixed(first).tolist(), fixed(last).tolist()
    values = np.round(255 * np.clip(light, 0, 1) * np.minimum(1, width))
    values = np.broadcast_to(values, len(starts)).astype(int).tolist()
    widths = np.broadcast_to(np.maximum(1, np.round(width)), len(starts)).astype(int).tolist()
    for start, end, value, wide in zip(starts, ends, values, widths, strict=True):
        if value:
            cv2.line(ink, start, end, value, wide, cv2.LINE_AA, _SHIFT)


def fill(ink: Image, points: Image, light: float = 1.0) -> None:
    """A filled polygon in a byte mask."""
    cv2.fillPoly(ink, [fixed(points)], round(255 * light), cv2.LINE_AA, _SHIFT)


def disc(ink: Image, centre: tuple[float, float], radius: float, light: float = 1.0) -> None:
    """A filled circle in a byte mask."""
    at, reach = fixed(np.array(centre)), round(radius * (1 << _SHIFT))
    where = (int(at[0]), int(at[1]))
    cv2.circle(ink, where, reach, round(255 * light), cv2.FILLED, cv2.LINE_AA, _SHIFT)


def ring(ink: Image, centre: tuple[float, float], radius: float, light: float, width: float) -> None:
    """A circle's line in a byte mask, as a fine polygon (OpenCV's own is bumpy)."""
    turns = np.linspace(0, 2 * np.pi, max(48, round(radius * 0.8)), endpoint=False)
    points = np.stack([centre[0] + radius * np.cos(turns), centre[1] + radius * np.sin(turns)], axis=-1)
    stroke(ink, points, light, width, closed=True)


def ridge(ink: Image, heights: Image) -> None:
    """Fill a byte mask below a line of rows, one per column."""
    fill(ink, below(heights, ink.shape[0]), 1.0)


def spots(shapes: Iterable[Image], size: tuple[int, ...]) -> Iterator[tuple[slice, slice]]:
    """The even-sided parts of a mask of some size in which polygons lie."""
    for shape in shapes:
        left, top = np.maximum(shape.min(axis=0) - 2, 0).astype(int) // 2 * 2
        right, bottom = np.minimum(shape.max(axis=0) + 4, size[::-1]).astype(int) // 2 * 2
        if right > left and bottom > top:
            yield slice(int(top), int(bottom)), slice(int(left), int(right))


def below(rows: Image, bottom: int) -> Image:
    """The polygon under a line of rows, one per column, down to a row below the picture."""
    foot, right = bottom + 8, len(rows) + 4
    line = np.stack([np.arange(len(rows)), np.minimum(rows, foot)], axis=-1)
    ends = np.array([[right, rows[-1]], [right, foot], [-4, foot], [-4, rows[0]]])
    return np.concatenate([line, ends])


def curve(plate: Plate, rows: Image, width: float, colour: Image, gain: Image | float = 1.0) -> None:
    """Add a line that has one row per column of the plate, true to its slope."""
    rows = np.asarray(rows, np.float32)
    slope = np.sqrt(1 + np.gradient(rows) ** 2)
    reach = int(np.ceil((width / 2 + 0.5) * min(float(slope.max()), 2.5))) + 1
    at = np.floor(rows).astype(np.intp) + np.arange(-reach, reach + 1)[:, None]
    away = np.abs(at.astype(np.float32) - rows) / slope
    light = np.clip(np.float32(width / 2 + 0.5) - away, 0, 1) * np.asarray(gain, np.float32)
    columns = np.broadcast_to(np.arange(plate.width), at.shape)
    if at[0].min() < 0 or at[-1].max() >= plate.height:
        inside = (at >= 0) & (at < plate.height)
        at, columns, light = at[inside], columns[inside], light[inside]
    _scatter(plate, at, columns, light.astype(np.float32, copy=False), colour)


def _scatter(plate: Plate, down: Image, across: Image, light: Image, colour: Image) -> None:
    """Add light at pixels, each named once."""
    y, u, v = tone(colour)
    plate.y.reshape(-1)[down * plate.width + across] += light * np.float32(y)
    half = ((down >> 1) * (plate.width // 2) + (across >> 1)).reshape(-1)
    for plane, amount in ((plate.u, u), (plate.v, v)):
        np.add.at(plane.reshape(-1), half, (light * np.float32(amount / 4)).reshape(-1))


def sparks(plate: Plate, points: Image, sigma: float, colours: Image, light: Image) -> None:
    """Add small soft lights: points n×2 in pixels, one width, colours 3 or n×3, light n."""
    tones = np.asarray(colours, np.float32) @ TO_YUV.T * np.asarray(light, np.float32)[:, None]
    _splat((plate.y,), points, max(sigma, 0.55), tones[:, :1])
    wide = max(sigma / 2, 0.55)
    thin = np.float32((max(sigma, 0.55) / 2 / wide) ** 2)
    _splat((plate.u, plate.v), (points + 0.5) * 0.5 - 0.5, wide, tones[:, 1:] * thin)


def glimmer(small: Image, points: Image, sigma: float, colour: Image, light: Image) -> None:
    """The same on small planes (3×h×w) that are laid later; places and width in their own cells."""
    for plane, amount in zip(small, tone(colour), strict=True):
        _splat((plane,), points - 0.5, sigma, (light * np.float32(amount))[:, None])


def _splat(planes: tuple[Image, ...], points: Image, sigma: float, amounts: Image) -> None:
    """Add one stamp for each point to planes of one size, each with its own column of amounts."""
    height, width = planes[0].shape
    stamps, phases = _stamps(sigma)
    reach = stamps.shape[1] // 2
    whole = np.floor(points + 0.5)
    across, down = whole.astype(np.intp).T
    part = np.minimum((points - whole + 0.5) * phases, phases - 1).astype(np.intp)
    near = (across >= -reach) & (across < width + reach) & (down >= -reach) & (down < height + reach)
    if not near.all():
        across, down, part, amounts = across[near], down[near], part[near], amounts[near]
    drawn = stamps[part[:, 1] * phases + part[:, 0]]
    steps = np.arange(-reach, reach + 1)
    rows, columns = down[:, None] + steps, across[:, None] + steps
    if len(rows) and (rows.min() < 0 or rows.max() >= height or columns.min() < 0 or columns.max() >= width):
        drawn *= ((rows >= 0) & (rows < height))[:, :, None] & ((columns >= 0) & (columns < width))[:, None]
        rows, columns = np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)
    flat = (rows[:, :, None] * width + columns[:, None, :]).reshape(-1)
    for plane, amount in zip(planes, amounts.T, strict=True):
        np.add.at(plane.reshape(-1), flat, (drawn * amount[:, None, None]).reshape(-1))


@lru_cache(maxsize=64)
def _stamps(sigma: float) -> tuple[Image, int]:
    """A bell of light at every sixteenth of a pixel (wide ones at every eighth), and how many to a side."""
    phases, reach = 16 if sigma < 2 else 8, int(np.ceil(2.6 * sigma))
    off = (np.arange(phases, dtype=np.float32) + np.float32(0.5)) / phases - np.float32(0.5)
    falls = np.exp(-0.5 * ((np.arange(-reach, reach + 1, dtype=np.float32) - off[:, None]) / sigma) ** 2)
    stamps = (falls[:, None, :, None] * falls[None, :, None, :]).astype(np.float32)
    return stamps.reshape(phases * phases, 2 * reach + 1, 2 * reach + 1), phases


def outline(distance: Image, size: tuple[int, int]) -> Image:
    """A byte mask of some size where a small field of signed distances, in the mask's pixels, is positive."""
    held = (np.clip(distance, -6, 6) + np.float32(0.5)) * np.float32(255)
    grown = cv2.resize(held, size[::-1], interpolation=cv2.INTER_CUBIC)
    cv2.threshold(grown, 0, 0, cv2.THRESH_TOZERO, dst=grown)
    return cv2.convertScaleAbs(grown)
