"""Ember: sparks over a fire, a candle."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, planes_of, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import dashes, fill, sparks
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Sparks:
    """A fire just below the picture; what rises from it."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._ground = Held(toned)
        count = 300
        self._one = rng.random((count, 5))
        self._x = float(rng.uniform(-0.4, 0.4)) * stage.half_width
        self._smoke = fbm((256, 256), (3, 3), 5, rng)
        self._flame = fbm((256, 256), (4, 6), 4, rng)
        self._wind = float(rng.uniform(-0.12, 0.12))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Smoke lit from below, tongues, sparks with short tails."""
        stage = self._stage
        heads, lights = self._flying(plate.ink, now)
        glow = tint(stage.grid.bloom(plate.ink, 0.008, 0.03), stage.accent, 0.8 + 0.6 * now.beat.level)
        plate.lay(self._ground(now, self._smoulder) + planes_of(glow))
        plate.add(plate.ink, mix(stage.accent, _WHITE, 0.35), 0.9)
        bright = lights * (0.5 + 0.8 * now.beat.spark)
        sparks(plate, heads, stage.px(0.0015), mix(stage.accent, _WHITE, 0.5), bright)

    def _smoulder(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        up = (np.float32(stage.half_height) - grid.y) / np.float32(2 * stage.half_height)
        smoke = sample(self._smoke, grid.x * 0.4 - self._wind * now.t * 0.05, grid.y * 0.4 + now.flow * 0.03)
        tongue = sample(self._flame, grid.x * 0.5 + 0.12 * smoke, grid.y * 0.42 + now.flow * 0.17)
        wide = decay(-(((grid.x - np.float32(self._x)) / (0.75 * stage.half_width + 0.1)) ** 2))
        tall = 0.24 + 0.1 * beat.swell + 0.1 * beat.level
        fine = sample(self._flame, grid.x * 1.1 + 0.2 * tongue, grid.y * 0.7 + now.flow * 0.26)
        flame = np.clip((0.55 * tongue + 0.55 * fine) * wide * 1.5 - up / tall - 0.12, 0, 1)
        glow = decay(-up / 0.3) * wide
        lift = 0.05 + 0.46 * glow * (0.3 + 0.9 * smoke) * (0.75 + 0.45 * beat.swell) + 0.85 * flame**1.1
        return shade(stage.ramp, lift)

    def _flying(self, ink: Image, now: Moment) -> tuple[Image, Image]:
        """The sparks' short tails as ink; where their heads are, and how bright."""
        heads, lights = self._places(now.flow)
        tails, _ = self._places(now.flow - 0.05)
        ink.fill(0)
        wide = 1.0 + (self._one[:, 3] > 0.7) * self._stage.px(0.0013)
        dashes(ink, tails, heads, lights * 0.8, wide)
        return heads, lights

    def _places(self, flow: float) -> tuple[Image, Image]:
        stage = self._stage
        x, start, pace, near, phase = self._one.T
        life = (start + flow * (0.05 + 0.09 * pace)) % 1.0
        rise = life * (1.25 + 0.5 * near)
        sway = (0.03 + 0.09 * life) * np.sin(life * (7 + 5 * pace) + phase * 6.28) + 0.05 * np.sin(
            life * 15 + phase * 20
        ) * life
        across = self._x + (x - 0.5) * (0.9 + 0.9 * life) * stage.half_width + sway + self._wind * life
        down = stage.half_height * 1.06 - rise * 2 * stage.half_height * 0.8
        points = np.stack([stage.column(across), stage.row(down)], axis=-1)
        light = np.clip(life * 12, 0, 1) * (1 - life) ** 1.4 * (0.25 + 0.75 * near)
        return points, light * (0.75 + 0.25 * np.sin(phase * 40 + flow * 3))


class Candle:
    """One flame in a dark room; it leans and steadies with the voice."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._x = float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.42)) * stage.half_width
        self._ground = Held(toned)
        self._wick = 0.14
        reach = stage.column(self._x) + np.array([-1, 1]) * stage.px(0.11)
        low, high = (stage.row(self._wick + way) for way in (-0.26, 0.03))
        self._air = (
            (max(0, round(low / 2) * 2), min(stage.canvas.height, round(high / 2) * 2)),
            (max(0, round(float(reach[0]) / 2) * 2), min(stage.canvas.width, round(float(reach[1]) / 2) * 2)),
        )
        self._smoke = fbm((256, 256), (3, 3), 5, rng)
        self._sway = fbm((8, 512), (2, 24), 3, rng)
        self._others = np.stack(
            [
                rng.uniform(-1, 1, 9) * stage.half_width,
                rng.uniform(0.16, 0.34, 9),
                rng.uniform(0.014, 0.05, 9),
            ],
            -1,
        )
        self._motes = Motes(stage, 60, size=0.0012, lift=0.01)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Room, far lights, wax, flame."""
        lean = float(
            sample(self._sway, np.array([[now.t * 0.02]], np.float32), np.array([[0.3]], np.float32))[0, 0]
            - 0.5
        )
        plate.lay(self._ground(now, self._room))
        self._wax(plate, self._breath(now))
        (top, bottom), columns = self._air
        plate.shed(planes_of(self._fire(now, lean)), top, bottom, columns=columns)
        self._motes.draw(plate, now, self._stage.accent, 0.25 + 0.3 * now.beat.level)

    def _breath(self, now: Moment) -> float:
        return 0.75 + 0.3 * now.beat.swell + 0.22 * now.beat.level

    def _room(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        y = self._wick - 0.09
        off = np.hypot(grid.x - np.float32(self._x), (grid.y - np.float32(y)) * 0.9)
        smoke = sample(self._smoke, grid.x * 0.3, grid.y * 0.3 + now.flow * 0.008)
        breath = self._breath(now)
        lift = 0.05 + (0.5 * decay(-off / 0.26) + 0.2 * decay(-off / 0.75) * (0.5 + smoke)) * breath
        table = np.clip((grid.y - np.float32(0.4)) * 10, 0, 1)
        lift = (
            lift * (1 - 0.45 * table)
            + table * 0.22 * decay(-np.abs(grid.x - np.float32(self._x)) / 0.4) * breath
        )
        out = shade(stage.ramp, lift)
        for place, down, radius in self._others.tolist():
            rows, columns = grid.around(place, 0.3 - down, radius * 1.2)
            far = np.hypot(grid.x[:, columns] - np.float32(place), grid.y[rows] - np.float32(0.3 - down))
            light = 0.5 * (0.6 + 0.5 * float(beat.bands[int(radius * 99) % 8]))
            out[:, rows, columns] += tint(
                np.clip(1.1 - far / np.float32(radius), 0, 0.22), stage.accent, light
            )
        return out

    def _wax(self, plate: Plate, breath: float) -> None:
        stage = self._stage
        wide, top, foot = 0.066, self._wick + 0.012, max(self._wick + 0.42, stage.half_height + 0.02)
        edge = np.linspace(-1, 1, 30)
        rim = np.stack(
            [self._x + wide * edge, top + 0.014 * edge**2 - 0.006 * np.sqrt(np.clip(1 - edge**2, 0, 1))],
            axis=-1,
        )
        base = np.stack(
            [self._x + wide * 1.02 * edge[::-1], foot + 0.016 * np.sqrt(np.clip(1 - edge[::-1] ** 2, 0, 1))],
            axis=-1,
        )
        shape = np.concatenate([rim, base]) * stage.unit + [stage.canvas.width / 2, stage.canvas.height / 2]
        first = int(shape[:, 1].min() - 2) // 2 * 2
        last = min(plate.height, int(shape[:, 1].max() + 4) // 2 * 2)
        ink = plate.ink[first:last]
        ink.fill(0)
        fill(ink, shape - [0, first])
        across = (
            np.linspace(-stage.half_width, stage.half_width, 480, dtype=np.float32) - np.float32(self._x)
        ) / np.float32(wide)
        round_ = np.sqrt(np.clip(1 - across**2, 0, 1))[None, :]
        down = np.linspace(0, 1, 40, dtype=np.float32)[:, None]
        plate.ground_inside(
            shade(stage.ramp, (0.3 + 0.56 * decay(-down * 2.6) * breath) * (0.35 + 0.65 * round_)),
            ink,
            (first, 0),
        )

    def _fire(self, now: Moment, lean: float) -> Image:
        """Teardrop: blue root, amber body, white heart; at half the size, as it is all edge."""
        (top, bottom), (left, right) = self._air
        stage = self._stage
        x = ((np.arange(left, right, 2) + 1) / stage.unit - stage.half_width).astype(np.float32)[None, :]
        y = ((np.arange(top, bottom, 2) + 1) / stage.unit - stage.half_height).astype(np.float32)[:, None]
        beat = now.beat
        tall = 0.135 + 0.03 * beat.level + 0.015 * beat.swell
        up = (np.float32(self._wick) - y) / np.float32(tall)
        middle = (
            self._x
            + lean * 0.1 * np.clip(up, 0, 2) ** 1.6
            + 0.004 * np.sin(up * 4 - now.t * 5.0) * np.clip(up, 0, 1)
        )
        shape = np.clip(up + 0.06, 0, 1.06) ** 0.62 * np.clip(1.06 - up, 0, None) ** 0.85
        wide = np.float32(0.05) * shape + np.float32(1e-4)
        off = (x - middle) / wide
        body = decay(-(np.abs(off) ** 3)) * (up > -0.06) * (up < 1.06)
        heart = decay(-((off / 0.62) ** 2)) * np.clip(up * 2.2, 0, 1) * np.clip(1.1 - up, 0, 1)
        root = decay(-(((up - 0.02) / 0.14) ** 2)) * decay(-((off / 1.1) ** 2))
        warm = self._stage.accent
        out = tint(body * np.clip(up * 3, 0.1, 1), warm, 0.9) + tint(
            heart * body, mix(warm, _WHITE, 0.65), 0.9
        )
        return out + tint(root * body, np.array([0.2, 0.4, 1.0], np.float32), 0.6)
