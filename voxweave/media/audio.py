"""Hearing a narration: one decode gives its length, loudness, voice features and 16 kHz sound."""

import math
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np

from voxweave.core.speech import Loudness
from voxweave.core.time import CLOCK_HZ, Span
from voxweave.errors import InputError, MediaError, OutOfTime
from voxweave.media.child import Child, Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Advance, Ffmpeg, Job, foreign_globals, foreign_input
from voxweave.media.files import opened_own
from voxweave.media.pauses import pauses_of
from voxweave.media.stopping import StopSignal
from voxweave.media.voice import RATE_HZ, VoiceMeter

SHORTEST_S = 0.5
LONGEST_S = 12 * 3600
SILENT_DBTP = -60.0
SILENT_START_S = 10 * 60
"""Nobody begins to speak later; hours of silence in a small file would take minutes to hear."""
QUIETEST_LUFS = -70.0
"""What R128 calls a programme in which no block is loud enough to count."""
MEASURING = "ebur128=peak=true:framelog=verbose"
"""The filter whose summary `loudness_of` reads; its log per frame is kept out."""

_WAV_HEADER = 44  # FFmpeg's with -bitexact
_CHUNK = 1 << 18
_DECODE_S = 2 * 3600
_COUNT_CPU_S, _COUNT_S = 15, 600
_COUNT_LIMITS = replace(CHECK_LIMITS, cpu_s=_COUNT_CPU_S)
_LASTS = "if(PREV_OUTDURATION\\,PREV_OUTDURATION\\,max(0\\,DTS-PREV_INDTS))"  # FLAC's say nothing
_SUMMED = f"setts=ts=if(eq(N\\,0)\\,0\\,PREV_OUTDTS+{_LASTS})"
"""Each packet where the last one ends: the times that a file gives may be lies."""
_THIN_BYTES_S, _THIN_S = 50, 10 * 60
"""No voice is coded in less; a file that takes long to count and is all so thin is a bomb."""
_MORE, _MORE_S = 1.05, 10 * 60
"""How much more sound than was counted a file may hold before it is known to lie."""
_SILENT_SAMPLE = 33  # of 32768: 60 dB below the loudest
_NOT_SOUND = "is it a sound file, and whole? Try playing it"
_FIGURE = re.compile(r"^\s*(I|LRA|Peak):\s+(-?inf|-?nan|-?\d+\.\d+)\s+(?:LUFS|LU|dBFS)$")


@dataclass(frozen=True)
class Source:
    """An opened sound file, which of its streams, and what to call it in a message."""

    fd: int
    stream: int
    channels: int
    name: str


@dataclass(frozen=True)
class Heard:
    """What one decode of the narration told."""

    samples: int
    loudness: Loudness
    speech: Path
    voice: Path
    pauses: tuple[Span, ...]


def master_chain(source: Source) -> str:
    """The filters from the file to the film's master sound: 48 kHz stereo float, time by count.

    Every decode of a narration goes through this very chain, so that each gives the same samples;
    timestamps, gaps and start offsets of the file play no part. Mono keeps its level in both ears.
    """
    stereo = "pan=stereo|c0=c0|c1=c0" if source.channels == 1 else "aformat=channel_layouts=stereo"
    limit = LONGEST_S * CLOCK_HZ + 1
    return (
        f"[0:{source.stream}]aresample={CLOCK_HZ},aformat=sample_fmts=fltp,{stereo},"
        f"asetpts=N/SR/TB,atrim=end_sample={limit}"
    )


def decode_options(source: Source) -> list[str]:
    """Global and input options for decoding the file as sound only."""
    return [*foreign_globals(), "-vn", "-sn", "-dn", *foreign_input(source.fd)]


def listen(
    ffmpeg: Ffmpeg,
    source: Source,
    *,
    folder: Path,
    stop: StopSignal,
    advance: Callable[[float], None] = lambda _: None,
) -> Heard:
    """Decode once; `speech.wav` and `voice.npy` are left in the folder.

    `advance` hears the seconds done. InputError for what is not sound, too short, too long or silent.
    """
    most_s = _most(_refuse_endless(ffmpeg, source, stop))
    speech, voice = folder / "speech.wav", folder / "voice.npy"
    job = Job(
        _arguments(source, speech),
        f"reading {source.name} as sound",
        Surroundings(cwd=folder, fds=(source.fd,), limits=CHECK_LIMITS),
        log_level="info",
        time_limit_s=_DECODE_S,
    )
    scratch_path = folder / "voice.scratch"
    speech.unlink(missing_ok=True)
    scratch_path.unlink(missing_ok=True)
    try:
        with scratch_path.open("x+b") as scratch:  # never through a link that somebody laid there
            meter = VoiceMeter(scratch)
            samples, said = _hear(
                ffmpeg, job, stop, _Ears(source.name, _Tail(speech, meter), advance, most_s)
            )
            loudness = _accepted(samples, said, source)
            stop.check()
            meter.finish(voice)
    finally:
        scratch_path.unlink(missing_ok=True)
    duration_ms = round(samples * 1000 / CLOCK_HZ)
    return Heard(samples, loudness, speech, voice, pauses_of(voice, duration_ms=duration_ms))


def loudness_of(lines: Sequence[str]) -> Loudness:
    """The summary FFmpeg's ebur128 leaves at the end of its log; MediaError without one."""
    figures = {found[1]: _number(found[2]) for line in lines if (found := _FIGURE.match(line))}
    if figures.keys() < {"I", "LRA", "Peak"}:
        raise MediaError("FFmpeg measured no loudness", hint="voxweave doctor")
    return Loudness(
        integrated_lufs=max(QUIETEST_LUFS, figures["I"]),
        range_lu=max(0.0, figures["LRA"]),
        true_peak_dbtp=max(-144.0, figures["Peak"]),
    )


def _number(text: str) -> float:
    value = float(text)
    return -144.0 if math.isnan(value) or math.isinf(value) else value


def _arguments(source: Source, speech: Path) -> list[str]:
    graph = (
        f"{master_chain(source)},asplit[whole][heard];[whole]{MEASURING}[measured];"
        # Not the same mixture twice: channels that are each other's opposite are not silent.
        "[heard]asplit[left][both];[left]pan=mono|c0=0.6*c0+0.4*c1,aformat=sample_fmts=s16[clock];"
        f"[both]pan=mono|c0=0.5*c0+0.5*c1,aresample={RATE_HZ}[speech]"
    )
    return [
        *("-nostats", *decode_options(source), "-filter_complex", graph),
        *("-map", "[measured]", "-f", "null", "-"),
        *("-map", "[clock]", "-f", "s16le", "pipe:1"),
        *("-map", "[speech]", "-c:a", "pcm_s16le", "-map_metadata", "-1", "-bitexact", "-f", "wav"),
        f"file:{speech.absolute()}",
    ]


class _Tail:
    """Feeds the meter from the 16 kHz file while FFmpeg still writes it."""

    def __init__(self, path: Path, meter: VoiceMeter) -> None:
        self._path, self._meter = path, meter
        self._file: IO[bytes] | None = None
        self._odd = b""

    def follow(self) -> None:
        """Measure what has been written since."""
        if self._file is None:
            try:
                self._file = os.fdopen(opened_own(self._path), "rb", buffering=0)
            except FileNotFoundError:
                return
            self._file.seek(_WAV_HEADER)
        while sound := self._file.read(_CHUNK):
            sound = self._odd + sound
            whole = len(sound) & ~1
            self._odd = sound[whole:]
            self._meter.feed(np.frombuffer(sound[:whole], "<i2"))

    def finish(self) -> None:
        """Measure the rest, of a file that is still the one it was: later it is read by its name."""
        self.follow()
        with os.fdopen(opened_own(self._path), "rb") as last:
            if self._file and not os.path.sameopenfile(last.fileno(), self._file.fileno()):
                raise MediaError(f"{self._path.name} is another file than it was", hint=_NOT_SOUND)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@dataclass(frozen=True)
class _Ears:
    """Who listens while FFmpeg decodes, what the file is called, and how much it can hold."""

    name: str
    tail: _Tail
    advance: Callable[[float], None]
    most_s: float


def _hear(ffmpeg: Ffmpeg, job: Job, stop: StopSignal, ears: _Ears) -> tuple[int, tuple[str, ...]]:
    """Samples on the master clock, and the last lines of the log."""
    try:
        with ffmpeg.reading(job, stop) as child:
            samples = _counted(child, stop, ears)
        ears.tail.finish()
    except MediaError as error:
        raise InputError(str(error), hint=_NOT_SOUND) from error
    finally:
        ears.tail.close()
    return samples, child.errors


def _counted(child: Child, stop: StopSignal, ears: _Ears) -> int:
    count, silent = 0, True
    while chunk := child.stdout.read(_CHUNK):
        stop.check()
        count += len(chunk)
        silent = silent and _is_silent(chunk)
        if silent and count > 2 * CLOCK_HZ * SILENT_START_S:
            raise _silence(ears.name, f"nothing is heard in its first {SILENT_START_S // 60} minutes")
        if count > 2 * CLOCK_HZ * ears.most_s:
            raise InputError(f"{ears.name} holds far more sound than it says", hint=_NOT_SOUND)
        ears.tail.follow()
        ears.advance(count / 2 / CLOCK_HZ)
    return count // 2


def _is_silent(chunk: bytes) -> bool:
    sound = np.frombuffer(chunk, "<i2", len(chunk) // 2)
    return int(sound.max(initial=0)) < _SILENT_SAMPLE and int(sound.min(initial=0)) > -_SILENT_SAMPLE


def _silence(name: str, how: str) -> InputError:
    return InputError(f"{name} is silent: {how}", hint="is it the right file, and the right track?")


def _too_thin(name: str, seconds: float) -> InputError:
    return InputError(
        f"{name} holds more than {seconds / 60:.0f} minutes of sound in too few bytes to be a voice",
        hint=_NOT_SOUND,
    )


def _too_long(name: str) -> InputError:
    return InputError(f"{name} lasts over 12 hours", hint="split it, and make a film of each part")


def _refuse_endless(ffmpeg: Ffmpeg, source: Source, stop: StopSignal) -> float | None:
    """The seconds that its packets last, None where they do not tell; InputError when we hear no so long.

    Decoding all of them first would take minutes.
    """
    reached_s = 0.0

    def advance(step: Advance) -> None:
        nonlocal reached_s
        reached_s = step.out_us / 1_000_000
        if reached_s > LONGEST_S:
            raise _too_long(source.name)

    args = [*decode_options(source), "-map", f"0:{source.stream}", "-c", "copy", "-bsf:a", _SUMMED]
    args += ["-f", "framecrc", "file:/dev/null"]  # unlike `null` it heeds times, in FFmpeg 5 as well
    around = Surroundings(fds=(source.fd,), limits=_COUNT_LIMITS)
    try:
        ffmpeg.run(Job(args, f"counting {source.name}", around, time_limit_s=_COUNT_S), stop, advance=advance)
    except (MediaError, OutOfTime):  # decoding tells what is wrong, or that nothing is
        if reached_s > _THIN_S and os.fstat(source.fd).st_size < reached_s * _THIN_BYTES_S:
            raise _too_thin(source.name, reached_s) from None
        return None
    return reached_s


def _most(counted_s: float | None) -> float:
    """How much may be heard of a file whose packets last so long."""
    return counted_s * _MORE + _MORE_S if counted_s else math.inf


def _accepted(samples: int, said: Sequence[str], source: Source) -> Loudness:
    """The narration's loudness, once it may be made a film of."""
    seconds = samples / CLOCK_HZ
    if samples == 0:
        raise InputError(f"{source.name} holds no sound", hint=_NOT_SOUND)
    if seconds < SHORTEST_S:
        raise InputError(
            f"{source.name} lasts only {seconds:.2f} s", hint=f"a film needs at least {SHORTEST_S} s"
        )
    if seconds > LONGEST_S:
        raise _too_long(source.name)
    loudness = loudness_of(said)
    if loudness.true_peak_dbtp < SILENT_DBTP:
        raise _silence(source.name, f"its loudest moment is {loudness.true_peak_dbtp:.0f} dBFS")
    return loudness
