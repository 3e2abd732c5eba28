"""Ranges of hills in haze: dusk for film, fog and firs for daylight."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.cutout import slide
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import ridge
from voxweave.providers.art.stage import Moment, Stage, decay, smooth

_WHITE = np.ones(3, np.float32)


class Ridges:
    """Mountain layers that slide past each other, fog between them, a low sun behind."""

    layers = 6
    firs = 0.0
    top_tone = 0.9
    zenith = 0.2
    steep = 1.0

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._low = float(rng.uniform(-0.08, 0.06)) * stage.half_height * 2
        self._sun = (
            self._side * float(rng.uniform(0.05, 0.5)) * stage.half_width,
            self._low - rng.uniform(0.02, 0.12),
        )
        self._cloud = fbm((256, 256), (4, 2), 5, rng)
        self._ground = Held(toned)
        self._cloths = [Held(toned) for _ in range(self.layers)]
        self._reach = 0.2 * stage.unit
        self._lines = [self._line(step / (self.layers - 1)) for step in range(self.layers)]
        self._motes = Motes(stage, 40, size=0.0014)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky, then range after range, then the light that lies over all."""
        stage = self._stage
        way = smooth(0.5 + 0.5 * np.sin(now.t * 0.07 - 1.1))
        share = [(step / (self.layers - 1)) ** 1.4 * 0.9 * way * self._reach for step in range(self.layers)]
        rows = [
            slide(line[None, :], left, plate.width)[0] for line, left in zip(self._lines, share, strict=True)
        ]
        plate.lay(self._ground(now, self._sky), int(rows[0].max()) // 2 * 2 + 4)
        self.behind(plate, now)
        hidden = [int(line.max()) + 4 for line in rows[1:]] + [plate.height]
        for step, line in enumerate(rows):  # nothing is drawn where the next range will cover it all
            self._range(plate, now, (line, hidden[step]), step)
        self._streak(plate, now)
        self._motes.draw(plate, now, mix(stage.accent, _WHITE, 0.5), 0.16 + 0.3 * now.beat.level)

    def behind(self, plate: Plate, now: Moment) -> None:
        """What stands between the sky and the farthest range."""

    def _line(self, near: float) -> Image:
        """The rows of one range, far ones flat and fine, near ones bold."""
        stage, rng = self._stage, self._stage.rng
        length = stage.canvas.width + round(self._reach) + 2
        base = self._low + (stage.half_height * 1.02 - self._low) * (0.06 + 0.86 * near**1.35)
        tall = (0.05 + 0.1 * (1 - near) ** 0.6 + 0.05 * near) * min(1.4, stage.half_height * 2)
        knots = max(3, round((9 - 5.5 * near) * length / stage.unit / 2))
        line = wander(length, knots, rng, octaves=7, rough=0.46)
        rows = stage.row(base) - line * tall * self.steep * stage.unit
        return np.asarray(rows - self._trees(length, near), dtype=np.float32)

    def _trees(self, length: int, near: float) -> Image:
        """Firs on a ridge: narrow triangles of many heights, none where `firs` is 0."""
        out = np.zeros(length, np.float32)
        if self.firs <= 0 or near < 0.15:
            return out
        rng, unit = self._stage.rng, self._stage.unit
        tall = self.firs * unit * (0.014 + 0.075 * near**2)
        place = 0.0
        columns = np.arange(length, dtype=np.float32)
        while place < length:
            height = tall * rng.uniform(0.3, 1.0) ** 0.8
            first, last = max(0, int(place - height)), min(length, int(place + height) + 1)
            off = np.abs(columns[first:last] - np.float32(place)) / np.float32(height * 0.24)
            saw = 0.16 * (np.mod(off * 6, 1) - 0.5)
            out[first:last] = np.maximum(out[first:last], height * np.clip(1 - off + saw * (off < 0.9), 0, 1))
            place += height * rng.uniform(0.08, 0.5) * (1 + 3 * (rng.random() < 0.06))
        return out

    def _range(self, plate: Plate, now: Moment, where: tuple[Image, int], step: int) -> None:
        rows, hidden = where
        first = max(0, int(rows.min()) - 4) // 2 * 2
        last = min(plate.height, (hidden + 1) // 2 * 2)
        if first >= last:
            return
        ink = plate.ink[first:last]
        ink.fill(0)
        ridge(ink, rows - first)
        solid = int(rows.max()) + 3 - first
        cloth = self._cloths[step](now, lambda key: self._cloth(key, step / (self.layers - 1)))
        plate.inside(cloth, ink, (first, 0), solid=solid)

    def _cloth(self, now: Moment, near: float) -> Image:
        """A range's own colour: dark above, fog rising from its foot, warm towards the sun."""
        stage = self._stage
        down = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
        across = np.linspace(-1, 1, 72, dtype=np.float32)[None, :] * np.float32(stage.half_width)
        fog = sample(
            self._cloud, across * 0.25 + now.flow * 0.006 * (1 + near), down * 0.3 + np.float32(near * 3.7)
        )
        tone = (1 - near) ** 1.7 * 0.52 + 0.015
        foot = np.clip(down * (1.9 - 0.9 * near), 0, 1) ** 1.5 * (0.35 + 0.75 * fog) * (1 - near**3)
        warm = decay(-(((across - np.float32(self._sun[0])) / 0.55) ** 2)) * (1 - near) ** 1.3
        lift = tone + foot * (0.3 - 0.2 * near) * (0.85 + 0.4 * now.beat.swell)
        out = shade(stage.ramp, lift + 0 * across)
        warm = warm * (0.5 + 0.5 * foot) * (0.26 + 0.26 * now.beat.swell + 0.14 * now.beat.level)
        return out + tint(warm, stage.accent)

    def _sky(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        height = np.clip((self._low + 0.06 - grid.y) / (self._low + stage.half_height), 0, 1)
        bands = sample(self._cloud, grid.x * 0.22 + now.t * 0.005, grid.y * 1.1 + 0.13)
        lift = self.zenith + (self.top_tone - self.zenith) * (1 - height) ** 1.5 * 0.78
        out = shade(stage.ramp, lift + (bands - 0.5) * 0.16 * (1 - height) + 0 * grid.x)
        x, y = self._sun
        off = np.hypot(grid.x - np.float32(x), grid.y - np.float32(y))
        swell = 0.85 + 0.35 * now.beat.swell
        out += tint(decay(-((off / 0.42) ** 1.2)), stage.accent, 0.42 * swell)
        return out + tint(
            decay(-((off / 0.055) ** 4)) + 0.5 * decay(-((off / 0.12) ** 1.5)),
            mix(stage.accent, _WHITE, 0.75),
            0.8,
        )

    def _streak(self, plate: Plate, now: Moment) -> None:
        """The thin line a wide lens draws through the sun."""
        stage, (x, y) = self._stage, self._sun
        reach = 0.03
        first, last = (
            max(0, min(plate.height, round(stage.row(y + way * reach)))) // 2 * 2 for way in (-1, 1)
        )
        if last - first < 4:
            return
        down = np.linspace(-1, 1, 48, dtype=np.float32)[:, None] * np.float32(reach)
        across = np.linspace(-stage.half_width, stage.half_width, 160, dtype=np.float32)[None, :]
        edge = np.clip(1 - np.abs(down) / np.float32(reach), 0, 1)
        light = decay(-np.abs(down) / np.float32(0.005)) * edge * decay(-np.abs(across - np.float32(x)) * 2.0)
        plate.light(tint(light, mix(stage.accent, _WHITE, 0.25), 0.1 + 0.22 * now.beat.level), first, last)


class Firs(Ridges):
    """Wooded hills in morning fog."""

    layers = 6
    firs = 1.0
    top_tone = 0.98
    zenith = 0.5
    steep = 0.5
