"""Light as a lens sees it: discs out of focus, shafts through trees."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.cutout import Cutout, slide
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.stage import Grid, Moment, Stage, decay, soften

_WHITE = np.ones(3, np.float32)


class Bokeh:
    """City lights far out of focus, in three depths, with the streaks of a wide lens."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._grid = Grid(stage.canvas, 130_000)
        count = 90
        self._at = np.stack(
            [rng.uniform(-1.1, 1.1, count), np.clip(rng.normal(0.12, 0.34, count), -1.05, 1.05)], axis=-1
        )
        self._near = np.sort(rng.choice([0.25, 0.55, 1.0], count, p=[0.58, 0.3, 0.12]))
        self._size = rng.uniform(0.7, 1.25, count)
        self._phase = rng.uniform(0, 6.28, count)
        self._band = rng.integers(0, 8, count)
        hues = [
            stage.accent,
            mix(stage.accent, stage.palette[-2], 0.6),
            mix(stage.accent, _WHITE, 0.4),
            stage.accent2,
        ]
        self._hue = [hues[n] for n in rng.integers(0, 4, count)]
        self._cloud = fbm((256, 256), (2, 3), 4, rng)
        self._way = float(rng.choice([-1, 1]))
        self._motes = Motes(stage, 70, size=0.0013)

    def draw(self, now: Moment, plate: Plate) -> None:
        """A dim room of colour, discs from far to near, dust in front."""
        plate.lay(self._ground(now, self._lights))
        self._motes.draw(plate, now, mix(self._stage.accent, _WHITE, 0.6), 0.25 + 0.35 * now.beat.level)

    def _lights(self, now: Moment) -> Image:
        stage, grid = self._stage, self._grid
        haze = sample(self._cloud, grid.x * 0.3 + now.flow * 0.006 * self._way, grid.y * 0.3)
        lift = 0.08 + 0.5 * haze * decay(-(((grid.y - np.float32(0.1)) / (0.3 * stage.half_height * 2)) ** 2))
        picture = shade(stage.ramp, lift * (0.8 + 0.4 * now.beat.swell))
        for number in range(len(self._at)):
            self._disc(picture, now, number)
        return picture

    def _disc(self, picture: Image, now: Moment, number: int) -> None:
        grid, stage = self._grid, self._stage
        near = float(self._near[number])
        sway = 0.012 * np.sin(now.t * 0.3 + self._phase[number])
        x = float(self._at[number, 0] * stage.half_width + self._way * now.flow * 0.012 * near)
        wide = stage.half_width * 1.25
        x = (x + wide) % (2 * wide) - wide
        y = float(self._at[number, 1] * stage.half_height + sway)
        radius = (0.012 + 0.085 * near) * self._size[number]
        light = (0.3 + 0.2 * now.beat.swell + 0.26 * float(now.beat.bands[self._band[number]])) * (
            0.75 + 0.25 * np.sin(now.t * 0.5 + 3 * self._phase[number])
        )
        rows, columns = grid.around(x, y, radius * 1.25)
        off = np.hypot(
            grid.x[:, columns] - np.float32(x), (grid.y[rows] - np.float32(y)) / 1.12
        ) * np.float32(grid.unit / grid.scale)
        edge = np.float32(radius * grid.unit / grid.scale)
        soft = np.float32(1 + 2 * near)
        inside = np.clip((edge - off) / soft + 0.5, 0, 1)
        rim = decay(-(((edge - off) / (1.2 * soft)) ** 2)) * 0.5
        picture[:, rows, columns] += tint(
            inside * (0.6 + rim), self._hue[number], light * (1.3 - 0.75 * near)
        )


class Shafts:
    """Light falling through a wood."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        above = stage.half_height + rng.uniform(0.1, 0.3)
        self._source = (self._side * float(rng.uniform(0.25, 0.7)) * stage.half_width, -float(above))
        self._ground = Held(toned)
        self._rays = fbm((8, 2048), (2, 60), 5, rng)
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._sway = 0.05
        grid = stage.grid
        margin = round(3 * self._sway * grid.unit / grid.scale) + 4
        self._far = [self._wood((grid.height, grid.width + margin), near) for near in (0.0, 0.45)]
        height, width = (
            stage.canvas.height,
            stage.canvas.width + round(3 * self._sway * stage.unit) // 2 * 2 + 4,
        )
        alpha = soften(self._wood((height, width), 1.0), 0.0012 * stage.unit)
        self._front = Cutout(alpha[:, :, None] * stage.palette[0] * np.float32(0.6), alpha, 0)
        self._motes = Motes(stage, 130, size=0.0013, lift=-0.012)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Haze, trunks from far to near, the shafts between them, dust in the light."""
        plate.lay(self._ground(now, self._glade))
        self._front.draw(plate, self._drift(now) * self._stage.unit)
        self._motes.draw(plate, now, mix(self._stage.accent, _WHITE, 0.4), 0.3 + 0.5 * now.beat.level)

    def _drift(self, now: Moment) -> float:
        return float(self._sway * (1.5 + self._side * np.sin(now.t * 0.09 - 0.8)))

    def _glade(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        off = np.hypot(grid.x - np.float32(self._source[0]), grid.y - np.float32(self._source[1]))
        haze = sample(self._cloud, grid.x * 0.4 + now.t * 0.006, grid.y * 0.4 - now.flow * 0.004)
        drift = self._drift(now)
        glow = decay(-off / (0.62 * stage.half_height * 2))
        lift = glow * 1.05 + 0.16 * (haze - 0.3)
        for step, wood in enumerate(self._far):
            left = drift * (0.35 + 0.25 * step) * grid.unit / grid.scale
            veil = slide(wood, left, grid.width)
            lift = lift * (1 - veil * (0.42 + 0.3 * step))
        out = shade(stage.ramp, lift * (0.9 + 0.25 * beat.swell))
        rays = self._shine(now, off) * (0.45 + 0.75 * haze)
        return out + tint(rays, mix(stage.accent, _WHITE, 0.25), 0.42 + 0.4 * beat.level + 0.3 * beat.swell)

    def _shine(self, now: Moment, off: Image) -> Image:
        grid, (x, y) = self._stage.grid, self._source
        angle = np.arctan2(grid.x - np.float32(x), grid.y - np.float32(y))
        first = sample(self._rays, angle * 0.33 + now.t * 0.0012, np.float32(0.2) + 0 * angle)
        second = sample(self._rays, angle * 0.21 - now.flow * 0.0016, np.float32(0.7) + 0 * angle)
        beam = np.clip(first * second * 2.6 - 0.3, 0, 1.2)
        return np.asarray(beam * decay(-off * 1.25), dtype=np.float32)

    def _wood(self, size: tuple[int, int], near: float) -> Image:
        """How much of each pixel one depth of trunks and ground hides."""
        stage, rng = self._stage, self._stage.rng
        height, width = size
        scale = height / (2 * stage.half_height)
        alpha = np.zeros(size, np.float32)
        count = (20, 11, 5)[0 if near == 0 else 1 if near < 1 else 2]
        for _ in range(int(count * max(0.8, stage.half_width * 1.1))):
            self._trunk(alpha, near, scale)
        rows = np.arange(height, dtype=np.float32)
        line = height * (0.78 + 0.13 * near) - wander(width, 8, rng) * 0.02 * scale
        return np.maximum(alpha, np.clip((rows[:, None] - line[None, :]) / (1 + 6 * (1 - near)), 0, 1))

    def _trunk(self, alpha: Image, near: float, scale: float) -> None:
        rng = self._stage.rng
        height, width = alpha.shape
        rows, columns = np.arange(height, dtype=np.float32), np.arange(width, dtype=np.float32)
        wide = rng.uniform(0.45, 1.0) * (0.014 + 0.062 * near**1.4) * scale
        place = rng.uniform(0, width)
        if near == 1:  # leave the middle open
            place = rng.choice([rng.uniform(-0.02, 0.2), rng.uniform(0.8, 1.02)]) * width
        middle = (
            place + rng.normal(0, 0.035) * (rows - height) + wander(height, 4, rng, rough=0.35) * wide * 0.16
        )
        up = np.clip(1 - rows / height, 0, 1)
        half = wide / 2 * (1 - 0.35 * up + 0.7 * decay((rows - height * 0.9) / (0.05 * scale)).clip(0, 1.2))
        first, last = max(0, int(middle.min() - wide * 2)), min(width, int(middle.max() + wide * 2))
        part = np.clip(half[:, None] - np.abs(columns[None, first:last] - middle[:, None]) + 0.5, 0, 1)
        alpha[:, first:last] = np.maximum(alpha[:, first:last], part)
