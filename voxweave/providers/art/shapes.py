"""Crisp things at full size: lines, curves, ridges, sparks; all anti-aliased and sub-pixel."""

import cv2
import numpy as np

from voxweave.providers.art.colour import TO_YUV, Image
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


def ridge(ink: Image, heights: Image, light: float = 1.0) -> None:
    """Fill a byte mask below a line of rows, one per column."""
    fill(ink, below(heights, ink.shape[0]), light)


def below(rows: Image, bottom: int) -> Image:
    """The polygon under a line of rows, one per column, down to a row below the picture."""
    foot, right = bottom + 8, len(rows) + 4
    line = np.stack([np.arange(len(rows)), np.minimum(rows, foot)], axis=-1)
    ends = np.array([[right, rows[-1]], [right, foot], [-4, foot], [-4, rows[0]]])
    return np.concatenate([line, ends])


def curve(plate: Plate, rows: Image, width: float, colour: Image, gain: Image | float = 1.0) -> None:
    """Add a line that has one row per column of the plate, true to its slope."""
    reach = int(np.ceil(width / 2 * 2.5)) + 2
    slope = np.sqrt(1 + np.gradient(rows) ** 2)
    base = np.floor(rows).astype(np.int32)
    steps = np.arange(-reach, reach + 1, dtype=np.int32)[:, None]
    at = base[None, :] + steps
    away = np.abs(at - rows[None, :]) / slope[None, :]
    light = np.clip(np.float32(width / 2 + 0.5) - away, 0, 1) * np.asarray(gain, np.float32)
    _scatter(plate, at, light, colour)


def _scatter(plate: Plate, rows: Image, light: Image, colour: Image) -> None:
    """Add column-wise light; rows outside the plate are dropped."""
    y, u, v = (TO_YUV @ colour).tolist()
    columns = np.broadcast_to(np.arange(plate.width), rows.shape)
    inside = (rows >= 0) & (rows < plate.height) & (light > 0)
    down, across, amount = rows[inside], columns[inside], light[inside].astype(np.float32)
    plate.y[down, across] += amount * np.float32(y)
    half = (down // 2) * (plate.width // 2) + across // 2
    for plane, tint in ((plate.u, u), (plate.v, v)):
        np.add.at(plane.reshape(-1), half, amount * np.float32(tint / 4))


def sparks(plate: Plate, points: Image, sigma: float, colours: Image, light: Image) -> None:
    """Add small soft lights: points n×2 in pixels, one width, colours 3 or n×3, light n."""
    tones = np.broadcast_to(np.asarray(colours) @ TO_YUV.T, (len(points), 3)).astype(np.float32)
    sigma = max(sigma, 0.55)
    for plane, axis, scale in ((plate.y, 0, 1.0), (plate.u, 1, 0.5), (plate.v, 2, 0.5)):
        wide = max(sigma * scale, 0.55)
        thin = (sigma * scale / wide) ** 2
        _splat(plane, (points + 0.5) * scale - 0.5, wide, tones[:, axis] * light * np.float32(thin))


def _splat(plane: Image, points: Image, sigma: float, amounts: Image) -> None:
    height, width = plane.shape
    reach = int(np.ceil(2.6 * sigma))
    inside = (
        (points[:, 0] > -reach)
        & (points[:, 0] < width + reach)
        & (points[:, 1] > -reach)
        & (points[:, 1] < height + reach)
    )
    points, amounts = points[inside], np.asarray(amounts, np.float32)[inside]
    steps = np.arange(-reach, reach + 1)
    base = np.round(points).astype(np.int64)
    across, down = base[:, 0, None] + steps, base[:, 1, None] + steps
    fall_x = np.exp(-0.5 * ((across - points[:, 0, None]) / sigma) ** 2)
    fall_y = np.exp(-0.5 * ((down - points[:, 1, None]) / sigma) ** 2)
    fall_x[(across < 0) | (across >= width)] = 0
    fall_y[(down < 0) | (down >= height)] = 0
    flat = np.clip(down, 0, height - 1)[:, :, None] * width + np.clip(across, 0, width - 1)[:, None, :]
    weights = fall_y[:, :, None] * fall_x[:, None, :] * amounts[:, None, None]
    np.add.at(plane.reshape(-1), flat.reshape(-1), weights.reshape(-1).astype(np.float32))


def outline(plate: Plate, distance: Image) -> Image:
    """A full-size byte mask of where a small field of signed distances, in full-size pixels, is positive."""
    held = (np.clip(distance, -6, 6) + 0.5) * 255
    grown = cv2.resize(held, (plate.width, plate.height), interpolation=cv2.INTER_CUBIC)
    cv2.threshold(grown, 0, 0, cv2.THRESH_TOZERO, dst=grown)
    return cv2.convertScaleAbs(grown)
