"""`voxweave jobs … --queue URL`: the films that many machines make, listed, shown, watched, cancelled and tried again."""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from voxweave.cli.fleet import Talks
from voxweave.cli.fleet_clean import clean_films
from voxweave.cli.fleet_queue import QUEUE, films_on, queue_option
from voxweave.cli.jobs_found import paged
from voxweave.core.job_states import AT_WORK
from voxweave.core.text import counted
from voxweave.errors import Exit, UsageError

if TYPE_CHECKING:
    from voxweave.jobs.cards import Card, State

_POLL_S = 1.0

_as_json = click.option("--json", "as_json", is_flag=True, help="As JSON.")
_ids = click.argument("names", metavar="ID...", nargs=-1, required=True)


class JobsGroup(click.Group):
    """The commands of this machine's jobs; those that are given a queue speak of the films on it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not any(word == QUEUE or word.startswith(f"{QUEUE}=") for word in args):
            return super().resolve_command(ctx, args)
        name, *rest = args
        if name not in COMMANDS:
            raise UsageError(f"jobs {name} takes no queue", hint=f"these do: {', '.join(COMMANDS)}")
        return name, COMMANDS[name], rest


@click.command("list", help="The films on the queue, the newest first.")
@queue_option
@paged
def list_films(
    *,
    queue: str,
    status: "tuple[State, ...]",
    priority: str | None,
    batch: str,
    sort: str,
    limit: int,
    offset: int,
    as_json: bool,
) -> int:
    from voxweave.cli.jobs import page_json, tell_page

    with films_on(queue) as talks:
        page, total = talks.table.cards(
            states=status,
            priority=priority or "",
            batch=batch,
            sort=sort,
            limit=limit,
            offset=offset,
        )
    if as_json:
        click.echo(page_json(page, total=total, offset=offset, limit=limit))
    else:
        tell_page(page, total, offset)
    return Exit.DONE


@click.command("show", help="All that is known of a film, by its ID or name.")
@click.argument("name", metavar="ID")
@queue_option
@_as_json
def show_film(name: str, queue: str, as_json: bool) -> int:
    from voxweave.cli.jobs import told

    with films_on(queue) as talks:
        card = talks.table.find(name)
        talk = talks.table.talk(card.id)
    if as_json:
        click.echo(
            json.dumps({**card.model_dump(mode="json"), "worker": talk.worker, "run": talk.run}, indent=2)
        )
        return Exit.DONE
    for title, text in {**told(card), "worker": talk.worker, "version": talk.version}.items():
        if text:
            click.echo(f"{title:9} {text}")
    return Exit.DONE


@click.command("watch", help="Show how far a film is until it ends; without ID, all that wait or run.")
@click.argument("name", metavar="[ID]", required=False)
@click.option("--batch", metavar="NAME", default="", help="Those of this batch, also what has ended.")
@queue_option
def watch_film(name: str | None, batch: str, queue: str) -> int:
    from voxweave.cli.jobs_watch import shown, status_of, tell_end

    with films_on(queue) as talks:
        cards = (
            [talks.table.find(name)]
            if name
            else list(talks.table.cards(states=() if batch else AT_WORK, batch=batch)[0])
        )
        if not cards:
            click.echo("no film of that batch is here" if batch else "no film waits or runs", err=True)
        try:
            with shown(sys.stderr) as show:
                while any(card.state in AT_WORK for card in cards):
                    show(cards)
                    time.sleep(_POLL_S)
                    cards = [talk.card for talk in talks.table.talks([card.id for card in cards])]
        except KeyboardInterrupt:
            click.echo("voxweave: watched no more; the work goes on", err=True)
            return Exit.STOPPED
    for card in cards:
        tell_end(card)
    return status_of(cards)


@click.command("cancel", help="Cancel films, wherever they are made; nothing more is ordered for them.")
@_ids
@queue_option
def cancel_films(names: tuple[str, ...], queue: str) -> int:
    return _each(names, queue, Talks.cancel)


@click.command("retry", help="Make films again that failed, fell short, were stopped or cancelled.")
@_ids
@queue_option
def retry_films(names: tuple[str, ...], queue: str) -> int:
    return _each(names, queue, Talks.retry)


@click.command("workers", help="Who works at the queue, and how much each has in hand.")
@queue_option
@_as_json
def list_workers(queue: str, as_json: bool) -> int:
    with films_on(queue) as talks:
        found = talks.table.workers()
    if as_json:
        click.echo(json.dumps([one.model_dump() for one in found], indent=2))
        return Exit.DONE
    for one in found:
        work = f"{counted(one.talks, 'film')}, {counted(one.scenes, 'scene')}"
        click.echo(f"{one.worker}  version {one.version}  {work}  heard of {one.silent_s:.0f} s ago")
    click.echo(counted(len(found), "worker"), err=True)
    return Exit.DONE


COMMANDS = {
    "list": list_films,
    "show": show_film,
    "watch": watch_film,
    "cancel": cancel_films,
    "retry": retry_films,
    "clean": clean_films,
    "workers": list_workers,
}


def _each(names: Sequence[str], queue: str, act: "Callable[[Talks, Card], Card]") -> int:
    with films_on(queue) as talks:
        for name in names:
            card = act(talks, talks.table.find(name))
            click.echo(f"{card.name} ({card.id}) is {card.state}", err=True)
    return Exit.DONE
