"""A window of the narration as a file to upload, in the smallest form that loses nothing, or a little."""

from typing import Literal

from voxweave.core.hearing import Window
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.scratch import scratch
from voxweave.media.stopping import StopSignal
from voxweave.providers.multipart import Upload

Packing = Literal["flac", "opus", "wav"]

_ENCODERS: dict[Packing, tuple[str, ...]] = {
    "flac": ("-c:a", "flac", "-compression_level", "8"),
    "opus": ("-c:a", "libopus", "-b:a", "32k", "-application", "voip"),
    "wav": ("-c:a", "pcm_s16le"),
}
_SUFFIXES: dict[Packing, str] = {"flac": ".flac", "opus": ".ogg", "wav": ".wav"}
_KINDS: dict[Packing, str] = {"flac": "audio/flac", "opus": "audio/ogg", "wav": "audio/wav"}
_BYTES_A_SECOND: dict[Packing, int] = {"flac": 32_000, "opus": 5_000, "wav": 32_000}
"""At most: noise does not get smaller as FLAC."""
_HEAD_BYTES = 64_000
_TIME_S = 120


def upload_of(ffmpeg: Ffmpeg, window: Window, packing: Packing, stop: StopSignal) -> Upload:
    """The window's own sound, cut to the millisecond, ready to be sent."""
    with scratch() as folder:
        file = folder / f"window{_SUFFIXES[packing]}"
        start, length = (f"{ms / 1000:.3f}" for ms in (window.span.start, window.span.duration))
        args = [
            *("-ss", start, "-t", length, "-i", f"file:{window.sound.path}", "-map", "0:a:0"),
            *("-map_metadata", "-1", *_ENCODERS[packing], f"file:{file}"),
        ]
        ffmpeg.run(Job(args, "packing a window of sound", time_limit_s=_TIME_S), stop)
        return Upload("file", file.name, _KINDS[packing], file.read_bytes())


def longest_s(most_mb: float, packing: Packing) -> int:
    """How long a window may be so that its file keeps to a limit."""
    return max(1, int((most_mb * 1_000_000 - _HEAD_BYTES) // _BYTES_A_SECOND[packing]))
