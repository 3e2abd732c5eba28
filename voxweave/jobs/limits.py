"""A provider's limits over all films and runs of a user on this machine, counted where requests leave."""

import secrets
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.orders import Limits
from voxweave.core.value import Value
from voxweave.errors import RefusedError
from voxweave.jobs.books import Book, Booked
from voxweave.jobs.budget import dollars, micro
from voxweave.jobs.clock import Clock, Moment
from voxweave.places import state_folder

FILE = "orders.sqlite3"
_MARGIN_S = 1.0
"""Requests arrive later than they are counted; without it a provider saw 9 where 6 were allowed."""
_WINDOWS_S = {"per_minute": 60.0, "per_hour": 3_600.0, "per_day": 86_400.0}
_AGAIN_S = 1.0
"""When a full limit of orders at once is worth another look; only a provider knows when one ends."""
BLIND_S = 600.0
"""An order whose id nobody knows cannot be seen to end; after so long it is taken to have."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS posts (
    post TEXT PRIMARY KEY, provider TEXT NOT NULL, account TEXT NOT NULL, film TEXT NOT NULL, key TEXT NOT NULL,
    remote_id TEXT NOT NULL DEFAULT '', price INTEGER, paid INTEGER, ended REAL,
    wall REAL NOT NULL, mono REAL NOT NULL, boot TEXT NOT NULL,
    seen_wall REAL NOT NULL, seen_mono REAL NOT NULL, seen_boot TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS posts_of ON posts (provider, account)
"""

_OTHERS = """
SELECT 1 FROM posts AS mine JOIN posts AS other USING (provider, account)
WHERE mine.post=? AND other.post<>mine.post AND other.remote_id=?
"""


class LimitReached(RefusedError):
    """The next order is allowed later than anybody wants to wait."""


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


class Meter(Booked):
    """Counts requests and live orders of each account; shared by all runs through one file."""

    def __init__(
        self, file: Path | None = None, *, clock: Clock | None = None, blind_s: float = BLIND_S
    ) -> None:
        self._clock = clock or Clock()
        self._blind_s = blind_s
        # A power cut may forget the last posts: counts, not orders; those are in the films' ledgers.
        self._book = Book(file or user_file(), _SCHEMA, version=1, through_power_cuts=False)

    def take(
        self, account: Account, limits: Limits, *, film: str, key: str, price_usd: float | None = None
    ) -> Place:
        """A place under the limits, counted from now on; or how long none is free."""
        with self._book.writing() as link:
            busy = self._busy(link, account, limits)
            if busy.full:
                return busy
            post, now = secrets.token_hex(8), self._clock.now()
            when = (now.wall, now.mono, now.boot)
            link.execute(
                "INSERT INTO posts VALUES (?, ?, ?, ?, ?, '', ?, NULL, NULL, ?, ?, ?, ?, ?, ?)",
                (post, account.provider, account.digest, film, key, micro(price_usd), *when, *when),
            )
            return Place(post=post)

    def undo(self, post: str) -> None:
        """Nothing left this machine, so nothing counts."""
        with self._book.writing() as link:
            link.execute("DELETE FROM posts WHERE post=?", (post,))

    def free(self, post: str, remote_id: str) -> bool:
        """Whether no other film's order has this id."""
        return not self._book.rows(_OTHERS, post, remote_id)

    def name(self, post: str, remote_id: str) -> bool:
        """Note the provider's id of a post; False when another film's order has it already."""
        with self._book.writing() as link:
            free = link.execute(_OTHERS, (post, remote_id)).fetchone() is None
            if free:
                link.execute("UPDATE posts SET remote_id=? WHERE post=?", (remote_id, post))
            return free

    def seen(self, post: str) -> None:
        """Someone watches this order, so nobody else need to."""
        with self._book.writing() as link:
            self._see(link, post)

    def end(self, post: str, paid_usd: float | None) -> None:
        """The order was seen to end at the provider, or was turned down."""
        with self._book.writing() as link:
            self._end(link, post, paid_usd)

    def settle(self, film: str, bills: Iterable[Bill]) -> None:
        """End what a dead run of this film left open: its ledger knows how each order ended, or of none."""
        known = {bill.post: bill for bill in bills}
        with self._book.writing() as link:
            open_ = "SELECT post FROM posts WHERE film=? AND (ended IS NULL OR paid IS NULL)"
            for post in [row["post"] for row in link.execute(open_, (film,))]:
                bill = known.get(post, Bill(post=post, live=False, paid_usd=0.0))
                if not bill.live:
                    self._end(link, post, bill.paid_usd)

    def posts(self) -> tuple[Posted, ...]:
        """All of them, oldest first."""
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
            for row in self._book.rows("SELECT * FROM posts ORDER BY rowid")
        )

    def stray(self, account: Account, *, unseen_s: float) -> Post | None:
        """The oldest live order that nobody watches; whoever gets it is expected to look.

        Without this, places whose owners died would stay taken while all others wait for them.
        """
        with self._book.writing() as link:
            for row in _live(link, account):
                if row["remote_id"] and self._clock.age(_moment(row, "seen_")) >= unseen_s:
                    self._see(link, row["post"])
                    return Post(
                        post=row["post"], film=row["film"], key=row["key"], remote_id=row["remote_id"]
                    )
            return None

    def _end(self, link: sqlite3.Connection, post: str, paid_usd: float | None) -> None:
        link.execute(
            "UPDATE posts SET ended=COALESCE(ended, ?), paid=? WHERE post=?",
            (self._clock.wall(), micro(paid_usd), post),
        )

    def _see(self, link: sqlite3.Connection, post: str) -> None:
        now = self._clock.now()
        link.execute(
            "UPDATE posts SET seen_wall=?, seen_mono=?, seen_boot=? WHERE post=?",
            (now.wall, now.mono, now.boot, post),
        )

    def _busy(self, link: sqlite3.Connection, account: Account, limits: Limits) -> Place:
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

    def _window_wait(self, link: sqlite3.Connection, account: Account, most: int, period_s: float) -> float:
        """Seconds until fewer than `most` posts lie within the period; its margin included."""
        whole = period_s + _MARGIN_S
        question = (
            "SELECT wall, mono, boot FROM posts WHERE provider=? AND account=? ORDER BY rowid DESC LIMIT ?"
        )
        newest = link.execute(question, (account.provider, account.digest, most)).fetchall()
        ages = [self._clock.age(_moment(row)) for row in newest]
        return max(whole - max(ages), 0.0) if len(ages) == most else 0.0

    def _live(self, link: sqlite3.Connection, account: Account) -> int:
        # A live order a day old is forgotten: no provider works that long, and some lose their jobs.
        ages = ((self._clock.age(_moment(row)), bool(row["remote_id"])) for row in _live(link, account))
        return sum(age < (_WINDOWS_S["per_day"] if named else self._blind_s) for age, named in ages)


def _live(link: sqlite3.Connection, account: Account) -> list[sqlite3.Row]:
    question = "SELECT * FROM posts WHERE ended IS NULL AND provider=? AND account=? ORDER BY rowid"
    return link.execute(question, (account.provider, account.digest)).fetchall()


def _moment(row: sqlite3.Row, which: str = "") -> Moment:
    return Moment(wall=row[f"{which}wall"], mono=row[f"{which}mono"], boot=row[f"{which}boot"])
