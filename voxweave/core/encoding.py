"""How pictures and sound are encoded, as data: one entry per codec, one per container."""

from typing import Literal

from voxweave.core.film import Canvas
from voxweave.core.value import Value

Container = Literal["mp4", "mov", "webm"]
Codec = Literal["h264", "hevc", "av1", "vp9"]


class VideoEncoder(Value):
    """An encoder's name and the arguments that decide its pictures; one thread each, scenes run side by side.

    `device` are arguments that open a piece of hardware, into whose memory frames then go.
    """

    encoder: str
    args: tuple[str, ...]
    pixel_format: str = "yuv420p"
    device: tuple[str, ...] = ()

    @property
    def hardware(self) -> bool:
        """Whether a graphics chip does the work: software's names all begin with lib."""
        return not self.encoder.startswith("lib")


class AudioEncoder(Value):
    """An encoder's name, its bit rate in kbit/s and the suffix of a file with nothing but sound."""

    encoder: str
    kbps: int
    suffix: str


# subme 1 and no trellis cost a third less than plain veryfast at equal VMAF (rendering.md's measurements);
# a lookahead of 5 costs half a VMAF point at a tenth less size, and 35 MB less for each worker;
# aq-mode 3 spends bits on dark gradients, which otherwise band; stitchable and chromaloc keep all scenes' headers equal.
_X264 = (
    "subme=1:trellis=0:partitions=i8x8,i4x4:weightp=1:aq-mode=3:aq-strength=0.9:bframes=2:b-adapt=1:"
    "open-gop=0:stitchable=1:rc-lookahead=5:chromaloc=0"
)

X265_PARAMS = "log-level=error:pools=none:frame-threads=1:open-gop=0:repeat-headers=0:info=0:chromaloc=0"
"""One thread, closed groups, and no line of settings in the stream, so that scenes join."""

AV1_ALIKE = ("-bsf:v", "av1_metadata=chroma_sample_position=unknown")
"""FFmpeg 5.1 writes into the headers where a clip's colours lie between its points, and scenes would differ."""

VIDEO_ENCODERS: dict[Codec, VideoEncoder] = {
    "h264": VideoEncoder(
        encoder="libx264",
        args=("-preset", "veryfast", "-profile:v", "high", "-crf", "18", "-x264-params", _X264),
    ),
    "hevc": VideoEncoder(
        encoder="libx265",
        args=("-preset", "superfast", "-crf", "22", "-x265-params", X265_PARAMS, "-tag:v", "hvc1"),
    ),
    "vp9": VideoEncoder(
        encoder="libvpx-vp9",
        args=("-crf", "31", "-b:v", "0", "-deadline", "good", "-cpu-used", "5", "-lag-in-frames", "16"),
    ),
    "av1": VideoEncoder(
        encoder="libsvtav1",
        args=("-preset", "10", "-crf", "28", "-svtav1-params", "lp=1", *AV1_ALIKE),
    ),
}

AUDIO_ENCODERS: dict[Container, AudioEncoder] = {
    "mp4": AudioEncoder(encoder="aac", kbps=192, suffix="m4a"),
    "mov": AudioEncoder(encoder="aac", kbps=192, suffix="m4a"),
    "webm": AudioEncoder(encoder="libopus", kbps=160, suffix="webm"),
}

LESSER_KBPS: dict[str, tuple[int, ...]] = {"aac": (128, 96, 64), "libopus": (96, 64, 48)}
"""What sound may come down to in a film that may not grow: at the least, a voice still sounds clear."""

CODECS: dict[Container, tuple[Codec, ...]] = {
    "mp4": ("h264", "hevc", "av1"),
    "mov": ("h264", "hevc"),
    "webm": ("vp9", "av1"),
}
"""Codecs a container may hold here; the first is the default."""

SOFT_CAPTIONS: dict[Container, str] = {"mp4": "mov_text", "mov": "mov_text", "webm": "webvtt"}


def timescale(canvas: Canvas) -> int:
    """Ticks a second in which every frame of the rate falls on a whole tick."""
    numerator = canvas.rate.numerator
    return numerator if numerator >= 10_000 else numerator * 512


def keyframe_distance(canvas: Canvas) -> int:
    """Frames between keyframes at most: two seconds, so that players seek at once."""
    return round(2 * canvas.rate)
