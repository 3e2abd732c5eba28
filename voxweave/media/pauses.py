"""Where the voice speaks and where it pauses, from its features; no sound is decoded here."""

import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydub import AudioSegment
from pydub.silence import detect_silence

from voxweave.core.time import Span
from voxweave.core.windows import between

ROW_MS = 10
SHORTEST_PAUSE_MS = 180
"""Shorter gaps are the closures inside words and between them."""

_CLICK_MS = 50  # a voice that lasts less is a click, a breath or a page turned
_SURE, _UNSURE = 0.5, 0.1
_BELIEVABLE = 0.03
"""Share of a narration in which the detector must have heard a voice to be believed."""
_REACH = 12  # rows a voice may run on around what the detector heard: its frames are 32 ms wide
_MARGIN = 5  # rows left out on each side of a rest, where the voice fades
_SPEECH = 2

_AROUND_MS = 120  # of the sound on both sides of a pause, to tell where it begins and ends
_DEAD_DBFS = -80.0
_ABOVE_DB = 10.0  # what is so much louder than the middle of a pause is no longer part of it

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class SpeechRule:
    """The narration's noise floor and loud end, in dB."""

    floor_db: float
    loud_db: float

    @property
    def low_db(self) -> float:
        """Below it the voice rests."""
        return self.floor_db + 0.22 * (self.loud_db - self.floor_db)

    @property
    def high_db(self) -> float:
        """Above it someone speaks."""
        return self.floor_db + 0.40 * (self.loud_db - self.floor_db)


def speech_flags(
    level_db: NDArray[np.float32], chances: NDArray[np.float32] | None, rule: SpeechRule
) -> Flags:
    """For each row whether the voice speaks: the detector says where, the level where exactly."""
    if chances is None:
        return _without_clicks(_hysteresis(level_db > rule.low_db, level_db > rule.high_db))
    heard = _hysteresis(chances > _SURE - 0.15, chances > _SURE)
    if heard.mean() < _BELIEVABLE:  # a voice the detector does not know: singing, a machine, a toy
        return speech_flags(level_db, None, rule)
    bed_db = _bed(level_db, ~_widened(chances > _UNSURE, _MARGIN))
    low_db = np.clip(bed_db + 4, rule.low_db, rule.loud_db - 12)
    return _without_clicks(_hysteresis(_widened(heard, _REACH) & (level_db > low_db), heard))


def _bed(level_db: NDArray[np.float32], resting: Flags) -> NDArray[np.float64]:
    """What sounds under the voice, row by row: its level where the voice rests, and a line between."""
    rests = [run for run in runs(resting).tolist() if run[1] - run[0] >= _MARGIN]
    if not rests:
        return np.full(len(level_db), -np.inf)
    centres = [(first + past) / 2 for first, past in rests]
    levels = [float(np.quantile(level_db[first:past], 0.8)) for first, past in rests]
    return np.interp(np.arange(len(level_db)), centres, levels)


def runs(flags: Flags) -> NDArray[np.int64]:
    """The stretches that are set: rows of (first, one past the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return edges.reshape(-1, 2)


def pauses_of(voice: Path, *, duration_ms: int, shortest_ms: int = SHORTEST_PAUSE_MS) -> tuple[Span, ...]:
    """Every silence of the voice that is long enough, those at the ends of the film included."""
    return _spans(~_speaking(voice), duration_ms, shortest_ms)


def speech_of(voice: Path, *, duration_ms: int, shortest_ms: int = SHORTEST_PAUSE_MS) -> tuple[Span, ...]:
    """What lies between the pauses."""
    return between(pauses_of(voice, duration_ms=duration_ms, shortest_ms=shortest_ms), duration_ms)


def refine_pause(speech: Path, pause: Span) -> Span:
    """The silence of a pause to the millisecond, from a window of the 16 kHz sound.

    The pause itself comes back where nothing in the window is clearly quieter than the rest.
    """
    begin = max(0, pause.start - _AROUND_MS)
    sound = _window(speech, begin, pause.end + _AROUND_MS)
    middle = sound[pause.start + pause.duration // 4 - begin : pause.end - pause.duration // 4 - begin]
    threshold = max(middle.dBFS, _DEAD_DBFS) + _ABOVE_DB
    if threshold > sound.max_dBFS - _ABOVE_DB:
        return pause
    shortest = max(60, pause.duration // 2)
    silences = detect_silence(sound, min_silence_len=shortest, silence_thresh=threshold, seek_step=2)
    if not silences:
        return pause
    start, end = max(silences, key=lambda silence: silence[1] - silence[0])
    return Span(start=begin + start, end=begin + end)


def _window(speech: Path, start_ms: int, end_ms: int) -> AudioSegment:
    """A few seconds of the sound; the rest of the file is not read."""
    with wave.open(str(speech)) as sound:
        rate = sound.getframerate()
        sound.setpos(min(start_ms * rate // 1000, sound.getnframes()))
        frames = sound.readframes((end_ms - start_ms) * rate // 1000)
        width, channels = sound.getsampwidth(), sound.getnchannels()
    return AudioSegment(data=frames, sample_width=width, frame_rate=rate, channels=channels)


def _speaking(voice: Path) -> Flags:
    rows = np.load(voice, mmap_mode="r")
    return np.asarray(rows[:, _SPEECH] > 127)


def _spans(flags: Flags, duration_ms: int, shortest_ms: int) -> tuple[Span, ...]:
    found = (runs(flags) * ROW_MS).tolist()
    if found and flags[-1]:
        found[-1][1] = duration_ms
    clipped = ((start, min(end, duration_ms)) for start, end in found)
    return tuple(Span(start=start, end=end) for start, end in clipped if end - start >= shortest_ms)


def _hysteresis(low: Flags, high: Flags) -> Flags:
    """The stretches of `low` in which `high` happens."""
    kept = np.zeros_like(low)
    count = np.concatenate(([0], np.cumsum(high)))
    for first, past in runs(low):
        kept[first:past] = count[past] > count[first]
    return kept


def _without_clicks(flags: Flags) -> Flags:
    kept = flags.copy()
    for first, past in runs(flags):
        kept[first:past] = (past - first) * ROW_MS >= _CLICK_MS
    return kept


def _widened(flags: Flags, rows: int) -> Flags:
    """Also the rows up to so many before and after."""
    reach = np.convolve(flags.astype(np.int32), np.ones(2 * rows + 1, np.int32), "same")
    return np.asarray(reach > 0)
