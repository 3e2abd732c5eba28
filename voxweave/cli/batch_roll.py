"""Which films a batch is of, and what became of those that no card tells of: a file for each batch in the state folder.

A batch writes its films down when it begins, and adds a line whenever one has ended. What is lost with the file is a
film that was never begun, and those that were up to date: the jobs' cards know their batch as well.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from voxweave import places
from voxweave.cli.batch_run import Entry
from voxweave.cli.crowd import Board, Row
from voxweave.core.job_states import AT_WORK
from voxweave.core.value import Value
from voxweave.errors import StorageError
from voxweave.jobs.cards import Card, CardError, State, Time, card_in, later, seen, without_passwords
from voxweave.jobs.living import alive, started
from voxweave.jobs.proofs import digest_of, spelled
from voxweave.media.files import write_atomically

_FOLDER = "batches"
_MOST = 500
"""So many batches are remembered; the oldest go first."""


class Film(Value):
    """A film of the batch: its job and what it makes as the digits of their bytes, and a digest of its line."""

    title: str
    narration: str
    job: str
    films: tuple[str, ...]
    line: str
    up_to_date: bool = False


class End(Value):
    """What became of the film at this place of the list."""

    place: int
    at: Time
    state: State
    exit_code: int | None = None
    error: CardError | None = None


class Roll(Value):
    """A batch as it began; without `pid` its films wait for the worker."""

    batch: str
    begun_at: Time
    pid: int | None = None
    pid_started: str = ""
    films: tuple[Film, ...]
    ends: tuple[End, ...] = ()

    @property
    def at_work(self) -> bool:
        """Whether the program that makes it is there."""
        return self.pid is not None and alive(self.pid, self.pid_started)


class Stand(Value):
    """How one film of a batch stands: its card, if it is of this film, or what the roll knows."""

    film: Film
    state: State
    card: Card | None = None
    exit_code: int | None = None
    error: CardError | None = None


def enrol(batch: str, entries: Sequence[Entry], *, here: bool) -> None:
    """Write down what a batch is of as it begins, `here` or for the worker; a disk that takes nothing costs no film."""
    roll = Roll(
        batch=batch,
        begun_at=later(""),
        pid=os.getpid() if here else None,
        pid_started=started(os.getpid()) if here else "",
        films=tuple(_film(entry) for entry in entries),
    )
    with contextlib.suppress(StorageError, OSError):
        _file(batch).parent.mkdir(parents=True, exist_ok=True)
        write_atomically(_file(batch), json.dumps(roll.model_dump(mode="json")) + "\n")
        for file in _files()[_MOST:]:
            file.unlink(missing_ok=True)


def note_end(batch: str, place: int, entry: Entry) -> None:
    """Add a line for a film that has ended."""
    end = End(place=place, at=later(""), state=entry.row.state, exit_code=entry.status, error=entry.error)
    _add(batch, end)


def give_up(roll: Roll) -> None:
    """Every film that never began is cancelled."""
    for place, stand in enumerate(stands(roll)):
        if stand.state in ("waiting", "stopped"):
            _add(roll.batch, End(place=place, at=later(""), state="cancelled"))


def roll_of(batch: str) -> Roll | None:
    """What was written down of a batch."""
    return _read(_file(batch))


def rolls() -> Iterator[Roll]:
    """All that were written down, the newest first."""
    for file in _files():
        roll = _read(file)
        if roll is not None:
            yield roll


def stands(roll: Roll) -> list[Stand]:
    """Each film as it stands now."""
    ends = {end.place: end for end in roll.ends}
    return [_stand(roll, film, ends.get(place)) for place, film in enumerate(roll.films)]


def board_of(batch: str, found: Sequence[Stand], *, given_up: bool = False) -> Board:
    """The same counters and states as the batch's own display; `given_up` where nobody goes on with it."""
    board = Board(batch, [row_of(stand) for stand in found])
    board.stopped = given_up and any(stand.state in ("waiting", "stopped") for stand in found)
    return board


def row_of(stand: Stand) -> Row:
    """A film as a display knows it."""
    row = Row(stand.film.title, path_of(stand.film.job).name[-8:], up_to_date=stand.film.up_to_date)
    row.state = stand.state
    if stand.card is not None:
        row.follow(stand.card)
    return row


def file_of(batch: str, folder: str, suffix: str) -> Path:
    """Where something of a batch is kept in a folder of the state folder; its name may hold anything."""
    digest = hashlib.sha256(batch.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return places.state_folder() / folder / f"{digest}{suffix}"


def path_of(name: str) -> Path:
    """A path from the digits of its bytes."""
    return Path(os.fsdecode(bytes.fromhex(name)))


def _film(entry: Entry) -> Film:
    wanted = entry.wanted
    return Film(
        title=wanted.title,
        narration=spelled(wanted.narration),
        job=spelled(wanted.job),
        films=tuple(map(spelled, wanted.films)),
        line=digest_of(without_passwords(wanted.arguments)),
        up_to_date=entry.row.up_to_date,
    )


def _stand(roll: Roll, film: Film, end: End | None) -> Stand:
    card = card_in(path_of(film.job))
    card = seen(card) if card is not None and digest_of(card.arguments) == film.line else None
    if card is not None and _is_newer(card, roll, end, up_to_date=film.up_to_date):
        return Stand(film=film, state=card.state, card=card, exit_code=card.exit_code, error=card.error)
    if end is not None:
        return Stand(film=film, state=end.state, card=card, exit_code=end.exit_code, error=end.error)
    return Stand(film=film, state="done" if film.up_to_date else "waiting")


def _is_newer(card: Card, roll: Roll, end: End | None, *, up_to_date: bool) -> bool:
    """Whether the card tells of this batch's run or a later one, and not of one before it."""
    if card.state in AT_WORK:
        return True
    if up_to_date and end is None:
        return card.updated_at >= roll.begun_at
    return card.updated_at >= (end.at if end else roll.begun_at)


def _add(batch: str, end: End) -> None:
    with contextlib.suppress(OSError), _file(batch).open("a", encoding="ascii") as stream:
        stream.write(json.dumps(end.model_dump(mode="json")) + "\n")


def _read(file: Path) -> Roll | None:
    """The roll with all its ends; None where there is none, or another release's."""
    try:
        first, *lines = file.read_text("ascii").splitlines()
        roll = Roll.model_validate(json.loads(first))
    except (OSError, ValueError, ValidationError):
        return None
    ends = []
    for line in lines:
        with contextlib.suppress(ValueError, ValidationError):  # cut short by a full disk or a power cut
            ends.append(End.model_validate(json.loads(line)))
    return roll.model_copy(update={"ends": tuple(ends)})


def _files() -> list[Path]:
    """The newest first."""
    found = (places.state_folder() / _FOLDER).glob("*.jsonl")
    return sorted(found, key=_written_ns, reverse=True)


def _written_ns(file: Path) -> int:
    """When it was written; one that is gone since it was found, or leads to nothing, is the oldest."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _file(batch: str) -> Path:
    return file_of(batch, _FOLDER, ".jsonl")
