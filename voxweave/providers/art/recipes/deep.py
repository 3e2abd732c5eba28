"""Ocean: light from above, jellies, swell after swell."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import disc, fill, fixed, ridge, stroke
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Shoal:
    """Under the surface: shafts of light, a shoal passing, bubbles."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._rays = fbm((8, 1024), (2, 44), 4, rng)
        self._water = fbm((256, 256), (5, 5), 4, rng)
        count = 60
        self._fish = np.stack(
            [
                rng.normal(0, 0.3, count),
                rng.normal(0, 0.11, count),
                rng.uniform(0.45, 1, count),
                rng.uniform(0, 6.28, count),
            ],
            -1,
        )
        self._fish = self._fish[np.argsort(self._fish[:, 2])]
        self._height = float(rng.uniform(-0.2, 0.25)) * stage.half_height
        self._floor = wander(stage.canvas.width, 5, rng, octaves=6)
        self._motes = Motes(stage, 150, size=0.0014)
        self._bubbles = rng.random((36, 4))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Water, light, fish, bubbles, sea bed."""
        stage = self._stage
        plate.ground(self._sea(now))
        self._shoal(plate, now)
        rows = stage.row(0.86 * stage.half_height) - self._floor * stage.px(0.04)
        top = max(0, int(rows.min()) - 3) // 2 * 2
        ink = plate.ink[top:]
        ink.fill(0)
        ridge(ink, rows - top)
        plate.cover(ink, stage.palette[0] * np.float32(0.8), (top, 0))
        self._rise(plate, now)
        self._motes.draw(plate, now, mix(stage.accent2, _WHITE, 0.4), 0.3 + 0.4 * now.beat.level)

    def _sea(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        depth = (grid.y + np.float32(stage.half_height)) / np.float32(2 * stage.half_height)
        x0, y0 = -self._side * 0.35 * stage.half_width, -stage.half_height - 0.35
        angle = np.arctan2(grid.x - np.float32(x0), grid.y - np.float32(y0))
        bend = 0.008 * np.sin(grid.y * 6 + now.t * 0.7)
        first = sample(self._rays, angle * 0.36 + now.t * 0.003 + bend, np.float32(0.2) + 0 * angle)
        second = sample(self._rays, angle * 0.22 - now.flow * 0.004, np.float32(0.7) + 0 * angle)
        rays = np.clip(first * second * 3 - 0.42, 0, 1) * decay(-depth * 2.1)
        near = 0.12 / (depth + 0.06)
        web = sample(self._water, grid.x * near + now.t * 0.03, near * 0.9 + now.t * 0.05)
        web = 1 - np.abs(web + sample(self._water, grid.x * near * 1.1 - now.t * 0.04, near * 1.2) - 1) * 5
        top = np.clip(web, 0, 1) ** 2 * decay(-depth * 10)
        glow = grid.glow(x0, -stage.half_height, 0.75)
        lift = 0.06 + 0.6 * decay(-depth * 2.3) + 0.22 * glow * (0.8 + 0.4 * beat.swell)
        out = shade(stage.ramp, lift)
        return out + tint(rays * (0.45 + 0.5 * beat.level + 0.2 * beat.swell) + 0.35 * top, stage.accent2)

    def _shoal(self, plate: Plate, now: Moment) -> None:
        stage, ink = self._stage, plate.ink
        ink.fill(0)
        gone = -1.0 + 0.06 * now.flow
        for x, y, near, phase in self._fish:
            place = self._side * (gone + x * (1 + 0.1 * np.sin(now.t * 0.3 + phase)))
            place = (place + 1.4 * stage.half_width) % (2.8 * stage.half_width) - 1.4 * stage.half_width
            down = (
                self._height
                + y * (1 + 0.2 * now.beat.swell)
                + 0.02 * np.sin(now.t * 0.8 + 4 * x + phase)
                + 0.05 * np.sin(place * 2 + now.t * 0.2)
            )
            fill(
                ink,
                self._one(
                    (stage.column(float(place)), stage.row(float(down))), near, now.t * (4 + 2 * near) + phase
                ),
                0.35 + 0.6 * near,
            )
        plate.cover(ink, mix(stage.palette[0], stage.palette[1], 0.5))

    def _one(self, at: tuple[float, float], near: float, turn: float) -> Image:
        long = self._stage.px(0.008 + 0.017 * near**1.5)
        body = np.array(
            [
                [1, 0],
                [0.55, -0.2],
                [0, -0.26],
                [-0.55, -0.1],
                [-1, -0.26],
                [-0.85, 0],
                [-1, 0.26],
                [-0.55, 0.1],
                [0, 0.26],
                [0.55, 0.2],
            ]
        )
        swing = 0.16 * np.sin(turn) * np.clip(-body[:, 0], 0, 1)
        return np.stack(
            [at[0] + self._side * body[:, 0] * long, at[1] + (body[:, 1] + swing) * long], axis=-1
        )

    def _rise(self, plate: Plate, now: Moment) -> None:
        stage, ink = self._stage, plate.ink
        ink.fill(0)
        for x, start, size, phase in self._bubbles:
            up = (start + now.flow * (0.03 + 0.04 * size)) % 1.0
            across = (x - 0.5) * 2 * stage.half_width + 0.012 * np.sin(now.t * 1.6 + 6.28 * phase)
            at = (stage.column(float(across)), plate.height * (1.05 - 1.1 * float(up)))
            radius = stage.px(0.0018 + 0.006 * size**3)
            cv2.circle(ink, fixed(np.array(at)).tolist(), round(radius * 16), 150, 1, cv2.LINE_AA, 4)
            disc(ink, (at[0] - radius * 0.35, at[1] - radius * 0.35), radius * 0.22, 0.9)
        plate.add(ink, mix(stage.accent2, _WHITE, 0.5), 0.6)


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
        self._motes = Motes(stage, 170, size=0.0013, lift=-0.01)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Bells as soft light, their edges and threads as lines."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        body, line = plate.ink, np.zeros_like(plate.ink)
        body.fill(0)
        for jelly in self._all:
            self._jelly(body, line, now, jelly)
        haze = sample(self._cloud, grid.x * 0.35 + now.t * 0.005, grid.y * 0.35 - now.flow * 0.005)
        lift = 0.1 + 0.36 * haze * decay(-(((grid.y + 0.5 * stage.half_height) / 0.7) ** 2)) * (
            0.8 + 0.4 * beat.swell
        )
        inner = grid.bloom(body, 0.003)
        halo = grid.bloom(body, 0.05) + grid.bloom(line, 0.006, 0.02)
        out = shade(stage.ramp, lift + 0.1 * inner)
        gain = 0.55 + 0.5 * beat.level
        out += tint(halo, stage.accent, 0.55 * gain) + tint(
            inner * np.clip(1.3 - 1.6 * grid.bloom(body, 0.03), 0.12, 1), stage.accent, 1.0 * gain
        )
        out += tint(inner * inner, stage.accent2, 0.5)
        plate.ground(out)
        plate.add(line, mix(stage.accent, _WHITE, 0.45), 0.75 + 0.3 * beat.level)
        self._motes.draw(plate, now, mix(stage.accent2, _WHITE, 0.5), 0.35 + 0.4 * beat.level)

    def _jelly(self, body: Image, line: Image, now: Moment, jelly: tuple[float, float, float, float]) -> None:
        stage = self._stage
        x, y, size, phase = jelly
        beat = np.sin(now.flow * 1.25 / (0.6 + 0.5 * size) + phase)
        squeeze = 0.5 + 0.5 * beat
        unit = stage.px(0.17 * size)
        rise = 0.05 * np.sin(now.flow * 0.2 + phase) + 0.012 * beat
        at = np.array(
            [
                stage.column(float(x * stage.half_width + 0.03 * np.sin(now.t * 0.2 + phase))),
                stage.row(float(y * stage.half_height - rise)),
            ]
        )
        lean = 0.16 * np.sin(now.t * 0.17 + phase)
        turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]]).T
        wide, tall = 0.78 + 0.16 * squeeze, 0.86 - 0.1 * squeeze
        angle = np.linspace(np.pi, 2 * np.pi, 40)
        dome = np.stack([np.cos(angle) * wide, np.sin(angle) * tall], axis=-1)
        hem = np.linspace(1, -1, 33)
        skirt = np.stack([hem * wide, 0.07 * np.abs(np.sin(hem * 13 + phase)) + 0.13 * (1 - hem**2)], axis=-1)
        bell = np.concatenate([dome, skirt]) @ turn * unit + at
        fill(body, bell, 0.42 * min(1.0, 0.5 + size * 0.6))
        light = min(1.0, 0.35 + 0.65 * size)
        stroke(line, bell, 0.75 * light, max(1.0, stage.px(0.0021) * size), closed=True)
        for rib in np.linspace(-0.72, 0.72, 7):
            arch = np.stack(
                [
                    np.cos(angle[4:-4]) * 0 + rib * wide * np.sin(-angle[4:-4]) ** 0.5 * 1.0,
                    np.sin(angle[4:-4]) * tall,
                ],
                axis=-1,
            )
            half = arch[: len(arch) // 2]
            stroke(line, half @ turn * unit + at, 0.16 * light, max(1.0, stage.px(0.0016) * size))
        self._threads(line, now, (turn, unit, at), (wide, phase, light))

    def _threads(
        self, line: Image, now: Moment, frame: tuple[Image, float, Image], shape: tuple[float, float, float]
    ) -> None:
        (turn, unit, at), (wide, phase, light) = frame, shape
        down = np.linspace(0, 1, 36)
        for number, place in enumerate(np.linspace(-0.85, 0.85, 13)):
            inner = abs(place) < 0.4
            long = (1.5 if inner else 2.4) + 0.5 * np.sin(number * 2.3 + phase)
            wave = 0.16 * down**1.2 * np.sin(down * (5 + number % 3) - now.flow * 1.1 + number * 0.9 + phase)
            curl = (0.05 * np.sin(down * 16 - now.flow * 1.5 + number) * down) if inner else 0
            points = np.stack([place * wide * (1 - 0.35 * down) + wave + curl, 0.1 + long * down], axis=-1)
            pixels = points @ turn * unit + at
            for first in range(0, 35, 7):
                fade = light * (0.55 if inner else 0.36) * (1 - first / 36) ** 1.2
                stroke(line, pixels[first : first + 8], fade, max(1.0, unit * (0.016 if inner else 0.007)))


class Swell:
    """Line after line of water under a low moon; each row is the voice, a moment later."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._count = 28
        self._low = float(rng.uniform(-0.3, -0.12)) * stage.half_height
        self._moon = (
            float(rng.uniform(-0.5, 0.5)) * stage.half_width,
            self._low - float(rng.uniform(0.1, 0.2)),
        )
        self._hills = [wander(512, 24, rng, octaves=3) for _ in range(4)]
        self._place = np.linspace(-1.02, 1.02, 120) * stage.half_width
        self._cloud = fbm((256, 256), (5, 2), 4, rng)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Far rows first; each hides what is behind it."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        ink = plate.ink
        ink.fill(0)
        calm = np.hanning(81) / np.hanning(81).sum()  # water follows slowly
        trail = np.convolve(now.beat.trail, calm, "valid")
        for row in range(self._count):
            self._row(ink, now, row / (self._count - 1), trail)
        haze = sample(self._cloud, grid.x * 0.2 + now.t * 0.004, grid.y * 0.8)
        off = grid.distance(*self._moon)
        below = np.clip((grid.y - np.float32(self._low)) * 8, 0, 1)
        lift = (
            0.1
            + 0.3 * decay(-np.abs(grid.y - np.float32(self._low)) * 3.2) * (0.7 + 0.5 * beat.swell)
            + 0.1 * (haze - 0.5)
        )
        path = (
            decay(
                -(
                    ((grid.x - np.float32(self._moon[0])) / (0.08 + 0.5 * np.maximum(grid.y - self._low, 0)))
                    ** 2
                )
            )
            * below
        )
        out = shade(stage.ramp, lift * (1 - 0.35 * below))
        out += tint(
            decay(-((off / 0.07) ** 6)) + 0.3 * decay(-off * 5), mix(stage.accent2, _WHITE, 0.55), 0.75
        )
        out += tint(grid.bloom(ink, 0.006, 0.02) * (0.3 + 1.2 * path), stage.accent2, 0.3 + 0.4 * beat.level)
        plate.ground(out)
        plate.add(ink, mix(stage.accent2, _WHITE, 0.3), 0.62 + 0.2 * beat.level)

    def _row(self, ink: Image, now: Moment, near: float, trail: Image) -> None:
        stage = self._stage
        deep = near**1.9
        y = self._low + 0.012 + (stage.half_height * 1.04 - self._low) * deep
        grow = 0.12 + 0.88 * deep
        x = self._place / (0.35 + 0.65 * grow) * 0.32
        tall = np.zeros_like(x)
        for number, hill in enumerate(self._hills):
            drift = now.flow * (0.007 + 0.003 * number) * (1 if number % 2 else -1)
            place = (x * (0.4 + 0.33 * number) + drift + near * (1.7 + 0.9 * number)) % 1.0
            tall += np.interp(place * 512, np.arange(513), np.append(hill, hill[0])) * 0.34
        spoken = float(np.interp((1 - near) * 160, np.arange(len(trail)), trail))
        middle = decay(-((self._place / (0.75 * stage.half_width)) ** 2))
        rows = (
            y
            - np.abs(tall) * (0.02 + 0.14 * spoken * middle) * grow * 1.5
            - 0.012 * grow * np.sin(5 * x + 0.6 * now.t + near * 20)
        )
        points = np.stack([stage.column(self._place), stage.row(rows)], axis=-1)
        foot = points[::-1] + np.array([0, stage.px(0.16 * grow + 0.02)])
        cv2.fillPoly(ink, [fixed(np.concatenate([points, foot]))], 0, cv2.LINE_8, 4)
        stroke(ink, points, 0.2 + 0.75 * near**0.8, max(1.0, stage.px(0.0011 + 0.0016 * deep)))
