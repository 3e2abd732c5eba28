"""The queue that a command of `voxweave jobs` speaks of."""

import click

from voxweave.cli.fleet import Fleet, Talks

QUEUE = "--queue"
queue_option = click.option(
    QUEUE, metavar="URL", envvar="VOXWEAVE_QUEUE", required=True, help="The postgresql:// queue."
)


def films_on(queue: str) -> Talks:
    """The films on a queue; StorageError soon where no database answers there."""
    fleet = Fleet(queue)
    fleet.reach()
    return Talks(fleet)
