"""Anime: towering summer clouds; flat tones with crisp edges."""

import itertools

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, rgb, shade, tint
from voxweave.providers.art.cutout import Cutout
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import below, fill, fixed
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Cumulus:
    """Towering summer clouds over a wire and a hill."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._sway = 0.07 * stage.unit
        self._back = self._bank(9, (0.1, 0.24), 0.62)
        self._front = self._bank(5, (0.2, 0.42), 0.9)
        self._ground = Held(toned)
        self._land = self._hill()
        self._wisps = fbm((256, 256), (6, 2), 5, rng)
        self._motes = Motes(stage, 60, size=0.0018, lift=0.012)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky, clouds far and near, land, seeds on the wind."""
        plate.lay(self._ground(now, self._sky))
        level = now.beat.level
        drift = self._side * np.sin(now.t * 0.08 - 0.8) * self._sway
        self._back.draw(plate, round(1.5 * self._sway))
        self._front.draw(plate, 1.5 * self._sway + drift, 0.97 + 0.06 * level)
        self._land.draw(plate, round(1.5 * self._sway))
        self._motes.draw(plate, now, _WHITE, 0.3 + 0.6 * level)

    def _sky(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        height = 0.5 - grid.y / (2 * stage.half_height)
        wisp = np.clip(sample(self._wisps, grid.x * 0.16 + now.t * 0.003, grid.y * 0.5) - 0.52, 0, 1)
        out = shade(stage.ramp, 0.2 + 0.5 * (1 - height) ** 1.3 + wisp * 0.5 * height)
        return out + tint(
            grid.glow(-self._side * 0.7 * stage.half_width, -0.9 * stage.half_height, 0.8),
            stage.accent2,
            0.2 + 0.2 * beat.swell,
        )

    def _bank(self, count: int, radii: tuple[float, float], tone: float) -> Cutout:
        """A row of clouds with flat feet."""
        stage, rng = self._stage, self._stage.rng
        height, width = stage.canvas.height, stage.canvas.width + round(self._sway * 3) // 2 * 2 + 2
        shown = np.zeros((height, width, 3), np.float32)
        alpha = np.zeros((height, width), np.uint8)
        scale = min(1.35, 2 * stage.half_height) * stage.unit
        for _ in range(int(count * max(0.75, stage.half_width))):
            radius = rng.uniform(*radii) * scale
            foot = height * (0.9 - 0.13 * (tone < 0.8) + rng.uniform(-0.05, 0.06))
            self._cloud((shown, alpha), (rng.uniform(0, width), foot), radius, tone)
        cv2.GaussianBlur(shown, (0, 0), 0.0042 * stage.unit, dst=shown)  # soft inside, crisp outline
        fade = np.clip((height * 1.0 - np.arange(height, dtype=np.float32)) / (0.4 * height), 0, 1) ** 0.7
        cover = alpha.astype(np.float32) / 255 * fade[:, None]
        shown *= cover[:, :, None]
        return Cutout(shown, cover, 0)

    def _cloud(self, paint: tuple[Image, Image], at: tuple[float, float], radius: float, tone: float) -> None:
        """Puffs from back to front, each in shadow, body and light."""
        rng, sky = self._stage.rng, self._stage.palette
        shown, alpha = paint
        dark = mix(sky[2], sky[4], 0.58 + 0.2 * (tone < 0.8))
        tones = (dark, mix(sky[4], sky[5], 0.35 * tone), mix(sky[4], sky[5], tone))
        count = 64
        across = rng.normal(0, 0.55, count).clip(-1.25, 1.25)
        up = np.sort(rng.uniform(0, 0.92, count))[::-1] * decay(-1.3 * across**2)
        size = radius * rng.uniform(0.16, 0.34, count) * (1 - 0.35 * np.abs(across))
        for step in range(count):
            x, y = at[0] + across[step] * radius * 1.25, at[1] - up[step] * radius * 1.35
            puff = float(size[step])
            shift = (-self._side * 0.16 * puff, -0.2 * puff)
            for part, (colour, share) in enumerate(zip(tones, (1.0, 0.9, 0.72), strict=True)):
                centre = fixed(np.array([x + shift[0] * part, y + shift[1] * part])).tolist()
                cv2.circle(
                    shown, centre, round(puff * share * 16), colour.tolist(), cv2.FILLED, cv2.LINE_8, 4
                )
                if part == 0:
                    cv2.circle(alpha, centre, round(puff * 16), 255, cv2.FILLED, cv2.LINE_AA, 4)

    def _hill(self) -> Cutout:
        """A dark meadow, poles and wires."""
        stage, rng = self._stage, self._stage.rng
        band = round(stage.canvas.height * 0.46) // 2 * 2
        width = stage.canvas.width + round(self._sway * 3) // 2 * 2 + 2
        ink = np.zeros((band, width), np.uint8)
        line = band * 0.82 - wander(width, 4, rng, rough=0.35) * 0.035 * stage.unit
        blades = 0.014 * stage.unit * rng.random(width) ** 3
        fill(ink, below(line - blades, band))
        spread = 0.62 * stage.unit
        poles = np.arange(rng.uniform(0, spread), width, spread)
        tops = [(place, line[int(min(place, width - 1))] - 0.27 * stage.unit) for place in poles]
        for place, top in tops:
            self._pole(ink, place, top)
        self._wires(ink, tops, spread)
        alpha = ink.astype(np.float32) / 255
        grass = mix(stage.palette[0], rgb("#0c3b3a"), 0.6) * np.float32(0.75)
        return Cutout(alpha[:, :, None] * grass, alpha, stage.canvas.height - band)

    def _pole(self, ink: Image, place: float, top: float) -> None:
        """A pole with two cross-arms."""
        stage = self._stage
        thick = max(2, stage.px(0.0055))
        foot = top + 0.27 * stage.unit + 9
        left, right = place - thick / 2, place + thick / 2
        fill(
            ink,
            np.array([[left, top], [right, top], [right + 0.3 * thick, foot], [left - 0.3 * thick, foot]]),
        )
        for drop, arm in ((0.02, 0.045), (0.045, 0.034)):
            y, reach = top + stage.px(drop), stage.px(arm)
            ends = [[-reach, 0.0], [reach, 0.0], [reach, thick * 0.7], [-reach, thick * 0.7]]
            fill(ink, np.array(ends) + np.array([place, y]))

    def _wires(self, ink: Image, tops: list[tuple[float, float]], spread: float) -> None:
        place = np.linspace(0, 1, 24)
        ends = [(tops[0][0] - spread, tops[0][1]), *tops, (tops[-1][0] + spread, tops[-1][1])]
        for (x0, y0), (x1, y1) in itertools.pairwise(ends):
            for arm, drop in ((-0.04, 0.02), (0.04, 0.02), (-0.03, 0.045)):
                sag = 4 * place * (1 - place) * self._stage.px(0.035)
                x = x0 + (x1 - x0) * place + self._stage.px(arm)
                y = y0 + (y1 - y0) * place + self._stage.px(drop) + sag
                points = np.stack([x, y], axis=-1)
                cv2.polylines(
                    ink, [fixed(points)], False, 200, max(1, round(self._stage.unit / 700)), cv2.LINE_AA, 4
                )
