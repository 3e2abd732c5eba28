"""A job's card: what it is, what makes it again, and how far it is; kept as `card.json` in the job's folder."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field

from voxweave.core import job_states
from voxweave.core.addresses import without_secrets
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import Stopped, StorageError, UsageError, VoxWeaveError
from voxweave.jobs.job import is_held, job_folder, make_folder
from voxweave.jobs.living import alive, started
from voxweave.media.files import disk_errors, write_atomically

FILE = "card.json"
Priority = Literal["low", "normal", "high"]
State = job_states.State
PRIORITIES: tuple[Priority, ...] = get_args(Priority)
"""From the last to be taken to the first."""
STATES = job_states.STATES
ENDED = job_states.ENDED

_AGAIN: frozenset[State] = frozenset(job_states.AT_WORK)
TRANSITIONS: Mapping[State, frozenset[State]] = {
    "waiting": frozenset({"running", "cancelled"}),
    "running": frozenset({"done", "short", "failed", "stopped", "cancelled"}),
    "stopped": _AGAIN | {"cancelled"},
    "failed": _AGAIN,
    "short": _AGAIN,
    "done": _AGAIN,
    "cancelled": _AGAIN,
}
"""What a job may become; whatever has ended may be made again."""

_LAST_PID = 2**31 - 1


def _a_time(text: str) -> str:
    """The text, if it is a moment that can be shown; ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 1970 < at.year < 9999:  # what every time zone can tell
        raise ValueError("no moment")
    return text


Time = Annotated[str, AfterValidator(_a_time)]


class CardError(Value):
    """Why a job failed or fell short; `code` is the exit status by name, as in `provider` or `media`."""

    code: str
    message: str
    hint: str = ""
    retryable: bool = False
    """Whether the same command may well succeed later, with nothing changed."""


class Card(Value):
    """All that is known of a job without looking at its work.

    `arguments` are what follows `voxweave` on the line that makes it again, to be given in `cwd`.
    Times are ISO 8601 in UTC, and ordered. `pid` is the process that works on it.
    """

    id: str
    name: str
    folder: Path
    narration: Path
    films: tuple[Path, ...] = ()
    arguments: tuple[str, ...] = ()
    cwd: Path
    batch: str = ""
    priority: Priority = "normal"
    state: State = "waiting"
    stage: str = ""
    percent: int = 0
    exit_code: int | None = None
    error: CardError | None = None
    cost_usd: float | None = None
    """What its orders came to; None where nobody knows."""
    created_at: Time
    updated_at: Time
    completed_at: Time | None = None
    pid: int | None = Field(default=None, gt=0, le=_LAST_PID)
    pid_started: str = ""
    """When that process began, so that another that got its number is not taken for it."""
    claimed: bool = False
    """Whether that process is a worker whose run of the job has not begun yet."""

    def moved(self, state: State, **changes: object) -> Self:
        """The card in another state; UsageError where no such step exists."""
        if state not in TRANSITIONS[self.state]:
            raise UsageError(f"{self.name} is {self.state}, and cannot become {state}")
        now = later(self.updated_at)
        ended = {"updated_at": now, "completed_at": now if state in ENDED else None}
        owner = {} if state == "running" else {"pid": None, "pid_started": "", "claimed": False}
        return self.model_copy(update={"state": state, **owner, **ended, **changes})

    def begun(self, *, claimed: bool = False) -> Self:
        """The card as this process takes it up, or up again."""
        fresh = self.model_copy(update={"state": "waiting"}) if self.state == "running" else self
        mine = {"pid": os.getpid(), "pid_started": started(os.getpid()), "claimed": claimed}
        none_yet = {"exit_code": None, "error": None, "stage": "", "percent": 0}
        return fresh.moved("running", **mine, **none_yet)

    def ended(self, status: int, error: CardError | None = None, **changes: object) -> Self:
        """The card after a run came to this exit status."""
        state = job_states.state_after(status)
        percent = 100 if state in ("done", "short") else self.percent
        end = {"exit_code": int(status), "error": error, "percent": percent}
        return self.moved(state, **{**end, **changes})

    def put_off(self) -> Self:
        """The card as it waits for a worker, anew if need be."""
        if self.state == "waiting":
            return self
        none_yet = {"exit_code": None, "error": None, "stage": "", "percent": 0}
        return self.moved("waiting", **none_yet)

    def changed(self, **changes: object) -> Self:
        """The card with something else in it; once a job has ended, its times stand."""
        now = self.updated_at if self.completed_at else later(self.updated_at)
        return self.model_copy(update={"updated_at": now, **changes})


@dataclass(frozen=True)
class Work:
    """What a job is asked to do: the line that makes it, where it was given, and for which batch."""

    arguments: Sequence[str]
    cwd: Path
    batch: str | None = None
    priority: Priority | None = None


def new_card(narration: Path, work_folder: Path | None, work: Work) -> Card:
    """A waiting card for a narration: a new one, or the one its folder has with this work to do.

    Batch and priority stay as they were where `work` says nothing of them.
    """
    folder, real = job_folder(narration, work_folder), Path(os.path.realpath(narration))
    known = card_in(folder)
    to_do: dict[str, object] = {"arguments": without_passwords(work.arguments), "cwd": work.cwd}
    to_do |= {} if work.batch is None else {"batch": printable(work.batch)}
    to_do |= {} if work.priority is None else {"priority": work.priority}
    if known is None:
        now = later("")
        known = Card(
            id=folder.name[-8:],
            name=folder.name,
            folder=folder,
            narration=real,
            cwd=work.cwd,
            created_at=now,
            updated_at=now,
        )
    return seen(known).model_copy(update={"folder": folder, "narration": real, **to_do})


def card_in(folder: Path) -> Card | None:
    """The card of a job's folder as it was written, or None when there is none that can be trusted.

    The folder is where it was found, whatever it says: it may have been moved or copied.
    """
    try:
        return Card.model_validate({**json.loads((folder / FILE).read_bytes()), "folder": folder})
    except (OSError, ValueError, TypeError):  # not there, cut short, or another release's
        return None


def making(card: Card) -> tuple[str | None, list[str]]:
    """The configuration its command line names, and what follows `make`; UsageError for any other line."""
    words = list(card.arguments)
    config = words[1] if words[:1] == ["--config"] and len(words) > 1 else None
    words = words[2:] if config else words
    if words[:1] != ["make"]:
        raise UsageError(f"how {card.name} was made is not known", hint="give its voxweave make again")
    return config, words[1:]


def keep_card(card: Card, *, lasting: bool = True) -> None:
    """Write the card into its job's folder; what is not `lasting` may be lost with the power, and costs less."""
    make_folder(card.folder)
    file = card.folder / FILE
    if lasting:
        write_atomically(file, card.to_json())
        return
    part = card.folder / f".card.vw{secrets.token_hex(6)}.part.json"  # a name that leftovers go by
    try:
        with disk_errors(file):
            try:
                part.write_text(card.to_json(), "utf-8")
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{printable(str(file))} cannot be written: {error.strerror}") from error


def seen(card: Card) -> Card:
    """The card as it is to be shown: what claims to run, and has nobody at work on it, has stopped."""
    if card.state != "running" or at_work(card):
        return card
    return card.moved("stopped", updated_at=card.updated_at)


def at_work(card: Card) -> bool:
    """Whether the process named is alive, or another one holds the job."""
    if card.pid is not None and alive(card.pid, card.pid_started):
        return True
    return is_held(card.folder / "lock")


def settled(card: Card, status: int, error: CardError | None = None) -> Card:
    """The card after its child ended: as the child wrote it, or as its exit status tells.

    A card that somebody cancelled meanwhile stays so, as does one that another living run has taken up since.
    Nothing is written.
    """
    now = card_in(card.folder) or card
    if now.pid is not None and now.pid != os.getpid() and alive(now.pid, now.pid_started):
        return now
    return now.ended(status, error) if now.state == "running" else now


def error_of(error: Exception) -> CardError:
    """An error as cards carry it, without secrets."""
    if not isinstance(error, VoxWeaveError):
        return CardError(code="bug", message=redacted(f"{type(error).__name__}: {error}"))
    return CardError(
        code="stopped" if isinstance(error, Stopped) else error.exit_code.name.lower(),
        message=printable(redacted(str(error)), most=1000),
        hint=printable(redacted(error.hint), most=1000),
        retryable=error.retryable,
    )


def without_passwords(arguments: Sequence[str]) -> tuple[str, ...]:
    """Arguments that may be written down: addresses lose their passwords and keys, which the environment can give."""
    return tuple(without_secrets(word) if "://" in word else word for word in arguments)


def later(than: str) -> str:
    """Now, in ISO 8601 and UTC; never before a moment written down, though the clock was set back."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return max(now, than)
