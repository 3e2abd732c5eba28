"""`voxweave batch status` and `voxweave batch cancel`: how a batch stands, wherever it is made, and its end."""

import json
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from voxweave.cli.fleet_queue import films_on, queue_or_here
from voxweave.core.job_states import CANCELLABLE
from voxweave.core.text import printable
from voxweave.errors import Exit, StorageError, UsageError

if TYPE_CHECKING:
    from voxweave.cli.batch_found import Found
    from voxweave.cli.batch_roll import Roll
    from voxweave.cli.fleet import Talks
    from voxweave.jobs.cards import Card

_PAGE = 20
_MOST = 1_000_000_000
_ENDS_WITHIN_S, _LOOK_S = 20.0, 0.1

_as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.command(
    "status",
    short_help="How a batch stands; without a name, all of them.",
    help="How a batch stands: its counters and each film. Without a name, all batches, the newest first.",
)
@click.argument("batch", metavar="[NAME|FOLDER|LIST]", required=False)
@queue_or_here
@click.option("--limit", type=click.IntRange(1, _MOST), default=_PAGE, metavar="N", help=f"Default: {_PAGE}.")
@click.option(
    "--offset", type=click.IntRange(0, _MOST), default=0, metavar="N", help="Leave out the first N."
)
@_as_json
def batch_status(batch: str | None, queue: str | None, limit: int, offset: int, as_json: bool) -> int:
    from voxweave.cli.batch_found import Here, OnQueue, named

    known = OnQueue(queue) if queue else Here()
    if batch is not None:
        found = named(batch, known)
        lines = [json.dumps(found.facts(films=True), indent=2)] if as_json else found.lines()
    else:
        every = known.all()
        _tell_more(len(every), limit, offset)
        page = every[offset : offset + limit]
        told = json.dumps([one.facts(films=False) for one in page], indent=2)
        lines = [told] if as_json else [one.line() for one in page]
    for line in lines:
        click.echo(line)
    return Exit.DONE


@click.command(
    "cancel",
    short_help="End a batch: all its films, and who makes it.",
    help="Cancel all films of a batch that wait or run, and whoever makes it. What was done is kept, and what was"
    " ordered is fetched by the next run.",
)
@click.argument("batch", metavar="NAME|FOLDER|LIST")
@queue_or_here
@_as_json
def batch_cancel(batch: str, queue: str | None, as_json: bool) -> int:
    from voxweave.cli.batch_found import Here, OnQueue, named

    found = named(batch, OnQueue(queue) if queue else Here())
    if not any(stand.state in CANCELLABLE for stand in found.stands):
        raise UsageError(f"{printable(found.name)} is already completed: {found.board.line()}")
    code = _cancelled_there(found, queue) if queue else _cancelled_here(found)
    after = named(found.name, OnQueue(queue) if queue else Here())
    if as_json:
        click.echo(json.dumps(after.facts(films=True), indent=2))
    click.echo(after.line(), err=True)
    return code


def _tell_more(total: int, limit: int, offset: int) -> None:
    if not total:
        click.echo("no batches", err=True)
    elif offset + limit < total:
        click.echo(f"{total} batches; the next with --offset {offset + limit}", err=True)


def _cancelled_here(found: "Found") -> int:
    """End the program that makes it first, so that it begins no other film."""
    from voxweave.cli.batch_roll import give_up, roll_of
    from voxweave.cli.jobs_runs import cancel_each
    from voxweave.jobs.index import Index

    roll = roll_of(found.name)
    if roll is not None and roll.at_work:
        _end(roll)
    with Index() as index:
        cards, _ = index.cards(states=CANCELLABLE, batch=found.name)
    code = cancel_each(cards)
    roll = roll_of(found.name)
    if roll is not None:
        give_up(roll)
    return code


def _end(roll: "Roll") -> None:
    from voxweave.jobs.living import ask_to_end

    assert roll.pid is not None
    ask_to_end(roll.pid)
    ends = time.monotonic() + _ENDS_WITHIN_S
    while roll.at_work:
        if time.monotonic() > ends:
            raise StorageError(f"process {roll.pid} does not end", hint=f"kill -9 {roll.pid} ends it")
        time.sleep(_LOOK_S)


def _cancelled_there(found: "Found", queue: str) -> int:
    """None of them is wanted, and only then is each waited for: a worker takes no other in the meantime."""
    cards = [stand.card for stand in found.stands if stand.card is not None and stand.state in CANCELLABLE]
    with films_on(queue) as talks:
        _each(talks, cards, wait_s=0.0)
        _each(talks, [card for card in cards if card.state == "running"], wait_s=15.0)
    return Exit.DONE


def _each(talks: "Talks", cards: "Sequence[Card]", *, wait_s: float) -> None:
    for card in cards:
        talks.cancel(card, wait_s=wait_s)
