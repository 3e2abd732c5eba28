"""A film that is not what was encoded never gets its name: cut, changed, short of a scene, or not to be decoded."""

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.fakes.voice import voice, write_wav
from voxweave.core.encoding import VIDEO_ENCODERS
from voxweave.core.film import Canvas
from voxweave.core.speech import Tags
from voxweave.core.timeline import Timeline
from voxweave.core.value import MediaFile
from voxweave.errors import MediaError
from voxweave.media.ffmpeg import Ffmpeg, Job, find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.loudness import Gain
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.join import Labels, Parts, join
from voxweave.pipeline.sound import Recording, measure
from voxweave.pipeline.tools import Tools
from voxweave.pipeline.verify import Intended, Verified, verify

CANVAS = Canvas(width=192, height=108, rate=Fraction(30))
FRAMES, SCENES = 45, 3
SAMPLES = SCENES * FRAMES * 1600

Run = Callable[..., None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Run) -> Path:
    """A job's folder with three scenes and the sound."""
    folder = tmp_path_factory.mktemp("job")
    (folder / "scenes").mkdir()
    encoder = VIDEO_ENCODERS["h264"]
    for number in range(SCENES):
        source = f"testsrc2=s=192x108:r=30,hue=h={number * 90},noise=alls=20:allf=t:all_seed=7"
        options = ["-c:v", encoder.encoder, *encoder.args, "-pix_fmt", "yuv420p", "-g", "30", "-threads", "1"]
        options += ["-frames:v", str(FRAMES), "-video_track_timescale", "15360"]
        ffmpeg("-f", "lavfi", "-i", source, *options, folder / "scenes" / f"{number}.mp4")
    sound = ["-f", "lavfi", "-i", f"sine=f=300:r=48000,atrim=end_sample={SAMPLES}", "-ac", "2"]
    ffmpeg(*sound, "-c:a", "aac", folder / "sound.m4a")
    return folder


@pytest.fixture(params=["bundled", "system"])
def program(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both programs we promise to work with."""
    if request.param == "system" and shutil.which("ffmpeg") is None:
        pytest.skip("no FFmpeg is installed on this system")
    return find_ffmpeg(request.param)


@pytest.fixture
def desk(made: Path, tmp_path: Path, program: Ffmpeg) -> Tools:
    """A copy of the job to do harm to."""
    shutil.copytree(made, tmp_path / "job")
    return Tools(program, StopSignal(), tmp_path / "job", lambda share: None)


def _joined(tools: Tools) -> Path:
    folder = tools.folder
    parts = Parts(
        canvas=CANVAS,
        container="mp4",
        scenes=tuple(folder / "scenes" / f"{number}.mp4" for number in range(SCENES)),
        frames=(FRAMES,) * SCENES,
        sound=MediaFile(path=folder / "sound.m4a", sha256="0" * 64),
        track=None,
        labels=Labels(tags=Tags(), chapters=(), language="en"),
    )
    film = folder / "film.mp4"
    join(tools, parts, film)
    return film


def _verify(tools: Tools, film: Path, frames: int = SCENES * FRAMES) -> Verified:
    sound = tools.folder / "sound.m4a"
    loudness, samples = measure(tools, sound)
    recording = Recording(media=fingerprint(sound), gain=Gain(), loudness=loudness, samples=samples)
    timeline = Timeline(canvas=CANVAS, frames=frames, shots=())
    return verify(tools, film, Intended(timeline, SAMPLES, recording, "mp4"))


def _harm(file: Path, share: float, bits: bytes = b"\x55\xaa\x0f") -> None:
    data = bytearray(file.read_bytes())
    start = data.index(b"mdat") + 4
    at = start + round((len(data) - start) * share)
    data[at : at + len(bits)] = (old ^ new for old, new in zip(data[at : at + len(bits)], bits, strict=True))
    file.write_bytes(data)


def test_a_whole_film_passes(desk: Tools) -> None:
    """All frames are there, at their times, and sound and picture end together."""
    found = _verify(desk, _joined(desk))

    assert found.frames == SCENES * FRAMES
    assert abs(found.end_error_ms) < 1


def test_the_end_of_the_sound_is_told_as_it_is(desk: Tools) -> None:
    """Sound ends where its last sample is heard, though that lies in a block of which a decoder gives more."""
    source = ["-f", "lavfi", "-i", f"sine=f=300:r=48000,atrim=end_sample={SAMPLES + 130}"]
    into = ["-ac", "2", "-c:a", "aac", str(desk.folder / "sound.m4a")]
    desk.ffmpeg.run(Job([*source, *into], "making sound"), desk.stop)

    assert abs(_verify(desk, _joined(desk)).end_error_ms - 130 / 48) < 1


@pytest.mark.parametrize("share", [0.05, 0.21, 0.4, 0.55, 0.68])
def test_changed_bytes_are_found(desk: Tools, share: float) -> None:
    """Three changed bytes in any part of the picture, in keyframes or between them, are found."""
    film = _joined(desk)
    _harm(film, share)

    with pytest.raises(MediaError):
        _verify(desk, film)


def test_changed_bytes_of_the_sound_are_found(desk: Tools) -> None:
    """Three changed bytes of the sound are found, though a decoder often takes them for sound."""
    film = _joined(desk)
    sound = (desk.folder / "sound.m4a").read_bytes()
    whole, start = film.read_bytes(), sound.index(b"mdat") + 4
    for share in (0.2, 0.4, 0.6):
        at = whole.index(sound[(middle := start + round(share * len(sound))) : middle + 24])
        film.write_bytes(whole[: at + 8] + b"\x55\xaa\x0f" + whole[at + 11 :])

        with pytest.raises(MediaError, match="its sound is no longer what was encoded"):
            _verify(desk, film)


@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5])
def test_a_film_cut_short_is_found(desk: Tools, kept: float) -> None:
    """A file that lost even its last thousandth is no film."""
    film = _joined(desk)
    film.write_bytes(film.read_bytes()[: round(film.stat().st_size * kept)])

    with pytest.raises(MediaError):
        _verify(desk, film)


def test_a_lost_scene_is_found(desk: Tools) -> None:
    """A scene that is in the list and not in the film is missed, and so is one that is in neither."""
    film = _joined(desk)
    listing = desk.folder / "scenes.ffconcat"
    listing.write_text(listing.read_text() + "file 'scenes/0.mp4'\n")
    with pytest.raises(MediaError, match="no longer holds"):
        _verify(desk, film)
    listing.write_text("".join(listing.read_text().splitlines(keepends=True)[:-3]))
    with pytest.raises(MediaError, match="no longer holds"):
        _verify(desk, film)


def test_exchanged_scenes_are_found(desk: Tools) -> None:
    """Scenes in another order are not the film that was planned."""
    film = _joined(desk)
    listing = desk.folder / "scenes.ffconcat"
    first, *lines = listing.read_text().splitlines()
    scenes = [
        "\n".join(pair) for pair in zip(lines[::2], lines[1::2], strict=True)
    ]  # a file, and how long it lasts
    listing.write_text("\n".join([first, *scenes[::-1]]) + "\n")

    with pytest.raises(MediaError, match="no longer holds"):
        _verify(desk, film)


def test_wrong_count_is_found(desk: Tools) -> None:
    """A frame more or less than planned is told."""
    film = _joined(desk)

    with pytest.raises(MediaError, match=f"{SCENES * FRAMES} frames instead of {SCENES * FRAMES + 1}"):
        _verify(desk, film, SCENES * FRAMES + 1)


def test_a_keyframe_that_cannot_be_decoded_is_found(desk: Tools) -> None:
    """Scenes joined as they are still have to decode: a broken keyframe in a scene is found in the film."""
    _harm(desk.folder / "scenes" / "1.mp4", 0.008, b"\xff" * 200)

    with pytest.raises(MediaError):
        _verify(desk, _joined(desk))


def test_sound_cut_short_is_found(desk: Tools, ffmpeg: Run) -> None:
    """Sound that ends early is told."""
    short = desk.folder / "short.m4a"
    ffmpeg("-i", desk.folder / "sound.m4a", "-t", "3", "-c", "copy", short)
    short.replace(desk.folder / "sound.m4a")

    with pytest.raises(MediaError, match="of sound instead of"):
        _verify(desk, _joined(desk))


def test_a_scene_the_disk_damaged_is_made_again(tmp_path: Path) -> None:
    """A kept scene that is no longer what was encoded is not used: it alone is encoded again."""
    write_wav(tmp_path / "talk.wav", voice(5.0, pauses=[(1.7, 2.2), (3.4, 3.9)]))
    flags = ("--resolution", "320x180", "--scene-min-s", "1", "--scene-max-s", "3", "--captions", "none")
    call = ("make", "talk.wav", *flags, "--style", "minimal", "--overwrite", "--json")
    first = voxweave(*call, cwd=tmp_path)
    assert first.status == 0, first.err
    scenes = sorted(tmp_path.glob(".voxweave/*/scenes/*.mp4"))
    _harm(scenes[0], 0.5)
    (tmp_path / "talk.mp4").unlink()
    again = voxweave(*call, cwd=tmp_path)

    assert again.status == 0, again.err
    assert len(scenes) > 1
    assert sum(not scene["reused"] for scene in again.report["scenes"]) == 1
