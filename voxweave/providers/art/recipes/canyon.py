"""Cyberpunk: a street between towers, signs over it, its floor wet; the camera walks in."""

import itertools

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, tint
from voxweave.providers.art.cutout import Backdrop
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, planes_of
from voxweave.providers.art.recipes.city import halo, sign, windows
from voxweave.providers.art.recipes.weather import Rain
from voxweave.providers.art.shapes import sparks
from voxweave.providers.art.stage import Moment, Stage, decay, soften

_WHITE = np.ones(3, np.float32)
_MARGIN = 1.2
_FINEST = 1300


class Canyon:
    """One-point perspective, painted once, then seen through a slow push-in."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._shrink = min(1.0, _FINEST / stage.unit)
        width, height = (
            round(side * _MARGIN * self._shrink / 2) * 2 for side in (stage.canvas.width, stage.canvas.height)
        )
        self._size = (height, width)
        self._unit = stage.unit * self._shrink
        self._vanish = (float(width * rng.uniform(0.42, 0.58)), float(height * rng.uniform(0.5, 0.58)))
        self._eye = float(rng.uniform(0.3, 0.5))
        self._haze = mix(stage.palette[-2], stage.accent, 0.3)
        self._picture = self._sky()
        self._build()
        self._backdrop = Backdrop(halo(self._picture, 0.005 * self._unit, 0.55))
        del self._picture
        self._glow = Held(planes_of)
        self._rain = Rain(stage, 130)
        self._fog = fbm((128, 128), (3, 3), 4, rng)
        self._cars = rng.random((10, 4))

    def draw(self, now: Moment, plate: Plate) -> None:
        """The painted street, fog and light breathing over it, cars, rain."""
        zoom, centre, vanish = self._view(now)
        plate.lay(self._glow(now, self._air))
        self._backdrop.add(plate, zoom, centre)
        self._traffic(plate, now, (plate.width / 2 + vanish[0], plate.height / 2 + vanish[1]))
        self._rain.draw(plate, now, mix(self._stage.accent2, _WHITE, 0.6), 0.14)

    def _view(self, now: Moment) -> tuple[float, tuple[float, float], tuple[float, float]]:
        """How near the camera is, what it sees in the middle, and how far from there the street vanishes."""
        zoom = (1.06 + 0.1 * (1 - float(decay(-now.t * 0.055)))) / self._shrink
        middle = (self._size[1] / 2, self._size[0] / 2)
        pull = 1 - 1 / (zoom * self._shrink)
        across, down = (mid + (goal - mid) * pull for mid, goal in zip(middle, self._vanish, strict=True))
        gone = ((self._vanish[0] - across) * zoom, (self._vanish[1] - down) * zoom)
        return zoom, (across, down), gone

    def _air(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        x, y = (place / stage.unit for place in self._view(now)[2])
        fog = sample(self._fog, grid.x * 0.5 + now.t * 0.008, grid.y * 0.5 - now.flow * 0.01)
        near = (grid.glow(x, y, 0.4) + 0.5 * grid.glow(x, y, 0.1)) * (
            0.12 + 0.34 * beat.swell + 0.16 * beat.level
        )
        ground = decay(-(((grid.y - np.float32(y + 0.1)) / 0.2) ** 2)) * fog * (0.1 + 0.16 * beat.level)
        spark = grid.glow(x, y, 0.12) * (0.22 * beat.spark)
        return tint(near * (0.5 + 0.5 * fog), stage.accent) + tint(ground + spark, stage.accent2)

    def _sky(self) -> Image:
        height, width = (side // 4 for side in self._size)
        rows = (np.arange(height, dtype=np.float32) * 4 - self._vanish[1])[:, None] / self._unit
        columns = (np.arange(width, dtype=np.float32) * 4 - self._vanish[0])[None, :] / self._unit
        glow = decay(-((np.hypot(columns * 1.2, rows) / 0.34) ** 1.2)).astype(np.float32)[:, :, None]
        sky = self._stage.palette[1] * np.float32(0.8)
        small = (
            sky
            + (self._haze - sky) * glow * np.float32(0.9)
            + glow**3 * self._stage.accent * np.float32(0.25)
        )
        sky_full: Image = cv2.resize(small, self._size[::-1], interpolation=cv2.INTER_CUBIC)
        return sky_full

    def _build(self) -> None:
        """From far to near: a block on each side, then what hangs from it."""
        rng = self._stage.rng
        spans = [0.62]
        while spans[-1] < 26:
            spans.append(spans[-1] * rng.uniform(1.22, 1.5))
        for near, far in reversed(list(itertools.pairwise(spans))):
            for side in (-1, 1):
                edge = 0.7 + rng.uniform(0, 0.26)
                self._block(side * edge, (near, far), rng.uniform(1.6, 5.2))
                if rng.random() < 0.9 and near > 1.1:
                    self._hang(side * edge, near * 1.04)
        self._wet()

    def _block(self, x: float, depth: tuple[float, float], tall: float) -> None:
        """The wall along the street, and the face turned to us; both again below, as the wet street shows them."""
        wide = 1.4 * np.sign(x)
        fronts = ((x, depth[0]), (x + wide, depth[0]))
        along = ((x, depth[0]), (x, depth[1]))
        for ends, lit in ((fronts, 0.5), (along, 1.0)):
            long = max(abs(ends[1][0] - ends[0][0]), ends[1][1] - ends[0][1])
            texture = self._facade((ends[0][1], ends[1][1]), tall, lit, long)
            self._wall(ends, tall, texture)
            self._wall(ends, -tall, texture * np.float32(0.42))

    def _wall(
        self, ends: tuple[tuple[float, float], tuple[float, float]], tall: float, texture: Image
    ) -> None:
        (x0, z0), (x1, z1) = ends
        corners3 = ((x0, tall, z0), (x1, tall, z1), (x1, 0, z1), (x0, 0, z0))
        quad = np.array([self._see(x, y, z) for x, y, z in corners3])
        box = self._bounds(quad)
        if box is None:
            return
        (left, top), (right, bottom) = box
        height, width = texture.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        matrix = cv2.getPerspectiveTransform(corners, (quad - [left, top]).astype(np.float32))
        size = (right - left, bottom - top)
        painted = cv2.warpPerspective(
            texture, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        mask = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillConvexPoly(mask, np.round((quad - [left, top]) * 16).astype(np.int32), 255, cv2.LINE_AA, 4)
        part = self._picture[top:bottom, left:right]
        cv2.subtract(painted, part, dst=painted)
        cv2.multiply(painted, cv2.merge([mask] * 3), dst=painted, scale=1 / 255, dtype=cv2.CV_32F)
        cv2.add(part, painted, dst=part)

    def _facade(self, depth: tuple[float, float], tall: float, lit: float, long: float) -> Image:
        """Windows in a wall that fades into the haze along its depth."""
        stage, rng = self._stage, self._stage.rng
        grain = float(np.clip(self._unit / depth[0] / 3, 90, 560))
        size = (max(24, int(tall * grain)), max(16, int(min(long, 8) * grain)))
        size = (min(size[0], 1200), min(size[1], 700))
        cell = max(3, int(grain / rng.uniform(24, 40)))
        lamps = (
            mix(stage.accent2, _WHITE, 0.35),
            np.array([1.0, 0.66, 0.36], np.float32),
            mix(stage.accent, _WHITE, 0.15),
        )
        glass = windows(size, (cell, max(3, int(cell * 1.3))), 0.3 * rng.uniform(0.4, 1.3), lamps, rng)
        glass = soften(glass, 0.6)
        along = np.linspace(depth[0], depth[1], size[1], dtype=np.float32)[None, :, None]
        along = np.tile(along, 3)  # sums over whole rows are three times as fast as over single pixels
        veil = 1 - decay(-along / 7.5)
        body = stage.palette[0] * np.float32(0.55 + 0.5 * lit)
        base = body + (self._haze - body) * veil * np.float32(0.9)
        return np.asarray(base + glass * np.float32(lit * 1.05) * decay(-along / 8), dtype=np.float32)

    def _hang(self, x: float, z: float) -> None:
        """A neon board over the pavement, and its image in the wet."""
        rng, stage = self._stage.rng, self._stage
        wide, tall = rng.uniform(0.1, 0.17), rng.uniform(0.3, 0.75)
        foot = rng.uniform(0.45, 1.25)
        inner = x - np.sign(x) * wide
        a, b = self._see(min(x, inner), foot + tall, z), self._see(max(x, inner), foot, z)
        size = (round(b[1] - a[1]), round(b[0] - a[0]))
        if size[0] < 8 or size[1] < 4:
            return
        colour = (stage.accent, stage.accent2, np.array([1.0, 0.55, 0.2], np.float32))[
            int(rng.choice(3, p=[0.45, 0.4, 0.15]))
        ]
        board = sign(size, colour, rng) * np.float32(1.2 * decay(-z / 9))
        self._paste(board, (round(a[0]), round(a[1])), 0.95)
        low = self._see(min(x, inner), -foot, z)
        self._paste(cv2.flip(board, 0) * np.float32(0.5), (round(low[0]), round(low[1])), 0.6)

    def _paste(self, board: Image, at: tuple[int, int], alpha: float) -> None:
        left, top = max(at[0], 0), max(at[1], 0)
        right, bottom = min(at[0] + board.shape[1], self._size[1]), min(at[1] + board.shape[0], self._size[0])
        if right > left and bottom > top:
            part = self._picture[top:bottom, left:right]
            own = board[top - at[1] : bottom - at[1], left - at[0] : right - at[0]]
            part += (own - part) * np.float32(alpha)

    def _wet(self) -> None:
        """Blur the floor downwards and break it, as water on asphalt does."""
        first = round(self._vanish[1]) + 2
        floor = self._picture[first:]
        count = floor.shape[0]
        depth = np.linspace(0, 1, count, dtype=np.float32)[:, None, None]
        long = max(3, round(0.05 * self._unit)) | 1
        soft: Image = cv2.blur(cv2.blur(floor, (max(1, long // 6) | 1, long)), (1, long))
        broken = fbm((512, 512), (24, 3), 4, self._stage.rng)
        broken = cv2.resize(broken, (floor.shape[1], count), interpolation=cv2.INTER_CUBIC)
        shine = np.clip(depth * 5, 0, 1)
        soft -= floor
        soft *= shine
        floor += soft
        dim = 1 - shine[:, :, 0] * np.float32(0.55) * broken - np.float32(0.2) * depth[:, :, 0]
        cv2.multiply(floor, cv2.merge([dim] * 3, dst=soft), dst=floor)

    def _traffic(self, plate: Plate, now: Moment, vanish: tuple[float, float]) -> None:
        """Cars in the air, white towards us, red away."""
        toward = np.where(self._cars[:, 3] > 0.5, 1.0, -1.0)
        hues = np.where(toward[:, None] > 0, mix(self._stage.accent2, _WHITE, 0.6), self._stage.accent)
        z = 1.2 + ((self._cars[:, 0] * 18 - toward * now.flow * (0.9 + self._cars[:, 1])) % 18)
        x, y = toward * (0.12 + 0.2 * self._cars[:, 1]), -0.25 - 0.5 * self._cars[:, 2]
        light = np.clip((19 - z) / 6, 0, 1) * np.clip((z - 1.2) / 1.5, 0, 1)
        lamps = [
            np.stack([vanish[0] + (x + lamp) / z * plate.unit, vanish[1] + y / z * plate.unit], axis=-1)
            for lamp in (-0.02, 0.02)
        ]
        sparks(plate, np.concatenate(lamps), plate.unit / 500, np.tile(hues, (2, 1)), np.tile(light, 2))

    def _see(self, x: float, y: float, z: float) -> tuple[float, float]:
        return (
            self._vanish[0] + 0.78 * x / z * self._unit,
            self._vanish[1] + 0.78 * (self._eye - y) / z * self._unit,
        )

    def _bounds(self, quad: Image) -> tuple[tuple[int, int], tuple[int, int]] | None:
        low, high = np.floor(quad.min(axis=0)), np.ceil(quad.max(axis=0)) + 1
        left, top = max(0, int(low[0])), max(0, int(low[1]))
        right, bottom = min(self._size[1], int(high[0])), min(self._size[0], int(high[1]))
        return ((left, top), (right, bottom)) if right - left > 1 and bottom - top > 1 else None
