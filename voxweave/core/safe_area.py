"""Where captions may stand on a canvas, and how much text fits there."""

from typing import Literal, NamedTuple

from voxweave.core.film import Box, Canvas
from voxweave.core.value import Value

Position = Literal["bottom", "middle", "top"]
Shape = Literal["wide", "square", "tall"]

LINE_EM = 1.2
"""Line height in em; the fonts we ship are made to it (scripts/fonts.py)."""
LOOSEST_EM = 1.36
"""Lines of other fonts stand no farther apart, whatever those ask for (Noto's Arabic 2.1 em); room for all marks."""


class SafeArea(Value):
    """The caption zone of a canvas; `em_px` is the letters' size."""

    box: Box
    em_px: float
    letters: int
    lines: int = 2


class _Rules(NamedTuple):
    """Rules for canvases at least this wide for their height; shares of width and height."""

    least_aspect: float
    letters: int
    wide: float
    usual: float
    bottom: float


# Landscape: Netflix's 42 letters on BBC's 68 % of the width, room for wide letters up to 80 %.
# 4:3, 1:1 and 4:5: BBC's 90 %, fewer letters so that they stay near 5 % of the height.
_SHAPES = (
    _Rules(1.45, 42, 0.80, 0.68, 0.085),
    _Rules(1.15, 38, 0.90, 0.82, 0.085),
    _Rules(0.90, 32, 0.90, 0.84, 0.08),
    _Rules(0.65, 30, 0.90, 0.84, 0.09),
)
# 9:16: what TikTok, Reels and Shorts all leave free of their own controls (captions.md):
# x 120 to 780, y 960 to 1248 of 1080x1920.
_TALL = (120 / 1080, 780 / 1080, 960 / 1920, 1248 / 1920)
_TALL_TOP = 288 / 1920
_TALL_LETTERS = 22
_WIDEST = 16 / 9
_LETTER_EM = 0.555
"""Average letter of our caption face with its spaces, measured on English text."""


def shape_of(canvas: Canvas) -> Shape:
    """Landscape, about square, or a phone held upright."""
    aspect = canvas.width / canvas.height
    if aspect >= _SHAPES[1].least_aspect:
        return "wide"
    return "square" if aspect >= _SHAPES[-1].least_aspect else "tall"


def safe_area(canvas: Canvas, position: Position = "bottom", *, scale: float = 1.0) -> SafeArea:
    """The caption zone of a canvas, for letters `scale` times the usual size."""
    aspect = canvas.width / canvas.height
    for shape in _SHAPES:
        if aspect >= shape.least_aspect:
            return _low(canvas, shape, position, scale=scale)
    return _tall(canvas, position, scale=scale)


def _low(canvas: Canvas, shape: _Rules, position: Position, *, scale: float) -> SafeArea:
    across = min(canvas.width, canvas.height * _WIDEST)
    em = scale * shape.usual * across / (shape.letters * _LETTER_EM)
    width, height = round(shape.wide * across), round(2 * LINE_EM * em)
    margin = round(canvas.height * shape.bottom)
    free = Box(x=(canvas.width - width) // 2, y=margin, width=width, height=canvas.height - 2 * margin)
    bottom = round(canvas.height * (1 - shape.bottom))
    box = _standing(free, height, position, bottom=bottom)
    return SafeArea(box=box, em_px=em, letters=shape.letters)


def _tall(canvas: Canvas, position: Position, *, scale: float) -> SafeArea:
    left, right = round(_TALL[0] * canvas.width), round(_TALL[1] * canvas.width)
    top, bottom = round(_TALL_TOP * canvas.height), round(_TALL[3] * canvas.height)
    em = scale * (right - left) / (_TALL_LETTERS * _LETTER_EM)
    free = Box(x=left, y=top, width=right - left, height=bottom - top)
    box = _standing(free, round(2 * LINE_EM * em), position, bottom=bottom)
    return SafeArea(box=box, em_px=em, letters=_TALL_LETTERS)


def _standing(free: Box, height: int, position: Position, *, bottom: int) -> Box:
    """A box of that height at the bottom, the middle or the top of what is free."""
    tops = {"bottom": bottom - height, "middle": free.y + (free.height - height) // 2, "top": free.y}
    return Box(x=free.x, y=tops[position], width=free.width, height=height)
