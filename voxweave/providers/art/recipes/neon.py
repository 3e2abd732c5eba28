"""Cyberpunk: a city across wet ground."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.cutout import Cutout
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.city import Block, halo, towers
from voxweave.providers.art.recipes.weather import Rain
from voxweave.providers.art.shapes import sparks
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Skyline:
    """Towers in haze under a glowing sky, and their light on wet ground."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        grid = stage.grid
        self._base = round(stage.canvas.height * rng.uniform(0.64, 0.72)) // 2 * 2
        self._low = (self._base - stage.canvas.height / 2) / stage.unit
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._side = float(rng.choice([-1.0, 1.0]))
        self._glows = [
            (self._side * rng.uniform(0.1, 0.4) * stage.half_width, stage.accent, 0.85),
            (-self._side * rng.uniform(0.4, 0.9) * stage.half_width, stage.accent2, 0.55),
        ]
        self._ground = Held(toned)
        self._sway = 0.06 * stage.unit
        self._far, _ = self._band(0)
        self._near, roofs = self._band(1)
        self._roofs = np.array(roofs, np.float32)[::3]
        self._rain = Rain(stage)
        self._puddles = fbm((128, 256), (6, 4), 4, rng)
        self._depth = np.clip((grid.y - self._low) / (stage.half_height - self._low), 0, 1)
        self._cars = rng.random((9, 3)).astype(np.float32)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky, far towers, near towers, their reflection, traffic, rain."""
        plate.lay(self._ground(now, self._sky))
        drift = self._side * self._sway * np.sin(now.t * 0.11 - 0.7)
        level = now.beat.level
        self._far.draw(plate, round(self._sway * 1.5), 0.86 + 0.3 * level)
        self._near.draw(plate, self._sway * 1.5 + drift, 0.9 + 0.22 * level)
        self._lamps(plate, now, drift)
        self._traffic(plate, now)
        self._reflect(plate, now)
        self._rain.draw(plate, now, mix(self._stage.accent2, _WHITE, 0.6), 0.13)

    def _sky(self, now: Moment) -> Image:
        grid, stage, beat = self._stage.grid, self._stage, now.beat
        height = np.clip((self._low - grid.y) / (self._low + stage.half_height), 0, 1)
        haze = sample(self._cloud, grid.x * 0.32 + now.t * 0.004, grid.y * 0.6 - now.flow * 0.004)
        lift = (1 - height) ** 1.9 * 0.66 + (haze - 0.4) * (0.42 * (1 - 0.4 * height))
        out = shade(stage.ramp, lift * (0.9 + 0.2 * beat.swell))
        for x, colour, amount in self._glows:
            wide = decay(-(((grid.x - np.float32(x)) / 0.55) ** 2)) * decay(
                -(((grid.y - self._low) / 0.5) ** 2)
            )
            out += tint(
                wide * (0.25 + 0.75 * haze), colour, amount * (0.7 + 0.6 * beat.swell + 0.25 * beat.level)
            )
        return out + tint(self._beams(now), stage.accent2, 0.26)

    def _beams(self, now: Moment) -> Image:
        """Two searchlights that sweep slowly."""
        grid = self._stage.grid
        total = np.zeros(grid.size, np.float32)
        down = np.maximum(self._low - grid.y, 0)
        fade = decay(-down * 1.5) * (down > 0)
        for number, (x, _, _) in enumerate(self._glows):
            turn = 0.5 * np.sin(now.flow * 0.16 + 2.4 * number + self._side)
            off = (grid.x - np.float32(x) - np.float32(turn) * down) * (1 / (0.025 + 0.09 * down))
            total += decay(-(off**2)) * fade
        return total * np.float32(0.6 + 0.6 * now.beat.level)

    def _band(self, near: int) -> tuple[Cutout, list[tuple[int, int]]]:
        """One row of towers: 0 far, tall and hazy, 1 near, dark and lit."""
        stage, unit = self._stage, self._stage.unit
        haze = mix(stage.palette[-2], stage.accent, 0.35)
        warm = np.array([1.0, 0.72, 0.42], np.float32)
        tall = min(0.62, self._base / unit * 0.86) * unit
        block = Block(
            widths=((0.045 + 0.025 * near) * unit, (0.1 + 0.06 * near) * unit),
            heights=((0.45, 0.12)[near] * tall, (1.12, 0.74)[near] * tall),
            window=(max(3, round((4 + near) * unit / 1080)), max(4, round((6 + near) * unit / 1080))),
            lit=(0.36, 0.24)[near],
            dark=mix(stage.palette[0], haze, 0.02),
            haze=haze,
            mist=(0.46, 0.13)[near],
            light=(0.52, 1.0)[near],
            lamps=(mix(stage.accent2, _WHITE, 0.4), warm, mix(stage.accent, _WHITE, 0.2)),
        )
        band = min(int(tall * 1.3), self._base) // 2 * 2
        size = (band, stage.canvas.width + round(self._sway * 3) // 2 * 2 + 2)
        colours, alpha, roofs = towers(size, block, stage.rng)
        glowing = halo(colours * alpha[:, :, None], 0.0045 * unit, 0.75)
        return Cutout(glowing, alpha, self._base - band), [(x, y + self._base - band) for x, y in roofs]

    def _lamps(self, plate: Plate, now: Moment, drift: float) -> None:
        """Roof lights; each listens to one band of the voice."""
        points = self._roofs - np.array([self._sway * 1.5 + drift, 2], np.float32)
        bands = now.beat.bands[np.arange(len(points)) % 8]
        blink = 0.35 + 0.3 * np.sin(now.t * 1.3 + np.arange(len(points)) * 1.7)
        sparks(plate, points, plate.unit / 420, mix(self._stage.accent, _WHITE, 0.25), blink + 1.1 * bands)

    def _traffic(self, plate: Plate, now: Moment) -> None:
        """Flying cars: short trails in lanes over the roofs."""
        way = np.where(self._cars[:, 2] > 0.5, 1, -1)
        x = (self._cars[:, 0] + way * now.flow * (0.012 + 0.02 * self._cars[:, 1])) % 1.0
        y = self._base - (0.3 + 0.45 * self._cars[:, 1]) * min(plate.unit, self._base)
        steps = np.arange(7)
        columns = (x[:, None] * 1.2 - 0.1) * plate.width - way[:, None] * steps * 0.0035 * plate.unit
        points = np.stack([columns, np.broadcast_to(y[:, None], columns.shape)], axis=-1).reshape(-1, 2)
        light = np.broadcast_to(0.62 * 0.66**steps, columns.shape).reshape(-1)
        sparks(plate, points, plate.unit / 720, mix(self._stage.accent, _WHITE, 0.3), light)

    def _reflect(self, plate: Plate, now: Moment) -> None:
        """What stands above the ground line, upside down on it, drawn long and broken by ripples."""
        grid, base = self._stage.grid, self._base
        first = int(base / self._stage.canvas.height * grid.height)
        rows = grid.height - first
        depth = self._depth[first:]
        wave = (
            sample(self._puddles, grid.x * (0.7 / (0.25 + depth)), 0.6 / (0.12 + depth) + now.t * 0.05) - 0.5
        )
        shine = (0.34 + 0.9 * np.clip(wave + 0.28, 0, 1)) * (1 - 0.62 * depth)
        column = (np.arange(grid.width, dtype=np.float32)[None, :] + wave * 16 * (0.3 + depth)).astype(
            np.float32
        )
        line = np.broadcast_to(np.arange(rows, dtype=np.float32)[:, None] * 1.12, column.shape)
        reach = min(base, round((plate.height - base) * 1.2) // 4 * 4)
        for plane, scale in ((plate.y, 1), (plate.u, 2), (plate.v, 2)):
            above = plane[(base - reach) // scale : base // scale]
            half = cv2.resize(above, (above.shape[1] // 2, above.shape[0] // 2), interpolation=cv2.INTER_AREA)
            small = cv2.flip(
                cv2.resize(half, (grid.width, round(rows * 1.2)), interpolation=cv2.INTER_LINEAR), 0
            )
            small = cv2.blur(small, (1, 11))
            moved = cv2.remap(small, column, line, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * shine
            below = plane[base // scale :]
            size = (below.shape[1], below.shape[0])
            cv2.resize(moved.astype(np.float32), size, dst=below, interpolation=cv2.INTER_CUBIC)
