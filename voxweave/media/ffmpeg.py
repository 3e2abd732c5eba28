"""Finding FFmpeg, and running it."""

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO

from voxweave.core.text import printable
from voxweave.errors import DependencyError, MediaError, StorageError
from voxweave.media.cage import Cage
from voxweave.media.child import Child, Limits, Surroundings
from voxweave.media.sandbox import Wanted, sandbox_for
from voxweave.media.stopping import StopSignal
from voxweave.places import expanded

OLDEST = (5, 1)
"""The oldest FFmpeg we test with (Debian 12)."""
_ASKED_S = 60.0
"""What it is and what it has, an FFmpeg says at once; a machine with much to do takes its time."""

_MENDED: dict[tuple[int, ...], int] = {(5, 1): 10, (6, 1): 6, (7, 1): 5, (8, 1): 3}
"""By line of releases, the first without the known flaws in reading foreign files (of 2026); later lines have none."""

# Demuxer names as FFmpeg knows them; one name of a list such as `mov,mp4,m4a` is enough.
AUDIO_FORMATS = ("mp3", "wav", "w64", "flac", "ogg", "aac", "mov", "matroska", "aiff", "caf")
CLIP_FORMATS = ("mov", "matroska", "gif", "avi", "mpegts")
CODECS = (
    "mp3,mp3float,mp2,mp2float,aac,aac_fixed,alac,flac,vorbis,libvorbis,opus,libopus,ac3,eac3,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be,"
    "pcm_u8,pcm_s8,pcm_mulaw,pcm_alaw,adpcm_ima_qt,adpcm_ms,adpcm_ima_wav,"
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,prores,mjpeg,png,webp,gif,"
    "mov_text,webvtt,subrip,srt,ass"
)
_COMPLAINT = re.compile(r"error|invalid|fail|cannot|could not|not |no such|unable", re.IGNORECASE)
_SPEAKER = re.compile(r"^(?:\[[^\]]*\] *)+")  # `[aist#0:0/mp3 @ 0x5591] [dec:mp3float @ 0x5592] `
_MAX_ALLOC = 400 << 20  # 64 MB breaks the index tables of honest long files; 400 passes all we met
MAX_PIXELS = 40_000_000
MAX_STREAMS = 16

CHECK_LIMITS = Limits(memory_mb=1500, cpu_s=2 * 3600, file_mb=4_000)
"""For reading a stranger's file to its end; twelve hours of sound take some minutes."""

ENCODE_LIMITS = Limits(memory_mb=16_000, cpu_s=24 * 3600, file_mb=64_000)
"""For encoding what has passed that: pictures of 4K in the slowest encoder stay far below."""


@dataclass(frozen=True)
class Advance:
    """How far FFmpeg has come: frames written and microseconds of output."""

    frame: int
    out_us: int


@dataclass(frozen=True)
class Job:
    """One run of FFmpeg: arguments after the global ones, and what it is for in an error's words."""

    args: Sequence[str]
    purpose: str
    around: Surroundings = Surroundings()
    log_level: str = "error"
    time_limit_s: float | None = None


@dataclass(frozen=True)
class Ffmpeg:
    """An FFmpeg to run; `prober` is its ffprobe, absent from the bundled one.

    What reads a stranger's file runs in the cage, where there is one.
    """

    program: Path
    prober: Path | None
    version: tuple[int, ...]
    build: str
    """All that it says of itself: builds of one version may be made with other options and libraries."""
    bundled: bool
    cage: Cage | None = None
    uncaged: str = ""
    """Why there is none."""

    def run(
        self,
        job: Job,
        stop: StopSignal,
        *,
        advance: Callable[[Advance], None] | None = None,
        feed: Callable[[IO[bytes]], None] | None = None,
    ) -> tuple[str, ...]:
        """Run to the end and give the last lines of standard error; MediaError when it fails, OutOfTime when we end it.

        `feed` writes the program's standard input from a thread of its own.
        """
        args = (*self._globals(job), "-progress", "pipe:1", "-stats_period", "0.5", *job.args)
        with self._child(args, job, stop, feed=feed is not None) as child:
            feeder = _Feeder(child, feed) if feed else None
            for step in _advances(child.stdout):
                if advance:
                    advance(step)
            status = child.wait(job.purpose)
            if feeder:
                feeder.join()
        if feeder and feeder.error:  # it ended the program, so it comes before the program's own complaint
            raise feeder.error
        _raise_for(status, child.errors, job.purpose)
        return child.errors

    @contextmanager
    def reading(self, job: Job, stop: StopSignal) -> Iterator[Child]:
        """A child whose `stdout` the block reads; a failure is raised when the block has ended."""
        args = (*self._globals(job), *job.args)
        with self._child(args, job, stop, feed=False) as child:
            yield child
            status = child.wait(job.purpose)
        _raise_for(status, child.errors, job.purpose)

    @property
    def title(self) -> str:
        """The build in one line, to be shown."""
        return self.build.partition("\n")[0].strip()

    @property
    def flawed(self) -> bool:
        """Whether it has known flaws in reading foreign files."""
        line, patch = (*self.version, 0)[:2], (*self.version, 0, 0)[2]
        return line <= max(_MENDED) and patch < _MENDED.get(line, patch + 1)

    def lists(self, what: str, name: str) -> bool:
        """Whether `-filters`, `-encoders` or the like name it."""
        return name in _listing(self.program, what)

    def walled(self, around: Surroundings) -> Surroundings:
        """In the cage when an opened file is handed over: we open strangers' files ourselves, and only those."""
        return replace(around, cage=self.cage) if around.fds else around

    def _globals(self, job: Job) -> tuple[str, ...]:
        return (str(self.program), "-hide_banner", "-nostdin", "-y", "-v", job.log_level)

    def _child(self, args: Sequence[str], job: Job, stop: StopSignal, *, feed: bool) -> Child:
        stop.check()
        return Child(args, stop, around=self.walled(job.around), feed=feed, limit_s=job.time_limit_s)


class _Feeder:
    """Writes a child's standard input from its own thread, so that reading never waits for it."""

    def __init__(self, child: Child, feed: Callable[[IO[bytes]], None]) -> None:
        self.error: Exception | None = None
        self._child, self._feed = child, feed
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            with self._child.stdin as pipe:  # closed whatever happens: the program waits for its end
                self._feed(pipe)
        except BrokenPipeError:  # the program ended first; its own status tells why
            pass
        except Exception as error:  # carried over to the thread that called run
            self.error = error
            self._child.kill()

    def join(self) -> None:
        self._thread.join()


def foreign_options(formats: Sequence[str]) -> dict[str, str]:
    """Input options for a stranger's file: it opens nothing but itself (faults M1, M2).

    The container list is what stops a playlist under a media name; the protocol list alone does not.
    """
    return {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(formats),
        "codec_whitelist": CODECS,
        "max_streams": str(MAX_STREAMS),
        "max_pixels": str(MAX_PIXELS),
    }


def foreign_input(fd: int, formats: Sequence[str] = AUDIO_FORMATS) -> list[str]:
    """A stranger's file as FFmpeg's arguments; options of its own go before."""
    options = [word for name, value in foreign_options(formats).items() for word in (f"-{name}", value)]
    return [*options, "-i", f"file:/dev/fd/{fd}"]


def foreign_globals() -> list[str]:
    """Global options that go before `foreign_input`."""
    return ["-max_alloc", str(_MAX_ALLOC), "-threads", "2"]


def find_ffmpeg(setting: str = "bundled", sandbox: Wanted = "auto") -> Ffmpeg:
    """The FFmpeg a setting means: `bundled`, `system`, a program or a folder that holds one.

    DependencyError when a sandbox is wanted and none works.
    """
    program, bundled = _locate(setting)
    build = _build(program)
    version = _version_of(build)
    if version < OLDEST:
        raise DependencyError(
            f"FFmpeg at {printable(str(program))} is too old: {build.splitlines()[0]}",
            hint='install 5.1 or newer, or set ffmpeg = "bundled"',
        )
    prober = None if bundled else _prober(program)
    found = sandbox_for(program, sandbox)
    return Ffmpeg(program, prober, version, build, bundled, found.cage, found.missing)


def _locate(setting: str) -> tuple[Path, bool]:
    if setting == "bundled":
        return _bundled(), True
    if setting == "system":
        found = shutil.which("ffmpeg")
    else:
        place = expanded(setting)
        found = shutil.which(str(place / "ffmpeg" if place.is_dir() else place.absolute()))
    if found is None:
        raise DependencyError(
            f"no FFmpeg at {setting!r}", hint='install one, or set ffmpeg = "bundled" (VOXWEAVE_FFMPEG)'
        )
    return Path(found), False


def _bundled() -> Path:
    try:
        import imageio_ffmpeg  # 60 ms, and only when the bundled program is asked for
    except ImportError as error:
        raise DependencyError("the bundled FFmpeg is missing", hint="pip install imageio-ffmpeg") from error
    folder = Path(imageio_ffmpeg.__file__).parent / "binaries"
    # get_ffmpeg_exe would fall back to any system program and honour another variable than ours.
    found = sorted(folder.glob("ffmpeg-*"))
    if not found:
        raise DependencyError(
            "imageio-ffmpeg carries no FFmpeg for this system",
            hint='install FFmpeg and set ffmpeg = "system"',
        )
    return found[0]


def _prober(program: Path) -> Path | None:
    beside = program.with_name("ffprobe")
    found = beside if beside.exists() else shutil.which("ffprobe")
    return Path(found) if found else None


@cache
def _build(program: Path) -> str:
    with Child([str(program), "-version"], StopSignal(), limit_s=_ASKED_S) as child:
        said = child.stdout.read().decode("utf-8", "replace").strip()
        if child.wait("asking FFmpeg for its version") != 0 or not said.startswith("ffmpeg version"):
            raise _useless(program)
    return said


@cache
def _listing(program: Path, what: str) -> frozenset[str]:
    with Child([str(program), "-hide_banner", f"-{what}"], StopSignal(), limit_s=_ASKED_S) as child:
        lines = child.stdout.read().decode("utf-8", "replace").splitlines()
        if child.wait(f"asking FFmpeg for its {what}") != 0:
            raise _useless(program)
    return frozenset(words[1] for line in lines if len(words := line.split()) > 1)


def _useless(program: Path) -> DependencyError:
    return DependencyError(f"{printable(str(program))} does not work as FFmpeg", hint="voxweave doctor")


def _version_of(line: str) -> tuple[int, ...]:
    match = re.match(r"ffmpeg version n?(\d+)\.(\d+)(?:\.(\d+))?", line)
    if match is None:  # a build from development sources names a commit, and is newer than any we forbid
        return (99,)
    return tuple(int(part) for part in match.groups() if part)


def _advances(stdout: IO[bytes]) -> Iterator[Advance]:
    frame = out_us = 0
    for raw in stdout:
        key, _, value = raw.decode("ascii", "replace").strip().partition("=")
        if key == "frame" and value.isdigit():
            frame = int(value)
        elif key == "out_time_us" and value.isdigit():
            out_us = int(value)
        elif key == "progress":
            yield Advance(frame, out_us)


def _complaint(errors: Sequence[str]) -> str:
    """The line that says what is wrong; a log of more than errors begins with other things."""
    return _SPEAKER.sub("", next((line for line in errors if _COMPLAINT.search(line)), errors[0]))


def _raise_for(status: int, errors: Sequence[str], purpose: str) -> None:
    if status == 0:
        return
    said = printable(_complaint(errors)) if errors else f"status {status}"
    if any("No space left on device" in line for line in errors):
        raise StorageError(
            f"the disk is full while {purpose}",
            hint="free some space and run again; finished scenes are kept",
        )
    if status == -9:
        said = f"it was killed (out of memory, or over its limit); last words: {said}"
    failure = MediaError(
        f"FFmpeg failed while {purpose}: {said}", hint="run again with -v for its last lines"
    )
    failure.add_note("\n".join(map(printable, errors)))
    raise failure
