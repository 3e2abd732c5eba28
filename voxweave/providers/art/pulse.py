"""What the voice does at a frame: smooth numbers read from its features file."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

from voxweave.providers.art.colour import Image

ROWS_HZ = 100
"""Rows a second in the features file."""

_BEFORE, _AFTER = 300, 300
_LEVEL, _ONSET, _SPEECH, _BANDS = 0, 1, 2, 3
_NEAR = slice(_BEFORE - 60, _AFTER + 61)
"""Rows that syllables and bands are taken from: more than five of their widths to each side."""
_OFFSETS = np.arange(-_BEFORE, _AFTER + 1, dtype=np.float32) / ROWS_HZ


@dataclass(frozen=True)
class Beat:
    """The voice around one moment, all numbers 0..1.

    `level` follows syllables, `swell` phrases; `spark` leaps at an onset and dies in a third of a
    second; `presence` sinks in pauses; `bands` run from low to high; `past` is what `trail` is made of.
    """

    level: float
    swell: float
    spark: float
    presence: float
    bands: Image
    past: tuple[Image, float]

    @cached_property
    def trail(self) -> Image:
        """The level of the last 2.4 seconds, newest first, a hundred a second."""
        return _past(*self.past)

    def echo(self, age: Image) -> Image:
        """The level some seconds ago: ripples that run outwards read this by distance."""
        place = np.clip(age, 0, 2.39) * ROWS_HZ
        return np.asarray(np.interp(place, np.arange(len(self.trail)), self.trail), np.float32)


class Pulse:
    """The features file of one narration; rows outside it are silence."""

    def __init__(self, voice: Path, rate: Fraction) -> None:
        # An empty file cannot be mapped.
        filled = voice.stat().st_size > 256
        self._rows = np.load(voice, mmap_mode="r" if filled else None)
        self._rate = rate

    def at(self, frame: int) -> Beat:
        """The voice at an absolute frame."""
        position = float(Fraction(frame) * ROWS_HZ / self._rate) - 0.5  # a row stands for its middle
        row = int(position)
        rows = self.rows(row - _BEFORE, row + _AFTER + 1)
        level, swell, spark, presence, bands = _kernels(position - row)
        return Beat(
            level=float(level @ rows[_NEAR, _LEVEL]),
            swell=float(swell @ rows[:, _LEVEL]),
            spark=float(np.max(spark * rows[: len(spark), _ONSET])),
            presence=float(presence @ rows[:, _SPEECH]),
            bands=bands @ rows[_NEAR, _BANDS:],
            past=(rows[:, _LEVEL], position - row),
        )

    def rows(self, first: int, last: int) -> Image:
        """Rows first..last-1 as 0..1, zeros where the file has none."""
        inside = self._rows[max(first, 0) : max(last, 0)]
        out: Image = np.zeros((last - first, 11), np.float32)
        start = max(-first, 0)
        out[start : start + len(inside)] = inside
        return out / np.float32(255)

    def travel(self, first: int, frames: int) -> "Travel":
        """How far the level has carried things since frame `first`."""
        row = int(Fraction(first) * ROWS_HZ / self._rate)
        count = int(Fraction(frames) * ROWS_HZ / self._rate) + 2
        level = self.rows(row - _BEFORE, row + count + _BEFORE)[:, _LEVEL]
        kernel = np.hanning(2 * _BEFORE + 1)
        smooth = np.convolve(level, kernel / kernel.sum(), "valid")
        return Travel(np.concatenate([[0.0], np.cumsum(smooth)]) / ROWS_HZ, first, self._rate)


@dataclass(frozen=True)
class Travel:
    """Seconds of full voice passed since a scene began."""

    sums: Image
    first: int
    rate: Fraction

    def at(self, frame: int) -> float:
        """Seconds of full voice up to an absolute frame."""
        row = float(Fraction(frame - self.first) * ROWS_HZ / self.rate)
        return float(np.interp(row, np.arange(len(self.sums)), self.sums))


@lru_cache(maxsize=512)
def _kernels(part: float) -> tuple[Image, Image, Image, Image, Image]:
    """The weights of level, swell, spark, presence and bands, for a moment so far into its row.

    Frame rates of whole numbers need three at most, 1001ths a few hundred.
    """
    off = _OFFSETS - np.float32(part / ROWS_HZ)
    struck = _strike(-off[: _BEFORE + 8])
    return _bell(off[_NEAR], 0.11), _bell(off, 0.8), struck, _bell(off, 0.4), _bell(off[_NEAR], 0.085)


def _bell(offsets: Image, width: float) -> Image:
    weights = np.exp(-0.5 * (offsets / np.float32(width)) ** 2)
    return np.asarray(weights / weights.sum())


def _past(level: Image, part: float) -> Image:
    """The level 0, 10, 20 … ms before a moment `part` rows after the middle row, softened."""
    soft = np.convolve(level, _bell(_OFFSETS[_BEFORE - 45 : _BEFORE + 46], 0.15), "same")
    at = _BEFORE + part - np.arange(240)
    return np.asarray(np.interp(at, np.arange(len(soft)), soft), np.float32)


def _strike(age: Image) -> Image:
    """Rise over 70 ms, fall over a third of a second; age in seconds, negative before it happens."""
    rise = np.clip((age + np.float32(0.05)) / np.float32(0.07), 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise) * np.exp(-np.maximum(age, 0) / np.float32(0.33)))
