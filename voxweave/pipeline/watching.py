"""Orders at work elsewhere: asked about until they end or their time is up, then collected."""

import math
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from voxweave.core.orders import LIVE, Order, Told
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import (
    InputError,
    KeyRefused,
    ProviderError,
    ProviderFailed,
    RefusedError,
    StorageError,
    UsageError,
)
from voxweave.media.files import fingerprint
from voxweave.pipeline.means import Means, Pace
from voxweave.pipeline.sources import Fell, Source, guarded
from voxweave.providers.base import Supplier

_LOST_TELLS = 3
"""A provider that does not know an order is asked again: gateways forget for a moment."""
_GROWTH = 1.25
_ODD = "it calls the order {!r}, which is no word we know: taken for work going on"
_LONGEST_HINT_S = 120.0
_SEEN_S = 2.0
"""How often the machine's limits hear that an order is being watched."""


@dataclass
class _Seen:
    """What this run knows of an order beyond the ledger."""

    turn: threading.RLock = field(default_factory=threading.RLock)
    told: Told | None = None
    percent: float | None = None
    odd: bool = False
    lost_tells: int = 0
    polls: int = 0
    noted: float = 0.0

    def rise(self, percent: float | None) -> float | None:
        """What to show: within 0 and 100, and never less than before."""
        if percent is not None and math.isfinite(percent):
            self.percent = max(self.percent or 0.0, min(max(percent, 0.0), 100.0))
        return self.percent


class Watcher:
    """Asks about orders and fetches what is done; any thread may call it."""

    def __init__(self, means: Means, sources: dict[str, Source]) -> None:
        self._means = means
        self._sources = sources
        self._lock = threading.Lock()
        self._seen: dict[str, _Seen] = {}

    def advance(self, key: str) -> Order:
        """This order changed, or may have: ask, write it down, and collect what is done."""
        order = self.check(key)
        return self.collect(key) if order.state == "done" else order

    def check(self, key: str) -> Order:
        """Ask once how far an order is, and write it down."""
        seen = self._of(key)
        with seen.turn:
            order = self._means.ledger.order(key)
            if order.state not in {"accepted", "running"}:
                return order
            seen.told = self._ask(order)
            seen.polls += 1
            if seen.told.odd and not seen.odd:
                seen.odd = True
                self._means.say(order, "waiting", _ODD.format(seen.told.odd))
            seen.lost_tells = seen.lost_tells + 1 if seen.told.state == "lost" else 0
            if seen.told.state == "lost" and seen.lost_tells < _LOST_TELLS:
                return order
            return self._heard(order, seen.told, seen)

    def watch(self, order: Order, *, fresh: bool) -> Fell | None:
        """Ask until the order ends or its time is up; faults that may pass are lived through."""
        means, pace, seen = self._means, self._pace(order), self._of(order.key)
        means.meter.name(means.ledger.post(order.key), order.remote_id)  # an adopted one has none there
        ends, pause = time.monotonic() + pace.deadline_s, pace.poll_s
        if fresh:
            means.stop.wait(pause)
        while True:
            order, trouble = self._tried(order)
            if order.state not in LIVE:
                return None
            left = ends - time.monotonic()
            if left <= 0:
                return self._parked(order, seen, f"not ready after {pace.deadline_s:.0f} s{trouble}")
            self._note(order, seen)
            means.stop.wait(min(_hinted(seen.told, pause), left))
            pause = min(pause * _GROWTH, max(pace.poll_longest_s, pace.poll_s))

    def collect(self, key: str) -> Order:
        """Download what is done; what is paid for and gone is lost."""
        seen = self._of(key)
        with seen.turn:
            order = self._means.ledger.order(key)
            if order.state != "done":
                return order
            source = self._source(order)
            try:
                media = self._means.ask(source, lambda: self._download(source, order, seen), order)
            except RefusedError as error:
                lost = self._means.ledger.move(key, "lost", reason=str(error))
                self._means.say(lost, "lost", str(error))
                return lost
            fetched = self._means.ledger.fetch(key, media)
            self._means.share(media)
            self._means.say(fetched, "fetched", percent=100.0)
            return fetched

    def look_after(self, source: Source) -> None:
        """See whether an order that nobody watches has ended, so that its place is free."""
        stray = self._means.meter.stray(source.whose, unseen_s=self._means.pace.unwatched_s)
        if stray is None or not isinstance(source.supplier, Supplier):
            return
        try:
            if stray.film == self._means.film:
                self.check(stray.key)
            elif guarded(source.name, source.supplier.check)(stray.remote_id).state != "running":
                self._means.end(source, stray.post, None)  # its own film will say what it cost
        except (ProviderError, UsageError):
            return  # the next look may tell

    def place(self, order: Order) -> Path:
        """The folder of an order's own, where what it brings lies."""
        folder = self._means.folder / order.key
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{printable(str(folder))} cannot be made: {error.strerror}") from error
        return folder

    def _pace(self, order: Order) -> Pace:
        """How long this order is waited for, by the lane it was sent in, whatever lane is taken now."""
        lane = self._source(order).offer(order.wanted).lane_called(order.lane) if order.lane else None
        return self._means.pace.in_lane(lane.wait_s) if lane else self._means.pace

    def _source(self, order: Order) -> Source:
        source = self._sources.get(order.wanted.provider)
        if source is None:
            raise UsageError(f"order {order.key} lies with {order.wanted.provider}, which is not set up")
        return source

    def _ask(self, order: Order) -> Told:
        source = self._source(order)
        return guarded(source.name, source.orders().check)(order.remote_id)

    def _tried(self, order: Order) -> tuple[Order, str]:
        """The order as it is now, or as it was and why nobody could say."""
        try:
            return self.check(order.key), ""
        except KeyRefused:
            raise
        except ProviderError as error:
            return order, f"; at last: {error}"

    def _heard(self, order: Order, told: Told, seen: _Seen) -> Order:
        """Write down a change, and let its place go when it ended at the provider."""
        percent = seen.rise(told.percent)
        if told.state == order.state:
            self._means.say(order, "running", percent=percent)
            return order
        moved = self._means.ledger.move(order.key, told.state, reason=told.reason, polls=seen.polls)
        seen.polls = 0
        if moved.state not in LIVE:
            paid = moved.price_usd if moved.state in {"done", "lost"} else 0.0
            self._means.end(self._source(order), self._means.ledger.post(order.key), paid)
        self._means.say(moved, moved.state, told.reason, percent=percent)
        return moved

    def _download(self, source: Source, order: Order, seen: _Seen) -> MediaFile:
        """Fetch it once; after a fault the provider is asked anew, for addresses grow old."""
        told = seen.told if seen.told is not None and seen.told.state == "done" else self._ask(order)
        seen.told = None
        if told.state == "lost":
            seen.lost_tells += 1
            if seen.lost_tells >= _LOST_TELLS:
                raise RefusedError(f"{source.name} knows it no more, though it was done")
        if told.state != "done":
            raise ProviderFailed(f"{source.name} said it was done, and now that it is {told.state}")
        collect = guarded(source.name, source.orders().collect)
        try:
            return fingerprint(collect(order.remote_id, told, self.place(order)), "the clip")
        except InputError as error:
            raise ProviderFailed(f"{source.name}: {error}") from error

    def _parked(self, order: Order, seen: _Seen, text: str) -> Fell:
        kept = self._means.ledger.move(order.key, order.state, polls=seen.polls)
        seen.polls = 0
        self._means.say(kept, "parked", text, why="deadline")
        return Fell(
            provider=order.wanted.provider,
            why="deadline",
            text=f"{text}; the next run collects it",
            key=order.key,
        )

    def _note(self, order: Order, seen: _Seen) -> None:
        if time.monotonic() - seen.noted > _SEEN_S:
            self._means.meter.seen(self._means.ledger.post(order.key))
            seen.noted = time.monotonic()

    def _of(self, key: str) -> _Seen:
        with self._lock:
            return self._seen.setdefault(key, _Seen())


def _hinted(told: Told | None, pause: float) -> float:
    """The provider's own wish for the next question, where it makes sense."""
    hint = told.poll_after_s if told else None
    return hint if hint is not None and 0 < hint <= _LONGEST_HINT_S else pause
