"""The voice shown plainly at the lower edge, and how far the film is."""

from functools import cached_property

import numpy as np

from voxweave.providers.art.colour import Image, mix
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.pulse import Pulse
from voxweave.providers.art.shapes import curve, sparks
from voxweave.providers.art.stage import Moment, Stage

_WHITE = np.ones(3, np.float32)


class Meter:
    """Bars, wave or dots low on the picture, as the style says."""

    def __init__(self, stage: Stage, pulse: Pulse) -> None:
        self._stage, self._pulse = stage, pulse
        self._colour = mix(stage.accent, _WHITE, 0.15)

    def draw(self, plate: Plate, now: Moment, frame: int) -> None:
        """Add the meter's light."""
        kinds = {"bars": self._bars, "wave": self._wave, "dots": self._dots}
        kind = kinds.get(self._stage.style.meter)
        if kind is not None:
            kind(plate, now, frame)

    def _bars(self, plate: Plate, now: Moment, frame: int) -> None:
        """A row of fine bars, low bands in the middle, standing on the lower edge, fading at both ends."""
        lefts, bar, ends, reach = self._row
        heights = (_spread(now.beat.bands, len(ends)) * 0.05 * ends + 0.002) * plate.unit
        rows = np.arange(reach, dtype=np.float32)[:, None]
        tall = np.clip(rows - (reach - heights) + np.float32(0.5), 0, 1)
        fade = tall * ((0.35 + 0.65 * rows / reach) * ((0.25 + 0.75 * ends) * 230))
        fade = fade.astype(np.uint8)
        ink = plate.ink[:reach]
        ink.fill(0)
        for number, left in enumerate(lefts):
            ink[:, left : left + bar] = fade[:, number : number + 1]
        plate.add(ink, self._colour, 0.7, (plate.height - reach, 0))

    @cached_property
    def _row(self) -> tuple[list[int], int, Image, int]:
        """Where each bar begins, how wide all are, how bright each may be, and how many rows they need."""
        width, unit = self._stage.canvas.width, self._stage.unit
        count = 2 * round(width / unit * 34)
        pitch = width / count
        bar = max(2, round(pitch * 0.2 / 2) * 2)
        lefts = [round(((number + 0.5) * pitch - bar / 2) / 2) * 2 for number in range(count)]
        ends = np.sin(np.pi * (np.arange(count, dtype=np.float32) + 0.5) / count) ** 0.7
        return lefts, bar, ends, round(0.056 * unit) // 2 * 2

    def _wave(self, plate: Plate, now: Moment, frame: int) -> None:
        """A string that swings with the voice, still at both ends."""
        place = np.linspace(0, 1, plate.width, dtype=np.float32)
        swing = np.zeros_like(place)
        for number, band in enumerate(now.beat.bands[:5]):
            turns = 3.0 + 2.6 * number
            swing += float(band) * np.sin(
                np.float32(6.2832) * (turns * place + now.t * (0.5 + 0.23 * number))
            )
        rows = plate.height - 0.034 * plate.unit + 0.0065 * plate.unit * swing * np.sin(np.pi * place) ** 2
        light = np.sin(np.pi * place).clip(0, 1) ** 0.8 * (0.35 + 0.4 * now.beat.level)
        curve(plate, rows.astype(np.float32), max(1.0, plate.unit / 600), self._colour, light)

    def _dots(self, plate: Plate, now: Moment, frame: int) -> None:
        """A row of small lights, one per moment of the last four seconds."""
        count = 41
        rate = float(self._stage.canvas.rate)
        row = int(frame / rate * 100)
        level = self._pulse.rows(row - 400, row + 1)[:, 0]
        soft = np.convolve(np.pad(level, 12, mode="edge"), np.hanning(25) / np.hanning(25).sum(), "valid")
        across = np.abs(np.linspace(-1, 1, count))
        light = np.interp(400 - across * 380, np.arange(len(soft)), soft)
        columns = plate.width / 2 + np.linspace(-1, 1, count) * 0.32 * plate.unit
        points = np.stack([columns, np.full(count, plate.height - 0.034 * plate.unit)], axis=-1)
        sparks(plate, points, plate.unit / 420, self._colour, 0.12 + light * (1 - 0.6 * across))


class Progress:
    """A thin line along the lower edge: how much of the film has passed."""

    def __init__(self, stage: Stage, film_frames: int) -> None:
        self._frames = film_frames
        self._colour = mix(stage.accent, _WHITE, 0.2)
        self._thick = max(2, round(stage.unit / 400)) // 2 * 2

    def draw(self, plate: Plate, frame: int) -> None:
        """Lay the line over the picture."""
        edge = (frame + 1) / max(1, self._frames) * plate.width
        place = np.arange(plate.width, dtype=np.float32)
        passed = np.clip(edge - place, 0, 1)
        line = (26 + 190 * passed).astype(np.uint8)
        plate.cover(np.tile(line, (self._thick, 1)), self._colour, (plate.height - self._thick, 0))


def _spread(bands: Image, count: int) -> Image:
    """Bands laid out from the middle to both sides, with smooth steps between."""
    half = np.linspace(0, len(bands) - 1, count // 2)
    side = np.interp(half, np.arange(len(bands)), bands)
    return np.concatenate([side[::-1], side]).astype(np.float32)
