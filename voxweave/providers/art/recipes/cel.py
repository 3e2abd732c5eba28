"""Anime: summer clouds, cherry blossom, a comet over a town; flat tones with crisp edges."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, rgb, shade, tint
from voxweave.providers.art.cutout import Cutout, Sprite
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.recipes.weather import Motes, Stars
from voxweave.providers.art.shapes import fill, fixed, sparks
from voxweave.providers.art.stage import Moment, Stage

_WHITE = np.ones(3, np.float32)


class Cumulus:
    """Towering summer clouds over a wire and a hill."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._sway = 0.07 * stage.unit
        self._back = self._bank(9, (0.1, 0.24), 0.62)
        self._front = self._bank(5, (0.2, 0.42), 0.9)
        self._land = self._hill()
        self._wisps = fbm((256, 256), (2, 6), 5, rng)
        self._motes = Motes(stage, 60, size=0.0018, lift=0.012)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Sky, clouds far and near, land, seeds on the wind."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        height = 0.5 - grid.y / (2 * stage.half_height)
        wisp = np.clip(sample(self._wisps, grid.x * 0.16 + now.t * 0.003, grid.y * 0.5) - 0.52, 0, 1)
        out = shade(stage.ramp, 0.2 + 0.5 * (1 - height) ** 1.3 + wisp * 0.5 * height)
        out += tint(grid.glow(-self._side * 0.7 * stage.half_width, -0.9 * stage.half_height, 0.8), stage.accent2, 0.2 + 0.2 * beat.swell)
        plate.ground(out)
        drift = self._side * np.sin(now.t * 0.08 - 0.8) * self._sway
        self._back.draw(plate, round(1.5 * self._sway))
        self._front.draw(plate, 1.5 * self._sway + drift, 0.97 + 0.06 * beat.level)
        self._land.draw(plate, round(1.5 * self._sway))
        self._motes.draw(plate, now, _WHITE, 0.3 + 0.6 * beat.level)

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
        fade = np.clip((height * 1.0 - np.arange(height, dtype=np.float32)) / (0.4 * height), 0, 1) ** 0.7
        cover = alpha.astype(np.float32) / 255 * fade[:, None]
        return Cutout(shown * cover[:, :, None], cover, 0)

    def _cloud(self, paint: tuple[Image, Image], at: tuple[float, float], radius: float, tone: float) -> None:
        """Puffs from back to front, each in shadow, body and light."""
        rng, sky = self._stage.rng, self._stage.palette
        shown, alpha = paint
        dark = mix(sky[2], sky[4], 0.42 + 0.3 * (tone < 0.8))
        tones = (dark, mix(sky[4], sky[5], 0.35 * tone), mix(sky[4], sky[5], tone))
        count = 46
        across = rng.normal(0, 0.55, count).clip(-1.3, 1.3)
        up = np.sort(rng.uniform(0, 1, count) ** 0.8)[::-1] * np.exp(-1.1 * across**2)
        size = radius * rng.uniform(0.16, 0.34, count) * (1 - 0.35 * np.abs(across))
        for step in range(count):
            x, y = at[0] + across[step] * radius * 1.25, at[1] - up[step] * radius * 1.35
            puff = float(size[step])
            shift = (-self._side * 0.16 * puff, -0.2 * puff)
            for part, (colour, share) in enumerate(zip(tones, (1.0, 0.86, 0.64), strict=True)):
                centre = fixed(np.array([x + shift[0] * part, y + shift[1] * part])).tolist()
                cv2.circle(shown, centre, round(puff * share * 16), colour.tolist(), cv2.FILLED, cv2.LINE_8, 4)
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
        fill(ink, _below(line - blades, band))
        spread = 0.62 * stage.unit
        poles = np.arange(rng.uniform(0, spread), width, spread)
        tops = []
        for place in poles:
            foot = line[int(min(place, width - 1))]
            top = foot - 0.27 * stage.unit
            thick = max(2, stage.px(0.0055))
            fill(ink, np.array([[place - thick / 2, top], [place + thick / 2, top], [place + thick * 0.8, foot + 9], [place - thick * 0.8, foot + 9]]))
            for drop, arm in ((0.02, 0.045), (0.045, 0.034)):
                y = top + stage.px(drop)
                fill(ink, np.array([[place - stage.px(arm), y], [place + stage.px(arm), y], [place + stage.px(arm), y + thick * 0.7], [place - stage.px(arm), y + thick * 0.7]]))
            tops.append((place, top))
        self._wires(ink, tops, spread)
        alpha = ink.astype(np.float32) / 255
        grass = mix(stage.palette[0], rgb("#0c3b3a"), 0.6) * np.float32(0.75)
        return Cutout(alpha[:, :, None] * grass, alpha, stage.canvas.height - band)

    def _wires(self, ink: Image, tops: list[tuple[float, float]], spread: float) -> None:
        place = np.linspace(0, 1, 24)
        ends = [(tops[0][0] - spread, tops[0][1]), *tops, (tops[-1][0] + spread, tops[-1][1])]
        for (x0, y0), (x1, y1) in zip(ends, ends[1:], strict=False):
            for arm, drop in ((-0.04, 0.02), (0.04, 0.02), (-0.03, 0.045)):
                sag = 4 * place * (1 - place) * self._stage.px(0.035)
                x = x0 + (x1 - x0) * place + self._stage.px(arm)
                y = y0 + (y1 - y0) * place + self._stage.px(drop) + sag
                points = np.stack([x, y], axis=-1)
                cv2.polylines(ink, [fixed(points)], False, 200, max(1, round(self._stage.unit / 700)), cv2.LINE_AA, 4)


class Sakura:
    """Blossom against a great pale sun, petals falling."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._sun = (-self._side * float(rng.uniform(0.05, 0.35)) * stage.half_width, float(rng.uniform(-0.1, 0.12)) * stage.half_height)
        self._radius = float(rng.uniform(0.2, 0.27))
        self._bough = self._tree()
        self._petals = rng.random((64, 6))
        self._haze = fbm((256, 256), (2, 4), 5, rng)
        self._hills = [wander(stage.canvas.width, knots, rng, rough=0.42) for knots in (7, 4)]

    def draw(self, now: Moment, plate: Plate) -> None:
        """Dusk, sun, hills, bough, petals."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        haze = sample(self._haze, grid.x * 0.2 + now.t * 0.004, grid.y * 0.8) - 0.5
        height = grid.y / (2 * stage.half_height) + 0.5
        warm = mix(stage.accent, rgb("#ffb38a"), 0.45)
        out = shade(stage.ramp, 0.02 + 0.26 * height + 0 * grid.x)
        out += tint(np.clip(height, 0, 1) ** 1.7 * (0.8 + 0.5 * haze), warm, 0.62 + 0.12 * beat.swell)
        out += tint(grid.glow(*self._sun, self._radius * 2.1), stage.accent, 0.2 + 0.25 * beat.swell)
        plate.ground(out)
        self._disc(plate, beat.level)
        for number, line in enumerate(self._hills):
            self._hill(plate, line, number, warm)
        self._bough.draw(plate, self._corner + stage.px(0.006) * np.sin(now.t * 0.7), stage.px(0.004) * np.sin(now.t * 0.9 + 1) - stage.px(0.03))
        self._fall(plate, now)

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
        fill(ink, _below(rows - top, ink.shape[0]))
        plate.cover(ink, mix(stage.palette[number and 0 or 1], warm, 0.34 - 0.24 * number), (top, 0))

    def _fall(self, plate: Plate, now: Moment) -> None:
        """Petals turn over as they fall; near ones are larger and faster."""
        ink, stage = plate.ink, self._stage
        ink.fill(0)
        for x, y, near, spin, phase, size in self._petals:
            depth = 0.35 + 0.65 * near**2
            down = (y + now.flow * 0.05 * depth) % 1.0
            across = (x - self._side * (now.flow * 0.045 * depth) + 0.03 * np.sin(now.t * (0.6 + spin) + 6.28 * phase)) % 1.0
            turn = now.t * (0.5 + spin) + 6.28 * phase
            long = stage.px(0.006 + 0.013 * depth * (0.6 + 0.4 * size))
            centre = ((across * 1.16 - 0.08) * plate.width, (down * 1.16 - 0.08) * plate.height)
            fill(ink, _petal(centre, long, turn, 0.25 + 0.55 * abs(np.cos(turn * 0.8 + 1))), 0.5 + 0.5 * depth)
        plate.cover(ink, mix(stage.accent, _WHITE, 0.55))

    def _tree(self) -> Sprite:
        """A bough reaching in from an upper corner, with its blossom."""
        stage, rng = self._stage, self._stage.rng
        height, width = round(stage.px(0.72)), round(stage.px(0.95))
        wood = np.zeros((height, width), np.uint8)
        tips: list[tuple[float, float]] = []
        self._grow(wood, (0.0, stage.px(0.16), 0.12 + rng.uniform(-0.05, 0.1), stage.px(0.3), stage.px(0.026)), tips, 5)
        colours = np.zeros((height, width, 3), np.float32)
        colours[:] = stage.palette[0] * np.float32(0.8) + rgb("#2a1220") * np.float32(0.5)
        alpha = wood.copy()
        shades = (mix(stage.accent, stage.palette[1], 0.42), mix(stage.accent, stage.palette[1], 0.08), mix(stage.accent, _WHITE, 0.5))
        for shade_number, colour in enumerate(shades):
            for x, y in tips:
                for _ in range(5):
                    off = rng.normal(0, stage.px(0.016), 2) - [0, shade_number * stage.px(0.004)]
                    radius = stage.px(rng.uniform(0.0045, 0.0105)) * (1.15 - 0.28 * shade_number)
                    centre = fixed(np.array([x + off[0], y + off[1]])).tolist()
                    cv2.circle(colours, centre, round(radius * 16), colour.tolist(), cv2.FILLED, cv2.LINE_8, 4)
                    cv2.circle(alpha, centre, round(radius * 16), 255, cv2.FILLED, cv2.LINE_AA, 4)
        self._corner = -stage.px(0.03)
        if self._side > 0:
            colours, alpha = colours[:, ::-1], alpha[:, ::-1]
            self._corner = stage.canvas.width - width + stage.px(0.03)
        cover = alpha.astype(np.float32) / 255
        return Sprite(colours * cover[:, :, None], cover)

    def _grow(self, wood: Image, branch: tuple[float, float, float, float, float], tips: list[tuple[float, float]], left: int) -> None:
        x, y, turn, long, wide = branch
        rng = self._stage.rng
        steps = 6
        for _ in range(steps):
            turn += rng.normal(0, 0.13)
            x1, y1 = x + np.cos(turn) * long / steps, y + np.sin(turn) * long / steps
            cv2.line(wood, fixed(np.array([x, y])).tolist(), fixed(np.array([x1, y1])).tolist(), 255, max(1, round(wide)), cv2.LINE_AA, 4)
            x, y, wide = x1, y1, wide * 0.93
            if left < 4:
                tips.append((x, y))
        if left:
            for way in (-1, 1):
                self._grow(wood, (x, y, turn + way * rng.uniform(0.2, 0.6), long * rng.uniform(0.6, 0.8), wide * 0.68), tips, left - 1)


class Comet:
    """A comet and its fragments over a town asleep."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._side = float(rng.choice([-1.0, 1.0]))
        self._stars = Stars(stage, 420, 0.8)
        self._cloud = fbm((256, 256), (2, 5), 5, rng)
        self._land = [wander(stage.canvas.width, knots, rng, rough=0.42) for knots in (6, 4)]
        count = 90
        self._town = np.stack([rng.uniform(0, stage.canvas.width, count), rng.random(count)], axis=-1)
        self._heads = [(0.0, 0.0, 1.0), (0.16, 0.1, 0.5), (0.3, 0.05, 0.34)]
        self._slope = float(rng.uniform(0.32, 0.5))

    def draw(self, now: Moment, plate: Plate) -> None:
        """Twilight, stars, comet, hills, windows."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        height = 0.5 - grid.y / (2 * stage.half_height)
        cloud = np.clip(sample(self._cloud, grid.x * 0.22 + now.t * 0.004, grid.y * 0.9) - 0.5, 0, 0.3)
        out = shade(stage.ramp, 0.5 * (1 - height) ** 2.2 + cloud * (0.9 - 0.7 * height))
        out += tint(np.exp(-((height - 0.16) / 0.2) ** 2) * (0.7 + cloud), mix(stage.accent, rgb("#ff9a5a"), 0.55), 0.4 + 0.16 * beat.swell)
        for head in self._heads:
            out += self._tail(now, head)
        plate.ground(out)
        self._stars.draw(plate, now, 0.75)
        points = np.array([self._place(now, head) for head in self._heads])
        pixels = np.stack([stage.column(points[:, 0]), stage.row(points[:, 1])], axis=-1)  # type: ignore[arg-type]
        sparks(plate, pixels, stage.px(0.0022), _WHITE, np.array([1.6, 0.9, 0.6]) * (0.8 + 0.5 * beat.level))
        for number, line in enumerate(self._land):
            self._ground(plate, line, number)
        self._windows(plate, now)

    def _place(self, now: Moment, head: tuple[float, float, float]) -> tuple[float, float]:
        gone = now.flow * 0.014
        lag, drop, _ = head
        x = self._side * (stage_mix(-0.35, 0.5, gone) * self._stage.half_width * 1.2 - lag * 0.8)
        return x, -0.3 * self._stage.half_height * 2 + self._slope * (0.1 + 0.3 * gone - lag * 0.55) + drop

    def _tail(self, now: Moment, head: tuple[float, float, float]) -> Image:
        grid, stage = self._stage.grid, self._stage
        x, y = self._place(now, head)
        cos, sin = 1 / np.hypot(1, self._slope), self._slope / np.hypot(1, self._slope)
        back = -self._side * (grid.x - np.float32(x)) * cos - (grid.y - np.float32(y)) * sin
        off = -self._side * (grid.x - np.float32(x)) * -sin - (grid.y - np.float32(y)) * cos
        body = np.clip(back, 0, None)
        wide = 0.0035 + 0.06 * body * head[2]
        light = np.exp(-((off / wide) ** 2)) * np.exp(-body * (1.9 / head[2] ** 0.5)) * (back > -0.01)
        core = grid.glow(x, y, 0.035 * head[2])
        hue = tint(light * np.clip(1 - body, 0, 1), mix(stage.accent2, _WHITE, 0.3)) + tint(light * np.clip(body * 1.3, 0, 1), stage.accent)
        return (hue * np.float32(0.8) + tint(core, _WHITE, 0.7)) * np.float32(head[2] * (0.75 + 0.45 * now.beat.level))

    def _ground(self, plate: Plate, line: Image, number: int) -> None:
        stage = self._stage
        rows = stage.row(stage.half_height * (0.66 + 0.18 * number)) - line * stage.px(0.045)
        top = max(0, int(rows.min()) - 3) // 2 * 2
        ink = plate.ink[top:]
        ink.fill(0)
        fill(ink, _below(rows - top, ink.shape[0]))
        plate.cover(ink, mix(stage.palette[0], stage.palette[1], 0.55 - 0.45 * number) * np.float32(0.7), (top, 0))

    def _windows(self, plate: Plate, now: Moment) -> None:
        stage = self._stage
        ground = stage.row(stage.half_height * 0.7) - np.interp(self._town[:, 0], np.arange(plate.width), self._land[0]) * stage.px(0.045)
        points = np.stack([self._town[:, 0], ground + (0.02 + self._town[:, 1] ** 2 * 0.09) * stage.unit], axis=-1)
        light = 0.35 + 0.5 * now.beat.bands[np.arange(len(points)) % 8]
        sparks(plate, points, stage.px(0.0011), np.array([1.0, 0.78, 0.45], np.float32), light)


def stage_mix(first: float, last: float, amount: float) -> float:
    """Between two numbers, never past the last."""
    return first + (last - first) * (1 - float(np.exp(-amount)))


def _below(rows: Image, bottom: int) -> Image:
    columns = np.arange(len(rows))
    ends = np.array([[len(rows) + 4, rows[-1]], [len(rows) + 4, bottom + 8], [-4, bottom + 8], [-4, rows[0]]])
    return np.concatenate([np.stack([columns, rows], axis=-1), ends])


def _petal(centre: tuple[float, float], long: float, turn: float, open_: float) -> Image:
    """A petal with its notch, turned and seen from the side."""
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    radius = 1 - 0.22 * np.exp(-((np.abs(angle - np.pi) / 0.35) ** 2))
    x, y = np.cos(angle) * radius * long, np.sin(angle) * radius * long * 0.62 * open_
    cos, sin = np.cos(turn), np.sin(turn)
    return np.stack([centre[0] + x * cos - y * sin, centre[1] + x * sin + y * cos], axis=-1)



