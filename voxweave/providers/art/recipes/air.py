"""Realistic: a sea under clouds, and clouds from above."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.stage import Grid, Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Sea:
    """Clouds in perspective, a low sun, and its glitter on slow water."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._grid = Grid(stage.canvas, 140_000)
        self._low = float(rng.uniform(0.0, 0.16)) * stage.half_height
        self._sun = (
            float(rng.uniform(-0.6, 0.6)) * stage.half_width,
            self._low - float(rng.uniform(0.06, 0.2)),
        )
        self._cloud = fbm((512, 512), (5, 5), 6, rng)
        self._water = fbm((256, 256), (8, 8), 4, rng)
        self._wind = float(rng.choice([-1, 1]) * rng.uniform(0.6, 1))
        self._cover = float(rng.uniform(0.4, 0.5))
        self._first = round(stage.row(self._low)) // 2 * 2
        rows = (np.arange(self._first, stage.canvas.height, 2) + 1 - stage.canvas.height / 2) / stage.unit
        self._drop = np.maximum(rows - self._low, 0.0012).astype(np.float32)[:, None]
        self._fine = Grid(stage.canvas, stage.canvas.width * stage.canvas.height // 4)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky, water, glitter."""
        plate.lay(self._ground(now, self._soft))
        self._glitter(now, plate)

    def _soft(self, now: Moment) -> Image:
        grid = self._grid
        split = int(np.searchsorted(grid.y[:, 0], self._low))
        return np.concatenate([self._sky(now, grid.y[:split]), self._sea(now, grid.y[split:])], axis=1)

    def _tone(self, height: Image) -> Image:
        """Where in the palette clear sky is at a height above the horizon."""
        return np.asarray(0.36 + 0.42 * decay(-np.maximum(height, 0) * 3.4))

    def _sky(self, now: Moment, y: Image) -> Image:
        stage, grid = self._stage, self._grid
        height = self._low - y
        far = 0.1 / (height + 0.075)
        u = grid.x * far * 0.9 + self._wind * now.t * 0.006
        v = far * 1.1 + now.flow * 0.002
        dense = sample(self._cloud, u, v)
        toward = sample(self._cloud, u + np.float32(self._sun[0] * 0.02), v + 0.02 * np.ones_like(v))
        cover = np.clip((dense - self._cover) * 4.2, 0, 1)
        cover = cover * cover * (3 - 2 * cover) * np.clip(height * 14, 0, 1)
        lit = np.clip(0.62 + (dense - toward) * 5.5 - 0.5 * (cover - 0.5), 0, 1)
        sun = decay(-np.hypot(grid.x - np.float32(self._sun[0]), y - np.float32(self._sun[1])) * 3.0)
        clear = shade(stage.ramp, self._tone(height) + 0.24 * sun + 0 * grid.x)
        cloud = shade(stage.ramp, 0.3 + 0.5 * lit + 0.25 * sun)
        out = clear + (cloud - clear) * (cover * np.float32(0.88))
        swell = 0.75 + 0.45 * now.beat.swell
        out += tint(sun**2 * (1 - 0.5 * cover), stage.accent, 0.55 * swell)
        disc = decay(
            -((np.hypot(grid.x - np.float32(self._sun[0]), y - np.float32(self._sun[1])) / 0.03) ** 4)
        )
        return out + tint(disc * (1 - 0.75 * cover), mix(stage.accent, _WHITE, 0.8), 0.9)

    def _sea(self, now: Moment, y: Image) -> Image:
        stage, grid = self._stage, self._grid
        drop = np.maximum(y - np.float32(self._low), 1e-3)
        far = 0.07 / (drop + 0.012)
        wave = sample(self._water, grid.x * far * 0.9 + now.t * 0.01, far * 1.6 + now.t * 0.022)
        wave = wave + 0.6 * sample(self._water, grid.x * far * 2.3 - now.t * 0.014, far * 4.1 + now.t * 0.04)
        slope = (wave - 0.8) * np.clip(drop * 9, 0.1, 1)
        mirror = self._tone(drop * 1.5 + np.abs(slope) * 0.5 + 0.05)
        glow = decay(-(((grid.x - np.float32(self._sun[0])) / (0.13 + 0.75 * drop)) ** 2)) * decay(
            -drop * 1.1
        )
        deep = np.clip(drop * 1.5, 0, 1)
        lift = mirror * (0.82 - 0.5 * deep) + slope * 0.22 + 0.1 * glow
        return shade(stage.ramp, lift) + tint(
            glow * (0.55 + 0.9 * slope), stage.accent, 0.3 * (0.7 + 0.6 * now.beat.swell)
        )

    def _glitter(self, now: Moment, plate: Plate) -> None:
        """Small mirrors in the sun's path, at half size: fine enough to sparkle."""
        x, drop = self._fine.x[:, : plate.width // 2], self._drop
        far = 0.07 / (drop + 0.012)
        wide = 0.05 + 0.5 * drop
        reach = float(wide[-1, 0]) * 2.1
        left = max(0, int((self._sun[0] - reach + self._stage.half_width) * plate.unit / 2)) // 2 * 2
        right = (
            min(plate.width // 2, int((self._sun[0] + reach + self._stage.half_width) * plate.unit / 2))
            // 2
            * 2
        )
        x = x[:, left:right]
        first = sample(self._water, x * (far * 5.1 + 1.2) + now.t * 0.02, far * 11 - drop * 14 + now.t * 0.07)
        second = sample(
            self._water, x * (far * 7.3 + 1.9) - now.t * 0.03, far * 15.7 - drop * 19 + now.t * 0.05
        )
        path = decay(-(((x - np.float32(self._sun[0])) / wide) ** 2)) * decay(-drop * 1.2)
        near = np.clip(1.25 - drop * 2.6, 0, 1)  # close by the mirrors would be plates
        light = np.clip((first + second - 1.14) * 5, 0, 1) ** 2 * path * near
        gain = 120 * (0.7 + 0.6 * now.beat.level + 0.3 * now.beat.spark)
        rows = plate.y[self._first :, left * 2 : right * 2]
        grown = cv2.resize(
            light.astype(np.float32), (rows.shape[1], rows.shape[0]), interpolation=cv2.INTER_LINEAR
        )
        cv2.scaleAdd(grown, gain, rows, dst=rows)


class Deck:
    """Above the clouds: a lit white plain running to a hazy horizon."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._grid = Grid(stage.canvas, 170_000)
        self._low = float(rng.uniform(-0.2, -0.02)) * stage.half_height
        self._sun = (
            float(rng.uniform(-0.7, 0.7)) * stage.half_width,
            self._low - float(rng.uniform(0.03, 0.16)),
        )
        self._cloud = fbm((1024, 1024), (5, 5), 7, rng)
        self._high = fbm((256, 256), (5, 2), 5, rng)
        self._turn = float(rng.uniform(-0.25, 0.25))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky above, clouds below."""
        plate.lay(self._ground(now, self._soft))

    def _soft(self, now: Moment) -> Image:
        grid = self._grid
        split = int(np.searchsorted(grid.y[:, 0], self._low))
        return np.concatenate([self._sky(now, grid.y[:split]), self._floor(now, grid.y[split:])], axis=1)

    def _sky(self, now: Moment, y: Image) -> Image:
        stage, grid = self._stage, self._grid
        height = self._low - y
        veil = sample(self._high, grid.x * 0.2 + now.t * 0.003, y * 0.9)
        off = np.hypot(grid.x - np.float32(self._sun[0]), y - np.float32(self._sun[1]))
        lift = 0.2 + 0.6 * decay(-height * 2.6) + 0.12 * (veil - 0.5) + 0.2 * decay(-off * 3)
        out = shade(stage.ramp, lift)
        out += tint(decay(-off * 4.2), stage.accent, 0.5 * (0.75 + 0.5 * now.beat.swell))
        return out + tint(decay(-((off / 0.035) ** 3)), mix(stage.accent, _WHITE, 0.8), 0.9)

    def _floor(self, now: Moment, y: Image) -> Image:
        stage, grid = self._stage, self._grid
        drop = y - np.float32(self._low) + np.float32(0.012)
        drop = drop + np.float32(0.05)
        far = 0.085 / drop
        u = (grid.x + np.float32(self._turn)) * far + np.float32(self._turn * 0.02) * now.flow
        v = far * 0.8 + now.flow * 0.012
        tall = sample(self._cloud, u, v)
        v = v - 0.06 * tall * far  # lean the tops towards us: relief
        tall = sample(self._cloud, u, v)
        toward = sample(self._cloud, u + np.float32(0.012 * self._sun[0]), v + np.float32(0.014))
        lit = np.clip(0.5 + (tall - toward) * 3.2 + (tall - 0.5) * 0.9, 0, 1)
        gap = np.clip((0.42 - tall) * 3.4, 0, 1)
        lift = 0.24 + 0.6 * lit - 0.3 * gap
        haze = decay(-drop * 7.5)
        near = decay(-(((grid.x - np.float32(self._sun[0])) / 0.7) ** 2)) * decay(-drop * 2.2)
        out = shade(stage.ramp, lift * (1 - haze) + 0.76 * haze)
        return out * np.float32(0.92) + tint(
            near * (0.25 + 0.75 * lit), stage.accent, 0.34 * (0.6 + 0.7 * now.beat.swell)
        )
