"""Machines as they are: closed streams, odd masks and clocks, folders elsewhere or gone, disks that fill anywhere."""

import os
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conftest import Mount
from tests.e2e.command import PROGRAM, environment, leftovers, started, voxweave
from tests.e2e.reading import look_at
from tests.fakes.voice import voice, write_wav
from voxweave.jobs.job import open_job
from voxweave.places import lock_folders

TINY = ("--resolution", "64x64", "--fps", "24", "--captions", "none", "--no-thumbnail", "--loudness", "off")


@pytest.fixture
def desk(tmp_path: Path, sounds: Path) -> Path:
    """A folder with a narration of half a second."""
    desk = tmp_path / "desk"
    desk.mkdir()
    shutil.copy(sounds / "blip.wav", desk / "talk.wav")
    return desk


def _shell(line: str, cwd: Path, **extra: str) -> "subprocess.CompletedProcess[str]":
    """A line of a shell in which `$VOX` is the command, and its talk is read as text."""
    surroundings = {**environment(cwd, **extra), "VOX": " ".join(PROGRAM)}
    return subprocess.run(
        ["bash", "-c", line],
        cwd=cwd,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _whole(desk: Path, film: str = "talk.mp4") -> bool:
    """Whether the film of half a second is there with all its frames, and no part of one."""
    return look_at(desk / film).frames == 12 and leftovers(desk) == []


@pytest.mark.parametrize("closed", ["<&-", "<&- >&- 2>&-"], ids=["input", "all"])
def test_closed_streams_are_no_matter(desk: Path, closed: str) -> None:
    """As daemons and cron jobs start us: no file of ours takes a closed stream's number."""
    done = _shell(f"$VOX make talk.wav {' '.join(TINY)} {closed}", desk)

    assert (done.returncode, done.stderr if closed != "<&-" else "") == (0, "")
    assert _whole(desk)


def test_nobody_listening_costs_no_film(desk: Path) -> None:
    """`make 2>&1 | head` has its line and goes away; the film is made, and kept in mind."""
    done = _shell(f"$VOX make talk.wav {' '.join(TINY)} 2>&1 | head -n 1; exit ${{PIPESTATUS[0]}}", desk)

    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert _whole(desk)
    assert "talk.mp4" in voxweave("history", cwd=desk).out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="NO /dev/full: a full output is not tried")
def test_an_output_on_a_full_disk_is_told(tmp_path: Path) -> None:
    """What is printed has no room: one line and status 8, no traceback."""
    done = _shell("$VOX config example > /dev/full", tmp_path)

    assert done.returncode == 8
    assert done.stderr == "voxweave: standard output cannot be written: No space left on device\n"


def test_input_is_left_to_whom_it_belongs(desk: Path) -> None:
    """A `q` on standard input ends nothing, and a shell's loop over lines keeps its lines."""
    (desk / "list").write_text("q\ntalk.wav\n")
    loop = f"while read -r line; do [ $line = q ] || $VOX make $line -q {' '.join(TINY)}; echo $line; done < list"
    done = _shell(loop, desk)

    assert done.stdout.split()[::2] == ["q", "talk.wav"]
    assert _whole(desk)


def test_no_home_and_no_locale(desk: Path) -> None:
    """An environment with nothing but a path, in the C locale without UTF-8: the same film, any name."""
    (desk / "talk.wav").rename(desk / "précis ☃.wav")
    bare = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    aside = {
        "XDG_STATE_HOME": f"{desk}.state",
        "XDG_CACHE_HOME": f"{desk}.cache",
        "XDG_CONFIG_HOME": f"{desk}.config",
    }
    line = [*PROGRAM, "make", "précis ☃.wav", *TINY]
    done = subprocess.run(
        line, cwd=desk, env={**bare, **aside}, capture_output=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    assert _whole(desk, "précis ☃.mp4")


@pytest.mark.parametrize(("mask", "mode"), [("077", 0o600), ("000", 0o666)])
def test_the_mask_decides_who_may_read(desk: Path, mask: str, mode: int) -> None:
    """Films and reports as the umask has it; where locks lie is ours alone under any."""
    done = _shell(f"umask {mask}; $VOX make talk.wav -q {' '.join(TINY)}", desk)

    assert done.returncode == 0, done.stderr
    files = (desk / "talk.mp4", desk / "talk.report.json")
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {mode}
    assert stat.S_IMODE((lock_folders()[0] / f"voxweave-{os.geteuid()}").stat().st_mode) == 0o700


def test_a_temporary_folder_on_another_disk(desk: Path, mounted: Mount) -> None:
    """The film is made beside its final place, whatever TMPDIR says."""
    told = voxweave("make", "talk.wav", "-q", *TINY, cwd=desk, TMPDIR=str(mounted("size=1m")))

    assert told.status == 0, told.err
    assert _whole(desk)


def test_home_that_takes_nothing_is_no_matter_for_a_drawn_film(desk: Path, mounted: Mount) -> None:
    """Settings, state and cache on a read-only disk: a film that orders nothing is made."""
    home = str(mounted("size=1m,ro"))
    surroundings = {"HOME": home, "XDG_STATE_HOME": f"{home}/state", "XDG_CACHE_HOME": f"{home}/cache"}
    told = voxweave("make", "talk.wav", "-q", *TINY, cwd=desk, **surroundings)

    assert told.status == 0, told.err
    assert _whole(desk)


def test_a_folder_that_was_removed_under_us(desk: Path) -> None:
    """Started where nothing is any more: one line and status 8."""
    done = _shell(f"mkdir sub; cd sub; rmdir ../sub; $VOX make {desk}/talk.wav", desk)

    assert (done.returncode, done.stderr.count("\n")) == (8, 1)
    assert "was removed" in done.stderr


def test_a_job_held_by_another_run(desk: Path) -> None:
    """Two films of one narration at once: the second run is refused and told who holds the job, whatever its output."""
    with open_job(desk / "talk.wav", None, identity="ours"):
        told = voxweave("make", "talk.wav", "-o", "other.mp4", "-q", *TINY, cwd=desk)

    assert (told.status, len(told.lines)) == (8, 1)
    assert f"process {os.getpid()}" in told.err
    assert voxweave("make", "talk.wav", "-o", "other.mp4", "-q", *TINY, cwd=desk).status == 0


def test_of_runs_begun_together_one_makes_the_film(desk: Path) -> None:
    """Three at the same moment on one output: one delivers, the others say who is at work, or that it is there."""
    runs = [started("make", "talk.wav", "-q", *TINY, cwd=desk) for _ in range(3)]
    said = [run.communicate(timeout=120)[1].decode() for run in runs]

    assert min(run.returncode for run in runs) == 0, said
    assert {run.returncode for run in runs} <= {0, 8}, said
    assert all(len(words.splitlines()) == bool(words) for words in said)
    assert _whole(desk)


def test_a_disk_that_is_full_at_any_moment(mounted: Mount, tmp_path: Path) -> None:
    """From no room at all to just enough: status 8, one line, no film or the whole one; with room again it is made."""
    disk = mounted("size=6m")
    write_wav(disk / "talk.wav", voice(4.0, pauses=[(1.8, 2.2)]))
    flags = ("make", "talk.wav", "-q", *TINY, "--scene-min-s", "1", "--scene-max-s", "2")
    full = []
    for room_kb in (40, 160, 320, 500, 620):
        (disk / "ballast").write_bytes(bytes(max(0, shutil.disk_usage(disk).free - room_kb * 1024)))
        told = voxweave(*flags, cwd=disk, **_aside(tmp_path))
        (disk / "ballast").unlink()
        full.append(told.status)
        assert told.status in {0, 8}, told.err
        assert (len(told.lines), (disk / "talk.mp4").exists()) == (
            (1, False) if told.status else (0, True)
        ), told.err
        assert leftovers(disk) == []
        if not told.status:
            break
    assert full.count(8) > 1
    assert voxweave(*flags, "--overwrite", cwd=disk, **_aside(tmp_path)).status == 0
    assert look_at(disk / "talk.mp4").frames == 96


def _aside(folder: Path) -> Mapping[str, str]:
    """State and cache on a disk with room."""
    return {"XDG_STATE_HOME": str(folder / "state"), "XDG_CACHE_HOME": str(folder / "cache")}
