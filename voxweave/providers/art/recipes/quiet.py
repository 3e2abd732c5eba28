"""Minimal: one shape that breathes, one line, one horizon."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.shapes import curve, dashes, disc, ring
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Breath:
    """A disc of soft light in thin rings, breathing with the voice."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._at = (
            float(rng.uniform(-0.28, 0.28)) * stage.half_width,
            float(rng.uniform(-0.16, 0.0)) * stage.half_height,
        )
        self._turn = float(rng.uniform(0, 6.28))
        self._held = Held()
        self._radius = float(rng.uniform(0.2, 0.25))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Ground, disc, rings."""
        stage, ink, beat = self._stage, plate.ink, now.beat
        planes, radius = self._held(now, self._soft), self._reach(now)
        plate.lay(planes[:3])
        ink.fill(0)
        centre = (stage.column(self._at[0]), stage.row(self._at[1]))
        disc(ink, centre, stage.px(radius))
        plate.inside(planes[3:], ink)
        ink.fill(0)
        for step in range(4):
            reach = radius * (1.16 + 0.2 * step) + 0.03 * float(beat.bands[2 * step])
            ring(ink, centre, stage.px(reach), (0.5, 0.3, 0.18, 0.1)[step], max(1.0, stage.unit / 700))
        plate.add(ink, mix(stage.accent, _WHITE, 0.4), 0.7)

    def _reach(self, now: Moment) -> float:
        beat = now.beat
        return float(self._radius * (1 + 0.1 * beat.level + 0.06 * beat.swell + 0.02 * np.sin(now.t * 0.5)))

    def _soft(self, now: Moment) -> Image:
        """The ground, and the disc as if it were everywhere."""
        stage, grid = self._stage, self._stage.grid
        wide = decay(-((grid.distance(*self._at) / 0.62) ** 2))
        lift = 0.16 + 0.1 * (grid.y / (2 * stage.half_height)) + 0.2 * wide * (0.6 + 0.8 * now.beat.swell)
        ground = toned(shade(stage.ramp, lift + 0 * grid.x))
        return np.concatenate([ground, toned(self._inside(now, self._reach(now)))])

    def _inside(self, now: Moment, radius: float) -> Image:
        """A ball lit from one side, its shadow slowly turning."""
        grid, stage = self._stage.grid, self._stage
        turn = self._turn + now.flow * 0.12
        x, y = (grid.x - np.float32(self._at[0])) / radius, (grid.y - np.float32(self._at[1])) / radius
        side = 0.5 + 0.5 * (x * np.cos(turn) + y * np.sin(turn))
        out = tint(np.clip(side, 0, 1) ** 1.2, stage.accent, 0.92) + tint(
            np.clip(1 - side, 0, 1) ** 1.6, stage.accent2, 0.5
        )
        return out * np.float32(0.85 + 0.25 * now.beat.level)


class Thread:
    """A few fine strings across a wide calm field."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._tilt = float(rng.uniform(-0.12, 0.12))
        self._lift = float(rng.uniform(-0.12, 0.02)) * stage.half_height
        self._turns = rng.uniform(0.6, 1.1, 9)
        self._ground = Held(toned)
        self._phase = rng.uniform(0, 6.28, 9)
        self._place = np.linspace(-stage.half_width, stage.half_width, stage.canvas.width, dtype=np.float32)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Ground, then strings, the middle one brightest."""
        stage, beat = self._stage, now.beat
        plate.lay(self._ground(now, self._field))
        envelope = decay(-((self._place / (0.62 * stage.half_width)) ** 2))
        for number in range(9):
            band = float(beat.bands[min(7, number)])
            turn = 6.2832 * self._turns[number] * self._place / stage.half_width
            swing = np.sin(turn + self._phase[number] + now.flow * (0.35 + 0.07 * number))
            swing += 0.35 * np.sin(2.3 * turn - now.flow * 0.5 + number)
            tall = 0.035 + 0.011 * number + 0.1 * band
            rows = (
                stage.row(0) + (self._lift + self._tilt * self._place + swing * envelope * tall) * stage.unit
            )
            colour = mix(stage.accent, stage.accent2, number / 8)
            light = (0.9 if number == 0 else 0.42 - 0.035 * number) * (0.35 + 0.65 * envelope)
            curve(
                plate,
                rows.astype(np.float32),
                max(1.0, stage.unit / (500 if number == 0 else 900)),
                colour,
                light,
            )

    def _field(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        axis = self._lift + self._tilt * grid.x
        lift = 0.13 + 0.26 * decay(-(((grid.y - axis) / 0.34) ** 2)) * (0.5 + now.beat.swell)
        return shade(stage.ramp, lift)


class Eclipse:
    """The rim of a great dark disc, light welling up behind it."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._radius = float(rng.uniform(0.72, 0.95))
        self._x = float(rng.uniform(-0.3, 0.3)) * stage.half_width
        self._top = float(rng.uniform(-0.06, 0.14)) * stage.half_height
        self._held = Held()

    def draw(self, now: Moment, plate: Plate) -> None:
        """Glow, disc, rim."""
        stage, ink = self._stage, plate.ink
        planes, y = self._held(now, self._soft), self._down(now)
        plate.lay(planes[:3])
        ink.fill(0)
        centre, radius = (stage.column(self._x), stage.row(y)), stage.px(self._radius)
        disc(ink, centre, radius)
        plate.inside(planes[3:], ink)
        ink.fill(0)
        turn = np.linspace(-1.7, 1.7, 180)
        rim = np.stack([centre[0] + radius * np.sin(turn), centre[1] - radius * np.cos(turn)], axis=-1)
        light = (0.5 + 0.5 * np.cos(turn - self._lean(now))) ** 5
        dashes(ink, rim[:-1], rim[1:], 0.8 * light[1:], max(1.0, stage.unit / 540))
        plate.add(ink, mix(stage.accent, _WHITE, 0.6), 0.6 + 0.5 * now.beat.level)

    def _down(self, now: Moment) -> float:
        return float(self._top + self._radius - 0.03 * np.sin(now.t * 0.12))

    def _lean(self, now: Moment) -> float:
        """Where along the rim the light stands, in radians from the top."""
        return float(0.5 * np.sin(now.flow * 0.1))

    def _soft(self, now: Moment) -> Image:
        """The sky, and the disc as if it were everywhere."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        y = self._down(now)
        off = grid.distance(self._x, y) - np.float32(self._radius)
        side = 0.5 + 0.5 * np.cos(np.arctan2(grid.x - np.float32(self._x), y - grid.y) - self._lean(now))
        glow = decay(-np.maximum(off, 0) / (0.1 + 0.1 * beat.swell)) * side**3
        out = shade(stage.ramp, 0.12 + 0.5 * glow * (0.55 + 0.5 * beat.swell))
        out += tint(glow**2.2, stage.accent, 0.5 + 0.4 * beat.level)
        dim = 0.06 + 0.3 * decay(np.minimum(off, 0) / 0.05) * side**4 * (0.4 + 0.6 * beat.level)
        return np.concatenate([toned(out), toned(shade(stage.ramp, dim))])
