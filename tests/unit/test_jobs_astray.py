"""`voxweave jobs` and the worker where things are gone, broken, or done by two at once."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.unit.alone import alone  # noqa: F401  for all tests here
from tests.unit.jobs_here import apart, listed  # noqa: F401  the first for all tests here
from voxweave.cli import run
from voxweave.cli.worker import own_folder
from voxweave.cli.worker_run import WorkerRun
from voxweave.core.orders import Wanted
from voxweave.errors import StorageError
from voxweave.fleet.crew import Crew
from voxweave.jobs.budget import Budget
from voxweave.jobs.cards import Card, card_in, error_of, keep_card
from voxweave.jobs.index import Index
from voxweave.jobs.job import held, open_job
from voxweave.jobs.opening import open_ledger
from voxweave.jobs.pglink import spoken
from voxweave.media.stopping import StopSignal

Said = pytest.CaptureFixture[str]


def now(card: Card) -> Card:
    """As it is on disk."""
    return card_in(card.folder) or card


def ordered(card: Card, *, fetched: bool = False) -> None:
    """Something is ordered for the job."""
    wanted = Wanted(provider="p", model="m", prompt="a", seconds=4, width=320, height=180)
    with open_ledger(card.folder) as ledger:
        key = ledger.claim(wanted, 1.0, budget=Budget(max_usd=9)).order.key
        ledger.accept(key, "id")
        if fetched:
            ledger.move(key, "failed")


def test_a_job_at_work_is_not_begun_again(capsys: Said) -> None:
    """Whoever took it since it was looked at keeps it, for a retry here as for one left to a worker."""
    card = listed(state="stopped")
    begun = card.begun()
    with Index() as index:
        known = index.find(card.id)  # the list still says stopped
        keep_card(begun)
        assert known.state == "stopped"

    for rest in ((), ("--detach",)):
        assert run(["jobs", "retry", card.id, *rest]) == 2
        assert "is at work; voxweave jobs watch" in capsys.readouterr().err
        with Index() as index:
            index.note(card)
    assert begun == now(card)


def test_a_job_named_twice_is_run_once(capsys: Said) -> None:
    """By its id, its narration, and its batch."""
    card = listed(state="failed", batch="autumn")

    assert run(["jobs", "retry", card.id, card.id, "talk.mp3", "--batch", "autumn"]) == 3
    assert 1 == capsys.readouterr().err.count("is missing")


@pytest.mark.parametrize("gone", ["narration", "working folder"])
def test_a_retry_from_nowhere_is_said(gone: str, tmp_path: Path, capsys: Said) -> None:
    """A folder that is gone, the narration's or the one we stand in, is no bug; the job has failed."""
    (tmp_path / "talks").mkdir()
    (tmp_path / "stand").mkdir()
    os.chdir(tmp_path / "talks")
    card = listed(state="failed", work=tmp_path / "work")
    os.chdir(tmp_path / "stand")
    shutil.rmtree(tmp_path / ("talks" if gone == "narration" else "stand"))

    assert run(["jobs", "retry", card.id]) == 3
    said = capsys.readouterr().err
    assert ("cannot be entered" if gone == "narration" else "is missing") in said
    assert ("failed", 3) == (now(card).state, now(card).exit_code)


def test_only_films_are_made_again(capsys: Said) -> None:
    """A card whose line is another command's is refused, and left as it is."""
    card = listed(state="failed", arguments=("clean", "--with-orders", "talk.mp3"))

    assert run(["jobs", "retry", card.id]) == 2
    assert "how talk-" in capsys.readouterr().err
    assert "failed" == now(card).state


def test_a_process_that_is_not_proven_is_not_ended(capsys: Said) -> None:
    """A number alone may be anybody's by now."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        card = listed().begun().changed(pid=stranger.pid, pid_started="")
        with Index() as index:
            index.put(card)
        assert run(["jobs", "cancel", card.id]) == 8
        assert "a process that is not known" in capsys.readouterr().err
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("word", ["--limit", "--offset"])
def test_a_page_beyond_all_numbers_is_refused(word: str) -> None:
    """With status 2, not by SQLite."""
    assert run(["jobs", "list", word, "99999999999999999999"]) == 2


@pytest.mark.parametrize("rest", [("--sparkle", "9"), ("--fps", "never")])
def test_another_release_s_line_hides_no_card(rest: tuple[str, ...], capsys: Said) -> None:
    """Its orders are looked up in its folder; with none to fetch the job can be thrown away."""
    card = listed("talk", *rest, state="done")
    ordered(card)
    assert run(["jobs", "show", card.id]) == 0
    assert "1 accepted" in capsys.readouterr().out
    assert run(["jobs", "clean", card.id]) == 2
    assert "1 order under way" in capsys.readouterr().err

    ordered(card, fetched=True)
    assert run(["jobs", "clean", card.id]) == 0
    assert not card.folder.exists()


def test_orders_that_cannot_be_read_hide_no_card(capsys: Said) -> None:
    """The card is shown, and that its orders are not known; such a job is not thrown away by itself."""
    card = listed(state="done")
    (card.folder / "orders.sqlite3").write_bytes(b"no database " * 400)

    assert run(["jobs", "show", card.id, "--json"]) == 0
    said = capsys.readouterr()
    assert None is json.loads(said.out)["orders"]
    assert "its orders are not known" in said.err
    assert run(["jobs", "show", card.id]) == 0
    assert card.id in capsys.readouterr().out
    assert run(["jobs", "clean", card.id]) == 8
    assert card.folder.exists()


def test_a_run_waits_for_whoever_only_looks() -> None:
    """The lock of a job is held for a moment by all who look whether it is at work."""
    folder = listed().folder
    looked = threading.Event()

    def look() -> None:
        with held(folder / "lock", "the job"):
            looked.set()
            time.sleep(0.1)

    looker = threading.Thread(target=look)
    looker.start()
    assert looked.wait(60)
    with open_job(Path("talk.mp3"), None, identity="x") as job:
        assert folder == job.folder
    looker.join()


def test_what_passes_by_itself_is_worth_another_try() -> None:
    """A job that another run holds, and a database that is away."""
    with (
        open_job(Path("talk.mp3"), None, identity="x"),
        pytest.raises(StorageError) as caught,
        open_job(Path("talk.mp3"), None, identity="x"),
    ):
        pass
    assert error_of(caught.value).retryable
    psycopg = pytest.importorskip("psycopg", reason="NO PSYCOPG: pip install 'voxweave-film[cluster]'")
    away = psycopg.OperationalError("connection refused")
    assert error_of(spoken(away, "db", waited_s=120)).retryable
    assert not error_of(spoken(away, "db")).retryable


def test_a_claim_that_was_cut_short_waits_again() -> None:
    """The card says that a worker has it, the list does not yet, and that worker is no more."""
    card = listed()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    told = {"pid": dead.pid, "started": "then", "jobs": []}
    (own_folder() / "worker.taken.json").write_text(json.dumps(told))
    keep_card(card.begun(claimed=True).changed(pid=dead.pid, pid_started="then"))

    a_worker_comes_and_goes()
    assert "waiting" == now(card).state
    with Index() as index:
        assert card.id == getattr(index.claim(), "id", "")


def test_a_worker_makes_nothing_but_films(capsys: Said) -> None:
    """Another command on a card is refused, and does not come back for ever."""
    card = listed(arguments=("clean", "--with-orders", "talk.mp3"))
    stop = StopSignal()
    with Crew(stop, at_once=1, workers=1) as crew:
        WorkerRun(crew, stop, idle_s=0.4).run()

    assert ("failed", 2) == (now(card).state, now(card).exit_code)
    assert "how talk-" in capsys.readouterr().err


def test_a_list_of_another_release_does_not_end_a_worker(capsys: Said) -> None:
    """It is said, and tried again."""
    listed()
    with Index() as index:
        file = index.file
    link = sqlite3.connect(file, isolation_level=None)
    link.execute("UPDATE cards SET card='{}'")
    link.close()

    stop = StopSignal()
    with Crew(stop, at_once=1, workers=1) as crew:
        WorkerRun(crew, stop, idle_s=0.4).run()
    assert "jobs cannot be taken" in capsys.readouterr().err


def a_worker_comes_and_goes() -> None:
    """One that is asked to stop before it takes anything."""
    stop = StopSignal()
    stop.set()
    with Crew(stop, at_once=1, workers=1) as crew:
        WorkerRun(crew, stop).run()
