"""3d: a field of pillars, lit spheres, one soft body that divides and joins."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint, tone
from voxweave.providers.art.cutout import Sprite
from voxweave.providers.art.held import Held
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.shapes import fixed, outline
from voxweave.providers.art.stage import Grid, Moment, Stage, decay, soften

_WHITE = np.ones(3, np.float32)
_LAMPS = 213.0
"""Greys above it stand for lamps."""


class Pillars:
    """Square pillars seen from above at a slant; the voice runs outwards through them as a wave."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._half = float(rng.uniform(0.094, 0.114)) * stage.unit
        self._flat = 0.52
        self._middle = np.array(
            [rng.uniform(-0.25, 0.25) * stage.half_width, rng.uniform(-0.2, 0.1) * stage.half_height]
        )
        wide = int(stage.canvas.width / self._half / 2) + 3
        high = int(stage.canvas.height / (self._half * self._flat)) + 6
        row, column = np.mgrid[-1:high, -1:wide]
        x = (column + 0.5 * (row % 2)) * 2 * self._half
        y = row * self._half * self._flat
        self._at = np.stack([x.ravel(), y.ravel()], axis=-1).astype(np.float32)
        flat = (self._at - [stage.canvas.width / 2, stage.canvas.height / 2]) / stage.unit - self._middle
        self._off = np.hypot(flat[:, 0], flat[:, 1] / self._flat * 0.75).astype(np.float32)
        self._jitter = rng.random(len(self._at)).astype(np.float32)
        self._phase = rng.uniform(0, 6.28)
        self._hot = rng.random(len(self._at)) < 0.05
        self._curve = shade_table(stage.ramp)
        self._light = Held()

    def draw(self, now: Moment, plate: Plate) -> None:
        """Faces in grey from back to front, then hues by tone, then light over all."""
        stage, ink = self._stage, plate.ink
        self._faces(now, ink)
        glow = cv2.convertScaleAbs(cv2.subtract(ink, np.array(_LAMPS)), alpha=6.2)
        stone = cv2.convertScaleAbs(ink, alpha=1.2)
        cv2.subtract(stone, cv2.convertScaleAbs(glow, alpha=0.4), dst=stone)
        small: Image = cv2.resize(stone, (plate.width // 2, plate.height // 2), interpolation=cv2.INTER_AREA)
        hues = [cv2.LUT(small, table) for table in self._curve]
        fall = self._light(now, self._fall)[0]
        for plane, tones, scale in (
            (plate.y, stone, 219 / 255),
            (plate.u, hues[0], 1),
            (plate.v, hues[1], 1),
        ):
            cv2.resize(fall, (plane.shape[1], plane.shape[0]), dst=plane, interpolation=cv2.INTER_LINEAR)
            cv2.multiply(plane, tones, dst=plane, scale=scale, dtype=cv2.CV_32F)
        plate.add(glow, stage.accent2, 0.75)
        shine = tint(stage.grid.bloom(glow, 0.02, 0.06), stage.accent2, 0.5 + 0.5 * now.beat.level)
        plate.light(shine)

    def _fall(self, now: Moment) -> Image:
        """How the light falls off from the middle (1×h×w)."""
        grid = self._stage.grid
        off = np.hypot(grid.x - np.float32(self._middle[0]), (grid.y - np.float32(self._middle[1])) * 1.2)
        fall = 0.3 + 0.95 * decay(-((off / 0.75) ** 2)) * (0.8 + 0.3 * now.beat.swell)
        return fall.astype(np.float32)[None]

    def _heights(self, now: Moment) -> Image:
        calm = np.hanning(81) / np.hanning(81).sum()  # stone does not twitch
        trail = np.convolve(np.pad(now.beat.trail, 40, mode="edge"), calm, "valid")
        ripple = np.interp(self._off * 110, np.arange(len(trail)), trail)
        slow = 0.5 + 0.5 * np.sin(self._off * 5.5 - now.flow * 0.4 + self._phase) * decay(-self._off)
        swell = 0.03 * slow + 0.14 * ripple * decay(-self._off * 1.1) + 0.035 * self._jitter
        return np.asarray((0.02 + swell) * self._stage.unit, dtype=np.float32)

    def _faces(self, now: Moment, ink: Image) -> None:
        """Every face in grey from back to front; the last forty greys stand for lamps, so that near pillars hide them."""
        tall = self._heights(now)
        a, b = self._half * 0.97, self._half * self._flat * 0.97
        x, y = self._at[:, 0], self._at[:, 1]
        deep = np.float32(0.22 * self._stage.unit)
        top = np.stack(
            [np.stack([x + dx * a, y - tall + dy * b], -1) for dx, dy in ((0, -1), (1, 0), (0, 1), (-1, 0))],
            1,
        )
        down = np.array([0, 1], np.float32) * deep
        left = np.stack([top[:, 3], top[:, 2], top[:, 2] + down, top[:, 3] + down], 1)
        right = np.stack([top[:, 2], top[:, 1], top[:, 1] + down, top[:, 2] + down], 1)
        rise = np.clip(tall / (0.2 * self._stage.unit), 0, 1)
        tones = 62 + 145 * rise**1.2 * (0.8 + 0.2 * self._jitter)
        tops = np.where(self._hot, 215 + np.clip(rise * 52 - 3, 0, 40), tones).astype(int).tolist()
        ink.fill(14)
        for light, top_light, *faces in zip(
            tones.tolist(), tops, *(fixed(face) for face in (left, right, top)), strict=True
        ):
            # Their upright edges stand still: steps in them do not crawl.
            cv2.fillConvexPoly(ink, faces[0], light * 0.22, cv2.LINE_8, 4)
            cv2.fillConvexPoly(ink, faces[1], light * 0.48, cv2.LINE_8, 4)
            cv2.fillConvexPoly(ink, faces[2], top_light, cv2.LINE_AA, 4)


class Spheres:
    """Balls of satin and gloss hovering over a floor without edges."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._count = 9
        self._floor = stage.half_height * float(rng.uniform(0.5, 0.62))
        self._place = rng.uniform(-1, 1, self._count) * 0.8
        self._place[:3] = np.array([-0.55, 0.08, 0.6]) + rng.uniform(-0.12, 0.12, 3)
        self._depth = np.sort(rng.uniform(0, 1, self._count))
        self._radius = (0.028 + 0.13 * rng.random(self._count) ** 1.6) * (0.55 + 0.6 * self._depth)
        self._radius[rng.integers(4, self._count)] = rng.uniform(0.17, 0.21)
        self._phase = rng.uniform(0, 6.28, (self._count, 2))
        self._band = rng.integers(0, 8, self._count)
        self._light = np.array([float(rng.choice([-1, 1])) * 0.5, -0.68, 0.54], np.float32)
        self._ground = Held(toned)
        self._balls = [self._ball(number) for number in range(self._count)]

    def draw(self, now: Moment, plate: Plate) -> None:
        """Cove, shadows on its floor, balls from back to front."""
        stage = self._stage
        plate.lay(self._ground(now, self._cove))
        x, y = self._where(now)
        for number, ball in enumerate(self._balls):
            reach = float(self._radius[number]) * stage.unit + 3
            ball.draw(plate, stage.column(float(x[number])) - reach, stage.row(float(y[number])) - reach)

    def _cove(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        x, y = self._where(now)
        lift = 0.2 + 0.2 * decay(-(((grid.y - np.float32(self._floor - 0.1)) / 0.3) ** 2)) * (
            0.85 + 0.4 * now.beat.swell
        )
        lift = lift + 0.1 * decay(-((grid.distance(-float(self._light[0]) * -0.9, -0.2) / 0.6) ** 2))
        for number in range(self._count):
            ground = self._floor + 0.16 * (float(self._depth[number]) - 0.4)
            radius = float(self._radius[number])
            off = ((grid.x - np.float32(x[number] - self._light[0] * 0.25)) / (radius * 1.5)) ** 2
            off = off + ((grid.y - np.float32(ground)) / (radius * 0.36)) ** 2
            up = max(0.05, ground - float(y[number]) - radius)
            lift = lift * (1 - decay(-off) * np.float32(0.75 * decay(-up * 2.2)))
        return shade(stage.ramp, lift)

    def _where(self, now: Moment) -> tuple[Image, Image]:
        stage = self._stage
        x = self._place * stage.half_width + 0.03 * np.sin(now.t * 0.25 + self._phase[:, 0]) * (
            0.4 + self._depth
        )
        hover = (
            0.06
            + 0.14 * (0.5 + 0.5 * np.sin(self._phase[:, 1] * 3))
            + 0.018 * np.sin(now.t * 0.55 + self._phase[:, 1])
        )
        jump = 0.05 * now.beat.bands[self._band] * (0.6 + 0.4 * np.cos(self._phase[:, 0]))
        return x, self._floor - self._radius - hover - jump + 0.16 * (self._depth - 0.4)

    def _ball(self, number: int) -> Sprite:
        """One ball: key light, sky, bounce from the floor, sharp highlight, bright rim."""
        stage = self._stage
        radius = float(self._radius[number]) * stage.unit
        side = round(2 * radius) + 7
        axis = (np.arange(side, dtype=np.float32) - (radius + 3)) / np.float32(radius)
        x, y = axis[None, :], axis[:, None]
        flat = np.clip(x * x + y * y, 0, 1)
        z = np.sqrt(1 - flat)
        key = np.clip(x * self._light[0] + y * self._light[1] + z * self._light[2], 0, 1)
        half = self._light + np.array([0, 0, 1], np.float32)
        half /= np.linalg.norm(half)
        shine = np.clip(x * half[0] + y * half[1] + z * half[2], 0, 1) ** 70
        rim = (1 - z) ** 3
        hues = (stage.accent, stage.accent2, stage.palette[-2], stage.palette[3], stage.accent)
        hue = hues[number % len(hues)]
        body = 0.1 + 0.78 * key**1.15 + 0.16 * np.clip(y, 0, 1) * (1 - key)
        colours = body[:, :, None] * hue + (0.75 * shine)[:, :, None] * _WHITE
        colours += (rim * (0.12 + 0.3 * key))[:, :, None] * mix(hue, _WHITE, 0.6) + (
            0.1 * np.clip(-y, 0, 1) * rim
        )[:, :, None] * _WHITE
        alpha = np.clip((1 - np.hypot(x, y)) * np.float32(radius) + 0.5, 0, 1)
        far = np.float32(0.35 * (1 - self._depth[number]))
        colours = colours + (stage.ramp[400] - colours) * far
        return Sprite(np.minimum(colours, 1) * alpha[:, :, None], alpha)


class Blobs:
    """Soft bodies that join and part, lit like polished clay."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._grid = Grid(stage.canvas, 66_000)
        self._held = Held()
        count = 8
        self._phase = rng.uniform(0, 6.28, (count, 4))
        self._pace = rng.uniform(0.12, 0.3, (count, 2))
        self._radius = rng.uniform(0.055, 0.12, count)
        self._radius[0] = 0.15
        self._spread = np.array([min(0.8, 0.8 * stage.half_width), min(0.62, 0.62 * stage.half_height)])
        self._at = np.array(
            [rng.uniform(-0.2, 0.2) * stage.half_width, rng.uniform(-0.12, 0.04) * stage.half_height]
        )
        self._side = float(rng.choice([-1, 1]))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Ground with a soft shadow, then the lit body through its own sharp outline."""
        grid = self._grid
        planes = self._held(now, self._soft)
        plate.lay(planes[1:4])
        rows, columns = (
            np.flatnonzero((planes[0] > -2).any(axis=1)),
            np.flatnonzero((planes[0] > -2).any(axis=0)),
        )
        low = np.array([columns[0], rows[0]]) * grid.scale
        patch = grid.patch(low, np.array([columns[-1] + 1, rows[-1] + 1]) * grid.scale)
        seen = planes[:, patch.cells[0], patch.cells[1]]
        plate.inside(seen[4:], outline(seen[0], patch.size), patch.at)

    def _soft(self, now: Moment) -> Image:
        """The distance to the body's edge in full-size pixels, the ground, and the body as if it were everywhere."""
        stage, grid = self._stage, self._grid
        field, hue = self._field(now)
        slope_y, slope_x = np.gradient(field)
        steep = np.hypot(slope_x, slope_y) + np.float32(1e-5)
        distance = np.clip((field - 1) / steep * np.float32(grid.scale), -40, 40)
        back = 0.22 + 0.16 * decay(-((grid.distance(0.3 * self._side, -0.3) / 0.8) ** 2)) * (
            0.8 + 0.4 * now.beat.swell
        )
        low = np.roll(np.clip(field, 0, 1) ** 3, round(0.07 * grid.height), axis=0)
        drop = soften(low, 0.05 * grid.unit / grid.scale)
        ground = toned(shade(stage.ramp, back * (1 - 0.6 * drop)))
        clay = toned(self._clay(now, field, (slope_x, slope_y), hue))
        return np.concatenate([distance[None], ground, clay])

    def _field(self, now: Moment) -> tuple[Image, Image]:
        grid = self._grid
        total, hue = np.zeros(grid.size, np.float32), np.zeros(grid.size, np.float32)
        for number, radius in enumerate(self._radius):
            wave = np.sin(now.flow * self._pace[number] + self._phase[number, :2])
            wave += 0.4 * np.sin(now.flow * 0.23 + self._phase[number, 2:])
            x, y = self._at + self._spread * wave * 0.62 * (number > 0)
            reach = float(radius * (1 + 0.24 * now.beat.bands[number % 8] + 0.08 * now.beat.swell))
            near = np.float32(reach * reach) / (
                (grid.x - np.float32(x)) ** 2 + (grid.y - np.float32(y)) ** 2 + np.float32(1e-3)
            )
            total += near
            hue += near * np.float32(number % 3 / 2)
        return total, hue / total

    def _clay(self, now: Moment, field: Image, slope: tuple[Image, Image], hue: Image) -> Image:
        stage, grid = self._stage, self._grid
        inside = np.clip(1 - 1 / np.maximum(field, 1), 0, 1)
        bulge = np.sqrt(inside + np.float32(0.002))
        scale = np.float32(grid.unit / grid.scale * 0.16) / (np.maximum(field, 1) ** 2 * 2 * bulge)
        nx, ny = -slope[0] * scale, -slope[1] * scale
        norm = 1 / np.sqrt(nx * nx + ny * ny + 1)
        nx, ny, nz = nx * norm, ny * norm, norm
        key = np.clip(nx * np.float32(self._side * 0.5) - ny * np.float32(0.62) + nz * np.float32(0.6), 0, 1)
        shine = (
            np.clip(nx * np.float32(self._side * 0.29) - ny * np.float32(0.36) + nz * np.float32(0.885), 0, 1)
            ** 90
        )
        rim = (1 - nz) ** 2.5
        body = 0.14 + 0.8 * key
        first = tint(body * (1 - hue), stage.accent) + tint(
            body * hue, mix(stage.palette[4], stage.palette[3], 0.35)
        )
        first += tint(rim * (0.25 + 0.5 * np.clip(ny, 0, 1)), mix(stage.accent2, _WHITE, 0.2), 0.4)
        return first * np.float32(0.9) + tint(shine, _WHITE, 0.55 + 0.3 * now.beat.level)


def shade_table(ramped: Image) -> tuple[Image, Image]:
    """Cb and Cr for every byte of luma, so that a grey picture takes the hues of a ramp."""
    tones = np.array([tone(colour) for colour in ramped])
    order = np.maximum.accumulate(tones[:, 0])
    grey = np.arange(256) * 219 / 255
    first, second = (np.interp(grey, order, tones[:, axis]).astype(np.float32) for axis in (1, 2))
    return first, second
