"""The clips' own sound, laid out over the whole film to go under the voice."""

from collections.abc import Iterator, Sequence
from typing import IO, Literal

from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Picture
from voxweave.core.time import CLOCK_HZ
from voxweave.core.timeline import Shot, Timeline
from voxweave.core.value import MediaFile, Value
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, CLIP_FORMATS, Job, foreign_globals, foreign_input
from voxweave.media.files import fingerprint, opened_as, part_of
from voxweave.pipeline.tools import Tools

_SAMPLE_BYTES = 4  # 16 bits, two channels
_CHUNK = 1 << 18
_DECODE_S = 3600
_SOFT_EDGE_S = 0.15


class Bed(Value):
    """The clips' own sound for the whole film, and how it lies under the voice; None where there is none."""

    media: MediaFile | None
    mix: Literal["duck", "keep"]


def lay_bed(
    tools: Tools, timeline: Timeline, pictures: tuple[Picture, ...], mix: Literal["duck", "keep"]
) -> Bed:
    """One FLAC as long as the film: each clip's sound in its scene, silence elsewhere."""
    if not any(isinstance(picture, Clip) and picture.sound_stream is not None for picture in pictures):
        return Bed(media=None, mix=mix)
    file = tools.folder / "bed.flac"
    with part_of(file) as part:
        raw = ["-f", "s16le", "-ar", str(CLOCK_HZ), "-ac", "2", "-i", "pipe:0"]
        job = Job([*raw, "-c:a", "flac", f"file:{part.absolute()}"], "laying out the clips' sound")
        tools.ffmpeg.run(job, tools.stop, feed=lambda pipe: _fill(pipe, tools, timeline, pictures))
    return Bed(media=fingerprint(file), mix=mix)


def _fill(pipe: IO[bytes], tools: Tools, timeline: Timeline, pictures: Sequence[Picture]) -> None:
    for shot, picture in zip(timeline.shots, pictures, strict=True):
        for chunk in _sound_of(tools, shot, picture, timeline.canvas):
            tools.stop.check()
            pipe.write(chunk)


def _sound_of(tools: Tools, shot: Shot, picture: Picture, canvas: Canvas) -> Iterator[bytes]:
    """Exactly as much sound as the shot is long, whatever the clip holds."""
    # Positions are rounded, never lengths: the bed may not drift against the pictures.
    left = _SAMPLE_BYTES * (_sample_at(shot.last, canvas) - _sample_at(shot.first, canvas))
    if isinstance(picture, Clip) and picture.sound_stream is not None:
        for chunk in _decoded(tools, picture, picture.sound_stream, left / _SAMPLE_BYTES / CLOCK_HZ):
            yield chunk[:left]
            left -= len(chunk[:left])
    while left > 0:
        yield bytes(min(left, _CHUNK))
        left -= min(left, _CHUNK)


def _sample_at(frame: int, canvas: Canvas) -> int:
    return round(frame * CLOCK_HZ / canvas.rate)


def _decoded(tools: Tools, clip: Clip, stream: int, seconds: float) -> Iterator[bytes]:
    """The clip's sound from where the scene begins, as slow as its pictures, repeated where they are."""
    repeat = ["-stream_loop", "-1"] if clip.fit in ("loop", "boomerang") else []
    edge = min(_SOFT_EDGE_S, seconds / 4)
    chain = (
        f"[0:{stream}]aresample={CLOCK_HZ},aformat=channel_layouts=stereo,atempo={1 / clip.slow:.6f},"
        f"afade=t=in:d={edge},afade=t=out:st={seconds - edge}:d={edge}[out]"
    )
    with opened_as(clip.media, "the clip") as fd:
        args = [
            *foreign_globals(),
            *(*repeat, "-vn", "-ss", f"{clip.start_ms / 1000:.3f}", *foreign_input(fd, CLIP_FORMATS)),
            *("-filter_complex", chain, "-map", "[out]", "-t", f"{seconds:.6f}", "-f", "s16le", "pipe:1"),
        ]
        around = Surroundings(fds=(fd,), limits=CHECK_LIMITS)
        job = Job(args, f"decoding the sound of {clip.media.path.name}", around, time_limit_s=_DECODE_S)
        with tools.ffmpeg.reading(job, tools.stop) as child:
            while chunk := child.stdout.read(_CHUNK):
                yield chunk
