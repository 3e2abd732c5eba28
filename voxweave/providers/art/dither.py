"""The one dither: a still tile without visible pattern, added just before numbers become bytes."""

from functools import lru_cache

import numpy as np

from voxweave.providers.art.colour import Image
from voxweave.providers.art.noise import chance

TILE = 128
"""Rows and columns after which the pattern repeats."""


@lru_cache(maxsize=1)
def _tile() -> Image:
    """Blue noise in -0.5..0.5: white noise, high-passed and ranked again until it holds."""
    noise = chance("dither").random((TILE, TILE))
    frequency = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.fftfreq(TILE)[None, :])
    high = 1 - np.exp(-((frequency / 0.28) ** 2))
    for _ in range(12):
        filtered = np.real(np.fft.ifft2(np.fft.fft2(noise) * high))
        noise = filtered.ravel().argsort().argsort().reshape(TILE, TILE) / TILE**2
    return np.asarray(noise - noise.mean(), dtype=np.float32)


@lru_cache(maxsize=8)
def dither(width: int, grain: float = 0.0, offset: float = 0.0) -> Image:
    """The tile laid side by side, plus an offset, `TILE` rows high; `grain` 1 makes it 4 levels wide.

    It repeats downwards: a band that stays in the fast memory costs half of a whole picture's. Never write to it.
    """
    laid = np.tile(_tile(), (1, width // TILE + 1))[:, :width]
    band: Image = np.ascontiguousarray(laid * np.float32(1.0 + 3.0 * grain) + np.float32(offset))
    band.flags.writeable = False
    return band
