"""Rain, dust, petals, stars: many small things whose paths are decided by their number."""

import numpy as np

from voxweave.providers.art.colour import Image, tone
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.shapes import dashes, sparks
from voxweave.providers.art.stage import Moment, Stage


class Rain:
    """Slanted streaks, near ones long and fast."""

    def __init__(self, stage: Stage, count: int = 110) -> None:
        rng, unit = stage.rng, stage.unit
        self._width, self._height = stage.canvas.width * 1.2, stage.canvas.height * 1.3
        self._at = rng.random((count, 2)) * [self._width, self._height]
        self._near = rng.uniform(0.35, 1.0, count)
        self._lean = float(rng.choice([-1, 1]) * rng.uniform(0.06, 0.16))
        self._fall = unit * 1.9
        self._long = unit * 0.075

    def draw(self, plate: Plate, now: Moment, colour: Image, gain: float) -> None:
        """Lay the rain of this moment over all; it is so faint that its colour is not seen."""
        fall = self._fall * self._near * now.t
        down = (self._at[:, 1] + fall) % self._height
        across = (self._at[:, 0] + self._lean * (self._at[:, 1] + fall)) % self._width
        head = np.stack([across - 0.1 * self._width, down - 0.15 * self._height], axis=-1)
        tail = head - np.stack([self._lean * self._long * self._near, self._long * self._near], axis=-1)
        plate.second_ink.fill(0)
        dashes(plate.second_ink, tail, head, self._near**2 * (gain * tone(colour)[0] / 255))
        plate.sprinkle(plate.second_ink)


class Motes:
    """Small soft lights that drift and breathe: dust, embers, fireflies, plankton."""

    def __init__(self, stage: Stage, count: int, *, size: float = 0.0016, lift: float = 0.02) -> None:
        rng = stage.rng
        self._at = rng.random((count, 2)).astype(np.float32)
        self._phase = rng.uniform(0, 6.2832, (count, 3)).astype(np.float32)
        self._near = rng.uniform(0.3, 1.0, count).astype(np.float32)
        self._size, self._lift = size * stage.unit, lift
        self._spread = np.array([stage.half_width * 2.2, stage.half_height * 2.2], np.float32)
        self._middle = np.array([stage.canvas.width / 2, stage.canvas.height / 2], np.float32)
        self._unit = stage.unit

    def draw(self, plate: Plate, now: Moment, colour: Image, gain: float) -> None:
        """Add the motes of this moment."""
        points = self.places(now)
        breath = 0.55 + 0.45 * np.sin(now.t * (0.6 + self._near) + self._phase[:, 0])
        sparks(plate, points, self._size, colour, gain * breath * self._near**2)

    def places(self, now: Moment) -> Image:
        """Where they are, in pixels."""
        rise = np.stack([np.zeros_like(self._near), -self._near * self._lift], axis=-1) * np.float32(now.flow)
        sway = 0.02 * np.sin(now.t * 0.4 + self._phase[:, 1:])
        inside = (self._at + (rise + sway) / self._spread) % 1.0 - 0.5
        return np.asarray(self._middle + inside * self._spread * self._unit)


class Stars:
    """A still field of stars; a few twinkle."""

    def __init__(self, stage: Stage, count: int, bottom: float = 1.0) -> None:
        rng = stage.rng
        canvas = stage.canvas
        self.points = (rng.random((count, 2)) * [canvas.width, canvas.height * bottom]).astype(np.float32)
        self._bright = (rng.random(count) ** 5 * 0.9 + 0.1).astype(np.float32)
        self._phase = rng.uniform(0, 6.2832, count).astype(np.float32)
        self._rate = rng.uniform(0.5, 1.6, count).astype(np.float32)
        tints = np.array([[0.75, 0.85, 1.0], [1.0, 1.0, 1.0], [1.0, 0.88, 0.72]], np.float32)
        self._tint = tints[rng.integers(0, 3, count)]
        self._size = stage.unit / 1080
        self._bottom = canvas.height * bottom

    def draw(self, plate: Plate, now: Moment, gain: float, shift: tuple[float, float] = (0.0, 0.0)) -> None:
        """Add the stars, moved by some pixels."""
        twinkle = 0.8 + 0.2 * np.sin(self._phase + now.t * self._rate)
        low = np.clip((self._bottom - self.points[:, 1]) / (0.35 * self._bottom), 0, 1)
        points = (self.points + np.array(shift, np.float32)) % np.array(
            [plate.width, self._bottom], np.float32
        )
        light = gain * self._bright * twinkle * low
        small = self._bright < 0.45
        sparks(plate, points[small], 0.7 * self._size, self._tint[small], light[small])
        sparks(plate, points[~small], 1.15 * self._size, self._tint[~small], light[~small])
