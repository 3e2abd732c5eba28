"""The finished film, looked through from end to end before it takes its name."""

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path

from voxweave.core.encoding import Container
from voxweave.core.speech import Loudness
from voxweave.core.time import CLOCK_HZ
from voxweave.core.timeline import Timeline
from voxweave.core.value import Value
from voxweave.errors import MediaError
from voxweave.media.audio import MEASURING, loudness_of
from voxweave.media.facts import Facts
from voxweave.media.ffmpeg import Advance, Job
from voxweave.media.packets import FrameGrid, packets
from voxweave.media.probe import probe as facts_of
from voxweave.pipeline.join import LISTING
from voxweave.pipeline.tools import Tools

_CODEC_FORMATS = ("mov", "matroska")
# A lossy decoder may give or keep its last block: 1024 samples of AAC, 960 of Opus, and what precedes them.
_BLOCK = 1024
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


def verify(tools: Tools, file: Path, timeline: Timeline, samples: int, container: Container) -> Verified:
    """Look the film through; MediaError when it is not what was asked for."""
    facts = facts_of(tools.ffmpeg, file, tools.stop, formats=_CODEC_FORMATS)
    codec = next((stream.codec for stream in facts.streams if stream.kind == "video"), "")
    frames, picture_bytes = _counted(tools, file, timeline, codec)
    loudness, audio = _decoded(tools, file)
    video_s = timeline.frames / timeline.canvas.rate
    found = Verified(
        frames=frames,
        video_ms=round(float(video_s * 1000), 3),
        audio_ms=round(float(audio * 1000), 3),
        end_error_ms=round(float((audio - video_s) * 1000), 3),
        loudness=loudness,
        bytes=file.stat().st_size,
        picture_bytes=picture_bytes,
        streams=tuple(f"{stream.kind}: {stream.codec}" for stream in facts.streams),
    )
    _accept(found, facts, timeline, samples, container)
    return found


def _decoded(tools: Tools, file: Path) -> tuple[Loudness, Fraction]:
    """Seconds of sound that come out of the decoder, and how loud it is; every keyframe is decoded, too.

    The loop filter is skipped: every bit is still read and checked, the pictures are not looked at.
    """
    name = f"file:{file.absolute()}"
    picture = [*_STRICTLY, "-threads", "2", "-skip_frame", "nokey", "-skip_loop_filter", "all", "-i", name]
    null = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "null", "-"]
    tools.ffmpeg.run(Job([*picture, *null], "checking the film's pictures"), tools.stop)
    seconds = Fraction(0)

    def heard(step: Advance) -> None:
        nonlocal seconds
        seconds = Fraction(step.out_us, 1_000_000)

    sound = ["-nostats", "-xerror", "-vn", "-i", name, "-map", "0:a:0", "-af", MEASURING, "-f", "null", "-"]
    said = tools.ffmpeg.run(
        Job(sound, "checking the film's sound", log_level="info"), tools.stop, advance=heard
    )
    return loudness_of(said), seconds


def _counted(tools: Tools, file: Path, timeline: Timeline, codec: str) -> tuple[int, int]:
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
            if own is None or joined is None or own[2:] != joined[2:]:
                raise _wrong([f"after {grid.frames} frames it no longer holds what was encoded"])
            grid.add(joined)
            size += joined.size
            tools.advance(grid.frames / timeline.frames)
    grid.close()
    return grid.frames, size


def _accept(found: Verified, facts: Facts, timeline: Timeline, samples: int, container: Container) -> None:
    canvas = timeline.canvas
    frame_ms = float(1000 / canvas.rate)
    video = next(stream for stream in facts.streams if stream.kind == "video")
    wrong = []
    if found.frames != timeline.frames:
        wrong.append(f"{found.frames} frames instead of {timeline.frames}")
    if (video.width, video.height) != (canvas.width, canvas.height):
        wrong.append(f"{video.width}x{video.height} instead of {canvas.width}x{canvas.height}")
    if video.rate is not None and abs(video.rate - canvas.rate) > Fraction(1, 100):
        wrong.append(f"{video.rate} frames a second instead of {canvas.rate}")
    if abs(found.audio_ms - samples * 1000 / CLOCK_HZ) > max(frame_ms, _BLOCK * 1000 / CLOCK_HZ):
        wrong.append(f"{found.audio_ms:.0f} ms of sound instead of {samples * 1000 / CLOCK_HZ:.0f}")
    if abs(found.end_error_ms) > frame_ms:
        wrong.append(f"sound and picture end {found.end_error_ms:.0f} ms apart")
    if ("matroska" if container == "webm" else "mov") not in facts.format:
        wrong.append(f"it is {facts.format}, not {container}")
    if wrong:
        raise _wrong(wrong)


def _wrong(reasons: Sequence[str]) -> MediaError:
    return MediaError(
        f"the finished film is wrong: {'; '.join(reasons)}", hint="please report this; the scenes are kept"
    )
