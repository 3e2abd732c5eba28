"""Ocean: line after line of water under a low moon."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, planes_of, toned
from voxweave.providers.art.shapes import fixed
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Swell:
    """Line after line of water under a low moon; each row is the voice, a moment later."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._near = np.arange(28) / 27
        self._low = float(rng.uniform(-0.3, -0.12)) * stage.half_height
        self._moon = (
            float(rng.uniform(-0.5, 0.5)) * stage.half_width,
            self._low - float(rng.uniform(0.1, 0.2)),
        )
        self._hills = [wander(512, 24, rng, octaves=3) for _ in range(4)]
        self._place = np.linspace(-1.02, 1.02, 120) * stage.half_width
        self._cloud = fbm((256, 256), (5, 2), 4, rng)
        grid = stage.grid
        self._below = np.clip((grid.y - np.float32(self._low)) * 8, 0, 1)
        wide = np.float32(0.08) + np.float32(0.5) * np.maximum(grid.y - np.float32(self._low), 0)
        path = decay(-(((grid.x - np.float32(self._moon[0])) / wide) ** 2)) * self._below
        self._path = (0.3 + 1.2 * path).astype(np.float32)
        self._ground = Held(toned)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Far rows first; each hides what is behind it."""
        stage, grid, ink = self._stage, self._stage.grid, plate.ink
        ink.fill(0)
        lines, feet = self._rows(now)
        for row, (line, foot) in enumerate(zip(lines, feet, strict=True)):
            near = self._near[row]
            cv2.fillPoly(ink, [np.concatenate([line, line[::-1] + foot])], 0, cv2.LINE_8, 4)
            value = round(255 * (0.2 + 0.75 * near**0.8))
            width = max(1, round(stage.px(0.0011 + 0.0016 * near**1.9)))
            cv2.polylines(ink, [line], False, value, width, cv2.LINE_AA, 4)
        gain = 0.3 + 0.4 * now.beat.level
        glow = tint(grid.bloom(ink, 0.006, 0.02) * self._path, stage.accent2, gain)
        plate.lay(self._ground(now, self._night) + planes_of(glow))
        plate.add(ink, mix(stage.accent2, _WHITE, 0.3), 0.62 + 0.2 * now.beat.level)

    def _night(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        haze = sample(self._cloud, grid.x * 0.2 + now.t * 0.004, grid.y * 0.8)
        off = grid.distance(*self._moon)
        level = decay(-np.abs(grid.y - np.float32(self._low)) * 3.2) * (0.7 + 0.5 * now.beat.swell)
        lift = (0.1 + 0.3 * level + 0.1 * (haze - 0.5)) * (1 - 0.35 * self._below)
        moon = decay(-((off / 0.07) ** 6)) + 0.3 * decay(-off * 5)
        return shade(stage.ramp, lift) + tint(moon, mix(stage.accent2, _WHITE, 0.55), 0.75)

    def _rows(self, now: Moment) -> tuple[Image, Image]:
        """All rows' points (n×points×2), and how far below each one hides what is behind it."""
        stage, near = self._stage, self._near[:, None]
        deep = near**1.9
        y = self._low + 0.012 + (stage.half_height * 1.04 - self._low) * deep
        grow = 0.12 + 0.88 * deep
        x = self._place / (0.35 + 0.65 * grow) * 0.32
        tall = np.zeros_like(x)
        for number, hill in enumerate(self._hills):
            drift = now.flow * (0.007 + 0.003 * number) * (1 if number % 2 else -1)
            place = (x * (0.4 + 0.33 * number) + drift + near * (1.7 + 0.9 * number)) % 1.0
            tall += np.interp(place * 512, np.arange(513), np.append(hill, hill[0])) * 0.34
        calm = np.hanning(81) / np.hanning(81).sum()  # water follows slowly
        trail = np.convolve(now.beat.trail, calm, "valid")
        spoken = np.interp((1 - near) * 160, np.arange(len(trail)), trail)
        middle = decay(-((self._place / (0.75 * stage.half_width)) ** 2))
        rows = (
            y
            - np.abs(tall) * (0.02 + 0.14 * spoken * middle) * grow * 1.5
            - 0.012 * grow * np.sin(5 * x + 0.6 * now.t + near * 20)
        )
        points = np.stack([np.broadcast_to(stage.column(self._place), rows.shape), stage.row(rows)], axis=-1)
        feet: Image = np.stack([np.zeros_like(grow), stage.unit * (0.16 * grow + 0.02)], axis=-1)
        return fixed(points), fixed(feet)
