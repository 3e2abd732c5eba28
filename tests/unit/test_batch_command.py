"""`voxweave batch` before any work: what it foretells, what it refuses, and what its program at the end is given."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.e2e.command import started
from voxweave.cli import run
from voxweave.cli.announce import announce
from voxweave.cli.batch_run import BatchRun, Entry, Named
from voxweave.cli.crowd import Board, Crowd, Row
from voxweave.cli.wanted import Common, films_of
from voxweave.core.events import Event
from voxweave.fleet.crew import Crew, Ended, Errand, News, Told
from voxweave.fleet.ends import AtWork
from voxweave.media.stopping import StopSignal


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own with a list of two narrations, one of which is missing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "a.mp3").write_bytes(b"sound")
    (tmp_path / "talks.csv").write_text("narration\na.mp3\ngone.mp3\n")


def test_a_missing_narration_is_foretold(capsys: pytest.CaptureFixture[str]) -> None:
    """--dry-run does not promise a film of what is not there."""
    assert run(["batch", "talks.csv", "--dry-run"]) == 3
    said = capsys.readouterr()
    assert run(["batch", "talks.csv", "--dry-run", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)

    assert "gone.mp3: is missing\n" in said.out
    assert said.err.startswith("1 of 2 films would be made\nvoxweave: gone.mp3 is missing; check")
    assert [film["state"] for film in told["films"]] == ["waiting", "failed"]


def test_a_dry_run_sends_nothing_to_a_queue(capsys: pytest.CaptureFixture[str]) -> None:
    """--queue with --dry-run tells the same, and asks nobody."""
    nobody = "postgresql://me@127.0.0.1:1/films"

    assert run(["batch", ".", "--queue", nobody, "--dry-run"]) == 0
    assert "1 of 1 films would be made" in capsys.readouterr().err


def test_nobody_stays_to_run_a_program_when_films_were_only_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """--detach with --queue leaves no program of ours behind, so --on-complete is refused before anything is sent."""
    nobody = "postgresql://me@127.0.0.1:1/films"

    assert run(["batch", ".", "--queue", nobody, "--detach", "--on-complete", "true"]) == 2
    assert "nobody is here any more to run --on-complete" in capsys.readouterr().err


def test_events_of_a_detached_batch_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """It would come back without having told one."""
    assert run(["batch", ".", "--detach", "--events"]) == 2
    assert "--detach comes back before anything happens" in capsys.readouterr().err


def test_the_program_at_the_end_gets_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has our environment without the variables that providers' keys stand in."""
    for name in (
        "VOXWEAVE_OPENAI_KEY",
        "VOXWEAVE_OPENAI_KEY_FILE",
        "OPENAI_API_KEY",
        "OPENAI_API_KEY_PRIMARY",
    ):
        monkeypatch.setenv(name, "a-secret")
    monkeypatch.setenv("MY_TOKEN", "mine")

    announce(f"sh -c 'env > {tmp_path}/seen'", {"state": "done"})

    seen = dict(line.split("=", 1) for line in (tmp_path / "seen").read_text().splitlines() if "=" in line)
    assert (seen["MY_TOKEN"], seen["VW_STATE"], seen["PATH"]) == ("mine", "done", os.environ["PATH"])
    assert "a-secret" not in seen.values()


class TakenCrew:
    """A crew that finds the first film's job in another's hands, who lets go of it at once."""

    def __init__(self) -> None:
        self.has_room, self.busy, self.asked = True, 0, 0
        self._errand: Errand | None = None

    def works_on(self, _: Path) -> bool:
        """Nothing at all."""
        return False

    def start(self, errand: Errand) -> None:
        """Only when asked again."""
        self.asked += 1
        if self.asked == 1:
            raise AtWork("the job is being worked on by another run")
        self._errand, self.busy = errand, 1

    def news(self, _: float) -> Iterator[News]:
        """Its end."""
        if self._errand is not None:
            self.busy = 0
            yield Ended(self._errand, 0, ())


def test_a_run_that_ends_as_it_is_looked_at_leaves_the_film_to_us(tmp_path: Path) -> None:
    """Its job was taken and is free a moment later: that is no failure of ours, and no other film."""
    wanted = replace(films_of(tmp_path, Common({}))[0], narration=tmp_path / "gone.mp3")
    entry = Entry(wanted, Row(wanted.title, ""))
    board = Board("season", [entry.row])
    crew = cast(Crew, TakenCrew())

    made = list(BatchRun(Named("season"), [entry], board, crew, Crowd(board), StopSignal()).run())

    assert [(one.row.state, one.status) for one in made] == [("done", 0)]


class LateCrew:
    """A crew whose one film says something after its end, as a program that it left behind may."""

    def __init__(self) -> None:
        self.has_room, self.busy = True, 0
        self._errand: Errand | None = None

    def works_on(self, _: Path) -> bool:
        """Nothing at all."""
        return False

    def start(self, errand: Errand) -> None:
        """Take it up."""
        self._errand, self.busy = errand, 1

    def news(self, _: float) -> Iterator[News]:
        """Its end, and then a word."""
        assert self._errand is not None
        self.busy = 0
        event = Event(kind="progress", film="a", stage="render", group="rendering", done=0.5)
        yield from (Ended(self._errand, 0, ()), Told(self._errand, event))


def test_a_word_after_the_end_costs_nothing(tmp_path: Path) -> None:
    """A film that is heard of once more after it has ended stays as it is, and the batch goes on."""
    (wanted,) = films_of(tmp_path, Common({}))
    entry = Entry(wanted, Row(wanted.title, ""))
    board = Board("season", [entry.row])
    crew = cast(Crew, LateCrew())

    made = list(BatchRun(Named("season"), [entry], board, crew, Crowd(board), StopSignal()).run())

    assert [one.status for one in made] == [0]


def test_a_stop_before_films_are_sent_promises_nothing(tmp_path: Path) -> None:
    """That films are being made elsewhere is said of those that are on the queue."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        deaf.settimeout(20)
        queue = f"postgresql://me@127.0.0.1:{deaf.getsockname()[1]}/films"
        line = ["batch", ".", "--queue", queue, "--artifacts", str(tmp_path / "shared")]
        batch = started(*line, cwd=tmp_path)
        talk, _ = deaf.accept()
        with talk:
            batch.send_signal(signal.SIGINT)
            _, said = batch.communicate(timeout=20)

    assert batch.returncode == 130
    assert said.endswith(b"voxweave: stopped; run the same command to go on\n")
    assert b"still being made" not in said
