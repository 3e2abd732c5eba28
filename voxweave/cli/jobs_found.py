"""Which jobs the words of a command line mean, and what more is known of one than its card tells."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

import click

from voxweave.core.job_states import STATES
from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError, VoxWeaveError

if TYPE_CHECKING:
    from voxweave.cli.running import Run
    from voxweave.core.orders import Order
    from voxweave.jobs.cards import Card, State

Listing = TypeVar("Listing", bound=Callable[..., int])

_PAGE, _MOST = 20, 1_000_000_000
_ALIASES = {"pending": "waiting", "processing": "running", "completed": "done", "partial": "short"}
"""Other names of states, as services of this kind have them."""


def _state_named(_: click.Context, __: click.Parameter, words: tuple[str, ...]) -> tuple[str, ...]:
    named = [word.strip().lower() for value in words for word in value.split(",") if word.strip()]
    states = [_ALIASES.get(word, word) for word in named]
    for word, state in zip(named, states, strict=True):
        if state not in STATES:
            raise click.BadParameter(f"{printable(word)!r} is no state: {', '.join(STATES)}")
    return tuple(states)


status_option = click.option(
    "--status",
    multiple=True,
    metavar="STATE",
    callback=_state_named,
    help=f"Only those in this state, or several with commas between: {', '.join(STATES)}.",
)
_page = (
    status_option,
    click.option(
        "--priority", type=click.Choice(("low", "normal", "high")), help="Only those of this urgency."
    ),
    click.option("--batch", metavar="NAME", default="", help="Only those of this batch."),
    click.option(
        "--sort",
        type=click.Choice(("created", "updated", "name", "state")),
        default="created",
        help="What they are sorted by. Default: created.",
    ),
    click.option(
        "--limit",
        type=click.IntRange(min=1, max=_MOST),
        default=_PAGE,
        metavar="N",
        help=f"Default: {_PAGE}.",
    ),
    click.option(
        "--offset",
        type=click.IntRange(min=0, max=_MOST),
        default=0,
        metavar="N",
        help="Leave out the first N.",
    ),
    click.option("--json", "as_json", is_flag=True, help="As JSON."),
)


def paged(command: Listing) -> Listing:
    """The options of a list of jobs, wherever they are made."""
    for option in reversed(_page):
        command = option(command)
    return command


def found(word: str) -> "Card":
    """The job a word names; UsageError for none and for several."""
    from voxweave.jobs.index import Index

    with Index() as index:
        return index.find(word)


def meant(names: Sequence[str], batch: str, states: "Sequence[State]") -> "list[Card]":
    """The jobs that are named, and those of a batch that are in one of these states; each once."""
    from voxweave.jobs.index import Index

    if not names and not batch:
        raise UsageError(
            "no job is named", hint="voxweave jobs list shows them; --batch NAME means all of a batch"
        )
    with Index() as index:
        cards = [index.find(name) for name in names]
        if batch:
            of_batch, total = index.cards(states=states, batch=batch)
            if not total and not index.cards(batch=batch, limit=1)[1]:
                raise UsageError(
                    f"there is no batch {printable(batch)!r} here", hint="voxweave jobs list shows them"
                )
            cards += of_batch
    return list({card.folder: card for card in cards}.values())


def moment(at: str | None) -> str:
    """A time of a card, in the local zone."""
    return datetime.fromisoformat(at).astimezone().isoformat(" ", "seconds") if at else ""


def run_of(card: "Card") -> "Run":
    """What the job's own command line says; UsageError where none is known, or another release's."""
    from voxweave.cli.make import make
    from voxweave.cli.running import Run, Voice
    from voxweave.jobs.cards import making
    from voxweave.settings import Settings

    config, words = making(card)
    try:
        named = make.make_context("make", words).params
    except click.ClickException as error:
        raise UsageError(
            f"the line of {card.name} is not understood: {error.format_message()}",
            hint="give its voxweave make again",
        ) from error
    flags = {key: named[key] for key in Settings.model_fields if named.get(key) is not None}
    return Run(flags, config, Voice(quiet=True), files={})


def orders_of(card: "Card") -> "tuple[Order, ...]":
    """What was ordered for the job, wherever its ledger is; where its line tells nothing, as the settings here have it."""
    from voxweave.cli.options import settings_for
    from voxweave.jobs.opening import has_orders, read_ledger

    if not has_orders(card.folder):
        return ()
    try:
        run = run_of(card)
        settings = settings_for(card.narration.parent, run.flags, run.config).settings
    except UsageError:
        settings = settings_for(card.narration.parent, {}, None).settings
    with read_ledger(card.folder, settings.ledger) as ledger:
        return ledger.orders()


def open_orders(card: "Card") -> "list[Order]":
    """The orders that are paid for, or may be, and not fetched yet."""
    from voxweave.core.orders import LIVE, replaced

    orders = orders_of(card)
    past = replaced(orders)
    return [one for one in orders if one.state in LIVE | {"done", "unknown"} and one.key not in past]


def each(cards: "Sequence[Card]", act: "Callable[[Card], int]") -> int:
    """Act on every card, whatever becomes of the others; the first failure's status."""
    from voxweave.cli import tell_error

    statuses = []
    for card in cards:
        try:
            statuses.append(int(act(card)))
        except VoxWeaveError as error:
            statuses.append(int(tell_error(error)))
        if statuses[-1] in (Exit.STOPPED, Exit.TERMINATED):
            break
    return next((status for status in statuses if status), Exit.DONE)
