"""What is done to jobs: run again, cancelled, asked about."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.jobs_found import each, found, meant, open_orders, run_of
from voxweave.core.job_states import CANCELLABLE
from voxweave.core.text import counted, printable
from voxweave.errors import Exit, InputError, StorageError, UsageError

if TYPE_CHECKING:
    from voxweave.jobs.cards import Card, CardError, State
    from voxweave.pipeline.asking import Asked

RETRIED: "tuple[State, ...]" = ("failed", "short", "stopped", "cancelled")
_RESUMED: "tuple[State, ...]" = ("stopped", "waiting", "failed", "short")
_ENDS_WITHIN_S = 20.0
_BEGINS_WITHIN_S = 20.0
_LOOK_S = 0.1

_ids = click.argument("names", metavar="[ID...]", nargs=-1)
_batch = click.option(
    "--batch", metavar="NAME", default="", help="All jobs of this batch that it can be done to."
)
_detach = click.option("--detach", is_flag=True, help="Leave it to the worker in the background, and return.")


@click.command(
    help="Run jobs again that failed, fell short, were stopped or cancelled, by the same command line."
)
@_ids
@_batch
@_detach
def retry(names: tuple[str, ...], batch: str, detach: bool) -> int:
    return _again(meant(names, batch, RETRIED), RETRIED, detach=detach)


@click.command(help="Go on with jobs that were stopped, or that wait; what was done is not done again.")
@_ids
@_batch
@_detach
def resume(names: tuple[str, ...], batch: str, detach: bool) -> int:
    return _again(meant(names, batch, _RESUMED), _RESUMED, detach=detach)


@click.command(
    help="Cancel jobs that wait or run. What was done is kept, and what was ordered is fetched by the next run."
)
@_ids
@_batch
def cancel(names: tuple[str, ...], batch: str) -> int:
    return cancel_each(meant(names, batch, CANCELLABLE))


def cancel_each(cards: "Sequence[Card]") -> int:
    """Those that wait first, so that no worker takes one up while another is being stopped; the first failure's status."""
    return each(sorted(cards, key=lambda card: card.state == "running"), _cancelled)


@click.command(
    help="Ask the providers once about a job's open orders, and fetch what is done. Nothing is ordered."
)
@click.argument("name", metavar="ID")
def sync(name: str) -> int:
    from voxweave.pipeline.asking import ask_about

    card = found(name)
    if card.state == "running":
        raise UsageError(f"{card.name} is at work, and asks by itself", hint="voxweave jobs watch shows it")
    with run_of(card).working(card.narration.parent) as (studio, _):
        asked = ask_about(card.narration, studio)
    for one in asked:
        click.echo(_told(one))
    doubtful = [order for order in open_orders(card) if not order.remote_id]
    if doubtful:
        click.echo(
            f"{counted(len(doubtful), 'order')} in doubt: voxweave orders list tells what to do", err=True
        )
    elif not asked:
        click.echo(f"{card.name} has no open orders", err=True)
    return Exit.PROVIDER if any(one.trouble for one in asked) else Exit.DONE


def _again(cards: "Sequence[Card]", states: Sequence[str], *, detach: bool) -> int:
    for card in cards:
        _check_again(card, states)
    if not detach:
        return each(cards, _run_again)
    from voxweave.cli.worker import ensure_worker

    waiting: list[Card] = []
    status = each(cards, lambda card: _put_off(card, waiting))
    if waiting:
        ensure_worker()
    return status


def _put_off(card: "Card", waiting: "list[Card]") -> int:
    from voxweave.jobs.index import Index

    with Index() as index:
        waiting.append(index.change(card, lambda now: _free(now).put_off()))
    click.echo(f"{card.name} waits", err=True)
    return Exit.DONE


def _free(card: "Card") -> "Card":
    """The card, unless somebody took it up since it was looked at."""
    if card.state == "running":
        raise UsageError(NOT_AGAIN["running"].format(name=card.name), hint=_INSTEAD["running"])
    return card


def _check_again(card: "Card", states: Sequence[str]) -> None:
    from voxweave.jobs.cards import making

    if card.state not in states:
        raise UsageError(NOT_AGAIN[card.state].format(name=card.name), hint=_INSTEAD.get(card.state, ""))
    making(card)


NOT_AGAIN = {
    "running": "{name} is at work",
    "done": "{name} is already completed",
    "waiting": "{name} waits already",
    "cancelled": "{name} was cancelled",
}
_INSTEAD = {
    "running": "voxweave jobs watch shows how far it is",
    "done": "its voxweave make with --overwrite makes the film anew; voxweave jobs show tells the line",
    "waiting": "voxweave jobs resume runs it now",
    "cancelled": "voxweave jobs retry runs it all the same",
}


def _run_again(card: "Card") -> int:
    """Give the job's command line again, here and now."""
    from voxweave.cli import run
    from voxweave.fleet.ends import line_again, remember_end
    from voxweave.jobs.cards import settled
    from voxweave.jobs.index import Index
    from voxweave.jobs.proofs import digest_of

    with Index() as index:
        card = index.change(card, lambda now: _free(now).begun(claimed=True))
    status = int(Exit.INPUT)
    try:
        with _inside(card.cwd if card.cwd.is_dir() else card.narration.parent):
            status = run(line_again(card))
    finally:
        # A run that never came to its work wrote nothing; one that threw its folder away leaves nothing.
        with contextlib.suppress(UsageError), Index() as index:
            index.change(
                card, lambda now: settled(now, status, _unbegun(now, status)) if now.claimed else now
            )
    remember_end(card.folder, digest_of(card.arguments), status)
    return status


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """In another working folder, and then in the old one again, though that may be gone by now."""
    before = os.open(".", os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            os.chdir(folder)
        except OSError as error:
            raise InputError(f"{printable(str(folder))} cannot be entered: {error.strerror}") from error
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def _unbegun(card: "Card", status: int) -> "CardError":
    from voxweave.jobs.cards import CardError

    code = Exit(status).name.lower()
    return CardError(
        code=code, message="its run ended before it began", hint=f"voxweave jobs retry {card.id} tells why"
    )


def _cancelled(card: "Card") -> int:
    from voxweave.cli.completing import tell_batch
    from voxweave.jobs.cards import card_in, seen
    from voxweave.jobs.index import Index

    card = seen(card_in(card.folder) or card)  # another may have been stopped for long before its turn came
    if card.state == "running":
        card = _stopped_for_good(card)
    with Index() as index:
        card = index.change(card, _given_up)
    click.echo(f"{card.name} is cancelled", err=True)
    if card.batch:
        tell_batch(card.batch)
    _tell_open_orders(card)
    return Exit.DONE


def _given_up(card: "Card") -> "Card":
    if card.state == "cancelled":
        return card
    if card.state in ("done", "short", "failed"):
        raise UsageError(f"{card.name} is already completed ({card.state})")
    return card.moved("cancelled")


def _stopped_for_good(card: "Card") -> "Card":
    """End the process that works on it, and wait until it has; the card as it is then."""
    from voxweave.cli.keeping import CANCEL

    (card.folder / CANCEL).touch()
    try:
        card = _until(card, lambda now: not now.claimed, _BEGINS_WITHIN_S)
        if card.claimed:
            raise StorageError(f"the run of {card.name} does not begin", hint="try again in a while")
        if card.state == "running":
            _terminate(card)
            card = _until(card, lambda now: now.state != "running", _ENDS_WITHIN_S)
    finally:
        (card.folder / CANCEL).unlink(missing_ok=True)
    if card.state == "running":
        raise StorageError(f"process {card.pid} does not end", hint=f"kill -9 {card.pid} ends it")
    return card


def _until(card: "Card", is_so: "Callable[[Card], bool]", within_s: float) -> "Card":
    from voxweave.jobs.cards import card_in, seen

    ends = time.monotonic() + within_s
    while True:
        card = seen(card_in(card.folder) or card)
        if is_so(card) or time.monotonic() > ends:
            return card
        time.sleep(_LOOK_S)


def _terminate(card: "Card") -> None:
    from voxweave.jobs.living import alive, ask_to_end, started

    known = card.pid_started or not started(os.getpid())  # a number alone may be anybody's by now
    if card.pid is None or not known or not alive(card.pid, card.pid_started):
        raise StorageError(f"{card.name} is held by a process that is not known", hint="stop it by hand")
    ask_to_end(card.pid)


def _tell_open_orders(card: "Card") -> None:
    from voxweave.core.quotes import usd

    open_ = open_orders(card)
    if open_:
        price = sum(order.price_usd or 0.0 for order in open_)
        click.echo(
            f"{counted(len(open_), 'order')} ({usd(price)}) cannot be called back and will be fetched, by"
            f" voxweave jobs retry {card.id} or any other make of this narration",
            err=True,
        )


def _told(one: "Asked") -> str:
    was, now = one.before.state, one.now.state
    told = one.trouble or one.note
    trouble = f": {printable(told, most=400)}" if told else ""
    change = f"{was} -> {now}" if was != now else f"still {now}"
    return f"{one.now.key}  {printable(one.now.wanted.provider)}  {change}{trouble}"
