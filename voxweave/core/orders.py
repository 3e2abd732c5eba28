"""Orders of pictures that cost money or time elsewhere: what is wanted, offered, and how far it is."""

from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import Field

from voxweave.core.value import MediaFile, Value

STANDARD = "standard"
"""The lane that orders go in unless another is asked for."""

State = Literal[
    "planned",  # decided, nothing sent
    "sending",  # written down before the request leaves: from here on money may be spent
    "accepted",  # the provider gave an id
    "running",  # seen at work
    "done",  # ready at the provider
    "fetched",  # the clip is here; final
    "refused",  # policy, quota or credit said no; final for this prompt
    "failed",  # the provider tried and could not; final
    "lost",  # the provider knows it no more; final
    "unknown",  # it may have been accepted and may not; only a person decides; costs budget
]

FINAL: frozenset[State] = frozenset({"fetched", "refused", "failed", "lost"})
"""What nothing more comes of by itself."""
LIVE: frozenset[State] = frozenset({"sending", "accepted", "running"})
"""What counts against a provider's limit of orders at once, whoever waits for it."""


class Price(Value):
    """What an order costs, in US dollars, as published on a day; figures are configuration, never constants."""

    per_clip: float = 0.0
    per_second: float = 0.0
    per_second_at: Mapping[int, float] = Field(default_factory=dict)
    """By the short side of the picture, where larger ones cost more; `per_second` stands for the others."""
    dated: str
    source: str = ""

    @classmethod
    def known(
        cls,
        per_clip: float | None,
        per_second: float | None,
        *,
        per_second_at: Mapping[int, float],
        dated: str,
        source: str,
    ) -> "Price | None":
        """A price as a table says it; None where it says nothing of one."""
        if per_clip is None and per_second is None and not per_second_at:
            return None
        return cls(
            per_clip=per_clip or 0.0,
            per_second=per_second or 0.0,
            per_second_at=per_second_at,
            dated=dated,
            source=source,
        )

    def at(self, short_side: int) -> "Price":
        """The price for pictures of this short side: that of the next size up that has one, else of the largest."""
        if not self.per_second_at:
            return self
        fitting = [side for side in self.per_second_at if side >= short_side]
        side = min(fitting) if fitting else max(self.per_second_at)
        return self.model_copy(update={"per_second": self.per_second_at[side], "per_second_at": {}})

    def of(self, seconds: float) -> float:
        """Dollars for one clip of so many seconds."""
        return round(self.per_clip + self.per_second * seconds, 6)

    @property
    def nought(self) -> bool:
        """Whether every clip costs nothing, whatever its length and size."""
        return not any((self.per_clip, self.per_second, *self.per_second_at.values()))


class Lane(Value):
    """Another way to the same clip: for another price, and later; `wait_s` is how long one may take there."""

    name: str
    factor: float = 1.0
    """Of the usual price, where `price` does not stand in its place."""
    price: Price | None = None
    wait_s: float = 86_400.0

    def priced(self, usual: Price | None) -> Price | None:
        """What an order costs in it; None where the usual price is not known either."""
        if self.price is not None or usual is None:
            return self.price
        by_side = {side: round(usd * self.factor, 9) for side, usd in usual.per_second_at.items()}
        sums = {name: round(getattr(usual, name) * self.factor, 9) for name in ("per_clip", "per_second")}
        return usual.model_copy(update={**sums, "per_second_at": by_side})


class Limits(Value):
    """How many orders a provider takes, over all processes; None is no limit."""

    at_once: int | None = Field(default=3, ge=1)
    per_minute: int | None = Field(default=None, ge=1)
    per_hour: int | None = Field(default=10, ge=1)
    per_day: int | None = Field(default=100, ge=1)


class Offer(Value):
    """What one model of a provider can make.

    `lengths_s` empty means any length up to `longest_s`; `sizes` empty means any. `price` None is
    not known, and counts as "ask". `lists_orders` says that an order in doubt can be looked up. `free` is an own
    server: what it loses is ordered again by itself. `lanes` are other ways to the same, `lane` the one taken.
    """

    model: str
    makes: Literal["clip", "still"] = "clip"
    lengths_s: tuple[int, ...] = ()
    longest_s: int = 10
    sizes: tuple[str, ...] = ()
    price: Price | None = None
    limits: Limits = Limits()
    longest_prompt: int = 2_000
    takes_picture: bool = False
    needs_picture: bool = False
    takes_sound: bool = False
    lists_orders: bool = False
    free: bool = False
    retires: str = ""
    lanes: tuple[Lane, ...] = ()
    lane: str = ""

    def lane_called(self, name: str) -> Lane | None:
        """The lane of this name, where there is one."""
        return next((lane for lane in self.lanes if lane.name == name), None)

    def in_lane(self, name: str) -> "Offer":
        """The same at a lane's price; as it is where it has no such lane."""
        lane = self.lane_called(name)
        if lane is None:
            return self
        return self.model_copy(update={"lane": lane.name, "price": lane.priced(self.price)})

    @property
    def costs_nothing(self) -> bool:
        """Whether what is lost may be asked for again unasked: an own server, or a price of nought."""
        return self.free or (self.price is not None and self.price.nought)


class Wanted(Value):
    """One clip or still wanted: everything that decides what the provider makes."""

    provider: str
    model: str
    prompt: str
    seconds: int
    width: int
    height: int
    seed: int | None = None
    picture: MediaFile | None = None
    sound: MediaFile | None = None


class Told(Value):
    """What a provider says of an order, in our words; `percent` is for showing only and may be missing.

    `odd` is its own word for how far it is, where nobody here knows that word: it counts as work going on.
    """

    state: Literal["running", "done", "refused", "failed", "lost"]
    percent: float | None = None
    reason: str = ""
    address: str = ""
    poll_after_s: float | None = None
    odd: str = ""


class Order(Value):
    """A row of the ledger; times are Unix seconds for people, never for deadlines."""

    key: str
    wanted: Wanted
    state: State
    remote_id: str = ""
    price_usd: float | None
    paid_usd: float | None = None
    reason: str = ""
    sent_at: float | None = None
    changed_at: float
    polls: int = 0
    file: MediaFile | None = None
    lane: str = ""
    """The lane it was sent in; empty for the usual way. It changes no clip, and so is no part of the wish."""


def replaced(orders: Iterable[Order]) -> dict[str, str]:
    """Of one film's orders, the oldest first: those that were bought again, and the key of the newest."""
    kept = tuple(orders)
    newest = {order.key.rpartition("-")[0]: order.key for order in kept}
    instead = {order.key: newest[order.key.rpartition("-")[0]] for order in kept}
    return {key: other for key, other in instead.items() if other != key}
