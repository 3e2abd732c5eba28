"""Anime: cherry blossom before a great sun."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, ramp, rgb, shade, tint
from voxweave.providers.art.cutout import Sprite
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.shapes import below, fill, fixed, spots
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Sakura:
    """Blossom against a great pale sun, petals falling."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._sun = (
            -self._side * float(rng.uniform(0.05, 0.35)) * stage.half_width,
            float(rng.uniform(-0.1, 0.12)) * stage.half_height,
        )
        self._radius = float(rng.uniform(0.2, 0.27))
        self._ground = Held(toned)
        self._bough = self._tree()
        self._petals = rng.random((64, 6))
        self._haze = fbm((256, 256), (4, 2), 5, rng)
        self._warm = mix(stage.accent, rgb("#ffb38a"), 0.45)
        dark = mix(stage.palette[0], rgb("#2a1148"), 0.5)
        self._ramp = ramp([dark, rgb("#5b2a7a"), rgb("#c45a93"), self._warm, rgb("#ffd9b0")])
        self._hills = [wander(stage.canvas.width, knots, rng, rough=0.42) for knots in (7, 4)]

    def draw(self, now: Moment, plate: Plate) -> None:
        """Dusk, sun, hills, bough, petals."""
        stage = self._stage
        plate.lay(self._ground(now, self._dusk))
        self._disc(plate, now.beat.level)
        for number, line in enumerate(self._hills):
            self._hill(plate, line, number, self._warm)
        self._bough.draw(
            plate,
            self._corner + stage.px(0.006) * np.sin(now.t * 0.7),
            stage.px(0.004) * np.sin(now.t * 0.9 + 1) - stage.px(0.03),
        )
        self._fall(plate, now)

    def _dusk(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        haze = sample(self._haze, grid.x * 0.2 + now.t * 0.004, grid.y * 0.8) - 0.5
        height = grid.y / (2 * stage.half_height) + 0.5
        out = shade(self._ramp, 0.04 + 0.84 * height**1.25 + 0.16 * haze * height + 0.04 * beat.swell)
        return out + tint(grid.glow(*self._sun, self._radius * 2.1), stage.accent, 0.2 + 0.25 * beat.swell)

    def _disc(self, plate: Plate, level: float) -> None:
        stage = self._stage
        reach = stage.px(self._radius)
        top = max(0, int(stage.row(self._sun[1]) - reach) - 4) // 2 * 2
        bottom = min(plate.height, int(stage.row(self._sun[1]) + reach) + 6) // 2 * 2
        ink = plate.ink[top:bottom]
        ink.fill(0)
        centre = fixed(np.array([stage.column(self._sun[0]), stage.row(self._sun[1]) - top])).tolist()
        cv2.circle(ink, centre, round(reach * 16), 255, cv2.FILLED, cv2.LINE_AA, 4)
        plate.cover(ink, mix(rgb("#ffe9dc"), stage.accent, 0.16 - 0.08 * level), (top, 0))

    def _hill(self, plate: Plate, line: Image, number: int, warm: Image) -> None:
        stage = self._stage
        rows = stage.row(stage.half_height * (0.62 + 0.2 * number)) - line * stage.px(0.05 + 0.02 * number)
        top = max(0, int(rows.min()) - 3) // 2 * 2
        ink = plate.ink[top:]
        ink.fill(0)
        fill(ink, below(rows - top, ink.shape[0]))
        plate.cover(ink, mix(rgb("#4a2264"), warm, 0.3 - 0.26 * number), (top, 0))

    def _fall(self, plate: Plate, now: Moment) -> None:
        """Petals turn over as they fall; near ones are larger and faster."""
        ink, stage = plate.ink, self._stage
        ink.fill(0)
        x, y, near, spin, phase, size = self._petals.T
        depth = 0.35 + 0.65 * near**2
        down = (y + now.flow * 0.05 * depth) % 1.0
        sway = 0.03 * np.sin(now.t * (0.6 + spin) + 6.28 * phase)
        across = (x - self._side * (now.flow * 0.045 * depth) + sway) % 1.0
        turn = now.t * (0.5 + spin) + 6.28 * phase
        long = (0.006 + 0.013 * depth * (0.6 + 0.4 * size)) * stage.unit
        places = (np.stack([across, down], axis=-1) * 1.16 - 0.08) * [plate.width, plate.height]
        petals = _petals(places, long, turn, 0.25 + 0.55 * np.abs(np.cos(turn * 0.8 + 1)))
        for shape, light in zip(fixed(petals), np.round(255 * (0.5 + 0.5 * depth)).tolist(), strict=True):
            cv2.fillPoly(ink, [shape], light, cv2.LINE_AA, 4)
        plate.cover_spots(ink, spots(petals, ink.shape), mix(stage.accent, _WHITE, 0.55))

    def _tree(self) -> Sprite:
        """A bough reaching in from an upper corner, with its blossom."""
        stage, rng = self._stage, self._stage.rng
        height, width = round(stage.px(0.8)), round(stage.px(1.3))
        wood = np.zeros((height, width), np.uint8)
        tips: list[tuple[float, float]] = []
        self._grow(
            wood,
            (0.0, stage.px(0.16), 0.12 + rng.uniform(-0.05, 0.1), stage.px(0.3), stage.px(0.028)),
            tips,
            5,
        )
        colours = np.zeros((height, width, 3), np.float32)
        colours[:] = rgb("#2c1226")
        alpha = wood.copy()
        shades = (
            mix(stage.accent, rgb("#7a2a6a"), 0.5),
            mix(stage.accent, rgb("#ff9cc0"), 0.5),
            mix(stage.accent, _WHITE, 0.62),
        )
        for shade_number, colour in enumerate(shades):
            for x, y in tips:
                for _ in range(3):
                    off = rng.normal(0, stage.px(0.02), 2) - [0, shade_number * stage.px(0.004)]
                    radius = stage.px(rng.uniform(0.0035, 0.0085)) * (1.15 - 0.28 * shade_number)
                    centre = fixed(np.array([x + off[0], y + off[1]])).tolist()
                    cv2.circle(
                        colours, centre, round(radius * 16), colour.tolist(), cv2.FILLED, cv2.LINE_8, 4
                    )
                    cv2.circle(alpha, centre, round(radius * 16), 255, cv2.FILLED, cv2.LINE_AA, 4)
        self._corner = -stage.px(0.03)
        if self._side > 0:
            colours, alpha = colours[:, ::-1], alpha[:, ::-1]
            self._corner = stage.canvas.width - width + stage.px(0.03)
        cover = alpha.astype(np.float32) / 255
        return Sprite(colours * cover[:, :, None], cover)

    def _grow(
        self,
        wood: Image,
        branch: tuple[float, float, float, float, float],
        tips: list[tuple[float, float]],
        left: int,
    ) -> None:
        x, y, turn, long, wide = branch
        rng = self._stage.rng
        steps = 6
        for _ in range(steps):
            turn = float(np.clip(turn + rng.normal(0, 0.13), -0.75, 0.95))
            x1, y1 = x + np.cos(turn) * long / steps, y + np.sin(turn) * long / steps
            cv2.line(
                wood,
                fixed(np.array([x, y])).tolist(),
                fixed(np.array([x1, y1])).tolist(),
                255,
                max(1, round(wide)),
                cv2.LINE_AA,
                4,
            )
            x, y, wide = x1, y1, wide * 0.93
            if left < 4:
                tips.append((x, y))
        if left:
            for way in (-1, 1):
                spread = turn * 0.8 + way * rng.uniform(0.25, 0.75)
                self._grow(wood, (x, y, spread, long * rng.uniform(0.6, 0.84), wide * 0.68), tips, left - 1)


def _petals(centres: Image, long: Image, turn: Image, open_: Image) -> Image:
    """Petals with their notches (n×14×2), turned, each seen more or less from the side."""
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    radius = 1 - 0.22 * decay(-((np.abs(angle - np.pi) / 0.35) ** 2))
    x = np.cos(angle) * radius * long[:, None]
    y = np.sin(angle) * radius * 0.62 * (long * open_)[:, None]
    cos, sin = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return np.asarray(centres[:, None] + np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1))
