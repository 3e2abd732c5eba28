"""`voxweave jobs clean --queue`: films that ended leave the database, and nothing else does."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.fakes.postgres import Postgres
from tests.unit.test_talks import talk
from voxweave.cli import run
from voxweave.cli.fleet import Fleet, Talks, follow
from voxweave.cli.following import Hearing
from voxweave.core.orders import Wanted
from voxweave.errors import UsageError
from voxweave.jobs.cards import Card
from voxweave.jobs.opening import film_ledger
from voxweave.media.stopping import StopSignal

WISH = Wanted(provider="p", model="m", prompt="a lake", seconds=4, width=320, height=180)


@pytest.fixture
def talks(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talks]:
    """A queue with a film that was cancelled at its second try, and one that waits."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    monkeypatch.setenv("VOXWEAVE_QUEUE", postgres.base("cleaned"))
    with Talks(Fleet(f"postgresql://voxweave@127.0.0.1:{postgres.port}/cleaned")) as open_:
        for name in ("a", "b"):
            open_.begun(open_.table.put(talk(name)))
        open_.cancel(open_.table.find("a"))
        open_.cancel(open_.retry(open_.table.find("a")))
        yield open_


def test_a_film_that_ended_is_forgotten_and_may_come_again(
    talks: Talks, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line and the engine's go, what was ordered for it stays; sent again it waits as any new film does."""
    queue = talks.fleet.queue
    with film_ledger("a-a0000", queue) as ledger:
        ledger.look(WISH)

    assert run(["jobs", "clean", "--queue", queue]) == 0  # ended a moment ago
    assert run(["jobs", "clean", "--queue", queue, "--older-than", "0d", "--dry-run"]) == 0
    assert run(["jobs", "clean", "--queue", queue, "--older-than", "0d"]) == 0

    assert capsys.readouterr().err.splitlines() == [
        "0 films forgotten",
        "1 film would be forgotten",
        "1 film forgotten",
    ]
    assert [card.name for card in talks.table.cards()[0]] == ["b"]
    assert set(talks.board.look(["talk-a0000-1", "talk-a0000-2", "talk-b0000-1"])) == {"talk-b0000-1"}
    again = talks.begun(talks.table.put(talk("a")))
    assert talks.board.look([again.workflow])[again.workflow].state == "waiting"
    with film_ledger("a-a0000", queue) as ledger:
        assert len(ledger.orders()) == 1


def test_what_is_named_goes_alone_and_whatever_its_age(
    talks: Talks, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clock ahead of ours keeps no film, and scenes of others stay until nobody can be at them."""
    queue = talks.fleet.queue
    with psycopg.connect(queue, autocommit=True) as link:
        link.execute(
            "UPDATE voxweave_engine.workflow_status SET name = 'scene', status = 'SUCCESS',"
            " completed_at = EXTRACT(EPOCH FROM now()) * 1000 WHERE workflow_uuid = 'talk-b0000-1'"
        )
        link.execute(
            'UPDATE voxweave.talks SET card = regexp_replace(card, \'("updated_at": ?")[^"]*\','
            " '\\12999-01-01T00:00:00.000Z') WHERE id = 'a0000'"
        )
    assert run(["jobs", "clean", "a0000", "--queue", queue]) == 0
    assert run(["jobs", "clean", "--older-than", "0d", "--queue", queue]) == 0

    assert capsys.readouterr().err.splitlines() == ["1 film forgotten", "0 films forgotten"]
    assert set(talks.board.look(["talk-b0000-1"])) == {"talk-b0000-1"}


def test_a_film_that_waits_is_not_forgotten(talks: Talks, capsys: pytest.CaptureFixture[str]) -> None:
    """Naming one that has not ended is refused, with the way to end it."""
    assert run(["jobs", "clean", "b0000", "--queue", talks.fleet.queue]) == 2
    assert "b is waiting; voxweave jobs cancel b0000" in capsys.readouterr().err


def test_whoever_follows_a_film_that_is_forgotten_is_told(talks: Talks, tmp_path: Path) -> None:
    """Nobody would ever end it, so it is not waited for."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    heard: list[Card] = []
    fleet = Fleet(talks.fleet.queue, str(tmp_path))

    (card,) = follow([talk("gone").card], fleet, hear=Hearing(heard.append), stop=StopSignal())

    assert (card.state, card.exit_code) == ("failed", 8)
    assert heard == [card]


def test_only_what_ended_is_tried_again_and_by_workers_of_now(talks: Talks) -> None:
    """A film that waits goes on waiting; a try takes the version of now, since workers of an old one are gone."""
    with pytest.raises(UsageError, match="b waits already"):
        talks.retry(talks.table.find("b"))

    assert talks.retry(talks.table.find("a")).state == "waiting"
    assert talks.table.talk("a0000").version not in ("v1", "")


def test_the_queue_of_the_environment_has_workers(talks: Talks, capsys: pytest.CaptureFixture[str]) -> None:
    """`jobs workers` speaks of queues alone, so it needs no flag where a variable names one; its list is as `jobs list`."""
    assert run(["jobs", "workers"]) == 0
    assert run(["jobs", "list", "--queue", talks.fleet.queue, "--status", "pending"]) == 0
    told = capsys.readouterr()
    assert "0 workers" in told.err
    assert "b0000" in told.out and "a0000" not in told.out
