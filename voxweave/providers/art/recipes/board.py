"""Educational: moving constructions in chalk on squared slate."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, lattice
from voxweave.providers.art.plate import Plate, planes_of, toned, trimmed
from voxweave.providers.art.shapes import dashes, disc, ring, stroke
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)


class Board:
    """The slate and its squares; compositions draw on it in three chalks."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        height, width = stage.canvas.height, stage.canvas.width
        self._pitch = 0.0625
        tooth = (np.clip(0.55 + 0.9 * fbm((512, 512), (150, 150), 2, rng), 0, 1) * 255).astype(np.uint8)
        self._chalk = np.tile(tooth, (height // 512 + 1, width // 512 + 1))[:height, :width]
        squares = (self._squares(height, width) * 255).astype(np.uint8)
        self._paper = cv2.multiply(squares, self._chalk, scale=0.22 / 255)
        self._ground = Held(toned)
        grid = stage.grid
        smear = lattice(grid.size, (3, 5), rng) * 0.012 + lattice(grid.size, (14, 3), rng) * 0.008
        self._slate = (
            0.33 + smear - 0.13 * (grid.distance(0, 0) / np.hypot(stage.half_width, stage.half_height)) ** 2
        )
        self._thin = max(1.0, stage.px(0.0021))
        self._thick = max(1.5, stage.px(0.0046))

    def _squares(self, height: int, width: int) -> Image:
        stage = self._stage
        lines = []
        for count, middle in ((height, height / 2), (width, width / 2)):
            place = (np.arange(count) + 0.5 - middle) / stage.unit / self._pitch
            near = np.abs(place - np.round(place)) * self._pitch * stage.unit
            fifth = np.where(np.round(place) % 4 == 0, 1.0, 0.5)
            lines.append(np.clip(0.9 - near, 0, 1) * fifth)
        return np.asarray(np.maximum(lines[0][:, None], lines[1][None, :]), dtype=np.float32)

    def ground(self, now: Moment, plate: Plate, glow: Image | None = None) -> None:
        """Slate, a little brighter while somebody speaks, and what shines on it."""
        slate = self._ground(now, self._bare)
        plate.lay(slate if glow is None else slate + planes_of(glow))

    def _bare(self, now: Moment) -> Image:
        return shade(self._stage.ramp, self._slate + 0.03 * now.beat.swell)

    def white(self, plate: Plate, ink: Image) -> None:
        """Lay down the white chalk, and with it the squares of the paper."""
        part, (top, left) = trimmed(ink)
        height, width = part.shape
        cv2.multiply(part, self._chalk[top : top + height, left : left + width], dst=part, scale=1 / 255)
        cv2.max(ink, self._paper, dst=ink)
        plate.add(ink, self._stage.palette[-1], 0.9)

    def chalk(self, plate: Plate, ink: Image, colour: Image, gain: float = 0.9) -> None:
        """Lay drawn lines down with the slate's tooth in them."""
        part, (top, left) = trimmed(ink)
        height, width = part.shape
        cv2.multiply(part, self._chalk[top : top + height, left : left + width], dst=part, scale=1 / 255)
        plate.add(part, colour, gain, (top, left))


class Waves(Board):
    """A turning circle writes its sine; the voice writes below it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        tall = stage.half_width < 0.7
        self._radius, self._gap = (0.105, 0.18) if tall else (0.155, 0.26)
        self._turns = float(rng.uniform(0.75, 1.0))
        self._odd = bool(rng.random() < 0.5)
        margin = 0.19 if tall else 0.3
        self._centre = np.array([margin - stage.half_width, -0.12])

    def draw(self, now: Moment, plate: Plate) -> None:
        """Axes, circles, the curve they trace, the voice."""
        stage = self._stage
        self.ground(now, plate)
        ink = plate.ink
        ink.fill(0)
        self._axes(ink)
        tip = self._chain(ink, now)
        self.white(plate, ink)
        ink.fill(0)
        self._trace(ink, now, tip)
        self.chalk(plate, ink, stage.accent, 0.95)
        ink.fill(0)
        self._voice(ink, now)
        self.chalk(plate, ink, stage.accent2, 0.9)

    def _height(self, angle: Image) -> Image:
        """Of the curve: a sine, or the first terms of a square wave."""
        terms = (1, 3, 5) if self._odd else (1, 2)
        return np.asarray(
            np.sum([np.sin(angle * term) / term * (1 if self._odd else 0.8) for term in terms], axis=0)
        )

    def _angle(self, now: Moment) -> float:
        return now.flow * self._turns

    def _pixel(self, x: Image | float, y: Image | float) -> Image:
        stage = self._stage
        points = np.stack(np.broadcast_arrays(np.asarray(x), np.asarray(y)), axis=-1)
        return np.asarray(points * stage.unit + [stage.canvas.width / 2, stage.canvas.height / 2])

    def _axes(self, ink: Image) -> None:
        stage, (x, y) = self._stage, self._centre
        right = stage.half_width - 0.08
        first = self._pixel(
            np.array([x - self._gap * 0.85, x + self._gap, x]), np.array([y, y - 0.24, y - 0.24])
        )
        last = self._pixel(np.array([right, x + self._gap, x]), np.array([y, y + 0.24, y + 0.24]))
        dashes(ink, first, last, 0.45, self._thin)
        ticks = np.arange(x + self._gap + 0.125, right - 0.02, 0.125)
        dashes(ink, self._pixel(ticks, y - 0.009), self._pixel(ticks, y + 0.009), 0.45, self._thin)
        tip = self._pixel(right, y)
        stroke(ink, tip + np.array([[-0.014, -0.009], [0, 0], [-0.014, 0.009]]) * stage.unit, 0.5, self._thin)

    def _chain(self, ink: Image, now: Moment) -> Image:
        """Circles on circles; where the last one points."""
        at = self._centre.copy()
        angle = self._angle(now)
        for term in (1, 3, 5) if self._odd else (1, 2):
            radius = self._radius / term * (1 if self._odd else 0.8)
            pixel = self._pixel(at[0], at[1])
            ring(ink, (float(pixel[0]), float(pixel[1])), self._stage.px(radius), 0.55, self._thin)
            ahead = at + radius * np.array([np.cos(angle * term), -np.sin(angle * term)])
            stroke(
                ink,
                self._pixel(np.array([at[0], ahead[0]]), np.array([at[1], ahead[1]])),
                1.0,
                self._thick * 0.8,
            )
            at = ahead
        tip = self._pixel(at[0], at[1])
        disc(ink, (float(tip[0]), float(tip[1])), self._stage.px(0.0065))
        return at

    def _trace(self, ink: Image, now: Moment, tip: Image) -> None:
        left, right = self._centre[0] + self._gap, self._stage.half_width - 0.1
        x = np.linspace(left, right, 260)
        y = self._centre[1] - self._radius * self._height(self._angle(now) - (x - left) * 6.0)
        stroke(ink, self._pixel(x, y), 1.0, self._thick)
        gap = np.linspace(tip[0], left, 24)
        ends = self._pixel(gap, np.full_like(gap, y[0]))
        dashes(ink, ends[:-1:2], ends[1::2], 0.6, self._thin)
        disc(ink, (float(ends[-1][0]), float(ends[-1][1])), self._stage.px(0.0065))

    def _voice(self, ink: Image, now: Moment) -> None:
        """The level of the last seconds as bars, newest at the left like the curve."""
        left, right = self._centre[0] + self._gap, self._stage.half_width - 0.1
        x = np.arange(left, right, 0.0156)
        foot = self._centre[1] + 0.34
        tall = 0.004 + 0.11 * now.beat.echo((x - left) / (right - left) * 2.3)
        dashes(ink, self._pixel(x, foot + tall / 2), self._pixel(x, foot - tall / 2), 0.95, self._thick)


class Epicycles(Board):
    """Arms upon turning arms draw a closed curve."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        first = int(rng.integers(2, 6))
        self._speeds = np.array([1, -first, first + 2, -(2 * first + 1)], np.float64)
        sizes = np.array([1.0, rng.uniform(0.42, 0.6), rng.uniform(0.14, 0.26), rng.uniform(0.05, 0.1)])
        self._sizes = sizes / sizes.sum() * 0.4
        self._phase = rng.uniform(0, 6.28, 4)
        self._centre = np.array(
            [stage.column(float(rng.uniform(-0.2, 0.2)) * stage.half_width), stage.row(-0.05)]
        )
        self._whole = self._tip(np.linspace(0, 6.2832, 500))

    def draw(self, now: Moment, plate: Plate) -> None:
        """The whole curve faintly, its fresh part brightly, the arms."""
        stage = self._stage
        angle = now.flow * 0.42
        back = np.linspace(0, 2.6, 90)
        path = self._tip(angle - back)
        fresh, ink = plate.second_ink, plate.ink
        fresh.fill(0)
        dashes(fresh, path[1:], path[:-1], decay(-back[1:] * 0.9), self._thick * (1 + 0.5 * now.beat.level))
        glow = stage.grid.bloom(fresh, 0.01, 0.04)
        self.ground(now, plate, tint(glow, stage.accent, 0.5 + 0.7 * now.beat.level))
        ink.fill(0)
        for part in (1.0, 0.66, 0.33):
            ring(ink, (float(self._centre[0]), float(self._centre[1])), stage.px(0.4 * part), 0.2, self._thin)
        stroke(ink, self._whole, 0.2, self._thin, closed=True)
        self.white(plate, ink)
        self.chalk(plate, fresh, stage.accent)
        ink.fill(0)
        self._arms(ink, angle)
        self.chalk(plate, ink, stage.accent2)

    def _tip(self, angle: Image, arms: int = 4) -> Image:
        turn = angle[:, None] * self._speeds[:arms] + self._phase[:arms]
        x = (self._sizes[:arms] * np.cos(turn)).sum(axis=1)
        y = (self._sizes[:arms] * np.sin(turn)).sum(axis=1)
        return np.asarray(self._centre + np.stack([x, y], axis=-1) * self._stage.unit)

    def _arms(self, ink: Image, angle: float) -> None:
        joints = np.concatenate([self._tip(np.array([angle]), arms) for arms in range(5)])
        stroke(ink, joints, 0.95, self._thick * 0.8)
        for joint, size in zip(joints, self._sizes, strict=False):
            where = (float(joint[0]), float(joint[1]))
            ring(ink, where, self._stage.px(float(size)), 0.4, self._thin)
            disc(ink, where, self._stage.px(0.005))


class Polytope(Board):
    """A four-dimensional cube and its shadow, turning."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        corners = np.array([[(n >> bit & 1) * 2 - 1 for bit in range(4)] for n in range(16)], np.float64)
        pairs = [(a, b) for a in range(16) for b in range(a) if np.abs(corners[a] - corners[b]).sum() == 2]
        self._corners, self._edges = corners, np.array(pairs)
        self._tilt = rng.uniform(0, 6.28, 3)
        self._inks = np.zeros((2, stage.canvas.height, stage.canvas.width), np.uint8)
        self._centre = np.array(
            [stage.column(float(rng.uniform(-0.15, 0.15)) * stage.half_width), stage.row(-0.05)]
        )

    def draw(self, now: Moment, plate: Plate) -> None:
        """Guide circles, edges by depth, corners."""
        stage = self._stage
        points, depth = self._turned(now)
        drawn = self._edges_drawn(now, points, depth)
        glow = [tint(stage.grid.bloom(ink, 0.012), hue, 0.25 + 0.5 * now.beat.level) for ink, hue in drawn]
        self.ground(now, plate, glow[0] + glow[1])
        ink = plate.ink
        ink.fill(0)
        where = (float(self._centre[0]), float(self._centre[1]))
        for part in (0.17, 0.31, 0.43):
            ring(ink, where, stage.px(part), 0.22, self._thin)
        rays = np.linspace(0, 6.2832, 24, endpoint=False) + now.t * 0.02
        spokes = np.stack([np.cos(rays), np.sin(rays)], axis=-1) * stage.unit
        dashes(ink, self._centre + spokes * 0.43, self._centre + spokes * 0.445, 0.4, self._thin)
        self.white(plate, ink)
        for edges, hue in drawn:
            self.chalk(plate, edges, mix(hue, _WHITE, 0.1))
        ink.fill(0)
        for point, close in zip(points, depth, strict=True):
            disc(ink, (float(point[0]), float(point[1])), stage.px(0.004 + 0.005 * float(close)), 0.9)
        plate.add(ink, _WHITE, 0.9)

    def _edges_drawn(self, now: Moment, points: Image, depth: Image) -> list[tuple[Image, Image]]:
        """The inner and outer edges as ink, nearer ones thicker, and the chalk of each."""
        stage = self._stage
        first, last = self._edges[:, 0], self._edges[:, 1]
        near = (depth[first] + depth[last]) / 2
        inner = self._corners[first, 3] + self._corners[last, 3]
        for ink, group in zip(self._inks, (inner != 0, inner == 0), strict=True):
            ink.fill(0)
            width = self._thick * (0.7 + 0.6 * near[group])
            dashes(ink, points[first[group]], points[last[group]], 0.35 + 0.6 * near[group], width)
        return list(zip(self._inks, (stage.accent, stage.accent2), strict=True))

    def _turned(self, now: Moment) -> tuple[Image, Image]:
        place = self._corners.copy()
        for (a, b), pace, start in zip(((0, 3), (1, 2), (0, 2)), (0.32, 0.2, 0.13), self._tilt, strict=True):
            angle = now.flow * pace + start
            place[:, [a, b]] = place[:, [a, b]] @ np.array(
                [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
            )
        scale = 1 / (3.1 - place[:, 3])
        solid = place[:, :3] * scale[:, None]
        flat = solid[:, :2] / (2.2 - solid[:, 2:3])
        swell = 0.78 * (1 + 0.05 * now.beat.swell)
        near = np.clip((solid[:, 2] / scale.max() + 1.7) / 3.4, 0, 1)
        return self._centre + flat * swell * self._stage.unit * 1.12, near
