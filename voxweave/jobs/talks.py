"""The films of many machines: their cards, what is to be done for each, and who is at it; in PostgreSQL."""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voxweave.core.job_states import AT_WORK, OVER
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import UsageError
from voxweave.jobs.books import AnyBook, Booked, Link, fact
from voxweave.jobs.cards import ENDED, PRIORITIES, STATES, Card, State
from voxweave.jobs.pgbook import PgBook, Shape
from voxweave.media.stopping import StopSignal

_SCHEMA = """
CREATE TABLE IF NOT EXISTS talks (
    id TEXT PRIMARY KEY, run BIGINT NOT NULL, name TEXT NOT NULL, batch TEXT NOT NULL, priority BIGINT NOT NULL,
    state TEXT NOT NULL, version TEXT NOT NULL, owner TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
    card TEXT NOT NULL, parcel TEXT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS talks_by_state ON talks (state, priority, created);
CREATE TABLE IF NOT EXISTS workers (
    worker TEXT PRIMARY KEY, host TEXT NOT NULL, version TEXT NOT NULL, seen DOUBLE PRECISION NOT NULL,
    talks BIGINT NOT NULL, scenes BIGINT NOT NULL)
"""
SHAPE = Shape("talks", _SCHEMA, version=1)
SILENT_S = 30.0
"""A worker that said nothing for so long is taken for dead, though its line still stands: it is frozen."""
_FORGOTTEN_S = 3600.0
_TAKE = "#"
_HAS_ENDED = "state IN ('" + "', '".join(sorted(ENDED)) + "')"
_RANKS = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(STATES))
_ORDER = {
    "created": "created DESC, id",
    "updated": "updated DESC, id",
    "name": "lower(name), id",
    "state": f"CASE state {_RANKS} END, created DESC, id",
}


_BRIEF = "id, run, version, owner, card, '' AS parcel, '' AS answer"


class Worker(Value):
    """A worker as it last told of itself: how long ago, and how much it has in hand."""

    worker: str
    host: str
    version: str
    silent_s: float
    talks: int = 0
    scenes: int = 0


@dataclass(frozen=True)
class Talk:
    """A film to be made by whoever takes it: its card, its parcel as JSON, and which try of it this is."""

    card: Card
    run: int
    version: str
    parcel: str
    owner: str = ""
    """The take it is in, as `take_of` names it; a worker that takes it up twice is two owners."""
    answer: str = ""

    @property
    def worker(self) -> str:
        """Whose take it is in."""
        return worker_of(self.owner)

    @property
    def workflow(self) -> str:
        """What the engine calls this try."""
        return self.tries[-1]

    @property
    def tries(self) -> list[str]:
        """The same of all tries, this one the last."""
        return [f"talk-{self.card.id}-{run}" for run in range(1, self.run + 1)]


class Talks(Booked):
    """The table of films, over all machines; any thread may ask."""

    def __init__(self, place: str | AnyBook, *, stop: StopSignal | None = None) -> None:
        self._book = PgBook(place, SHAPE, stop=stop) if isinstance(place, str) else place

    @fact
    def put(self, link: Link, talk: Talk, *, again: bool = False) -> Talk:
        """Add a film; one known already is tried again where it failed or stopped, for another version, or `again`."""
        known = _found(link, talk.card.id)
        if known is None:
            return _write(link, talk)
        card, good = known.card, known.card.state in ("done", "short")
        other = talk.version != known.version and not good
        if not (other or again or card.state in ("failed", "stopped", "cancelled")):
            return known
        fresh = _anew(card, talk.card)
        return _write(link, Talk(fresh, known.run + 1, talk.version, talk.parcel))

    @fact
    def move(self, link: Link, talk_id: str, run: int, version: str) -> Talk | None:
        """Let workers of another version have a film that waits; None where it waits no more."""
        known = _found(link, talk_id)
        if known is None or known.run != run or known.card.state != "waiting":
            return None
        return _write(link, Talk(known.card, run + 1, version, known.parcel))

    @fact
    def begin(self, link: Link, talk_id: str, run: int, owner: str) -> Talk | None:
        """Take a film up, or over; None where it is not wanted any more."""
        known = _found(link, talk_id)
        if known is None or known.run != run or known.card.state in OVER:
            return None
        return _write(link, Talk(known.card.begun(), run, known.version, known.parcel, owner))

    @fact
    def tell(self, link: Link, talk_id: str, owner: str, told: Mapping[str, object]) -> bool:
        """Note how far a film is; false where it is not this owner's any more, or not wanted."""
        known = _found(link, talk_id)
        if known is None or known.owner != owner or known.card.state != "running":
            return False
        _write(link, Talk(known.card.changed(**told), known.run, known.version, known.parcel, owner))
        return True

    @fact
    def end(self, link: Link, talk_id: str, owner: str, ended: Card, answer: str) -> bool:
        """Note what became of a film; a thawed owner of old changes nothing."""
        known = _found(link, talk_id)
        if known is None or known.owner != owner or known.card.state != "running":
            return False
        _write(link, Talk(ended, known.run, known.version, known.parcel, "", answer))
        return True

    def takes(self) -> set[str]:
        """All takes that films are in, whoever made them."""
        return {row["owner"] for row in self._book.rows("SELECT owner FROM talks WHERE state='running'")}

    def some(self, version: str, most: int) -> tuple[Talk, ...]:
        """So many of a version's films that wait or are under way, drawn by lot, without parcel and answer."""
        at_work = ", ".join(f"'{state}'" for state in AT_WORK)
        question = (
            f"SELECT {_BRIEF} FROM talks WHERE state IN ({at_work}) AND version=? ORDER BY random() LIMIT ?"  # noqa: S608  ours
        )
        return tuple(map(_talk, self._book.rows(question, version, most)))

    @fact
    def put_back(self, link: Link, owner: str) -> int:
        """The films of an owner that is no more wait again; how many."""
        rows = link.execute("SELECT * FROM talks WHERE owner=? AND state='running'", (owner,)).fetchall()
        for row in rows:
            talk = _talk(row)
            card = talk.card.moved("stopped").put_off()
            _write(link, Talk(card, talk.run, talk.version, talk.parcel))
        return len(rows)

    @fact
    def cancel(self, link: Link, talk_id: str) -> Talk:
        """Say that a film is not wanted; its owner sees it within a second and ends its work."""
        talk = _known(link, talk_id)
        if talk.card.state in ENDED:
            return talk
        return _write(
            link, Talk(talk.card.moved("cancelled"), talk.run, talk.version, talk.parcel, talk.owner)
        )

    @fact
    def forget(self, link: Link, talks: Sequence[Talk]) -> int:
        """Delete films that have ended; one that was begun anew meanwhile stays. How many are gone."""
        question = f"DELETE FROM talks WHERE id=? AND run=? AND {_HAS_ENDED} RETURNING id"  # noqa: S608  ours
        return sum(len(link.execute(question, (one.card.id, one.run)).fetchall()) for one in talks)

    def ended(self, before: str) -> list[str]:
        """The ids of films that ended before that moment, the oldest first."""
        question = f"SELECT id FROM talks WHERE {_HAS_ENDED} AND updated<? ORDER BY updated"  # noqa: S608  ours
        return [row["id"] for row in self._book.rows(question, before)]

    @fact
    def let_go(self, link: Link, talk_id: str, run: int, owner: str) -> None:
        """The owner has ended its work on a film that was cancelled."""
        link.execute("UPDATE talks SET owner='' WHERE id=? AND run=? AND owner=?", (talk_id, run, owner))

    def talk(self, talk_id: str) -> Talk:
        """A film by its whole id; UsageError for none."""
        rows = self._book.rows("SELECT * FROM talks WHERE id=?", talk_id)
        if not rows:
            raise UsageError(f"no film on this queue has the id {talk_id}")
        return _talk(rows[0])

    def talks(self, ids: Collection[str], *, brief: bool = False) -> tuple[Talk, ...]:
        """The films of these ids; `brief` ones have neither parcel nor answer, which are long."""
        columns = _BRIEF if brief else "*"
        question = f"SELECT {columns} FROM talks WHERE id = ANY(?) ORDER BY id"  # noqa: S608  ours
        return tuple(map(_talk, self._book.rows(question, sorted(ids)))) if ids else ()

    def find(self, word: str) -> Card:
        """The film of this id, beginning of one, or name; UsageError for none and for several."""
        text = printable(word, most=4096)  # as names are; PostgreSQL's words hold no zero bytes either
        question = "SELECT * FROM talks WHERE id=? OR name=? OR substr(id, 1, ?)=?"
        rows = self._book.rows(question, text, text, len(text), text) if text else ()
        if not rows:
            raise UsageError(
                f"no film on this queue is called {printable(word)}",
                hint="voxweave jobs list --queue names them",
            )
        if len(rows) > 1:
            ids = ", ".join(row["id"] for row in rows[:5])
            raise UsageError(
                f"several films on this queue are called {printable(word)}: {ids}", hint="name one's id"
            )
        return _talk(rows[0]).card

    def cards(
        self,
        *,
        states: Sequence[State] = (),
        priority: str = "",
        batch: str = "",
        sort: str = "created",
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[tuple[Card, ...], int]:
        """A page of the films chosen, and how many there are in all; what is empty chooses all."""
        chosen: dict[str, list[object]] = {}
        if states:
            chosen[f"state IN ({', '.join('?' for _ in states)})"] = [*states]
        if priority:
            chosen["priority=?"] = [_rank(priority)]
        if batch:
            chosen["batch=?"] = [batch]
        where = f"WHERE {' AND '.join(chosen)}" if chosen else ""
        values = [value for some in chosen.values() for value in some]
        total: int = self._book.rows(f"SELECT count(*) AS n FROM talks {where}", *values)[0]["n"]  # noqa: S608  ours
        page = f"ORDER BY {_ORDER[sort]} LIMIT ? OFFSET ?"
        rows = self._book.rows(f"SELECT * FROM talks {where} {page}", *values, limit, offset)  # noqa: S608  ours
        return tuple(_talk(row).card for row in rows), total

    @fact
    def beat(self, link: Link, mine: Worker) -> None:
        """Say that a worker lives, and what it has in hand."""
        told = (mine.worker, mine.host, mine.version, self._book.clock().wall(), mine.talks, mine.scenes)
        link.execute(
            "INSERT INTO workers VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (worker) DO UPDATE"
            " SET seen=excluded.seen, talks=excluded.talks, scenes=excluded.scenes",
            told,
        )

    @fact
    def gone(self, link: Link, worker: str) -> None:
        """A worker has left, or was found dead; those nobody heard of for an hour are forgotten with it."""
        long_ago = self._book.clock().wall() - _FORGOTTEN_S
        link.execute("DELETE FROM workers WHERE worker=? OR seen<?", (worker, long_ago))

    def workers(self) -> tuple[Worker, ...]:
        """All workers that said something within the last hour."""
        rows = self._book.rows(
            "SELECT worker, host, version, talks, scenes, extract(epoch FROM clock_timestamp())::float8 - seen AS silent"
            " FROM workers ORDER BY host, worker"
        )
        return tuple(
            Worker(
                worker=row["worker"],
                host=row["host"],
                version=row["version"],
                silent_s=max(0.0, row["silent"]),
                talks=row["talks"],
                scenes=row["scenes"],
            )
            for row in rows
        )


def take_of(worker: str) -> str:
    """A name for another take of a worker's: what an older one of it still says is told apart."""
    return f"{worker}{_TAKE}{secrets.token_hex(4)}"


def worker_of(owner: str) -> str:
    """The worker that an owner is."""
    return owner.partition(_TAKE)[0]


def _anew(card: Card, wanted: Card) -> Card:
    """The card of another try: as it is wanted now, and as old as it is."""
    stopped = card if card.state != "running" else card.moved("stopped")
    now = {
        "films": wanted.films,
        "batch": wanted.batch,
        "priority": wanted.priority,
        "arguments": wanted.arguments,
    }
    return stopped.put_off().changed(**now)


def _found(link: Link, talk_id: str) -> Talk | None:
    row = link.execute("SELECT * FROM talks WHERE id=?", (talk_id,)).fetchone()
    return None if row is None else _talk(row)


def _known(link: Link, talk_id: str) -> Talk:
    found = _found(link, talk_id)
    if found is None:
        raise UsageError(f"no film on this queue has the id {talk_id}")
    return found


def _talk(row: Any) -> Talk:
    card = Card.model_validate(json.loads(row["card"]))
    return Talk(card, row["run"], row["version"], row["parcel"], row["owner"], row["answer"])


def _write(link: Link, talk: Talk) -> Talk:
    card = talk.card
    text = json.dumps(card.model_dump(mode="json"))
    row = (
        card.id,
        talk.run,
        card.name,
        card.batch,
        _rank(card.priority),
        card.state,
        talk.version,
        talk.owner,
    )
    link.execute(
        "INSERT INTO talks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " run=excluded.run, batch=excluded.batch, priority=excluded.priority, state=excluded.state,"
        " version=excluded.version, owner=excluded.owner, updated=excluded.updated, card=excluded.card,"
        " parcel=excluded.parcel, answer=excluded.answer",
        (*row, card.created_at, card.updated_at, text, talk.parcel, talk.answer),
    )
    return talk


def _rank(priority: str) -> int:
    return PRIORITIES.index(priority)
