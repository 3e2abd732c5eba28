"""What orders are made with: ledger, limits, budget, patience, and someone who is told."""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any

from voxweave.core.orders import Order, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.orders import Ledger
from voxweave.jobs.sharing import Sharing
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.reuse import Shelf
from voxweave.pipeline.sources import Source
from voxweave.providers.ask import Answer, Patience, ask
from voxweave.settings import Settings

_RARELY_S = 300.0
"""Once an order has been in a slow lane for long, it is asked about no more often."""


class News(Value):
    """One thing worth telling of an order: a state it came to, `waiting`, or `parked`.

    `percent` never falls, and is None when nobody knows. `why` is the kind of trouble in a word; `attempt` the
    try that failed, where another follows. Without `order` there is none in the ledger.
    """

    provider: str
    key: str
    what: str
    percent: float | None = None
    text: str = ""
    why: str = ""
    attempt: int | None = None
    order: Order | None = None


@dataclass(frozen=True)
class Pace:
    """How often and how long we look; every wait ends."""

    poll_s: float = 5.0
    poll_longest_s: float = 20.0
    deadline_s: float = 1_200.0
    """An order not ready by then is parked: kept, and collected by the next run."""
    lane_waits: bool = True
    """Whether an order in a lane is waited for as long as the lane says, and not until `deadline_s`."""
    place_s: float = 5.0
    """How often full limits are looked at again, at the least."""
    place_longest_s: float = 86_400.0
    unwatched_s: float = 60.0
    """An order nobody looked at for so long is looked at by whoever waits for its place."""
    linger_s: float = 1.0
    """After a stop, a create call on its way may still give us its id."""
    threads: int = 24
    patience: Patience = field(default_factory=Patience)

    def in_lane(self, wait_s: float) -> "Pace":
        """The same for an order that may take so long: asked about less and less often."""
        longest = max(self.poll_longest_s, min(wait_s / 200, _RARELY_S))
        return replace(
            self, poll_longest_s=longest, deadline_s=wait_s if self.lane_waits else self.deadline_s
        )


def pace_of(settings: Settings) -> Pace:
    """The pace that the settings ask for; a limit of time that somebody set holds in every lane."""
    return Pace(
        poll_s=settings.poll_s,
        poll_longest_s=4 * settings.poll_s,
        deadline_s=settings.order_deadline_s,
        lane_waits="order_deadline_s" not in settings.model_fields_set,
        place_s=min(5.0, settings.poll_s),
        patience=Patience(first_s=settings.retry_s),
    )


@dataclass(frozen=True)
class Means:
    """What orders are made with; `tell` is called by many threads, one at a time."""

    ledger: Ledger
    meter: Meter
    budget: Budget
    stop: StopSignal
    folder: Path
    pace: Pace = field(default_factory=Pace)
    tell: Callable[[News], None] = lambda _: None
    shelf: Shelf = field(default_factory=Shelf)
    """What earlier orders made, of this film and of others."""
    sharing: Sharing | None = None
    """Where other machines find what was delivered."""
    _turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def film(self) -> str:
        """How the machine's limits call this film."""
        return self.ledger.film

    def left_usd(self) -> float:
        """What the film, or its purse, may still cost at this moment; what is under way or in doubt is spent."""
        most = self.budget.max_usd
        if most is None:
            return math.inf
        if self.budget.shared:
            return round(most - self.meter.held_usd(self.budget.purse), 6)
        return round(most - self.ledger.totals().bound_usd, 6)

    def settle(self) -> None:
        """End what dead runs of this film left open in the limits."""
        bills, ledger = self.ledger.bills(), self.ledger
        self.meter.settle(self.film, bills, leaves_within_s=ledger.quiet_s)

    def end(self, source: Source, post: str, paid_usd: float | None) -> None:
        """An order was turned down, or seen to end: its place is free."""
        self.meter.end(post, paid_usd)
        source.freed.set()

    def share(self, media: MediaFile) -> None:
        """What was delivered is paid for: another machine that goes on with the film must find it."""
        if self.sharing is not None:
            self.sharing.share_file(media)

    def brought(self, media: MediaFile, into: Path) -> MediaFile | None:
        """What was delivered to another machine, in a folder here; None where it cannot be had."""
        return self.sharing.brought(media, into) if self.sharing is not None else None

    def origin(self, wanted: Wanted) -> str:
        """The film that a reused clip was ordered for; empty where it was ordered for this one."""
        return self.shelf.origin(wanted)

    def say(self, order: Order, what: str, text: str = "", **more: Any) -> None:
        """Tell whoever listens; `more` is what else news may hold."""
        wanted, words = order.wanted, printable(text)
        self.tell_one(
            News(provider=wanted.provider, key=order.key, what=what, text=words, order=order, **more)
        )

    def tell_one(self, news: News) -> None:
        """Tell it, one thing at a time."""
        with self._turn:
            self.tell(news)

    def ask(self, source: Source, question: Callable[[], Answer], order: Order) -> Answer:
        """Ask a provider, again where that is safe, held back with all who ask it."""
        tries = count(1)
        return ask(
            question,
            self.stop,
            patience=self.pace.patience,
            calm=source.calm,
            tell=lambda text: self.say(order, "waiting", text, attempt=next(tries)),
        )
