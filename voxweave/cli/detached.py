"""`--detach`: jobs that wait for the worker, whoever gave them and whatever becomes of the terminal."""

from pathlib import Path

from voxweave.cli.reads import proof_of
from voxweave.cli.wanted import Wanted, missing
from voxweave.fleet.ends import free_card
from voxweave.jobs.cards import Card, Priority, Work
from voxweave.jobs.index import Index
from voxweave.jobs.proofs import intend


def put_waiting(wanted: Wanted, work: Work) -> Card:
    """A card that waits for the worker; InputError for a narration that is not there, StorageError for one at work."""
    if not wanted.narration.is_file():
        raise missing(wanted)
    card = free_card(wanted.narration, wanted.work, work)
    intend(wanted.job, proof_of(wanted))
    with Index() as index:
        return index.change(card, lambda _: free_card(wanted.narration, wanted.work, work).put_off())


def work_on(wanted: Wanted, *, batch: str | None = None, priority: Priority | None = None) -> Work:
    """What a card says of a film's work; the passwords of its stores stay in the environment."""
    named = ((f"--{name.removeprefix('VOXWEAVE_').lower()}", value) for name, value in wanted.secrets.items())
    line = (*wanted.arguments, *(word for pair in named for word in pair))
    return Work(line, Path.cwd(), batch=batch, priority=priority)
