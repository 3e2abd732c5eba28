"""Aurora: curtains over ranges, light over a lake, rays from the zenith."""

import cv2
import numpy as np

from voxweave.providers.art.colour import Image, shade, tint
from voxweave.providers.art.held import Held
from voxweave.providers.art.noise import fbm, sample, wander
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.recipes.weather import Stars
from voxweave.providers.art.shapes import ridge
from voxweave.providers.art.stage import Moment, Stage, decay


class Curtains:
    """Folded curtains of light behind a dark range, doubled by a still lake in some scenes."""

    water = False

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._low = (0.2 if self.water else 0.62) * stage.half_height
        self._rays = fbm((8, 1024), (2, 70), 4, rng)
        self._folds = rng.uniform(0, 6.28, (3, 4))
        self._ground = Held(toned)
        self._tilt = float(rng.uniform(-0.25, 0.25))
        self._stars = Stars(stage, 380, 0.95)
        self._air = fbm((256, 256), (3, 3), 4, rng)
        width = stage.canvas.width
        self._lines = [wander(width, knots, rng, octaves=7, rough=0.47) for knots in (5, 7)]
        self._ripples = fbm((128, 256), (8, 4), 4, rng)

    def draw(self, now: Moment, plate: Plate) -> None:
        """Night, curtains, stars, land."""
        stage = self._stage
        plate.lay(self._ground(now, self._night))
        self._stars.draw(plate, now, 0.7)
        if self.water:
            self._land(plate, self._lines[0], self._low - 0.004, 0.06, 0.5)
            self._mirror(plate, now)
        else:
            self._land(plate, self._lines[0], self._low, 0.075, 0.75)
            self._land(plate, self._lines[1], self._low + 0.2 * stage.half_height, 0.06, 0.2)

    def _night(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        height = np.clip((self._low - grid.y) / (self._low + stage.half_height), 0, 1)
        out = shade(stage.ramp, 0.05 + 0.2 * (1 - height) ** 2 + 0 * grid.x)
        air = sample(self._air, grid.x * 0.4 + now.t * 0.004, grid.y * 0.4)
        for number in range(3):
            light, high = self._curtain(now, number)
            light = (
                light
                * (0.6 + 0.7 * air)
                * np.float32((0.95, 0.6, 0.42)[number] * (0.6 + 0.45 * beat.swell + 0.3 * beat.level))
            )
            out += tint(light * np.clip(1 - high * 1.5, 0, 1), stage.accent)
            out += tint(light * np.clip(high * 1.6, 0, 1) * np.clip(1.5 - high, 0, 1), stage.accent2, 1.1)
        return out

    def _curtain(self, now: Moment, number: int) -> tuple[Image, Image]:
        """Light of one curtain, and how high in it each point is."""
        stage, grid = self._stage, self._stage.grid
        phase, x = self._folds[number], grid.x
        fold = np.zeros_like(x)
        for wave, (turns, tall) in enumerate(((1.1, 0.16), (2.3, 0.07), (4.9, 0.022))):
            fold = fold + tall * np.sin(turns * x * 2 + phase[wave] + now.flow * (0.07 + 0.05 * wave))
        foot = (
            self._low - (0.16 + 0.17 * number) * (self._low + stage.half_height) + fold + self._tilt * x * 0.5
        )
        high = (foot - grid.y) / np.float32(0.5 * (self._low + stage.half_height) + 0.1)
        shift = fold * 1.4 + x * 0.33 + 0.05 * high  # rays lean with the folds
        rays = sample(
            self._rays, shift + now.t * 0.004 * (1 + number), np.float32(0.1 + 0.3 * number) + 0 * shift
        )
        fine = sample(self._rays, shift * 2.7 - now.flow * 0.005, np.float32(0.6) + 0 * shift)
        body = np.clip(high, 0, None)
        edge = 1 / (1 + decay(-np.clip(high * 60, -30, 30)))
        veil = edge * decay(-body * (3.6 - 2.2 * rays)) * (0.15 + 1.1 * rays * (0.55 + 0.6 * fine))
        patch = 0.35 + 0.65 * np.sin(x * 1.3 + phase[3] + now.flow * 0.05) ** 2
        return (veil * patch).astype(np.float32), high.astype(np.float32)

    def _land(self, plate: Plate, line: Image, low: float, tall: float, tone: float) -> None:
        stage = self._stage
        rows = stage.row(low) - np.abs(line) * stage.px(tall) - stage.px(0.01)
        top = max(0, int(rows.min()) - 3) // 2 * 2
        ink = plate.ink[top:]
        ink.fill(0)
        ridge(ink, rows - top)
        plate.cover(ink, stage.ramp[int(tone * 70)], (top, 0))

    def _mirror(self, plate: Plate, now: Moment) -> None:
        """The lake: everything above, upside down, smeared downwards."""
        grid, stage = self._stage.grid, self._stage
        base = round(stage.row(self._low)) // 2 * 2
        first = int(base / plate.height * grid.height)
        rows = grid.height - first
        depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        wave = (
            sample(self._ripples, grid.x * (0.6 / (0.3 + depth)), 0.5 / (0.15 + depth) + now.t * 0.03) - 0.5
        )
        column = (np.arange(grid.width, dtype=np.float32)[None, :] + wave * 9 * (0.2 + depth)).astype(
            np.float32
        )
        line = (np.arange(rows, dtype=np.float32)[:, None] + wave * 7 * (0.3 + depth) + 1).astype(np.float32)
        shade_down = (0.72 - 0.4 * depth + 0.12 * wave).astype(np.float32)
        reach = min(base, plate.height - base) // 4 * 4
        for plane, scale in ((plate.y, 1), (plate.u, 2), (plate.v, 2)):
            above = plane[(base - reach) // scale : base // scale]
            half = cv2.resize(above, (above.shape[1] // 2, above.shape[0] // 2), interpolation=cv2.INTER_AREA)
            tall = max(4, round(rows * reach / max(2, plate.height - base)))
            small = cv2.flip(cv2.resize(half, (grid.width, tall), interpolation=cv2.INTER_LINEAR), 0)
            small = cv2.blur(small, (3, 7))
            moved = (
                cv2.remap(small, column, line, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) * shade_down
            )
            below = plane[base // scale :]
            cv2.resize(moved, (below.shape[1], below.shape[0]), dst=below, interpolation=cv2.INTER_CUBIC)


class Lake(Curtains):
    """The same sky over still water."""

    water = True


class Corona:
    """Looking straight up: rays meeting at the zenith."""

    def __init__(self, stage: Stage) -> None:
        self._stage, rng = stage, stage.rng
        self._at = (
            float(rng.uniform(-0.3, 0.3)) * stage.half_width,
            float(rng.uniform(-0.55, -0.2)) * stage.half_height,
        )
        self._ground = Held(toned)
        self._rays = fbm((8, 1024), (2, 50), 4, rng)
        self._air = fbm((256, 256), (2, 2), 4, rng)
        self._stars = Stars(stage, 420, 1.4)
        self._turn = float(rng.uniform(0, 1))
        self._trees = [
            self._fir(x)
            for x in np.concatenate(
                [rng.uniform(-1.1, -0.35, 16), rng.uniform(0.35, 1.1, 16), rng.uniform(-0.4, 0.4, 9)]
            )
        ]

    def draw(self, now: Moment, plate: Plate) -> None:
        """Night, rays, stars, firs leaning in."""
        plate.lay(self._ground(now, self._sky))
        self._stars.draw(plate, now, 0.7)
        ink = plate.ink
        ink.fill(0)
        for tree in self._trees:
            cv2.fillPoly(ink, [np.round(tree * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
        top = int(min(tree[:, 1].min() for tree in self._trees))
        top = max(0, top - 2) // 2 * 2
        plate.cover(ink[top:], self._stage.palette[0] * np.float32(0.7), (top, 0))

    def _sky(self, now: Moment) -> Image:
        stage, grid, beat = self._stage, self._stage.grid, now.beat
        x, y = grid.x - np.float32(self._at[0]), grid.y - np.float32(self._at[1])
        off = np.hypot(x, y)
        angle = np.arctan2(x, y) / np.float32(6.2832)
        air = sample(self._air, grid.x * 0.5 + now.t * 0.005, grid.y * 0.5 - now.flow * 0.006)
        warp = angle + 0.05 * (air - 0.5) + np.float32(self._turn)
        rays = sample(self._rays, warp + now.t * 0.0015, np.float32(0.2) + 0.05 * off)
        fine = sample(self._rays, warp * 3 - now.flow * 0.003, np.float32(0.7) + 0.03 * off)
        ring_at = 0.32 + 0.16 * (air - 0.5) + 0.05 * beat.swell
        band = decay(-np.clip(off - ring_at, 0, None) * 2.1) * (1 / (1 + decay(-(off - ring_at * 0.62) * 16)))
        light = (
            band
            * (0.15 + 1.5 * rays * (0.35 + 0.9 * fine))
            * (0.6 + 0.45 * beat.swell + 0.3 * beat.level)
            * (0.3 + air)
        )
        tall = np.clip((off - 0.12) * 1.7, 0, 1)
        out = shade(stage.ramp, 0.06 + 0.08 * off)
        return out + tint(light * tall, stage.accent, 0.95) + tint(light * (1 - tall), stage.accent2, 1.2)

    def _fir(self, x: float) -> Image:
        """A fir standing at the lower edge, leaning towards the zenith."""
        stage, rng = self._stage, self._stage.rng
        tall = rng.uniform(0.12, 0.4) * (0.5 + 0.7 * min(1.0, abs(x)))
        foot = np.array([x * stage.half_width, stage.half_height + 0.05])
        way = np.array(self._at) - foot
        way = way / np.hypot(*way)
        side = np.array([-way[1], way[0]])
        points = [foot - side * tall * 0.02]
        steps = 22
        for turn in (-1, 1):
            order = range(steps) if turn < 0 else range(steps - 1, -1, -1)
            for step in order:
                up = 0.06 + 0.94 * step / steps
                wide = tall * 0.17 * (1 - up) ** 0.8 * rng.uniform(0.55, 1.1) + 0.0015
                inner = foot + way * tall * (up + 0.012) + side * turn * wide * 0.3
                outer = foot + way * tall * (up - 0.028) + side * turn * wide
                points += [outer, inner] if turn < 0 else [inner, outer]
            if turn < 0:
                points.append(foot + way * tall * 1.03)
        points.append(foot + side * tall * 0.02)
        return np.array(points) * stage.unit + [stage.canvas.width / 2, stage.canvas.height / 2]
