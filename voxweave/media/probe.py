"""What a stranger's file says of itself, found out by a program under limits."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from voxweave.core.text import printable
from voxweave.errors import DependencyError, InputError
from voxweave.media import probe_child
from voxweave.media.asking import LIMITS, ask
from voxweave.media.child import Surroundings
from voxweave.media.facts import Facts, StreamFacts, read_facts
from voxweave.media.ffmpeg import AUDIO_FORMATS, CODECS, MAX_PIXELS, MAX_STREAMS, Ffmpeg
from voxweave.media.files import opened
from voxweave.media.magic import Kind, recognise
from voxweave.media.stopping import StopSignal

_MAX_ALLOC = 400 << 20
_SAMPLE_RATES_HZ = (4_000, 768_000)
_MOST_CHANNELS = 16
PICTURE_CODECS = {
    "png_pipe": "png",
    "jpeg_pipe": "mjpeg",
    "webp_pipe": "webp",
    "gif": "gif",
    "bmp_pipe": "bmp",
    "tiff_pipe": "tiff",
}
"""The demuxers of the pictures we read, and the one codec each may hold."""

MAX_PICTURE_PIXELS = 64_000_000
"""What phones take today; a clip of such pictures would be another matter."""

_ATTACHED = ("mjpeg", "png")  # what tags may carry as a cover; others are ignored
_SOUND_KINDS = "mp3, wav, flac, m4a, aac, ogg, opus, aiff, caf, mp4, mkv, webm or mov"
_PICTURE_KINDS = "jpg, png, webp, gif, bmp, tiff, mp4, mov, mkv or webm"


def probe(
    ffmpeg: Ffmpeg,
    path: Path,
    stop: StopSignal,
    *,
    formats: Sequence[str] = AUDIO_FORMATS,
    what: str = "the narration",
) -> Facts:
    """The facts of a file in one of these formats, in 8 s of the processor and 600 MB at most; InputError otherwise.

    OutOfTime where this machine does not come to reading it.
    """
    with opened(path, what) as fd:
        kind = recognise(fd)
        if kind.demuxer not in formats:
            raise _unwanted(path, kind, formats)
        around = Surroundings(fds=(fd,), limits=LIMITS)
        if ffmpeg.prober:
            args = _prober_args(ffmpeg.prober, fd, kind)
        else:
            args, around = _child_args(fd, kind), replace(around, reads=_python())
        return read_facts(ask(args, path, ffmpeg.walled(around), stop))


def pick_sound(facts: Facts, path: Path) -> StreamFacts:
    """The sound to take: the stream marked default, else the first; InputError when there is none."""
    sounds = [stream for stream in facts.streams if stream.kind == "audio"]
    if not sounds:
        raise InputError(f"{printable(path.name)} has no sound", hint="give a file with a voice in it")
    sound = next((stream for stream in sounds if stream.default), sounds[0])
    _refuse_odd_sound(sound, printable(path.name))
    return sound


def pick_cover(facts: Facts) -> int | None:
    """The stream with the picture on the file's cover, where it has one."""
    covers = [
        stream.index for stream in facts.streams if stream.attached_picture and stream.codec in _ATTACHED
    ]
    return covers[0] if covers else None


def readable(stream: StreamFacts) -> bool:
    """Whether its codec is on our list."""
    return stream.codec in CODECS.split(",")


def _refuse_odd_sound(sound: StreamFacts, name: str) -> None:
    low, high = _SAMPLE_RATES_HZ
    if not readable(sound):
        raise InputError(
            f"the sound of {name} is coded as {printable(sound.codec) or 'something unknown'}, which is not read",
            hint="convert it to mp3, m4a, flac or wav",
        )
    if not low <= sound.sample_rate_hz <= high:
        raise InputError(
            f"the sound of {name} has {sound.sample_rate_hz} samples a second; {low} to {high} are read",
            hint="convert it to 48000 Hz",
        )
    if not 1 <= sound.channels <= _MOST_CHANNELS:
        raise InputError(
            f"the sound of {name} has {sound.channels} channels; 1 to {_MOST_CHANNELS} are read",
            hint="mix it down to stereo",
        )


def _unwanted(path: Path, kind: Kind, formats: Sequence[str]) -> InputError:
    sound = "mp3" in formats
    wanted = "sound" if sound else "a picture or a clip"
    if not kind.name:
        reason = f"is not {wanted} of any kind we read"
    else:
        reason = f"is {kind.name}, " + ("which is not read" if kind.media else f"not {wanted}")
    kinds = _SOUND_KINDS if sound else _PICTURE_KINDS
    return InputError(f"{printable(path.name)} {reason}", hint=f"give {kinds}")


def _prober_args(prober: Path, fd: int, kind: Kind) -> list[str]:
    return [
        *(str(prober), "-v", "error", "-max_alloc", str(_MAX_ALLOC)),
        *(
            "-protocol_whitelist",
            "file",
            "-format_whitelist",
            kind.demuxer,
            "-codec_whitelist",
            _codecs(kind),
        ),
        *("-max_streams", str(MAX_STREAMS), "-max_pixels", str(_pixels(kind))),
        *("-show_format", "-show_streams", "-show_chapters", "-of", "json", "-i", f"file:/dev/fd/{fd}"),
    ]


def _packages() -> Path:
    """The folder that holds PyAV."""
    found = find_spec("av")
    if found is None or found.origin is None:
        raise DependencyError("PyAV is missing", hint="pip install av")
    return Path(found.origin).parent.parent


def _python() -> tuple[Path, ...]:
    """What Python reads to run our child: itself, PyAV, and the child."""
    return Path(sys.base_prefix), _packages(), Path(probe_child.__file__).parent


def _child_args(fd: int, kind: Kind) -> list[str]:
    limits = f"{MAX_STREAMS},{_pixels(kind)}"
    return [
        sys.executable,
        "-I",
        str(probe_child.__file__),
        f"file:/dev/fd/{fd}",
        str(_packages()),
        kind.demuxer,
        _codecs(kind),
        limits,
    ]


def _codecs(kind: Kind) -> str:
    """A picture's own codec, or all that sound and clips may hold."""
    return PICTURE_CODECS.get(kind.demuxer, CODECS)


def _pixels(kind: Kind) -> int:
    return MAX_PICTURE_PIXELS if kind.demuxer.endswith("_pipe") else MAX_PIXELS
