"""The queue that a command about jobs or batches speaks of."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from voxweave.cli.fleet import Talks


QUEUE = "--queue"
queue_option = click.option(
    QUEUE, metavar="URL", envvar="VOXWEAVE_QUEUE", required=True, help="The postgresql:// queue."
)
queue_or_here = click.option(QUEUE, metavar="URL", help="A batch on this postgresql:// queue.")


def films_on(queue: str) -> "Talks":
    """The films on a queue; StorageError soon where no database answers there."""
    from voxweave.cli.fleet import Fleet, Talks

    fleet = Fleet(queue)
    fleet.reach()
    return Talks(fleet)
