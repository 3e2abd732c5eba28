"""How well letters stand out from a picture: a ratio as WCAG counts it, measured on the frame itself."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
"""Rows of pixels: red, green and blue."""

_ALIKE = 56
"""A pixel belongs to a letter when no channel is farther than this from the letter's colour."""
_SHARE = 0.01
"""How much of a text's box letters cover at least, if they are there at all."""
_RING_EM = (0.03, 0.13)
"""Around the letters, in em: where their outline or panel is, if they have one, else the picture."""
_BRIGHT = 75


@dataclass(frozen=True)
class Contrast:
    """The ratio, from 1 to 21; `seen` when the letters themselves were found in the picture."""

    ratio: float
    seen: bool


def contrast(picture: Picture, colours: list[str], em_px: float, *, edge: str = "") -> Contrast:
    """Letters of one of the colours against what touches them, in the box where the text stands.

    Where no such letters are in the picture (captions that a player draws) it is the first colour
    against the `edge` that is meant to be around it, or the picture's own bright parts if those are better.
    """
    masks = [_letters(picture, colour) for colour in colours]
    best = max(range(len(masks)), key=lambda index: float(masks[index].mean()))
    light, share = luminance(picture), float(masks[best].mean())
    if share < _SHARE:
        behind = np.percentile(light, _BRIGHT if _of(colours[0]) > 0.18 else 100 - _BRIGHT)
        ratios = [_ratio(_of(colours[0]), other) for other in (float(behind), *([_of(edge)] if edge else []))]
        return Contrast(max(ratios), seen=False)
    ring = _ring(masks[best], em_px)
    around = light[ring] if ring.any() else light.ravel()
    letters = float(np.median(light[masks[best]]))
    return Contrast(_ratio(letters, float(np.median(around))), seen=True)


def luminance(picture: Picture) -> npt.NDArray[np.float64]:
    """Relative luminance of every pixel, 0 to 1."""
    share = picture.astype(np.float64) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _of(colour: str) -> float:
    return float(luminance(np.array([[_rgb(colour)]], np.uint8))[0, 0])


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _letters(picture: Picture, colour: str) -> npt.NDArray[np.bool_]:
    away = np.abs(picture.astype(np.int16) - np.array(_rgb(colour), np.int16)).max(axis=2)
    return _enclosed(np.asarray(away <= _ALIKE))


def _enclosed(alike: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Without what reaches the edge of the box: that is the picture, not a letter."""
    _, labels = cv2.connectedComponents(alike.astype(np.uint8))
    edges = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    return np.asarray(alike & ~np.isin(labels, edges[edges > 0]))


def _ring(letters: npt.NDArray[np.bool_], em_px: float) -> npt.NDArray[np.bool_]:
    near, far = (max(1, round(share * em_px)) for share in _RING_EM)
    drawn = letters.astype(np.uint8)
    inner, outer = (cv2.dilate(drawn, np.ones((2 * px + 1, 2 * px + 1), np.uint8)) for px in (near, far + 1))
    return np.asarray((outer > 0) & (inner == 0))


def _ratio(one: float, other: float) -> float:
    return round((max(one, other) + 0.05) / (min(one, other) + 0.05), 1)
