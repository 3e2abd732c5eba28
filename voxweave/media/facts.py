"""What a file claims: its facts as values, from the words of ffprobe."""

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Literal

from voxweave.core.speech import Chapter, Tags
from voxweave.core.text import printable
from voxweave.core.time import Rate, Span
from voxweave.core.value import Value

_LONGEST_MS = 10**12
_CHAPTERS = 2000

SEE_THROUGH = ("rgba", "bgra", "argb", "abgr", "yuva", "ya", "gbrap", "pal8")
"""How the names of pixel formats begin that know transparency."""

StreamKind = Literal["audio", "video", "subtitle", "data", "attachment"]


class Colour(Value):
    """How a picture's numbers mean colours, in FFmpeg's names; empty where the file does not say."""

    range: str = ""
    matrix: str = ""
    transfer: str = ""
    primaries: str = ""


class StreamFacts(Value):
    """One stream, as the file describes it; `rotation` is the clockwise turn that makes it upright."""

    index: int
    kind: StreamKind
    codec: str
    default: bool = False
    attached_picture: bool = False
    start_ms: int = 0
    width: int = 0
    height: int = 0
    rate: Rate | None = None
    rotation: int = 0
    sar: Rate = Fraction(1)
    interlaced: bool = False
    pixel_format: str = ""
    alpha: bool = False
    colour: Colour = Colour()
    sample_rate_hz: int = 0
    channels: int = 0
    layout: str = ""


class Facts(Value):
    """What a file claims; `duration_ms` is worth nothing until it has been decoded."""

    format: str
    duration_ms: int | None
    streams: tuple[StreamFacts, ...]
    tags: Tags = Tags()
    chapters: tuple[Chapter, ...] = ()


def read_facts(told: Mapping[str, Any]) -> Facts:
    """Facts from ffprobe's JSON, or from our own child's, which speaks the same words."""
    form = told.get("format", {})
    name = str(form.get("format_name", ""))
    streams = [_stream(stream, still=_is_still(name)) for stream in told["streams"]]
    chapters = [_chapter(chapter) for chapter in told.get("chapters", ())[:_CHAPTERS]]
    return Facts(
        format=name,
        duration_ms=None if _is_still(name) else _ms(form.get("duration")) or None,
        streams=tuple(stream for stream in streams if stream),
        tags=_tags(told),
        chapters=tuple(chapter for chapter in chapters if chapter),
    )


def _is_still(format_name: str) -> bool:
    return format_name.endswith("_pipe")


def _stream(told: Mapping[str, Any], *, still: bool) -> StreamFacts | None:
    """One stream; None for a kind FFmpeg itself has no name for."""
    kind = told.get("codec_type")
    flags = told.get("disposition", {})
    if kind not in ("audio", "video", "subtitle", "data", "attachment"):
        return None
    return StreamFacts(
        index=told["index"],
        kind=kind,
        codec=_named(told, "codec_name") if kind in ("audio", "video", "subtitle") else "",
        default=bool(flags.get("default")),
        attached_picture=bool(flags.get("attached_pic")),
        start_ms=max(0, _ms(told.get("start_time"))),  # before 0 is an encoder's delay, told by some versions
        **(_picture(told, still=still) if kind == "video" else {}),
        **(_sound(told) if kind == "audio" else {}),
    )


def _picture(told: Mapping[str, Any], *, still: bool) -> dict[str, Any]:
    turns = [side["rotation"] for side in told.get("side_data_list", ()) if "rotation" in side]
    return {
        "width": told.get("width") or 0,
        "height": told.get("height") or 0,
        "rate": None if still else _ratio(told.get("avg_frame_rate")) or _ratio(told.get("r_frame_rate")),
        "rotation": round(-turns[0]) % 360 if turns and not still else 0,
        "sar": _ratio(told.get("sample_aspect_ratio")) or Fraction(1),
        "interlaced": told.get("field_order") in ("tt", "bb", "tb", "bt"),
        "pixel_format": told.get("pix_fmt") or "",
        "alpha": _see_through(told),
        "colour": Colour(
            range=_named(told, "color_range"),
            matrix=_named(told, "color_space"),
            transfer=_named(told, "color_transfer"),
            primaries=_named(told, "color_primaries"),
        ),
    }


def _see_through(told: Mapping[str, Any]) -> bool:
    """Whether some of it may be transparent; in WebM a tag says so, for that lies in a stream beside the picture's."""
    tags = {str(key).lower(): text for key, text in (told.get("tags") or {}).items()}
    return str(told.get("pix_fmt") or "").startswith(SEE_THROUGH) or str(tags.get("alpha_mode")) == "1"


def _sound(told: Mapping[str, Any]) -> dict[str, Any]:
    layout = str(told.get("channel_layout") or "")
    return {
        "sample_rate_hz": int(told.get("sample_rate") or 0),
        "channels": int(told.get("channels") or 0),
        "layout": "" if layout == "unknown" else layout,
    }


def _named(told: Mapping[str, Any], key: str) -> str:
    name = str(told.get(key) or "")
    return "" if name in ("unknown", "unspecified", "reserved", "gbr", "_") else name


def _ratio(text: object) -> Fraction | None:
    over, _, under = str(text or "").replace(":", "/").partition("/")
    if not (over.isdigit() and under.isdigit() and int(over) and int(under)):
        return None
    return Fraction(int(over), int(under))


def _ms(text: object) -> int:
    """Whole milliseconds of a decimal of seconds; 0 for what cannot be."""
    try:
        seconds = float(str(text))
    except ValueError:
        return 0
    fits = math.isfinite(seconds) and abs(seconds) * 1000 < _LONGEST_MS
    return round(seconds * 1000) if fits else 0


def _tags(told: Mapping[str, Any]) -> Tags:
    """The container's words, then the sound's own: Ogg keeps them with the stream."""
    found: dict[str, str] = {}
    sounds = [stream for stream in told["streams"] if stream.get("codec_type") == "audio"]
    for holder in (told.get("format", {}), *sounds):
        for key, text in (holder.get("tags") or {}).items():
            found.setdefault(str(key).lower(), printable(str(text)))
    date = found.get("date") or found.get("year") or ""
    named = {key: found.get(key, "") for key in ("title", "artist", "album")}
    return Tags(**named, date=date)


def _chapter(told: Mapping[str, Any]) -> Chapter | None:
    start, end = max(0, _ms(told.get("start_time"))), _ms(told.get("end_time"))
    if end <= start:
        return None
    title = (told.get("tags") or {}).get("title", "")
    return Chapter(title=printable(str(title)), span=Span(start=start, end=end))
