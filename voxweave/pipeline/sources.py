"""A provider as one run of orders sees it: what it offers, whether it is down, and who asks it now."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Literal, ParamSpec, TypeVar

from pydantic import AfterValidator

from voxweave.core.orders import Limits, Offer, Wanted
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import (
    AnswerUnclear,
    KeyRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    UsageError,
    VoxWeaveError,
)
from voxweave.jobs.budget import OverBudget
from voxweave.jobs.limits import Account, LimitReached
from voxweave.media.stopping import StopSignal
from voxweave.providers.ask import Calm
from voxweave.providers.base import Painter, Supplier

Why = Literal[
    "refused",  # policy or quota said no to this prompt
    "failed",  # the provider tried and could not
    "lost",  # it knows the order no more
    "deadline",  # not ready in time: kept, and collected by the next run
    "budget",
    "limit",  # the next order would be allowed too late
    "unknown",  # it may have been accepted and may not
    "key",
    "busy",
    "unreachable",
    "trouble",  # what it answered could not be used
    "earlier",  # an earlier run ordered this scene elsewhere
]
_WHYS: tuple[tuple[type[VoxWeaveError], Why], ...] = (
    (OverBudget, "budget"),
    (LimitReached, "limit"),
    (RefusedError, "refused"),
    (KeyRefused, "key"),
    (ProviderBusy, "busy"),
    (ProviderUnreachable, "unreachable"),
)
_TOLERATED = 3
"""So many scenes in a row that were not even accepted, each after all its retries, make a provider down."""

_SLICE_S = 0.2
"""A stop is noticed within this while something else is waited for."""

Values = ParamSpec("Values")
Answer = TypeVar("Answer")


class Fell(Value):
    """Why a scene got nothing from a provider; `key` is the order's, where there was one."""

    provider: str
    why: Why
    text: Annotated[str, AfterValidator(redacted)]
    key: str = ""


def why(error: VoxWeaveError) -> Why:
    """An error as a reason to try the next provider."""
    return next((name for kind, name in _WHYS if isinstance(error, kind)), "trouble")


@dataclass
class Source:
    """A provider in the chain; `limits` stand in for those of its offers where the user set some."""

    name: str
    supplier: Supplier | Painter
    account: str = ""
    maker: str = ""
    """A digest of all that decides what it makes of a wish; empty where nobody can tell."""
    limits: Limits | None = None
    lane: str = ""
    """The lane asked for; who has none is asked in the usual way."""
    calm: Calm = field(default_factory=Calm)
    freed: threading.Event = field(default_factory=threading.Event)
    """Set when this run saw a place become free."""
    _gate: threading.Lock = field(default_factory=threading.Lock)
    _state: threading.Lock = field(default_factory=threading.Lock)
    _offers: tuple[Offer, ...] = ()
    _down: Fell | None = None
    _failures: int = 0

    @property
    def whose(self) -> Account:
        """Whose limits an order counts against."""
        return Account(self.name, self.account)

    def offered(self) -> tuple[Offer, ...]:
        """All offers; asks the provider once a run."""
        with self._state:
            if not self._offers:
                offers = guarded(self.name, self.supplier.offers)()
                self._offers = tuple(offer.in_lane(self.lane) for offer in offers)
            return self._offers

    def remember(self, offers: tuple[Offer, ...]) -> None:
        """What it offered before, while it cannot be asked."""
        with self._state:
            self._offers = offers

    def offer(self, wanted: Wanted) -> Offer:
        """The offer a wish was made from."""
        for offer in self.offered():
            if offer.model == wanted.model:
                return offer
        raise UsageError(f"{self.name} has no model {printable(wanted.model)}")

    def allowed(self, wanted: Wanted) -> Limits:
        """The limits that hold for a wish."""
        return self.limits or self.offer(wanted).limits

    def lists(self, wanted: Wanted) -> bool:
        """Whether it can be asked what became of an order."""
        return self.offer(wanted).lists_orders and not self.paints(wanted)

    def paints(self, wanted: Wanted) -> bool:
        """Whether the answer is the picture itself."""
        if not isinstance(self.supplier, Painter):
            return False
        return not isinstance(self.supplier, Supplier) or self.offer(wanted).makes == "still"

    def orders(self) -> Supplier:
        """Its role of one who delivers later."""
        if isinstance(self.supplier, Supplier):
            return self.supplier
        raise UsageError(f"{self.name} takes no orders")

    def price(self, wanted: Wanted) -> float | None:
        """Dollars for a wish; None when nobody knows."""
        offer = self.offer(wanted)
        if offer.free:
            return 0.0
        return offer.price.at(min(wanted.width, wanted.height)).of(wanted.seconds) if offer.price else None

    @property
    def down(self) -> Fell | None:
        """Why it is not asked for anything new in this run."""
        with self._state:
            return self._down

    def worked(self) -> None:
        """It accepted an order, or turned one down like a service in good health."""
        with self._state:
            self._failures = 0

    def failed(self, error: VoxWeaveError) -> None:
        """It accepted nothing; a dead key, or several times in a row, is enough."""
        with self._state:
            self._failures += 1
            if isinstance(error, KeyRefused) or self._failures >= _TOLERATED:
                self._down = Fell(
                    provider=self.name, why=why(error), text=f"{error}; not asked again in this run"
                )

    def rest(self, seconds: float, stop: StopSignal) -> None:
        """Sleep, but not past a stop or a place that became free."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0 and not self.freed.wait(min(left, _SLICE_S)):
            stop.check()
        stop.check()

    @contextmanager
    def turn(self, stop: StopSignal) -> Iterator[None]:
        """One thread at a time waits for a place; the others wait for it, and not past a stop."""
        while not self._gate.acquire(timeout=_SLICE_S):
            stop.check()
        try:
            yield
        finally:
            self._gate.release()


def guarded(
    name: str, question: Callable[Values, Answer], *, creates: bool = False
) -> Callable[Values, Answer]:
    """A provider's method, whose bugs are spoken of as its failures; the program goes on without it."""
    unexpected: type[ProviderError] = AnswerUnclear if creates else ProviderFailed

    @wraps(question)
    def asked(*values: Values.args, **named: Values.kwargs) -> Answer:
        try:
            return question(*values, **named)
        except VoxWeaveError:
            raise
        except Exception as error:
            what = printable(redacted(f"{type(error).__name__}: {error}"))
            raise unexpected(f"the provider {name} broke: {what}") from error

    return asked
