"""The user's own pictures and clips in place of drawn art."""

from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.conftest import PAUSES, Ffmpeg
from tests.data.make_pictures import BLUE, GREEN, RED, halves, plain, save, turned
from tests.e2e.conftest import Made, Make
from tests.e2e.reading import colours_at, pictures

FLAGS = ("--captions", "none", "--no-thumbnail", "--no-progress-line")
TONE_HZ = 5_000
"""Where the test voice has nothing."""


def _near(pixel: object, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(np.asarray(pixel, int) - np.asarray(colour)).max() < 40)


def _only(folder: Path, make: Make, narration: Path, *flags: str) -> Made:
    return make(narration, "--media", folder, *FLAGS, *flags)


@pytest.mark.parametrize(("orientation", "left"), [(1, RED), (3, BLUE)])
def test_a_photo_stands_upright(
    make: Make, sounds: Path, tmp_path: Path, orientation: int, left: tuple[int, int, int]
) -> None:
    """EXIF says how the camera was held, and the film shows it upright."""
    turned(tmp_path / "photo.jpg", halves(RED, BLUE), orientation)
    frame = colours_at(_only(tmp_path, make, sounds / "blip.wav").film, 7)

    assert _near(frame[90, 40], left)


def test_a_portrait_photo_is_turned_before_it_is_cropped(make: Make, sounds: Path, tmp_path: Path) -> None:
    """Held sideways, left becomes top: the picture's upper and lower halves differ, not its sides."""
    turned(tmp_path / "photo.jpg", halves(RED, BLUE), 6)
    frame = colours_at(_only(tmp_path, make, sounds / "blip.wav", "--resolution", "180x320").film, 7)

    assert _near(frame[60, 90], RED)
    assert _near(frame[260, 90], BLUE)


def test_transparency_is_flattened(make: Make, sounds: Path, tmp_path: Path) -> None:
    """Nothing shows of the colour hidden in see-through pixels, in PNG or WebP."""
    hidden = np.dstack([plain(GREEN), np.zeros((360, 640), np.uint8)])
    hidden[:, :320] = (*RED, 255)
    save(tmp_path / "a.png", hidden)
    frame = colours_at(_only(tmp_path, make, sounds / "blip.wav").film, 7)

    assert _near(frame[90, 40], RED)
    assert not _near(frame[90, 280], GREEN)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures of one colour each, whose names order them by number, and files that are none."""
    folder = tmp_path_factory.mktemp("album")
    save(folder / "2.png", plain(GREEN))
    save(folder / "10.webp", plain(BLUE))
    save(folder / "1.jpg", plain(RED))
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").write_bytes(b"no picture")
    return folder


def test_pictures_come_in_the_order_of_their_names(make: Make, spoken: Path, album: Path) -> None:
    """1, 2, 10: one for each scene, in turn."""
    made = _only(album, make, spoken, "--scene-min-s", "2", "--scene-max-s", "5")
    scenes = made.report["scenes"]

    assert [scene["shows"] for scene in scenes] == ["1.jpg", "2.png", "10.webp"]
    for scene, colour in zip(scenes, (RED, GREEN, BLUE), strict=True):
        for number in (scene["first_frame"], scene["first_frame"] + scene["frames"] - 1):
            assert _near(colours_at(made.film, number)[90, 160], colour)


def test_pictures_can_be_spread_over_the_scenes(
    make: Make, spoken: Path, album: Path, tmp_path: Path
) -> None:
    """With fewer pictures than scenes each keeps its stretch instead of coming again."""
    for name in ("1.jpg", "2.png"):
        (tmp_path / name).write_bytes((album / name).read_bytes())
    flags = ("--scene-min-s", "2", "--scene-max-s", "5", "--media-order")
    in_turn = _only(tmp_path, make, spoken, *flags, "name").report["scenes"]
    spread = _only(tmp_path, make, spoken, *flags, "spread").report["scenes"]

    assert [scene["shows"] for scene in in_turn] == ["1.jpg", "2.png", "1.jpg"]
    assert [scene["shows"] for scene in spread] == ["1.jpg", "1.jpg", "2.png"]


def test_a_still_moves_smoothly(make: Make, sounds: Path, tmp_path: Path) -> None:
    """Under the camera an edge moves by parts of a pixel: every frame differs a little, none jumps."""
    rng = np.random.default_rng(3)
    soft = rng.uniform(0, 255, (18, 32, 3)).astype(np.uint8).repeat(80, 0).repeat(80, 1)
    save(tmp_path / "soft.png", soft)
    made = _only(tmp_path, make, sounds / "short.wav")
    frames = pictures(made.film, list(range(30, 61)))
    steps = [float(np.abs(b.astype(int) - a.astype(int)).mean()) for a, b in pairwise(frames)]

    assert min(steps) > 0
    assert max(steps) < 4 * float(np.median(steps)) + 0.5


def test_damaged_pictures_are_left_out_and_told(
    make: Make, sounds: Path, album: Path, tmp_path: Path
) -> None:
    """What cannot be shown costs status 9 and a line, not the film."""
    (tmp_path / "1.jpg").write_bytes((album / "1.jpg").read_bytes()[:200])
    (tmp_path / "2.png").write_bytes((album / "2.png").read_bytes())
    made = make(sounds / "blip.wav", "--media", tmp_path, *FLAGS, status=9)

    assert made.report["scenes"][0]["shows"] == "2.png"
    assert any("1.jpg" in line for line in made.report["shortfalls"])


WAVES = "color=black:size=160x90:rate=25,format=gray,geq=lum='128+90*sin(2*PI*(X/160+T/9))',format=yuv420p"


@pytest.fixture(scope="module")
def clip(ffmpeg: Ffmpeg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Clips whose light travels evenly, each in a folder named for its milliseconds."""
    folder = tmp_path_factory.mktemp("clips")
    for length in (5000, 2600, 1000, 3400):
        (folder / str(length)).mkdir()
        seconds = f"{length / 1000}"
        ffmpeg(
            "-f",
            "lavfi",
            "-i",
            WAVES,
            "-t",
            seconds,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            folder / str(length) / "clip.mp4",
        )
    return folder


@pytest.mark.parametrize(
    ("length", "narration", "fit"),
    [
        ("5000", "short.wav", "trim"),
        ("2600", "short.wav", "slow"),
        ("1000", "short.wav", "boomerang"),
        ("3400", "talk.wav", "loop"),
    ],
)
def test_a_clip_fills_its_scene(
    make: Make, sounds: Path, clip: Path, length: str, narration: str, fit: str
) -> None:
    """Cut, slowed, turned back or looped: the scene is full, nothing freezes and no frame jumps."""
    flags = ("--scene-min-s", "11", "--scene-max-s", "30", "--fps", "25", "--resolution", "160x90")
    made = _only(clip / length, make, sounds / narration, *flags)
    frames = pictures(made.film, list(range(made.seen.frames)))
    steps = np.array([np.abs(b.astype(int) - a.astype(int)).mean() for a, b in pairwise(frames)])

    assert [scene["fit"] for scene in made.report["scenes"]] == [fit]
    assert np.percentile(steps, 99) < 4 * np.median(steps) + 1
    assert (steps < 0.02).mean() < 0.3
    assert not (steps[:-12].reshape(-1)[-13:] < 0.02).all()


def test_a_clip_shown_again_goes_on(make: Make, spoken: Path, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """The second scene shows what comes after the first scene's part."""
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=160x90:r=25:d=10",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        tmp_path / "long.mp4",
    )
    made = _only(tmp_path, make, spoken, "--scene-min-s", "2", "--scene-max-s", "5")
    first = [scene["first_frame"] for scene in made.report["scenes"]][:2]
    one, other = pictures(made.film, first)

    assert [scene["fit"] for scene in made.report["scenes"]][:2] == ["trim", "trim"]
    assert np.abs(one.astype(int) - other.astype(int)).mean() > 3


def _tone(film: Path, start: float, end: float) -> float:
    """How much of the clip's own tone is heard, in dB."""
    with av.open(str(film)) as opened:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=48_000)
        parts = [
            out.to_ndarray()[0]
            for frame in opened.decode(opened.streams.audio[0])
            for out in resampler.resample(frame)
        ]
    part = np.concatenate(parts)[round(start * 48_000) : round(end * 48_000)]
    wave = np.exp(-2j * np.pi * TONE_HZ / 48_000 * np.arange(len(part)))
    return float(20 * np.log10(2 * abs((part * wave).mean()) + 1e-9))


@pytest.fixture(scope="module")
def loud_clip(ffmpeg: Ffmpeg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a clip that has a tone of its own."""
    folder = tmp_path_factory.mktemp("loud")
    tone = f"sine=f={TONE_HZ}:r=48000:d=14,volume=12dB"
    ffmpeg(
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=160x90:r=25:d=14",
        "-f",
        "lavfi",
        "-i",
        tone,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-c:a",
        "aac",
        folder / "clip.mp4",
    )
    return folder


def test_the_clips_own_sound(make: Make, sounds: Path, loud_clip: Path) -> None:
    """Dropped, or kept under the voice, or ducked: lower where the voice speaks than where it pauses."""
    flags = ("--scene-min-s", "11", "--scene-max-s", "30", "--resolution", "64x64", "--media-sound")
    made = {how: _only(loud_clip, make, sounds / "talk.wav", *flags, how) for how in ("drop", "keep", "duck")}
    pause, speech = PAUSES[1], (7.6, 8.6)
    heard = {
        how: (_tone(one.film, *speech), _tone(one.film, pause[0] + 0.3, pause[1] - 0.1))
        for how, one in made.items()
    }

    assert max(heard["drop"]) < -70
    assert min(heard["keep"]) > -45
    assert heard["keep"][0] == pytest.approx(heard["keep"][1], abs=3)
    assert heard["duck"][0] < heard["keep"][0] - 4
    assert all(abs(one.seen.heard - 11) < 0.03 for one in made.values())
    assert all(one.report["sound"]["after"]["true_peak_dbtp"] <= -1.5 for one in made.values())


def test_an_empty_folder_is_refused(sounds: Path, tmp_path: Path) -> None:
    """A folder without anything to show is an input we cannot use."""
    from tests.e2e.command import voxweave

    (tmp_path / "media").mkdir()
    told = voxweave(
        "make", sounds / "blip.wav", "-o", "film.mp4", "--media", "media", "--work", "work", cwd=tmp_path
    )

    assert told.status == 3
    assert not (tmp_path / "film.mp4").exists()
