"""Asking a provider again: the only place that does, and only for what is safe to repeat."""

import random
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TypeVar

from voxweave.errors import ProviderBusy, ProviderFailed, ProviderUnreachable, VoxWeaveError
from voxweave.media.stopping import StopSignal

Answer = TypeVar("Answer")

_REPEATABLE = (ProviderBusy, ProviderUnreachable, ProviderFailed)
"""Nothing was accepted, or only a question was asked. A refusal stays one, and a create call
without an answer may have been accepted."""

_NUMBER = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*", re.ASCII)
_LONGEST_S = 86_400.0


@dataclass(frozen=True)
class Patience:
    """How often and how long to ask: one try and three more after 2, 4 and 8 s, each a little off."""

    retries: int = 3
    first_s: float = 2.0
    longest_s: float = 120.0
    """A provider that wants us to wait longer than this is given up for now."""
    jitter: Callable[[float, float], float] = field(default=random.uniform)

    def pause(self, tries: int, error: VoxWeaveError) -> float | None:
        """Seconds before the next try; None when there is none."""
        told_s = error.wait_s if isinstance(error, ProviderBusy) else None
        if tries > self.retries or (told_s or 0.0) > self.longest_s:
            return None
        if told_s is not None:  # never sooner than told; a little later, so that not all come at once
            return told_s + self.jitter(0.0, self.first_s / 4)
        grown_s: float = self.first_s * 2.0 ** (tries - 1)
        return min(grown_s * self.jitter(0.75, 1.25), self.longest_s)


class Calm:
    """Holds all threads back from a provider that asked one of them to wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._until = 0.0

    def hold(self, seconds: float) -> None:
        """Nobody asks before so many seconds have passed."""
        with self._lock:
            self._until = max(self._until, time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until anybody may ask."""
        with self._lock:
            return max(self._until - time.monotonic(), 0.0)


def ask(
    question: Callable[[], Answer],
    stop: StopSignal,
    *,
    patience: Patience = Patience(),
    calm: Calm | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Answer:
    """The answer, asking again while that is safe and of use; the last error when it is not.

    `calm` is shared by all who ask the same provider; `tell` hears why we wait.
    """
    tries = 0
    while True:
        while calm is not None and (left := calm.left()) > 0:
            stop.wait(left)
        stop.check()
        try:
            return question()
        except _REPEATABLE as error:
            tries += 1
            pause = patience.pause(tries, error)
            if pause is None:
                raise
            if calm is not None and isinstance(error, ProviderBusy):
                calm.hold(pause)
            tell(f"{error}; asking again in {pause:.0f} s")
            stop.wait(pause)


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds a server asks us to wait, in any form it may say so; None when it says nothing of use."""
    lower = {name.lower(): value for name, value in headers.items()}
    millis = _number(lower.get("retry-after-ms", ""))
    if millis is not None:
        return min(millis / 1000, _LONGEST_S)
    text = lower.get("retry-after", "")
    seconds = _number(text)
    if seconds is None and text:
        seconds = _until(text, lower.get("date", ""))
    return None if seconds is None else min(seconds, _LONGEST_S)


def _number(text: str) -> float | None:
    found = _NUMBER.fullmatch(text)
    return float(found[1]) if found else None


def _until(date: str, now: str) -> float | None:
    """Seconds from the server's own now, where it gives one: our clock may be off."""
    then = _moment(date)
    if then is None:
        return None
    seconds = then - (_moment(now) or time.time())
    return seconds if seconds >= 0 else None


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date[:64]).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
