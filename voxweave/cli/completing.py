"""`--on-complete` of a detached batch: kept until its last film has ended, and run once by whoever sees that."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from voxweave.cli.announce import announce, words_of
from voxweave.cli.batch_roll import file_of, path_of
from voxweave.cli.batch_run import Entry, status_of
from voxweave.cli.crowd import Board, Row
from voxweave.core.job_states import AT_WORK
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import StorageError
from voxweave.jobs.cards import Card, card_in, seen
from voxweave.jobs.proofs import spelled
from voxweave.media.files import write_atomically

_FOLDER = "completions"


class Awaited(Value):
    """A film of the batch: its job and what it makes, as the digits of their bytes."""

    title: str
    job: str
    films: tuple[str, ...]
    up_to_date: bool = False
    exit_code: int | None = None
    """Set where it failed before it could wait."""


class Completion(Value):
    """What is to be run when these films have ended, and where it was asked for."""

    command: str
    cwd: Path
    batch: str
    films: tuple[Awaited, ...]


def forget(batch: str) -> None:
    """What an earlier batch of this name asked for is not asked for by the next; StorageError where none can be kept."""
    file = _completion(batch)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"{printable(str(file.parent))} cannot be written: {error.strerror}",
            hint="move away what lies there",
        ) from error


def complete_with(batch: str, command: str, entries: Sequence[Entry]) -> None:
    """Remember what is to be run when these films have ended."""
    words_of(command)
    forget(batch)
    films = tuple(
        Awaited(
            title=entry.row.title,
            job=spelled(entry.wanted.job),
            films=tuple(map(spelled, entry.wanted.films)),
            up_to_date=entry.row.up_to_date,
            exit_code=entry.status if entry.row.state == "failed" else None,
        )
        for entry in entries
    )
    asked = Completion(command=command, cwd=Path.cwd(), batch=batch, films=films)
    write_atomically(_completion(batch), asked.to_json())


def due(batch: str) -> Callable[[], None] | None:
    """What runs the batch's program, where its last film has ended; given once, to one of all who ask."""
    file = _completion(batch)
    try:
        asked = Completion.model_validate(json.loads(file.read_bytes()))
    except (OSError, ValueError):  # nothing was asked for
        return None
    cards = {film.job: card_in(path_of(film.job)) for film in asked.films}
    rows = [_row(film, cards[film.job]) for film in asked.films]
    if any(row.state in AT_WORK for row in rows):
        return None
    try:
        file.unlink()
    except OSError:  # another was first
        return None
    return lambda: announce(asked.command, _facts(asked, rows, cards), cwd=asked.cwd)


def tell_batch(batch: str) -> None:
    """Run what the batch asked for, if its last film has ended."""
    run = due(batch)
    if run is not None:
        run()


def _row(film: Awaited, card: Card | None) -> Row:
    row = Row(film.title, path_of(film.job).name[-8:], up_to_date=film.up_to_date)
    if film.up_to_date:
        row.state = "done"
    else:
        row.state = "failed" if card is None or film.exit_code else seen(card).state
    return row


def _facts(asked: Completion, rows: Sequence[Row], cards: Mapping[str, Card | None]) -> dict[str, object]:
    board = Board(asked.batch, rows)
    ends = []
    for film, row in zip(asked.films, rows, strict=True):
        card = cards[film.job]
        ends.append((row.state, film.exit_code or (card.exit_code if card else None)))
    costs = [card.cost_usd if card else 0.0 for card in cards.values()]
    made = [
        path_of(name)
        for film, row in zip(asked.films, rows, strict=True)
        if row.state in ("done", "short")
        for name in film.films
    ]
    facts = {"event": "batch", "batch": board.name, "state": board.state, "exit_code": int(status_of(ends))}
    known = round(sum(cost for cost in costs if cost is not None), 6)
    return {**facts, **board.counters, "cost_usd": None if None in costs else known, "films": made}


def _completion(batch: str) -> Path:
    return file_of(batch, _FOLDER, ".json")
