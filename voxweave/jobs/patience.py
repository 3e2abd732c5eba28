"""Asking a store or server of ours again while it is away, for a bounded time; a stop ends the wait at once."""

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from voxweave.errors import Stopped
from voxweave.media.stopping import StopSignal

Answer = TypeVar("Answer")

_LOG = logging.getLogger(__name__)
_FIRST_S, _LONGEST_S = 0.2, 3.0
_REST_S = 10.0
"""Once it was waited for in vain, it is asked again no more often than this."""


class Away(Exception):
    """It cannot be reached just now; `Patience.ask` waits for it."""


class Patience:
    """How long something may be away before it is given up; shared by all threads that ask it.

    The wait counts from the first failure anybody met, so that many askers do not wait one after the other.
    """

    def __init__(self, what: str, seconds: float = 60.0) -> None:
        self.what, self.seconds = what, seconds
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last = 0.0

    def ask(self, question: Callable[[], Answer], stop: StopSignal, *, patient: bool = True) -> Answer:
        """The answer, however often it takes; the last Away when it stays away, or at once unless `patient`."""
        pause = _FIRST_S
        if self._resting():
            raise Away("it was waited for in vain a moment ago")
        while True:
            stop.check()
            try:
                answer = interruptible(question, stop)
            except Away as error:
                left = self._failed(error)
                if left <= 0 or not patient:
                    raise
                stop.wait(min(pause, left))
                pause = min(2 * pause, _LONGEST_S)
            except Stopped:
                raise
            except Exception:  # an answer, too: it is not away
                self._answered()
                raise
            else:
                self._answered()
                return answer

    def try_again(self) -> None:
        """Ask once more at once, though it was waited for in vain a moment ago."""
        with self._lock:
            self._last = -_REST_S

    def _resting(self) -> bool:
        """Whether it was given up a moment ago."""
        with self._lock:
            now = time.monotonic()
            given_up = self._since is not None and now - self._since >= self.seconds
            return given_up and now - self._last < _REST_S

    def _failed(self, error: Away) -> float:
        """Seconds for which it is worth asking again."""
        with self._lock:
            self._last = time.monotonic()
            if self._since is None:
                self._since = self._last
                _LOG.warning("%s does not answer, waiting up to %.0f s: %s", self.what, self.seconds, error)
            return self._since + self.seconds - self._last

    def _answered(self) -> None:
        with self._lock:
            if self._since is not None:
                _LOG.warning("%s answers again after %.1f s", self.what, time.monotonic() - self._since)
            self._since = None


class _Waker:
    """Wakes who waits for an answer when a stop comes."""

    def __init__(self) -> None:
        self.event = threading.Event()

    def kill(self) -> None:
        """End the wait."""
        self.event.set()


def interruptible(question: Callable[[], Answer], stop: StopSignal) -> Answer:
    """The answer, or Stopped the moment a stop comes; a question still on its way is left to its own time limit."""
    answers: list[Answer] = []
    failures: list[BaseException] = []
    waker = _Waker()

    def run() -> None:
        try:
            answers.append(question())
        except BaseException as error:  # noqa: BLE001  carried over to the thread that asked
            failures.append(error)
        waker.event.set()

    with stop.watching(waker):
        threading.Thread(target=run, name="asking", daemon=True).start()
        waker.event.wait()
    if answers:
        return answers[0]
    stop.check()
    raise failures[0]
