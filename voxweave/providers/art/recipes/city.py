"""Night cities: how towers, windows and signs are painted, for the compositions that use them."""

from dataclasses import dataclass

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix
from voxweave.providers.art.stage import decay, soften


@dataclass(frozen=True)
class Block:
    """How one row of towers looks; lengths in pixels."""

    widths: tuple[float, float]
    heights: tuple[float, float]
    window: tuple[int, int]
    lit: float
    dark: Image
    haze: Image
    mist: float
    light: float
    lamps: tuple[Image, ...]


def towers(
    size: tuple[int, int], block: Block, rng: np.random.Generator
) -> tuple[Image, Image, list[tuple[int, int]]]:
    """A row of towers filling a band of height×width: colours, coverage, and where the roofs are."""
    height, width = size
    colours = np.zeros((height, width, 3), np.float32)
    alpha = np.zeros(size, np.float32)
    roofs = []
    left = -int(rng.uniform(0, block.widths[0]))
    while left < width:
        wide = int(rng.uniform(*block.widths))
        tall = int(rng.uniform(*block.heights) * rng.uniform(0.72, 1.0))
        _tower(colours, alpha, (left, wide, min(tall, height - 6)), block, rng)
        roofs.append((left + wide // 2, height - min(tall, height - 6)))
        left += wide + int(rng.uniform(-0.12, 0.22) * wide)
    return colours, alpha, roofs


def _tower(
    colours: Image, alpha: Image, shape: tuple[int, int, int], block: Block, rng: np.random.Generator
) -> None:
    left, wide, tall = shape
    steps = int(rng.integers(0, 3))
    inset = 0
    for step in range(steps + 1):
        part = tall if step == steps else int(tall * (0.7 + 0.15 * step))
        _slab(
            colours, alpha, (left + inset, wide - 2 * inset, part), block, rng
        ) if step == 0 or part > 0 else None
        inset += int(wide * rng.uniform(0.08, 0.16))
    if rng.random() < 0.3:
        top = colours.shape[0] - tall
        mast = slice(max(0, top - int(tall * rng.uniform(0.08, 0.22))), max(top, 1))
        column = min(max(left + wide // 2, 0), colours.shape[1] - 2)
        colours[mast, column : column + 2] = block.dark + (block.haze - block.dark) * np.float32(block.mist)
        alpha[mast, column : column + 2] = 1


def _slab(
    colours: Image, alpha: Image, shape: tuple[int, int, int], block: Block, rng: np.random.Generator
) -> None:
    left, wide, tall = shape
    right, top = min(left + wide, colours.shape[1]), colours.shape[0] - tall
    start = max(left, 0)
    if right - start < 4 or tall < 4:
        return
    depth = np.linspace(0, 1, tall, dtype=np.float32)[:, None, None]
    veil = block.mist * (0.45 + 0.55 * depth**1.5)
    body = block.dark + (block.haze - block.dark) * veil
    face = np.broadcast_to(body, (tall, right - start, 3)) * np.float32(rng.uniform(0.82, 1.12))
    glass = windows((tall, right - start), block.window, block.lit, block.lamps, rng)
    face *= (
        1
        - np.float32(0.3)
        * _ribs(right - start, block.window[0] * int(rng.integers(3, 7)), rng)[None, :, None]
    )
    street = decay(-(1 - depth) * np.float32(tall / (0.35 * wide + 0.2 * tall)))
    face += street * block.haze * np.float32(0.5 * (0.25 + block.mist))
    colours[top:, start:right] = face + glass * np.float32(block.light)
    alpha[top:, start:right] = 1
    _trim(colours[top:, start:right], block, rng)


def _ribs(width: int, pitch: int, rng: np.random.Generator) -> Image:
    """Which columns of a face lie back: piers and bays."""
    return ((np.arange(width) + int(rng.integers(pitch))) % pitch < pitch * 0.3).astype(np.float32)


def _trim(face: Image, block: Block, rng: np.random.Generator) -> None:
    """A lit edge, a lit crown, or a great sign; most towers have none."""
    height, width = face.shape[:2]
    lamp = block.lamps[int(rng.integers(len(block.lamps)))]
    line = max(2, block.window[0] // 3)
    chance = rng.random()
    if chance < 0.14:
        place = 0 if rng.random() < 0.5 else width - line
        face[:, place : place + line] = lamp * np.float32(block.light)
    elif chance < 0.26:
        face[: line * 2] = lamp * np.float32(0.9 * block.light)
        face[line * 4 : line * 5] = lamp * np.float32(0.5 * block.light)
    elif chance < 0.5 and block.mist < 0.3 and height > width * 0.9:
        board = sign((min(int(height * 0.6), width * 2), max(8, int(width * 0.26))), lamp, rng)
        top, left = int(height * 0.08), int(rng.uniform(0.1, 0.6) * width)
        part = face[top : top + board.shape[0], left : left + board.shape[1]]
        part[:] = board[: part.shape[0], : part.shape[1]] * np.float32(block.light)


def windows(
    size: tuple[int, int],
    pitch: tuple[int, int],
    lit: float,
    lamps: tuple[Image, ...],
    rng: np.random.Generator,
) -> Image:
    """A wall of windows: some lit, in runs along floors, each lamp its own brightness."""
    height, width = size
    floors, across = height // pitch[1] + 1, width // pitch[0] + 1
    busy = lit * rng.uniform(0.3, 1.7, (floors, 1)) * rng.uniform(0.5, 1.3)
    on = (rng.random((floors, across)) < busy) * rng.uniform(0.18, 1.0, (floors, across)) ** 1.6
    main = lamps[int(rng.integers(len(lamps)))]
    other = lamps[int(rng.integers(len(lamps)))]
    pick = rng.random((floors, across, 1)) < 0.86
    cells = (on[:, :, None] * np.where(pick, main, other)).astype(np.float32)
    rows, columns = np.arange(height), np.arange(width)
    pane_across = ((columns % pitch[0]) < pitch[0] * 0.62).astype(np.float32)
    lines = (
        cells[:, columns // pitch[0]] * pane_across[:, None]
    )  # one a floor: rows are taken whole from here
    wall = lines[rows // pitch[1]]
    wall[(rows % pitch[1]) >= pitch[1] * 0.55] = 0
    return np.asarray(wall)


def sign(size: tuple[int, int], colour: Image, rng: np.random.Generator) -> Image:
    """A hanging neon board with invented glyphs."""
    height, width = size
    board = np.zeros((height, width, 3), np.float32)
    board[:] = colour * np.float32(0.1)
    line = max(1, width // 14)
    cv2.rectangle(board, (line, line), (width - 1 - line, height - 1 - line), colour.tolist(), line)
    cell = max(4, int(width * 0.62))
    pad = (width - cell) // 2
    for top in range(pad, height - cell - pad // 2, int(cell * 1.25)):
        board[top : top + cell, pad : pad + cell] += _glyph(cell, rng)[:, :, None] * mix(
            colour, np.ones(3), 0.45
        )
    return board


def _glyph(side: int, rng: np.random.Generator) -> Image:
    marks = (rng.random((5, 5)) < 0.5).astype(np.float32)
    marks[:, 3:] = marks[:, 1::-1]
    marks[2] = np.maximum(marks[2], rng.random(5) < 0.4)
    return cv2.resize(marks, (side, side), interpolation=cv2.INTER_NEAREST)


def halo(colours: Image, radius: float, amount: float) -> Image:
    """Painted scenery with the glow of its own bright parts added around them, in place."""
    height, width = colours.shape[:2]
    small = cv2.resize(colours, (max(8, width // 3), max(8, height // 3)), interpolation=cv2.INTER_AREA)
    bright = np.maximum(small - np.float32(0.22), 0)
    glow = (soften(bright, radius / 3) + soften(bright, radius * 4 / 3) * np.float32(0.8)) * np.float32(
        amount
    )
    for channel in range(3):  # one after the other: a third of the memory
        grown = cv2.resize(glow[:, :, channel], (width, height), interpolation=cv2.INTER_LINEAR)
        colours[:, :, channel] += grown
    return colours
