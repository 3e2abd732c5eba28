"""Who is alive among workers: each holds a lock in PostgreSQL that goes with its line."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from voxweave.jobs.pglink import connected, lock_number

if TYPE_CHECKING:
    from voxweave.jobs.pglink import Connection

SETTLING_S = 5.0
"""After the database was away every worker has lost its lock; so long all have to take theirs again."""
# The server notices a line that was cut, as by a power loss, after these; on a live one a killed worker's closes at once.
_WATCHED = {
    "tcp_keepalives_idle": 3,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 4,
    "tcp_user_timeout": 8000,
}


class Lease:
    """This worker's lock, and a look at the others'; any thread may ask, and psycopg's errors come as they are."""

    def __init__(self, url: str, worker: str) -> None:
        self._url, self._worker = url, worker
        self._link: Connection | None = None
        self._since = 0.0
        self._released = False
        self._turn = threading.Lock()

    def hold(self) -> None:
        """Take the lock, or take it again where the line was lost."""
        with self._turn:
            if self._released:
                return
            try:
                self._held()
            except BaseException:
                self._drop()
                raise

    @property
    def settled(self) -> bool:
        """Whether it was held, and the server up, for so long that whoever has no lock is dead."""
        return self._link is not None and time.monotonic() - self._since > SETTLING_S

    @property
    def held(self) -> bool:
        """Whether it was there at the last look."""
        return self._link is not None

    @contextmanager
    def burying(self, worker: str) -> Iterator[bool]:
        """Whether another worker's lock is nobody's; for the block's time nobody else asks this.

        Ours is held on meanwhile by whoever calls `hold`, however long the block waits for something.
        """
        link = self._link
        mine = f"after {worker}"
        if link is None or not self._ask(link, "SELECT pg_try_advisory_lock(%s)", mine):
            yield False
            return
        try:
            free = self._ask(link, "SELECT pg_try_advisory_lock(%s)", worker)
            if free:
                self._ask(link, "SELECT pg_advisory_unlock(%s)", worker)
            yield bool(free)
        finally:
            self._ask(link, "SELECT pg_advisory_unlock(%s)", mine)

    def release(self) -> None:
        """Let the others know that we are gone, for good."""
        with self._turn:
            self._released = True
            self._drop()

    def _ask(self, link: "Connection", question: str, worker: str) -> Any:
        with self._turn:
            try:
                return _one(link, question, _number(worker))
            except BaseException:
                if link is self._link:
                    self._drop()
                raise

    def _held(self) -> None:
        if self._link is not None:
            self._link.execute("SELECT 1")
            return
        link = connected(self._url, name="worker")
        for name, value in _WATCHED.items():
            link.execute(f"SET {name}={value}")  # a local socket takes them, and ignores them
        up_s = _one(link, "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8")
        _one(link, "SELECT pg_advisory_lock(%s)", _number(self._worker))
        self._link, self._since = link, time.monotonic() - (SETTLING_S if up_s > 2 * SETTLING_S else 0)

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


def _one(link: "Connection", question: str, *values: object) -> Any:
    row = link.execute(question, values).fetchone()
    return next(iter(row.values())) if row else None


def _number(worker: str) -> int:
    return lock_number(f"voxweave worker {worker}")
