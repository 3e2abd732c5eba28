"""Which encoder makes which pictures: software by quality, hardware by maker, and a cap on their bits."""

from fractions import Fraction
from typing import Literal

from voxweave.core.encoding import (
    AV1_ALIKE,
    LESSER_KBPS,
    VIDEO_ENCODERS,
    X265_PARAMS,
    AudioEncoder,
    Codec,
    VideoEncoder,
)
from voxweave.core.film import Canvas

Quality = Literal["draft", "good", "best"]
Maker = Literal["software", "hardware", "nvenc", "qsv", "videotoolbox", "vaapi"]

HARDWARE: tuple[Maker, ...] = ("nvenc", "qsv", "videotoolbox", "vaapi")
"""In the order in which `hardware` tries them."""

_X264 = "aq-mode=3:aq-strength=0.9:open-gop=0:stitchable=1:chromaloc=0"

# What differs from `good`, which stands in core.encoding. Draft is for looking at, best for keeping.
_SOFTWARE: dict[tuple[Codec, Quality], tuple[str, ...]] = {
    ("h264", "draft"): (
        *("-preset", "veryfast", "-profile:v", "high", "-crf", "26", "-x264-params"),
        f"{_X264}:subme=0:me=dia:ref=1:trellis=0:partitions=none:weightp=0:bframes=1:b-adapt=0:rc-lookahead=5",
    ),
    ("h264", "best"): (
        *("-preset", "medium", "-profile:v", "high", "-crf", "16", "-x264-params"),
        f"{_X264}:bframes=3:rc-lookahead=25",
    ),
    ("hevc", "draft"): ("-preset", "ultrafast", "-crf", "28", "-x265-params", X265_PARAMS, "-tag:v", "hvc1"),
    ("hevc", "best"): ("-preset", "medium", "-crf", "19", "-x265-params", X265_PARAMS, "-tag:v", "hvc1"),
    ("av1", "draft"): ("-preset", "12", "-crf", "36", "-svtav1-params", "lp=1", *AV1_ALIKE),
    ("av1", "best"): ("-preset", "6", "-crf", "24", "-svtav1-params", "lp=1", *AV1_ALIKE),
    ("vp9", "draft"): ("-crf", "38", "-b:v", "0", "-deadline", "realtime", "-cpu-used", "8"),
    ("vp9", "best"): (
        *("-crf", "27", "-b:v", "0", "-deadline", "good", "-cpu-used", "2"),
        *("-lag-in-frames", "25", "-row-mt", "0"),
    ),
}

_LEVELS: dict[Quality, int] = {"draft": 30, "good": 22, "best": 18}
"""Quantisers of the hardware encoders, which all count them as H.264 does."""

_VIDEOTOOLBOX: dict[Quality, int] = {"draft": 45, "good": 65, "best": 80}
"""VideoToolbox counts quality upwards, to 100."""

LEAST_KBPS = 24
"""The least a picture takes, however small it is."""

_FAIR = 3
"""How many times the least a picture should have before sound takes more."""

_AIMED_AT = {"libsvtav1": 0.8}
"""SVT-AV1 overshoots what it is capped to; measured on noise."""

_MOST_KBPS = {"libsvtav1": 100_000}
"""SVT-AV1 refuses a higher cap."""
_MOST_KBPS_ELSE = 2_000_000
"""Encoders count bits a second in 31 bits."""

_VAAPI_DEVICE = "/dev/dri/renderD128"


def software(codec: Codec, quality: Quality) -> VideoEncoder:
    """The software encoder of a codec at a quality."""
    good = VIDEO_ENCODERS[codec]
    return good if quality == "good" else good.model_copy(update={"args": _SOFTWARE[codec, quality]})


def hardware(codec: Codec, quality: Quality, maker: Maker) -> VideoEncoder | None:
    """A maker's encoder of a codec, each scene one closed run of its own; None where the maker has none."""
    level = str(_LEVELS[quality])
    args: tuple[str, ...]
    if codec == "vp9":
        return None
    if maker == "nvenc":
        args = ("-preset", "p4", "-rc", "vbr", "-cq", level, "-b:v", "0", "-strict_gop", "1", "-bf", "2")
        return VideoEncoder(encoder=f"{codec}_nvenc", args=(*args, *_tag(codec)))
    if maker == "qsv":
        args = ("-preset", "veryfast", "-global_quality", level)
        return VideoEncoder(encoder=f"{codec}_qsv", args=(*args, *_tag(codec)), pixel_format="nv12")
    if maker == "videotoolbox" and codec != "av1":
        args = ("-q:v", str(_VIDEOTOOLBOX[quality]), "-allow_sw", "0")
        return VideoEncoder(encoder=f"{codec}_videotoolbox", args=(*args, *_tag(codec)))
    if maker == "vaapi":
        return VideoEncoder(
            encoder=f"{codec}_vaapi",
            args=("-rc_mode", "CQP", "-global_quality", level, *_tag(codec)),
            pixel_format="vaapi",
            device=("-vaapi_device", _VAAPI_DEVICE),
        )
    return None


def _tag(codec: Codec) -> tuple[str, ...]:
    """The name under which Apple's players know HEVC in MP4."""
    return ("-tag:v", "hvc1") if codec == "hevc" else ()


def capped(encoder: VideoEncoder, kbps: int) -> VideoEncoder:
    """The same encoder, never above so many kbit/s by more than a second's buffer.

    H.264 and HEVC in software keep to it; others nearly, and the finished film is weighed.
    """
    args, name = list(encoder.args), encoder.encoder
    most = _MOST_KBPS.get(name, _MOST_KBPS_ELSE)
    rate = f"{min(round(kbps * _AIMED_AT.get(name, 1)), most)}k"
    # These two hold a rate only as a target; the quality's own quantiser bounds what they then spend.
    if name == "libvpx-vp9":
        args[args.index("-crf")] = "-qmin"
        args[args.index("-b:v") + 1] = rate
        args += ["-minrate", rate]
    if "CQP" in args:
        args[args.index("CQP")] = "VBR"
        args += ["-b:v", rate, "-qmin", args[args.index("-global_quality") + 1]]
    return encoder.model_copy(update={"args": (*args, "-maxrate", rate, "-bufsize", rate)})


def kbps_held(kbps: int, seconds: Fraction, *, scenes: int) -> int:
    """The cap under which a film of so many scenes does not exceed a bit rate on average.

    Each scene is encoded by itself and may spend a full buffer, one second's worth, on top of its rate.
    """
    return int(kbps * float(seconds) / (float(seconds) + scenes))


def kbps_within(size_bytes: int, seconds: Fraction, *, scenes: int, sound_kbps: int, canvas: Canvas) -> int:
    """The cap under which a film of so many scenes cannot grow beyond a size; 0 or less where none fits.

    32 bytes a frame go to times and places, and some tens of kilobytes to words and chapters.
    """
    frames = round(seconds * canvas.rate)
    wrapping = 32 * 8 * frames + min(64 * 1024, size_bytes // 25) * 8
    left = size_bytes * 8 - wrapping - sound_kbps * 1020 * float(seconds)
    return int(left / (float(seconds) + scenes) / 1000)


def sound_within(
    encoder: AudioEncoder, size_bytes: int, seconds: Fraction, *, scenes: int, canvas: Canvas
) -> AudioEncoder:
    """The sound's encoder at the highest rate that leaves the picture a fair one; at its lowest where none does."""
    for kbps in (encoder.kbps, *LESSER_KBPS[encoder.encoder]):
        encoder = encoder.model_copy(update={"kbps": kbps})
        left = kbps_within(size_bytes, seconds, scenes=scenes, sound_kbps=kbps, canvas=canvas)
        if left >= _FAIR * least_kbps(canvas):
            break
    return encoder


def least_kbps(canvas: Canvas) -> int:
    """Under this no picture is worth seeing: a hundredth of a bit a pixel."""
    return max(LEAST_KBPS, round(canvas.width * canvas.height * float(canvas.rate) * 0.01 / 1000))


def exceeded(size_bytes: int, picture_bps: Fraction, most_bytes: int, most_bps: int) -> tuple[str, ...]:
    """What a finished film has more of than was allowed, a line each; 0 allows anything."""
    size = f"the film takes {size_bytes / 1e6:.2f} MB, more than {most_bytes / 1e6:g} MB"
    rate = f"the picture takes {float(picture_bps) / 1e3:.1f} kbit/s, more than {most_bps / 1e3:g} kbit/s"
    return tuple(
        line
        for line, more in ((size, 0 < most_bytes < size_bytes), (rate, 0 < most_bps < picture_bps))
        if more
    )
