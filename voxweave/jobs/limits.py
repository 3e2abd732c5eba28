"""A provider's limits and the purses, over all films and runs of whoever shares the book, counted where requests leave."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voxweave.core.orders import Limits
from voxweave.core.value import Value
from voxweave.errors import RefusedError
from voxweave.jobs.books import AnyBook, Book, Booked, Link, fact
from voxweave.jobs.budget import Budget, dollars, micro
from voxweave.jobs.clock import Clock
from voxweave.jobs.post_rows import BOUND, OTHERS, SCHEMA, VERSION, live_posts, moment_of
from voxweave.places import state_folder

FILE = "orders.sqlite3"
_MARGIN_S = 1.0
"""Requests arrive later than they are counted; without it a provider saw 9 where 6 were allowed."""
_WINDOWS_S = {"per_minute": 60.0, "per_hour": 3_600.0, "per_day": 86_400.0}
_AGAIN_S = 1.0
"""When a full limit of orders at once is worth another look; only a provider knows when one ends."""
LEAVES_WITHIN_S = 60.0
"""A request leaves sooner after its place was taken, or never; by then its film's ledger names it."""
BLIND_S = 600.0
"""An order whose id nobody knows cannot be seen to end; after so long it is taken to have."""


class LimitReached(RefusedError):
    """The next order is allowed later than anybody wants to wait."""

    retryable = True


@dataclass(frozen=True)
class Account:
    """Whose limits count: a provider, and a digest of the account and address it is used with."""

    provider: str
    digest: str = ""


class Post(Value):
    """A request about to leave, or one that left: what it is for, and the provider's id once known."""

    post: str
    film: str
    key: str
    remote_id: str = ""


class Bill(Value):
    """What a ledger knows of a post: whether its order may still be at work, and what it cost."""

    post: str
    live: bool
    paid_usd: float | None


class Posted(Value):
    """A post as written down, for reports; one turned down has ended, cost nothing and has no id."""

    provider: str
    film: str
    at: float
    remote_id: str
    price_usd: float | None
    paid_usd: float | None
    ended: bool


class Place(Value):
    """A post that may leave now, or none and the seconds until it is worth asking again."""

    post: str = ""
    wait_s: float = 0.0
    full: str = ""


def user_file() -> Path:
    """Where the posts of all films are written down."""
    return state_folder() / FILE


def film_name(film: str) -> str:
    """A film as people know it; by its ledger's file it goes by its job folder's name."""
    return Path(film).parent.name or film


class Meter(Booked):
    """Counts requests and live orders of each account, and what purses hold; shared by all runs through one book."""

    def __init__(
        self,
        place: Path | AnyBook | None = None,
        *,
        clock: Clock | None = None,
        blind_s: float = BLIND_S,
    ) -> None:
        self._blind_s = blind_s
        # What purses hold is known here alone: it must outlive a power cut, as orders do.
        self._book = (
            Book(place or user_file(), SCHEMA, version=VERSION)
            if place is None or isinstance(place, Path)
            else place
        )
        self._clock = clock or self._book.clock()

    def take(
        self,
        account: Account,
        limits: Limits,
        *,
        film: str,
        key: str,
        price_usd: float | None = None,
        budget: Budget | None = None,
    ) -> Place:
        """A place under the limits, counted from now on; or how long none is free.

        OverBudget when a shared budget's purse has no room for the price.
        """
        price, budget = micro(price_usd), budget or Budget()
        row = {"post": secrets.token_hex(8), "film": film, "key": key, "price": price, "purse": budget.purse}
        row |= {"provider": account.provider, "account": account.digest}
        return self._take(account, limits, budget, row)

    @fact
    def _take(
        self, link: Link, account: Account, limits: Limits, budget: Budget, row: Mapping[str, Any]
    ) -> Place:
        if budget.shared:
            budget.check(row["price"], _held(link, budget.purse))
        busy = self._busy(link, account, limits)
        if busy.full:
            return busy
        now = self._clock.now()
        whole = {**row, "wall": now.wall, "mono": now.mono, "boot": now.boot}
        whole |= {"seen_wall": now.wall, "seen_mono": now.mono, "seen_boot": now.boot}
        columns, marks = ", ".join(whole), ", ".join("?" for _ in whole)
        link.execute(f"INSERT INTO posts ({columns}) VALUES ({marks})", tuple(whole.values()))  # noqa: S608  ours
        return Place(post=row["post"])

    def held_usd(self, purse: str) -> float:
        """What the orders of a purse cost or may cost, those under way and in doubt included."""
        found = self._book.rows(BOUND, purse)
        return int(found[0]["bound"]) / 1_000_000

    @fact
    def undo(self, link: Link, post: str) -> None:
        """Nothing left this machine, so nothing counts."""
        link.execute("DELETE FROM posts WHERE post=?", (post,))

    def free(self, post: str, remote_id: str) -> bool:
        """Whether no other film's order has this id."""
        return not self._book.rows(OTHERS, post, remote_id)

    @fact
    def name(self, link: Link, post: str, remote_id: str) -> bool:
        """Note the provider's id of a post; False when another film's order has it already."""
        free = link.execute(OTHERS, (post, remote_id)).fetchone() is None
        if free:
            link.execute("UPDATE posts SET remote_id=? WHERE post=?", (remote_id, post))
        return free

    @fact
    def seen(self, link: Link, post: str) -> None:
        """Someone watches this order, so nobody else need to."""
        self._see(link, post)

    @fact
    def end(self, link: Link, post: str, paid_usd: float | None) -> None:
        """The order was seen to end at the provider, or was turned down."""
        self._end(link, post, paid_usd)

    @fact
    def settle(
        self, link: Link, film: str, bills: Sequence[Bill], *, leaves_within_s: float = LEAVES_WITHIN_S
    ) -> None:
        """End what a dead run of this film left open: its ledger knows how each order ended, or of none.

        A post that no bill names may be another machine's whose request leaves this moment; one older than
        `leaves_within_s` was never sent.
        """
        known = {bill.post: bill for bill in bills}
        open_ = "SELECT post, wall, mono, boot FROM posts WHERE film=? AND (ended IS NULL OR paid IS NULL)"
        for row in link.execute(open_, (film,)).fetchall():
            bill = known.get(row["post"])
            if bill is None and self._clock.age(moment_of(row)) > leaves_within_s:
                self._end(link, row["post"], 0.0)
            elif bill is not None and not bill.live:
                self._end(link, row["post"], bill.paid_usd)

    def films(self) -> tuple[str, ...]:
        """Whatever ordered, the oldest first."""
        question = "SELECT film, MIN(rowid) AS first FROM posts GROUP BY film ORDER BY first"
        return tuple(row["film"] for row in self._book.rows(question))

    def posts(self, *, since: float = 0.0) -> tuple[Posted, ...]:
        """All of them since then, by the wall clock, the oldest first."""
        return tuple(
            Posted(
                provider=row["provider"],
                film=row["film"],
                at=row["wall"],
                remote_id=row["remote_id"],
                price_usd=dollars(row["price"]),
                paid_usd=dollars(row["paid"]),
                ended=row["ended"] is not None,
            )
            for row in self._book.rows("SELECT * FROM posts WHERE wall>=? ORDER BY rowid", since)
        )

    @fact
    def stray(self, link: Link, account: Account, *, unseen_s: float) -> Post | None:
        """The oldest live order that nobody watches; whoever gets it is expected to look.

        Without this, places whose owners died would stay taken while all others wait for them.
        """
        for row in live_posts(link, account.provider, account.digest):
            if row["remote_id"] and self._clock.age(moment_of(row, "seen_")) >= unseen_s:
                self._see(link, row["post"])
                return Post(post=row["post"], film=row["film"], key=row["key"], remote_id=row["remote_id"])
        return None

    def _end(self, link: Link, post: str, paid_usd: float | None) -> None:
        link.execute(
            "UPDATE posts SET ended=COALESCE(ended, ?), paid=? WHERE post=?",
            (self._clock.wall(), micro(paid_usd), post),
        )

    def _see(self, link: Link, post: str) -> None:
        now = self._clock.now()
        link.execute(
            "UPDATE posts SET seen_wall=?, seen_mono=?, seen_boot=? WHERE post=?",
            (now.wall, now.mono, now.boot, post),
        )

    def _busy(self, link: Link, account: Account, limits: Limits) -> Place:
        """The limit that is full the longest; a Place without `full` when none is."""
        fullest = Place()
        for name, period_s in _WINDOWS_S.items():
            most = getattr(limits, name)
            wait_s = 0.0 if most is None else self._window_wait(link, account, most, period_s)
            if wait_s > fullest.wait_s:
                fullest = Place(wait_s=wait_s, full=f"{most} {name.replace('_', ' ')}")
        if not fullest.full and limits.at_once is not None and self._live(link, account) >= limits.at_once:
            return Place(wait_s=_AGAIN_S, full=f"{limits.at_once} at once")
        return fullest

    def _window_wait(self, link: Link, account: Account, most: int, period_s: float) -> float:
        """Seconds until fewer than `most` posts lie within the period; its margin included."""
        question = "SELECT wall, mono, boot FROM posts WHERE provider=? AND account=? ORDER BY rowid DESC LIMIT 1 OFFSET ?"
        oldest = link.execute(question, (account.provider, account.digest, most - 1)).fetchone()
        if oldest is None:
            return 0.0
        return max(period_s + _MARGIN_S - self._clock.age(moment_of(oldest)), 0.0)

    def _live(self, link: Link, account: Account) -> int:
        # A live order a day old is forgotten: no provider works that long, and some lose their jobs.
        rows = live_posts(link, account.provider, account.digest)
        ages = ((self._clock.age(moment_of(row)), bool(row["remote_id"])) for row in rows)
        return sum(age < (_WINDOWS_S["per_day"] if named else self._blind_s) for age, named in ages)


def _held(link: Link, purse: str) -> int:
    return int(link.execute(BOUND, (purse,)).fetchone()["bound"])
