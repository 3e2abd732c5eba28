"""Ocean: jellyfish, beating with the voice."""

import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import fill, stroke, strokes
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)
_ARCH = np.linspace(np.pi, 2 * np.pi, 40)
_HEM = np.linspace(1, -1, 33)

Jelly = tuple[float, float, float, float]
"""Where it hovers, how large it is, and where in its beat it begins."""

Frame = tuple[Image, float, Image]
"""How a jelly is turned, its unit in pixels, and its place."""


class Jellies:
    """Jellyfish in the dark, beating with the voice."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        spots = [
            (-0.55, -0.05, 1.0),
            (0.42, -0.28, 0.66),
            (0.05, 0.42, 0.4),
            (0.8, 0.3, 0.5),
            (-0.86, 0.62, 0.34),
            (-0.12, -0.62, 0.3),
        ]
        flip = float(rng.choice([-1.0, 1.0]))
        self._all = [
            (
                flip * x + rng.normal(0, 0.06),
                y + rng.normal(0, 0.06),
                s * rng.uniform(0.85, 1.12),
                rng.uniform(0, 6.28),
            )
            for x, y, s in spots
        ]
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._ground = Held(toned)
        self._motes = Motes(stage, 170, size=0.0013, lift=-0.01)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Bells as soft light, their edges and threads as lines."""
        stage, line = self._stage, plate.ink
        plate.lay(self._ground(now, self._soft))
        line.fill(0)
        for jelly in self._all:
            frame, wide = self._frame(now, jelly)
            self._bell(line, frame, jelly, wide)
            self._threads(line, now, frame, (wide[0], jelly[3], min(1.0, 0.35 + 0.65 * jelly[2])))
        plate.add(line, mix(stage.accent, _WHITE, 0.45), 0.75 + 0.3 * now.beat.level)
        self._motes.draw(plate, now, mix(stage.accent2, _WHITE, 0.5), 0.35 + 0.4 * now.beat.level)

    def _soft(self, now: Moment) -> Image:
        """Water, and the jellies' own light in it."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        body, line = np.zeros((2, stage.canvas.height, stage.canvas.width), np.uint8)
        for jelly in self._all:
            frame, wide = self._frame(now, jelly)
            fill(body, self._outline(frame, jelly, wide), 0.42 * min(1.0, 0.5 + jelly[2] * 0.6))
            self._bell(line, frame, jelly, wide)
            self._threads(line, now, frame, (wide[0], jelly[3], min(1.0, 0.35 + 0.65 * jelly[2])))
        haze = sample(self._cloud, grid.x * 0.35 + now.t * 0.005, grid.y * 0.35 - now.flow * 0.005)
        above = decay(-(((grid.y + 0.5 * stage.half_height) / 0.7) ** 2))
        inner = grid.bloom(body, 0.003)
        halo = grid.bloom(body, 0.05) + grid.bloom(line, 0.006, 0.02)
        out = shade(stage.ramp, 0.1 + 0.36 * haze * above * (0.8 + 0.4 * beat.swell) + 0.1 * inner)
        gain = 0.55 + 0.5 * beat.level
        core = inner * np.clip(1.3 - 1.6 * grid.bloom(body, 0.03), 0.12, 1)
        out += tint(halo, stage.accent, 0.55 * gain) + tint(core, stage.accent, gain)
        return out + tint(inner * inner, stage.accent2, 0.5)

    def _frame(self, now: Moment, jelly: Jelly) -> tuple[Frame, tuple[float, float]]:
        """How a jelly is turned, how large, where; and how wide and tall its bell is in this beat."""
        stage, (x, y, size, phase) = self._stage, jelly
        beat = float(np.sin(now.flow * 1.25 / (0.6 + 0.5 * size) + phase))
        rise = 0.05 * np.sin(now.flow * 0.2 + phase) + 0.012 * beat
        across = stage.column(float(x * stage.half_width + 0.03 * np.sin(now.t * 0.2 + phase)))
        lean = 0.16 * np.sin(now.t * 0.17 + phase)
        turn = np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
        at = np.array([across, stage.row(float(y * stage.half_height - rise))])
        return (turn, stage.px(0.17 * size), at), (0.86 + 0.08 * beat, 0.81 - 0.05 * beat)

    def _outline(self, frame: Frame, jelly: Jelly, shape: tuple[float, float]) -> Image:
        (turn, unit, at), (wide, tall) = frame, shape
        dome = np.stack([np.cos(_ARCH) * wide, np.sin(_ARCH) * tall], axis=-1)
        frill = 0.07 * np.abs(np.sin(_HEM * 13 + jelly[3])) + 0.13 * (1 - _HEM**2)
        skirt = np.stack([_HEM * wide, frill], axis=-1)
        return np.asarray(np.concatenate([dome, skirt]) @ turn * unit + at)

    def _bell(self, line: Image, frame: Frame, jelly: Jelly, shape: tuple[float, float]) -> None:
        """The edge of a bell, and its ribs."""
        stage, (turn, unit, at), (wide, tall) = self._stage, frame, shape
        light, size = min(1.0, 0.35 + 0.65 * jelly[2]), jelly[2]
        bell = self._outline(frame, jelly, shape)
        stroke(line, bell, 0.75 * light, max(1.0, stage.px(0.0021) * size), closed=True)
        up = _ARCH[4:20]
        ribs = np.linspace(-0.72, 0.72, 7)[:, None] * wide * np.sin(-up) ** 0.5
        arches = np.stack([ribs, np.broadcast_to(np.sin(up) * tall, ribs.shape)], axis=-1) @ turn * unit + at
        strokes(line, arches, 0.16 * light, max(1.0, stage.px(0.0016) * size))

    def _threads(self, line: Image, now: Moment, frame: Frame, shape: tuple[float, float, float]) -> None:
        """Short curled threads in the middle, long ones outside, each fading on its way down."""
        (turn, unit, at), (wide, phase, light) = frame, shape
        down, number, place = (
            np.linspace(0, 1, 36),
            np.arange(13)[:, None],
            np.linspace(-0.85, 0.85, 13)[:, None],
        )
        inner = np.abs(place) < 0.4
        long = np.where(inner, 1.5, 2.4) + 0.5 * np.sin(number * 2.3 + phase)
        wave = 0.16 * down**1.2 * np.sin(down * (5 + number % 3) - now.flow * 1.1 + number * 0.9 + phase)
        curl = 0.05 * np.sin(down * 16 - now.flow * 1.5 + number) * down * inner
        points = np.stack([place * wide * (1 - 0.35 * down) + wave + curl, 0.1 + long * down], axis=-1)
        pixels = points @ turn * unit + at
        for first in range(0, 35, 7):
            fade = light * (1 - first / 36) ** 1.2
            for which, amount, thick in ((inner[:, 0], 0.55, 0.016), (~inner[:, 0], 0.36, 0.007)):
                strokes(line, pixels[which, first : first + 8], fade * amount, max(1.0, unit * thick))
