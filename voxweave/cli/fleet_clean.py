"""`voxweave jobs clean --queue`: films that ended long ago leave the database; what was ordered for them never does."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from voxweave.cli.fleet_queue import films_on, queue_option
from voxweave.cli.jobs_clean import moment_before
from voxweave.core.text import counted
from voxweave.errors import Exit, UsageError

if TYPE_CHECKING:
    from voxweave.cli.fleet import Talks
    from voxweave.jobs.talks import Talk

_KEPT, _SCENES_KEPT = "30d", "1h"
"""Scenes that ended just now may be of a film that is still being joined."""
_PAGE = 100


@click.command(
    "clean",
    help="Forget films on the queue that have ended. What was ordered for them stays written down, and their files stay"
    " in the store: one that is sent again is made from those.",
)
@click.argument("names", metavar="[ID]...", nargs=-1)
@click.option(
    "--older-than",
    metavar="AGE",
    help=f"Only those that ended so long ago, as in 30d, 12h or 2w. Default: {_KEPT}, and any that are named.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Only say what would go.")
@queue_option
def clean_films(names: tuple[str, ...], older_than: str | None, dry_run: bool, queue: str) -> int:
    age = older_than or ("" if names else _KEPT)
    before = moment_before(age) if age else ""
    with films_on(queue) as talks:
        ids = _named(talks, names) if names else talks.table.ended(before)
        count = 0
        for first in range(0, len(ids), _PAGE):
            page = [one for one in talks.table.talks(ids[first : first + _PAGE]) if _old(one, before)]
            count += len(page) if dry_run else forgotten(talks, page)
        if not names and not dry_run:
            talks.board.forget_scenes(min(before, moment_before(_SCENES_KEPT)))
    click.echo(f"{counted(count, 'film')} {'would be ' if dry_run else ''}forgotten", err=True)
    return Exit.DONE


def forgotten(talks: "Talks", films: "Sequence[Talk]") -> int:
    """Forget films that have ended, with all tries of them; how many.

    The engine's rows go first: a film that is sent again begins with its first try, which must not be there any more.
    """
    tries = {one.card.id: one.tries for one in films}
    left = set(talks.board.forget([name for names in tries.values() for name in names]))
    return talks.table.forget([one for one in films if not left & set(tries[one.card.id])])


def _named(talks: "Talks", names: Sequence[str]) -> list[str]:
    from voxweave.jobs.cards import ENDED

    cards = [talks.table.find(name) for name in names]
    for card in cards:
        if card.state not in ENDED:
            raise UsageError(
                f"{card.name} is {card.state}", hint=f"voxweave jobs cancel {card.id} --queue URL ends it"
            )
    return [card.id for card in cards]


def _old(talk: "Talk", before: str) -> bool:
    """Whether it has ended, and before that moment where one is said."""
    from voxweave.jobs.cards import ENDED

    return talk.card.state in ENDED and (not before or talk.card.updated_at < before)
