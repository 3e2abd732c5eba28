"""The finished film's facts: frames, sync, cuts, loudness."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.e2e.conftest import Made, Make
from tests.e2e.reading import LEVELS_HZ, boxes, levels_of, loudness

RATES = {
    "24": Fraction(24),
    "25": Fraction(25),
    "30": Fraction(30),
    "50": Fraction(50),
    "60": Fraction(60),
    "23.976": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
}
CUTS = ("--scene-min-s", "2", "--scene-max-s", "5", "--captions", "none")
AAC_BLOCK = Fraction(1024, 48_000)
"""The last one is decoded whole, wherever the container says that the sound ends."""

SECONDS = Fraction(98, 10)


@pytest.fixture(scope="module", params=RATES)
def rated(request: pytest.FixtureRequest, make: Make, spoken: Path) -> tuple[Made, Fraction]:
    """A film of 9.8 s with several cuts at each rate."""
    made = make(spoken, "--fps", request.param, "--resolution", "160x90", *CUTS)
    return made, RATES[request.param]


def test_every_frame_is_on_the_grid(rated: tuple[Made, Fraction]) -> None:
    """The film has round(duration x rate) frames, one at each tick of its rate, none twice."""
    made, rate = rated
    seen = made.seen

    assert seen.frames == len(seen.picture.starts) == round(SECONDS * rate) == made.report["frames"]
    ticks = sorted(float(start * rate) for start in seen.picture.starts)
    assert ticks == pytest.approx(range(seen.frames), abs=0.02)
    assert float(seen.rate) == pytest.approx(float(rate), abs=0.005)


def test_decoding_times_only_rise(rated: tuple[Made, Fraction]) -> None:
    """No packet of picture or sound is to be decoded before the one that precedes it."""
    for track in (rated[0].seen.picture, rated[0].seen.sound):
        assert all(before < after for before, after in pairwise(track.decodes))


def test_sound_and_picture_end_together(rated: tuple[Made, Fraction]) -> None:
    """Sound and picture end within one frame of each other, and the sound is as long as the narration."""
    made, rate = rated
    picture = made.seen.frames / rate

    assert abs(made.seen.sound.ends - picture) <= 1 / rate
    assert abs(made.seen.sound.ends - SECONDS) <= Fraction(1, 500)
    assert 0 <= made.seen.heard - made.seen.sound.ends <= AAC_BLOCK
    assert min(made.seen.sound.starts) <= Fraction(1, 40)


def test_every_scene_begins_with_a_keyframe_at_its_moment(rated: tuple[Made, Fraction]) -> None:
    """A cut's frame is a keyframe, and within half a frame of the storyboard's moment."""
    made, rate = rated
    keys = {round(float(key * rate)) for key in made.seen.picture.keys}
    scenes = made.report["scenes"]

    assert len(scenes) >= 3
    assert {scene["first_frame"] for scene in scenes} <= keys
    assert made.report["worst_cut_error_ms"] <= float(500 / rate) + 0.001
    assert all(
        before["first_frame"] + before["frames"] == after["first_frame"] for before, after in pairwise(scenes)
    )


def test_cuts_fall_where_the_voice_is_still(rated: tuple[Made, Fraction], spoken: Path) -> None:
    """Around each cut the sound is far quieter than the voice."""
    made, rate = rated
    levels = levels_of(spoken)
    voice = float(np.percentile(levels, 75))

    for scene in made.report["scenes"][1:]:
        middle = round(float(scene["first_frame"] / rate) * LEVELS_HZ)
        assert levels[middle - 2 : middle + 3].max() < voice / 4, scene["start"]


def test_the_loudness_is_what_was_asked_for(film: Made, bundled: Path) -> None:
    """-16 LUFS and at most -1.5 dBTP, by a meter that is not the report's."""
    level, peak = loudness(bundled, film.film)

    assert level == pytest.approx(-16, abs=0.6)
    assert peak <= -1.5 + 0.05
    assert film.report["sound"]["after"]["integrated_lufs"] == pytest.approx(level, abs=0.2)


@pytest.mark.parametrize(("flag", "target"), [("-14", -14.0), ("-23", -23.0)])
def test_other_loudness_is_reached(make: Make, spoken: Path, bundled: Path, flag: str, target: float) -> None:
    """Any other target is met as closely."""
    made = make(spoken, "--loudness", flag, "--captions", "none")
    level, peak = loudness(bundled, made.film)

    assert level == pytest.approx(target, abs=0.6)
    assert peak <= -1.5 + 0.05


def test_loudness_off_leaves_the_level_alone(make: Make, sounds: Path, bundled: Path) -> None:
    """Without a target the film is as loud as the narration, which in two ears is 3 LU more than in one."""
    made = make(sounds / "short.wav", "--loudness", "off", "--captions", "none")
    before = loudness(bundled, sounds / "short.wav")[0]

    assert made.report["sound"]["target_lufs"] is None
    assert loudness(bundled, made.film)[0] == pytest.approx(before + 3, abs=0.3)


def test_an_ordinary_film_is_what_it_says(film: Made) -> None:
    """MP4 with its index first, H.264 and 48 kHz AAC, of the size asked for."""
    names = boxes(film.film)

    assert names[0] == "ftyp"
    assert names.index("moov") < names.index("mdat")
    assert (film.seen.picture.codec, film.seen.sound.codec, film.seen.size) == ("h264", "aac", (320, 180))
    assert film.report["verified"]["frames"] == film.seen.frames


def test_the_path_is_all_that_stdout_holds(film: Made) -> None:
    """On stdout is the film's path, for a program to read; everything else goes to stderr."""
    assert film.told.out.splitlines() == [str(film.film)]
    assert "LUFS" in film.told.err


def test_a_full_hd_film(make: Make, sounds: Path) -> None:
    """1080p is the default, and 30 frames a second."""
    made = make(sounds / "blip.wav", "--captions", "none", "--resolution", "1080p")

    assert (made.seen.size, made.seen.rate, made.seen.frames) == ((1920, 1080), 30, 15)
