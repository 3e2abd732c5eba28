"""Stopped at any moment, by any signal: nothing is left in the way, and the next run goes on."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.command import leftovers, started, voxweave
from tests.e2e.reading import Track, look_at
from tests.fakes.voice import voice, write_wav
from tests.pace import within

FLAGS = (
    "--resolution",
    "480x270",
    "--scene-min-s",
    "1",
    "--scene-max-s",
    "3",
    "--workers",
    "1",
    "--style",
    "minimal",
)
SRT = "1\n00:00:00,500 --> 00:00:01,200\nFirst words\n"
PATIENCE_S = 120
PROMPT_S = 2.0

Moment = Callable[[Path], bool]


def _scenes(folder: Path) -> list[Path]:
    return [scene for scene in folder.glob(".voxweave/*/scenes/*.mp4") if not scene.name.startswith(".")]


MOMENTS: dict[str, Moment] = {
    "starting": lambda folder: (folder / ".voxweave").exists(),
    "listening": lambda folder: any(folder.glob(".voxweave/*/voice.*")),
    "drawing the first scene": lambda folder: any(folder.glob(".voxweave/*/scenes/.*.part.mp4")),
    "after the second scene": lambda folder: len(_scenes(folder)) >= 2,
    "joining": lambda folder: any(folder.glob(".talk.vw*.part.mp4")),
}


@dataclass(frozen=True)
class Undisturbed:
    """A film nobody interrupted."""

    picture: Track
    sound: Track
    scenes: int


@pytest.fixture(scope="module")
def narration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds with pauses every two."""
    sound = voice(8.0, pauses=[(at, at + 0.5) for at in (1.7, 3.7, 5.7)])
    return write_wav(tmp_path_factory.mktemp("narration") / "talk.wav", sound)


def _desk(folder: Path, narration: Path) -> Path:
    shutil.copy(narration, folder / "talk.wav")
    (folder / "talk.srt").write_text(SRT)
    return folder


@pytest.fixture(scope="module")
def undisturbed(narration: Path, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """What the film should be."""
    folder = _desk(tmp_path_factory.mktemp("undisturbed"), narration)
    told = voxweave("make", "talk.wav", *FLAGS, "--json", cwd=folder)
    assert told.status == 0, told.err
    seen = look_at(folder / "talk.mp4")
    return Undisturbed(seen.picture, seen.sound, len(told.report["scenes"]))


@pytest.fixture
def desk(tmp_path: Path, narration: Path) -> Path:
    """A folder with the narration and its captions."""
    return _desk(tmp_path, narration)


def _processes(folder: Path) -> list[int]:
    """Living processes that were started with a name in this folder, or stand in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words, place = (entry / "cmdline").read_bytes(), (entry / "cwd").readlink()
            except OSError:  # it has ended, or is somebody else's
                continue
            if os.fsencode(folder) in words or place.is_relative_to(folder):
                found.append(int(entry.name))
    return found


def _until(moment: Moment, folder: Path, run: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + PATIENCE_S
    while not moment(folder):
        assert run.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < ends, "it never came so far"
        time.sleep(0.005)


@pytest.fixture
def running(desk: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """The command at work in the desk's folder, gone when the test is."""
    run = started("make", "talk.wav", *FLAGS, cwd=desk)
    yield run
    if run.poll() is None:
        run.kill()
    run.communicate()


def _gone(folder: Path) -> bool:
    ends = time.monotonic() + PATIENCE_S
    while _processes(folder) and time.monotonic() < ends:
        time.sleep(0.02)
    return not _processes(folder)


def _goes_on(desk: Path, undisturbed: Undisturbed) -> int:
    """Run again: the film is what it should be, what was finished is not made again; how much that was."""
    kept = {scene.name: scene.stat().st_ino for scene in _scenes(desk)}
    told = voxweave("make", "talk.wav", *FLAGS, "--json", cwd=desk)
    assert told.status == 0, told.err
    seen = look_at(desk / "talk.mp4")

    assert (seen.picture, seen.sound) == (undisturbed.picture, undisturbed.sound)
    assert sum(scene["reused"] for scene in told.report["scenes"]) == len(kept)
    assert {
        name: (desk_scene.stat().st_ino)
        for name in kept
        for desk_scene in _scenes(desk)
        if desk_scene.name == name
    } == kept
    assert leftovers(desk) == []
    assert sorted(file.name for file in desk.iterdir()) == [
        ".voxweave", "talk.mp4", "talk.report.json", "talk.srt", "talk.thumbnail.png", "talk.wav",
    ]  # fmt: skip
    return len(kept)


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment(
    moment: str, desk: Path, running: "subprocess.Popen[bytes]", undisturbed: Undisturbed
) -> None:
    """SIGKILL: programs end with us, there is no film, and the next run makes the same film without redoing scenes."""
    _until(MOMENTS[moment], desk, running)
    running.kill()
    running.wait()

    assert _gone(desk)
    assert not (desk / "talk.mp4").exists()
    kept = _goes_on(desk, undisturbed)
    assert kept >= {"after the second scene": 2, "joining": undisturbed.scenes}.get(moment, 0)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["listening", "after the second scene", "joining"])
def test_stopped_by_a_signal(
    moment: str,
    number: signal.Signals,
    status: int,
    desk: Path,
    running: "subprocess.Popen[bytes]",
    undisturbed: Undisturbed,
) -> None:
    """Ctrl-C or SIGTERM: over in under 2 s with one line and 130 or 143; no child, no part, no film; the next run goes on."""
    _until(MOMENTS[moment], desk, running)
    with within(PROMPT_S):
        running.send_signal(number)
        _, said = running.communicate(timeout=PATIENCE_S)

    assert running.returncode == status
    assert said.decode().splitlines()[-1] == "voxweave: stopped; run the same command to go on"
    assert _processes(desk) == []
    assert leftovers(desk) == []
    assert not (desk / "talk.mp4").exists()
    _goes_on(desk, undisturbed)


def test_ctrl_c_in_a_terminal_reaches_the_whole_group(desk: Path, running: "subprocess.Popen[bytes]") -> None:
    """The terminal's Ctrl-C goes to every process of the group; the end is as quiet."""
    _until(MOMENTS["drawing the first scene"], desk, running)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=PATIENCE_S)

    assert running.returncode == 130
    assert b"Traceback" not in said
    assert leftovers(desk) == []


def test_two_signals_do_no_harm(desk: Path, running: "subprocess.Popen[bytes]") -> None:
    """An impatient second Ctrl-C changes nothing."""
    _until(MOMENTS["drawing the first scene"], desk, running)
    for _ in range(2):
        running.send_signal(signal.SIGINT)
        time.sleep(0.02)
    _, said = running.communicate(timeout=PATIENCE_S)

    assert running.returncode == 130
    assert b"Traceback" not in said
    assert leftovers(desk) == []


def test_the_rest_of_the_line_is_not_begun_after_a_stop(desk: Path) -> None:
    """Ctrl-C ends all narrations of one command line."""
    shutil.copy(desk / "talk.wav", desk / "more.wav")
    run = started("make", "talk.wav", "more.wav", *FLAGS, cwd=desk)
    _until(MOMENTS["drawing the first scene"], desk, run)
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=PATIENCE_S)

    assert run.returncode == 130
    assert len(list((desk / ".voxweave").iterdir())) == 1


def test_a_second_run_on_the_same_output_is_refused(desk: Path, running: "subprocess.Popen[bytes]") -> None:
    """Two runs cannot make one film: the second says at once who holds it, and leaves the first in peace."""
    _until(MOMENTS["drawing the first scene"], desk, running)
    running.send_signal(signal.SIGSTOP)  # or it might be done before the others have begun
    same = voxweave("make", "talk.wav", *FLAGS, "-q", cwd=desk)
    shutil.copy(desk / "talk.wav", desk / "other.wav")
    other = voxweave("make", "other.wav", "-o", "talk.mp4", "--work", "elsewhere", *FLAGS, "-q", cwd=desk)

    for told in (same, other):
        assert (told.status, len(told.lines)) == (8, 1)
        assert f"process {running.pid}" in told.err
    # At once is before any work, by whatever clock: the narration was not so much as looked at.
    assert not [*(desk / "elsewhere").rglob("steps"), *(desk / "elsewhere").rglob("*.wav")]
    running.send_signal(signal.SIGCONT)
    _, said = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 0, said
    assert look_at(desk / "talk.mp4").frames == 240


def test_a_changed_caption_redoes_only_its_scenes(desk: Path, undisturbed: Undisturbed) -> None:
    """After an edit the scenes it does not touch are kept, and the film is not the old one."""
    assert voxweave("make", "talk.wav", *FLAGS, "-q", cwd=desk).status == 0
    (desk / "talk.srt").write_text(SRT.replace("First", "Other"))
    told = voxweave("make", "talk.wav", *FLAGS, "--overwrite", "--json", cwd=desk)

    assert [scene["reused"] for scene in told.report["scenes"]] == [False] + [True] * (undisturbed.scenes - 1)
    assert look_at(desk / "talk.mp4").picture != undisturbed.picture


def test_a_damaged_result_is_made_again(desk: Path, undisturbed: Undisturbed) -> None:
    """A step's file that was cut short or emptied is not believed."""
    assert voxweave("make", "talk.wav", *FLAGS, "-q", cwd=desk).status == 0
    for step in desk.glob(".voxweave/*/steps/*.json"):
        step.write_bytes(step.read_bytes()[:40])
    for sound in desk.glob(".voxweave/*/sound.*"):
        sound.write_bytes(b"")
    told = voxweave("make", "talk.wav", *FLAGS, "--overwrite", "--json", cwd=desk)

    assert told.status == 0, told.err
    assert look_at(desk / "talk.mp4").sound == undisturbed.sound
    assert json.loads((desk / "talk.report.json").read_text())["frames"] == 240


def test_a_film_that_is_there_has_all_that_belongs_to_it(
    desk: Path, running: "subprocess.Popen[bytes]"
) -> None:
    """Report, thumbnail and what is known of it come before the film's name: the next run finds it up to date."""
    while not (desk / "talk.mp4").exists():
        assert running.poll() is None or (desk / "talk.mp4").exists()
        time.sleep(0.002)
    running.kill()
    running.communicate(timeout=PATIENCE_S)

    assert (desk / "talk.report.json").exists()
    assert (desk / "talk.thumbnail.png").exists()
    assert [
        left for left in leftovers(desk) if not left.startswith(".voxweave/")
    ] == []  # its card may be half told
    again = voxweave("make", "talk.wav", *FLAGS, cwd=desk)
    assert (again.status, "is up to date" in again.err) == (0, True), again.err
