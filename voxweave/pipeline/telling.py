"""Telling the fronts how far a film is, in one rising share with the time left."""

import time
from collections.abc import Callable
from threading import Lock

from voxweave.core.events import GROUPS, HEARD, WORDS_ONLY, Bands, Event, Stage

_EVERY_S = 0.1
_FROM = 0.05
"""Before this share the time left is a guess nobody should see."""


class Teller:
    """Turns what stages say into events; threads may speak at once."""

    def __init__(
        self, film: str, tell: Callable[[Event], None], *, ordering: bool = False, words_only: bool = False
    ) -> None:
        self._film, self._tell, self._lock = film, tell, Lock()
        self._bands = Bands(ordering=ordering)
        self._fixed = ordering or words_only
        if words_only:
            self._bands.weigh(WORDS_ONLY)
        self._began = time.monotonic()
        self._told = 0.0
        self._stage: Stage = "probe"
        self._stage_began = self._began
        self._times_s: dict[str, float] = {}

    def enter(self, stage: Stage) -> None:
        """A stage begins, and the one before it ends."""
        now = time.monotonic()
        with self._lock:
            self._close(now)
            self._stage = stage
        self._send(stage, 0.0)

    def advance(self, share: float) -> None:
        """The stage has come so far, from 0 to 1; said often, told ten times a second at most."""
        now = time.monotonic()
        if now - self._told >= _EVERY_S:
            self._told = now
            self._send(self._stage, share)

    def listens(self) -> None:
        """Words are recognised: that takes a good part of the time, unless pictures are waited for."""
        with self._lock:
            if not self._fixed:
                self._bands.weigh(HEARD)

    def notice(self, text: str) -> None:
        """A line for the user."""
        with self._lock:
            done = self._bands.whole(self._stage, 0.0)
            self._tell(self._event("notice", done, text=text))

    def done(self, text: str) -> None:
        """The film is there."""
        with self._lock:
            self._close(time.monotonic())
            self._tell(self._event("done", 1.0, text=text))

    def times_s(self) -> dict[str, float]:
        """Seconds spent in each stage, the one at work included."""
        with self._lock:
            self._close(time.monotonic())
            return dict(self._times_s)

    def _send(self, stage: Stage, share: float) -> None:
        with self._lock:
            done = self._bands.whole(stage, share)
            self._tell(self._event("progress", done, eta_s=self._left(done)))

    def _left(self, done: float) -> float | None:
        if done < _FROM:
            return None
        return round((time.monotonic() - self._began) * (1 - done) / done, 1)

    def _event(self, kind: str, done: float, *, eta_s: float | None = None, text: str = "") -> Event:
        return Event.model_validate(
            {
                "kind": kind,
                "film": self._film,
                "stage": self._stage,
                "group": GROUPS[self._stage],
                "done": round(done, 4),
                "eta_s": eta_s,
                "text": text,
            }
        )

    def _close(self, now: float) -> None:
        spent = now - self._stage_began
        self._times_s[self._stage] = round(self._times_s.get(self._stage, 0.0) + spent, 3)
        self._stage_began = now
