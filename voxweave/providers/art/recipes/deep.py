"""Ocean: light from above, a shoal, bubbles."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import disc, fill, fixed, ridge, spots
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Shoal:
    """Under the surface: shafts of light, a shoal passing, bubbles."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._ground = Held(toned)
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
        plate.lay(self._ground(now, self._sea))
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
        fish = []
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
            at = (stage.column(float(place)), stage.row(float(down)))
            fish.append(self._one(at, near, now.t * (4 + 2 * near) + phase))
            fill(ink, fish[-1], 0.35 + 0.6 * near)
        plate.cover_spots(ink, spots(fish, ink.shape), mix(stage.palette[0], stage.palette[1], 0.5))

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
