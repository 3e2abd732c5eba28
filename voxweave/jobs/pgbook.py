"""A book in PostgreSQL, that programs on many machines share: written once each, through restarts and cut lines."""

import functools
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from voxweave.errors import StorageError
from voxweave.jobs.books import Link, Row
from voxweave.jobs.clock import Clock
from voxweave.jobs.pglink import SCHEMA, connected, lock_number, passes, place_of, spoken
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    import psycopg

    from voxweave.jobs.pglink import Connection

Answer = TypeVar("Answer")

_LOG = logging.getLogger(__name__)
PATIENCE_S = 120.0
"""How long the database may be away before a fact is given up."""
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 1.0
_SAID_AFTER_S = 2.0
"""A restart takes less, and is nobody's business."""
# Books and their versions; and the last fact of each program, so that one whose COMMIT got no answer knows.
_FRAME = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS books (book TEXT PRIMARY KEY, version BIGINT NOT NULL, id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS writers (
    writer TEXT PRIMARY KEY, fact BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL DEFAULT now())
"""
# A program that was killed leaves its line behind; no fact is tried for as long as a day.
_SWEEP = "DELETE FROM writers WHERE at < now() - interval '1 day'"

_BEGIN = """
BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock({});
SELECT extract(epoch FROM clock_timestamp())::float8 AS wall
"""
_DONE = """
INSERT INTO writers (writer, fact) VALUES ('{}', {})
ON CONFLICT (writer) DO UPDATE SET fact=excluded.fact, at=excluded.at; COMMIT
"""


@dataclass(frozen=True)
class Shape:
    """What lies in a book: its name, its tables as SQL that bears being run again, and their version."""

    name: str
    schema: str
    version: int


@dataclass
class _Fact(Generic[Answer]):
    """A block to be written once, and what it said when its COMMIT left."""

    block: Callable[[Link], Answer]
    number: int
    answers: tuple[Answer, ...] = ()


class PgBook:
    """One connection, one transaction at a time, and one writer at a time over all programs.

    `film` names the part of a book that is one film's own: tables see it as `voxweave.film`, and each film has a
    writer of its own. What breaks is tried again until `PATIENCE_S` have passed; each fact is written once,
    however often it is tried. A stop ends the waiting with Stopped.
    """

    def __init__(
        self,
        url: str,
        shape: Shape,
        *,
        film: str = "",
        stop: StopSignal | None = None,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.place = place_of(url)
        self._url, self._shape, self._film = url, shape, film
        self._stop, self._patience_s = stop or StopSignal(), patience_s
        self._turn = threading.RLock()
        self._link: Connection | None = None
        self._writer, self._facts = secrets.token_hex(8), 0
        self._away_since: float | None = None
        self._told = False
        self._wall, self._read_at, self._id = 0.0, 0.0, ""
        self._lock = lock_number(f"voxweave/{shape.name}/{film}")
        with self._turn:
            self._patiently(self._opened)

    def write(self, block: Callable[[Link], Answer]) -> Answer:
        """One fact: all of the block is there when it ends, or nothing of it; the block may run more than once."""
        with self._turn:
            self._facts += 1
            fact = _Fact(block, self._facts)
            return self._patiently(lambda: self._written(fact))

    def rows(self, question: str, *values: object) -> list[Row]:
        """What a SELECT finds."""
        with self._turn:
            return self._patiently(lambda: _Asking(self._opened()).execute(question, values).fetchall())

    def clock(self) -> Clock:
        """The server's clock, as read when the last fact began; every machine goes by it."""
        return Clock(wall=self._time, mono=self._time, boot=f"postgresql {self._id}")

    def close(self) -> None:
        """Let go of the connection; one that is waiting for the server is left to end by itself."""
        if self._turn.acquire(timeout=0.5):
            try:
                self._sign_off()
            finally:
                self._turn.release()

    def _sign_off(self) -> None:
        import psycopg

        try:
            if self._link is not None and self._away_since is None:
                self._link.execute("DELETE FROM writers WHERE writer=%s", (self._writer,))
        except psycopg.Error:  # it is swept up a day later
            return
        finally:
            self._drop()

    def _written(self, fact: _Fact[Answer]) -> Answer:
        link = self._opened()
        self._begin(link)
        try:
            if fact.answers and self._has(link, fact):
                self._undo(link)
                return fact.answers[0]
            answer = fact.block(_Asking(link))
            fact.answers = (answer,)
            link.execute(_DONE.format(self._writer, fact.number))
        except BaseException:
            self._undo(link)
            raise
        return answer

    def _undo(self, link: "Connection") -> None:
        """Take back what a block began; where that cannot be said any more, the server does it by itself."""
        import psycopg

        try:
            link.execute("ROLLBACK")
        except psycopg.Error:
            self._drop()

    def _begin(self, link: "Connection") -> None:
        """Begin as the one writer there is, and read the clock then: whoever waits reads a later time."""
        found = link.execute(_BEGIN.format(self._lock))
        while found.nextset():
            pass
        row = found.fetchone()
        self._wall, self._read_at = row["wall"] if row else 0.0, time.monotonic()

    def _has(self, link: "Connection", fact: _Fact[Any]) -> bool:
        """Whether an earlier try of this fact was committed; its answer got lost, or the line was cut before it."""
        question = "SELECT 1 FROM writers WHERE writer=%s AND fact=%s"
        return link.execute(question, (self._writer, fact.number)).fetchone() is not None

    def _time(self) -> float:
        return self._wall + time.monotonic() - self._read_at

    def _patiently(self, attempt: Callable[[], Answer]) -> Answer:
        """Try until it works, the trouble needs a person, or the database was away for too long."""
        import psycopg

        pause = _FIRST_PAUSE_S
        while True:
            try:
                answer = attempt()
            except psycopg.Error as error:
                self._drop()
                self._wait(error, pause)
                pause = min(pause * 2, _LONGEST_PAUSE_S)
            else:
                self._back_again()
                return answer

    def _back_again(self) -> None:
        if self._told:
            _LOG.warning("the database at %s answers again", self.place)
        self._away_since, self._told = None, False

    def _wait(self, error: "psycopg.Error", pause: float) -> None:
        if not passes(error):
            raise spoken(error, self.place) from error
        now = time.monotonic()
        if self._away_since is None:
            self._away_since = now
        waited_s = now - self._away_since
        if waited_s > self._patience_s:
            raise spoken(error, self.place, waited_s=waited_s) from error
        if waited_s > _SAID_AFTER_S and not self._told:
            self._told = True
            _LOG.warning(
                "the database at %s does not answer: waiting up to %.0f s", self.place, self._patience_s
            )
        self._stop.wait(pause)

    def _opened(self) -> "Connection":
        if self._link is not None:
            return self._link
        link = connected(self._url, name=self._shape.name)
        try:
            self._id = self._prepared(link)
            link.execute("SELECT set_config('voxweave.film', %s, false)", (self._film,))
            link.execute(_SWEEP)
        except BaseException:
            link.close()
            raise
        self._link = link
        return link

    def _prepared(self, link: "Connection") -> str:
        """Make what is not there yet, one program at a time; the name of this database's books."""
        found = self._found(link)
        if found is None or found["version"] < self._shape.version:
            with link.transaction():
                link.execute(f"SELECT pg_advisory_xact_lock({lock_number('voxweave/frame')})")
                link.execute(_FRAME)
                found = self._found(link)
                if found is None or found["version"] < self._shape.version:
                    found = self._made(link)
        if found["version"] > self._shape.version:
            raise StorageError(
                f"the database at {self.place} was written by a newer VoxWeave", hint="update VoxWeave"
            )
        return str(found["id"])

    def _found(self, link: "Connection") -> dict[str, Any] | None:
        known = link.execute("SELECT to_regclass('books') IS NOT NULL AS known").fetchone()
        if not known or not known["known"]:
            return None
        return link.execute("SELECT version, id FROM books WHERE book=%s", (self._shape.name,)).fetchone()

    def _made(self, link: "Connection") -> dict[str, Any]:
        link.execute(self._shape.schema)
        made = {"version": self._shape.version, "id": secrets.token_hex(8)}
        link.execute(
            "INSERT INTO books (book, version, id) VALUES (%s, %s, %s)"
            " ON CONFLICT (book) DO UPDATE SET version=excluded.version",
            (self._shape.name, made["version"], made["id"]),
        )
        return made

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


class _Asking:
    """A connection that takes questions as SQLite writes them."""

    def __init__(self, link: "Connection") -> None:
        self._link = link

    def execute(self, question: str, values: Any = (), /) -> Any:
        return self._link.execute(_translated(question), values)


@functools.cache
def _translated(question: str) -> str:
    return question.replace("%", "%%").replace("?", "%s")
