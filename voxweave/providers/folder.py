"""The user's own pictures and clips, made ready for the film."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.pictures import HDR, Clip, Still
from voxweave.core.text import printable
from voxweave.errors import InputError, MediaError
from voxweave.media.facts import Facts, StreamFacts
from voxweave.media.ffmpeg import (
    CLIP_FORMATS,
    MAX_PIXELS,
    Ffmpeg,
)
from voxweave.media.files import fingerprint
from voxweave.media.length import Reading, listed, reached
from voxweave.media.probe import pick_sound, probe, readable
from voxweave.media.stills import STILL_FORMATS, prepare_still
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Provider

PICTURES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")
CLIPS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts")

LONGEST_S = 300
"""How much of a clip is decoded and may be shown; no scene wants more, and counting costs time."""

_ONE_A_PACKET = ("h264", "vp8")
"""Codecs of which every packet is one picture, and of which FFmpeg notices a damaged packet without decoding it.

HEVC, VP9 and AV1 are decoded: FFmpeg 9 lists packets of zeros, as a broken-off download leaves them, without a word.
"""

_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these leave transparency out, and show what lies hidden under it."""

_NUMBER = re.compile(r"(\d+)")
_HD_HEIGHT = 720  # from here on untagged pictures are BT.709 by custom, below BT.601
_RGB = ("rgb", "bgr", "gbr", "0rgb", "0bgr", "argb", "abgr", "pal8")


@dataclass(frozen=True)
class Measured:
    """What came out of the decoder."""

    frames: int
    duration_ms: int


class Folder(Provider):
    """Shows the pictures and clips of a folder, in the order of their names."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """What can be shown, `2.jpg` before `10.jpg`; hidden files and folders within are left out."""
        shown = printable(str(folder))
        try:
            with os.scandir(folder) as entries:
                names = [entry.name for entry in entries if _usable(entry)]
        except FileNotFoundError as error:
            raise InputError(
                f"the folder {shown} is missing", hint="check the path given to --media"
            ) from error
        except NotADirectoryError as error:
            raise InputError(f"{shown} is not a folder", hint="give --media a folder") from error
        except OSError as error:
            raise InputError(f"the folder {shown} cannot be read: {error.strerror}") from error
        if not names:
            kinds = " ".join(suffix.removeprefix(".") for suffix in PICTURES + CLIPS)
            raise InputError(f"{shown} holds no picture or clip", hint=f"what is shown: {kinds}")
        return tuple(folder / name for name in sorted(names, key=_natural))

    def load(self, path: Path, canvas: Canvas, into: Path) -> Still | Clip:
        """A still at its working size in `into`, or a clip with its decoded length; InputError otherwise."""
        ffmpeg, stop = self.tools.ffmpeg, self.tools.stop
        media = fingerprint(path, "the picture")
        facts = probe(ffmpeg, path, stop, formats=(*STILL_FORMATS, *CLIP_FORMATS), what="the picture")
        if facts.format.endswith("_pipe"):
            return Still(media=prepare_still(ffmpeg, media, canvas, into, stop))
        picture = _moving_picture(facts, path)
        measured = measure(ffmpeg, path, picture, stop)
        if facts.format == "gif" and measured.frames == 1:
            return Still(media=prepare_still(ffmpeg, media, canvas, into, stop))
        width, height = _shown_size(picture)
        return Clip(
            media=media,
            stream=picture.index,
            width=width,
            height=height,
            frames=measured.frames,
            duration_ms=measured.duration_ms,
            sound_stream=_sound_stream(facts, path),
            interlaced=picture.interlaced,
            matrix=_matrix(picture),
            transfer=picture.colour.transfer,
            primaries=picture.colour.primaries,
            alpha=picture.alpha,
            decoder=self._decoder(picture, path),
        )

    def _decoder(self, picture: StreamFacts, path: Path) -> str:
        """What reads a transparent picture whole; empty where FFmpeg's own choice does. InputError where it is missing."""
        decoder = _WITH_ALPHA.get(picture.codec, "") if picture.alpha else ""
        if decoder and not self.tools.ffmpeg.lists("decoders", decoder):
            raise InputError(
                f"{printable(path.name)} is transparent, which this FFmpeg cannot read",
                hint='set ffmpeg = "bundled" to use ours',
            )
        return decoder


def measure(ffmpeg: Ffmpeg, path: Path, picture: StreamFacts, stop: StopSignal) -> Measured:
    """How long a clip really is: the first five minutes counted by its packets, or decoded where those are odd."""
    reading = Reading(picture.index, CLIP_FORMATS, ("-skip_loop_filter", "all"), LONGEST_S)
    sure = not picture.interlaced and picture.codec in _ONE_A_PACKET
    try:
        counted = listed(ffmpeg, path, reading, stop) if sure else None
        counted = counted or reached(ffmpeg, path, reading, stop)
    except MediaError as error:
        raise InputError(
            f"{printable(path.name)} cannot be decoded", hint="convert it to mp4, or leave it out"
        ) from error
    if counted.frame < 1 or counted.out_us < 1000:
        raise InputError(f"{printable(path.name)} holds no picture that can be decoded", hint="leave it out")
    return Measured(counted.frame, counted.out_us // 1000)


def _usable(entry: "os.DirEntry[str]") -> bool:
    suffix = os.path.splitext(entry.name)[1].lower()
    return suffix in PICTURES + CLIPS and not entry.name.startswith(".") and entry.is_file()


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Numbers by their value, letters by their kind; the name itself settles what is left."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if place % 2 else (0, part) for place, part in enumerate(parts)], name


def _moving_picture(facts: Facts, path: Path) -> StreamFacts:
    """The moving picture marked default, else the first; InputError when there is none to be read."""
    name = printable(path.name)
    pictures = [stream for stream in facts.streams if stream.kind == "video" and not stream.attached_picture]
    if not pictures:
        raise InputError(f"{name} has no picture", hint="leave it out")
    picture = next((stream for stream in pictures if stream.default), pictures[0])
    if not readable(picture):
        raise InputError(
            f"the picture of {name} is coded as {printable(picture.codec) or 'something unknown'}, which is not read",
            hint="convert it to H.264 in mp4",
        )
    if not picture.width or not picture.height:
        raise InputError(
            f"{name} is damaged, or larger than {MAX_PIXELS // 10**6} megapixels",
            hint="convert it to 4K or less",
        )
    return picture


def _shown_size(picture: StreamFacts) -> tuple[int, int]:
    """Width and height as seen: square pixels, turned upright."""
    width, height = max(1, round(picture.width * picture.sar)), picture.height
    return (height, width) if picture.rotation in (90, 270) else (width, height)


def _matrix(picture: StreamFacts) -> str:
    """How its numbers mean colours, guessed by custom where the file does not say; RGB needs no matrix."""
    if picture.pixel_format.startswith(_RGB):
        return ""
    by_size = "bt709" if picture.height >= _HD_HEIGHT else "smpte170m"
    return picture.colour.matrix or ("bt2020nc" if picture.colour.transfer in HDR else by_size)


def _sound_stream(facts: Facts, path: Path) -> int | None:
    """The clip's own sound, where it has one that can be read."""
    try:
        return pick_sound(facts, path).index
    except InputError:
        return None
