"""FFmpeg graphs as argument lists: one scene straight to the final codec, and the joined film."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import ffmpeg

from voxweave.core.caption_states import Lettering
from voxweave.core.encoding import VideoEncoder, keyframe_distance, timescale
from voxweave.core.film import Canvas
from voxweave.core.pictures import GROUND, HDR, Clip
from voxweave.media.ffmpeg import CLIP_FORMATS, foreign_options

_COLOUR = {"color_primaries": "bt709", "color_trc": "bt709", "colorspace": "bt709", "range": "tv"}

_STRAIGHT = "if(y,min(255,round(255*x/y)),0)"
"""A colour by itself, from what is seen of it on black and how opaque it is."""


class Ass(NamedTuple):
    """An ASS file and a folder of fonts, named by us, relative to the working folder; and what the file draws when."""

    file: str
    fonts: str
    lettering: Lettering


Stream = Any
"""A node of ffmpeg-python's graph; the library has no types."""


def painted_input(canvas: Canvas) -> Stream:
    """Frames we draw ourselves, written to the program's standard input as yuv420p."""
    return ffmpeg.input(
        "pipe:0",
        format="rawvideo",
        pixel_format="yuv420p",
        video_size=(canvas.width, canvas.height),
        framerate=str(canvas.rate),
    )


def black_input(canvas: Canvas) -> Stream:
    """Black pictures without end."""
    size = f"{canvas.width}x{canvas.height}"
    return ffmpeg.input(f"color=black:size={size}:rate={canvas.rate}", format="lavfi")


def clip_input(clip: Clip, fd: int) -> Stream:
    """A stranger's clip, opened by us, its picture stream alone; turned upright by FFmpeg itself."""
    options: dict[str, object] = {**foreign_options(CLIP_FORMATS), "threads": 1}
    if clip.decoder:
        options[f"c:{clip.stream}"] = clip.decoder
    if clip.start_ms:
        # Half a frame early: the frame that stands at this moment is not dropped for a rounded millisecond.
        half_ms = clip.duration_ms / max(1, clip.frames) / 2
        options["ss"] = f"{max(0.0, clip.start_ms - half_ms) / 1000:.4f}"
    return ffmpeg.input(f"file:/dev/fd/{fd}", **options)[str(clip.stream)]


def loop_input(unit: str) -> Stream:
    """A clip of our own that repeats without end."""
    return ffmpeg.input(unit, stream_loop=-1, threads=1)["v"]


def fitted(stream: Stream, clip: Clip, canvas: Canvas) -> Stream:
    """A clip scaled to cover the canvas, cropped to it, square pixels, BT.709, at the film's rate."""
    slow = clip.slow if clip.fit == "slow" else 1.0
    stream = _understood(stream.filter("setpts", f"{slow}*(PTS-STARTPTS)"), clip)
    if clip.alpha:
        stream = _on_ground(stream)
    # Sides as they are shown: a file with oblong pixels is squared before it is measured against the canvas.
    stream = stream.filter("scale", "trunc(iw*sar/2)*2", "ih").filter("setsar", 1)
    stream = stream.filter(
        "scale",
        canvas.width,
        canvas.height,
        force_original_aspect_ratio="increase",
        flags="bicubic",
        out_color_matrix="bt709",
        out_range="tv",
    )
    stream = stream.filter("crop", canvas.width, canvas.height).filter("setsar", 1)
    return stream.filter("fps", str(canvas.rate)).filter("format", "yuv420p")


def _understood(stream: Stream, clip: Clip) -> Stream:
    """Frames whose numbers mean what the scaler will take them for: whole pictures, SDR, a known matrix."""
    if clip.interlaced:
        stream = stream.filter("bwdif", mode="send_frame")
    if clip.transfer in HDR:
        # Frames that do not say it all end zscale with "no path between colorspaces".
        told = {"color_primaries": clip.primaries or "bt2020", "color_trc": clip.transfer}
        if clip.matrix:
            told["colorspace"] = clip.matrix
        stream = stream.filter("setparams", **told)
        # Where something is hidden every point keeps its own colour, or the hidden ones' would show at the rim.
        floats, whole = ("gbrapf32le", "yuva444p") if clip.alpha else ("gbrpf32le", "yuv420p")
        linear = stream.filter("zscale", t="linear", npl=203).filter("format", floats)
        mapped = linear.filter("tonemap", "mobius", desat=0)
        return mapped.filter("zscale", p="bt709", t="bt709", m="bt709", r="tv").filter("format", whole)
    return stream.filter("setparams", colorspace=clip.matrix) if clip.matrix else stream


def _on_ground(stream: Stream) -> Stream:
    """Laid on the stills' dark before it is scaled, so that nothing hidden shows, not even as a rim."""
    ways = stream.filter("format", "rgba").split()
    red, green, blue = (int(GROUND[at : at + 2], 16) for at in (2, 4, 6))
    ground = ways[0].filter("lutrgb", r=red, g=green, b=blue, a=255)
    return ffmpeg.filter((ground, ways[1]), "overlay", format="rgb")


def exactly(stream: Stream, frames: int) -> Stream:
    """The stream cut or held on its last picture to so many frames."""
    held = stream.filter("tpad", stop_mode="clone", stop=frames)
    return held.filter("trim", end_frame=frames)


def later(stream: Stream, frames: int) -> Stream:
    """The stream without its first frames."""
    return stream.filter("trim", start_frame=frames).filter("setpts", "PTS-STARTPTS")


_WAYS = {"crossfade": "fade", "wipe": "smoothleft"}


def giving_way(before: Stream, after: Stream, kind: str, canvas: Canvas, *, frames: int) -> Stream:
    """The first so many frames of `after`, with `before` going out over them; media.blending has the same curves."""
    # Untold, FFmpeg takes drawn frames for BT.601 where a clip stands beside them, and shifts their colours.
    told = (way.filter("setparams", **_COLOUR) for way in (before, after))
    before, after = (way.filter("fps", str(canvas.rate)) for way in told)
    if kind != "dip":
        duration = float(frames / canvas.rate)
        return ffmpeg.filter((before, after), "xfade", transition=_WAYS[kind], duration=duration, offset=0)
    half = frames // 2
    out = before.filter("trim", end_frame=half).filter("fade", type="out", start_frame=0, nb_frames=half)
    into = later(after, half).filter("fade", type="in", start_frame=0, nb_frames=frames - half)
    # Joined, their times are whole microseconds: a picture laid over at a frame's own would come one too late.
    return ffmpeg.concat(out, into).filter("fps", str(canvas.rate))


def captioned(stream: Stream, canvas: Canvas, ass: Ass, *, frames: int) -> Stream:
    """With an ASS file of ours drawn in.

    Where it seldom changes it is drawn only then, with its transparency, and laid over: libass and its blending
    cost two to four milliseconds a frame at 1080p, laying a picture over about one.
    """
    if not ass.lettering.changes:
        return stream.filter("setparams", **_COLOUR).filter("ass", ass.file, fontsdir=ass.fonts)
    told = stream.filter("setparams", **_COLOUR)
    return ffmpeg.filter(
        (told, _letters(canvas, ass, frames=frames)), "overlay", 0, ass.lettering.top, alpha="straight"
    )


def _letters(canvas: Canvas, ass: Ass, *, frames: int) -> Stream:
    """The rows with letters, a picture for each change: what is on black and not on white is opaque."""
    grounds = _empty(canvas, ass.lettering, frames=frames).split()
    black, white = (
        ground.filter("ass", ass.file, fontsdir=ass.fonts)
        for ground in (grounds[0], grounds[1].filter("negate"))
    )
    drawn = black.split()
    opaque = ffmpeg.filter((white, drawn[1]), "blend", all_mode="difference").filter("negate").split()
    # Not `unpremultiply`: FFmpeg 9 leaves alone what `alphamerge` put together.
    colours = ffmpeg.filter((drawn[0], opaque[0]), "lut2", *[_STRAIGHT] * 3)
    seen = ffmpeg.filter((colours, opaque[1].filter("extractplanes", "g")), "alphamerge")
    shown = seen.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuva420p")
    return shown.filter("setparams", **_COLOUR)


def _empty(canvas: Canvas, shown: Lettering, *, frames: int) -> Stream:
    """Black rows in red, green and blue, at each change."""
    length_s = float((frames - Fraction(1, 2)) / canvas.rate)
    chosen = _one_of(shown.changes)
    size = f"{canvas.width}x{shown.bottom - shown.top}"
    source = f"color=black:size={size}:rate={canvas.rate}:duration={length_s:.6f}"
    # Chosen within the source: whatever leaves it is copied and converted.
    return ffmpeg.input(f"{source},select='{chosen}',format=gbrp", format="lavfi")


def _one_of(frames: Sequence[int]) -> str:
    """An expression for "n is one of these": halved and halved again, for FFmpeg 9 takes no sum of a hundred terms."""
    if len(frames) == 1:
        return f"eq(n,{frames[0]})"
    half = len(frames) // 2
    return f"if(lt(n,{frames[half]}),{_one_of(frames[:half])},{_one_of(frames[half:])})"


def encoded(stream: Stream, canvas: Canvas, encoder: VideoEncoder, *, frames: int) -> list[str]:
    """The arguments that encode it, up to the output's name."""
    distance = keyframe_distance(canvas)
    # Whatever came in, all scenes of a film leave alike, for they share one set of parameters; and nothing
    # else that a stranger's frames carry, such as their captions or how bright their HDR was, goes along.
    stream = stream.filter("sidedata", mode="delete").filter("setparams", **_COLOUR).filter("setsar", 1)
    if encoder.device:
        stream = stream.filter("format", "nv12").filter("hwupload")
    pixels = [] if encoder.device else ["-pix_fmt", encoder.pixel_format]
    graph = _arguments(
        stream,
        ["-c:v", encoder.encoder, *encoder.args],
        [*pixels, "-g", str(distance), "-threads", "1", "-frames:v", str(frames)],
        [
            "-video_track_timescale",
            str(timescale(canvas)),
            "-map_metadata",
            "-1",
            "-fflags",
            "+bitexact",
            "-f",
            "mp4",
        ],
    )
    return [*encoder.device, *graph]


def _arguments(stream: Stream, *options: Sequence[str]) -> list[str]:
    """ffmpeg-python's graph with our own output options; its last word is the output's name."""
    *graph, _ = ffmpeg.output(stream, "out").get_args()
    return [
        "-filter_threads",
        "1",
        "-filter_complex_threads",
        "1",
        *graph,
        *(word for part in options for word in part),
    ]


def there_and_back(stream: Stream, frames: int) -> Stream:
    """Forwards, then backwards; neither end stands twice. The backward frames wait in memory."""
    ways = stream.split()
    back = ways[1].filter("reverse").filter("trim", start_frame=1, end_frame=frames - 1)
    return ffmpeg.concat(ways[0], back.filter("setpts", "PTS-STARTPTS"))


def joined_ends(stream: Stream, canvas: Canvas, *, frames: int, overlap: int) -> Stream:
    """The end crossfaded into the beginning, so that a repeat shows no joint."""
    ways = stream.split()
    body = ways[0].filter("trim", start_frame=overlap).filter("setpts", "PTS-STARTPTS")
    head = ways[1].filter("trim", end_frame=overlap)
    # xfade wants both at the same constant rate, and says so only by the rate of its inputs.
    body, head = (way.filter("fps", str(canvas.rate)) for way in (body, head))
    duration, offset = (float(count / canvas.rate) for count in (overlap, frames - 2 * overlap))
    return ffmpeg.filter((body, head), "xfade", transition="fade", duration=duration, offset=offset)
