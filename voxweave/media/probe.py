"""What a stranger's file says of itself, found out by a program under limits."""

import json
import re
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from voxweave.core.text import printable
from voxweave.errors import DependencyError, InputError
from voxweave.media import probe_child
from voxweave.media.child import Child, Limits, Surroundings
from voxweave.media.facts import Facts, StreamFacts, read_facts
from voxweave.media.ffmpeg import AUDIO_FORMATS, CODECS, MAX_PIXELS, MAX_STREAMS, Ffmpeg
from voxweave.media.files import opened
from voxweave.media.magic import Kind, recognise
from voxweave.media.stopping import StopSignal

_MAX_ALLOC = 400 << 20
_TIME_S = 20
_CPU_S = 8
_LIMITS = Limits(memory_mb=600, cpu_s=_CPU_S)
_ANSWER_BYTES = 8 << 20
"""No honest file has so much to tell; what is longer is not waited for."""
_MOST_TAGS = 1000
"""FFmpeg compares each tag with all before it, whenever it opens the file: 80,000 take it 20 s."""
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
_SAYINGS = {  # the first that occurs anywhere in the program's words
    "Format not on whitelist": "is of a kind that is not read",
    "not on whitelist": "holds a codec that is not read",
    "max_streams": f"has more than {MAX_STREAMS} streams",
    "moov atom not found": "is cut short: its index is missing",
    "Cannot allocate memory": "needs too much memory to be read",
    "Invalid data found when processing input": "is damaged, or not what its first bytes say",
    "End of file": "ends before anything in it",
}
_SOUND_KINDS = "mp3, wav, flac, m4a, aac, ogg, opus, aiff, caf, mp4, mkv, webm or mov"
_PICTURE_KINDS = "jpg, png, webp, gif, bmp, tiff, mp4, mov, mkv or webm"
_SPEAKER = re.compile(r"^\[[^\]]*\] *")  # `[mp3 @ 0x5581f00]`


def probe(
    ffmpeg: Ffmpeg,
    path: Path,
    stop: StopSignal,
    *,
    formats: Sequence[str] = AUDIO_FORMATS,
    what: str = "the narration",
) -> Facts:
    """The facts of a file in one of these formats, in 20 s and 600 MB at most; InputError otherwise."""
    with opened(path, what) as fd:
        kind = recognise(fd)
        if kind.demuxer not in formats:
            raise _unwanted(path, kind, formats)
        around = Surroundings(fds=(fd,), limits=_LIMITS)
        if ffmpeg.prober:
            args = _prober_args(ffmpeg.prober, fd, kind)
        else:
            args, around = _child_args(fd, kind), replace(around, reads=_python())
        return read_facts(_ask(args, path, ffmpeg.walled(around), stop))


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


def _ask(args: Sequence[str], path: Path, around: Surroundings, stop: StopSignal) -> dict[str, Any]:
    """The program's JSON; InputError in its words, made plain, when it has none."""
    stop.check()
    with Child(args, stop, around=around) as child:
        timer = threading.Timer(_TIME_S, child.kill)
        timer.start()
        try:
            answer = child.stdout.read(_ANSWER_BYTES + 1)
            if len(answer) > _ANSWER_BYTES:  # it would wait for us to read on
                raise _too_many_tags(path)
            status = child.wait(_TIME_S)
        finally:
            timer.cancel()
    if status == probe_child.MISSING:
        raise DependencyError(
            f"PyAV does not work: {_last(child.errors)}", hint="pip install --force-reinstall av"
        )
    try:
        told = json.loads(answer) if status == 0 else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or not told.get("streams"):
        raise InputError(f"{printable(path.name)} {_reason(status, child.errors)}", hint="try to play it")
    holders = (told.get("format", {}), *told["streams"])
    if any(len(holder.get("tags") or ()) > _MOST_TAGS for holder in holders):
        raise _too_many_tags(path)
    return told


def _too_many_tags(path: Path) -> InputError:
    return InputError(f"{printable(path.name)} carries too many tags", hint="take them out of it")


def _reason(status: int, errors: Sequence[str]) -> str:
    if status < 0:
        return f"could not be read within {_CPU_S} s of the processor and {_LIMITS.memory_mb} MB"
    said = "\n".join(errors)
    for mark, saying in _SAYINGS.items():
        if mark in said:
            return saying
    return f"cannot be read: {_last(errors)}" if errors else "has nothing in it that can be read"


def _last(errors: Sequence[str]) -> str:
    return printable(_SPEAKER.sub("", errors[-1])) if errors else ""
