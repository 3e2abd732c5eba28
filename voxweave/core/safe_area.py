"""Where captions may stand on a canvas, and how much text fits there."""

from typing import NamedTuple

from voxweave.core.film import Box, Canvas
from voxweave.core.value import Value

LINE_EM = 1.2
"""Line height in em; the fonts we ship are made to it (scripts/fonts.py)."""


class SafeArea(Value):
    """The caption zone of a canvas; `em_px` is the letters' size."""

    box: Box
    em_px: float
    letters: int
    lines: int = 2


class _Shape(NamedTuple):
    """Rules for canvases at least this wide for their height; shares of width and height."""

    least_aspect: float
    letters: int
    wide: float
    usual: float
    bottom: float


# Landscape: Netflix's 42 letters on BBC's 68 % of the width, room for wide letters up to 80 %.
# 4:3, 1:1 and 4:5: BBC's 90 %, fewer letters so that they stay near 5 % of the height.
_SHAPES = (
    _Shape(1.45, 42, 0.80, 0.68, 0.085),
    _Shape(1.15, 38, 0.90, 0.82, 0.085),
    _Shape(0.90, 32, 0.90, 0.84, 0.08),
    _Shape(0.65, 30, 0.90, 0.84, 0.09),
)
# 9:16: what TikTok, Reels and Shorts all leave free of their own controls (captions.md):
# x 120 to 780, y 960 to 1248 of 1080x1920.
_TALL = (120 / 1080, 780 / 1080, 960 / 1920, 1248 / 1920)
_TALL_LETTERS = 22
_WIDEST = 16 / 9
_LETTER_EM = 0.555
"""Average letter of our caption face with its spaces, measured on English text."""


def safe_area(canvas: Canvas) -> SafeArea:
    """The caption zone of a canvas."""
    aspect = canvas.width / canvas.height
    for shape in _SHAPES:
        if aspect >= shape.least_aspect:
            return _low(canvas, shape)
    return _tall(canvas)


def _low(canvas: Canvas, shape: _Shape) -> SafeArea:
    across = min(canvas.width, canvas.height * _WIDEST)
    em = shape.usual * across / (shape.letters * _LETTER_EM)
    width, height = round(shape.wide * across), round(2 * LINE_EM * em)
    bottom = round(canvas.height * (1 - shape.bottom))
    box = Box(x=(canvas.width - width) // 2, y=bottom - height, width=width, height=height)
    return SafeArea(box=box, em_px=em, letters=shape.letters)


def _tall(canvas: Canvas) -> SafeArea:
    left, right = round(_TALL[0] * canvas.width), round(_TALL[1] * canvas.width)
    bottom = round(_TALL[3] * canvas.height)
    em = (right - left) / (_TALL_LETTERS * _LETTER_EM)
    height = round(2 * LINE_EM * em)
    box = Box(x=left, y=bottom - height, width=right - left, height=height)
    return SafeArea(box=box, em_px=em, letters=_TALL_LETTERS)
