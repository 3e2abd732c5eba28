"""The ledger of a film's orders: what may cost money is written down before it is done."""

import time
from pathlib import Path

from voxweave.core.orders import Order, State, Wanted
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import UsageError
from voxweave.jobs.books import AnyBook, Book, Booked, Link, Row, fact
from voxweave.jobs.budget import Budget, dollars, micro
from voxweave.jobs.clock import Clock, Moment
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.limits import Bill, film_name
from voxweave.jobs.order_rows import HISTORY, ORDER, SCHEMA, VERSION, Rows, only, order_of, row_of, wanted_of
from voxweave.jobs.order_states import BILLED, IN_TOTALS, MAY_BECOME, TODO, UNDER_WAY, Todo

FILE = "orders.sqlite3"
QUIET_S = 60.0
"""Longer than a provider's slowest acceptance: a look-up any sooner calls absent what is still on its
way, and pays twice."""
CREATE_S = 120.0
"""The longest any provider's client waits for the answer to a create call."""


class Claim(Value):
    """What an order needs next: `quiet` waits `wait_s` before anything may be asked about it."""

    todo: Todo
    order: Order
    wait_s: float = 0.0


class Totals(Value):
    """A film's money in dollars: for what is ready or was lost, for what is under way, in doubt."""

    spent_usd: float = 0.0
    running_usd: float = 0.0
    unknown_usd: float = 0.0

    @property
    def bound_usd(self) -> float:
        """All of it: what it cost, costs or may cost."""
        return round(self.spent_usd + self.running_usd + self.unknown_usd, 6)


class Ledger(Booked):
    """Every order of one film.

    It lies in a file of its job folder (never on a network folder: WAL needs one machine), or as `film` in a book
    that many machines share; jobs/opening.py decides.
    """

    def __init__(
        self,
        place: Path | AnyBook,
        *,
        film: str = "",
        quiet_s: float = QUIET_S,
        create_s: float = CREATE_S,
        clock: Clock | None = None,
    ) -> None:
        self.film = film or str(place.absolute() if isinstance(place, Path) else "")
        """How the limits call this film."""
        self.quiet_s = quiet_s
        self._create_s = create_s
        self._book = Book(place.absolute(), SCHEMA, version=VERSION) if isinstance(place, Path) else place
        self._clock = clock or self._book.clock()

    @fact
    def look(self, link: Link, wanted: Wanted) -> Claim:
        """What the newest order of this needs next; one not known yet is planned."""
        return self._claim(self._newest(link, wanted))

    @fact
    def claim(
        self,
        link: Link,
        wanted: Wanted,
        price_usd: float | None,
        *,
        budget: Budget,
        post: str = "",
        lane: str = "",
    ) -> Claim:
        """Decide in one transaction; after `send` the request must leave at once, and only once.

        OverBudget when the price does not fit beside all that this film has spent or bound, unless a purse is
        asked, which `Meter.take` has done.
        """
        row = self._newest(link, wanted)
        if row["state"] != "planned":
            return self._claim(row)
        price = micro(price_usd)
        budget.check(price, 0 if budget.shared else _bound(link))  # a purse is counted where requests leave
        now = self._clock.now()
        link.execute(
            "UPDATE orders SET price=?, paid=NULL, sent_at=?, post=?, lane=?, doubted=0 WHERE key=?",
            (price, now.wall, post, lane, row["key"]),
        )
        _stamp(link, row["key"], now)
        order = self._moved(link, row["key"], "sending", reason="")
        return Claim(todo="send", order=order)

    @fact
    def accept(self, link: Link, key: str, remote_id: str) -> Order:
        """The provider's id, on disk before anything else looks at it; an id is never forgotten."""
        row = row_of(link, key)
        if "accepted" in MAY_BECOME[row["state"]]:
            link.execute("UPDATE orders SET remote_id=? WHERE key=?", (remote_id, key))
            return self._moved(link, key, "accepted", reason="")
        also = f"the provider also gave {printable(remote_id)}"
        return self._moved(link, key, row["state"], reason=f"{row['reason']}; {also}".strip("; "))

    @fact
    def move(self, link: Link, key: str, state: State, *, reason: str | None = None, polls: int = 0) -> Order:
        """Write down a change; one that cannot follow (a late or repeated word) changes nothing.

        `polls` more questions were asked since the last change; a reason of None keeps the old one.
        """
        row = row_of(link, key)
        if state != row["state"] and state not in MAY_BECOME[row["state"]]:
            return order_of(row)
        link.execute("UPDATE orders SET polls=polls+? WHERE key=?", (polls, key))
        return self._moved(link, key, state, reason=row["reason"] if reason is None else reason)

    @fact
    def doubt(self, link: Link, key: str, reason: str) -> Order:
        """No answer says whether it was accepted; from now on it must be quiet before anybody asks."""
        row = row_of(link, key)
        if row["state"] != "sending":
            return order_of(row)
        link.execute("UPDATE orders SET doubted=1 WHERE key=?", (key,))
        _stamp(link, key, self._clock.now())
        return self._moved(link, key, "sending", reason=reason)

    @fact
    def fetch(self, link: Link, key: str, file: MediaFile) -> Order:
        """The clip is here, and paid for at the price it was ordered at."""
        row = row_of(link, key)
        if "fetched" not in MAY_BECOME[row["state"]]:
            return order_of(row)
        link.execute(
            "UPDATE orders SET file=?, paid=COALESCE(paid, price) WHERE key=?", (file.to_json(), key)
        )
        return self._moved(link, key, "fetched", reason="")

    @fact
    def settle(self, link: Link, key: str, paid_usd: float | None) -> None:
        """What it really cost, where that may differ from its price; None leaves the price to count."""
        link.execute("UPDATE orders SET paid=? WHERE key=?", (micro(paid_usd), row_of(link, key)["key"]))

    @fact
    def adopt(self, link: Link, key: str, remote_id: str) -> Order:
        """A person found the order at the provider: it goes on under this id."""
        row = row_of(link, key)
        if row["state"] not in {"sending", "unknown", "lost"}:
            raise UsageError(f"order {key} is {row['state']}; there is nothing to adopt")
        if link.execute("SELECT 1 FROM orders WHERE remote_id=?", (remote_id,)).fetchone():
            raise UsageError(f"{printable(remote_id)} belongs to another order of this film")
        link.execute("UPDATE orders SET remote_id=? WHERE key=?", (remote_id, key))
        return self._moved(link, key, "accepted", reason="adopted")

    @fact
    def rebuy(self, link: Link, key: str) -> Order:
        """Someone agreed to pay again: a new attempt is planned; what the old one cost still counts."""
        row = row_of(link, key)
        if row["state"] not in {"unknown", "lost", "failed", "refused"}:
            raise UsageError(f"order {key} is {row['state']}; it needs no second one")
        newest = self._newest(link, wanted_of(row))
        return order_of(newest) if newest["key"] != key else self._planned(link, row, row["attempt"] + 1)

    def last(self, wanted: Wanted) -> Order | None:
        """The newest order of this, if there ever was one."""
        question = "SELECT * FROM orders WHERE fingerprint=? ORDER BY attempt DESC LIMIT 1"
        rows = self._book.rows(question, fingerprint_of(wanted))
        return order_of(rows[0]) if rows else None

    def order(self, key: str) -> Order:
        """One order; UsageError when there is none of this key."""
        return order_of(only(self._book.rows("SELECT * FROM orders WHERE key=?", key), key))

    def orders(self) -> tuple[Order, ...]:
        """All of them, oldest first."""
        return tuple(order_of(row) for row in self._book.rows("SELECT * FROM orders ORDER BY rowid"))

    def history(self, key: str) -> tuple[State, ...]:
        """The states an order went through."""
        return tuple(
            row["state"]
            for row in self._book.rows("SELECT state FROM history WHERE key=? ORDER BY rowid", key)
        )

    def ids(self, provider: str) -> frozenset[str]:
        """The provider's ids that are spoken for."""
        return frozenset(o.remote_id for o in self.orders() if o.remote_id and o.wanted.provider == provider)

    def post(self, key: str) -> str:
        """The entry in the machine's limits that this order was sent under."""
        return str(only(self._book.rows("SELECT post FROM orders WHERE key=?", key), key)["post"])

    def bills(self) -> tuple[Bill, ...]:
        """How each order that was sent stands, for the machine's limits."""
        question = "SELECT * FROM bound WHERE post<>''"
        return tuple(
            Bill(
                post=row["post"],
                live=row["state"] in UNDER_WAY,
                paid_usd=None if row["price"] is None and row["state"] in BILLED else dollars(row["cost"]),
            )
            for row in self._book.rows(question)
        )

    def whole(self) -> tuple[Rows, Rows]:
        """All that is written here, for another book: orders, and the states they went through."""
        whole = self._book.rows(f"SELECT {', '.join(ORDER)} FROM orders ORDER BY rowid")  # noqa: S608  ours
        return whole, self._book.rows(f"SELECT {', '.join(HISTORY)} FROM history ORDER BY rowid")  # noqa: S608

    @fact
    def take_over(self, link: Link, whole: Rows, history: Rows) -> None:
        """Write down what stood in another book; what is known here already stays as it is."""
        here = {row["key"] for row in link.execute("SELECT key FROM orders").fetchall()}
        for table, columns, rows in (("orders", ORDER, whole), ("history", HISTORY, history)):
            add = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
            for row in rows:
                if row["key"] not in here:
                    link.execute(add, tuple(row[name] for name in columns))

    @fact
    def left_at(self, link: Link, key: str) -> float:
        """The earliest that its request can have left, by this machine's clock as it goes now.

        What is written down goes by the database's clock, or by ours before somebody set it: a provider asked
        for orders made since an hour later would say that there is none, and it would be paid for again.
        """
        row = row_of(link, key)
        since = _since(row)
        sent = row["sent_at"] or since.wall
        return min(sent, time.time() - self._clock.age(since) - max(since.wall - sent, 0.0))

    @property
    def name(self) -> str:
        """The film as people know it."""
        return film_name(self.film)

    def totals(self) -> Totals:
        """What the film cost so far, and what may be added by orders under way or in doubt."""
        sums = {"spent": 0, "running": 0, "unknown": 0}
        for row in self._book.rows(
            "SELECT state, CAST(SUM(cost) AS BIGINT) AS cost FROM bound GROUP BY state"
        ):
            sums[IN_TOTALS.get(row["state"], "spent")] += row["cost"]
        return Totals(**{f"{name}_usd": micros / 1_000_000 for name, micros in sums.items()})

    def _claim(self, row: Row) -> Claim:
        order = order_of(row)
        todo = TODO.get(order.state, "ended")
        wait_s = self._quiet_left(row) if todo == "ask" else 0.0
        return Claim(todo="quiet" if wait_s > 0 else todo, order=order, wait_s=wait_s)

    def _quiet_left(self, row: Row) -> float:
        """Counted from the doubt; after a kill from the request, which may have waited for its answer."""
        whole = self.quiet_s if row["doubted"] else self._create_s + self.quiet_s
        return max(whole - self._clock.age(_since(row)), 0.0)

    def _newest(self, link: Link, wanted: Wanted) -> Row:
        name = fingerprint_of(wanted)
        question = "SELECT * FROM orders WHERE fingerprint=? ORDER BY attempt DESC LIMIT 1"
        row: Row | None = link.execute(question, (name,)).fetchone()
        if row is not None:
            return row
        key = f"{name[:16]}-1"
        link.execute(
            "INSERT INTO orders (key, fingerprint, attempt, wanted, state, changed_at) VALUES (?, ?, 1, ?, ?, ?)",
            (key, name, wanted.to_json(), "planned", self._clock.wall()),
        )
        return row_of(link, key)

    def _planned(self, link: Link, row: Row, attempt: int) -> Order:
        key = f"{row['fingerprint'][:16]}-{attempt}"
        link.execute(
            "INSERT INTO orders (key, fingerprint, attempt, wanted, state, changed_at) VALUES (?, ?, ?, ?, ?, ?)",
            (key, row["fingerprint"], attempt, row["wanted"], "planned", self._clock.wall()),
        )
        return order_of(row_of(link, key))

    def _moved(self, link: Link, key: str, state: State, *, reason: str) -> Order:
        now = self._clock.wall()
        link.execute(
            "UPDATE orders SET state=?, reason=?, changed_at=? WHERE key=?",
            (state, printable(redacted(reason)), now, key),
        )
        row = row_of(link, key)
        link.execute(
            "INSERT INTO history (key, at, state, remote_id, reason) VALUES (?, ?, ?, ?, ?)",
            (key, now, state, row["remote_id"], row["reason"]),
        )
        return order_of(row)


def _bound(link: Link) -> int:
    found = link.execute("SELECT CAST(COALESCE(SUM(cost), 0) AS BIGINT) AS cost FROM bound").fetchone()
    return int(found["cost"])


def _since(row: Row) -> Moment:
    return Moment(wall=row["since_wall"], mono=row["since_mono"], boot=row["since_boot"])


def _stamp(link: Link, key: str, now: Moment) -> None:
    link.execute(
        "UPDATE orders SET since_wall=?, since_mono=?, since_boot=? WHERE key=?",
        (now.wall, now.mono, now.boot, key),
    )
