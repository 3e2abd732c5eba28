"""Encoders by quality and maker, and the cap on a film's size."""

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from voxweave.core.encoders import (
    HARDWARE,
    Maker,
    Quality,
    capped,
    exceeded,
    hardware,
    kbps_held,
    kbps_within,
    least_kbps,
    software,
    sound_within,
)
from voxweave.core.encoding import AUDIO_ENCODERS, CODECS, Codec
from voxweave.core.film import Canvas
from voxweave.media.encoders import works
from voxweave.media.ffmpeg import Job, find_ffmpeg
from voxweave.media.stopping import StopSignal

CODEC_NAMES: list[Codec] = sorted({codec for codecs in CODECS.values() for codec in codecs})
QUALITIES: list[Quality] = ["draft", "good", "best"]
FULL_HD = Canvas(width=1920, height=1080, rate=Fraction(30))


@pytest.mark.parametrize("codec", CODEC_NAMES)
@pytest.mark.parametrize("quality", QUALITIES)
def test_every_codec_has_every_quality_in_software(codec: Codec, quality: Quality) -> None:
    """What can be asked for is encoded by the FFmpeg that comes with us, capped or not."""
    encoder = software(codec, quality)

    assert works(find_ffmpeg(), encoder, StopSignal())
    assert works(find_ffmpeg(), capped(encoder, 500), StopSignal())


@pytest.mark.parametrize("codec", CODEC_NAMES)
def test_a_cap_may_be_as_generous_as_it_likes(codec: Codec) -> None:
    """More than an encoder can count is as good as no cap, and no reason to fail."""
    assert works(find_ffmpeg(), capped(software(codec, "draft"), 10**9), StopSignal())


def test_a_name_in_a_list_is_no_proof_that_a_chip_is_there() -> None:
    """An encoder that is listed and has no device behind it is found out by one frame."""
    made_up = software("h264", "good").model_copy(update={"encoder": "h264_nowhere"})
    broken = software("h264", "good").model_copy(update={"device": ("-vaapi_device", "/dev/null")})

    assert not works(find_ffmpeg(), made_up, StopSignal())
    assert not works(find_ffmpeg(), broken, StopSignal())


@pytest.mark.parametrize("maker", HARDWARE)
def test_a_maker_has_encoders_of_its_own(maker: Maker) -> None:
    """A maker's encoder goes by the codec's and the maker's name; none makes VP9."""
    encoder = hardware("h264", "good", maker)

    assert encoder is not None
    assert encoder.encoder == f"h264_{maker}"
    assert hardware("vp9", "good", maker) is None


@given(
    size=some.integers(1_000_000, 4_000_000_000),
    seconds=some.fractions(10, 20_000, max_denominator=1000),
    scenes=some.integers(1, 2_000),
    sound_kbps=some.sampled_from([96, 160, 192]),
)
def test_a_cap_leaves_room_for_every_scene_s_buffer(
    size: int, seconds: Fraction, scenes: int, sound_kbps: int
) -> None:
    """Rate and a full buffer for each scene, sound and wrapping together stay within the size."""
    kbps = kbps_within(size, seconds, scenes=scenes, sound_kbps=sound_kbps, canvas=FULL_HD)

    if kbps > 0:
        picture = kbps * 1000 * (float(seconds) + scenes)
        assert picture + sound_kbps * 1000 * float(seconds) < size * 8


@pytest.mark.parametrize(
    ("size", "kbps"), [(100_000_000, 192), (40_000_000, 96), (16_000_000, 64), (1_000_000, 64)]
)
def test_sound_gives_way_where_a_film_may_not_grow(size: int, kbps: int) -> None:
    """Ten minutes in 480p: the smaller the film may be, the less its sound takes, and what fits is not refused."""
    canvas, ten = Canvas(width=854, height=480, rate=Fraction(30)), Fraction(600)
    sound = sound_within(AUDIO_ENCODERS["mp4"], size, ten, scenes=60, canvas=canvas)
    left = kbps_within(size, ten, scenes=60, sound_kbps=sound.kbps, canvas=canvas)

    assert sound.kbps == kbps
    assert (left >= least_kbps(canvas)) == (size > 15_000_000)


def test_a_rate_is_held_over_the_film() -> None:
    """What the scenes' buffers may add is taken off before, and SVT-AV1 is aimed lower: it overshoots."""
    cap = kbps_held(400, Fraction(20), scenes=5)

    assert cap * (20 + 5) <= 400 * 20
    assert capped(software("h264", "good"), 300).args[-1] == "300k"
    assert capped(software("av1", "good"), 300).args[-1] == "240k"


def test_what_is_too_much_is_told() -> None:
    """The size in megabytes, the picture's rate in kilobits; nothing where nothing was set."""
    assert exceeded(1_000_000, Fraction(410_000), 0, 0) == ()
    assert exceeded(1_000_000, Fraction(400_000), 1_000_000, 400_000) == ()
    assert exceeded(1_020_000, Fraction(410_000), 1_000_000, 400_000) == (
        "the film takes 1.02 MB, more than 1 MB",
        "the picture takes 410.0 kbit/s, more than 400 kbit/s",
    )


def test_what_holds_a_rate_only_as_a_target_is_told_to_hold_it() -> None:
    """VP9 leaves constant quality, VAAPI its constant quantiser: both keep it as the finest they go to."""
    vp9 = capped(software("vp9", "good"), 500).args
    chip = hardware("h264", "good", "vaapi")

    assert "-crf" not in vp9
    assert vp9[vp9.index("-qmin") + 1] == "31"
    assert vp9[vp9.index("-minrate") + 1] == vp9[vp9.index("-b:v") + 1] == "500k"
    assert chip is not None
    vaapi = capped(chip, 500).args
    assert "CQP" not in vaapi
    assert vaapi[vaapi.index("-qmin") + 1] == "22"


def test_a_calm_picture_does_not_grow_to_its_cap(tmp_path: Path) -> None:
    """What takes few bits at its quality takes no more where more are allowed, in VP9 too."""
    free = software("vp9", "draft")
    sizes = []
    for encoder in (free, capped(free, 20_000)):
        file = tmp_path / "calm.webm"
        args = ["-y", "-f", "lavfi", "-i", "mandelbrot=s=128x72:r=10", "-frames:v", "10"]
        job = Job([*args, "-c:v", encoder.encoder, *encoder.args, str(file)], "a calm picture")
        find_ffmpeg().run(job, StopSignal())
        sizes.append(file.stat().st_size)

    assert sizes[1] < 1.2 * sizes[0]


def test_a_picture_needs_some_bits() -> None:
    """The least grows with the picture."""
    small = Canvas(width=256, height=144, rate=Fraction(24))

    assert least_kbps(small) < least_kbps(FULL_HD)
