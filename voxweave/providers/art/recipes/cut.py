"""Paper: layers of waves, a nest of holes, a mobile; each sheet throws a soft shadow."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.layers import interleaved
from voxweave.providers.art.noise import fbm
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.shapes import fill, ridge, spots, stroke
from voxweave.providers.art.stage import Moment, Stage, decay

_WHITE = np.ones(3, np.float32)
_DEEP = 0.05
"""How far above an edge its shadow reaches."""


class Sheets:
    """What all paper scenes share: sheet colours, fibres, light from above."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        fibre = fbm((512, 512), (90, 60), 4, stage.rng) - np.float32(0.5)
        height, width = stage.canvas.height, stage.canvas.width
        self._fibre = np.ascontiguousarray(
            np.tile(fibre, (height // 512 + 1, width // 512 + 1))[:height, :width]
        ) * np.float32(7)

    def colour(self, step: float) -> Image:
        """Of a sheet: 0 the deepest, 1 the nearest."""
        return np.asarray(self._stage.ramp[int(np.clip(0.1 + 0.72 * step, 0, 1) * 1023)])

    def finish(self, plate: Plate) -> None:
        """Lay the fibres over all."""
        cv2.add(plate.y, self._fibre, dst=plate.y)


class Tiers(Sheets):
    """Sheets cut to waves, one before the other, a paper sun behind."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        self._count = 6
        self._waves = rng.uniform(0, 6.28, (self._count, 3))
        self._turns = rng.uniform(0.7, 1.5, (self._count, 3)) * [1, 2.1, 3.3]
        self._sun = (
            float(rng.uniform(-0.45, 0.45)) * stage.half_width,
            float(rng.uniform(-0.4, -0.1)) * stage.half_height,
        )
        self._radius = float(rng.uniform(0.16, 0.22))
        self._place = np.linspace(-stage.half_width, stage.half_width, stage.canvas.width)
        self._wall = Held(toned)
        self._papers = [Held(toned) for _ in range(self._count)]

    def draw(self, now: Moment, plate: Plate) -> None:
        """Wall, sun, then sheets from far to near."""
        lines = [self._line(now, number) for number in range(self._count)]
        plate.lay(self._wall(now, self._back), int(self._stage.row(float(lines[0].max()))) // 2 * 2 + 4)
        self._disc(plate, now)
        for number in range(self._count):
            self._sheet(plate, now, lines, number)
        self.finish(plate)

    def _back(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        back = shade(stage.ramp, 0.86 - 0.2 * grid.distance(*self._sun))
        return back * np.float32(0.82 + 0.12 * now.beat.swell) * self._shadow(self._small(now, 0), grid.y)

    def _small(self, now: Moment, number: int) -> Image:
        """A sheet's edge at the grid's columns."""
        line = np.interp(self._stage.grid.x[0], self._place, self._line(now, number))
        return np.asarray(line, np.float32)

    def _line(self, now: Moment, number: int) -> Image:
        stage = self._stage
        near = number / (self._count - 1)
        wave = np.zeros_like(self._place)
        for step, tall in enumerate((0.075, 0.035, 0.014)):
            swing = now.flow * (0.16 + 0.07 * step) * (1 if (number + step) % 2 else -1)
            wave += tall * np.sin(
                self._place * self._turns[number, step] * 2 + self._waves[number, step] + swing
            )
        lift = 0.05 * float(now.beat.bands[self._count - 1 - number]) * decay(-((self._place / 0.7) ** 2))
        return stage.half_height * (-0.06 + 0.88 * near) + wave * (0.75 + 0.5 * near) - lift

    def _shadow(self, line: Image, y: Image) -> Image:
        """What the next sheet takes of the light, by height above its edge."""
        above = np.clip(line[None, :] - y, 0, None)
        return np.asarray(
            1 - 0.46 * decay(-above / _DEEP) - 0.2 * decay(-above / (_DEEP * 0.25)), dtype=np.float32
        )

    def _sheet(self, plate: Plate, now: Moment, lines: list[Image], number: int) -> None:
        stage = self._stage
        rows = stage.row(lines[number])
        first, last = max(0, int(np.min(rows)) - 4), plate.height
        if number + 1 < self._count:
            last = min(plate.height, int(stage.row(float(np.max(lines[number + 1])))) + 8)
        if first >= last:
            return
        patch = stage.grid.patch(np.array([0, first]), np.array([plate.width, last]))
        top = patch.at[0]
        ink = plate.ink[top : top + patch.size[0]]
        ink.fill(0)
        ridge(ink, np.asarray(rows - top, np.float32))
        paper = self._papers[number](now, lambda key: self._paper(key, number))
        plate.inside(paper[:, patch.cells[0]], ink, patch.at, solid=int(np.max(rows)) + 3 - top)

    def _paper(self, now: Moment, number: int) -> Image:
        """One sheet's light: bright at its edge, in the shadow of the next."""
        y, line = self._stage.grid.y, self._small(now, number)
        below = np.clip(y - line[None, :], 0, None)
        light = 0.94 + 0.14 * decay(-below / 0.02) - 0.5 * np.clip(below, 0, 0.3)
        light = light * (0.9 + 0.16 * now.beat.swell)
        if number + 1 < self._count:
            light = light * self._shadow(self._small(now, number + 1), y)
        return tint(light.astype(np.float32), self.colour(0.86 * (1 - number / (self._count - 1))))

    def _disc(self, plate: Plate, now: Moment) -> None:
        stage, ink = self._stage, plate.ink
        angle = np.linspace(0, 2 * np.pi, 160, endpoint=False)
        for step, grow in enumerate((1.0, 0.74, 0.48)):
            reach = self._radius * grow * (1 + 0.06 * float(now.beat.bands[step * 2]))
            points = np.stack(
                [
                    stage.column(self._sun[0] + reach * np.cos(angle)),
                    stage.row(self._sun[1] + reach * np.sin(angle)),
                ],
                axis=-1,
            )
            top = max(0, int(points[:, 1].min()) - 40) // 2 * 2
            bottom = min(plate.height, int(points[:, 1].max()) + 60) // 2 * 2
            part = ink[top:bottom]
            part.fill(0)
            fill(part, points - [0, top])
            plate.cover(part, mix(stage.accent, stage.palette[-1], 0.28 * step), (top, 0))


class Nest(Sheets):
    """A hole in a hole in a hole: looking down through the sheets."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        self._count = 6
        self._at = (
            float(rng.uniform(-0.25, 0.25)) * stage.half_width,
            float(rng.uniform(-0.2, 0.05)) * stage.half_height,
        )
        self._waves = rng.uniform(0, 6.28, (self._count, 4))
        self._tall = rng.uniform(0.5, 1.0, (self._count, 4)) * [0.1, 0.06, 0.035, 0.02]
        self._long = 1.0 if not stage.canvas.portrait else 0.72
        self._turn = np.linspace(0, 2 * np.pi, 360, endpoint=False)
        grid = stage.grid
        x, y = (grid.x - np.float32(self._at[0])) / np.float32(1.25), grid.y - np.float32(self._at[1])
        self._off, angle = np.hypot(x, y), np.arctan2(y, x)
        self._index = (angle % (2 * np.pi) * (360 / (2 * np.pi))).astype(np.int32)
        self._sheets = Held()
        light = -2.0 if rng.random() < 0.5 else -1.1
        self._lit = (0.35 + 0.65 * (0.55 + 0.45 * np.cos(angle - light))).astype(np.float32)

    def draw(self, now: Moment, plate: Plate) -> None:
        """The top sheet, then each hole's deeper sheet; every other sheet is in the second picture."""
        stage, ink = self._stage, plate.ink
        both = self._sheets(now, self._paper)
        ink.fill(0)
        for number in range(self._count):
            edge = self._edge(now, number, self._turn)
            across = stage.column(self._at[0] + 1.25 * edge * np.cos(self._turn))
            fill(
                ink,
                np.stack([across, stage.row(self._at[1] + edge * np.sin(self._turn))], axis=-1),
                number % 2 == 0,
            )
        plate.lay(both[:3])
        plate.inside(both[3:], ink)
        self.finish(plate)

    def _paper(self, now: Moment) -> Image:
        breath = 0.9 + 0.12 * now.beat.swell
        top = np.float32(0.96) - np.float32(0.18) * np.clip(self._off - 0.3, 0, 1)
        edges = [self._edge(now, number, self._turn) for number in range(self._count)]
        layers = [(toned(tint(top, self.colour(1.0), breath)), self._off < 9)]
        for number, edge in enumerate(edges):
            inside = np.take(edge.astype(np.float32), self._index) - self._off
            room = edges[number - 1] - edge if number else np.full_like(edge, 0.05)
            beyond = np.take(-np.maximum(room / 2, 0.012).astype(np.float32), self._index)
            layers.append((toned(self._sheet(now, inside, number)), inside > beyond))
        return interleaved(layers)

    def _sheet(self, now: Moment, inside: Image, number: int) -> Image:
        """One sheet in the shadow of the hole it is seen through."""
        deep = np.maximum(inside, 0)
        light = 1 - (0.62 * decay(deep * np.float32(-28)) + 0.2 * decay(deep * -10)) * self._lit
        colour = self.colour(0.84 - 0.84 * number / (self._count - 1))
        if number == self._count - 1:
            colour = mix(self._stage.accent, _WHITE, 0.2) * np.float32(1.0 + 0.3 * now.beat.level)
            light = 0.4 + 0.6 * light  # the light at the bottom glows by itself
        return tint(light, colour, 0.9 + 0.12 * now.beat.swell)

    def _edge(self, now: Moment, number: int, turn: Image) -> Image:
        near = 1 - number / self._count
        base = 0.1 + 0.5 * near**1.15 * self._long
        wobble = np.zeros_like(turn)
        for wave in range(4):
            swing = now.flow * (0.1 + 0.04 * wave) * (1 if (number + wave) % 2 else -1)
            wobble += self._tall[number, wave] * np.sin((wave + 2) * turn + self._waves[number, wave] + swing)
        return np.asarray(base * (1 + wobble) * (1 + 0.05 * float(now.beat.bands[7 - number % 8])))


class Mobile(Sheets):
    """Paper moons, leaves and stars on threads, turning in the draught."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        rng = stage.rng
        count = max(7, round(9 * stage.half_width))
        self._x = np.linspace(-0.9, 0.9, count) * stage.half_width + rng.normal(0, 0.02, count)
        self._drop = rng.uniform(0.2, 0.78, count) * stage.half_height * 1.5
        self._size = rng.uniform(0.06, 0.13, count)
        self._phase = rng.uniform(0, 6.28, (count, 3))
        self._kind = rng.permutation(np.arange(count) % 4)
        self._hue = rng.permutation(np.arange(count) % 4)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Wall with the shadows, then threads, then shapes."""
        stage, grid = self._stage, self._stage.grid
        shapes = [self._shape(now, number) for number in range(len(self._x))]
        ink = plate.ink
        ink.fill(0)
        offset = np.array([0.022, 0.035]) * stage.unit
        for shape, thread in shapes:
            fill(ink, shape + offset)
            stroke(ink, thread + offset, 0.8, stage.px(0.002))
        shadow = np.clip(grid.bloom(ink, 0.011), 0, 1)
        light = 0.3 + 0.26 * decay(
            -((grid.distance(-0.4 * stage.half_width, -0.5 * stage.half_height) / 0.9) ** 2)
        ) * (0.85 + 0.35 * now.beat.swell)
        plate.lay(toned(shade(stage.ramp, light) * (1 - 0.55 * shadow)))
        ink.fill(0)
        for _, thread in shapes:
            stroke(ink, thread, 0.7, max(1.0, stage.px(0.0013)))
        plate.add(ink, stage.palette[-1], 0.35)
        hues = (stage.accent, stage.palette[-1], stage.accent2, stage.palette[1])
        for hue in range(4):
            own = [shape for (shape, _), which in zip(shapes, self._hue, strict=True) if which == hue]
            ink.fill(0)
            for shape in own:
                fill(ink, shape)
            colour = hues[hue] * np.float32(0.86 + 0.14 * now.beat.level)
            plate.cover_spots(ink, spots(own, ink.shape), colour)
        self.finish(plate)

    def _shape(self, now: Moment, number: int) -> tuple[Image, Image]:
        stage = self._stage
        swing = 0.05 * np.sin(now.t * 0.55 + self._phase[number, 0]) * (0.5 + now.beat.swell)
        long = self._drop[number] + stage.half_height * 0.25
        bob = 0.02 * float(now.beat.bands[number % 8])
        at = np.array(
            [self._x[number] + np.sin(swing) * long, -stage.half_height + np.cos(swing) * long - bob]
        )
        open_ = np.cos(now.flow * 0.3 + self._phase[number, 1])
        points = _outline(int(self._kind[number])) * [0.45 + 0.55 * abs(open_), 1.0] * self._size[number]
        lean = swing * 1.5
        turned = points @ np.array([[np.cos(lean), np.sin(lean)], [-np.sin(lean), np.cos(lean)]])
        middle = np.array([stage.canvas.width / 2, stage.canvas.height / 2])
        thread = np.array([[self._x[number], -stage.half_height - 0.02], at - [0, self._size[number]]])
        return (turned + at) * stage.unit + middle, thread * stage.unit + middle


def _outline(kind: int) -> Image:
    angle = np.linspace(-np.pi / 2, 1.5 * np.pi, 90, endpoint=False)
    if kind == 0:
        return np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    if kind == 1:
        reach = 0.72 + 0.28 * np.cos(5 * (angle + np.pi / 2))
        return np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1)
    if kind == 2:
        up = np.sin(angle)
        return np.stack([0.52 * np.cos(angle) * np.cos(up * 1.35), up], axis=-1)
    outer, inner = np.linspace(-np.pi / 2, 0.75 * np.pi, 50), np.linspace(0.75 * np.pi, -np.pi / 2, 50)
    first = np.stack([np.cos(outer), np.sin(outer)], axis=-1)
    bite = 0.35 * np.sin((inner + np.pi / 2) / (1.25 * np.pi) * np.pi)
    second = np.stack([np.cos(inner), np.sin(inner)], axis=-1) - bite[:, None] * np.array([0.93, 0.37]) * 1.6
    return np.concatenate([first, second])
