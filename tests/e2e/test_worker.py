"""Films that are left to a worker: made without a terminal, announced at their end, taken up again after a stop."""

import json
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.command import started, voxweave
from tests.e2e.room import TINY
from tests.fakes.voice import voice, write_wav
from tests.pace import within

PATIENCE_S = 180
QUEUE = {"VOXWEAVE_QUEUE": "postgresql://127.0.0.1:1/films"}
"""Named for other commands, and away."""
SRT = "1\n00:00:00,200 --> 00:00:01,200\nFirst words\n"


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a voice."""
    return write_wav(tmp_path_factory.mktemp("talk") / "talk.wav", voice(2.0))


@pytest.fixture
def home(tmp_path: Path, talk: Path) -> Iterator[Path]:
    """A folder with two narrations; no worker of its user is left at the end."""
    for name in ("one", "two"):
        shutil.copy(talk, tmp_path / f"{name}.wav")
        (tmp_path / f"{name}.srt").write_text(SRT)
    yield tmp_path
    voxweave("worker", "stop", cwd=tmp_path)


def _until(is_so: Callable[[], object]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < ends, "it never came so far"
        time.sleep(0.05)


def _states(home: Path) -> dict[str, str]:
    told = voxweave("jobs", "list", "--json", cwd=home)
    return {Path(job["narration"]).stem: job["state"] for job in json.loads(told.out)["jobs"]}


def test_a_detached_film_is_made_by_the_worker_and_announced(home: Path) -> None:
    """The command comes back at once; one worker is there, a second is refused, and a stop ends it."""
    told = voxweave(
        "make", "one.wav", "--detach", "--on-complete", "touch announced", *TINY, cwd=home, **QUEUE
    )
    assert told.status == 0, told.err
    assert told.out.startswith("one-")
    second = voxweave("worker", "start", cwd=home)
    assert (second.status, "already running" in second.err) == (2, True)
    _until((home / "announced").exists)

    assert (home / "one.mp4").exists()
    assert _states(home) == {"one": "done"}
    status = json.loads(voxweave("worker", "status", "--json", cwd=home).out)
    assert (status["running"], status["waiting"], status["at_work"]) == (True, 0, 0)
    with within(5):
        assert voxweave("worker", "stop", cwd=home).status == 0
    assert not json.loads(voxweave("worker", "status", "--json", cwd=home).out)["running"]


def test_what_a_worker_was_stopped_at_waits_for_the_next(home: Path) -> None:
    """A stop leaves its films stopped; the next worker makes them, and ends when it has nothing to do."""
    told = voxweave("batch", ".", "--detach", "--json", *TINY, cwd=home)
    assert (told.status, json.loads(told.out)["state"]) == (0, "waiting"), told.err
    _until(lambda: any(json.loads(file.read_text())["pid"] for file in home.glob(".voxweave/*/card.json")))
    voxweave("worker", "stop", cwd=home)
    assert "stopped" in (before := set(_states(home).values()))
    assert before <= {"stopped", "waiting", "done"}

    run = started("worker", "run", "--idle-s", "0.5", cwd=home)
    _, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 0, err
    assert _states(home) == {"one": "done", "two": "done"}


def test_a_worker_lives_through_an_index_it_cannot_open(home: Path) -> None:
    """Trouble with the index is told once a cycle; when it is mended, the work goes on."""
    state = Path(f"{home}.state") / "voxweave"
    run = started("worker", "run", cwd=home)
    try:
        _until((state / "worker.json").exists)
        _until((state / "jobs.sqlite3").exists)
        for file in state.glob("jobs.sqlite3*"):
            file.unlink()
        began = time.monotonic()
        (state / "jobs.sqlite3").mkdir()
        time.sleep(2.5)
        assert run.poll() is None
        (state / "jobs.sqlite3").rmdir()
        gone_s = time.monotonic() - began
        assert voxweave("make", "one.wav", "--detach", *TINY, cwd=home).status == 0
        _until((home / "one.report.json").exists)
    finally:
        run.send_signal(signal.SIGTERM)
        _, err = run.communicate(timeout=PATIENCE_S)
    assert run.returncode == 143
    assert 1 <= err.decode().count("jobs cannot be taken") <= gone_s + 2
