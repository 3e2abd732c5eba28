"""The queues seen from outside: work put once by its name, looked at, cancelled."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from voxweave.core.redaction import redacted
from voxweave.core.value import Value
from voxweave.errors import StorageBusy
from voxweave.jobs.cards import PRIORITIES, Priority
from voxweave.jobs.cluster import QUEUES, Kind, client_of, migrate, old_scenes, resumed, trouble
from voxweave.jobs.patience import Away, Patience
from voxweave.jobs.pglink import passes, place_of, spoken
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.jobs.talks import Talk

Answer = TypeVar("Answer")

_PATIENCE_S = 120.0
_PAGE = 500
State = Literal["waiting", "running", "done", "failed", "cancelled"]
_STATES: Mapping[str, State] = {
    "DELAYED": "waiting",
    "ENQUEUED": "waiting",
    "PENDING": "running",
    "SUCCESS": "done",
    "CANCELLED": "cancelled",
}


class Task(Value):
    """A piece of work in a queue: who has it, and what came of it."""

    name: str
    kind: str
    state: State
    worker: str = ""
    answer: str = ""


@dataclass(frozen=True)
class Work:
    """A piece of work as it is put: its name says what it is, so that putting it twice is once."""

    name: str
    kind: Kind
    words: Sequence[str | int]
    version: str
    priority: Priority = "normal"
    talk: str = ""


class Board:
    """The queues, seen from outside: put, look, cancel. Any thread may ask; each call waits out an outage."""

    def __init__(self, url: str, *, stop: StopSignal | None = None, patience_s: float = _PATIENCE_S) -> None:
        self._stop = stop or StopSignal()
        self._place = place_of(url)
        self._patience = Patience(f"the queue at {self._place}", patience_s)
        self._client = client_of(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._client.destroy()

    def put(self, works: Iterable[Work]) -> None:
        """Put work into its queue; what was put before stays as it is."""
        for work in works:
            options: Any = {
                "workflow_name": work.kind,
                "queue_name": QUEUES[work.kind],
                "workflow_id": work.name,
                "app_version": work.version,
                "priority": len(PRIORITIES) - PRIORITIES.index(work.priority),
                "attributes": {"talk": work.talk},
            }
            self.asked(partial(self._client.enqueue, options, *work.words))

    def put_film(self, talk: "Talk") -> None:
        """Put this try of a film into its queue."""
        words = (talk.card.id, talk.run)
        self.put([Work(talk.workflow, "talk", words, talk.version, talk.card.priority, talk.card.id)])

    def look(self, names: Sequence[str]) -> dict[str, Task]:
        """What became of work, by name; what is not there any more is left out."""
        found: dict[str, Task] = {}
        for first in range(0, len(names), _PAGE):
            page = list(names[first : first + _PAGE])
            rows = self.asked(partial(self._client.list_workflows, workflow_ids=page, load_input=False))
            found |= {row.workflow_id: _task(row) for row in rows}
        return found

    def revive(self, names: Sequence[str], kind: Kind) -> None:
        """Work that was cancelled is to be done after all; what is not there any more is passed over."""
        for name in names:
            self.asked(partial(resumed, self._client, name, QUEUES[kind]))

    def forget(self, names: Sequence[str]) -> list[str]:
        """Work whose answer nobody needs any more; what is not over stays, by its names."""
        found = self.look(names).values()
        left = [task.name for task in found if task.state in ("waiting", "running")]
        over = [task.name for task in found if task.name not in left]
        if over:
            self.asked(lambda: self._client.delete_workflows(over))
        return left

    def forget_scenes(self, before: str) -> int:
        """Scenes that were over before that moment, in ISO 8601; how many."""
        count = 0
        while names := self.asked(lambda: old_scenes(self._client, before)):
            self.asked(partial(self._client.delete_workflows, names))
            count += len(names)
        return count

    def cancel(self, name: str, *, talk: str) -> None:
        """Nobody wants this, nor what waits for this film's sake."""
        self.asked(lambda: self._client.cancel_workflow(name))
        rows = self.asked(
            lambda: self._client.list_workflows(
                attributes={"talk": talk},
                status="ENQUEUED",
                name="scene",
                load_input=False,
                load_output=False,
            )
        )
        if rows:
            self.asked(lambda: self._client.cancel_workflows([row.workflow_id for row in rows]))

    def asked(self, question: Callable[[], Answer]) -> Answer:
        """The answer, once the database gives one."""
        try:
            return self._patience.ask(lambda: _translated(question, self._place), self._stop)
        except Away as error:
            raise StorageBusy(
                f"{self._patience.what} did not answer for {self._patience.seconds:.0f} s ({error})",
                hint="start the database, or mend the way to it; then run again: nothing is lost",
            ) from error


def prepare(url: str) -> None:
    """Make the queues where they are not there yet; StorageError where that is not possible."""
    with Board(url) as board:
        board.asked(lambda: migrate(url))


def _translated(question: Callable[[], Answer], place: str) -> Answer:
    """The answer, or the trouble in words of ours: Away where it passes."""
    try:
        return question()
    except Exception as error:
        found = trouble(error)
        if found is None:
            raise
        if not passes(found):
            raise spoken(found, place) from error
        lines = redacted(str(found)).strip().splitlines()
        raise Away(lines[0] if lines else type(found).__name__) from error


def _task(row: Any) -> Task:
    return Task(
        name=row.workflow_id,
        kind=row.name,
        state=_STATES.get(row.status, "failed"),
        worker=row.executor_id or "",
        answer=row.output if isinstance(row.output, str) else "",
    )
