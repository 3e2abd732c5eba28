"""Limits of time in tests: promises for a quiet machine of today, which hold in proportion on a slower or busier one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

QUIET_S = 0.03
"""What the yardstick takes on a quiet core of 2024."""
_ROUNDS = 5
_PASSED = 2.0
"""What slowed a test down may have ended before it is looked for: so much is always granted."""


@contextmanager
def within(limit_s: float, *, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """What is done here takes less than this; work alone is timed by `time.process_time`."""
    began = clock()
    yield
    soon(clock() - began, limit_s, clock=clock)


def soon(took_s: float, limit_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
    """What took so long did not take longer than it may; how slow the machine is, is looked at only if it did."""
    if took_s >= limit_s:
        slower = slowness(clock)
        assert took_s < limit_s * slower, (
            f"{took_s:.2f} s instead of {limit_s} s, on a machine {slower:.1f}x as slow"
        )


def slowness(clock: Callable[[], float] = time.monotonic) -> float:
    """How many times longer than on a quiet machine things take here and now, of a few looks the worst."""
    return max(_PASSED, *(_yardstick(clock) / QUIET_S for _ in range(_ROUNDS)))


def _yardstick(clock: Callable[[], float]) -> float:
    """Work in Python as tests have it: letters and small objects."""
    began = clock()
    words = [f"{number:x}" for number in range(60_000)]
    found = {word: len(word) for word in sorted(words, key=lambda word: word[::-1])}
    assert len("".join(found)) == sum(found.values())
    return clock() - began
