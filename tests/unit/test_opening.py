"""Where a film's orders stand: named and moved by the run that holds the job, and by nobody who only looks."""

from pathlib import Path

import pytest

from tests.fakes.postgres import Postgres
from tests.pace import within
from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave.cli import run
from voxweave.core.orders import Wanted
from voxweave.errors import StorageError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.cards import Work, new_card
from voxweave.jobs.index import Index
from voxweave.jobs.job import job_folder, open_job
from voxweave.jobs.opening import FILM, film_ledger, film_of, name_film, open_ledger, read_ledger
from voxweave.jobs.orders import FILE, Ledger

RICH = Budget(max_usd=100.0)
AWAY = "postgresql://voxweave@127.0.0.1:1/postgres"
Said = pytest.CaptureFixture[str]


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A narration whose job has a card."""
    narration = tmp_path / "talk.mp3"
    narration.write_bytes(b"x")
    with Index() as index:
        index.put(new_card(narration, None, Work(("make", str(narration)), tmp_path)))
    return narration


def wish(prompt: str = "a lake") -> Wanted:
    """One wish."""
    return Wanted(provider="p", model="m", prompt=prompt, seconds=4, width=320, height=180)


def test_a_job_folder_keeps_its_films_name(postgres: Postgres, tmp_path: Path) -> None:
    """Its own at first; the one it was told, where others made its orders."""
    with open_ledger(tmp_path / "talk-1234", postgres.url) as ledger:
        name = ledger.film
    assert name.startswith("talk-1234-")
    assert film_of(tmp_path / "talk-1234") == name
    assert name_film(tmp_path / "other", "talk of batch: 7\n") == "talk-of-batch-7"
    with open_ledger(tmp_path / "other", postgres.url) as ledger:
        assert (ledger.film, ledger.name) == ("talk-of-batch-7", "talk-of-batch-7")


def test_orders_are_not_made_in_two_ledgers(tmp_path: Path) -> None:
    """Whose orders stand in a database is not begun anew in a file, until somebody says so."""
    name_film(tmp_path, "talk")
    with pytest.raises(UsageError, match="ledger that many machines share"):
        open_ledger(tmp_path)
    (tmp_path / FILM).unlink()
    open_ledger(tmp_path).close()


def test_a_films_own_file_moves_in_once(postgres: Postgres, tmp_path: Path) -> None:
    """What was ordered before the setting was made is known after it, and counts."""
    postgres.clear()
    with open_ledger(tmp_path) as old:
        key = old.claim(wish(), 1.5, budget=RICH, post="p").order.key
        old.accept(key, "id-1")
        old.look(wish("a hill"))
    for _ in range(2):
        with open_ledger(tmp_path, postgres.url) as ledger:
            assert [order.state for order in ledger.orders()] == ["accepted", "planned"]
            assert ledger.history(key) == ("sending", "accepted")
            assert ledger.totals().running_usd == 1.5
            assert ledger.look(wish()).order.remote_id == "id-1"
    assert sorted(file.name for file in tmp_path.iterdir()) == [FILM, "orders.moved.sqlite3"]


def test_a_move_that_was_killed_is_finished(postgres: Postgres, tmp_path: Path) -> None:
    """The orders are there, the file was not renamed yet: nothing is doubled, and newer words stand."""
    postgres.clear()
    with open_ledger(tmp_path) as old:
        key = old.claim(wish(), 1.5, budget=RICH).order.key
    with (
        film_ledger(name_film(tmp_path, "a"), postgres.url) as ledger,
        Ledger(tmp_path / "orders.sqlite3") as old,
    ):
        ledger.take_over(*old.whole())
        ledger.accept(key, "id-1")
    with open_ledger(tmp_path, postgres.url) as ledger:
        assert ledger.history(key) == ("sending", "accepted")


@pytest.mark.parametrize(
    "line", [("jobs", "show", "talk"), ("clean", "talk.mp3"), ("orders", "list", "talk.mp3")]
)
def test_a_look_leaves_the_ledger_of_a_run_where_it_is(
    talk: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: Said, line: tuple[str, ...]
) -> None:
    """Another environment names a database: what is ordered after the look moves there with the rest, later."""
    postgres.clear()
    with open_job(talk, None, identity="x") as job:
        with open_ledger(job.folder) as mine:
            mine.accept(mine.claim(wish("before"), 1.0, budget=RICH).order.key, "id-1")
            monkeypatch.setenv("VOXWEAVE_LEDGER", postgres.url)
            assert run(list(line)) == (0 if line[0] == "jobs" else 2)
            assert "not known" not in capsys.readouterr().err
            assert (True, False) == ((job.folder / FILE).exists(), (job.folder / FILM).exists())
            mine.accept(mine.claim(wish("after"), 1.0, budget=RICH).order.key, "id-2")
        with open_ledger(job.folder) as again:
            assert [order.remote_id for order in again.orders()] == ["id-1", "id-2"]
        with open_ledger(job.folder, postgres.url) as moved:
            assert [moved.look(wish(one)).todo for one in ("before", "after")] == ["watch", "watch"]


def test_a_look_makes_no_ledger(
    talk: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Neither where the orders stand in a database that is not named, nor where there are none."""
    folder = job_folder(talk, None)
    name_film(folder, "talk")
    assert run(["orders", "list", "talk.mp3"]) == 2
    assert "ledger that many machines share" in capsys.readouterr().err
    with pytest.raises(UsageError, match="ledger that many machines share"):
        read_ledger(folder)
    assert not (folder / FILE).exists()
    (folder / FILM).unlink()
    monkeypatch.setenv("VOXWEAVE_LEDGER", postgres.url)
    with pytest.raises(UsageError, match="nothing was ordered"):
        read_ledger(folder, postgres.url)
    assert run(["orders", "list", "talk.mp3"]) == 2
    assert not (folder / FILM).exists()


def test_the_orders_of_its_own_file_are_not_listed_as_another_ledgers(
    talk: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    """Who set a ledger after ordering is told where the orders stand, and a plain make goes on as before."""
    folder = job_folder(talk, None)
    with open_ledger(folder) as mine:
        mine.claim(wish("a"), 1.0, budget=RICH)
    monkeypatch.setenv("VOXWEAVE_LEDGER", postgres.url)
    assert run(["orders", "list", "talk.mp3"]) == 2
    said = capsys.readouterr().err
    assert "stand in a file of its own" in said
    assert "next make of its narration takes them along" in said
    with read_ledger(folder, postgres.url) as ledger:
        assert len(ledger.orders()) == 1
    open_ledger(folder).close()


def test_a_look_does_not_wait_long(tmp_path: Path) -> None:
    """A run waits two minutes for a database that is away; a list of many jobs cannot."""
    name_film(tmp_path, "talk")
    with within(3), pytest.raises(StorageError, match="did not answer for 1 s"):
        read_ledger(tmp_path, AWAY, patience_s=0.5)


def test_a_look_sees_what_stands_in_the_database(tmp_path: Path, postgres: Postgres) -> None:
    """Under the film's name there."""
    postgres.clear()
    with film_ledger(name_film(tmp_path, "talk"), postgres.url) as ledger:
        ledger.claim(wish("a"), 1.0, budget=RICH)
    with read_ledger(tmp_path, postgres.url) as look:
        assert [order.state for order in look.orders()] == ["sending"]
