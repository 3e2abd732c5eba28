"""Ink: a plume in water, marbled rings, a washed range; also the slow fire of lava."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.land import Ridges
from voxweave.providers.art.shapes import disc, outline
from voxweave.providers.art.stage import Grid, Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Plume:
    """Ink sinking through still water, folding as it goes."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._grid = Grid(stage.canvas, 140_000)
        self._swirl = [fbm((256, 256), (2, 2), 4, rng) for _ in range(2)]
        self._body = fbm((512, 512), (3, 3), 6, rng)
        self._x = float(rng.uniform(-0.35, 0.35)) * stage.half_width
        self._up = float(rng.choice([-1.0, 1.0]))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Water, body, bright folds."""
        plate.lay(self._ground(now, self._water))

    def _water(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._grid, now.beat
        x, y = grid.x - np.float32(self._x), grid.y * np.float32(self._up)
        rise = now.flow * 0.011
        fold_x = sample(self._swirl[0], x * 0.34, y * 0.34 - rise) - 0.5
        fold_y = sample(self._swirl[1], x * 0.34 + 0.3, y * 0.34 - rise * 0.8) - 0.5
        u, v = x * 0.4 + 0.5 * fold_x, y * 0.36 + 0.5 * fold_y - rise
        again_x = sample(self._swirl[1], u * 1.6, v * 1.6 + rise) - 0.5
        again_y = sample(self._swirl[0], u * 1.6 + 0.4, v * 1.6) - 0.5
        body = sample(self._body, u + 0.2 * again_x, v + 0.2 * again_y)
        along = (y + np.float32(stage.half_height)) / np.float32(2 * stage.half_height)
        wide = 0.26 + 0.7 * along + 0.08 * beat.swell
        column = decay(-((np.abs(x + 0.5 * fold_x) / wide) ** 2.4)) * np.clip(1.35 - 0.8 * along, 0, 1)
        dense = np.clip((body - 0.5 + 0.72 * column - 0.06) * 1.7, 0, 1)
        fold = np.clip(1 - np.abs(body - 0.5) * 11, 0, 1) ** 2 * dense
        glow = np.clip(dense - 0.4, 0, 1)
        lift = 0.1 + 0.09 * (1 - along) + 0.62 * dense**1.2 * (0.82 + 0.25 * beat.swell)
        out = shade(stage.ramp, lift)
        out += tint(fold, mix(stage.accent2, _WHITE, 0.2), 0.3 + 0.4 * beat.level)
        return out + tint(glow * np.clip(0.5 + 1.6 * again_x, 0, 1), stage.accent, 0.55 + 0.35 * beat.swell)


class Marble:
    """Rings of ink on water, drawn out by a comb."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._grid = Grid(stage.canvas, 120_000)
        self._held = Held()
        self._swirl = [fbm((256, 256), (2, 2), 3, rng) for _ in range(2)]
        self._at = rng.uniform(-0.7, 0.7, (3, 2)) * [stage.half_width, stage.half_height]
        self._pitch = float(rng.uniform(0.034, 0.05))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Alternate bands by distance in a bent plane, each edge exact at full size."""
        planes = self._held(now, self._bands)
        plate.lay(planes[1:4])
        plate.inside(planes[4:], outline(planes[0], (plate.height, plate.width)))

    def _bands(self, now: Moment) -> Image:
        """The distance to the nearest edge in full-size pixels, and what lies on both of its sides."""
        stage, grid, beat = self._stage, self._grid, now.beat
        field, bend_x, bend_y = self._drawn_out(now)
        spoken = np.take(beat.trail, (field * 220).astype(np.int32), mode="clip")
        phase = field / np.float32(self._pitch) - np.float32(now.flow * 0.06)
        slope_y, slope_x = np.gradient(phase)
        steep = np.hypot(slope_x, slope_y) * np.float32(3.1416) + np.float32(1e-4)
        edge = (np.sin(phase * np.float32(3.1416)) + np.float32(0.1)) / steep * np.float32(grid.scale)
        fade = np.clip(1.5 - field * 1.05, 0.1, 1)
        water = shade(stage.ramp, 0.1 + 0.1 * bend_x + 0.05 * fade)
        ink = 0.24 + 0.3 * fade * (0.9 * bend_y + 0.85) * (0.75 + 0.3 * beat.swell) + 0.2 * spoken * fade
        out = shade(stage.ramp, ink)
        out += tint(decay(-(((field - 0.16) / 0.1) ** 2)), stage.accent, 0.3 + 0.4 * beat.level)
        return np.concatenate([edge[None], toned(water), toned(out)])

    def _drawn_out(self, now: Moment) -> tuple[Image, Image, Image]:
        """How far every point is from the drops, in a plane that was bent, and how it was bent."""
        grid = self._grid
        bend_x = sample(self._swirl[0], grid.x * 0.32 + now.flow * 0.002, grid.y * 0.32) - 0.5
        bend_y = sample(self._swirl[1], grid.x * 0.32, grid.y * 0.32 - now.flow * 0.0023) - 0.5
        x, y = grid.x + 0.75 * bend_x, grid.y + 0.75 * bend_y
        field = np.full(grid.size, 9.0, np.float32)
        for number, (cx, cy) in enumerate(self._at):
            off = np.hypot(x - np.float32(cx), y - np.float32(cy)) + np.float32(0.07 * number)
            field = -np.log(decay(-field * 9) + decay(-off * 9)) / np.float32(9)
        return field, bend_x, bend_y


class Wash(Ridges):
    """A range in washes of ink, a red sun."""

    layers = 5
    top_tone = 0.34
    steep = 0.85

    def _sky(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        cloud = sample(self._cloud, grid.x * 0.3 + now.t * 0.003, grid.y * 0.4)
        return shade(
            stage.ramp, 0.62 + 0.2 * (cloud - 0.5) - 0.16 * grid.distance(0, 0) ** 2 + 0.05 * now.beat.swell
        )

    def _streak(self, plate: Plate, now: Moment) -> None:
        """Paper has no lens."""

    def _cloth(self, now: Moment, near: float) -> Image:
        stage = self._stage
        down = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
        across = np.linspace(-1, 1, 72, dtype=np.float32)[None, :] * np.float32(stage.half_width)
        fog = sample(self._cloud, across * 0.3 + now.flow * 0.005, down * 0.35 + np.float32(near * 2.3))
        wet = 0.5 - 0.49 * near**0.7
        return shade(
            stage.ramp,
            wet
            + (0.6 - wet) * np.clip(down * 2.4 - 0.06, 0, 1) ** 0.8 * (0.55 + 0.6 * fog) * (1 - 0.75 * near),
        )

    def behind(self, plate: Plate, now: Moment) -> None:
        """The sun, laid on before the ranges."""
        stage, ink = self._stage, plate.ink
        ink.fill(0)
        centre = (stage.column(self._sun[0]), stage.row(self._sun[1] - 0.14))
        disc(ink, centre, stage.px(0.085 + 0.006 * now.beat.level))
        plate.cover(ink, stage.accent)


class Lava:
    """A black crust cracking over slow fire."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        self._grid = grid = Grid(stage.canvas, 180_000)
        self._heat = fbm((256, 256), (3, 3), 5, rng)
        rough = fbm((512, 512), (6, 6), 6, rng)
        warp_x = sample(rough, grid.x * 0.5, grid.y * 0.5) - 0.5
        warp_y = sample(rough, grid.x * 0.5 + 0.37, grid.y * 0.5 + 0.21) - 0.5
        self._edge = self._cracks(grid.x + 0.16 * warp_x, grid.y + 0.16 * warp_y, 0.3)
        fine = self._cracks(grid.x + 0.1 * warp_y, grid.y + 0.1 * warp_x, 0.11)
        self._edge = np.minimum(self._edge, fine * 1.6 + 0.035)
        light = np.gradient(rough)[0]
        self._crust = np.clip(
            0.5 + 22 * sample(light.astype(np.float32), grid.x * 0.9, grid.y * 0.9) + warp_x * 0.4, 0, 1
        )

    def draw(self, now: Moment, plate: Plate) -> None:
        """Crust, glow through its cracks, heat above."""
        plate.lay(self._ground(now, self._fire))

    def _fire(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._grid, now.beat
        heat = sample(self._heat, grid.x * 0.4 + now.flow * 0.006, grid.y * 0.4 - now.flow * 0.009)
        slow = sample(self._heat, grid.x * 0.16 - now.flow * 0.003, grid.y * 0.16)
        hot = np.clip(heat * 0.9 + slow * 0.9 - 0.45, 0, 1) * (0.7 + 0.4 * beat.swell + 0.25 * beat.level)
        core = decay(-((self._edge / (0.004 + 0.014 * hot)) ** 2)) * (0.25 + hot)
        wide = decay(-self._edge / (0.012 + 0.06 * hot)) * hot
        lift = 0.05 + 0.1 * self._crust * (0.5 + 0.7 * slow) + 0.5 * wide + 0.42 * core
        out = shade(stage.ramp, lift)
        return out + tint(core * hot, mix(stage.accent, _WHITE, 0.3), 0.5 + 0.3 * beat.spark)

    def _cracks(self, x: Image, y: Image, cell: float) -> Image:
        """Distance to the nearest border between cells of scattered seeds."""
        rng, stage = self._stage.rng, self._stage
        across, down = int(2 * stage.half_width / cell) + 3, int(2 * stage.half_height / cell) + 3
        first = np.full(x.shape, 9.0, np.float32)
        second = first.copy()
        for row in range(down):
            for column in range(across):
                seed = (
                    np.array(
                        [column - across / 2 + rng.uniform(0.1, 0.9), row - down / 2 + rng.uniform(0.1, 0.9)]
                    )
                    * cell
                )
                self._nearer(first, second, (x, y), (seed, cell * 2.2))
        return np.asarray((second - first) * 0.5)

    def _nearer(
        self, first: Image, second: Image, at: tuple[Image, Image], seed: tuple[Image, float]
    ) -> None:
        (x, y), (place, reach), grid = at, seed, self._grid
        unit = grid.unit / grid.scale
        row, column = grid.height / 2 + place[1] * unit, grid.width / 2 + place[0] * unit
        rows = slice(max(0, int(row - reach * unit)), max(0, int(row + reach * unit)))
        columns = slice(max(0, int(column - reach * unit)), max(0, int(column + reach * unit)))
        near, next_ = first[rows, columns], second[rows, columns]
        off = np.hypot(x[rows, columns] - np.float32(place[0]), y[rows, columns] - np.float32(place[1]))
        np.minimum(next_, np.maximum(near, off), out=next_)
        np.minimum(near, off, out=near)
