"""Biotech: cells, the double helix, nerves."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, mix, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Motes
from voxweave.providers.art.shapes import dashes, disc, fill, fixed, glimmer, sparks, stroke
from voxweave.providers.art.stage import Moment, Stage, decay, soften

_WHITE = np.ones(3, np.float32)
_FOCUS = 0.75
"""Cells farther than this are out of focus."""


class Cells:
    """Living cells drifting in a lit fluid; membranes crisp, the far ones out of focus."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        count = 15
        self._near = np.sort(rng.uniform(0, 1, count))
        self._near[-6:] = np.linspace(0.75, 1, 6)
        self._at = np.stack([rng.uniform(-1.1, 1.1, count), rng.uniform(-1.1, 1.1, count)], axis=-1)
        self._at[-6:, 0] = np.linspace(-0.95, 0.95, 6)[rng.permutation(6)] + rng.normal(0, 0.08, 6)
        self._radius = rng.uniform(0.09, 0.2, count) * (0.55 + 0.6 * self._near)
        self._waves = rng.uniform(-1, 1, (count, 5, 2))
        self._seed = rng.random((count, 9, 3))
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._motes = Motes(stage, 110, size=0.0015)
        self._ground = Held(toned)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Fluid and what is soft of the cells, then the near ones' membranes."""
        stage, level = self._stage, now.beat.level
        plate.lay(self._ground(now, self._soft))
        skin = plate.ink
        skin.fill(0)
        for number, near in enumerate(self._near):
            if near >= _FOCUS:
                outline, centre, radius = self._outline(now, number)
                stroke(skin, outline, 0.95, stage.px(0.0028), closed=True)
                stroke(skin, centre + (outline - centre) * 0.93, 0.3, stage.px(0.0012), closed=True)
                self._specks(skin, (now, number), (centre, radius))
        plate.add(skin, mix(stage.accent, _WHITE, 0.4), 0.5 + 0.2 * level)
        self._motes.draw(plate, now, mix(stage.accent, _WHITE, 0.5), 0.35 + 0.5 * level)

    def _soft(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        far, inner, edge, nuclei = self._bodies(now)
        haze = sample(self._cloud, grid.x * 0.4 + now.t * 0.006, grid.y * 0.4 - now.flow * 0.006)
        light = decay(-(((grid.y + 0.6 * stage.half_height) / (1.1 * stage.half_height)) ** 2))
        lift = 0.08 + (0.28 + 0.2 * haze) * light * (0.8 + 0.35 * beat.swell) + 0.12 * far + 0.2 * inner
        out = shade(stage.ramp, lift)
        out += tint(edge * 1.5 + 0.35 * far * haze, stage.accent, 0.5 + 0.35 * beat.level)
        return out + tint(nuclei, stage.accent2, 0.62 + 0.4 * beat.level)

    def _bodies(self, now: Moment) -> tuple[Image, Image, Image, Image]:
        """As fields: cells out of focus, the bodies of the near ones, their rims, their nuclei."""
        grid, canvas = self._stage.grid, self._stage.canvas
        size = (canvas.height // 2, canvas.width // 2)
        soft, body, core = (np.zeros(size, np.uint8) for _ in range(3))
        for number, near in enumerate(self._near):
            outline, centre, radius = self._outline(now, number)
            if near < _FOCUS:
                fill(soft, outline / 2, 0.2 + 0.5 * near)
                continue
            fill(body, outline / 2, 0.65)
            turn = self._seed[number, 0, 0] * 6.28 + now.t * 0.05
            nucleus = (centre + 0.24 * radius * np.array([np.cos(turn), np.sin(turn)])) / 2
            disc(core, (float(nucleus[0]), float(nucleus[1])), radius * 0.15, 0.9)
        inner = grid.bloom(body, 0.004)
        edge = np.clip(inner - grid.bloom(body, 0.045), 0, 1)
        return grid.bloom(soft, 0.0225), inner, edge, grid.bloom(core, 0.009)

    def _outline(self, now: Moment, number: int) -> tuple[Image, Image, float]:
        stage = self._stage
        drift = now.flow * 0.011 * (0.4 + self._near[number])
        x = (self._at[number, 0] * 1.15 * stage.half_width + drift + 1.4 * stage.half_width) % (
            2.8 * stage.half_width
        )
        y = self._at[number, 1] * stage.half_height + 0.025 * np.sin(now.t * 0.3 + number)
        angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
        wobble = np.zeros_like(angle)
        for wave in range(5):
            first, last = self._waves[number, wave]
            turn = (wave + 2) * angle + first * 6.28 + now.flow * (0.25 + 0.1 * wave) * last
            wobble += np.sin(turn) * 0.055 / (1 + 0.5 * wave)
        beat = float(now.beat.bands[number % 8])
        radius = float(self._radius[number]) * (1 + 0.07 * beat) * stage.unit
        reach = radius * (1 + wobble * (1 + 0.8 * beat))
        centre = np.array([stage.column(float(x - 1.4 * stage.half_width)), stage.row(float(y))])
        return centre + np.stack([np.cos(angle) * reach, np.sin(angle) * reach], axis=-1), centre, radius

    def _specks(self, skin: Image, which: tuple[Moment, int], where: tuple[Image, float]) -> None:
        """What floats within a near cell."""
        (now, number), (centre, radius) = which, where
        for place, size, phase in self._seed[number]:
            way = phase * 6.28 + now.flow * 0.08 * (size - 0.3)
            spot = centre + radius * (0.45 + 0.36 * place) * np.array([np.cos(way), np.sin(way)])
            disc(skin, (float(spot[0]), float(spot[1])), radius * (0.012 + 0.026 * size), 0.4 + 0.3 * size)


class Helix:
    """The double helix turning in depth, focus on its middle."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._tilt = float(rng.choice([-1, 1]) * rng.uniform(0.5, 1.05))
        if stage.canvas.portrait:
            self._tilt = float(rng.choice([-1, 1]) * rng.uniform(0.1, 0.4))
        self._at = float(rng.uniform(-0.12, 0.12))
        self._radius = float(rng.uniform(0.15, 0.2))
        self._pitch = float(rng.uniform(5.0, 6.5))
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._motes = Motes(stage, 120, size=0.0017)
        self._ground = Held()
        reach = float(np.hypot(stage.half_width, stage.half_height)) * 1.1
        self._steps = np.arange(-reach, reach, 0.036)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Beads and rungs into two masks, their glow, then themselves."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        first, second = plate.ink, plate.second_ink
        first.fill(0)
        second.fill(0)
        self._strands(now, first, second)
        gain = 0.55 + 0.45 * beat.level
        glow = tint(grid.bloom(first, 0.008, 0.03, 0.09), stage.accent, gain)
        glow += tint(grid.bloom(second, 0.008, 0.03, 0.09), stage.accent2, gain)
        plate.ground(glow + self._ground(now, self._fluid))
        plate.add(first, mix(stage.accent, _WHITE, 0.3), 0.8)
        plate.add(second, mix(stage.accent2, _WHITE, 0.3), 0.8)
        self._motes.draw(plate, now, mix(stage.accent2, _WHITE, 0.4), 0.35 + 0.5 * beat.level)

    def _fluid(self, now: Moment) -> Image:
        stage, grid = self._stage, self._stage.grid
        haze = sample(self._cloud, grid.x * 0.35 + now.t * 0.005, grid.y * 0.35 - now.flow * 0.004)
        axis = np.abs(grid.x * np.cos(self._tilt) - grid.y * np.sin(self._tilt) - self._at)
        near = decay(-((axis / 0.5) ** 2)) * (0.4 + 0.8 * haze)
        return shade(stage.ramp, 0.06 + 0.34 * near * (0.75 + 0.4 * now.beat.swell))

    def _strands(self, now: Moment, first: Image, second: Image) -> None:
        stage = self._stage
        along = self._steps
        turn = along * self._pitch + now.flow * 0.55
        swell = self._radius * (1 + 0.16 * np.interp(np.abs(along) * 3.2, np.arange(8), now.beat.bands))
        ends = []
        for phase in (0.0, np.pi):
            across, depth = swell * np.cos(turn + phase), np.sin(turn + phase)
            x = across * np.cos(self._tilt) + along * np.sin(self._tilt) + self._at * np.cos(self._tilt)
            y = -across * np.sin(self._tilt) + along * np.cos(self._tilt) - self._at * np.sin(self._tilt)
            grow = 1 + 0.16 * depth
            ends.append((np.stack([stage.column(x * grow), stage.row(y * grow)], -1), depth))
        (a, depth_a), (b, depth_b) = ends
        middle = (a + b) / 2
        thin = stage.px(0.0026)
        dashes(first, a, middle, 0.2 + 0.2 * (depth_a + 1) / 2, thin)
        dashes(second, b, middle, 0.2 + 0.2 * (depth_b + 1) / 2, thin)
        for ink, points, depth in ((first, a, depth_a), (second, b, depth_b)):
            light = (0.25 + 0.75 * (depth + 1) / 2) ** 1.2
            dashes(ink, points[:-1], points[1:], light[1:] * 0.55, stage.px(0.004) * (1 + 0.4 * depth[1:]))
            for point, near, shine in zip(points, depth, light, strict=True):
                disc(ink, (float(point[0]), float(point[1])), stage.px(0.0085 + 0.0042 * near), float(shine))


class Nerves:
    """Nerve cells and their branches; what is said runs along them as light."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._paths: list[Image] = []
        self._ink = np.zeros((stage.canvas.height, stage.canvas.width), np.uint8)
        self._dim = np.zeros((stage.canvas.height // 4, stage.canvas.width // 4), np.uint8)
        places = [
            (-0.62, -0.2),
            (0.58, -0.32),
            (0.02, 0.3),
            (-0.3, 0.75),
            (0.8, 0.55),
            (-0.95, 0.5),
            (0.2, -0.8),
        ]
        self._somas = [
            (
                stage.column((x + rng.normal(0, 0.08)) * stage.half_width),
                stage.row((y + rng.normal(0, 0.08)) * stage.half_height),
            )
            for x, y in places
        ]
        for number, soma in enumerate(self._somas):
            self._soma(soma, crisp=number < 5)
        ink = self._ink.astype(np.float32) / 255
        dim = cv2.resize(soften(self._dim.astype(np.float32) / 255, 1.6), (ink.shape[1], ink.shape[0]))
        glow = soften(ink, stage.px(0.006)) * 0.7 + ink * 0.62 + dim * 0.22
        self._web = np.minimum(glow * 180, 255).astype(np.uint8)
        del self._ink, self._dim
        count = min(150, len(self._paths))
        self._runs = [self._paths[n] for n in rng.permutation(len(self._paths))[:count]]
        self._when = rng.random((len(self._runs), 2))
        self._cloud = fbm((256, 256), (3, 3), 5, rng)
        self._motes = Motes(stage, 60, size=0.0015)
        self._ground = Held(toned)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Fluid, web, pulses on their way, cell bodies lighting up."""
        stage, level = self._stage, now.beat.level
        points, bright = self._pulses(now)
        small = self._ground(now, self._fluid).copy()
        glimmer(
            small, points / stage.grid.scale, stage.px(0.006) / stage.grid.scale, stage.accent, bright * 0.28
        )
        plate.lay(small)
        plate.add(self._web, mix(stage.accent2, _WHITE, 0.2), 0.62 * (255 / 180) * (0.75 + 0.4 * level))
        sparks(plate, points, stage.px(0.0021), mix(stage.accent, _WHITE, 0.35), bright)
        self._motes.draw(plate, now, mix(stage.accent2, _WHITE, 0.4), 0.3)

    def _fluid(self, now: Moment) -> Image:
        """Haze, and the cell bodies lighting up in it."""
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        haze = sample(self._cloud, grid.x * 0.4 + now.t * 0.005, grid.y * 0.4 + now.flow * 0.004)
        out = shade(
            stage.ramp, 0.05 + 0.34 * haze * decay(-((grid.distance(0, 0) / (stage.half_width * 1.1)) ** 2))
        )
        for number, (x, y) in enumerate(self._somas):
            place = ((x - stage.column(0)) / stage.unit, (y - stage.row(0)) / stage.unit)
            light = 0.2 + 0.55 * float(beat.bands[number % 8])
            rows, columns = grid.around(*place, 0.24)
            off = (grid.x[:, columns] - np.float32(place[0])) ** 2 + (
                grid.y[rows] - np.float32(place[1])
            ) ** 2
            body = decay(-off / 0.0072) + 0.5 * decay(-off / 0.0009)
            out[:, rows, columns] += tint(body, stage.accent, light)
        return out

    def _pulses(self, now: Moment) -> tuple[Image, Image]:
        points, light = [], []
        for path, (start, pace) in zip(self._runs, self._when, strict=True):
            for step in range(3):
                gone = (start + now.flow * (0.1 + 0.1 * pace)) % 1.6 - step * 0.035
                if 0 <= gone <= 1:
                    place = gone * (len(path) - 1)
                    at = min(int(place), len(path) - 2)
                    points.append(path[at] + (path[at + 1] - path[at]) * (place - at))
                    light.append(
                        np.sin(np.pi * gone) * (0.85, 0.5, 0.25)[step] * (0.45 + 0.8 * now.beat.swell)
                    )
        return np.array(points).reshape(-1, 2), np.array(light, np.float32)

    def _soma(self, at: tuple[float, float], *, crisp: bool) -> None:
        rng, stage = self._stage.rng, self._stage
        if crisp:
            disc(self._ink, at, stage.px(0.011), 0.55)
        arms = 7
        for arm in range(arms):
            turn = 6.28 * (arm + rng.uniform(-0.3, 0.3)) / arms
            self._branch(np.array(at), turn, (stage.px(rng.uniform(0.24, 0.4)), stage.px(0.0062)), (5, crisp))

    def _branch(self, at: Image, turn: float, size: tuple[float, float], state: tuple[int, bool]) -> None:
        (long, wide), (left, crisp) = size, state
        rng = self._stage.rng
        points = [at]
        for _ in range(9):
            turn += rng.normal(0, 0.17)
            points.append(points[-1] + long / 9 * np.array([np.cos(turn), np.sin(turn)]))
        path = np.array(points)
        if crisp:
            cv2.polylines(
                self._ink, [fixed(path)], False, 130 + 16 * left, max(1, round(wide)), cv2.LINE_AA, 4
            )
            self._paths.append(path)
        else:
            cv2.polylines(self._dim, [fixed(path / 4)], False, 200, max(1, round(wide / 2)), cv2.LINE_AA, 4)
        if left > 1:
            for way in (-1, 1):
                if rng.random() < 0.82:
                    spread = turn + way * rng.uniform(0.25, 0.6)
                    self._branch(
                        path[-1], spread, (long * rng.uniform(0.55, 0.78), wide * 0.66), (left - 1, crisp)
                    )
