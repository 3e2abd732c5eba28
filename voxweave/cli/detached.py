"""`--detach`: jobs that wait for the worker, whoever gave them and whatever becomes of the terminal."""

import contextlib
import hashlib
import json
from pathlib import Path

from voxweave import places
from voxweave.cli.announce import words_of
from voxweave.cli.reads import proof_of
from voxweave.cli.wanted import Wanted
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import InputError, StorageError
from voxweave.jobs.cards import Card, Priority, Work, new_card
from voxweave.jobs.index import Index
from voxweave.jobs.proofs import intend
from voxweave.media.files import write_atomically

_COMPLETIONS = "completions"


class Completion(Value):
    """What is to be run when a batch has ended, and where it was asked for."""

    command: str
    cwd: Path


def state_folder() -> Path:
    """Where the worker keeps what is its own."""
    folder = places.state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def put_waiting(wanted: Wanted, work: Work) -> Card:
    """A card that waits for the worker; InputError for a narration that is not there, StorageError for one at work."""
    if not wanted.narration.is_file():
        raise InputError(f"{wanted.title} is missing", hint="check the path of the narration")
    card = new_card(wanted.narration, wanted.work, work)
    if card.state == "running":
        raise StorageError(
            f"the job of {wanted.title} is being worked on by another run", hint="wait for it, or stop it"
        )
    intend(wanted.job, proof_of(wanted))
    with Index() as index:
        return index.put(card.put_off())


def work_on(wanted: Wanted, *, batch: str | None = None, priority: Priority | None = None) -> Work:
    """What a card says of a film's work; the passwords of its stores stay in the environment."""
    named = ((f"--{name.removeprefix('VOXWEAVE_').lower()}", value) for name, value in wanted.secrets.items())
    line = (*wanted.arguments, *(word for pair in named for word in pair))
    return Work(line, Path.cwd(), batch=batch, priority=priority)


def complete_with(batch: str, command: str) -> None:
    """Remember what is to be run when the batch has ended."""
    words_of(command)
    file = _completion(batch)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, Completion(command=command, cwd=Path.cwd()).to_json())


def completion_of(batch: str) -> Completion | None:
    """What is to be run now that the batch has ended; asked once, it is forgotten."""
    file = _completion(batch)
    try:
        found = Completion.model_validate(json.loads(file.read_bytes()))
    except (OSError, ValueError):  # nothing was asked for
        return None
    with contextlib.suppress(OSError):
        file.unlink()
    return found


def _completion(batch: str) -> Path:
    digest = hashlib.sha256(batch.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return state_folder() / _COMPLETIONS / f"{printable(digest)}.json"
