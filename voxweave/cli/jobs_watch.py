"""`voxweave jobs watch`: jobs that somebody else works on, shown until they end."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import click

from voxweave.cli.display import WORDS
from voxweave.cli.jobs_found import found
from voxweave.cli.running import say_path
from voxweave.core.job_states import AT_WORK
from voxweave.core.text import printable
from voxweave.errors import Exit

if TYPE_CHECKING:
    from rich.table import Table

    from voxweave.jobs.cards import Card

_POLL_S = 0.5
_LINE_EVERY_S = 10.0
_MARGIN_LINES = 2
Show = Callable[[Sequence["Card"]], None]


@click.command(
    help="Show how far a job is until it ends, and end with its exit status; without ID, all that wait or run."
)
@click.argument("job", metavar="[ID]", required=False)
def watch(job: str | None) -> int:
    cards = [found(job)] if job else _at_work()
    if not cards:
        click.echo("no job waits or runs", err=True)
        return Exit.DONE
    try:
        cards = _followed(cards)
    except KeyboardInterrupt:
        click.echo("voxweave: watched no more; the work goes on", err=True)
        return Exit.STOPPED
    for card in cards:
        tell_end(card)
    return status_of(cards)


def _at_work() -> "list[Card]":
    from voxweave.jobs.index import Index

    with Index() as index:
        cards, _ = index.cards(states=AT_WORK)
    oldest_first = sorted(cards, key=lambda card: card.created_at)
    return [card for card in map(_now, oldest_first) if card.state in AT_WORK]


def _followed(cards: "list[Card]") -> "list[Card]":
    """The cards as they are once nobody works on them, or is to."""
    with shown(sys.stderr) as show:
        while True:
            cards = [_now(card) for card in cards]
            show(cards)
            if all(card.state not in AT_WORK for card in cards):
                return cards
            time.sleep(_POLL_S)


def _now(card: "Card") -> "Card":
    from voxweave.jobs.cards import card_in, seen

    return seen(card_in(card.folder) or card)


def tell_end(card: "Card") -> None:
    """How it ended on stderr, its films on stdout."""
    why = f": {printable(card.error.message, most=400)}" if card.error else ""
    way = f"; voxweave jobs resume {card.id} goes on" if card.state == "stopped" else ""
    click.echo(f"{card.name} is {card.state}{why}{way}", err=True)
    for film in card.films if card.state in ("done", "short") else ():
        say_path(film)


def status_of(cards: "Sequence[Card]") -> int:
    """The first failure's, else that of the first film short of what was asked."""
    statuses = [_status(card) for card in cards]
    failed = [status for status in statuses if status not in (Exit.DONE, Exit.PARTIAL)]
    return next(iter(failed or [status for status in statuses if status]), Exit.DONE)


def _status(card: "Card") -> int:
    if card.state in ("stopped", "cancelled"):
        return card.exit_code or Exit.STOPPED
    return card.exit_code or Exit.DONE


@contextmanager
def shown(stream: IO[str]) -> Iterator[Show]:
    """A way to show cards again and again: rows that change on a terminal, lines elsewhere."""
    if not stream.isatty():
        yield _Lines(stream)
        return
    from rich.live import Live

    from voxweave.cli.bar import console_on

    console = console_on(stream)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        yield lambda cards: live.update(_rows(cards, console.height - _MARGIN_LINES), refresh=True)


def _rows(cards: "Sequence[Card]", most: int) -> "Table":
    """A row for each job; what is over stands first to leave where there are too many for the screen."""
    from rich.progress_bar import ProgressBar
    from rich.table import Column, Table
    from rich.text import Text

    grid = Table.grid(
        Column(no_wrap=True, max_width=32, overflow="ellipsis"),
        Column(no_wrap=True, width=17),
        Column(ratio=1, min_width=6),
        Column(no_wrap=True, width=4, justify="right"),
        padding=(0, 1),
        expand=True,
    )
    at_work = [card for card in cards if card.state in AT_WORK]
    for card in (at_work if len(cards) > most else [*cards])[:most]:
        bar = ProgressBar(total=100, completed=card.percent)
        grid.add_row(Text(_name(card), style="bold"), _doing(card), bar, f"{card.percent}%")
    return grid


class _Lines:
    """A line for each stage of each job, and one every 10 s."""

    def __init__(self, stream: IO[str], *, now: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._now = stream, now
        self._said: dict[str, tuple[str, float]] = {}

    def __call__(self, cards: "Sequence[Card]") -> None:
        for card in cards:
            doing, at = self._said.get(str(card.folder), ("", self._now()))
            if doing != _doing(card) or (card.state == "running" and self._now() - at >= _LINE_EVERY_S):
                self._said[str(card.folder)] = (_doing(card), self._now())
                self._tell(card)

    def _tell(self, card: "Card") -> None:
        if card.state in AT_WORK:
            print(f"{_name(card)}: {card.percent}% {_doing(card)}", file=self._stream, flush=True)


def _doing(card: "Card") -> str:
    """What happens to a job, in people's words."""
    if card.state != "running":
        return card.state
    return next((words for stage, words in WORDS.items() if stage == card.stage), "starting")


def _name(card: "Card") -> str:
    return printable(card.narration.name, most=60)
