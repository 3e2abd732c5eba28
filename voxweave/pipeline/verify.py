"""The finished film, looked through from end to end before it takes its name."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from voxweave.core.encoding import Container
from voxweave.core.speech import Loudness
from voxweave.core.time import CLOCK_HZ
from voxweave.core.timeline import Timeline
from voxweave.core.value import Value
from voxweave.errors import MediaError
from voxweave.media.facts import Facts
from voxweave.media.ffmpeg import Job
from voxweave.media.packets import FrameGrid, packets
from voxweave.media.probe import probe as facts_of
from voxweave.pipeline.join import LISTING
from voxweave.pipeline.sound import Recording
from voxweave.pipeline.tools import Tools

_CODEC_FORMATS = ("mov", "matroska")
# A lossy decoder may give or keep its last block: 1024 samples of AAC, 960 of Opus, and what precedes them.
_BLOCK = 1024
_MOVED = Fraction(1, 500)
"""WebM counts milliseconds, and they are rounded once more when a packet is copied."""
_STRICTLY = ("-xerror", "-err_detect", "explode")  # FFmpeg 5.1 patches over some damage without the second


class Verified(Value):
    """What the film's file really holds."""

    frames: int
    video_ms: float
    audio_ms: float
    end_error_ms: float
    loudness: Loudness
    bytes: int
    picture_bytes: int = 0
    streams: tuple[str, ...]


@dataclass(frozen=True)
class Intended:
    """What a film is meant to be: its frames, so much of the narration, and the sound that was encoded."""

    timeline: Timeline
    samples: int
    sound: Recording
    container: Container


def verify(tools: Tools, file: Path, intended: Intended) -> Verified:
    """Look the film through; MediaError when it is not what was asked for."""
    timeline = intended.timeline
    facts = facts_of(tools.ffmpeg, file, tools.stop, formats=_CODEC_FORMATS)
    codec = next((stream.codec for stream in facts.streams if stream.kind == "video"), "")
    grid, picture_bytes = _counted(tools, file, timeline, codec)
    audio = _heard(tools, file, intended.sound, grid.begin or Fraction(0))
    _decoded(tools, file)
    video_s = timeline.frames / timeline.canvas.rate
    found = Verified(
        frames=grid.frames,
        video_ms=round(float(video_s * 1000), 3),
        audio_ms=round(float(audio * 1000), 3),
        end_error_ms=round(float((audio - video_s) * 1000), 3),
        loudness=intended.sound.loudness,
        bytes=file.stat().st_size,
        picture_bytes=picture_bytes,
        streams=tuple(f"{stream.kind}: {stream.codec}" for stream in facts.streams),
    )
    _accept(found, facts, intended)
    return found


def _decoded(tools: Tools, file: Path) -> None:
    """Every keyframe is decoded; MediaError where one cannot be.

    The loop filter is skipped: every bit is still read and checked, the pictures are not looked at.
    """
    name = f"file:{file.absolute()}"
    picture = [*_STRICTLY, "-threads", "2", "-skip_frame", "nokey", "-skip_loop_filter", "all", "-i", name]
    null = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "null", "-"]
    tools.ffmpeg.run(Job([*picture, *null], "checking the film's pictures"), tools.stop)


def _heard(tools: Tools, file: Path, sound: Recording, begin: Fraction) -> Fraction:
    """The second at which the film's sound ends; each of its packets is the one that the encoder wrote, in its place.

    It was decoded from end to end when it was encoded. Both its packets and a decoder may tell of a whole last
    block: what is heard ends where the first of them does.
    """
    made = packets(tools.ffmpeg, ["-i", f"file:{sound.media.path}"], tools.folder, tools.stop, kind="a")
    film = packets(tools.ffmpeg, ["-i", f"file:{file.absolute()}"], tools.folder, tools.stop, kind="a")
    end = begin
    with closing(made), closing(film):
        for own, joined in zip_longest(made, film):
            if (
                not (own and joined)
                or own.content != joined.content
                or abs(own.shown - joined.shown) > _MOVED
            ):
                raise _wrong([f"after {float(end - begin):.1f} s its sound is no longer what was encoded"])
            end = joined.shown + joined.lasts
    return min(end - begin, Fraction(sound.samples, CLOCK_HZ))


def _counted(tools: Tools, file: Path, timeline: Timeline, codec: str) -> tuple[FrameGrid, int]:
    """The film's frames and their bytes: each the packet that the encoder wrote, in its place on the grid of frames.

    The scenes were sealed when they were encoded; now the film's packets are compared with theirs.
    """
    # The joiner hands out H.264 (HEVC not) in the form that streams use: bring the film's own packets into the same.
    alike = ["-bsf:v", "h264_mp4toannexb"] if codec == "h264" else []
    made = packets(tools.ffmpeg, ["-f", "concat", "-i", LISTING], tools.folder, tools.stop)
    film = packets(tools.ffmpeg, ["-i", f"file:{file.absolute()}", *alike], tools.folder, tools.stop)
    grid, size = FrameGrid(timeline.canvas.rate), 0
    with closing(made), closing(film):
        for own, joined in zip_longest(made, film):
            if own is None or joined is None or own.content != joined.content:
                raise _wrong([f"after {grid.frames} frames it no longer holds what was encoded"])
            grid.add(joined)
            size += joined.size
            tools.advance(grid.frames / timeline.frames)
    grid.close()
    return grid, size


def _accept(found: Verified, facts: Facts, intended: Intended) -> None:
    timeline, container = intended.timeline, intended.container
    canvas, sound_ms = timeline.canvas, intended.samples * 1000 / CLOCK_HZ
    frame_ms = float(1000 / canvas.rate)
    video = next(stream for stream in facts.streams if stream.kind == "video")
    wrong = []
    if found.frames != timeline.frames:
        wrong.append(f"{found.frames} frames instead of {timeline.frames}")
    if (video.width, video.height) != (canvas.width, canvas.height):
        wrong.append(f"{video.width}x{video.height} instead of {canvas.width}x{canvas.height}")
    if video.rate is not None and abs(video.rate - canvas.rate) > Fraction(1, 100):
        wrong.append(f"{video.rate} frames a second instead of {canvas.rate}")
    if abs(found.audio_ms - sound_ms) > max(frame_ms, _BLOCK * 1000 / CLOCK_HZ):
        wrong.append(f"{found.audio_ms:.0f} ms of sound instead of {sound_ms:.0f}")
    if ("matroska" if container == "webm" else "mov") not in facts.format:
        wrong.append(f"it is {facts.format}, not {container}")
    if wrong:
        raise _wrong(wrong)


def _wrong(reasons: Sequence[str]) -> MediaError:
    return MediaError(
        f"the finished film is wrong: {'; '.join(reasons)}", hint="please report this; the scenes are kept"
    )
