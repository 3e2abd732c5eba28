"""Finding FFmpeg and running it: progress, failures in our words, limits for strangers' files."""

import sys
from pathlib import Path
from typing import IO

import pytest

from voxweave.core.time import CLOCK_HZ
from voxweave.errors import DependencyError, MediaError, OutOfTime, Stopped, StorageError
from voxweave.media import ffmpeg as module
from voxweave.media.ffmpeg import OLDEST, Advance, Ffmpeg, Job, find_ffmpeg, foreign_input
from voxweave.media.stopping import StopSignal


@pytest.fixture(params=["bundled", "system"])
def program(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both FFmpegs in turn."""
    if request.param == "system":
        request.getfixturevalue("system")
    return find_ffmpeg(request.param)


def _script(folder: Path, *lines: str, name: str = "ffmpeg") -> Path:
    """A program that stands where FFmpeg should be."""
    file = folder / name
    file.write_text("\n".join((f"#!{sys.executable}", "import sys, time", *lines)))
    file.chmod(0o755)
    return file


def test_both_are_new_enough_and_have_what_we_need(program: Ffmpeg) -> None:
    """Version, encoders and filters are known by asking the program."""
    assert program.version >= OLDEST
    assert program.build.startswith("ffmpeg version")
    for what, names in (
        ("encoders", ("libx264", "libvpx-vp9", "aac", "libopus", "mov_text", "webvtt")),
        ("filters", ("ass", "ebur128", "scale")),
    ):
        assert all(program.lists(what, name) for name in names)
    assert not program.lists("encoders", "libnothing")


def test_progress_is_told_and_ends_with_the_whole(program: Ffmpeg) -> None:
    """Frames and microseconds only rise, and the last report is of the end."""
    steps: list[Advance] = []
    source = ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2", "-f", "null", "-"]
    program.run(Job(source, "drawing"), StopSignal(), advance=steps.append)

    assert steps[-1].frame == 50
    assert [step.frame for step in steps] == sorted(step.frame for step in steps)


def test_what_is_fed_arrives(program: Ffmpeg, tmp_path: Path) -> None:
    """Raw sound written to its standard input becomes a file of as many samples."""

    def feed(pipe: IO[bytes]) -> None:
        for _ in range(10):
            pipe.write(bytes(2 * CLOCK_HZ // 10))

    out = tmp_path / "out.wav"
    args = ["-f", "s16le", "-ar", str(CLOCK_HZ), "-ac", "1", "-i", "pipe:0", "-bitexact", f"file:{out}"]
    program.run(Job(args, "writing"), StopSignal(), feed=feed)

    assert out.stat().st_size == 44 + 2 * CLOCK_HZ


def test_an_error_while_feeding_is_the_error(program: Ffmpeg) -> None:
    """Our own failure comes before the program's complaint about what it did not get."""

    def feed(pipe: IO[bytes]) -> None:
        pipe.write(bytes(100))
        raise ZeroDivisionError

    args = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "null", "-"]
    with pytest.raises(ZeroDivisionError):
        program.run(Job(args, "writing"), StopSignal(), feed=feed)


def test_a_feed_that_breaks_off_is_the_end_of_the_input(program: Ffmpeg) -> None:
    """A pipe that broke once is closed: the program does not wait for more, nor we for the program."""

    def feed(pipe: IO[bytes]) -> None:
        pipe.write(bytes(100))
        raise BrokenPipeError

    args = ["-f", "s16le", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "null", "-"]
    program.run(Job(args, "writing", time_limit_s=30), StopSignal(), feed=feed)


def test_a_failure_says_what_it_was_for(program: Ffmpeg, tmp_path: Path) -> None:
    """FFmpeg's first line of complaint, and our purpose."""
    with pytest.raises(MediaError, match=r"FFmpeg failed while joining the film: .*No such file"):
        program.run(
            Job(["-i", f"file:{tmp_path / 'missing'}", "-f", "null", "-"], "joining the film"), StopSignal()
        )


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    """Whatever FFmpeg was doing, a full disk is the disk's failure."""
    fake = _script(tmp_path, "sys.exit('av_interleaved_write_frame(): No space left on device')")

    with pytest.raises(StorageError, match="the disk is full while writing"):
        Ffmpeg(fake, None, (9,), "fake", bundled=False).run(Job([], "writing"), StopSignal())


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    """A time limit ends it, and that is told as what it was: no fault of the material."""
    fake = _script(tmp_path, "time.sleep(60)")

    with pytest.raises(OutOfTime, match=r"^checking took longer than 0\.3 s$"):
        Ffmpeg(fake, None, (9,), "fake", bundled=False).run(
            Job([], "checking", time_limit_s=0.3), StopSignal()
        )


def test_a_stopped_run_starts_nothing(tmp_path: Path) -> None:
    """After the stop no program is started any more."""
    fake = _script(tmp_path, "open(sys.argv[0] + '.ran', 'w')")
    stop = StopSignal()
    stop.set()

    with pytest.raises(Stopped):
        Ffmpeg(fake, None, (9,), "fake", bundled=False).run(Job([], "writing"), stop)
    assert not fake.with_name("ffmpeg.ran").exists()


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("ffmpeg version 5.1.9-0+deb12u1 Copyright", (5, 1, 9)),
        ("ffmpeg version n8.0 Copyright", (8, 0)),
        ("ffmpeg version 7.1-full_build-www.gyan.dev", (7, 1)),
        ("ffmpeg version N-113007-g8d24a28d06 Copyright", (99,)),
        ("ffmpeg version git-2020-01-01-abc", (99,)),
    ],
)
def test_versions_are_read(line: str, version: tuple[int, ...]) -> None:
    """A release by its numbers; a build from development sources is newer than any we forbid."""
    assert module._version_of(line) == version


def test_an_old_one_is_refused(tmp_path: Path) -> None:
    """Older than 5.1: named with its version, and the way out."""
    _script(tmp_path, "print('ffmpeg version 4.4.2 Copyright')")

    with pytest.raises(DependencyError, match=r"too old: ffmpeg version 4\.4\.2") as caught:
        find_ffmpeg(str(tmp_path))
    assert "bundled" in caught.value.hint


@pytest.mark.parametrize(
    "answer", ["print('something else')", "sys.exit(3)", "print('ffmpeg version 8.0'); sys.exit(1)"]
)
def test_another_program_is_not_taken_for_it(tmp_path: Path, answer: str) -> None:
    """What does not answer as FFmpeg is none."""
    with pytest.raises(DependencyError, match="does not work as FFmpeg"):
        find_ffmpeg(str(_script(tmp_path, answer, name="other")))


def test_a_missing_one_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program where the setting says, and no FFmpeg on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for setting in ("system", str(tmp_path), str(tmp_path / "nothing")):
        with pytest.raises(DependencyError, match="no FFmpeg at"):
            find_ffmpeg(setting)


def test_a_strangers_file_opens_nothing_but_itself() -> None:
    """Closed lists of protocols, containers and codecs stand before the input, and no network among them."""
    options = foreign_input(7, ("mp3", "wav"))

    assert options[-2:] == ["-i", "file:/dev/fd/7"]
    assert options[options.index("-protocol_whitelist") + 1] == "file"
    assert options[options.index("-format_whitelist") + 1] == "mp3,wav"
    for forbidden in ("hls", "concat", "http", "dash", "image2pipe", "magicyuv", "*"):
        assert not any(forbidden in word.split(",") for word in options)
