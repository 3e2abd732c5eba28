"""The batches that are known, on this machine or on a queue, each with its films as they stand now."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxweave.cli.batch_roll import Film, Roll, Stand, board_of, path_of, roll_of, rolls, stands
from voxweave.cli.crowd import Board, Row, batch_facts, row_words
from voxweave.cli.fleet_queue import films_on
from voxweave.cli.wanted import batch_name
from voxweave.core.text import printable
from voxweave.errors import UsageError
from voxweave.jobs.cards import Card
from voxweave.jobs.index import Index
from voxweave.jobs.proofs import spelled


@dataclass(frozen=True)
class Found:
    """A batch: its films as they stand, counted as its own display counts them."""

    board: Board
    stands: Sequence[Stand]
    begun_at: str

    @property
    def name(self) -> str:
        """What it goes by."""
        return self.board.name

    def line(self) -> str:
        """The whole of it for people."""
        return f"{printable(self.name)}: {self.board.percent:.0f}%, {self.board.line()}"

    def lines(self) -> list[str]:
        """The whole of it, and each film."""
        width = max((len(row.title) for row in self.board.rows), default=0)
        pairs = zip(self.board.rows, self.stands, strict=True)
        return [self.line(), *(f"  {row.title:{width}}  {_words(row, stand)}" for row, stand in pairs)]

    def facts(self, *, films: bool) -> dict[str, object]:
        """The same object as `voxweave batch --json` ends with, as far as it can be known."""
        cards = {card.folder: card for stand in self.stands if (card := stand.card) is not None}
        costs = [card.cost_usd for card in cards.values()]
        known = round(sum(cost for cost in costs if cost is not None), 6)
        more = {"films": [_facts(*pair) for pair in zip(self.board.rows, self.stands, strict=True)]}
        return batch_facts(
            self.board,
            begun_at=self.begun_at,
            cost_usd=None if None in costs else known,
            **(more if films else {}),
        )


class Here:
    """The batches of this machine: as they were written down, else as the jobs' cards name them."""

    def __init__(self) -> None:
        with Index() as index:
            self._cards = index.cards()[0]

    def all(self) -> list[Found]:
        """The newest first."""
        known = {roll.batch: _of_roll(roll) for roll in rolls()}
        known |= {
            name: _of_cards(name, cards) for name, cards in _grouped(self._cards).items() if name not in known
        }
        return sorted(known.values(), key=lambda one: one.begun_at, reverse=True)

    def called(self, name: str) -> Found | None:
        """The batch of this name."""
        roll = roll_of(name)
        if roll is not None:
            return _of_roll(roll)
        cards = _grouped(self._cards).get(name)
        return _of_cards(name, cards) if cards else None


class OnQueue:
    """The batches that many machines make."""

    def __init__(self, queue: str) -> None:
        self._queue = queue

    def all(self) -> list[Found]:
        """The newest first."""
        found = [_of_cards(name, cards) for name, cards in _grouped(self._asked("")).items()]
        return sorted(found, key=lambda one: one.begun_at, reverse=True)

    def called(self, name: str) -> Found | None:
        """The batch of this name."""
        cards = self._asked(name)
        return _of_cards(name, cards) if cards else None

    def _asked(self, name: str) -> Sequence[Card]:
        with films_on(self._queue) as talks:
            return talks.table.cards(batch=name)[0]


def named(word: str, known: Here | OnQueue) -> Found:
    """The batch of this name, or that was begun with this folder or list; UsageError for none."""
    names = [printable(word), *([batch_name(Path(word))] if os.path.lexists(word) else [])]
    found = next((one for name in names if (one := known.called(name)) is not None), None)
    if found is None:
        raise UsageError(
            f"there is no batch {printable(word)!r}", hint="voxweave batch status lists those there are"
        )
    return found


def _of_roll(roll: Roll) -> Found:
    found = stands(roll)
    gone = roll.pid is not None and not roll.at_work
    return Found(board_of(roll.batch, found, given_up=gone), found, roll.begun_at)


def _of_cards(name: str, cards: Sequence[Card]) -> Found:
    found = [Stand(film=_film(card), state=card.state, card=card, exit_code=card.exit_code, error=card.error)
             for card in sorted(cards, key=lambda card: card.created_at)]  # fmt: skip
    return Found(board_of(name, found), found, max(card.created_at for card in cards))


def _film(card: Card) -> Film:
    return Film(
        title=printable(card.narration.name, most=60),
        narration=spelled(card.narration),
        job=spelled(card.folder),
        films=tuple(map(spelled, card.films)),
        line="",
    )


def _grouped(cards: Iterable[Card]) -> dict[str, list[Card]]:
    found: dict[str, list[Card]] = {}
    for card in cards:
        if card.batch:
            found.setdefault(card.batch, []).append(card)
    return found


def _words(row: Row, stand: Stand) -> str:
    if row.state == "running":
        return f"running, {row_words(row)}"
    if row.up_to_date:
        return f"{row.state}, up to date"
    why = stand.error
    return (
        f"{row.state}: {printable(why.message, most=400)}"
        if why and row.state in ("failed", "short")
        else row.state
    )


def _facts(row: Row, stand: Stand) -> dict[str, Any]:
    card = stand.card
    return {
        "narration": str(path_of(stand.film.narration)),
        "films": [str(path_of(film)) for film in stand.film.films],
        "job": card.id if card else row.job,
        "state": row.state,
        "up_to_date": row.up_to_date,
        "percent": round(100 * row.share, 1),
        "exit_code": stand.exit_code,
        "cost_usd": card.cost_usd if card else 0.0,
        "error": stand.error.model_dump() if stand.error else None,
    }
