"""A narration's card is taken by one run at a time, and given back by whoever took it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from voxweave.cli.batch_run import BatchRun, Entry, Named
from voxweave.cli.crowd import Board, Crowd, Row
from voxweave.cli.detached import put_waiting
from voxweave.cli.keeping import Line
from voxweave.cli.wanted import Wanted, film_of
from voxweave.fleet.crew import Crew
from voxweave.fleet.ends import AtWork, claimed, free_card
from voxweave.jobs.cards import Card, Work, card_in, keep_card, settled
from voxweave.jobs.index import Index
from voxweave.jobs.living import started
from voxweave.media.stopping import StopSignal


@pytest.fixture
def wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wanted:
    """A film of a narration that is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith("VOXWEAVE_")]:
        monkeypatch.delenv(name)
    Path("talk.mp3").touch()
    return film_of("talk.mp3", Line({}))


@pytest.fixture
def other() -> Iterator[int]:
    """Another process that lives."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        yield child.pid
        child.kill()


def free(wanted: Wanted) -> Card:
    """The card, unless somebody has it."""
    return free_card(wanted.narration, wanted.work, Work(wanted.arguments, Path.cwd()))


def test_of_many_that_want_a_card_one_gets_it(wanted: Wanted) -> None:
    """Look and claim are one step: the others hear that it may be had later, and how to learn when."""

    def tried(_: int) -> Card | AtWork:
        try:
            return claimed(lambda: free(wanted))
        except AtWork as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(tried, range(8)))
    assert 1 == sum(isinstance(one, Card) for one in found)
    refused = next(one for one in found if isinstance(one, AtWork))
    assert refused.retryable
    assert "voxweave jobs watch" in refused.hint


def test_who_took_it_since_keeps_it(wanted: Wanted, other: int) -> None:
    """A run that ends writes nothing over a card that another living one has; none is put off from under it."""
    ours = claimed(lambda: free(wanted))
    theirs = ours.changed(pid=other, pid_started=started(other))
    keep_card(theirs)
    assert theirs == settled(ours, 8)
    with pytest.raises(AtWork):
        put_waiting(wanted, Work(wanted.arguments, Path.cwd()))
    assert theirs == card_in(wanted.job)


def test_what_cannot_be_begun_is_not_at_work(wanted: Wanted) -> None:
    """A claim whose run never starts is given back with the reason."""
    wanted.job.mkdir(parents=True)
    (wanted.job / "proofs").touch()  # where a folder should be
    row, stop = Row("talk", wanted.job.name[-8:]), StopSignal()
    board = Board("autumn", [row])
    with Crew(stop, at_once=1, workers=1) as crew:
        (entry,) = BatchRun(Named("autumn"), [Entry(wanted, row)], board, crew, Crowd(board), stop).run()
    assert ("failed", 8) == (entry.row.state, entry.status)
    card = card_in(wanted.job)
    assert card is not None
    assert ("failed", 8) == (card.state, card.exit_code)
    with Index() as index:
        assert 1 == index.cards(states=("failed",))[1]
