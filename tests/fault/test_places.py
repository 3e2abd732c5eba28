"""Outputs that are taken, inputs in disguise, folders and disks that take nothing."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Ffmpeg
from tests.e2e.command import leftovers, voxweave
from tests.e2e.reading import look_at
from tests.fakes.voice import voice, write_wav

TINY = ("--resolution", "64x64", "--captions", "none", "--no-thumbnail", "-q")


@pytest.fixture
def desk(tmp_path: Path, sounds: Path) -> Path:
    """A folder with a narration."""
    shutil.copy(sounds / "blip.wav", tmp_path / "talk.wav")
    return tmp_path


def _refused(folder: Path, *args: str | Path, status: int) -> str:
    """The one line of a run that ends so, leaving nothing behind."""
    before = sorted(path.name for path in folder.iterdir() if path.name != ".voxweave")
    told = voxweave("make", *args, *TINY, cwd=folder)
    assert told.status == status, told.err
    assert (len(told.lines), told.out) == (1, "")
    assert told.err.startswith("voxweave: ")
    assert sorted(path.name for path in folder.iterdir() if path.name != ".voxweave") == before
    assert leftovers(folder) == []
    return told.err


def test_a_film_is_not_written_over(desk: Path) -> None:
    """What is there stays, until --overwrite."""
    (desk / "talk.mp4").write_bytes(b"precious")

    assert "--overwrite" in _refused(desk, "talk.wav", status=8)
    assert (desk / "talk.mp4").read_bytes() == b"precious"
    assert voxweave("make", "talk.wav", "--overwrite", *TINY, cwd=desk).status == 0
    assert look_at(desk / "talk.mp4").frames == 15


@pytest.mark.parametrize("link", ["same", "dotted", "symbolic", "hard", "folder"])
def test_an_input_is_never_written_over(desk: Path, link: str) -> None:
    """By no name and no link can the film take the place of its narration, even with --overwrite."""
    shutil.move(desk / "talk.wav", desk / "talk.mov")
    before = (desk / "talk.mov").read_bytes()
    names = {
        "same": "talk.mov",
        "dotted": "./sub/../talk.mov",
        "symbolic": "link.mov",
        "hard": "hard.mov",
        "folder": "there/talk.mov",
    }
    (desk / "sub").mkdir()
    (desk / "link.mov").symlink_to("talk.mov")
    os.link(desk / "talk.mov", desk / "hard.mov")
    (desk / "there").symlink_to(desk)

    assert "input" in _refused(desk, "talk.mov", "-o", names[link], "--overwrite", status=2)
    assert (desk / "talk.mov").read_bytes() == before


@pytest.mark.parametrize("flag", ["--subtitles", "--script", "--storyboard"])
def test_other_inputs_are_not_written_over_either(desk: Path, flag: str) -> None:
    """What the film is made of is as safe as the narration."""
    (desk / "given.mp4").write_text("words")
    _refused(desk, "talk.wav", flag, "given.mp4", "-o", "given.mp4", "--overwrite", status=2)

    assert (desk / "given.mp4").read_text() == "words"


def test_a_clip_shown_in_the_film_is_not_written_over(desk: Path, ffmpeg: Ffmpeg) -> None:
    """Nor can the film take the place of a clip it shows."""
    (desk / "media").mkdir()
    clip = desk / "media" / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=1", "-c:v", "libx264", clip)
    before = clip.read_bytes()
    _refused(desk, "talk.wav", "--media", "media", "-o", "media/clip.mp4", "--overwrite", status=2)

    assert clip.read_bytes() == before


def test_given_subtitles_are_not_written_over_by_the_sidecar(desk: Path) -> None:
    """Subtitles named as the sidecar would be are kept as they are."""
    given = desk / "talk.en.srt"
    given.write_text("1\n00:00:00,000 --> 00:00:00,400\nMine,  as I wrote them\n")
    before = given.read_bytes()
    flags = ("--resolution", "64x64", "--captions", "sidecar", "--language", "en", "-q")
    voxweave("make", "talk.wav", "--subtitles", "talk.en.srt", *flags, cwd=desk)

    assert given.read_bytes() == before


def test_a_link_at_the_output_is_replaced_not_written_through(desk: Path) -> None:
    """--overwrite replaces a link; what it pointed to stays."""
    (desk / "elsewhere").write_bytes(b"precious")
    (desk / "talk.mp4").symlink_to("elsewhere")

    assert voxweave("make", "talk.wav", "--overwrite", *TINY, cwd=desk).status == 0
    assert (desk / "elsewhere").read_bytes() == b"precious"
    assert not (desk / "talk.mp4").is_symlink()


@pytest.mark.parametrize("output", ["missing/film.mp4", "talk.wav/film.mp4", "/proc/film.mp4"])
def test_a_place_that_takes_no_file(desk: Path, output: str) -> None:
    """A folder that is not there, is none, or takes nothing: told before any work."""
    assert "voxweave: " in _refused(desk, "talk.wav", "-o", output, status=8)
    assert not (desk / ".voxweave").exists()


@pytest.mark.skipif(
    os.geteuid() == 0, reason="ROOT MAY WRITE ANYWHERE: the read-only folder is tried by a mount instead"
)
def test_a_folder_without_the_right_to_write(desk: Path) -> None:
    """A folder we may only read is told before any work."""
    (desk / "locked").mkdir(mode=0o555)

    assert "may not be written" in _refused(desk, "talk.wav", "-o", "locked/film.mp4", status=8)


def _mounted(folder: Path, options: str) -> bool:
    line = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return (
        shutil.which("mount") is not None
        and subprocess.run(line, capture_output=True, check=False).returncode == 0
    )


@pytest.fixture
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A small disk of its own, mounted with these options."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mounted(folder, request.param):
        pytest.skip("NO DISK TO FILL: mounting a tmpfs is not permitted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("disk", ["size=8m,ro"], indirect=True)
def test_a_read_only_disk(disk: Path, desk: Path) -> None:
    """Told before any work, with where to write instead."""
    assert "read-only" in _refused(desk, "talk.wav", "-o", disk / "film.mp4", status=8)


@pytest.mark.parametrize("disk", ["size=2m"], indirect=True)
def test_too_little_room_is_told_before_the_work(disk: Path, desk: Path, sounds: Path) -> None:
    """A disk that cannot hold the film is told with what it has and what it needs."""
    shutil.copy(sounds / "talk.wav", desk / "talk.wav")
    told = voxweave("make", "talk.wav", "-o", disk / "film.mp4", "--captions", "none", "-q", cwd=desk)

    assert (told.status, len(told.lines)) == (8, 1)
    assert "MB" in told.err
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize("disk", ["size=4500k"], indirect=True)
def test_a_disk_that_fills_while_we_listen(disk: Path, sounds: Path) -> None:
    """The line says that the disk is full; no film, no part; with room again the next run makes it."""
    shutil.copy(sounds / "talk.wav", disk)
    flags = ("--resolution", "64x64", "--captions", "none", "-q")
    (disk / "ballast").write_bytes(bytes(shutil.disk_usage(disk).free - 200_000))
    told = voxweave("make", "talk.wav", *flags, cwd=disk)

    assert (told.status, len(told.lines)) == (8, 1), told.err
    assert "full" in told.err
    assert not (disk / "talk.mp4").exists()
    assert leftovers(disk) == []
    (disk / "ballast").unlink()
    again = voxweave("make", "talk.wav", *flags, cwd=disk)
    assert again.status == 0, again.err


@pytest.mark.parametrize("disk", ["size=1400k"], indirect=True)
def test_a_disk_that_cannot_take_the_film(disk: Path, tmp_path: Path) -> None:
    """Found full before the work or only at the film's last byte: one line, and nothing of it is left."""
    write_wav(tmp_path / "talk.wav", voice(60.0))
    flags = ("--resolution", "64x64", "--fps", "24", "--captions", "none", "-q")
    told = voxweave("make", "talk.wav", "-o", disk / "film.mp4", *flags, cwd=tmp_path)

    assert (told.status, len(told.lines)) == (8, 1), told.err
    assert list(disk.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (("missing.wav",), 3),
        ((".",), 3),
        (("talk.wav", "--subtitles", "missing.srt"), 3),
        (("talk.wav", "--script", "missing.txt"), 3),
        (("talk.wav", "--storyboard", "missing.toml"), 3),
        (("talk.wav", "--cover", "missing.png"), 3),
        (("talk.wav", "--media", "missing"), 3),
        (("talk.wav", "--media", "talk.wav"), 3),
        (("talk.wav", "--style", "nosuch"), 2),
        (("talk.wav", "-o", "film.avi"), 2),
        (("talk.wav", "-o", "film.webm", "--codec", "h264"), 2),
        (("talk.wav", "-o", "film.mp4", "--format", "webm"), 2),
        (("talk.wav", "--preset", "nosuch"), 2),
        (("talk.wav", "--ffmpeg", "/nowhere/ffmpeg"), 4),
        (("talk.wav", "--ffmpeg", "/bin/true"), 4),
        (("talk.wav", "--work", "talk.wav"), 8),
        (("talk.wav", "-o", ""), 2),
    ],
)
def test_what_cannot_be_is_one_line(desk: Path, args: tuple[str, ...], status: int) -> None:
    """The right status, one line, and nothing left behind."""
    _refused(desk, *args, status=status)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\0", "not sound"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "not sound"),
        (b'{"error": "not found"}', "not sound"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n", "playlist"),
        (b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\ntalk.mp3\n", "playlist"),
        (b"ffconcat version 1.0\nfile other.mp3\n", "not sound"),
        (b"ID3\x04\0\0\0\0\0\0" + bytes(500), "talk.mp3"),
        (
            b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0w\1\0\2\0\x10\0data\xff\xff\xff\xff",
            "talk.mp3",
        ),
        (b"\x7fELF" + bytes(300), "talk.mp3"),
        (b"PK\x03\x04" + bytes(300), "talk.mp3"),
    ],
    ids=["empty", "a byte", "a page", "json", "playlist", "master", "concat", "id3", "wav", "elf", "zip"],
)
def test_a_narration_that_is_none(tmp_path: Path, content: bytes, said: str) -> None:
    """Whatever stands under a sound's name: status 3, one line with the name, nothing left behind."""
    (tmp_path / "talk.mp3").write_bytes(content)
    line = _refused(tmp_path, "talk.mp3", status=3)

    assert "talk.mp3" in line
    assert said in line


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe, a device and a dangling link are refused at once."""
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "zero.mp3").symlink_to("/dev/zero")
    (tmp_path / "dangling.mp3").symlink_to("nowhere.mp3")
    (tmp_path / "loop.mp3").symlink_to("loop.mp3")

    for name in ("pipe.mp3", "zero.mp3", "dangling.mp3", "loop.mp3"):
        assert name in _refused(tmp_path, name, status=3)


def test_silence_is_told(tmp_path: Path, sounds: Path) -> None:
    """A narration without a voice is more likely the wrong file."""
    silent = (sounds / "short.wav").read_bytes()
    (tmp_path / "talk.wav").write_bytes(silent[:44] + bytes(len(silent) - 44))

    assert "silent" in _refused(tmp_path, "talk.wav", status=3)


def test_shorter_than_half_a_second(tmp_path: Path, sounds: Path) -> None:
    """Half a second is a film, less is not."""
    (tmp_path / "talk.wav").write_bytes((sounds / "blip.wav").read_bytes()[: 44 + 2 * 20_000])

    assert "0.42 s" in _refused(tmp_path, "talk.wav", status=3)


def test_a_truncated_file_is_taken_for_what_it_holds(tmp_path: Path, sounds: Path) -> None:
    """A WAV cut in half is half as long, and the user is told that it claims more."""
    whole = (sounds / "talk.wav").read_bytes()
    (tmp_path / "talk.wav").write_bytes(whole[: len(whole) // 2])
    told = voxweave("make", "talk.wav", *TINY[:-1], "--json", cwd=tmp_path)

    assert told.status == 0, told.err
    assert told.report["frames"] == 165


def test_a_film_cut_before_its_index(tmp_path: Path, sounds: Path, ffmpeg: Ffmpeg) -> None:
    """An m4a whose index is missing cannot be read, and the line says why."""
    ffmpeg("-i", sounds / "talk.wav", tmp_path / "talk.m4a")
    (tmp_path / "talk.m4a").write_bytes((tmp_path / "talk.m4a").read_bytes()[:20_000])

    assert "cut short" in _refused(tmp_path, "talk.m4a", status=3)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("talk.srt", b"no subtitles at all"),
        ("talk.srt", b""),
        ("talk.vtt", b"WEBVTT\n\n" + b"9" * 50_000 + b":00.000 --> 1\nx\n"),
        ("talk.srt", b"1\n01:00:00,000 --> 01:00:02,000\nfar too late\n"),
        ("talk.txt", b"\n \n"),
        ("talk.srt", bytes(6 << 20)),
    ],
    ids=["prose", "empty", "digits", "late", "blank", "huge"],
)
def test_words_that_cannot_be_read(desk: Path, name: str, content: bytes) -> None:
    """Subtitles or a script beside the narration that hold nothing: one line with the file's name."""
    (desk / name).write_bytes(content)
    told = voxweave("make", "talk.wav", "--resolution", "64x64", "-q", cwd=desk)

    assert (told.status, len(told.lines)) == (3, 1), told.err
    assert name in told.err
    assert not (desk / "talk.mp4").exists()


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("VOXWEAVE_FPS", "a lot"),
        ("VOXWEAVE_RESOLUTION", "1921x1080"),
        ("VOXWEAVE_LOUDNESS", "nan"),
        ("VOXWEAVE_CAPTIONS", "burnt"),
    ],
)
def test_a_wrong_variable_is_named(desk: Path, variable: str, text: str) -> None:
    """A setting that cannot be ends with 2 and a line that names where it came from."""
    told = voxweave("make", "talk.wav", "-q", cwd=desk, **{variable: text})

    assert (told.status, len(told.lines)) == (2, 1)
    assert variable in told.err


def test_a_wrong_settings_file_is_named(desk: Path) -> None:
    """The same for the job's own file."""
    (desk / "voxweave.toml").write_text('stile = "minimal"\nfps = [1')
    told = voxweave("make", "talk.wav", "-q", cwd=desk)

    assert (told.status, len(told.lines)) == (2, 1)
    assert "voxweave.toml" in told.err
