"""A batch or a worker killed at any moment: its films end with it, and the next run makes what is missing, once."""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.command import leftovers, started, voxweave
from tests.e2e.room import TINY
from tests.fakes.voice import voice, write_wav

PATIENCE_S = 90
SRT = "1\n00:00:00,200 --> 00:00:01,200\nFirst words\n"
NAMES = ("one", "two", "three")


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a voice."""
    return write_wav(tmp_path_factory.mktemp("talk") / "talk.wav", voice(2.0))


@pytest.fixture
def desk(tmp_path: Path, talk: Path) -> Path:
    """A folder with three narrations."""
    for name in NAMES:
        shutil.copy(talk, tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.srt").write_text(SRT)
    return tmp_path


def _at_work(folder: Path) -> list[int]:
    """Living processes that were started with a name in this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:  # it has ended
                continue
            if os.fsencode(folder) in words:
                found.append(int(entry.name))
    return found


def _until(is_so: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends, "it never came so far"
        time.sleep(0.01)


def _films(desk: Path) -> dict[str, int]:
    return {file.name: file.stat().st_ino for file in desk.glob("*.mp4")}


def _states(desk: Path) -> dict[str, str]:
    told = voxweave("jobs", "list", "--json", cwd=desk)
    return {Path(job["narration"]).stem: job["state"] for job in json.loads(told.out)["jobs"]}


def test_a_batch_killed_in_the_middle_goes_on_where_it_was(desk: Path) -> None:
    """SIGKILL: no run outlives it, no card says that it runs, and the finished film is not made again."""
    run = started("batch", ".", "--at-once", "1", *TINY, cwd=desk)
    _until(lambda: len(_films(desk)) == 1 and len(list(desk.glob(".voxweave/*/voice.*"))) == 2)
    run.kill()
    run.communicate()
    _until(lambda: not _at_work(desk))
    done = _films(desk)

    assert len(done) == 1
    assert sorted(_states(desk).values()) == ["done", "stopped"]
    told = voxweave("batch", ".", "--at-once", "3", "--json", *TINY, cwd=desk)
    assert told.status == 0, told.err
    assert (told.report["state"], told.report["counters"]["up_to_date"]) == ("done", 1)
    assert done.items() <= _films(desk).items()
    assert set(_states(desk).values()) == {"done"}
    assert leftovers(desk) == []


def test_what_a_killed_worker_had_taken_is_made_by_the_next(desk: Path) -> None:
    """SIGKILL: its films end with it, and wait again as soon as another worker begins."""
    told = voxweave("batch", ".", "--detach", "--json", *TINY, cwd=desk)
    assert told.status == 0, told.err
    note = Path(f"{desk}.state") / "voxweave" / "worker.json"
    _until(lambda: "running" in {card["state"] for card in _cards(desk)})
    os.kill(json.loads(note.read_text())["pid"], 9)
    _until(lambda: not _at_work(desk))
    assert (
        "running" not in _states(desk).values()
    )  # killed within the claim it waits still, else it is stopped

    run = started("worker", "run", "--idle-s", "0.5", cwd=desk)
    _, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0, err
    assert _states(desk) == dict.fromkeys(NAMES, "done")
    assert sorted(_films(desk)) == sorted(f"{name}.mp4" for name in NAMES)


def _cards(desk: Path) -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in desk.glob(".voxweave/*/card.json")]
