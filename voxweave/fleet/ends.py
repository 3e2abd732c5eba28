"""How a film's run in a program of its own came out, and what is written down of it."""

import contextlib
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from voxweave.core.text import printable
from voxweave.errors import Exit, StorageBusy, StorageError
from voxweave.fleet.crew import Ended
from voxweave.jobs.cards import Card, CardError, Work, keep_card, new_card, settled
from voxweave.jobs.index import Index
from voxweave.jobs.job import make_folder
from voxweave.jobs.proofs import digest_of, fell_short, ours_to_replace, prove

_VOICE = "voxweave: "
_STOPS: dict[int, int] = {signal.SIGINT: Exit.STOPPED, signal.SIGTERM: Exit.TERMINATED}
_KILLED = 128
"""What shells add to a signal's number."""
_AWAY = Exit.STORAGE.name.lower()
_KILLED_BY = ("killed", Exit.MEDIA.name.lower())
"""A signal, or where it says that another try may help, a limit of ours on the time of a program."""


def verdict(ended: Ended) -> tuple[int, CardError | None]:
    """Its exit status, and why it failed: as it told itself, or as far as its last words tell."""
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
    names = {int(code): code.name.lower() for code in Exit}
    if ended.failure is not None and ended.failure.code == names.get(ended.status):
        return ended.status, ended.failure
    spoken = [line.removeprefix(_VOICE) for line in ended.errors if line.startswith(_VOICE)]
    if ended.status == Exit.BUG or not spoken:
        spoken = [line for line in ended.errors if not line.startswith(_VOICE)] or ["it said nothing"]
    message, _, hint = spoken[-1].partition("; ")
    return ended.status, CardError(code=names.get(ended.status, "bug"), message=printable(message), hint=hint)


def cut_short(card: Card) -> Literal["", "away", "killed"]:
    """Whether the run that this card tells of only lost time: to what was away, or to what ended it from outside.

    A provider that was busy or said no is no such thing: the run has asked often enough by itself.
    """
    if card.state == "stopped":
        return "killed"
    if card.error is None or not card.error.retryable:
        return ""
    if card.error.code == _AWAY:
        return "away"
    return "killed" if card.error.code in _KILLED_BY else ""


class AtWork(StorageBusy):
    """Another run makes this narration's film just now."""


def free_card(narration: Path, work_folder: Path | None, work: Work) -> Card:
    """A narration's card with this work on it; AtWork while another run has it."""
    card = new_card(narration, work_folder, work)
    if card.state == "running":
        raise AtWork(
            f"the job of {printable(narration.name)} is being worked on by another run",
            hint=f"voxweave jobs watch {card.id} tells when it ends; then run this again",
        )
    return card


def claimed(found: Callable[[], Card]) -> Card:
    """The card that is found as ours: looked for and taken while nobody else can; a list that is away costs no film."""
    card = found()
    make_folder(card.folder)
    try:
        with Index() as index:
            return index.change(card, lambda _: found().begun(claimed=True))
    except AtWork:
        raise
    except StorageError:
        return kept(card.begun(claimed=True))


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


def line_again(card: Card) -> tuple[str, ...]:
    """The line that makes a job's films, with leave to replace what an earlier run of it left, lacking something."""
    leave = ("--overwrite",) if ours_to_replace(card.folder, digest_of(card.arguments)) else ()
    return (*card.arguments, *leave)


def remember_end(job: Path, line: str, status: int) -> None:
    """What the next batch may skip, and what it may replace."""
    with contextlib.suppress(StorageError):
        if status == Exit.DONE:
            prove(job, line)
        elif status == Exit.PARTIAL:
            fell_short(job, line)
