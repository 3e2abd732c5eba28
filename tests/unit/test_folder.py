"""The user's own pictures and clips: found in order, measured by decoding."""

import os
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.data.make_media import HONEST_FILMS, run
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Still
from voxweave.errors import InputError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Library, Toolkit
from voxweave.providers.folder import Folder

CANVAS = Canvas(width=320, height=180, rate=Fraction(30))


@pytest.fixture(params=["bundled", "system"])
def folder(request: pytest.FixtureRequest) -> Folder:
    """The provider, with each FFmpeg in turn."""
    if request.param == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return Folder(Folder.Options(), Toolkit(find_ffmpeg(request.param), StopSignal(), lambda share: None))


def film(place: Path, name: str, *args: str) -> Path:
    """A clip made by the bundled FFmpeg."""
    return run(find_ffmpeg().program, place / name, *(args or HONEST_FILMS[name]))


def test_the_provider_is_a_library(folder: Folder) -> None:
    """It plays the role the pipeline asks for."""
    assert isinstance(folder, Library)


def test_files_come_in_the_order_people_count(folder: Folder, tmp_path: Path) -> None:
    """Numbers count by value, capitals do not matter, and what cannot be shown is left out."""
    for name in ("10.jpg", "2.JPG", "1b.png", "b.mp4", "A.webm", ".hidden.jpg", "notes.txt", "song.mp3"):
        (tmp_path / name).write_text("x")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / os.fsdecode(b"\xff.gif")).write_text("x")
    (tmp_path / "link.jpg").symlink_to("10.jpg")
    names = [os.fsencode(path.name) for path in folder.files(tmp_path)]
    assert [b"1b.png", b"2.JPG", b"10.jpg", b"A.webm", b"b.mp4", b"link.jpg", b"\xff.gif"] == names


def test_a_folder_without_pictures_is_refused(folder: Folder, tmp_path: Path) -> None:
    """Missing, no folder, and nothing to show are three different lines."""
    (tmp_path / "notes.txt").write_text("x")
    for place, reason in (
        (tmp_path, "holds no picture or clip"),
        (tmp_path / "none", "is missing"),
        (tmp_path / "notes.txt", "is not a folder"),
    ):
        with pytest.raises(InputError, match=reason):
            folder.files(place)


def test_a_picture_becomes_a_still(folder: Folder, tmp_path: Path) -> None:
    """A picture, or an animation of one frame, lies ready in the job's folder."""
    image = np.full((90, 160, 3), 120, np.uint8)
    for suffix in (".png", ".gif"):
        path = tmp_path / f"one{suffix}"
        path.write_bytes(cv2.imencode(suffix, image)[1].tobytes())
        picture = folder.load(path, CANVAS, tmp_path)
        assert isinstance(picture, Still)
        assert picture.media.path.is_file()


def test_a_clip_is_measured(folder: Folder, tmp_path: Path) -> None:
    """Frames and length come from the decoder, size is as shown, sound is found."""
    clip = folder.load(film(tmp_path, "plain.mp4"), CANVAS, tmp_path)
    assert isinstance(clip, Clip)
    assert (25, 1000, 320, 180) == (clip.frames, clip.duration_ms, clip.width, clip.height)
    assert (0, 1, "smpte170m", False) == (clip.stream, clip.sound_stream, clip.matrix, clip.interlaced)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("moving.gif", {"frames": 25, "duration_ms": 1000, "matrix": ""}),
        ("plain.mov", {"frames": 30, "duration_ms": 1001}),
        ("anamorphic.mp4", {"width": 427, "height": 180, "matrix": "bt709"}),
        ("interlaced.mp4", {"interlaced": True}),
        ("hdr.mp4", {"matrix": "bt2020nc", "transfer": "smpte2084"}),
    ],
)
def test_odd_clips_keep_what_the_renderer_needs(
    folder: Folder, name: str, expected: dict[str, object], tmp_path: Path
) -> None:
    """Pixel shape, fields and colours of a clip are kept."""
    clip = folder.load(film(tmp_path, name), CANVAS, tmp_path)
    assert expected == {key: getattr(clip, key) for key in expected}


def test_a_turned_clip_is_as_high_as_it_is_shown(folder: Folder, tmp_path: Path) -> None:
    """A clip filmed upright is taller than wide."""
    film(tmp_path, "plain.mp4")
    turned = film(tmp_path, "turned.mp4", "-display_rotation", "90", "-i", "file:plain.mp4", "-c", "copy")
    clip = folder.load(turned, CANVAS, tmp_path)
    assert isinstance(clip, Clip)
    assert (180, 320) == (clip.width, clip.height)


def test_a_clip_that_lies_is_as_long_as_it_decodes(folder: Folder, tmp_path: Path) -> None:
    """A length of weeks in the header buys nothing."""
    path = film(tmp_path, "plain.mp4")
    content = bytearray(path.read_bytes())
    for mark, offset in ((b"mvhd", 20), (b"mdhd", 20), (b"tkhd", 24)):
        at = content.index(mark) + offset
        content[at : at + 4] = struct.pack(">I", 0x7FFFFFF0)
    path.write_bytes(content)
    clip = folder.load(path, CANVAS, tmp_path)
    assert isinstance(clip, Clip)
    assert (25, 1000) == (clip.frames, clip.duration_ms)


def test_what_cannot_be_shown_is_refused_by_name(folder: Folder, tmp_path: Path) -> None:
    """Sound alone, a codec nobody sends, and noise are input errors that name the file."""
    film(tmp_path, "sound.mp4", "-f", "lavfi", "-i", "sine=d=1")
    film(tmp_path, "odd.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x64:d=0.2", "-c:v", "magicyuv")
    (tmp_path / "noise.mov").write_bytes(b"\0\0\0\x10ftypqt  " + bytes(5000))
    for name in ("sound.mp4", "odd.mkv", "noise.mov", "missing.mp4"):
        with pytest.raises(InputError, match=name):
            folder.load(tmp_path / name, CANVAS, tmp_path)
