"""Prints what PyAV sees in an open file, in ffprobe's words; runs as a program of its own, under limits.

`python -I probe_child.py FILE FOLDER FORMATS CODECS LIMITS`: the file as FFmpeg names it, the folder that holds
PyAV (-I hides a user's own packages), and FFmpeg's allow-lists. Ends with 3 when PyAV is missing.
"""

import json
import sys
from typing import Any

MISSING = 3
_TEXT_CHARS = 1000
_CHAPTERS = 2000
_TAGS = 1001  # one more than anybody may have
_PACKETS = 64  # how many to decode in search of the first picture and its rotation

# ffprobe's names for the numbers of ISO/IEC 23091-2, in their order; `_` is unknown.
_PRIMARIES = "_ bt709 _ _ bt470m bt470bg smpte170m smpte240m film bt2020 smpte428 smpte431 smpte432"
_TRANSFERS = (
    "_ bt709 _ _ bt470m bt470bg smpte170m smpte240m linear _ _ _ _ iec61966-2-1 bt2020-10 bt2020-12"
    " smpte2084 _ arib-std-b67"
)
_SPACES = "gbr bt709 _ _ fcc bt470bg smpte170m smpte240m ycgco bt2020nc bt2020c"
_RANGES = {1: "tv", 2: "pc"}
_FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}


def facts(container: Any) -> dict[str, Any]:
    """The container as ffprobe's JSON would have it, as far as we read that."""
    still = container.format.name.endswith("_pipe")
    streams = [_stream(stream) for stream in container.streams]
    for stream, told in zip(container.streams, streams, strict=True):
        if stream.type == "video" and not told["disposition"]["attached_pic"] and not still:
            told["side_data_list"] = [{"rotation": _rotation(container, stream)}]
    duration = container.duration
    return {
        "format": {
            "format_name": container.format.name,
            "duration": None if duration is None else str(duration / 1_000_000),
            "tags": _tags(container.metadata),
        },
        "streams": streams,
        "chapters": [_chapter(chapter) for chapter in container.chapters()[:_CHAPTERS]],
    }


def _stream(stream: Any) -> dict[str, Any]:
    context = stream.codec_context
    start = stream.start_time
    common = {
        "index": stream.index,
        "codec_type": stream.type,
        "codec_name": getattr(getattr(stream, "codec", None), "canonical_name", None) if context else None,
        "start_time": None if start is None else str(float(start * stream.time_base)),
        "disposition": {
            "default": int(bool(int(stream.disposition) & 1)),
            "attached_pic": int(bool(int(stream.disposition) & 0x400)),
        },
        "tags": _tags(stream.metadata),
    }
    if not context or stream.type not in ("audio", "video"):
        return common
    return common | (_sound(context) if stream.type == "audio" else _picture(stream, context))


def _sound(context: Any) -> dict[str, Any]:
    layout = context.layout.name
    return {
        "sample_rate": str(context.sample_rate),
        "channels": context.layout.nb_channels,
        "channel_layout": "" if " channels" in layout else layout,
    }


def _picture(stream: Any, context: Any) -> dict[str, Any]:
    return {
        "width": context.width,
        "height": context.height,
        "sample_aspect_ratio": _ratio(stream.sample_aspect_ratio),
        "pix_fmt": context.pix_fmt,
        "color_range": _RANGES.get(context.color_range),
        "color_space": _named(_SPACES, context.colorspace),
        "color_transfer": _named(_TRANSFERS, context.color_trc),
        "color_primaries": _named(_PRIMARIES, context.color_primaries),
        "field_order": _FIELD_ORDERS.get(getattr(context, "field_order", 0)),
        "avg_frame_rate": _ratio(stream.average_rate),
        "r_frame_rate": _ratio(stream.base_rate),
    }


def _named(names: str, number: int) -> str:
    listed = names.split()
    return listed[number] if 0 <= number < len(listed) else "_"


def _ratio(fraction: Any) -> str:
    return f"{fraction.numerator}/{fraction.denominator}" if fraction else "0/0"


def _rotation(container: Any, stream: Any) -> int:
    """Degrees counter-clockwise of the first picture; PyAV shows it on frames only."""
    from av.error import FFmpegError

    try:
        for _, packet in zip(range(_PACKETS), container.demux(stream), strict=False):
            for frame in packet.decode():
                return int(frame.rotation)
    except (FFmpegError, ValueError):  # no picture to be had: what decodes it next will say so
        pass
    return 0


def _chapter(chapter: dict[str, Any]) -> dict[str, Any]:
    base = chapter["time_base"]
    return {
        "start_time": str(float(chapter["start"] * base)),
        "end_time": str(float(chapter["end"] * base)),
        "tags": _tags(chapter["metadata"]),
    }


def _tags(metadata: dict[str, str]) -> dict[str, str]:
    return {key[:50]: text[:_TEXT_CHARS] for key, text in list(metadata.items())[:_TAGS]}


def main(file: str, folder: str, formats: str, codecs: str, limits: str) -> int:
    """Print the facts of the file."""
    sys.path.append(folder)
    try:
        import av
    except ImportError as error:
        print(error, file=sys.stderr)
        return MISSING
    av.logging.set_level(av.logging.ERROR)
    av.logging.restore_default_callback()  # FFmpeg's own words, on standard error
    streams, pixels = limits.split(",")
    allowed = {"protocol_whitelist": "file", "format_whitelist": formats, "codec_whitelist": codecs}
    options = {**allowed, "max_streams": streams, "max_pixels": pixels}
    try:
        with av.open(file, options=options, metadata_errors="backslashreplace") as container:
            print(json.dumps(facts(container)))
    except (av.error.FFmpegError, MemoryError, ValueError) as error:
        print(getattr(error, "strerror", "") or error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
