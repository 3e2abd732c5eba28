"""`voxweave batch --queue`: a batch made by many machines, followed and collected here."""

import json
import os
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from voxweave.cli import one_line
from voxweave.cli.batch_run import Entry, exit_status
from voxweave.cli.crowd import Board, Crowd, Row, crowd_for
from voxweave.cli.fleet import Fleet, follow, submit
from voxweave.cli.fleet_films import FilmWanted
from voxweave.cli.following import Hearing
from voxweave.cli.signals import listening
from voxweave.core.addresses import without_secrets
from voxweave.core.job_states import AT_WORK
from voxweave.errors import Exit, Stopped, UsageError
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.cli.batch import Manner
    from voxweave.cli.wanted import Wanted
    from voxweave.jobs.cards import Card

_PATIENCE_S = 3.0
_VARIABLE = "VOXWEAVE_QUEUE"
_GOES_ON = (
    "voxweave: the films are still being made; the same command collects them,"
    " and voxweave jobs cancel ID --queue URL ends them"
)


def made_elsewhere(queue: str, films: "Sequence[Wanted]", manner: "Manner", *, detach: bool = False) -> int:
    """Send a batch, follow it, and fetch its films; the exit status. With `detach` it is only sent."""
    if detach and manner.on_complete:
        raise UsageError(
            "with --queue nobody is here any more to run --on-complete after --detach",
            hint="leave one of them out",
        )
    entries = [Entry(one, Row(one.title, "")) for one in films]
    board = Board(manner.name, [entry.row for entry in entries])
    fleet = Fleet(queue, films[0].settings[0].artifacts)
    fleet.check()
    return (_left_there if detach else _waited_for)(entries, board, fleet, manner)


def _left_there(entries: Sequence[Entry], board: Board, fleet: Fleet, manner: "Manner") -> int:
    from voxweave.cli.batch import whole

    stop = StopSignal()
    with listening(stop, last=lambda: click.echo(one_line(Stopped()), err=True), patience_s=_PATIENCE_S):
        cards = _send(entries, fleet, manner, stop)
    for entry, card in zip(entries, cards, strict=True):
        entry.row.state, entry.status, entry.error = card.state, card.exit_code, card.error
        if card.state == "failed":
            click.echo(entry.line(), err=True)
    if manner.as_json:
        click.echo(json.dumps(whole(entries, board), indent=2))
    if not manner.quiet:
        words = [
            "voxweave",
            "jobs",
            "watch",
            "--batch",
            shlex.quote(manner.name),
            "--queue",
            _shown(fleet.queue),
        ]
        click.echo(f"{board.name}: {board.line()}; this command without --detach fetches them", err=True)
        click.echo(f"{' '.join(words)} follows them", err=True)
    return exit_status([entry for entry in entries if entry.row.state not in AT_WORK])


def _waited_for(entries: Sequence[Entry], board: Board, fleet: Fleet, manner: "Manner") -> int:
    from voxweave.cli.batch import say_paths, tell_end

    stop = StopSignal()
    crowd = crowd_for(board, quiet=manner.quiet, events=manner.events, gone=lambda: stop.set(Exit.STOPPED))
    with listening(stop, last=lambda: click.echo(_parting(entries), err=True), patience_s=_PATIENCE_S):
        crowd.open()
        try:
            _followed(entries, fleet, manner, crowd, stop)
        except Stopped as error:
            crowd.close()
            click.echo(_parting(entries), err=True)
            return error.exit_code
        finally:
            crowd.close()
    for entry in entries:
        say_paths(entry, manner)
    status = exit_status(entries)
    tell_end(entries, board, manner, status)
    return status


def _send(entries: Sequence[Entry], fleet: Fleet, manner: "Manner", stop: StopSignal) -> "tuple[Card, ...]":
    """The cards of the films, once all that can be are on the queue."""
    cards = submit([_film(entry.wanted, manner) for entry in entries], fleet, stop=stop)
    for entry, card in zip(entries, cards, strict=True):
        entry.row.job, entry.card = card.id, card
        if card.state not in AT_WORK:
            entry.row.up_to_date = card.state == "done"
    return cards


def _shown(queue: str) -> str:
    """The queue as another command may name it; a password stays where it is."""
    if os.environ.get(_VARIABLE) == queue:
        return f'"${_VARIABLE}"'
    return shlex.quote(without_secrets(queue))


def _parting(entries: Sequence[Entry]) -> str:
    """What is said at a stop: only what is on the queue goes on without us."""
    return _GOES_ON if all(entry.card for entry in entries) else one_line(Stopped())


def _followed(
    entries: Sequence[Entry], fleet: Fleet, manner: "Manner", crowd: Crowd, stop: StopSignal
) -> None:
    by_film = {entry.wanted.films[0].absolute(): entry for entry in entries}

    def tell(card: "Card") -> None:
        _hear(by_film[card.films[0]], card, crowd)

    cards = _send(entries, fleet, manner, stop)
    hear = Hearing(tell, note=lambda line: click.echo(f"voxweave: {line}", err=True), beat=crowd.beat)
    follow(cards, fleet, hear=hear, stop=stop)


def _hear(entry: Entry, card: "Card", crowd: Crowd) -> None:
    """What a card says, as the display knows it from films made here."""
    begun = entry.row.state == "waiting" and card.state == "running"
    entry.card, entry.row.state = card, card.state
    if begun:
        crowd.begun(entry.row)
    event = entry.row.follow(card)
    if event is not None:
        crowd.told(entry.row, event)
    if card.state not in AT_WORK:
        entry.status, entry.error = card.exit_code, card.error
        crowd.ended(entry.row, entry.line())


def _film(wanted: "Wanted", manner: "Manner") -> FilmWanted:
    from voxweave.fleet.parcels import Variant

    pairs = zip(wanted.films, wanted.settings, strict=True)
    first, *others = (Variant(film, settings) for film, settings in pairs)
    return FilmWanted(
        narration=wanted.narration,
        film=first.film,
        settings=first.settings,
        others=tuple(others),
        files=wanted.given,
        arguments=wanted.arguments,
        batch=manner.name,
        priority=manner.priority or "normal",
        overwrite="--overwrite" in wanted.arguments,
    )
