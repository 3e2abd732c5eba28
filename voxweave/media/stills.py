"""A stranger's picture made ours: upright, opaque, cut to the canvas's shape, a little larger than it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.pictures import GROUND
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import InputError, MediaError
from voxweave.media.camera import still_painter
from voxweave.media.child import Limits, Surroundings
from voxweave.media.exif import TURNS, orientation
from voxweave.media.facts import SEE_THROUGH, StreamFacts
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.files import fingerprint, opened_as, part_of
from voxweave.media.magic import recognise
from voxweave.media.probe import MAX_PICTURE_PIXELS, PICTURE_CODECS, probe
from voxweave.media.stopping import StopSignal

__all__ = ["MARGIN", "STILL_FORMATS", "prepare_still", "still_painter", "still_size"]

STILL_FORMATS = tuple(PICTURE_CODECS)
"""The demuxers of the pictures we read: PNG, JPEG, WebP, GIF, BMP and TIFF."""

MARGIN = 1.3
"""How much larger than the canvas a still is kept, so that a camera can move in it."""

_HEADROOM = 0.4  # of what is cut off above and below, this much above: faces are in the upper half
_EXIF_BYTES = 32 << 20
_LIMITS = Limits(memory_mb=1500, cpu_s=20, file_mb=200)
"""The largest picture takes two seconds of a processor."""
_TIME_S = 120
_WIDEST_UPSCALE = 4  # from here on lanczos rings where Mitchell's cubic is smooth
_CUT_SHORT = "overread"
_SHARP = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"
_SMOOTH = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp:param0=0.3333:param1=0.3333"


@dataclass(frozen=True)
class _Source:
    """An opened picture, its facts, and the orientation it was taken in."""

    fd: int
    demuxer: str
    facts: StreamFacts
    orientation: int

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height once turned."""
        size = self.facts.width, self.facts.height
        return (size[1], size[0]) if self.orientation >= 5 else size


def prepare_still(
    ffmpeg: Ffmpeg, source: MediaFile, canvas: Canvas, into: Path, stop: StopSignal
) -> MediaFile:
    """Our own PNG of the picture in the folder `into`; InputError when it cannot be read within limits."""
    width, height = still_size(canvas)
    final = into / f"{source.sha256[:16]}-{width}x{height}.png"
    facts = probe(ffmpeg, source.path, stop, formats=STILL_FORMATS, what="the picture")
    stream = _only_picture(facts.streams, source.path)
    with opened_as(source, "the picture") as fd, part_of(final) as part:
        turn = orientation(os.pread(fd, _EXIF_BYTES, 0))
        shown = _Source(fd, recognise(fd).demuxer, stream, turn)
        with _refusal(printable(source.path.name)):
            _decode(ffmpeg, shown, canvas, part, stop)
    return fingerprint(final)


def still_size(canvas: Canvas) -> tuple[int, int]:
    """Width and height of a prepared still: the canvas with a margin, in even numbers."""
    return round(canvas.width * MARGIN / 2) * 2, round(canvas.height * MARGIN / 2) * 2


def _only_picture(streams: Sequence[StreamFacts], path: Path) -> StreamFacts:
    """The picture's facts; one whose size its header does not give is damaged or past the limit."""
    picture = next((stream for stream in streams if stream.kind == "video"), None)
    if picture is None or not picture.width or not picture.height:
        raise InputError(
            f"{printable(path.name)} is damaged, or larger than {MAX_PICTURE_PIXELS // 10**6} megapixels",
            hint="save it smaller, or leave it out",
        )
    return picture


@contextmanager
def _refusal(name: str) -> Iterator[None]:
    """Speak of a picture FFmpeg fails on as the stranger's fault it is."""
    try:
        yield
    except MediaError as error:
        raise InputError(
            f"{name} is damaged, or needs more than {_LIMITS.cpu_s} s of the processor or {_LIMITS.memory_mb} MB to be read",
            hint="save it anew as PNG or JPEG, or leave it out",
        ) from error


def _decode(ffmpeg: Ffmpeg, source: _Source, canvas: Canvas, part: Path, stop: StopSignal) -> None:
    args = [
        *("-max_alloc", str(800 << 20), "-threads", "1", "-noautorotate"),
        *("-protocol_whitelist", "file", "-format_whitelist", source.demuxer),
        *("-codec_whitelist", PICTURE_CODECS[source.demuxer], "-max_pixels", str(MAX_PICTURE_PIXELS)),
        *("-i", f"file:/dev/fd/{source.fd}", "-map", "0:v:0", "-frames:v", "1", "-an", "-sn", "-dn"),
        *("-map_metadata", "-1", "-filter_threads", "1", "-vf", _filters(source, canvas)),
        *("-c:v", "png", "-compression_level", "3", "-pred", "sub", "-f", "image2pipe"),
        f"file:{part.absolute()}",
    ]
    around = Surroundings(cwd=part.parent, fds=(source.fd,), limits=_LIMITS)
    said = ffmpeg.run(Job(args, "reading a picture", around, time_limit_s=_TIME_S), stop)
    if any(_CUT_SHORT in line for line in said):  # a JPEG without its end is no failure to FFmpeg
        raise MediaError("the picture is cut short")


def _filters(source: _Source, canvas: Canvas) -> str:
    """Opaque, upright, cut to the canvas's shape, at its working size."""
    width, height = source.upright
    turn = TURNS.get(source.orientation)
    chain = [*([turn] if turn else []), _crop(width, height, canvas), _scale(width, height, canvas)]
    see_through = source.facts.pixel_format.startswith(SEE_THROUGH)
    return (_flattened(source.facts) if see_through else "") + ",".join(
        [*chain, "setsar=1", "sidedata=delete", "format=rgb24"]
    )


def _flattened(facts: StreamFacts) -> str:
    """The picture laid on a dark ground, before scaling, so that no edge keeps a rim."""
    ground = f"color=c={GROUND}:s={facts.width}x{facts.height}:r=1:d=1,format=rgb24"
    return f"format=rgba[p];{ground}[g];[g][p]overlay=format=rgb,"


def _crop(width: int, height: int, canvas: Canvas) -> str:
    """The largest part of the canvas's shape."""
    wide = min(width, max(1, round(height * canvas.width / canvas.height)))
    high = min(height, max(1, round(width * canvas.height / canvas.width)))
    return f"crop={wide}:{high}:{(width - wide) // 2}:{round((height - high) * _HEADROOM)}:exact=1"


def _scale(width: int, height: int, canvas: Canvas) -> str:
    wide, high = still_size(canvas)
    growth = max(wide / width, high / height)
    kernel = _SMOOTH if growth > _WIDEST_UPSCALE else _SHARP
    return f"scale={wide}:{high}:flags={kernel}:out_range=pc"
