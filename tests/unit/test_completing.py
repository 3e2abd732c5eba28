"""`--on-complete` of a detached batch: run once, at its end, whoever brings that about; with its own films alone."""

from pathlib import Path

import pytest

from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave.cli import run
from voxweave.cli.batch_run import Entry
from voxweave.cli.completing import complete_with, forget, tell_batch
from voxweave.cli.crowd import Row
from voxweave.cli.keeping import Line
from voxweave.cli.wanted import film_of
from voxweave.errors import StorageError
from voxweave.jobs.cards import Card, Work, keep_card, new_card
from voxweave.jobs.index import Index
from voxweave.places import state_folder

TELL = """sh -c 'echo "$VW_STATE $VW_EXIT_CODE $VW_COST_USD $VW_TOTAL $VW_DONE" >> told'"""


def entry(name: str, *, batch: str = "autumn", up_to_date: bool = False, **changes: object) -> Entry:
    """A film of a batch, with its card as it stands."""
    wanted = film_of(f"{name}.mp3", Line({}))
    work = Work(("make", str(wanted.narration)), Path.cwd(), batch=batch)
    card = new_card(wanted.narration, None, work).model_copy(update=changes)
    put(card)
    row = Row(name, card.id, "done" if up_to_date else "waiting", up_to_date=up_to_date)
    return Entry(wanted, row, card)


def put(card: Card) -> None:
    """On disk, and in the list."""
    keep_card(card, lasting=False)
    with Index() as index:
        index.note(card)


def told() -> list[str]:
    """What the program was told, each time."""
    return Path("told").read_text().splitlines() if Path("told").exists() else []


def test_it_is_told_when_the_last_film_that_waits_is_cancelled(capfd: pytest.CaptureFixture[str]) -> None:
    """Once, with exit status, cost, and the films of this batch: cards of an earlier one do not count."""
    entry("old", state="failed", exit_code=4)
    films = [entry("one", state="done", exit_code=0, cost_usd=0.25), entry("two", cost_usd=0.0)]
    complete_with("autumn", TELL, films)
    tell_batch("autumn")
    assert [] == told()

    assert run(["jobs", "cancel", "two.mp3"]) == 0
    assert ["partial 9 0.25 2 1"] == told()
    tell_batch("autumn")
    assert 1 == len(told())


def test_it_is_told_where_nothing_was_to_do(capfd: pytest.CaptureFixture[str]) -> None:
    """All films are up to date: that is an end as well."""
    complete_with("autumn", TELL, [entry("one", state="done", exit_code=0, cost_usd=0.0, up_to_date=True)])
    tell_batch("autumn")
    assert ["done 0 0.0 1 1"] == told()


def test_what_another_batch_asked_for_is_forgotten() -> None:
    """And where nothing can be kept that is said before any work."""
    complete_with("autumn", TELL, [entry("one", state="done")])
    forget("autumn")
    tell_batch("autumn")
    assert [] == told()

    (state_folder() / "completions").rmdir()
    (state_folder() / "completions").touch()
    with pytest.raises(StorageError, match="completions cannot be written"):
        forget("autumn")
