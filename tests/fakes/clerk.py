"""A supplier in memory: it obeys the public protocol and does what its script says."""

import itertools
import threading
import time
from collections import deque
from pathlib import Path

from voxweave.core.orders import Limits, Offer, Price, Told, Wanted

OFFER = Offer(
    model="m",
    price=Price(per_clip=1.0, dated="2026-11-20"),
    limits=Limits(at_once=4, per_hour=None, per_day=None),
    lists_orders=True,
)


class Clerk:
    """Takes orders, works on each for `work_s`, and counts what it is asked.

    A script names what the next calls meet: an error is raised, a Told is told. `after` errors are
    raised by `order` when the order was made already.
    """

    def __init__(self, *, offer: Offer = OFFER, work_s: float = 0.02) -> None:
        self.offer = offer
        self.work_s = work_s
        self.made: dict[str, tuple[Wanted, float]] = {}
        self.asked = 0
        self.checks = 0
        self.finds = 0
        self.most_at_once = 0
        self.before: deque[Exception | None] = deque()
        self.after: deque[Exception | None] = deque()
        self.tells: deque[Exception | Told | None] = deque()
        self.brings: deque[Exception | None] = deque()
        self.forgets: set[str] = set()
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def offers(self) -> tuple[Offer, ...]:
        return (self.offer,)

    def order(self, wanted: Wanted) -> str:
        with self._lock:
            self.asked += 1
            _meet(self.before)
            remote = f"job-{next(self._numbers)}"
            self.made[remote] = (wanted, time.time())
            self.most_at_once = max(self.most_at_once, sum(map(self._working, self.made)))
            _meet(self.after)
        return remote

    def check(self, remote_id: str) -> Told:
        with self._lock:
            self.checks += 1
            told = _meet(self.tells)
            if told is not None:
                return told
            if remote_id in self.forgets or remote_id not in self.made:
                return Told(state="lost", reason="no such job")
            return Told(state="running" if self._working(remote_id) else "done", percent=50.0)

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        with self._lock:
            self.finds += 1
            if not self.offer.lists_orders:
                return None
            return tuple(key for key, (made, at) in self.made.items() if made == wanted and at >= since)

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        with self._lock:
            _meet(self.brings)
        file = into / "clip.mp4"
        file.write_text(f"{remote_id}: {self.made[remote_id][0].prompt}")
        return file

    def _working(self, remote_id: str) -> bool:
        return time.time() - self.made[remote_id][1] < self.work_s


class Brush:
    """A painter in memory: the picture comes with the answer."""

    def __init__(self, *, offer: Offer | None = None) -> None:
        self.offer = offer or OFFER.model_copy(update={"makes": "still", "lists_orders": False})
        self.asked = 0
        self.before: deque[Exception | None] = deque()

    def offers(self) -> tuple[Offer, ...]:
        return (self.offer,)

    def picture(self, wanted: Wanted, into: Path) -> Path:
        self.asked += 1
        _meet(self.before)
        file = into / "still.png"
        file.write_text(wanted.prompt)
        return file


def _meet(script: deque[Exception | None] | deque[Exception | Told | None]) -> Told | None:
    """What the script holds for this call, if anything."""
    met = script.popleft() if script else None
    if isinstance(met, Exception):
        raise met
    return met
