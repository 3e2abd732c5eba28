"""Jobs of a service: they go on by the clock, whoever asks."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.provider.wire import Answer, Upload

FIRST_PART = 0.15
"""The share of its time that a job is queued."""

Path = Callable[["Job", float], str]
Hook = Callable[["Job", Callable[[], Answer]], Answer]


@dataclass
class Job:
    """One paid piece of work. What a scenario changes are the fields from `ending` on."""

    id: str
    number: int
    prompt: str
    model: str
    seconds: int
    size: str
    lasts_s: float
    made_at: float = field(default_factory=time.time)
    started: float = field(default_factory=time.monotonic)
    uploads: dict[str, Upload] = field(default_factory=dict)
    told_id: str = ""
    """The id as the answer to create gave it; gateways pack theirs."""
    polls: int = 0
    fetches: int = 0
    deleted: bool = False
    ending: str = "completed"
    error: dict[str, Any] | None = None
    path: Path | None = None
    """Says the status instead of the clock."""
    endless: bool = False
    dress: Callable[[dict[str, Any]], None] | None = None
    """Changes the object that a look at the job gives."""
    hook: Hook | None = None
    """Stands between a question about the job and its answer."""
    address: Callable[[str, str], Any] | None = None
    """What is said instead of the clip's address, from our origin and the canary's."""
    told: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> float:
        """How much of its time has gone; 1 when it has ended."""
        return (time.monotonic() - self.started) / self.lasts_s if self.lasts_s else 1.0

    @property
    def live(self) -> bool:
        """Whether it still takes one of the places at the service."""
        return not self.deleted and (self.endless or self.share < 1)

    @property
    def trouble(self) -> dict[str, Any] | None:
        """Its error, once it has failed."""
        return self.error if self.status() in {"failed", "cancelled"} else None

    def status(self) -> str:
        """Where it is, in the official words or in a scenario's."""
        share = self.share
        if self.path is not None:
            return self.path(self, share)
        if share < FIRST_PART:
            return "queued"
        return "in_progress" if share < 1 else self.ending


class Jobs:
    """The job table, and everything that was ever ordered (which a restart does not forget)."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.ordered: list[Job] = []
        self._table: dict[str, Job] = {}
        self.most_at_once = 0

    def number(self) -> int:
        """The number of the next job."""
        with self.lock:
            return len(self.ordered) + 1

    def add(self, job: Job) -> None:
        """Take a job in, and see how many now run."""
        with self.lock:
            self.ordered.append(job)
            self._table[job.id] = job
            self.most_at_once = max(self.most_at_once, self.live())

    def live(self) -> int:
        """How many have not ended."""
        with self.lock:
            return sum(job.live for job in self.ordered)

    def find(self, job_id: str) -> Job | None:
        """A job by its id."""
        with self.lock:
            job = self._table.get(job_id)
        return None if job is None or job.deleted else job

    def listed(self) -> list[Job]:
        """Those the table still knows, the newest first."""
        with self.lock:
            return [job for job in reversed(self._table.values()) if not job.deleted]

    def restart(self) -> None:
        """Forget the table, as servers do whose jobs live in memory."""
        with self.lock:
            for job in self._table.values():
                job.deleted = True
            self._table = {}
