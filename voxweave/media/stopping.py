"""One signal that ends every stage and every program it runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from voxweave.errors import Exit, Stopped


class Killable(Protocol):
    """Something that can be ended at once, from any thread."""

    def kill(self) -> None:
        """End it; harmless when it has ended."""


class StopSignal:
    """Set once, seen by all: stages call `check`, running programs are killed."""

    def __init__(self, above: "StopSignal | None" = None) -> None:
        self._above = above
        self._lock = threading.RLock()  # reentrant: a signal handler may interrupt `watching`
        self._event = threading.Event()
        self._running: set[Killable] = set()
        self.exit_code = Exit.STOPPED

    def set(self, exit_code: Exit = Exit.STOPPED) -> None:
        """Ask everything to end; the first exit code given is kept."""
        if not self._event.is_set():
            self.exit_code = exit_code
        self._event.set()
        with self._lock:
            running = list(self._running)
        for child in running:
            child.kill()

    def is_set(self) -> bool:
        """Whether someone asked to end."""
        return self._event.is_set()

    def check(self) -> None:
        """Raise Stopped once someone asked to end."""
        if self._event.is_set():
            raise Stopped(exit_code=self.exit_code)

    def wait(self, seconds: float) -> None:
        """Sleep, but not past a stop."""
        self._event.wait(seconds)
        self.check()

    def kill(self) -> None:
        """End what watches this signal, because the one it branched from was set."""
        self.set(self._above.exit_code if self._above else Exit.STOPPED)

    @contextmanager
    def branch(self) -> Iterator["StopSignal"]:
        """A signal for part of the work: set when this one is, and by itself without ending the rest."""
        part = StopSignal(self)
        with self.watching(part):
            yield part

    @contextmanager
    def watching(self, child: Killable) -> Iterator[None]:
        """Kill the child if a stop comes while the block runs."""
        with self._lock:
            self._running.add(child)
        try:
            if self._event.is_set():
                child.kill()
            yield
        finally:
            with self._lock:
                self._running.discard(child)
