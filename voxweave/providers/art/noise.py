"""Chance that is always the same: seeded numbers and tiling noise."""

import zlib

import cv2
import numpy as np

from voxweave.providers.art.colour import Image


def chance(*key: object) -> np.random.Generator:
    """Random numbers decided by the key alone, on every machine and in every run."""
    return np.random.Generator(np.random.PCG64(zlib.crc32(repr(key).encode())))


def lattice(size: tuple[int, int], cells: tuple[int, int], rng: np.random.Generator) -> Image:
    """Smooth noise of mean 0 that tiles, height×width, with so many cells down and across."""
    grid = rng.standard_normal(cells).astype(np.float32)
    (height, width), (down, across) = size, cells
    y = (np.arange(height, dtype=np.float32) + 0.5) * np.float32(down / height) - 0.5
    x = (np.arange(width, dtype=np.float32) + 0.5) * np.float32(across / width) - 0.5
    # Separable: stretch rows, then columns; remap with wrapping is exact where resize would leave a seam.
    wide = cv2.remap(
        grid, *_lines(x[None, :], np.arange(down)[:, None]), cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP
    )
    return cv2.remap(
        wide, *_lines(np.arange(width)[None, :], y[:, None]), cv2.INTER_CUBIC, borderMode=cv2.BORDER_WRAP
    )


def _lines(x: Image, y: Image) -> tuple[Image, Image]:
    first, second = np.broadcast_arrays(x.astype(np.float32), y.astype(np.float32))
    return np.ascontiguousarray(first), np.ascontiguousarray(second)


def fbm(size: tuple[int, int], cells: tuple[int, int], octaves: int, rng: np.random.Generator) -> Image:
    """Cloud-like noise that tiles, stretched to 0..1 with its middle at about 0.5."""
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        count = (cells[0] << octave, cells[1] << octave)
        if count[0] * 2 > size[0] or count[1] * 2 > size[1]:
            break
        total += lattice(size, count, rng) * np.float32(0.5**octave)
    spread = 2.6 * float(total.std()) + 1e-6
    return np.asarray(np.clip(total / np.float32(2 * spread) + np.float32(0.5), 0, 1))


def wander(
    length: int, knots: int, rng: np.random.Generator, *, octaves: int = 5, rough: float = 0.5
) -> Image:
    """A ragged line of heights around 0, about ±1: ridges, cracks, tree lines."""
    line = np.zeros(length, np.float32)
    for octave in range(octaves):
        points = rng.standard_normal((1, knots * 2**octave + 4)).astype(np.float32)
        fine = cv2.resize(points, (length, 1), interpolation=cv2.INTER_CUBIC)
        line += fine[0] * np.float32(rough**octave)
    return np.asarray(line / np.float32(1.6))


def sample(texture: Image, x: Image, y: Image) -> Image:
    """Read a tiling texture at fields of positions, in units of one tile."""
    height, width = texture.shape[:2]
    shape = np.broadcast_shapes(x.shape, y.shape)
    # cv2.remap counts in 16 bits inside: keep positions small.
    u, v = (np.asarray(axis, np.float32) for axis in (x, y))
    u, v = (u - np.floor(u)) * np.float32(width), (v - np.floor(v)) * np.float32(height)
    u, v = np.broadcast_to(u, shape), np.broadcast_to(v, shape)
    return cv2.remap(texture, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
