"""A SQLite file for facts that must not be lost: what is written stays, through a kill or a power cut."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from voxweave.core.text import printable
from voxweave.errors import StorageError
from voxweave.jobs.clock import Clock

Answer = TypeVar("Answer")
Values = ParamSpec("Values")
Keeper = TypeVar("Keeper", bound="Booked")

_BUSY_S = 30.0
"""How long we wait for another run's transaction; each takes a few milliseconds."""

_HINTS = {
    sqlite3.SQLITE_FULL: "free some space and run again; what was written before is kept",
    sqlite3.SQLITE_READONLY: "choose another place with --work DIR",
    sqlite3.SQLITE_CANTOPEN: "choose another place with --work DIR",
    sqlite3.SQLITE_BUSY: "another run holds it; wait for it, or stop it",
    sqlite3.SQLITE_CORRUPT: "keep a copy: it names orders that may be paid for",
    sqlite3.SQLITE_NOTADB: "something else lies there; move it away",
}


class Row(Protocol):
    """What was found, by the names of its columns."""

    def __getitem__(self, column: str, /) -> Any: ...


class Link(Protocol):
    """Where the statements of one fact go; `?` stands for a value."""

    def execute(self, question: str, values: Sequence[Any] = ..., /) -> Any:
        """What the statement gives back, with `fetchone` and `fetchall`."""


class AnyBook(Protocol):
    """What keeps facts: a file, or a database that many machines share."""

    def write(self, block: Callable[[Link], Answer]) -> Answer:
        """One fact: all of the block is there when it ends, or nothing of it; the block may run more than once."""

    def rows(self, question: str, *values: object) -> Sequence[Row]:
        """What a SELECT finds."""

    def clock(self) -> Clock:
        """What all who write into it tell the time by."""

    def close(self) -> None:
        """Let go of it."""


class Book:
    """One file, one connection, one transaction at a time.

    Threads share the connection: SQLite writes one after the other anyway, and a connection that
    has one owner can be closed. Whatever kills the program, what was written stays;
    `through_power_cuts` keeps it even then, and waits for the disk at each fact. A schema of several
    versions says what each added; one that is a single text bears being run again.
    """

    def __init__(
        self, file: Path, schema: str | Sequence[str], *, version: int, through_power_cuts: bool = True
    ) -> None:
        self.file = file
        self._turn = threading.RLock()
        with _spoken(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            self._link = sqlite3.connect(file, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(schema, version, "FULL" if through_power_cuts else "NORMAL")
            except BaseException:
                self._link.close()
                raise

    def _prepare(self, schema: str | Sequence[str], version: int, synchronous: str) -> None:
        self._link.row_factory = sqlite3.Row
        _write_ahead(self._link)
        self._link.execute(f"PRAGMA synchronous={synchronous}")
        found = self._version()
        if found > version:
            raise StorageError(
                f"{printable(str(self.file))} was written by a newer VoxWeave", hint="update VoxWeave"
            )
        if found < version:
            with self.writing() as link:
                found = self._version()  # two runs may come at once
                for text in (schema,) if isinstance(schema, str) else schema[found:]:
                    for statement in text.split(";"):
                        link.execute(statement)
                link.execute(f"PRAGMA user_version={max(version, found)}")

    def _version(self) -> int:
        return int(self._link.execute("PRAGMA user_version").fetchone()[0])

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One fact: all of the block is on disk when it ends, or nothing of it."""
        with self._turn, _spoken(self.file):
            self._link.execute("BEGIN IMMEDIATE")
            try:
                yield self._link
            except BaseException:
                self._link.rollback()
                raise
            try:
                self._link.execute("COMMIT")
            except sqlite3.Error:  # a full disk, say: the next fact needs a fresh start
                self._link.rollback()
                raise

    def write(self, block: Callable[[Link], Answer]) -> Answer:
        """One fact, as `writing`; SQLite runs the block once."""
        with self.writing() as link:
            return block(link)

    def rows(self, question: str, *values: object) -> list[sqlite3.Row]:
        """What a SELECT finds."""
        with self._turn, _spoken(self.file):
            return self._link.execute(question, values).fetchall()

    def clock(self) -> Clock:
        """This machine's, as nobody else writes into the file."""
        return Clock()

    def close(self) -> None:
        """Let go of the file."""
        with self._turn:
            self._link.close()


class Booked:
    """What keeps its facts in a book, and lets go of it at a block's end."""

    _book: AnyBook

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the book."""
        self._book.close()


def fact(
    method: Callable[Concatenate[Keeper, Link, Values], Answer],
) -> Callable[Concatenate[Keeper, Values], Answer]:
    """A method whose body is one fact of its book: it is handed the link, and may be run more than once.

    So it touches nothing but the book: what was sent or drawn by lot in a run would be so twice.
    """

    @wraps(method)
    def written(self: Keeper, /, *values: Values.args, **named: Values.kwargs) -> Answer:
        return self._book.write(lambda link: method(self, link, *values, **named))

    return written


def _write_ahead(link: sqlite3.Connection) -> None:
    """Turn WAL on; while two runs do so at once, SQLite says busy without waiting."""
    until = time.monotonic() + _BUSY_S
    while True:
        try:
            link.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


@contextmanager
def _spoken(file: Path) -> Iterator[None]:
    """Speak of a disk's and SQLite's failures in our words."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the class
        raise StorageError(f"{printable(str(file))}: {error}", hint=_HINTS.get(code, "")) from error
    except OSError as error:
        raise StorageError(
            f"{printable(str(file))} cannot be made: {error.strerror}",
            hint=_HINTS[sqlite3.SQLITE_CANTOPEN],
        ) from error
