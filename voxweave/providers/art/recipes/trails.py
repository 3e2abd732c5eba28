"""Cyberpunk: a motorway at night, long exposed."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.cutout import Cutout
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, planes_of
from voxweave.providers.art.recipes.city import Block, halo, towers
from voxweave.providers.art.shapes import dashes
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)
_FAR = 30.0
_PIECES = 14


class Trails:
    """Ribbons of light along a slow bend, towards a city on the horizon."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._low = float(rng.uniform(-0.1, 0.0)) * stage.half_height * 2
        self._bend = float(rng.choice([-1, 1]) * rng.uniform(0.05, 0.13))
        self._from = float(-np.sign(self._bend) * rng.uniform(0.1, 0.35) * stage.half_width)
        places = np.repeat([0.62, 0.95, 1.3, 1.7, 2.15], 2)
        self._lanes = places + rng.normal(0, 0.03, (2, len(places)))
        self._rise = rng.uniform(0.04, 0.17, self._lanes.shape)
        self._start = rng.random((2, len(places), 2, 3))
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._town = self._skyline()
        self._lines = self._long_exposure()
        grid = stage.grid
        self._below = (grid.y > self._low).astype(np.float32)
        drop = np.maximum(grid.y - np.float32(self._low), 1e-3)
        self._asphalt = fbm((256, 256), (40, 40), 3, rng)
        self._road = sample(self._asphalt, (grid.x - self._from) / drop * 0.05, 0.1 / drop)
        self._wet = (0.75 + 0.5 * self._road * self._below).astype(np.float32)
        self._ground, self._haze = Held(), Held(planes_of)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Trails first as ink, so that their glow can lie on the ground below them."""
        stage, grid = self._stage, self._stage.grid
        picture = self._ground(now, self._night)
        inks = []
        for side, (ink, colour) in enumerate(((plate.ink, stage.accent2), (plate.second_ink, stage.accent))):
            ink.fill(0)
            self._ribbons(ink, now, side)
            glow = grid.bloom(ink, 0.005, 0.022, 0.08) * self._wet
            picture = picture + tint(glow, colour, 0.5 + 0.35 * now.beat.level)
            inks.append((ink, mix(colour, _WHITE, 0.3)))
        plate.ground(picture)
        self._town.draw(plate, 0, 0.8 + 0.4 * now.beat.level)
        self._horizon(plate, now)
        self._lines.draw(plate, 0, 0.55 + 0.35 * now.beat.swell)
        for ink, colour in inks:
            plate.add(ink, colour, 0.85)

    def _horizon(self, plate: Plate, now: Moment) -> None:
        """Haze where city and road meet."""
        first, last = (round(self._stage.row(self._low + way)) // 2 * 2 for way in (-0.1, 0.1))
        plate.shed(self._haze(now, self._veil), max(0, first), min(plate.height, last))

    def _veil(self, now: Moment) -> Image:
        stage = self._stage
        down = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
        across = np.linspace(-stage.half_width, stage.half_width, 64, dtype=np.float32)[None, :]
        light: Image = decay(-(down**2) * 5) - np.float32(np.exp(-5))
        light = light * (0.35 + 0.65 * decay(-(((across - np.float32(self._from)) / 0.5) ** 2)))
        return tint(light, stage.accent, 0.3 + 0.25 * now.beat.swell)

    def _night(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        off = grid.y - np.float32(self._low)
        haze = sample(self._cloud, grid.x * 0.3 - now.t * 0.004, grid.y * 0.55 + now.flow * 0.003)
        up = decay(-np.maximum(-off, 0) * 3.0) * (off < 0) + decay(-np.maximum(off, 0) * 8) * (off >= 0) * 0.7
        lift = up * (0.4 + 0.6 * haze) * (0.8 + 0.35 * now.beat.swell) + 0.16 * (haze - 0.4) * (off < 0)
        lift = lift + self._below * (0.05 * self._road + 0.02)
        out = shade(stage.ramp, lift)
        lamp = grid.glow(self._from, self._low, 0.3) * (0.25 + 0.75 * haze)
        return out + tint(lamp, mix(stage.accent, _WHITE, 0.1), 0.55 + 0.45 * now.beat.swell)

    def _skyline(self) -> Cutout:
        """A low city where the road goes."""
        stage, unit = self._stage, self._stage.unit
        haze = mix(stage.palette[-2], stage.palette[2], 0.5)
        lamps = (mix(stage.accent2, _WHITE, 0.4), np.array([1.0, 0.72, 0.42], np.float32), stage.accent)
        tall = 0.24 * unit
        block = Block(
            widths=(0.018 * unit, 0.05 * unit),
            heights=(0.12 * tall, tall),
            window=(max(3, round(4 * unit / 1080)), max(3, round(5 * unit / 1080))),
            lit=0.5,
            dark=stage.palette[0],
            haze=haze,
            mist=0.4,
            light=0.62,
            lamps=lamps,
        )
        band = int(tall * 1.3) // 2 * 2
        colours, alpha, _ = towers((band, stage.canvas.width), block, stage.rng)
        top = round(stage.row(self._low)) // 2 * 2 - band
        return Cutout(halo(colours * alpha[:, :, None], 0.003 * unit, 0.5), alpha, top)

    def _long_exposure(self) -> Cutout:
        """Every lane as a thin steady line: the traffic of the whole night."""
        stage = self._stage
        z = 1 / np.linspace(1 / 0.42, 1 / _FAR, 90)
        size = (stage.canvas.height, stage.canvas.width)
        colours = np.zeros((*size, 3), np.float32)
        for side, colour in enumerate((stage.accent2, stage.accent)):
            ink = np.zeros(size, np.uint8)
            for lane, rise in zip(self._lanes[side], self._rise[side], strict=True):
                x, y = self._project((1 if side else -1) * lane, rise, z)
                points = np.stack([x, y], axis=-1)
                width = np.clip(0.003 / z * stage.unit, 0.4, 0.006 * stage.unit)
                dashes(ink, points[:-1], points[1:], 0.5 * np.clip((_FAR - z[1:]) / 9, 0.1, 1), width[1:])
            colours += ink.astype(np.float32)[:, :, None] * (mix(colour, _WHITE, 0.1) / np.float32(255))
        return Cutout(halo(colours, 0.004 * stage.unit, 0.7), np.zeros(size, np.float32), 0)

    def _ribbons(self, ink: Image, now: Moment, side: int) -> None:
        """Every lamp smears along its lane; nearer is wider."""
        toward = 1 if side else -1
        phase, speed, long = np.moveaxis(self._start[side], -1, 0)
        head = (toward * now.flow * (1.2 + 0.9 * speed) + (phase + np.array([0, 0.5])) * _FAR) % _FAR
        length = 1.8 + 3.6 * long
        steps = np.linspace(-1, 1, _PIECES + 1)
        z = np.clip(head[..., None] + steps * length[..., None], 0.42, _FAR)
        middle = (z[..., 1:] + z[..., :-1]) / 2
        light = np.cos((steps[:-1] + steps[1:]) * 0.5 * np.pi / 2) ** 2
        light = light * np.clip((_FAR - middle) / 9, 0, 1) * np.clip((middle - 0.42) / 2.2, 0, 1)
        light = np.where(z[..., 1:] > z[..., :-1], light, 0)
        x, y = self._project(toward * self._lanes[side][:, None, None], self._rise[side][:, None, None], z)
        first = np.stack([x[..., :-1], y[..., :-1]], axis=-1).reshape(-1, 2)
        last = np.stack([x[..., 1:], y[..., 1:]], axis=-1).reshape(-1, 2)
        width = np.clip(0.0085 / middle * self._stage.unit, 0.35, 0.014 * self._stage.unit)
        dashes(ink, first, last, light.reshape(-1), width.reshape(-1))

    def _project(self, lane: Image, rise: Image, z: Image) -> tuple[Image, Image]:
        stage = self._stage
        wide, tall = min(1.0, stage.half_width * 1.15), max(1.0, stage.half_height * 1.7)
        x = wide * (lane * 0.5 + self._bend * z**1.55 * 0.22) / z + self._from * (1 - 1 / (1 + 0.12 * z))
        y = (0.42 - rise) / z * 0.95 * tall + self._low
        return stage.canvas.width / 2 + x * stage.unit, stage.canvas.height / 2 + y * stage.unit
