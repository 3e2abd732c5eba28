"""Colours: sRGB text to numbers, palettes to ramps, R'G'B' to BT.709 limited-range Y'CbCr."""

from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[Any]
"""Float32 unless said otherwise; colours are gamma-coded R'G'B', 0 to 1.

Painted scenery has its colours on the last axis, as OpenCV likes; light computed every frame has them on
the first (3×h×w), where sums are five times as fast.
"""

TO_YUV = np.array(
    [
        [219 * 0.2126, 219 * 0.7152, 219 * 0.0722],
        [-224 * 0.2126 / 1.8556, -224 * 0.7152 / 1.8556, 224 * 0.9278 / 1.8556],
        [224 * 0.7874 / 1.5748, -224 * 0.7152 / 1.5748, -224 * 0.0722 / 1.5748],
    ],
    dtype=np.float32,
)
"""BT.709, without the offsets 16, 128, 128."""

OFFSET = np.array([16, 128, 128], dtype=np.float32)

_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(colour: str) -> Image:
    """`#rrggbb` as three floats."""
    return np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)], dtype=np.float32)


def tone(colour: Image) -> tuple[float, float, float]:
    """What a colour adds to Y, Cb and Cr, without offsets."""
    y, u, v = (float(number) for number in TO_YUV @ colour)
    return y, u, v


def mix(first: Image, second: Image, amount: float) -> Image:
    """From the first colour towards the second."""
    return np.asarray(first + (second - first) * np.float32(amount), dtype=np.float32)


_STEPS = 1024


def ramp(colours: list[Image]) -> Image:
    """A smooth run through colours (steps×3), blended in Oklab so that no step looks muddy."""
    stops = np.linspace(0, 1, len(colours))
    lab = np.array([_to_oklab(colour) for colour in colours])
    at = np.linspace(0, 1, _STEPS)
    blended = np.stack([np.interp(at, stops, lab[:, axis]) for axis in range(3)], axis=-1)
    kernel = np.hanning(_STEPS // 10 + 1)
    padded = np.pad(blended, ((len(kernel) // 2,) * 2, (0, 0)), mode="edge")
    smooth = [np.convolve(padded[:, axis], kernel / kernel.sum(), "valid") for axis in range(3)]
    return np.asarray(_from_oklab(np.stack(smooth, axis=-1)), dtype=np.float32)


def shade(ramped: Image, amount: Image) -> Image:
    """Look a field of 0..1 up in a ramp: 3×h×w."""
    at = (amount * np.float32(len(ramped) - 1)).astype(np.int32)
    out: Image = np.empty((3, *at.shape), np.float32)
    for channel, row in zip(np.ascontiguousarray(ramped.T), out, strict=True):
        np.take(channel, at, out=row, mode="clip")
    return out


def tint(light: Image, colour: Image, gain: float = 1.0) -> Image:
    """A field of light in one colour: 3×h×w."""
    return np.multiply.outer(np.asarray(colour * np.float32(gain), np.float32), light)


def _to_oklab(colour: Image) -> Image:
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return np.asarray(_LAB @ np.cbrt(_LMS @ linear))


def _from_oklab(lab: Image) -> Image:
    linear = (lab @ np.linalg.inv(_LAB).T) ** 3 @ np.linalg.inv(_LMS).T
    linear = np.clip(linear, 0, 1)
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055))
