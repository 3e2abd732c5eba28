"""Many films by one command: what fails stops nothing, what is done is not done again, one sum pays for all."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Told, started, voxweave
from tests.e2e.room import KEY, QUICK, TINY
from tests.fakes.provider import FakeProvider
from tests.fakes.voice import voice, write_wav

PATIENCE_S = 60
PROMPT_S = 2.0
BUSY_S = 2.0
"""A machine that does other work at the same time may take this much longer to let processes end."""
SRT = "1\n00:00:00,200 --> 00:00:01,200\nThe words of {name}\n"
HASTE = tuple(flag for flag in QUICK if flag != "--overwrite")


@dataclass(frozen=True)
class Shelf:
    """A folder with narrations, which is also the user's home."""

    folder: Path

    def batch(self, *words: str | Path, status: int = 0) -> Told:
        """Make them."""
        told = voxweave("batch", *words, *TINY, cwd=self.folder, ZAI_API_KEY=KEY)
        assert told.status == status, told.err
        return told

    def told(self, *words: str | Path, status: int = 0) -> dict[str, Any]:
        """Make them, and what is said of them as JSON."""
        found = json.loads(self.batch(*words, "--json", status=status).out)
        assert isinstance(found, dict)
        assert found["exit_code"] == status
        return found


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a voice."""
    return write_wav(tmp_path_factory.mktemp("talk") / "talk.wav", voice(2.0))


@pytest.fixture
def shelf(tmp_path: Path, talk: Path) -> Shelf:
    """Three narrations with their words, and a fourth that is none."""
    (tmp_path / "in").mkdir()
    for name in ("ep1", "ep2", "ep10"):
        shutil.copy(talk, tmp_path / "in" / f"{name}.wav")
        (tmp_path / "in" / f"{name}.srt").write_text(SRT.format(name=name))
    (tmp_path / "in" / "ep3.mp3").write_text("no sound at all")
    return Shelf(tmp_path)


def by_name(told: dict[str, Any], key: str) -> dict[str, Any]:
    """What is said of each film."""
    return {Path(film["narration"]).stem: film[key] for film in told["films"]}


def test_a_folder_is_made_and_only_what_is_missing_is_made_again(shelf: Shelf) -> None:
    """One that fails stops nothing; run again, finished films are not begun, and one that was deleted is made."""
    first = shelf.told("in", "-o", "out", status=9)

    states = {"ep1": "done", "ep2": "done", "ep3": "failed", "ep10": "done"}
    assert list(by_name(first, "state").items()) == list(states.items())
    assert (first["state"], first["counters"]["done"], first["counters"]["failed"]) == ("partial", 3, 1)
    (broken,) = (film for film in first["films"] if film["state"] == "failed")
    assert (broken["exit_code"], broken["error"]["code"]) == (3, "input")
    films = {name: (shelf.folder / "out" / f"{name}.mp4").stat().st_ino for name in ("ep1", "ep10")}
    assert sorted(file.name for file in shelf.folder.iterdir() if file.suffix == "") == ["in", "out"]

    (shelf.folder / "out" / "ep2.mp4").unlink()
    events = [
        json.loads(line) for line in shelf.batch("in", "-o", "out", "--events", status=9).out.splitlines()
    ]
    assert films == {name: (shelf.folder / "out" / f"{name}.mp4").stat().st_ino for name in films}
    assert (shelf.folder / "out" / "ep2.mp4").exists()
    assert {event["film"] for event in events if "job" in event} == {"ep2.wav", "ep3.mp3"}
    assert [event["state"] for event in events if event["kind"] == "ended"] in (
        ["done", "failed"],
        ["failed", "done"],
    )
    assert (events[0]["counters"]["up_to_date"], events[-1]["state"]) == (2, "partial")
    assert _states(shelf.folder, "--batch", first["batch"]) == {"done", "failed"}
    status = json.loads(voxweave("batch", "status", "in", "--json", cwd=shelf.folder).out)
    assert {key: status[key] for key in ("state", "counters", "percent")} == {
        key: events[-1][key] for key in ("state", "counters", "percent")
    }


def test_a_list_gives_each_film_its_own_settings(shelf: Shelf) -> None:
    """One narration twice with different settings, one after the other; two runs of it are one film each."""
    (shelf.folder / "talks.toml").write_text(
        'seed = 7\n[[film]]\nnarration = "in/ep1.wav"\nstyle = "ink"\noutput = "films/ink.mp4"\n'
        '[[film]]\nnarration = "in/ep1.wav"\nstyle = "paper"\noutput = "films/paper.webm"\n'
    )  # fmt: skip
    shelf.folder.joinpath("films").mkdir()
    flags = ("talks.toml", "--style", "ocean", "--name", "season one")
    dry = shelf.batch(*flags, "--dry-run")
    assert [line.rpartition(" would be ")[2] for line in dry.out.splitlines()] == ["made", "made"]
    assert list((shelf.folder / "films").iterdir()) == []

    told = shelf.told(*flags, "--on-complete", "sh -c 'env > facts'")

    assert (told["batch"], told["state"], set(by_name(told, "state").values())) == (
        "season one",
        "done",
        {"done"},
    )
    reports = [
        json.loads((shelf.folder / "films" / f"{name}.report.json").read_text()) for name in ("ink", "paper")
    ]
    assert [(report["style"], report["canvas"]["width"]) for report in reports] == [
        ("ink", 256),
        ("paper", 256),
    ]
    facts = dict(
        line.split("=", 1) for line in (shelf.folder / "facts").read_text().splitlines() if line[:3] == "VW_"
    )
    assert (facts["VW_EVENT"], facts["VW_STATE"], facts["VW_DONE"], facts["VW_TOTAL"]) == (
        "batch",
        "done",
        "2",
        "2",
    )
    assert shelf.told(*flags)["counters"]["up_to_date"] == 2


@pytest.mark.parametrize(
    ("lines", "status", "said"),
    [
        (
            "narration,fps\nin/ep1.wav,17\n",
            2,
            "voxweave: fps (talks.csv, line 2): '17' is not accepted; accepted: 24,",
        ),
        (
            "narration,output\nin/ep1.wav,x.mp4\nin/ep2.wav,x.mp4\n",
            2,
            "voxweave: talks.csv, line 3: it would be written to x.mp4, as talks.csv, line 2 would; give one",
        ),
    ],
)
def test_a_list_with_a_mistake_begins_nothing(shelf: Shelf, lines: str, status: int, said: str) -> None:
    """One line that names file, line and what is allowed."""
    (shelf.folder / "talks.csv").write_text(lines)
    told = shelf.batch("talks.csv", status=status)

    assert told.err.startswith(said)
    assert len(told.lines) == 1
    assert not (shelf.folder / "in" / ".voxweave").exists()


@pytest.fixture(scope="module")
def shop(bundled: Path) -> Iterator[FakeProvider]:
    """A provider whose clips cost 20 cents each."""
    with FakeProvider(ffmpeg=bundled) as fake:
        yield fake


def test_a_batch_asks_nobody_and_one_sum_pays_for_all(shelf: Shelf, shop: FakeProvider) -> None:
    """Without a sum nothing is ordered, and what would be refused alike is not begun; with one all pay from it."""
    shop.reset(flavour="zai", job_seconds=0.1, clip_size="320x180")
    for name in ("ep3.mp3", "ep10.wav"):
        (shelf.folder / "in" / name).unlink()
    flags = ("in", "--provider", "zai", "--base-url", shop.base_url, "--clips", "1", "--at-once", "1", *HASTE)
    flags = (*flags, "--name", "autumn")

    told = shelf.told(*flags, status=6)
    assert [film["seconds"] is None for film in told["films"]] == [False, True]
    assert {film["error"]["hint"].partition(",")[0] for film in told["films"]} == {
        "allow a sum for the whole batch with --max-cost DOLLARS"
    }
    assert shop.truth()["orders"] == []

    told = shelf.told(*flags, "--max-cost", "0.20", status=9)
    assert (len(shop.truth()["orders"]), told["cost_usd"]) == (1, 0.2)
    assert by_name(told, "state") == {"ep1": "done", "ep2": "short"}
    again = voxweave("jobs", "retry", "--batch", "autumn", cwd=shelf.folder, ZAI_API_KEY=KEY)
    assert (again.status, "is there already" in again.err) == (9, False), again.err

    told = shelf.told(*flags, "--max-cost", "0.40")
    assert (len(shop.truth()["orders"]), told["cost_usd"], told["counters"]["up_to_date"]) == (2, 0.4, 1)


def _made_of(folder: Path) -> list[int]:
    """Runs of make that are at work for this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:  # it has ended
                continue
            if b"make" in words and any(word.startswith(os.fsencode(folder)) for word in words):
                found.append(int(entry.name))
    return found


def _states(folder: Path, *words: str) -> set[str]:
    """The states of the jobs there."""
    told = voxweave("jobs", "list", "--json", *words, cwd=folder)
    return {job["state"] for job in json.loads(told.out)["jobs"]}


def _until(is_so: Callable[[], bool], run: "subprocess.Popen[bytes] | None" = None) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not is_so():
        assert run is None or run.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < ends, "it never came so far"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_ends_all_and_the_next_run_goes_on(shelf: Shelf, number: signal.Signals) -> None:
    """Every film's run hears of it, ends within two seconds and says so in its card."""
    (shelf.folder / "in" / "ep3.mp3").unlink()
    run = started("batch", "in", "--at-once", "2", *TINY, cwd=shelf.folder)
    _until(lambda: len(list(shelf.folder.glob("in/.voxweave/*/voice.*"))) >= 2, run)
    asked = time.monotonic()
    run.send_signal(number)
    _, err = run.communicate(timeout=PATIENCE_S)

    assert (run.returncode, time.monotonic() - asked < PROMPT_S + BUSY_S) == (128 + number, True)
    assert err.decode().splitlines()[-1] == "voxweave: stopped; run the same command to go on"
    _until(lambda: not _made_of(shelf.folder))
    assert _states(shelf.folder) <= {"stopped", "done"}
    if number == signal.SIGINT:
        assert shelf.told("in", "--at-once", "3")["state"] == "done"


def test_a_batch_is_cancelled_from_elsewhere(shelf: Shelf) -> None:
    """Whoever makes it ends, and nothing of it goes on or waits; the same command makes it after all."""
    (shelf.folder / "in" / "ep3.mp3").unlink()
    run = started("batch", "in", "--at-once", "1", *TINY, cwd=shelf.folder)
    _until(lambda: len(list(shelf.folder.glob("in/.voxweave/*/voice.*"))) >= 1, run)
    told = voxweave("batch", "cancel", "in", "--json", cwd=shelf.folder)
    run.communicate(timeout=PATIENCE_S)

    assert (told.status, run.returncode) == (0, 128 + signal.SIGTERM), told.err
    found = json.loads(told.out)
    assert (found["state"], found["counters"]["cancelled"]) == ("cancelled", 3)
    assert _states(shelf.folder) == {"cancelled"}
    assert voxweave("batch", "cancel", "in", cwd=shelf.folder).status == 2


def test_a_film_that_another_makes_is_waited_for(shelf: Shelf) -> None:
    """The same film is counted when it is there, and made once; another film of its narration is refused."""
    for name in ("ep2.wav", "ep3.mp3", "ep10.wav"):
        (shelf.folder / "in" / name).unlink()
    other = started("make", "in/ep1.wav", *TINY, cwd=shelf.folder)
    _until(lambda: "running" in _cards(shelf.folder), other)
    os.killpg(other.pid, signal.SIGSTOP)
    assert "worked on by another" in shelf.batch("in", "--style", "ink", status=8).err
    batch = started("batch", "in", "--json", *TINY, cwd=shelf.folder)
    assert batch.stderr is not None
    said = [next(line for line in batch.stderr if b"made by another, waiting for it" in line)]
    os.killpg(other.pid, signal.SIGCONT)

    out, err = batch.communicate(timeout=PATIENCE_S)
    other.communicate(timeout=PATIENCE_S)
    told = json.loads(out)
    assert (batch.returncode, other.returncode) == (0, 0), (said, err)
    assert [(film["state"], film["seconds"], film["exit_code"]) for film in told["films"]] == [
        ("done", None, 0)
    ]


def _cards(folder: Path) -> str:
    """What the cards say, all together."""
    return "".join(file.read_text() for file in folder.glob("in/.voxweave/*/card.json"))
