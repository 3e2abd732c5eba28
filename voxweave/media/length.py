"""How far a stranger's clip really goes: decoded and counted, never believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Advance, Ffmpeg, Job, foreign_globals, foreign_input
from voxweave.media.files import opened
from voxweave.media.stopping import StopSignal

_DECODE_S = 300
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
        around = Surroundings(fds=(fd,), limits=CHECK_LIMITS)
        job = Job(args, "reading a clip to its end", around, time_limit_s=_DECODE_S)
        ffmpeg.run(job, stop, advance=advance)
    return last
