"""How a film's run in a program of its own came out, and what is written down of it."""

import contextlib
import signal
from pathlib import Path

from voxweave.core.text import printable
from voxweave.errors import Exit, StorageError
from voxweave.fleet.crew import Ended
from voxweave.jobs.cards import Card, CardError, keep_card, settled
from voxweave.jobs.index import Index
from voxweave.jobs.proofs import fell_short, prove

_VOICE = "voxweave: "
_STOPS: dict[int, int] = {signal.SIGINT: Exit.STOPPED, signal.SIGTERM: Exit.TERMINATED}
_KILLED = 128
"""What shells add to a signal's number."""


def verdict(ended: Ended) -> tuple[int, CardError | None]:
    """Its exit status, and why it failed as far as its last words tell."""
    if -ended.status in _STOPS:  # before it could listen
        return _STOPS[-ended.status], None
    if ended.status < 0:
        text = f"its run was ended by signal {-ended.status}"
        error = CardError(
            code="killed", message=text, hint="run it again; what is done is kept", retryable=True
        )
        return _KILLED - ended.status, error
    if ended.status in (Exit.DONE, Exit.PARTIAL):
        return ended.status, None
    spoken = [line.removeprefix(_VOICE) for line in ended.errors if line.startswith(_VOICE)]
    if ended.status == Exit.BUG or not spoken:
        spoken = [line for line in ended.errors if not line.startswith(_VOICE)] or ["it said nothing"]
    message, _, hint = spoken[-1].partition("; ")
    names = {int(code): code.name.lower() for code in Exit}
    return ended.status, CardError(code=names.get(ended.status, "bug"), message=printable(message), hint=hint)


def settle(card: Card, status: int, error: CardError | None) -> Card:
    """The card as the run left it, or as its exit status tells; written down, if the disk takes it."""
    return kept(settled(card, status, error))


def kept(card: Card) -> Card:
    """The card, in its folder and in the index; a disk that takes neither costs no film."""
    with contextlib.suppress(StorageError):
        keep_card(card)
    with contextlib.suppress(StorageError), Index() as index:
        index.note(card)
    return card


def remember_end(job: Path, line: str, status: int) -> None:
    """What the next batch may skip, and what it may replace."""
    with contextlib.suppress(StorageError):
        if status == Exit.DONE:
            prove(job, line)
        elif status == Exit.PARTIAL:
            fell_short(job, line)
