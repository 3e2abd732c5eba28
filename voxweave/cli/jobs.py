"""`voxweave jobs`: the jobs of this machine, listed and shown; what is done to them stands in jobs_runs.py."""

import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from voxweave.cli.fleet_jobs import JobsGroup, list_workers
from voxweave.cli.jobs_clean import clean
from voxweave.cli.jobs_found import found, moment, orders_of, paged
from voxweave.cli.jobs_runs import cancel, resume, retry, sync
from voxweave.cli.jobs_watch import watch
from voxweave.core.job_states import AT_WORK
from voxweave.core.quotes import usd
from voxweave.core.redaction import redacted
from voxweave.core.text import counted, printable
from voxweave.errors import Exit, UsageError, VoxWeaveError

if TYPE_CHECKING:
    from voxweave.jobs.cards import Card, Priority, State
    from voxweave.jobs.index import Sort

_MOST = 1_000_000_000
_POLL_S = 0.5
_LOG_LINES = 100

_as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group(
    cls=JobsGroup,
    help="List the jobs of this machine, show, watch or cancel one, or run it again. A job is all the work kept for"
    " one narration; voxweave make begins it. With --queue URL list, show, watch, cancel, retry, clean and workers speak of"
    " the films that many machines make.",
)
def jobs() -> None:
    """Every narration's job has a card in its folder; an index lists them all."""


for command in (watch, retry, resume, cancel, sync, clean, list_workers):
    jobs.add_command(command)


@jobs.command("list", help="The jobs, the newest first.")
@paged
def list_jobs(
    *,
    status: "tuple[State, ...]",
    priority: str | None,
    batch: str,
    sort: "Sort",
    limit: int,
    offset: int,
    as_json: bool,
) -> int:
    from voxweave.jobs.index import Index

    with Index() as index:
        page, total = index.cards(
            states=status, priority=priority or "", batch=batch, sort=sort, limit=limit, offset=offset
        )
    if as_json:
        click.echo(page_json(page, total=total, offset=offset, limit=limit))
    else:
        tell_page(page, total, offset)
    return Exit.DONE


def page_json(page: "tuple[Card, ...]", *, total: int, offset: int, limit: int) -> str:
    """A page of jobs, and how many there are in all."""
    listed = [card.model_dump(mode="json") for card in page]
    return json.dumps({"total": total, "offset": offset, "limit": limit, "jobs": listed}, indent=2)


def tell_page(page: "tuple[Card, ...]", total: int, offset: int) -> None:
    """A line for each job, and where the others are."""
    for line in table(page):
        click.echo(line)
    click.echo(footer(len(page), total, offset), err=True)


@jobs.command(help="All that is known of a job, by its ID, name, folder or narration.")
@click.argument("job", metavar="ID")
@_as_json
def show(job: str, as_json: bool) -> int:
    card = found(job)
    try:
        counts: dict[str, int] | None = dict(Counter(order.state for order in orders_of(card)))
    except VoxWeaveError as error:  # the card is worth seeing all the same
        click.echo(f"voxweave: its orders are not known: {printable(redacted(str(error)))}", err=True)
        counts = None
    if as_json:
        click.echo(json.dumps({**card.model_dump(mode="json"), "orders": counts}, indent=2))
        return Exit.DONE
    for name, text in told(card, counts or {}).items():
        click.echo(f"{name:9} {text}")
    return Exit.DONE


@jobs.command("log", help="What a job asked of whom, and how its runs ended.")
@click.argument("job", metavar="ID")
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until the job ends.")
@click.option(
    "-n", "most", type=click.IntRange(min=0, max=_MOST), default=_LOG_LINES, metavar="N", help=f"The last N lines. Default: {_LOG_LINES}."
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As the lines of JSON they are.")
def show_log(job: str, follow: bool, most: int, as_json: bool) -> int:
    card = found(job)
    file = _log_file(card)
    if not file.exists() and not follow:
        click.echo(f"{card.name} has no log: nothing was done yet", err=True)
        return Exit.DONE
    for line in _lines(card, file, most, follow=follow):
        shown = line if as_json else _spoken(line)
        click.echo(shown)
        sys.stdout.flush()
    return Exit.DONE


@jobs.command(help="Say how urgent a job is: those that wait are taken by urgency, then by age.")
@click.argument("job", metavar="ID")
@click.argument("level", metavar="low|normal|high", type=click.Choice(("low", "normal", "high")))
def priority(job: str, level: "Priority") -> int:
    from voxweave.jobs.index import Index

    card = found(job)
    with Index() as index:
        index.change(card, lambda now: now.changed(priority=level))
    late = "; it is at work already" if card.state == "running" else ""
    click.echo(f"{card.name} is of {level} priority{late}", err=True)
    return Exit.DONE


@jobs.command(
    help="Write the list of jobs anew from their folders: those seen before, and what lies beneath each FOLDER."
)
@click.argument("folders", metavar="[FOLDER]...", nargs=-1)
def rebuild(folders: tuple[str, ...]) -> int:
    from voxweave.jobs.index import rebuilt

    for folder in folders:
        if not Path(folder).is_dir():
            raise UsageError(f"{printable(folder)} is not a folder")
    count = rebuilt([Path(folder) for folder in folders])
    click.echo(f"{counted(count, 'job')} found", err=True)
    return Exit.DONE


def table(cards: "tuple[Card, ...]") -> Iterator[str]:
    """A line for each job."""
    rows = [
        (
            card.id,
            card.state,
            f"{card.percent}%" if card.state in ("running", "stopped", "failed") else "",
            card.priority if card.priority != "normal" else "",
            moment(card.updated_at)[:16],
            printable(card.narration.name, most=50),
            card.batch and f"({printable(card.batch, most=40)})",
        )
        for card in cards
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=True) if width)
        yield "  ".join(cells).rstrip()


def footer(shown: int, total: int, offset: int) -> str:
    """Which of how many these are, and how to see the rest."""
    if not total:
        return "no jobs"
    more = f"; the next with --offset {offset + shown}" if shown and offset + shown < total else ""
    here = f"{offset + 1} to {offset + shown} of " if shown < total and shown else ""
    return f"{here}{counted(total, 'job')}{more}"


def told(card: "Card", orders: Mapping[str, int] = MappingProxyType({})) -> dict[str, str]:
    """All that is worth showing of a job, with how many of its orders are in which state."""
    cost = "not known" if card.cost_usd is None else usd(card.cost_usd)
    states = ", ".join(f"{count} {state}" for state, count in orders.items())
    lines = {
        "job": card.name,
        "id": card.id,
        "state": _state(card),
        "stage": f"{card.stage}, {card.percent}%" if card.stage and card.exit_code != Exit.DONE else "",
        "narration": str(card.narration),
        **{f"film {n}" if n > 1 else "film": _place(film) for n, film in enumerate(card.films, start=1)},
        "error": card.error.message if card.error else "",
        "hint": card.error.hint if card.error else "",
        "orders": f"{states}; {cost}" if orders else "",
        "batch": card.batch,
        "priority": card.priority,
        "created": moment(card.created_at),
        "updated": moment(card.updated_at),
        "completed": moment(card.completed_at),
        "command": f"voxweave {shlex.join(card.arguments)}" if card.arguments else "",
        "given in": str(card.cwd),
        "folder": str(card.folder),
        "log": str(_log_file(card)) if _log_file(card).exists() else "",
    }
    return {name: printable(text, most=4000) for name, text in lines.items() if text}


def _place(film: Path) -> str:
    return f"{film}{'' if film.exists() else ', not there any more'}"


def _state(card: "Card") -> str:
    """The state in words that say why."""
    parts: list[str] = [card.state]
    if card.state == "running" and card.pid:
        parts.append(f"process {card.pid}")
    if card.exit_code is not None:
        parts.append(f"exit status {card.exit_code}")
    if card.error:
        parts.append(f"{card.error.code}{', worth another try' if card.error.retryable else ''}")
    return ", ".join(parts)


def _log_file(card: "Card") -> Path:
    from voxweave.jobs.log import NAME

    return card.folder / "log" / NAME


def _lines(card: "Card", file: Path, most: int, *, follow: bool) -> Iterator[str]:
    """The last lines, and with `follow` what is added until the job is at work no more."""
    from voxweave.jobs.cards import card_in, seen

    lines, at = _read(file, 0)
    yield from lines[-most:] if most else ()
    while follow:
        over = seen(card_in(card.folder) or card).state not in AT_WORK
        size = file.stat().st_size if file.exists() else 0
        lines, at = _read(file, 0 if size < at else at)  # a full log is begun anew
        yield from lines
        if over:
            return
        time.sleep(_POLL_S)


def _read(file: Path, at: int) -> tuple[list[str], int]:
    """The whole lines from there on, and where the next begins."""
    try:
        with file.open("rb") as stream:
            stream.seek(at)
            whole = stream.read().rpartition(b"\n")[0]
    except OSError:
        return [], at
    if not whole:
        return [], at
    return whole.decode("utf-8", "replace").split("\n"), at + len(whole) + 1


def _spoken(line: str) -> str:
    """A line of the log for people: when, what, and the facts."""
    try:
        told = json.loads(line)
        at, words = told.pop("at"), told.pop("event")
    except (ValueError, KeyError, AttributeError):
        return printable(line, most=1000)
    trace = told.pop("trace", "")
    facts = (f"{name}={value}" for name, value in told.items() if name not in ("level", "from", "job"))
    shown = printable(" ".join((moment(at), words, *facts)), most=1000)
    return "\n".join((shown, *(f"  {printable(one, most=400)}" for one in trace.splitlines())))
