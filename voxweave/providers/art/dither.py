"""The one dither: a still tile without visible pattern, added just before numbers become bytes."""

from functools import lru_cache

import numpy as np

from voxweave.providers.art.colour import Image
from voxweave.providers.art.noise import chance

_SIDE = 128


@lru_cache(maxsize=1)
def _tile() -> Image:
    """Blue noise in -0.5..0.5: white noise, high-passed and ranked again until it holds."""
    noise = chance("dither").random((_SIDE, _SIDE))
    frequency = np.hypot(np.fft.fftfreq(_SIDE)[:, None], np.fft.fftfreq(_SIDE)[None, :])
    high = 1 - np.exp(-((frequency / 0.28) ** 2))
    for _ in range(12):
        filtered = np.real(np.fft.ifft2(np.fft.fft2(noise) * high))
        noise = filtered.ravel().argsort().argsort().reshape(_SIDE, _SIDE) / _SIDE**2
    return np.asarray(noise - noise.mean(), dtype=np.float32)


@lru_cache(maxsize=4)
def dither(height: int, width: int, grain: float = 0.0, offset: float = 0.0) -> Image:
    """The tile laid over a whole picture, plus an offset; `grain` 1 makes it 4 levels wide. Never write to it."""
    laid = np.tile(_tile(), (height // _SIDE + 1, width // _SIDE + 1))[:height, :width]
    whole: Image = np.ascontiguousarray(laid * np.float32(1.0 + 3.0 * grain) + np.float32(offset))
    whole.flags.writeable = False
    return whole
