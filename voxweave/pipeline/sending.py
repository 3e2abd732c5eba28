"""Orders on their way out: under limits and budget, once, and looked up when in doubt."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from voxweave.core.orders import Order
from voxweave.core.text import printable
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    InputError,
    KeyRefused,
    MediaError,
    OutOfTime,
    ProviderBusy,
    ProviderError,
    ProviderUnreachable,
    RefusedError,
    Stopped,
    StorageError,
    UsageError,
    VoxWeaveError,
)
from voxweave.jobs.budget import OverBudget
from voxweave.jobs.limits import LimitReached, Place
from voxweave.media.files import fingerprint
from voxweave.pipeline.means import Means
from voxweave.pipeline.sources import Source, guarded
from voxweave.pipeline.watching import Watcher
from voxweave.providers.base import Painter

_SKEW_S = 60.0
"""How far a provider's clock may be behind ours, when orders since a moment are looked up."""
_LONGEST_ID = 500
_UNASKED: tuple[type[VoxWeaveError], ...] = (InputError, UsageError, DependencyError)
"""Raised by any provider before its request leaves, as its roles promise."""
_UNSENT = (*_UNASKED, MediaError, OutOfTime, StorageError)
"""The same of who only sends an order; a painter writes and looks at what is paid for already."""


class Sender:
    """Sends orders, and finds out what became of those that nobody answered for."""

    def __init__(self, means: Means, watcher: Watcher) -> None:
        self._means = means
        self._watcher = watcher

    def send(self, source: Source, order: Order) -> None:
        """Order it, trying again only where nothing was accepted."""
        try:
            self._means.ask(source, lambda: self._once(source, order), order)
        except ProviderError as error:
            source.failed(error)
            raise
        source.worked()

    def look_up(self, source: Source, order: Order) -> None:
        """Find out whether an order in doubt was accepted; what cannot be found out stays unknown."""
        found = self._found(source, order)
        if found is None:
            self._doubt(order, f"{source.name} cannot be asked whether it was accepted")
            return
        ledger, meter = self._means.ledger, self._means.meter
        post, mine = ledger.post(order.key), ledger.ids(source.name)
        new = [remote for remote in dict.fromkeys(found) if remote not in mine and meter.free(post, remote)]
        if len(new) > 1:
            self._doubt(order, f"{source.name} has {len(new)} orders like it: {', '.join(new)}")
        elif new and meter.name(post, new[0]):
            self._accepted(order, new[0], post)
        else:
            self._means.end(source, post, 0.0)
            self._means.say(ledger.move(order.key, "planned", reason="it never arrived"), "planned")

    def _found(self, source: Source, order: Order) -> tuple[str, ...] | None:
        if not source.lists(order.wanted):
            return None
        since = self._means.ledger.left_at(order.key) - _SKEW_S
        find = guarded(source.name, source.orders().find)
        return self._means.ask(source, lambda: find(order.wanted, since), order)

    def _once(self, source: Source, order: Order) -> None:
        """One request at most; limits and budget count it before it leaves."""
        means, price, lane = self._means, source.price(order.wanted), source.offer(order.wanted).lane
        post = self._place(source, order, price)
        taken = time.monotonic()
        try:
            claim = means.ledger.claim(order.wanted, price, budget=means.budget, post=post, lane=lane)
        except OverBudget:
            means.meter.undo(post)
            raise
        if claim.todo != "send":
            means.meter.undo(post)
            return
        means.say(claim.order, "sending")
        if means.stop.is_set() or time.monotonic() - taken > means.ledger.quiet_s / 2:
            # A machine that slept here would send what others have meanwhile looked up as absent.
            means.ledger.move(order.key, "planned", reason="held up before it was sent")
            means.meter.undo(post)
            means.stop.check()
            return
        self._settled(source, claim.order, post)

    def _settled(self, source: Source, order: Order, post: str) -> None:
        """Send, and write down what came of it before anything else."""
        means = self._means
        try:
            self._leave(source, order, post)
        except ProviderUnreachable as error:
            means.ledger.move(order.key, "planned", reason=str(error))
            means.meter.undo(post)
            raise
        except (ProviderBusy, KeyRefused) as error:
            means.ledger.move(order.key, "planned", reason=str(error))
            means.end(source, post, 0.0)
            raise
        except RefusedError as error:
            means.ledger.move(order.key, "refused", reason=str(error))
            means.end(source, post, 0.0)
            raise
        except ProviderError as error:  # unclear: the next look finds `sending`, and knows what to do
            means.say(means.ledger.doubt(order.key, str(error)), "unclear", str(error))

    def _leave(self, source: Source, order: Order, post: str) -> None:
        if isinstance(source.supplier, Painter) and source.paints(order.wanted):
            self._painted(source, source.supplier, order, post)
            return
        create = guarded(source.name, source.orders().order, creates=True)
        with self._taken_back(order, post, _UNSENT):
            remote_id = create(order.wanted)
        if not (isinstance(remote_id, str) and remote_id.isprintable() and 0 < len(remote_id) <= _LONGEST_ID):
            raise AnswerUnclear(f"{source.name} gave no usable id")
        self._accepted(order, remote_id, post)

    @contextmanager
    def _taken_back(self, order: Order, post: str, local: tuple[type[VoxWeaveError], ...]) -> Iterator[None]:
        """Nothing is bound by an order that a fault of our own kept here."""
        try:
            yield
        except local as error:
            self._means.ledger.move(order.key, "planned", reason=str(error))
            self._means.meter.undo(post)
            raise

    def _accepted(self, order: Order, remote_id: str, post: str) -> None:
        try:
            accepted = self._means.ledger.accept(order.key, remote_id)
        except (StorageError, Stopped) as error:  # stopped while it waited for a ledger that is away
            known = printable(remote_id)
            raise StorageError(
                f"{error}; the provider gave the id {known} for order {order.key}",
                hint=f"{error.hint}; then: voxweave orders adopt {order.key} {known}".removeprefix(
                    "; then: "
                ),
            ) from error
        self._means.meter.name(post, remote_id)
        self._means.say(accepted, "accepted")

    def _painted(self, source: Source, painter: Painter, order: Order, post: str) -> None:
        """A still comes with the answer: there is nothing to watch, and nothing to look up."""
        picture = guarded(source.name, painter.picture, creates=True)
        with self._taken_back(order, post, _UNASKED):
            file = picture(order.wanted, self._watcher.place(order))
        try:
            media = fingerprint(file, "the picture")
        except InputError as error:
            raise AnswerUnclear(str(error)) from error
        fetched = self._means.ledger.fetch(order.key, media)
        self._means.share(media)
        self._means.end(source, post, fetched.paid_usd)
        self._means.say(fetched, "fetched")

    def _place(self, source: Source, order: Order, price: float | None) -> str:
        """A place under the limits; while there is none, look after orders that nobody watches."""
        means, limits = self._means, source.allowed(order.wanted)
        until = time.monotonic() + means.pace.place_longest_s
        said, pause, settled = "", means.pace.place_s / 100, time.monotonic()
        with source.turn(means.stop):
            while True:
                source.freed.clear()
                place = means.meter.take(
                    source.whose,
                    limits,
                    film=means.film,
                    key=order.key,
                    price_usd=price,
                    budget=means.budget,
                )
                if place.post:
                    return place.post
                if time.monotonic() + place.wait_s > until:
                    raise _too_late(source, place)
                if place.full != said:
                    said = place.full
                    means.say(order, "waiting", f"{said}: next in {place.wait_s:.0f} s")
                self._watcher.look_after(source)
                # What a dead run took was too young to be ended at first.
                if time.monotonic() - settled > means.ledger.quiet_s:
                    settled = time.monotonic()
                    means.settle()
                source.rest(min(place.wait_s, pause), means.stop)
                pause = min(pause * 1.5, means.pace.place_s)

    def _doubt(self, order: Order, reason: str) -> None:
        whole = f"{order.reason}; {reason}" if order.reason else reason
        self._means.say(self._means.ledger.move(order.key, "unknown", reason=whole), "unknown", reason)


def _too_late(source: Source, place: Place) -> LimitReached:
    return LimitReached(
        f"{source.name} allows {place.full}; the next order may leave in {place.wait_s / 60:.0f} min",
        hint="run again then; what is finished is kept",
    )
