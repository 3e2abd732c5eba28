"""Limits of time that count what was lived, not how long we were stopped, asleep or left without a processor."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

_LOOK_S = 1.0
_LOOKS = 10
"""A short limit is looked at so often, for a gap may not be a large part of it."""
_GAP_LOOKS = 2
"""A gap between two looks counts as no more than so many of them: in what is longer we did not run."""


class Stopwatch:
    """What is left of a limit, to be looked at again within `look_s`."""

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.look_s = min(_LOOK_S, limit_s / _LOOKS)
        self._left_s, self._clock = limit_s, clock
        self._seen = clock()

    def left_s(self) -> float:
        """Seconds that may still be lived; none when the limit is reached."""
        now = self._clock()
        self._left_s -= min(now - self._seen, _GAP_LOOKS * self.look_s)
        self._seen = now
        return max(0.0, self._left_s)


class Alarm:
    """Rings once, in a thread of its own, when the block it guards has lived through the limit."""

    def __init__(self, limit_s: float | None, ring: Callable[[], None]) -> None:
        self._limit_s, self._ring = limit_s, ring
        self.rang = False
        self._off = threading.Event()

    def __enter__(self) -> Self:
        if self._limit_s is not None:
            watch = Stopwatch(self._limit_s)
            threading.Thread(target=self._look, args=[watch], daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._off.set()

    def _look(self, watch: Stopwatch) -> None:
        while (left_s := watch.left_s()) > 0:
            if self._off.wait(min(left_s, watch.look_s)):
                return
        self.rang = True
        self._ring()
