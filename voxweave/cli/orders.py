"""`voxweave orders`: what was ordered for films and clips, and the two words only a person can say."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.options import settings_for
from voxweave.core.orders import Order, replaced
from voxweave.core.quotes import usd
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError
from voxweave.places import expanded

if TYPE_CHECKING:
    from voxweave.jobs.orders import Ledger

_WAYS_OUT = {
    "unknown": "voxweave orders adopt {key} ID if the provider has it, or voxweave orders rebuy {key}",
    "lost": "voxweave orders rebuy {key} pays for another",
    "words": "voxweave orders rebuy {key} has the next run ask and pay once more",
}
_REPLACED = "replaced"

_DOUBTFUL = ("sending", "unknown", "lost")


@click.group(help="List what was ordered, or decide what becomes of an order in doubt.")
def orders() -> None:
    """Every order of a film stands in the ledger of its job folder."""


_narrations = click.argument("narrations", metavar="[NARRATION]...", nargs=-1)
_narration = click.argument("narration", metavar="[NARRATION]", required=False)
_work = click.option("--work", metavar="FOLDER", help="The work folder, if the film was made with one.")
_as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@orders.command("list", help="Every order of each NARRATION; without one, of all films and clips known here.")
@_narrations
@_work
@_as_json
@click.pass_obj
def list_orders(own: str | None, narrations: tuple[str, ...], work: str | None, as_json: bool) -> int:
    from voxweave.jobs.opening import known_films

    kept = _kept(own)
    films = [_film_of(one, work, own) for one in narrations] if narrations else known_films(kept)
    found = {film: _orders_in(film, kept) for film in films}
    instead = {film: replaced(ordered) for film, ordered in found.items()}
    if as_json:
        rows = [
            {**_plain(film, order), "replaced_by": instead[film].get(order.key, "")}
            for film, ordered in found.items()
            for order in ordered
        ]
        click.echo(json.dumps(rows, indent=2))
        return Exit.DONE
    for film, ordered in found.items():
        click.echo(f"{_name(film)}: {len(ordered)} order{'' if len(ordered) == 1 else 's'}")
        for order in ordered:
            click.echo(f"  {_line(order, instead[film].get(order.key, ''))}")
    if not any(found.values()):
        click.echo("nothing was ordered", err=True)
    return Exit.DONE


@orders.command("show", help="All that is known of one order.")
@click.argument("key")
@_narration
@_work
@_as_json
@click.pass_obj
def show(own: str | None, key: str, narration: str | None, work: str | None, as_json: bool) -> int:
    with _ledger_with(key, narration, work, own) as ledger:
        order, history = ledger.order(key), ledger.history(key)
        instead = replaced(ledger.orders()).get(key, "")
        if as_json:
            click.echo(json.dumps({**_plain(ledger.film, order), "history": list(history)}, indent=2))
            return Exit.DONE
        for name, text in {**_told(order, history), **_ending(order, instead)}.items():
            click.echo(f"{name:9} {text}")
    return Exit.DONE


@orders.command(
    "adopt", help="Say that the provider has the order under this ID: the next run goes on with it."
)
@click.argument("key")
@click.argument("remote_id", metavar="ID")
@_narration
@_work
@click.pass_obj
def adopt(own: str | None, key: str, remote_id: str, narration: str | None, work: str | None) -> int:
    if not remote_id.isprintable() or not remote_id.strip():
        raise UsageError("that is no provider's id", hint="copy it from the provider's own list")
    from voxweave.jobs.opening import open_meter

    with _ledger_with(key, narration, work, own) as ledger, open_meter(_kept(own)) as meter:
        post = ledger.post(key)
        if not meter.free(post, remote_id):
            raise UsageError(f"{printable(remote_id)} belongs to an order of another film")
        order = ledger.adopt(key, remote_id)
        meter.name(post, remote_id)
        click.echo(f"order {key} is {printable(remote_id)} at {order.wanted.provider};"
                   f" the next run of {printable(ledger.name)} collects it", err=True)  # fmt: skip
    return Exit.DONE


@orders.command("rebuy", help="Agree to pay for an order again: the next run orders it anew.")
@click.argument("key")
@_narration
@_work
@click.pass_obj
def rebuy(own: str | None, key: str, narration: str | None, work: str | None) -> int:
    with _ledger_with(key, narration, work, own) as ledger:
        old = ledger.order(key)
        new = ledger.rebuy(key)
        price = "an unknown sum" if old.price_usd is None else f"about {usd(old.price_usd)}"
        click.echo(f"order {new.key} is planned in place of {key}; the next run of"
                   f" {printable(ledger.name)} pays {price} for it", err=True)  # fmt: skip
    return Exit.DONE


def _kept(own: str | None) -> str:
    """The address of the ledger that many machines share; empty where each film has a file of its own."""
    return settings_for(Path(), {}, own).settings.ledger


def _name(film: str) -> str:
    from voxweave.jobs.limits import film_name

    return printable(film_name(film))


def _film_of(narration: str, work: str | None, own: str | None) -> str:
    """The film of a narration, or as the list names it, as its ledger calls it; UsageError when there is none."""
    from voxweave.jobs.job import job_folder
    from voxweave.jobs.limits import film_name
    from voxweave.jobs.opening import film_there, has_orders, known_films

    named = [film for film in known_films(_kept(own)) if film_name(film) == narration]
    if len(named) == 1:
        return named[0]
    source = Path(narration)
    settings = settings_for(source.parent, {"work": work}, own).settings
    folder = job_folder(source, expanded(settings.work) if settings.work else None)
    if not has_orders(folder):
        raise UsageError(
            f"nothing was ordered for {printable(narration)}", hint="voxweave orders list names all there is"
        )
    return film_there(folder, settings.ledger)


def _orders_in(film: str, kept: str) -> tuple[Order, ...]:
    from voxweave.jobs.opening import film_ledger

    with film_ledger(film, kept) as ledger:
        return ledger.orders()


def _holding(key: str, kept: str) -> list[str]:
    """The films that have an order of this key: the one where it is in doubt, or all."""
    from voxweave.jobs.opening import films_with

    found = films_with(key, kept)
    doubtful = [film for film, state in found.items() if state in _DOUBTFUL]
    return doubtful if len(doubtful) == 1 else list(found)


@contextmanager
def _ledger_with(key: str, narration: str | None, work: str | None, own: str | None) -> "Iterator[Ledger]":
    """The ledger that holds an order; equal wishes of two films have equal keys."""
    from voxweave.jobs.opening import film_ledger

    kept = _kept(own)
    holding = [_film_of(narration, work, own)] if narration else _holding(key, kept)
    if not holding:
        raise UsageError(
            f"no film known here has an order {printable(key)}",
            hint="voxweave orders list names them; or name the narration behind the key",
        )
    if len(holding) > 1:
        films = ", ".join(_name(film) for film in holding)
        raise UsageError(
            f"several films have an order {printable(key)}: {films}", hint="name the narration too"
        )
    with film_ledger(holding[0], kept) as ledger:
        ledger.order(key)
        yield ledger


def _line(order: Order, instead: str) -> str:
    wanted = order.wanted
    what = f"{wanted.seconds} s" if wanted.seconds else "still" if wanted.width else "words"
    parts = (
        order.key,
        f"{_REPLACED if instead else order.state:8}",
        f"{printable(wanted.provider)} {printable(wanted.model, most=40)}".strip(),
        what,
        f"{_price(order)}{f', {order.lane} lane' if order.lane else ''}",
        printable(wanted.prompt, most=50),
    )
    return "  ".join(parts) + "".join(f"\n    {text}" for text in _ending(order, instead).values())


def _ending(order: Order, instead: str) -> dict[str, str]:
    """What a person can do about an order, or did; words are never fetched, so there is nothing to adopt."""
    if instead:
        return {"bought": f"again as {instead}"}
    words = order.state in _WAYS_OUT and not order.wanted.width
    way = _WAYS_OUT.get("words" if words else order.state, "")
    return {"way out": way.format(key=order.key)} if way else {}


def _price(order: Order) -> str:
    if order.paid_usd is not None:
        return usd(order.paid_usd)
    return "price not known" if order.price_usd is None else f"({usd(order.price_usd)})"


def _told(order: Order, history: Sequence[str]) -> dict[str, str]:
    wanted = order.wanted
    told = {
        "order": order.key,
        "state": order.state,
        "provider": f"{wanted.provider} {wanted.model}".strip(),
        "id": order.remote_id,
        "price": _price(order),
        "lane": order.lane,
        "size": f"{wanted.width}x{wanted.height}, {wanted.seconds} s" if wanted.width else "",
        "prompt": wanted.prompt,
        "sent": _moment(order.sent_at),
        "changed": _moment(order.changed_at),
        "states": ", ".join(history),
        "reason": redacted(order.reason),
        "file": str(order.file.path) if order.file else "",
    }
    return {name: printable(text, most=4000) for name, text in told.items() if text}


def _plain(film: str, order: Order) -> dict[str, object]:
    return {"film": _name(film), "ledger": film, **order.model_dump(mode="json")}


def _moment(at: float | None) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(" ", "seconds") if at else ""
