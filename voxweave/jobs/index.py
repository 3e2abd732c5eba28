"""The jobs of a user on this machine: copies of their cards, for listing, sorting and claiming."""

import itertools
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Literal

from voxweave.core.text import printable
from voxweave.errors import Exit, StorageError, UsageError
from voxweave.jobs.books import Book, Booked, code_of
from voxweave.jobs.cards import FILE, PRIORITIES, STATES, Card, State, card_in, error_of, keep_card, seen
from voxweave.jobs.job import WORK, job_folder
from voxweave.places import state_folder

NAME = "jobs.sqlite3"
_GONE = "its voxweave make begins anew"
Sort = Literal["created", "updated", "name", "state"]

# Folders are bytes: their names need not be text.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cards (
    folder BLOB PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, batch TEXT NOT NULL, priority INTEGER NOT NULL,
    state TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, card TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS cards_by_state ON cards (state, priority, created);
CREATE INDEX IF NOT EXISTS cards_by_id ON cards (id);
CREATE TABLE IF NOT EXISTS places (folder BLOB PRIMARY KEY)
"""
_PUT = "INSERT OR REPLACE INTO cards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT = """
SELECT count(*) FROM cards
WHERE (?1='' OR instr(?1, state)) AND (?2<0 OR priority=?2) AND (?3='' OR batch=?3)
"""
_PAGE = """
SELECT card FROM cards
WHERE (?1='' OR instr(?1, state)) AND (?2<0 OR priority=?2) AND (?3='' OR batch=?3)
ORDER BY CASE ?4 WHEN 'updated' THEN updated WHEN 'created' THEN created END DESC,
    CASE ?4 WHEN 'name' THEN name END COLLATE NOCASE, CASE ?4 WHEN 'state' THEN instr(?5, state) END,
    created DESC, folder
LIMIT ?6 OFFSET ?7
"""
_WAITING = """
SELECT folder FROM cards WHERE state='waiting' ORDER BY priority DESC, created, folder
"""
_ANEW = "voxweave jobs rebuild writes it anew from the jobs' folders"
_ELSEWHERE = "XDG_STATE_HOME=FOLDER names another place for it"
_NOT_BROKEN = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
)
"""Troubles that a new file would have as well."""


class _Copies(Book):
    """The index's file: what is wrong with it costs nothing but a look at the folders."""

    hints: ClassVar[Mapping[int, str]] = {
        sqlite3.SQLITE_FULL: "free some space, and try again",
        sqlite3.SQLITE_READONLY: _ELSEWHERE,
        sqlite3.SQLITE_CANTOPEN: f"{_ANEW}; {_ELSEWHERE}",
        sqlite3.SQLITE_BUSY: "another program writes into it; try again in a while",
        sqlite3.SQLITE_CORRUPT: _ANEW,
        sqlite3.SQLITE_NOTADB: _ANEW,
        sqlite3.SQLITE_ERROR: _ANEW,
    }


def index_file() -> Path:
    """Where the index lies."""
    return state_folder() / NAME


class Index(Booked):
    """Copies of cards; the truth is in the jobs' folders, and `rebuild` brings it here again.

    Somebody else's change is waited for `busy_s`.
    """

    _book: Book

    def __init__(self, file: Path | None = None, *, busy_s: float = 30.0) -> None:
        self.file = file or index_file()
        self._book = _Copies(self.file, _SCHEMA, version=1, through_power_cuts=False, busy_s=busy_s)

    def put(self, card: Card) -> Card:
        """Write the card into its folder and here."""
        keep_card(card)
        self.note(card)
        return card

    def note(self, card: Card) -> None:
        """Copy a card that is written already; its work folder is remembered."""
        with self._book.writing() as link:
            _write(link, card)

    def find(self, word: str) -> Card:
        """The job of this id or name, the beginning of one, or this folder or narration; UsageError for none and for several."""
        found = self._found(word)
        if not found:
            raise UsageError(f"no job is called {printable(word)}", hint="voxweave jobs list names them")
        if len(found) > 1:
            names = ", ".join(printable(str(card.folder)) for card in found[:5])
            raise UsageError(f"several jobs are called {printable(word)}: {names}", hint="name one's folder")
        return found[0]

    def cards(
        self,
        *,
        states: Sequence[State] = (),
        priority: str = "",
        batch: str = "",
        sort: Sort = "created",
        limit: int | None = None,
        offset: int = 0,
    ) -> tuple[tuple[Card, ...], int]:
        """A page of the jobs chosen, the newest first, and how many there are in all; what is empty chooses all."""
        self._look_again()
        chosen = (" ".join(states), _rank(priority) if priority else -1, batch)
        total: int = self._book.rows(_COUNT, *chosen)[0][0]
        page = (-1 if limit is None else limit, offset)
        rows = self._book.rows(_PAGE, *chosen, sort, " ".join(STATES), *page)
        return tuple(map(_card, rows)), total

    def claim(self) -> Card | None:
        """Take the most urgent, then oldest job that waits, and mark it as this process's; None when none waits.

        Two workers never get the same one. Whoever gets it starts its run, which writes the card from then on.
        """
        with self._book.writing() as link:
            for row in link.execute(_WAITING).fetchall():
                card = card_in(_path(row["folder"]))
                if card is None:  # the job's folder was thrown away, and with it what was to be done
                    link.execute("DELETE FROM cards WHERE folder=?", (row["folder"],))
                    continue
                taken = _taken(card) if card.state == "waiting" else seen(card)
                _write(link, taken)
                if taken.claimed:
                    return taken
        return None

    def change(self, card: Card, change: Callable[[Card], Card]) -> Card:
        """Change a card as it is now, on disk and here; no claim comes between.

        UsageError for a job whose folder was thrown away: it is forgotten, and not made again.
        """
        if not card.folder.is_dir():
            self.drop(card.folder)
            raise UsageError(f"the folder of {card.name} is gone, and the job with it", hint=_GONE)
        with self._book.writing() as link:
            changed = change(seen(card_in(card.folder) or card))
            keep_card(changed)
            _write(link, changed)
            return changed

    def drop(self, folder: Path) -> None:
        """Forget a job; its folder is not touched."""
        with self._book.writing() as link:
            link.execute("DELETE FROM cards WHERE folder=?", (os.fsencode(folder),))

    def rebuild(self, folders: Iterable[Path] = ()) -> int:
        """Read every card again: in the work folders seen before, and beneath those named; how many there are."""
        known = [_path(row["folder"]) for row in self._book.rows("SELECT folder FROM places")]
        places = dict.fromkeys([*known, *(place for folder in folders for place in _places(folder))])
        found = [card for place in places for card in _cards_of(place)]
        with self._book.writing() as link:
            link.execute("DELETE FROM cards")
            for card in found:
                _write(link, seen(card))
        return len(found)

    def _found(self, word: str) -> list[Card]:
        self._look_again()
        text = printable(word, most=4096)  # a name's bytes need not be text, and SQL's words are
        beside, *places = _meant(word)
        rows = self._book.rows(
            "SELECT card FROM cards WHERE name=? OR id=? OR folder IN (?, ?, ?) ORDER BY created",
            *(text, text, *(os.fsencode(place) for place in (beside, *places))),
        )
        if not rows:  # a narration's job in another work folder has the same name
            rows = self._book.rows("SELECT card FROM cards WHERE name=? ORDER BY created", beside.name)
        if not rows and text:
            question = "SELECT card FROM cards WHERE substr(id, 1, ?1)=?2 OR substr(name, 1, ?1)=?2"
            rows = self._book.rows(question, len(text), text)
        return [_card(row) for row in rows]

    def _look_again(self) -> None:
        """Running jobs tell how far they are in their folders, and those that died tell nobody."""
        rows = self._book.rows("SELECT card FROM cards WHERE state='running'")
        old = [_card(row) for row in rows]
        new = [seen(card_in(card.folder) or card) for card in old]
        changed = [card for card, was in zip(new, old, strict=True) if card != was]
        if changed:
            with self._book.writing() as link:
                for card in changed:
                    _write(link, card)


def forget(folder: Path) -> None:
    """Take a job whose folder is gone off the list, where there is one."""
    if index_file().exists():
        with Index() as index:
            index.drop(folder)


def rebuilt(folders: Sequence[Path]) -> int:
    """The index written anew; one that is beyond use, whatever it is, is moved aside first."""
    try:
        with Index() as index:
            return index.rebuild(folders)
    except StorageError as error:
        why = error.__cause__
        if not isinstance(why, sqlite3.Error) or code_of(why) in _NOT_BROKEN:
            raise
    _move_aside(index_file())
    with Index() as index:
        return index.rebuild(folders)


def _move_aside(file: Path) -> None:
    for part in (file, *(file.with_name(file.name + end) for end in ("-wal", "-shm"))):
        names = (part.with_name(f"{part.name}.broken{number or ''}") for number in itertools.count())
        try:
            if part.exists():
                part.rename(next(name for name in names if not name.exists()))
        except OSError as error:
            raise StorageError(
                f"{printable(str(part))} cannot be moved aside: {error.strerror}", hint=_ELSEWHERE
            ) from error


def _taken(card: Card) -> Card:
    """The card as ours; one that cannot be written has failed, and must not stop those behind it."""
    taken = card.begun(claimed=True)
    try:
        keep_card(taken)
    except StorageError as error:
        return taken.ended(Exit.STORAGE, error_of(error))
    return taken


def _rank(priority: str) -> int:
    return PRIORITIES.index(priority)


def _write(link: sqlite3.Connection, card: Card) -> None:
    text = json.dumps(card.model_dump(mode="json"))  # ASCII: names of files need not be text
    times = (card.created_at, card.updated_at)
    name = printable(card.name, most=4096)  # as it is looked up
    row = (card.id, name, card.batch, _rank(card.priority), card.state, *times, text)
    link.execute(_PUT, (os.fsencode(card.folder), *row))
    link.execute("INSERT OR IGNORE INTO places VALUES (?)", (os.fsencode(card.folder.parent),))


def _card(row: sqlite3.Row) -> Card:
    try:
        return Card.model_validate(json.loads(row["card"]))
    except ValueError as error:
        raise StorageError("the list of jobs is another release's", hint=_ANEW) from error


def _meant(word: str) -> tuple[Path, ...]:
    """The job folder a narration has beside it, then the folder that is named; none of a working folder that is gone."""
    try:
        return job_folder(Path(word), None), Path(os.path.realpath(word)), Path(word).absolute()
    except OSError:
        return (Path(word),) * 3


def _path(folder: bytes) -> Path:
    return Path(os.fsdecode(folder))


def _places(folder: Path) -> Iterator[Path]:
    """Work folders in and beneath a folder: those called `.voxweave`, and one that holds jobs itself."""
    for here, inner, _ in os.walk(folder.absolute()):
        if WORK in inner:
            yield Path(here) / WORK
        if any((Path(here) / name / FILE).exists() for name in inner):
            yield Path(here)
            inner.clear()  # what lies in jobs' folders is no job
        inner[:] = [name for name in inner if name != WORK]


def _cards_of(place: Path) -> Iterator[Card]:
    try:
        folders = sorted(place.iterdir())
    except OSError:  # gone, or on a disk that is not there now
        return
    for folder in folders:
        card = card_in(folder)
        if card is not None:
            yield card.model_copy(update={"folder": folder})
