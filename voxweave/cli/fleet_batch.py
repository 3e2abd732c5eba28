"""`voxweave batch --queue`: a batch made by many machines, followed and collected here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli import one_line
from voxweave.cli.batch_run import Entry, exit_status
from voxweave.cli.crowd import Board, Crowd, Row, crowd_for
from voxweave.cli.fleet import FilmWanted, Fleet, follow, submit
from voxweave.cli.following import Hearing
from voxweave.cli.signals import listening
from voxweave.core.events import GROUPS, WEIGHTS, Event, Stage
from voxweave.core.storyboard import ART
from voxweave.errors import Exit, Stopped, UsageError
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.cli.batch import Manner
    from voxweave.cli.wanted import Wanted
    from voxweave.jobs.cards import Card

_GIVEN = {".toml": "storyboard", ".srt": "subtitles", ".vtt": "subtitles", ".ass": "subtitles"}
_PATIENCE_S = 3.0
_GOES_ON = (
    "voxweave: the films are still being made; the same command collects them,"
    " and voxweave jobs cancel ID --queue URL ends them"
)


def made_elsewhere(queue: str, films: "Sequence[Wanted]", manner: "Manner") -> int:
    """Send a batch, follow it, and fetch its films; the exit status."""
    from voxweave.cli.batch import say_paths, tell_end

    _check_apart(films)
    wanted = [one for film in films for one in _single(film)]
    entries = [Entry(one, Row(one.title, "")) for one in wanted]
    board = Board(manner.name, [entry.row for entry in entries])
    stop = StopSignal()
    crowd = crowd_for(board, quiet=manner.quiet, events=manner.events, gone=lambda: stop.set(Exit.STOPPED))
    with listening(stop, last=lambda: click.echo(_parting(entries), err=True), patience_s=_PATIENCE_S):
        crowd.open()
        try:
            _followed(entries, Fleet(queue, wanted[0].settings[0].artifacts), manner, crowd, stop)
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


def _parting(entries: Sequence[Entry]) -> str:
    """What is said at a stop: only what is on the queue goes on without us."""
    return _GOES_ON if all(entry.card for entry in entries) else one_line(Stopped())


def _followed(
    entries: Sequence[Entry], fleet: Fleet, manner: "Manner", crowd: Crowd, stop: StopSignal
) -> None:
    by_film = {entry.wanted.films[0].absolute(): entry for entry in entries}

    def tell(card: "Card") -> None:
        _hear(by_film[card.films[0]], card, crowd)

    cards = submit([_film(entry.wanted, manner) for entry in entries], fleet, stop=stop)
    for entry, card in zip(entries, cards, strict=True):
        entry.row.job, entry.card = card.id, card
        if card.state not in ("waiting", "running"):
            entry.row.up_to_date = card.state == "done"
    hear = Hearing(tell, note=lambda line: click.echo(f"voxweave: {line}", err=True), beat=crowd.beat)
    follow(cards, fleet, hear=hear, stop=stop)


def _hear(entry: Entry, card: "Card", crowd: Crowd) -> None:
    """What a card says, as the display knows it from films made here."""
    begun = entry.row.state == "waiting" and card.state == "running"
    entry.card, entry.row.state = card, card.state
    if begun:
        crowd.begun(entry.row)
    if card.state == "running" and card.stage:
        stage: Stage = next(name for name in WEIGHTS if name == card.stage)
        event = Event(
            kind="progress",
            film=entry.row.title,
            stage=stage,
            group=GROUPS[stage],
            done=card.percent / 100,
        )
        entry.row.hear(event)
        crowd.told(entry.row, event)
    elif card.state not in ("waiting", "running"):
        entry.status, entry.error = card.exit_code, card.error
        crowd.ended(entry.row, entry.line())


def _check_apart(films: "Sequence[Wanted]") -> None:
    """UsageError where the films of several presets would share orders: machines do not wait for one another."""
    for film in films:
        if len(film.outputs) > 1 and film.settings[0].provider != (ART,):
            raise UsageError(
                f"{film.place}: the films of several presets share what is ordered, and are made by one machine",
                hint="with --queue give one preset at a time, or make them without a queue",
            )


def _single(wanted: "Wanted") -> "Iterator[Wanted]":
    """Each film of a narration by itself."""
    for output, settings in zip(wanted.outputs, wanted.settings, strict=True):
        yield replace(wanted, outputs=(output,), settings=(settings,))


def _film(wanted: "Wanted", manner: "Manner") -> FilmWanted:
    return FilmWanted(
        narration=wanted.narration,
        film=wanted.outputs[0].film,
        settings=wanted.settings[0],
        files={_given(file): file for file in wanted.given},
        arguments=wanted.arguments,
        batch=manner.name,
        priority=manner.priority or "normal",
        overwrite="--overwrite" in wanted.arguments,
    )


def _given(file: Path) -> str:
    """Which of make's flags names a file of this kind."""
    return _GIVEN.get(file.suffix.lower(), "script")
