"""The voice's features, a hundred rows a second, measured in one pass with flat memory.

The file is a .npy array of bytes, one row per 10 ms, its columns named below: level (0 the noise
floor, 255 loud for this speaker), onset strength, speech (0 or 255) and eight band energies from
80 Hz to 7 kHz, each scaled over the whole narration like the level. Row n is centred on 10 n + 5 ms.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from voxweave.media.listener import Listener
from voxweave.media.pauses import SpeechRule, speech_flags

RATE_HZ = 16_000
ROWS_HZ = 100
LEVEL, ONSET, SPEECH, BANDS = 0, 1, 2, 3
BAND_COUNT = 8
COLUMNS = BANDS + BAND_COUNT

_HOP = RATE_HZ // ROWS_HZ
_WINDOW = 400  # 25 ms: two periods of the lowest voices
_FFT = 512
_LEAD = (_WINDOW - _HOP) // 2  # silence before the first sample, so that row n is centred on its 10 ms
_LOWEST_HZ, _HIGHEST_HZ = 80, 7_000
_BLOCK = 1 << 15
_QUIETEST_DB, _STEP_DB = -120.0, 0.25
_BINS = int(140 / _STEP_DB)
_FAINT_DB = 50  # a band that never comes closer to the whole is not made to look alive
_ONSET_ROWS = 3  # a rise is measured over 30 ms

Floats = NDArray[np.float32]


class VoiceMeter:
    """Feed it 16 kHz mono samples as they come, then `finish`."""

    def __init__(self, scratch: IO[bytes], listener: Listener | None = None) -> None:
        self._scratch = scratch
        self._listener = listener or Listener()
        self._held = np.zeros(_LEAD, np.int16)
        self._samples = 0
        self._rows = 0
        self._counts = np.zeros((1 + BAND_COUNT, _BINS), np.int64)

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Measure the rows these samples complete."""
        self._samples += len(samples)
        self._listener.feed(samples)
        self._held = np.concatenate((self._held, samples))
        self._measure()

    def finish(self, target: Path) -> int:
        """Write the features; how many rows there are."""
        wanted = -(-self._samples // _HOP)
        self._held = np.concatenate((self._held, np.zeros(_WINDOW + _HOP, np.int16)))
        self._measure(limit=wanted - self._rows)
        floors, louds = self._scales()
        level = self._column(0)
        rule = SpeechRule(floor_db=float(floors[0]), loud_db=float(louds[0]))
        speech = speech_flags(level, self._listener.chances(len(level)), rule)
        onset = self._onsets(floors[1:])
        target.unlink(missing_ok=True)
        with target.open("xb") as out:  # never through a link that a program laid there
            np.lib.format.write_array_header_1_0(
                out, {"descr": "|u1", "fortran_order": False, "shape": (self._rows, COLUMNS)}
            )
            for start, block in self._blocks():
                rows = slice(start, start + len(block))
                out.write(_as_bytes(block, floors, louds, onset[rows], speech[rows]).tobytes())
        return self._rows

    def _measure(self, limit: int | None = None) -> None:
        count = (len(self._held) - _WINDOW) // _HOP + 1
        count = count if limit is None else min(count, limit)
        if count <= 0:
            return
        rows = _decibels(self._held, count)
        for column in range(rows.shape[1]):
            bins = ((rows[:, column] - _QUIETEST_DB) / _STEP_DB).astype(np.int64)
            self._counts[column] += np.bincount(bins, minlength=_BINS)
        self._scratch.write(rows.astype(np.float16).tobytes())
        self._rows += count
        self._held = self._held[count * _HOP :]

    def _scales(self) -> tuple[Floats, Floats]:
        """The noise floor and the loud end of each column, in dB."""
        quiet = _percentile(self._counts, 0.10)
        loud = _percentile(self._counts, 0.98)
        loud = np.maximum(loud, max(loud[0] - _FAINT_DB, -100.0))
        return np.clip(quiet, loud - 45, loud - 12), loud

    def _blocks(self) -> Iterator[tuple[int, Floats]]:
        self._scratch.seek(0)
        size = 2 * (1 + BAND_COUNT)
        for start in range(0, self._rows, _BLOCK):
            raw = self._scratch.read(size * min(_BLOCK, self._rows - start))
            yield start, np.frombuffer(raw, np.float16).astype(np.float32).reshape(-1, 1 + BAND_COUNT)

    def _column(self, column: int) -> Floats:
        return np.concatenate([np.zeros(0, np.float32), *(block[:, column] for _, block in self._blocks())])

    def _onsets(self, floors: Floats) -> Floats:
        """How fast the bands rise, 0 to 1; 1 is reached by one row in a hundred."""
        found = [np.zeros(0, np.float32)]
        before = np.tile(floors, (_ONSET_ROWS, 1))
        for _, block in self._blocks():
            bands = np.concatenate((before, np.maximum(block[:, 1:], floors)))
            rise = np.maximum(bands[_ONSET_ROWS:] - bands[:-_ONSET_ROWS], 0)
            found.append(rise.mean(axis=1, dtype=np.float32))
            before = bands[-_ONSET_ROWS:]
        rises = np.concatenate(found)
        top = float(np.quantile(rises, 0.99)) if len(rises) else 1.0
        return np.asarray(np.minimum(rises / max(top, 3.0), 1), np.float32)


def _mixing() -> Floats:
    """Bins to bands, and their sum first; band edges evenly spaced in pitch."""
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BAND_COUNT + 1)
    pitch = np.fft.rfftfreq(_FFT, 1 / RATE_HZ)
    bands = (pitch[:, None] >= edges[:-1]) & (pitch[:, None] < edges[1:])
    middles = np.sqrt(edges[:-1] * edges[1:])
    bands[np.abs(pitch[:, None] - middles).argmin(axis=0), np.arange(BAND_COUNT)] = True
    return np.concatenate((bands.sum(axis=1, keepdims=True) > 0, bands), axis=1).astype(np.float32)


_MIXING = _mixing()
_SHAPE = np.hanning(_WINDOW).astype(np.float32)
_FULL_SCALE = float(2 / (_SHAPE.sum() * 32768)) ** 2


def _decibels(samples: NDArray[np.int16], count: int) -> Floats:
    """Level and bands of so many windows, in dB of a full-scale tone."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[::_HOP][:count]
    spectrum = np.fft.rfft(windows * _SHAPE, _FFT)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _MIXING
    decibels = 10 * np.log10(power * _FULL_SCALE + 1e-12)
    return np.asarray(np.clip(decibels, _QUIETEST_DB, 19), np.float32)


def _percentile(counts: NDArray[np.int64], share: float) -> Floats:
    """The level below which this share of each column's rows lies."""
    below = counts.cumsum(axis=1)
    bins = (below >= share * below[:, -1:]).argmax(axis=1)
    return np.asarray(_QUIETEST_DB + _STEP_DB * (bins + 0.5), np.float32)


def _as_bytes(
    block: Floats, floors: Floats, louds: Floats, onset: Floats, speech: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    scaled = np.clip((block - floors) / (louds - floors), 0, 1) * 255
    columns = (scaled[:, :1], onset[:, None] * 255, speech[:, None] * 255, scaled[:, 1:])
    return np.concatenate(columns, axis=1).round().astype(np.uint8)
