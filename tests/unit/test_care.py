"""What a worker does for all others: it holds its lease, buries the dead, and brings back what is nobody's."""

import threading
import time
from collections.abc import Callable

import pytest

from tests.fakes.postgres import Postgres, Wire
from tests.unit.test_talks import talk
from voxweave.errors import StorageBusy
from voxweave.fleet.care import brought_back
from voxweave.fleet.rounds import Rounds
from voxweave.jobs.board import Board, Work, prepare
from voxweave.jobs.cluster import Duties, Engine
from voxweave.jobs.lease import Lease
from voxweave.jobs.talks import Talks, Worker, take_of
from voxweave.media.stopping import StopSignal

_CLAIM = (
    "UPDATE voxweave_engine.workflow_status SET status='PENDING', executor_id=%s, application_version='v1'"
    " WHERE workflow_uuid=%s"
)


@pytest.fixture
def base(postgres: Postgres) -> str:
    """A database that nobody has opened yet."""
    return postgres.base("care")


def until(true: Callable[[], bool], limit_s: float = 20.0) -> None:
    """Wait for something."""
    ends = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_no_round_waits_for_another_and_one_that_breaks_ends_all() -> None:
    """A library's own patience holds up nothing else; an outage ends nothing, and a bug everything."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    made: list[str] = []
    never, broken = threading.Event(), threading.Event()

    def hangs() -> None:
        made.append("stuck")
        never.wait()

    def beats() -> None:
        made.append("beat")
        if broken.is_set():
            raise KeyError("a bug")
        broken.set()
        raise StorageBusy("the database is away")

    with pytest.raises(KeyError):
        Rounds(hangs, beats).make(StopSignal())
    assert sorted(made) == ["beat", "beat", "stuck"]


def test_a_lease_is_held_while_another_is_buried(postgres: Postgres, base: str, wire: Wire) -> None:
    """Whoever sees to the dead may wait for the engine as long as it will; that its own line was lost is known."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    ours, theirs = (
        Lease(base, "a"),
        Lease(postgres.at(wire.port, "care"), "b"),
    )
    theirs.hold()
    ours.hold()
    with ours.burying("b") as free:
        assert not free
        ours.hold()
    wire.cut()
    until(lambda: _free(ours, "b"))
    with pytest.raises(Exception, match="connection"):
        theirs.hold()
    assert not theirs.held
    theirs.hold()
    assert theirs.held
    assert not _free(ours, "b")
    theirs.release()
    theirs.hold()  # who left takes nothing up again
    assert not theirs.held
    ours.release()


def _free(lease: Lease, worker: str) -> bool:
    with lease.burying(worker) as free:
        return free


def test_a_film_that_is_nobodys_is_put_in_again(base: str) -> None:
    """One whose work is over, or was never put, waits for ever otherwise; one that waits in the queue stays as it is."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    prepare(base)
    with Talks(base) as talks, Board(base) as board:
        talks.beat(Worker(worker="alive", host="h", version="v1", silent_s=0.0))
        for name in ("lost", "dead", "busy", "fine", "bug"):
            talks.put(talk(name))
        talks.begin("dead0000", 1, take_of("gone"))
        talks.begin("busy0000", 1, take_of("alive"))
        for name in ("lost", "fine", "bug"):
            board.put_film(talks.talk(f"{name}0000"))
        for name, status in (("lost", "SUCCESS"), ("bug", "ERROR")):
            said(
                base,
                "UPDATE voxweave_engine.workflow_status SET status=%s WHERE workflow_uuid LIKE %s",
                *(status, f"%{name}%"),
            )

        assert sorted(brought_back(talks, base, "v1")) == ["dead", "lost"]
        assert brought_back(talks, base, "v1") == []
        found = talks.talks(["lost0000", "dead0000", "busy0000", "fine0000"], brief=True)
        assert {one.card.name: (one.card.state, one.run) for one in found} == {
            "lost": ("waiting", 2),
            "dead": ("waiting", 2),
            "busy": ("running", 1),
            "fine": ("waiting", 1),
        }
        assert {task.state for task in board.look([one.workflow for one in found]).values()} == {"waiting"}
        bug = talks.talk("bug0000").card
        assert (bug.state, bug.exit_code, bug.error.code if bug.error else "") == ("failed", 1, "bug")


def test_a_claim_whose_answer_was_lost_is_made_again(base: str) -> None:
    """What is ours by the table and in no hand at two looks is put back; so is a dead worker's, and what is gone is passed over."""
    dbos = pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    prepare(base)
    made: list[str] = []
    engine = Engine(base, worker="me", version="v1")

    def scene(key: str, _: str) -> str:
        made.append(key)
        return key

    try:
        engine.start(Duties(lambda *_: "", scene))
        with Board(base) as board:
            board.revive(["scene-gone"], "scene")
            for name, owner in (("a", "me"), ("b", "dead")):
                board.put([Work(f"scene-{name}", "scene", (name, ""), "v0")])
                said(base, _CLAIM, owner, f"scene-{name}")

        assert (engine.take_up(), engine.take_up(), engine.take_up()) == (0, 1, 0)
        assert engine.take_from("dead") == 1
        until(lambda: sorted(made) == ["a", "b"])
    finally:
        dbos.DBOS.destroy()


def said(base: str, question: str, *values: str) -> None:
    """What no program of ours would write."""
    import psycopg

    with psycopg.connect(base) as link:
        link.execute(question, values)
