"""Containers, sizes and both FFmpegs: a film is really what it says it is."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.e2e.conftest import Made, Make
from tests.e2e.reading import boxes


@pytest.fixture(scope="module")
def contained(make: Make, sounds: Path) -> Callable[..., Made]:
    """The same three seconds in any container, each made once."""

    @cache
    def made(output: str, *flags: str) -> Made:
        return make(sounds / "short.wav", *flags, "--captions", "none", output=output)

    return made


@pytest.mark.parametrize(
    ("output", "flags", "container", "codecs"),
    [
        ("talk.mp4", (), "mov,mp4,m4a,3gp,3g2,mj2", ("h264", "aac")),
        ("talk.mov", (), "mov,mp4,m4a,3gp,3g2,mj2", ("h264", "aac")),
        ("talk.webm", (), "matroska,webm", ("vp9", "opus")),
        ("talk.webm", ("--codec", "av1"), "matroska,webm", ("av1", "opus")),
    ],
)
def test_a_container_holds_what_it_should(
    contained: Callable[..., Made],
    output: str,
    flags: tuple[str, ...],
    container: str,
    codecs: tuple[str, str],
) -> None:
    """The suffix decides: H.264 and AAC in MP4 and MOV, VP9 or AV1 and Opus in WebM, all of the same length."""
    made = contained(output, *flags)
    named = {"libdav1d": "av1", "libopus": "opus", "libvpx-vp9": "vp9"}
    found = tuple(named.get(track.codec, track.codec) for track in (made.seen.picture, made.seen.sound))

    assert (made.seen.container, found) == (container, codecs)
    assert made.seen.frames == 90
    assert abs(made.seen.heard - 3) <= Fraction(1, 30)


@pytest.mark.parametrize(("output", "brand"), [("talk.mp4", b"isom"), ("talk.mov", b"qt  ")])
def test_mp4_and_mov_begin_with_their_index(
    contained: Callable[..., Made], output: str, brand: bytes
) -> None:
    """Players start before the whole file has come, and the brand is the container's own."""
    film = contained(output).film

    assert boxes(film).index("moov") < boxes(film).index("mdat")
    assert film.read_bytes()[8:12] == brand


def test_webm_says_webm(contained: Callable[..., Made]) -> None:
    """A WebM's own header says webm, not matroska."""
    head = contained("talk.webm").film.read_bytes()[:64]

    assert b"\x42\x82\x84webm" in head


@pytest.mark.parametrize(
    ("flags", "size"),
    [
        (("--resolution", "480p"), (854, 480)),
        (("--resolution", "480p", "--aspect", "9:16"), (480, 854)),
        (("--resolution", "480p", "--aspect", "1:1"), (480, 480)),
        (("--resolution", "480p", "--aspect", "4:5"), (480, 600)),
        (("--resolution", "402x226"), (402, 226)),
        (("--resolution", "64x64"), (64, 64)),
    ],
)
def test_sizes_and_shapes(make: Make, sounds: Path, flags: tuple[str, ...], size: tuple[int, int]) -> None:
    """The short side by name, the shape by aspect, or both sides in pixels."""
    assert make(sounds / "blip.wav", *flags, "--captions", "none").seen.size == size


PRESETS = {
    "youtube": (1920, 1080),
    "shorts": (1080, 1920),
    "reels": (1080, 1920),
    "tiktok": (1080, 1920),
    "square": (1080, 1080),
    "podcast": (1920, 1080),
}


@pytest.mark.parametrize("preset", PRESETS)
def test_presets(make: Make, sounds: Path, preset: str) -> None:
    """Each preset makes a film of its destination's size."""
    made = make(sounds / "blip.wav", "--preset", preset, "--captions", "none")

    assert made.seen.size == PRESETS[preset]
    assert made.report["sound"]["target_lufs"] == (-16 if preset == "podcast" else -14)


def test_a_film_by_the_system_ffmpeg(make: Make, spoken: Path, system: Path) -> None:
    """The system's FFmpeg makes the same film: frames, cuts, captions, loudness."""
    words = "Hey, welcome back to Signal Path."
    flags = ("--scene-min-s", "2", "--scene-max-s", "5", "--captions", "burn,soft")
    ours = make(spoken, *flags, txt=words)
    theirs = make(spoken, *flags, "--ffmpeg", "system", txt=words)

    assert theirs.report["versions"]["ffmpeg"] != ours.report["versions"]["ffmpeg"]
    assert theirs.seen.frames == ours.seen.frames == 294
    assert [scene["first_frame"] for scene in theirs.report["scenes"]] == [
        scene["first_frame"] for scene in ours.report["scenes"]
    ]
    assert theirs.seen.cues == ours.seen.cues != ()
    assert theirs.report["sound"]["after"]["integrated_lufs"] == pytest.approx(-16, abs=0.6)


@pytest.mark.parametrize("output", ["talk.webm", "talk.mov"])
def test_the_system_ffmpeg_writes_other_containers_too(
    make: Make, sounds: Path, system: Path, output: str
) -> None:
    """VP9 and Opus, or MOV, by the system's FFmpeg."""
    made = make(sounds / "blip.wav", "--ffmpeg", str(system), "--captions", "none", output=output)

    assert made.seen.frames == 15


@pytest.mark.parametrize(
    "name",
    [
        "it's.wav",
        "a:b=c,d;[e].wav",
        "back\\slash.wav",
        "-dash.wav",
        "percent%d.wav",
        " spaces .wav",
        "naïve…日本.wav",
        "new\nline.wav",
        "x',metadata=mode=print:file=pwned.txt,null='.wav",
        "n" * 240 + ".wav",
    ],
)
def test_odd_names_are_only_names(make: Make, sounds: Path, name: str) -> None:
    """No letter of a name means anything to the shell, to FFmpeg or to a filter."""
    made = make(
        sounds / "blip.wav", "--no-thumbnail", name=name, srt="1\n00:00:00,000 --> 00:00:00,400\nWords\n"
    )

    assert made.film.name == name.removesuffix(".wav") + ".mp4"
    assert made.report["captions"]["delivered"] == ["burn"]
    assert sorted(file.suffix for file in made.film.parent.iterdir() if file.is_file()) == sorted(
        [".wav", ".srt", ".mp4", ".json"]
    )


def test_a_name_that_is_no_text(sounds: Path, tmp_path: Path) -> None:
    """A name whose bytes are not UTF-8 is a name like any other."""
    name = b"talk-\xff.wav"
    import os

    (tmp_path / os.fsdecode(name)).write_bytes((sounds / "blip.wav").read_bytes())
    flags = ("--resolution", "64x64", "--captions", "none", "--json")
    told = voxweave("make", os.fsdecode(name), *flags, cwd=tmp_path)

    assert told.status == 0, told.err
    assert (tmp_path / os.fsdecode(b"talk-\xff.mp4")).exists()
    assert told.report["frames"] == 15


def test_an_upper_case_suffix_is_a_suffix(make: Make, sounds: Path) -> None:
    """TALK.WAV is a narration, and FILM.MP4 a film."""
    assert (
        make(sounds / "blip.wav", "--captions", "none", name="TALK.WAV", output="FILM.MP4").seen.frames == 15
    )


def _same(one: Made, other: Made) -> bool:
    return one.seen.picture.digest == other.seen.picture.digest


def test_the_same_input_gives_the_same_pictures(make: Make, film: Made, spoken: Path) -> None:
    """Another folder, another Python, another day, the same seed: every packet of the picture is the same; another seed, another."""
    from tests.e2e.conftest import WORDS

    flags = ("--scene-min-s", "2", "--scene-max-s", "5")

    assert _same(make(spoken, *flags, "--workers", "1", txt=WORDS), film)
    assert not _same(make(spoken, *flags, "--seed", "7", txt=WORDS), film)
