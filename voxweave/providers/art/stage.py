"""What a composition is given: its canvas, its colours, its chance, and the moment it draws."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np

from voxweave.core.film import Canvas
from voxweave.core.style import Style
from voxweave.providers.art.colour import Image, ramp, rgb
from voxweave.providers.art.noise import chance
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.pulse import Beat


@dataclass(frozen=True)
class Moment:
    """When: `t` and `flow` count seconds since the scene began, `flow` hurries as the voice speaks.

    `between` holds the key moments around it, and how far it is from the first to the second; keys have none.
    """

    t: float
    flow: float
    beat: Beat
    frame: int
    between: "tuple[Moment, Moment, float] | None" = None


class Scene(Protocol):
    """A composition set up for one scene."""

    def draw(self, now: Moment, plate: Plate) -> None:
        """Put the moment's whole picture on the plate."""


class Patch(NamedTuple):
    """Part of a grid: its cells, and the pixels they cover, from an even (row, column) on."""

    cells: tuple[slice, slice]
    at: tuple[int, int]
    size: tuple[int, int]


class Grid:
    """A small raster over the canvas; `x` and `y` are 0 in its middle, 1 = the shorter side."""

    def __init__(self, canvas: Canvas, area: int = 88_000) -> None:
        shrink = max(1.0, (canvas.width * canvas.height / area) ** 0.5)
        self.width = round(canvas.width / shrink)
        self.height = round(canvas.height / shrink)
        self.unit = min(canvas.width, canvas.height)
        self.scale = canvas.width / self.width
        self._whole = (canvas.width, canvas.height)
        self.x = _axis(self.width, canvas.width, self.unit)[None, :]
        self.y = _axis(self.height, canvas.height, self.unit)[:, None]

    @property
    def size(self) -> tuple[int, int]:
        """Height, width."""
        return self.height, self.width

    def glow(self, x: float, y: float, radius: float) -> Image:
        """A round light falling off as a bell."""
        across = decay(-(((self.x - np.float32(x)) / np.float32(radius)) ** 2))
        down = decay(-(((self.y - np.float32(y)) / np.float32(radius)) ** 2))
        return np.asarray(across * down, dtype=np.float32)

    def patch(self, low: Image, high: Image) -> Patch:
        """The cells that cover a part of the canvas, given in full-size pixels (x, y), and their even pixels."""
        first = np.clip(np.asarray(low) / self.scale - 1, 0, [self.width - 2, self.height - 2]).astype(int)
        last = np.clip(np.asarray(high) / self.scale + 2, first + 2, [self.width, self.height]).astype(int)
        left, top = (round(place * self.scale / 2) * 2 for place in first.tolist())
        right, bottom = (round(place * self.scale / 2) * 2 for place in last.tolist())
        if last[0] == self.width:
            right = self._whole[0]
        if last[1] == self.height:
            bottom = self._whole[1]
        cells = (slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0])))
        return Patch(cells, (top, left), (bottom - top, right - left))

    def around(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """The rows and columns of cells within reach of a point."""
        rows = np.searchsorted(self.y[:, 0], [y - reach, y + reach]).tolist()
        columns = np.searchsorted(self.x[0], [x - reach, x + reach]).tolist()
        return slice(*rows), slice(*columns)

    def distance(self, x: float, y: float) -> Image:
        """How far every point is from one."""
        return np.hypot(self.x - np.float32(x), self.y - np.float32(y))

    def bloom(self, ink: Image, *widths: float) -> Image:
        """A byte mask of any size over the whole canvas, shrunk and blurred; widths in shorter sides, summed.

        Blurred where the narrowest is two cells wide or less: what is wide needs no more.
        """
        small, unit = ink, self.unit * ink.shape[1] / self._whole[0]
        while small.shape[1] >= 2 * self.width or min(widths) * unit > 2:
            size = (small.shape[1] // 2, small.shape[0] // 2)
            small = cv2.resize(small, size, interpolation=cv2.INTER_AREA)  # exact halves are the fastest
            unit /= 2
        light = small.astype(np.float32) * np.float32(1 / 255)
        total = soften(light, widths[0] * unit)
        for width in widths[1:]:
            cv2.add(total, soften(light, width * unit), dst=total)
        return cv2.resize(total, (self.width, self.height), interpolation=cv2.INTER_CUBIC)


@dataclass(frozen=True)
class Stage:
    """The canvas, the style and this scene's own chance."""

    canvas: Canvas
    style: Style
    scene: int
    seed: int

    @property
    def unit(self) -> int:
        """Pixels of the shorter side."""
        return min(self.canvas.width, self.canvas.height)

    @property
    def half_width(self) -> float:
        """From the middle to the side, in shorter sides."""
        return self.canvas.width / self.unit / 2

    @property
    def half_height(self) -> float:
        """From the middle to the top, in shorter sides."""
        return self.canvas.height / self.unit / 2

    @cached_property
    def rng(self) -> np.random.Generator:
        """This scene's chance: the same numbers in the same order, always."""
        return chance(self.style.name, self.seed, self.scene)

    @cached_property
    def grid(self) -> Grid:
        """The usual small raster."""
        return Grid(self.canvas)

    @cached_property
    def palette(self) -> list[Image]:
        """The style's colours, darkest first."""
        return [rgb(colour) for colour in self.style.palette]

    @cached_property
    def ramp(self) -> Image:
        """The palette as one smooth run."""
        return ramp(self.palette)

    @property
    def accent(self) -> Image:
        """The first light."""
        return rgb(self.style.accent)

    @property
    def accent2(self) -> Image:
        """The second light."""
        return rgb(self.style.accent2)

    def px(self, length: float) -> float:
        """Shorter sides to pixels."""
        return length * self.unit

    def column(self, x: Any) -> Any:
        """A place across, or a field of them, in pixels."""
        return self.canvas.width / 2 + x * self.unit

    def row(self, y: Any) -> Any:
        """A place down, or a field of them, in pixels."""
        return self.canvas.height / 2 + y * self.unit


def soften(image: Image, sigma: float) -> Image:
    """Blur; wide blurs go through halves of the picture, which the eye cannot tell apart."""
    height, width = image.shape[:2]
    small, left = image, max(sigma, 0.3)
    while left > 2.5 and min(small.shape[:2]) >= 16:
        size = (small.shape[1] // 2, small.shape[0] // 2)
        small = cv2.resize(small, size, interpolation=cv2.INTER_LINEAR)  # of exact halves: the mean of four
        left /= 2
    around = 2 * math.ceil(3 * left) + 1
    small = cv2.GaussianBlur(small, (around, around), left)
    if small.shape == image.shape:
        return small
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def decay(exponent: Any) -> Image:
    """The exponential, never below 1e-11: products of smaller numbers turn denormal, and those are slow."""
    return np.asarray(np.exp(np.maximum(exponent, np.float32(-25))))


def smooth(amount: float) -> float:
    """0..1 eased at both ends."""
    held = min(1.0, max(0.0, amount))
    return held * held * (3 - 2 * held)


def _axis(count: int, pixels: int, unit: int) -> Image:
    middles = (np.arange(count, dtype=np.float64) + 0.5) * pixels / count
    return ((middles - pixels / 2) / unit).astype(np.float32)
