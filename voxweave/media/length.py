"""How far a stranger's clip really goes: read to its end and counted, never believed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from voxweave.errors import MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Advance, Ffmpeg, Job, foreign_globals, foreign_input
from voxweave.media.files import opened
from voxweave.media.stopping import StopSignal

_LIMITS = replace(CHECK_LIMITS, cpu_s=600)
"""Five minutes of two threads."""
_DECODE_S = 1800
_MOST_FRAMES = 18_000
"""Ten minutes at 30 a second; a clip of a thousand a second must not take hours."""


@dataclass(frozen=True)
class Reading:
    """Which stream is read, as what, how strictly, and how much of it."""

    stream: int
    formats: Sequence[str]
    options: Sequence[str]
    longest_s: int


def reached(ffmpeg: Ffmpeg, path: Path, reading: Reading, stop: StopSignal) -> Advance:
    """Frames and microseconds that come out of the decoder; MediaError when it gives up."""
    last = Advance(0, 0)

    def advance(step: Advance) -> None:
        nonlocal last
        last = step

    with opened(path, "the clip") as fd:
        args = [
            *(*foreign_globals(), *reading.options, *foreign_input(fd, reading.formats)),
            *("-map", f"0:{reading.stream}", "-vf", "setpts=PTS-STARTPTS", "-fps_mode", "passthrough"),
            *("-t", str(reading.longest_s), "-frames:v", str(_MOST_FRAMES), "-f", "null", "-"),
        ]
        around = Surroundings(fds=(fd,), limits=_LIMITS)
        job = Job(args, "reading a clip to its end", around, time_limit_s=_DECODE_S)
        ffmpeg.run(job, stop, advance=advance)
    return last


_TICK, _WORDS = "#tb 0:", 6
"""What FFmpeg's list of packets begins with, and how much it says of one that is not marked."""

_FEWEST = 3
"""Fewer packets say nothing of a rate."""

_SAMPLE_S = 1
"""How much of a clip is decoded whose packets say all else."""


def listed(ffmpeg: Ffmpeg, path: Path, reading: Reading, stop: StopSignal) -> Advance | None:
    """Frames and microseconds of a clip from its packets, with only its first second decoded: a third of the work.

    None where they leave a doubt and all must be decoded: packets that do not follow one another evenly, that
    come before the first whole picture, that are marked, or of which anything was complained.
    """
    with opened(path, "the clip") as fd:
        args = [
            *("-xerror", *foreign_globals(), *reading.options, *foreign_input(fd, reading.formats)),
            *("-map", f"0:{reading.stream}", "-c", "copy", "-t", str(reading.longest_s)),
            *("-frames:v", str(_MOST_FRAMES), "-f", "framecrc", "pipe:1"),
            *("-map", f"0:{reading.stream}", "-t", str(_SAMPLE_S), "-f", "null", "-"),
        ]
        around = Surroundings(fds=(fd,), limits=_LIMITS)
        job = Job(args, "reading a clip's packets", around, time_limit_s=_DECODE_S)
        try:
            with ffmpeg.reading(job, stop) as child:
                lines = [raw.decode("ascii", "replace").strip() for raw in child.stdout]
        except MediaError:
            return None
    return None if child.errors else _even(lines)


def _even(lines: Sequence[str]) -> Advance | None:
    """So many frames and so long, if every packet is one frame of an even row that begins with a whole one."""
    tick = next((line.removeprefix(_TICK).strip() for line in lines if line.startswith(_TICK)), "")
    rows = [[word.strip() for word in line.split(",")] for line in lines if not line.startswith("#")]
    if not tick or len(rows) < _FEWEST or any(len(row) < _WORDS for row in rows):
        return None
    whole, *marks = (row[_WORDS:] for row in rows)
    shown = sorted(int(row[2]) for row in rows)
    steps = [after - before for before, after in pairwise(shown)]
    odd = min(steps) < 1 or max(steps) - min(steps) > 1 or int(rows[0][2]) != shown[0]
    if odd or whole or any(mark not in ([], ["F=0x0"]) for mark in marks):
        return None
    length = Fraction(tick) * (shown[-1] - shown[0]) * Fraction(len(rows), len(rows) - 1)
    return Advance(len(rows), round(length * 1_000_000))
