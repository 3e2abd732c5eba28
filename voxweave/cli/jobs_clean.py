"""`voxweave jobs clean`: throws away what is kept on the way to a film."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.jobs_found import each, found, open_orders, status_option
from voxweave.core.text import counted, printable
from voxweave.errors import Exit, UsageError

if TYPE_CHECKING:
    from voxweave.jobs.cards import Card, State

_AGE = re.compile(r"(\d{1,4})\s*(min|h|d|w)?", re.IGNORECASE)
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


@click.command(
    help="Throw away the work kept for jobs, all that was done on the way to a film. Films, reports and storyboards"
    " stay; a job at work, or with orders to fetch, is left alone."
)
@click.argument("names", metavar="[ID]...", nargs=-1)
@status_option
@click.option("--older-than", metavar="AGE", help="Only those untouched for so long, as in 30d, 12h or 2w.")
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would go.")
def clean(names: tuple[str, ...], status: "tuple[State, ...]", older_than: str | None, dry_run: bool) -> int:
    if not names and not status and not older_than:
        raise UsageError("which jobs are meant?", hint="give IDs, --status done, or --older-than 30d")
    before = moment_before(older_than) if older_than else ""
    cards = [found(name) for name in names] if names else _spare(status)
    cards = [card for card in cards if not (status and card.state not in status)]
    cards = [card for card in cards if not (before and card.updated_at >= before)]
    if not cards:
        click.echo("no such job", err=True)
    return each(cards, lambda card: _thrown_away(card, dry_run=dry_run))


def _spare(states: "Sequence[State]") -> "list[Card]":
    """The jobs in these states, or in any in which nobody works on them or is to."""
    from voxweave.jobs.index import Index

    with Index() as index:
        cards, _ = index.cards(states=states, sort="name")
    kept = ("running",) if states else ("running", "waiting")
    return [card for card in cards if card.state not in kept]


def moment_before(age: str) -> str:
    """The moment so long ago, as cards write it."""
    named = _AGE.fullmatch(age.strip())
    if not named:
        raise UsageError(f"{printable(age)!r} is no age", hint="as in 30d, 12h, 90min or 2w")
    length = timedelta(**{_UNITS[(named[2] or "d").lower()]: int(named[1])})
    return (datetime.now(UTC) - length).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _thrown_away(card: "Card", *, dry_run: bool) -> int:
    from voxweave.jobs.index import forget
    from voxweave.jobs.job import remove_folder

    if card.state == "running":
        raise UsageError(f"{card.name} is at work", hint=f"voxweave jobs cancel {card.id} ends it")
    open_ = open_orders(card)
    if open_:
        raise UsageError(
            f"{card.name} has {counted(len(open_), 'order')} under way or in doubt",
            hint=f"voxweave jobs retry {card.id} fetches them; voxweave clean --with-orders forgets them",
        )
    size_mb = _bytes_in(card.folder) / 1e6
    if not dry_run:
        remove_folder(card.folder, card.name)
        forget(card.folder)
    verb = "would go" if dry_run else "removed"
    click.echo(f"{verb}: {printable(str(card.folder), most=1000)} ({size_mb:.1f} MB)", err=True)
    return Exit.DONE


def _bytes_in(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if not file.is_dir())
