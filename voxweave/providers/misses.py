"""How often in a row, and since when, a provider did not know an order or broke down over it."""

import threading
import time


class Misses:
    """Counts for each order; used from many threads, and gone with the run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[str, tuple[int, float]] = {}

    def add(self, remote_id: str) -> tuple[int, float]:
        """One more; how many there are now, and over how many seconds."""
        now = time.monotonic()
        with self._lock:
            count, since = self._found.get(remote_id, (0, now))
            self._found[remote_id] = (count + 1, since)
            return count + 1, now - since

    def forget(self, remote_id: str) -> None:
        """It answered; what was missed before means nothing."""
        with self._lock:
            self._found.pop(remote_id, None)
