"""Anime: a comet over a town asleep."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, rgb, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Stars
from voxweave.providers.art.shapes import below, fill, sparks
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Comet:
    """A comet and its fragments over a town asleep."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._ground = Held(toned)
        self._stars = Stars(stage, 900, 0.85)
        self._cloud = fbm((256, 256), (5, 2), 5, rng)
        self._land = [wander(stage.canvas.width, knots, rng, rough=0.42) for knots in (6, 4)]
        count = 90
        self._town = np.stack([rng.uniform(0, stage.canvas.width, count), rng.random(count)], axis=-1)
        self._heads = [(0.0, 0.0, 1.3), (0.2, 0.1, 0.5), (0.34, 0.03, 0.3)]
        self._slope = float(rng.uniform(0.32, 0.5))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Twilight, stars, comet, hills, windows."""
        stage, beat = self._stage, now.beat
        plate.lay(self._ground(now, self._sky))
        self._stars.draw(plate, now, 0.75)
        points = np.array([self._place(now, head) for head in self._heads])
        pixels = np.stack([stage.column(points[:, 0]), stage.row(points[:, 1])], axis=-1)
        sparks(plate, pixels, stage.px(0.0022), _WHITE, np.array([1.6, 0.9, 0.6]) * (0.8 + 0.5 * beat.level))
        for number, line in enumerate(self._land):
            self._hill(plate, line, number)
        self._windows(plate, now)

    def _sky(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        height = 0.5 - grid.y / (2 * stage.half_height)
        cloud = np.clip(sample(self._cloud, grid.x * 0.12 + now.t * 0.003, grid.y * 1.3) - 0.52, 0, 0.3)
        out = shade(stage.ramp, 0.5 * (1 - height) ** 2.2 + cloud * np.clip(0.8 - 1.1 * height, 0, 1))
        out += tint(
            decay(-(((height - 0.16) / 0.2) ** 2)) * (0.7 + cloud),
            mix(stage.accent, rgb("#ff9a5a"), 0.55),
            0.4 + 0.16 * beat.swell,
        )
        for head in self._heads:
            out += self._tail(now, head)
        return out

    def _place(self, now: Moment, head: tuple[float, float, float]) -> tuple[float, float]:
        gone = now.flow * 0.014
        lag, drop, _ = head
        x = self._side * (_towards(-0.35, 0.5, gone) * self._stage.half_width * 1.2 - lag * 0.8)
        return x, -0.3 * self._stage.half_height * 2 + self._slope * (0.1 + 0.3 * gone - lag * 0.55) + drop

    def _tail(self, now: Moment, head: tuple[float, float, float]) -> Image:
        grid, stage = self._stage.grid, self._stage
        x, y = self._place(now, head)
        cos, sin = 1 / np.hypot(1, self._slope), self._slope / np.hypot(1, self._slope)
        back = -self._side * (grid.x - np.float32(x)) * cos - (grid.y - np.float32(y)) * sin
        off = -self._side * (grid.x - np.float32(x)) * -sin - (grid.y - np.float32(y)) * cos
        body = np.clip(back, 0, None)
        wide = 0.0035 + 0.06 * body * head[2]
        light = decay(-((off / wide) ** 2)) * decay(-body * (1.9 / head[2] ** 0.5)) * (back > -0.01)
        core = grid.glow(x, y, 0.035 * head[2])
        hue = tint(light * np.clip(1 - body, 0, 1), mix(stage.accent2, _WHITE, 0.3)) + tint(
            light * np.clip(body * 1.3, 0, 1), stage.accent
        )
        return (hue * np.float32(0.8) + tint(core, _WHITE, 0.7)) * np.float32(
            head[2] * (0.75 + 0.45 * now.beat.level)
        )

    def _hill(self, plate: Plate, line: Image, number: int) -> None:
        stage = self._stage
        rows = stage.row(stage.half_height * (0.66 + 0.18 * number)) - line * stage.px(0.045)
        top = max(0, int(rows.min()) - 3) // 2 * 2
        ink = plate.ink[top:]
        ink.fill(0)
        fill(ink, below(rows - top, ink.shape[0]))
        plate.cover(
            ink, mix(stage.palette[0], stage.palette[1], 0.55 - 0.45 * number) * np.float32(0.7), (top, 0)
        )

    def _windows(self, plate: Plate, now: Moment) -> None:
        stage = self._stage
        ground = stage.row(stage.half_height * 0.7) - np.interp(
            self._town[:, 0], np.arange(plate.width), self._land[0]
        ) * stage.px(0.045)
        points = np.stack(
            [self._town[:, 0], ground + (0.02 + self._town[:, 1] ** 2 * 0.09) * stage.unit], axis=-1
        )
        light = 0.35 + 0.5 * now.beat.bands[np.arange(len(points)) % 8]
        sparks(plate, points, stage.px(0.0011), np.array([1.0, 0.78, 0.45], np.float32), light)


def _towards(first: float, last: float, amount: float) -> float:
    """Between two numbers, never past the last."""
    return first + (last - first) * (1 - float(decay(-amount)))
