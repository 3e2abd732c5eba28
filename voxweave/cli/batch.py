"""`voxweave batch`: a film from each narration of a folder or a list, several at once."""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voxweave.cli import one_line
from voxweave.cli.announce import announce, on_complete_option, words_of
from voxweave.cli.batch_group import BatchGroup
from voxweave.cli.batch_lanes import check_lanes
from voxweave.cli.batch_status import batch_cancel, batch_status
from voxweave.cli.crowd import Board, Row, batch_facts, crowd_for
from voxweave.cli.display import span
from voxweave.cli.options import own_file, settings_options
from voxweave.cli.outputs import presets_named
from voxweave.cli.signals import listening
from voxweave.cli.wanted import Common, Wanted, batch_name, check_name, films_of, missing
from voxweave.core.text import printable
from voxweave.errors import Exit, Stopped, StorageError, UsageError
from voxweave.jobs.cards import error_of
from voxweave.media.stopping import StopSignal
from voxweave.settings import load

if TYPE_CHECKING:
    from voxweave.cli.batch_run import Entry
    from voxweave.jobs.cards import Priority

_HELP = """Make a film from each narration of a FOLDER, or of a LIST as .toml or .csv.

A list names a narration for each film, and what is particular to it: output, script, subtitles, storyboard, and any
setting. The flags hold for all films; where a list says otherwise, the list is followed. Paths in a list are meant
from its folder.
A film that fails does not stop the others. Run it again, and only what is missing is made.
Exit status: 0 all done, 9 some done or short of what was asked, else the first failure's.
A folder that is called run, status or cancel is given with its path, as ./status.
"""
_PATIENCE_S = 1.8
"""A little more than the films' own, so that each can say how it ended."""


@dataclass(frozen=True)
class Manner:
    """How a batch is made and told of."""

    name: str
    at_once: int | None
    priority: "Priority | None"
    as_json: bool
    events: bool
    quiet: bool
    on_complete: str | None


@click.command("run", help=_HELP, short_help="What is meant where no command is named.")
@click.argument("source", metavar="FOLDER|LIST")
@click.option("-o", "--output", metavar="FOLDER", help="Where films go. Default: beside their narrations.")
@click.option(
    "--at-once",
    type=click.IntRange(1, 64),
    metavar="N",
    help="So many films at once. Default: as many as cores and memory allow, 8 at most.",
)
@click.option("--name", metavar="NAME", help="What the batch goes by. Default: its file's or folder's name.")
@click.option(
    "--priority",
    type=click.Choice(("low", "normal", "high")),
    help="How urgent its jobs are among those that wait. Default: as they were, or normal.",
)
@click.option("--overwrite", is_flag=True, help="Replace films that are there already.")
@click.option("--dry-run", is_flag=True, help="Tell what would be made, and make nothing.")
@click.option("--detach", is_flag=True, help="Leave the work to voxweave worker, and come back at once.")
@click.option("--queue", metavar="URL", help="Hand the work to the workers of this postgresql:// queue.")
@click.option(
    "--json", "as_json", is_flag=True, help="At the end the state of the batch and of each film as JSON."
)
@click.option("--events", is_flag=True, help="What happens on stdout as JSON lines; not with --json.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@on_complete_option
@settings_options
@click.pass_obj
def run_batch(
    config: str | None,
    /,
    source: str,
    output: str | None,
    at_once: int | None,
    name: str | None,
    priority: "Priority | None",
    overwrite: bool,
    dry_run: bool,
    detach: bool,
    queue: str | None,
    as_json: bool,
    events: bool,
    quiet: bool,
    on_complete: str | None,
    **flags: object,
) -> int:
    if as_json and events:
        raise UsageError("--json and --events both want stdout", hint="use one of them")
    if detach and events:
        raise UsageError(
            "--detach comes back before anything happens that --events could tell",
            hint="voxweave jobs watch shows it",
        )
    if on_complete is not None:
        words_of(on_complete)
    check_name(source, "the folder or list")
    check_name(output or "", "-o")
    called = _called(name, Path(source))
    films = _films(Path(source), Common(flags, config, output, overwrite=overwrite), called)
    manner = Manner(called, at_once, priority, as_json, events, quiet, on_complete)
    if dry_run:
        return _foretold(_entries(films, overwrite=overwrite), manner)
    check_lanes(films)
    if queue:
        from voxweave.cli.fleet import submit_batch

        return submit_batch(queue, films, manner, detach=detach)
    entries = _entries(films, overwrite=overwrite)
    if detach:
        from voxweave.cli.batch_later import left_to_worker

        return left_to_worker(entries, manner)
    return _made(entries, manner)


def _called(name: str | None, source: Path) -> str:
    if name is not None and (not name.strip() or name != printable(name, most=60)):
        raise UsageError("--name takes up to 60 letters on one line", hint='such as --name "season 1"')
    return name or batch_name(source)


def _films(source: Path, common: Common, called: str) -> tuple[Wanted, ...]:
    """What is asked for, checked; the films of one batch share what it may cost."""
    names: list[str | None] = [*presets_named(common.flags.get("preset"))] or [None]
    user_file, purse = own_file(common.config), ""
    for name in names:
        flags = {**common.flags, "preset": name}
        loaded = load(flags, environ=os.environ, job_file=None, user_file=user_file)
        purse = purse or (called if loaded.settings.max_cost else "")
        for note in loaded.notes:
            click.echo(f"voxweave: {note}", err=True)
    if common.output is not None and os.path.lexists(common.output) and not Path(common.output).is_dir():
        raise UsageError(f"-o {printable(common.output)} is not a folder", hint="name a folder for the films")
    return films_of(source, replace(common, purse=purse))


def _entries(films: Sequence[Wanted], *, overwrite: bool) -> "list[Entry]":
    """Each film with what is known of it: what is finished need not begin."""
    from voxweave.cli.batch_run import Entry, finished

    entries = []
    for wanted in films:
        row = Row(wanted.title, wanted.job.name[-8:], films=len(wanted.films))
        if not overwrite and finished(wanted):
            row.state, row.up_to_date = "done", True
        entries.append(Entry(wanted, row, status=Exit.DONE if row.up_to_date else None))
    return entries


def _foretold(entries: "Sequence[Entry]", manner: Manner) -> int:
    """What would be made, and what could not be; nothing is."""
    lacking = [entry for entry in entries if not entry.wanted.narration.is_file()]
    for entry in lacking:
        entry.row.state, entry.status, entry.error = "failed", Exit.INPUT, error_of(missing(entry.wanted))
    status = Exit.INPUT if lacking else Exit.DONE
    if manner.as_json:
        board = Board(manner.name, [one.row for one in entries])
        click.echo(json.dumps({**whole(entries, board), "exit_code": status}, indent=2))
        return status
    for entry in entries:
        films = ", ".join(printable(str(film), most=1000) for film in entry.wanted.films)
        told = {"done": f"{films} is up to date", "failed": "is missing"}
        click.echo(f"{entry.row.title}: {told.get(entry.row.state, f'{films} would be made')}")
    count = sum(entry.row.state == "waiting" for entry in entries)
    click.echo(f"{count} of {len(entries)} films would be made", err=True)
    if lacking:
        click.echo(one_line(missing(lacking[0].wanted)), err=True)
    return status


def _made(entries: "Sequence[Entry]", manner: Manner) -> int:
    """Make what is missing, and say how it went."""
    from voxweave.cli.batch_roll import enrol, note_end
    from voxweave.cli.batch_run import BatchRun, Named, exit_status
    from voxweave.fleet.crew import Crew, crew_size

    stop = StopSignal()
    board = Board(manner.name, [entry.row for entry in entries])
    crowd = crowd_for(board, quiet=manner.quiet, events=manner.events, gone=lambda: stop.set(Exit.STOPPED))
    films, workers = crew_size(manner.at_once)

    def last() -> None:
        crowd.close()
        click.echo(one_line(Stopped()), err=True)

    with (
        listening(stop, last=last, patience_s=_PATIENCE_S),
        Crew(stop, at_once=films, workers=workers) as crew,
    ):
        enrol(manner.name, entries, here=True)
        places = {id(entry): place for place, entry in enumerate(entries)}
        crowd.open()
        try:
            for entry in BatchRun(
                Named(manner.name, manner.priority), entries, board, crew, crowd, stop
            ).run():
                note_end(manner.name, places[id(entry)], entry)
                say_paths(entry, manner)
        finally:
            crowd.close()
    board.stopped = stop.is_set()
    status = _stopped(stop) or exit_status(entries)
    tell_end(entries, board, manner, status)
    return status


def _stopped(stop: StopSignal) -> int:
    try:
        stop.check()
    except Stopped as error:
        return error.exit_code
    return 0


def tell_end(entries: "Sequence[Entry]", board: Board, manner: Manner, status: int) -> None:
    """How it went, for people and programs; and the user's own program is run."""
    told = {**whole(entries, board), "exit_code": status}
    if manner.as_json:
        click.echo(json.dumps(told, indent=2))
    if not manner.quiet:
        cost = told["cost_usd"]
        money = f", ${cost:.2f}" if isinstance(cost, float) and cost else ""
        click.echo(f"{board.name}: {board.line()}, {span(board.elapsed_s)}{money}", err=True)
    if board.stopped:
        click.echo(one_line(Stopped()), err=True)
    elif manner.on_complete:
        facts = {"event": "batch", "batch": board.name, "state": board.state, "exit_code": status}
        films = [
            film for entry in entries if entry.row.state in ("done", "short") for film in entry.wanted.films
        ]
        announce(
            manner.on_complete, {**facts, **board.counters, "cost_usd": told["cost_usd"], "films": films}
        )


def whole(entries: "Sequence[Entry]", board: Board) -> dict[str, Any]:
    """The batch and each of its films, for programs."""
    costs = [entry.cost_usd for entry in {entry.wanted.job: entry for entry in entries}.values()]
    known = round(sum(cost for cost in costs if cost is not None), 6)
    return batch_facts(
        board,
        seconds=round(board.elapsed_s, 2),
        cost_usd=None if None in costs else known,
        films=[entry.facts() for entry in entries],
    )


def say_paths(entry: "Entry", manner: Manner) -> None:
    """The films' paths, for a program that reads them; people see them in the display."""
    if manner.as_json or manner.events or (sys.stdout.isatty() and sys.stderr.isatty()):
        return
    for film in entry.wanted.films if entry.row.state in ("done", "short") else ():
        with contextlib.suppress(OSError, StorageError):  # told at the end; the other films go on
            click.echo(os.fsencode(film))


@click.group(cls=BatchGroup, help=_HELP)
def batch() -> None:
    """`run` is what is meant where no command is named."""


for command in (run_batch, batch_status, batch_cancel):
    batch.add_command(command)
