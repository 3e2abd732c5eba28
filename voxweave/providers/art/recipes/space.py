"""Cosmos: nebula, planet, galaxy."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Stars
from voxweave.providers.art.shapes import disc, sparks
from voxweave.providers.art.stage import Grid, Moment, Stage, decay

_WHITE = np.ones(3, np.float32)
_SPIN = 0.05
"""Of the galaxy, in radians a second."""


class Nebula:
    """Gas folded by its own currents, stars before and behind it."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._gas = fbm((512, 512), (3, 3), 7, rng)
        self._fold = fbm((256, 256), (2, 2), 4, rng)
        self._turn = rng.uniform(0, 6.28)
        self._at = (
            float(rng.uniform(-0.4, 0.4)) * stage.half_width,
            float(rng.uniform(-0.3, 0.2)) * stage.half_height,
        )
        self._far, self._close = Stars(stage, 420, 1.4), Stars(stage, 60, 1.4)
        count = 9
        self._young = np.stack(
            [rng.normal(0, 0.28, count), rng.normal(0, 0.18, count), rng.uniform(0.3, 1, count)], axis=-1
        )

    def draw(self, now: Moment, plate: Plate) -> None:
        """Gas, stars, young suns."""
        plate.lay(self._ground(now, self._clouds))
        drift = now.flow * 0.0016 * self._stage.unit
        self._far.draw(plate, now, 0.62, (drift, 0.0))
        self._close.draw(plate, now, 0.95, (drift * 2.6, drift * 0.3))
        self._suns(plate, now)

    def _clouds(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        cos, sin = np.float32(np.cos(self._turn)), np.float32(np.sin(self._turn))
        x, y = grid.x * cos - grid.y * sin, grid.x * sin + grid.y * cos
        fold_x = sample(self._fold, x * 0.35 + now.flow * 0.003, y * 0.35) - 0.5
        fold_y = sample(self._fold, x * 0.35 + 0.37, y * 0.35 - now.flow * 0.0026) - 0.5
        gas = sample(self._gas, x * 0.24 + 0.34 * fold_x, y * 0.24 + 0.34 * fold_y + now.t * 0.0008)
        dust = sample(self._gas, x * 0.4 - 0.3 * fold_y + 0.5, y * 0.46 + 0.26 * fold_x)
        near = decay(-(((grid.x - self._at[0]) / 0.8) ** 2 + ((grid.y - self._at[1]) / 0.55) ** 2))
        bright = np.clip((gas - 0.28) * 1.8, 0, 1) ** 1.4 * (0.32 + 0.95 * near)
        dark = np.clip((dust - 0.5) * 3.2, 0, 1) * 0.72
        swell = 0.75 + 0.35 * beat.swell + 0.15 * beat.level
        out = shade(stage.ramp, 0.05 + 0.95 * bright * (1 - dark) * swell)
        edge = np.clip(1 - np.abs(gas - 0.52) * 9, 0, 1) * near
        out += tint(edge * (1 - 0.7 * dark), stage.accent, 0.5 * swell)
        return out + tint(bright * np.clip(fold_x + 0.5, 0, 1) ** 2 * (1 - dark), stage.accent2, 0.5 * swell)

    def _suns(self, plate: Plate, now: Moment) -> None:
        stage = self._stage
        x, y = self._at[0] + self._young[:, 0], self._at[1] + self._young[:, 1]
        points = np.stack([stage.column(x), stage.row(y)], axis=-1)
        light = self._young[:, 2] * (0.55 + 0.7 * now.beat.bands[np.arange(len(x)) % 8])
        sparks(plate, points, stage.px(0.0017), mix(stage.accent2, _WHITE, 0.8), light)
        sparks(plate, points, stage.px(0.009), mix(stage.accent, _WHITE, 0.4), light * 0.22)
        steps = np.arange(1, 9)
        ways = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]) * stage.px(
            0.0028
        )  # the cross a mirror's struts draw
        rays = (points[:3, None, None] + steps[:, None, None] * ways).reshape(-1, 2)
        fall = (light[:3, None, None] * 0.34 * 0.7 ** steps[:, None] * np.ones(4)).reshape(-1)
        sparks(plate, rays, stage.px(0.0009), _WHITE, fall)


class Planet:
    """The limb of a world, its air lit from behind, sometimes ringed."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._grid = Grid(stage.canvas, 80_000)
        self._side = float(rng.choice([-1.0, 1.0]))
        self._radius = float(rng.uniform(0.5, 0.85))
        self._at = (
            self._side * float(rng.uniform(0.15, 0.5)) * stage.half_width,
            float(rng.uniform(0.4, 0.8)) * stage.half_height,
        )
        self._sun = np.array([-self._side * 0.72, -0.58, 0.38], np.float32)
        self._ground = fbm((512, 1024), (4, 6), 7, rng)
        self._stars = Stars(stage, 460, 1.4)
        self._gas = fbm((256, 256), (2, 2), 5, rng)
        self._moon = (
            -self._side * float(rng.uniform(0.2, 0.6)) * stage.half_width,
            -float(rng.uniform(0.25, 0.6)) * stage.half_height,
        )
        self._banded = bool(rng.random() < 0.5)
        self._grooves = fbm((8, 1024), (2, 60), 4, rng)
        self._held = Held()
        middle = np.array([stage.column(self._at[0]), stage.row(self._at[1])])
        reach = stage.px(self._radius)
        self._patch = self._grid.patch(middle - reach - 2, middle + reach + 2)
        self._disc = np.zeros(self._patch.size, np.uint8)
        left, top = middle - self._patch.at[::-1]
        disc(self._disc, (float(left), float(top)), reach)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Stars, air, world, moon; what is soft of the rings lies in the pictures of air and world."""
        planes = self._held(now, self._soft)
        plate.lay(planes[:3])
        self._stars.draw(plate, now, 0.8, (now.flow * 0.0012 * self._stage.unit, 0.0))
        rows, columns = self._patch.cells
        plate.inside(planes[3:, rows, columns], self._disc, self._patch.at)
        self._small(plate, now)

    def _soft(self, now: Moment) -> Image:
        """The sky with its air, and the world as if it were everywhere."""
        grid = self._grid
        x, y = (
            (grid.x - np.float32(self._at[0])) / self._radius,
            (grid.y - np.float32(self._at[1])) / self._radius,
        )
        rows, columns = self._patch.cells
        world: Image = np.zeros((3, *grid.size), np.float32)
        sky = self._air(now, x, y)
        world[:, rows, columns] = self._world(now, x[:, columns], y[rows])
        if self._banded:
            ring = tint(self._ring(x, y), mix(self._stage.accent, _WHITE, 0.45), 0.34 + 0.14 * now.beat.level)
            sky, world = sky + ring, world + ring
        return np.concatenate([toned(sky), toned(world)])

    def _air(self, now: Moment, x: Image, y: Image) -> Image:
        stage, grid, beat = self._stage, self._grid, now.beat
        off = np.hypot(x, y)
        facing = np.clip((x * self._sun[0] + y * self._sun[1]) / np.maximum(off, 1e-3) * 0.5 + 0.62, 0, 1)
        above = np.maximum(off - 1, 0) * np.float32(self._radius)
        gas = sample(self._gas, grid.x * 0.3 + now.t * 0.001, grid.y * 0.3)
        out = shade(stage.ramp, 0.03 + 0.16 * gas)
        out += tint(
            decay(-above / 0.045) * facing**2.5, mix(stage.accent2, _WHITE, 0.25), 0.7 + 0.35 * beat.level
        )
        return out + tint(decay(-above / 0.22) * facing**2, stage.accent2, 0.2 + 0.2 * beat.swell)

    def _world(self, now: Moment, x: Image, y: Image) -> Image:
        stage = self._stage
        flat = np.clip(x * x + y * y, 0, 1)
        z = np.sqrt(1 - flat)
        key = np.clip(x * self._sun[0] + y * self._sun[1] + z * self._sun[2], 0, 1)
        tilt = y * np.float32(0.94) + x * np.float32(0.34 * self._side)
        east = np.arctan2(x - tilt * np.float32(0.1), z + np.float32(1e-3)) / np.float32(6.2832)
        north = np.arcsin(np.clip(tilt, -1, 1)) / np.float32(3.1416)
        if self._banded:
            swirl = sample(self._ground, east * 1.2 + now.flow * 0.002, north * 1.4)
            tone = 0.5 + 0.32 * np.sin(north * 34 + 3.2 * swirl) + 0.35 * (swirl - 0.5)
        else:
            tone = np.clip((sample(self._ground, east + now.flow * 0.0022, north) - 0.4) * 2.2, 0, 1)
        rim = (1 - z) ** 2.4
        out = shade(stage.ramp, (0.16 + 0.62 * tone) * key**0.8 + 0.02)
        out += tint(
            rim * np.clip(key * 2 + 0.06, 0, 1), mix(stage.accent2, _WHITE, 0.2), 0.75 + 0.3 * now.beat.level
        )
        return out + tint(key * np.clip(tone - 0.45, 0, 1), stage.accent, 0.5)

    def _small(self, plate: Plate, now: Moment) -> None:
        """A moon, a crescent."""
        stage = self._stage
        reach = stage.px(0.034)
        x, y = stage.column(self._moon[0] + 0.012 * np.sin(now.t * 0.05)), stage.row(self._moon[1])
        top, left = int(y - reach - 4) // 2 * 2, int(x - reach - 4) // 2 * 2
        side = int(2 * reach + 10) // 2 * 2
        if top < 0 or left < 0 or top + side > plate.height or left + side > plate.width:
            return
        ink = np.zeros((side, side), np.uint8)
        disc(ink, (x - left, y - top), reach)
        plate.cover(ink, stage.palette[1] * np.float32(0.6), (top, left))
        shadow = np.zeros_like(ink)
        disc(shadow, (x - left + self._side * reach * 0.62, y - top + reach * 0.5), reach * 1.05)
        plate.add(
            np.minimum(ink, 255 - shadow), mix(stage.palette[-1], stage.accent, 0.25), 0.85, (top, left)
        )

    def _ring(self, x: Image, y: Image) -> Image:
        """Dust in a plane: bands by distance, the far half hidden by the world, its shadow on the rest."""
        tilt = 0.34 * self._side
        cos, sin = np.float32(np.cos(tilt)), np.float32(np.sin(tilt))
        along, across = x * cos + y * sin, (y * cos - x * sin) / np.float32(0.2)
        off = np.hypot(along, across)
        grooves = sample(self._grooves, (off - 1.2) * 0.9, np.float32(0.3) + 0 * off)
        body = np.clip((off - 1.3) * 16, 0, 1) * np.clip((2.15 - off) * 7, 0, 1) * (0.2 + 1.1 * grooves)
        body = body * np.clip(np.abs(off - 1.8) * 26 - 0.3, 0, 1)
        hidden = (across < 0) & (x * x + y * y < 1)
        shadow = np.clip(1.15 - np.clip(-(along * self._sun[0] + across * self._sun[1] * 0.5), 0, 2), 0.12, 1)
        return np.where(hidden, 0, body * shadow).astype(np.float32)


class Galaxy:
    """A spiral of a few thousand suns around a warm heart."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        count = 2600
        self._tilt, self._turn = float(rng.uniform(0.32, 0.62)), float(rng.uniform(-0.6, 0.6))
        self._at = (
            float(rng.uniform(-0.2, 0.2)) * stage.half_width,
            float(rng.uniform(-0.2, 0.05)) * stage.half_height,
        )
        self._radius = 0.82 * rng.random(count) ** 0.72
        arm = rng.integers(0, 2, count) * np.pi
        spread = rng.normal(0, 0.34, count) * (1 - 0.5 * self._radius)
        self._angle = arm + np.log(self._radius + 0.045) * 2.5 + spread
        self._light: Image = rng.random(count) ** 2.6 * 0.95 + 0.07
        blue = np.clip(self._radius * 2.2 - 0.15 + rng.normal(0, 0.2, count), 0, 1)[:, None]
        self._hue = (
            mix(stage.accent, _WHITE, 0.5) * (1 - blue) + mix(stage.accent2, _WHITE, 0.5) * blue
        ).astype(np.float32)
        self._rose = rng.random(count) < 0.05
        self._hue[self._rose] = stage.accent
        self._ground = Held(toned)
        self._gas = fbm((256, 256), (3, 3), 5, rng)
        self._stars = Stars(stage, 300, 1.4)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Glowing dust, field stars, the spiral's own."""
        plate.lay(self._ground(now, self._dust))
        self._stars.draw(plate, now, 0.6)
        self._suns(plate, now, now.flow * _SPIN)

    def _dust(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        cos, sin = np.float32(np.cos(self._turn)), np.float32(np.sin(self._turn))
        x, y = grid.x - np.float32(self._at[0]), grid.y - np.float32(self._at[1])
        x, y = x * cos + y * sin, np.asarray((y * cos - x * sin) / np.float32(self._tilt), np.float32)
        off = np.hypot(x, y)
        angle = np.arctan2(y, x)
        spin = now.flow * _SPIN
        gas = sample(self._gas, x * 0.5 + 0.5, y * 0.5 + 0.5)
        wave = np.cos(2 * (angle - np.log(off + np.float32(0.045)) * 2.5 - spin) + 1.6 * (gas - 0.5))
        arms = (0.5 + 0.5 * wave) ** 1.6 * decay(-((off / 0.6) ** 2)) * (0.4 + gas)
        lanes = np.clip(np.cos(2 * (angle - np.log(off + np.float32(0.045)) * 2.5 - spin) + 0.9), 0, 1) ** 3
        heart = decay(-off / 0.1)
        swell = 0.8 + 0.35 * beat.swell
        back = sample(self._gas, grid.x * 0.22, grid.y * 0.22)
        out = shade(stage.ramp, 0.04 + 0.14 * back + 0.46 * arms * (1 - 0.5 * lanes) * swell)
        out += tint(arms * (1 - 0.6 * lanes), stage.accent2, 0.4 * swell)
        out += tint(
            heart,
            mix(stage.accent, np.array([1, 0.85, 0.6], np.float32), 0.7),
            0.75 * swell + 0.35 * beat.level,
        )
        return out

    def _suns(self, plate: Plate, now: Moment, spin: float) -> None:
        stage = self._stage
        angle = self._angle + spin
        along, over = np.cos(angle) * self._radius, np.sin(angle) * self._radius * self._tilt
        across = along * np.cos(self._turn) - over * np.sin(self._turn)
        down = along * np.sin(self._turn) + over * np.cos(self._turn)
        points = np.stack([stage.column(self._at[0] + across), stage.row(self._at[1] + down)], axis=-1)
        band = now.beat.bands[np.minimum(7, (self._radius * 13).astype(int))]
        light = self._light * (0.6 + 0.6 * band)
        sparks(plate, points[~self._rose], stage.px(0.00085), self._hue[~self._rose], light[~self._rose])
        sparks(
            plate, points[self._rose], stage.px(0.0026), self._hue[self._rose], 0.3 + 0.3 * light[self._rose]
        )
