"""How an order lies in the ledger, be it a file or a database."""

import json
from collections.abc import Sequence

from voxweave.core.orders import Order, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import UsageError
from voxweave.jobs.books import Link, Row
from voxweave.jobs.budget import dollars

ORDER = (
    "key", "fingerprint", "attempt", "wanted", "state", "remote_id", "price", "paid", "reason", "sent_at",
    "since_wall", "since_mono", "since_boot", "doubted", "changed_at", "polls", "file", "post", "lane",
)  # fmt: skip
HISTORY = ("key", "at", "state", "remote_id", "reason")
"""The columns, for copying a ledger from one book to another."""

VERSION = 2
"""The second has lanes."""

Rows = Sequence[Row]

# What an order binds of the budget: in doubt, all of its price.
_BOUND = """SELECT state, post, price, CASE
    WHEN state IN ('sending', 'accepted', 'running', 'done', 'fetched', 'lost', 'unknown')
    THEN COALESCE(paid, price, 0) ELSE COALESCE(paid, 0) END AS cost FROM orders"""
_LANE = "lane TEXT NOT NULL DEFAULT ''"
_FIRST = f"""
CREATE TABLE IF NOT EXISTS orders (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, attempt INTEGER NOT NULL, wanted TEXT NOT NULL,
    state TEXT NOT NULL, remote_id TEXT NOT NULL DEFAULT '', price INTEGER, paid INTEGER,
    reason TEXT NOT NULL DEFAULT '', sent_at REAL,
    since_wall REAL, since_mono REAL, since_boot TEXT, doubted INTEGER NOT NULL DEFAULT 0,
    changed_at REAL NOT NULL, polls INTEGER NOT NULL DEFAULT 0, file TEXT, post TEXT NOT NULL DEFAULT '',
    UNIQUE (fingerprint, attempt));
CREATE TABLE IF NOT EXISTS history (
    key TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, remote_id TEXT NOT NULL, reason TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS bound AS {_BOUND}
"""
SCHEMA = (_FIRST, f"ALTER TABLE orders ADD COLUMN {_LANE}")
"""What each version added, for files of any earlier one."""

# All films share these tables. The views show the one film that the connection names, so that the same
# statements do for both books, and none can forget to say whose orders it means.
PG_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS film_orders (
    film TEXT NOT NULL DEFAULT current_setting('voxweave.film'), key TEXT NOT NULL, fingerprint TEXT NOT NULL,
    attempt BIGINT NOT NULL, wanted TEXT NOT NULL, state TEXT NOT NULL, remote_id TEXT NOT NULL DEFAULT '',
    price BIGINT, paid BIGINT, reason TEXT NOT NULL DEFAULT '', sent_at DOUBLE PRECISION,
    since_wall DOUBLE PRECISION, since_mono DOUBLE PRECISION, since_boot TEXT, doubted BIGINT NOT NULL DEFAULT 0,
    changed_at DOUBLE PRECISION NOT NULL, polls BIGINT NOT NULL DEFAULT 0, file TEXT, post TEXT NOT NULL DEFAULT '',
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (film, key), UNIQUE (film, fingerprint, attempt));
ALTER TABLE film_orders ADD COLUMN IF NOT EXISTS {_LANE};
CREATE INDEX IF NOT EXISTS film_orders_by_key ON film_orders (key);
CREATE TABLE IF NOT EXISTS film_history (
    film TEXT NOT NULL DEFAULT current_setting('voxweave.film'), key TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
    state TEXT NOT NULL, remote_id TEXT NOT NULL, reason TEXT NOT NULL,
    rowid BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE INDEX IF NOT EXISTS film_history_of ON film_history (film, key);
CREATE OR REPLACE VIEW orders AS SELECT * FROM film_orders WHERE film = current_setting('voxweave.film');
CREATE OR REPLACE VIEW history AS SELECT * FROM film_history WHERE film = current_setting('voxweave.film');
CREATE OR REPLACE VIEW bound AS {_BOUND}
"""  # noqa: S608  ours


def row_of(link: Link, key: str) -> Row:
    """The row of a key, within a transaction."""
    return only(link.execute("SELECT * FROM orders WHERE key=?", (key,)).fetchall(), key)


def only(rows: Sequence[Row], key: str) -> Row:
    """The one row found; UsageError when there is none."""
    if not rows:
        raise UsageError(f"there is no order {printable(key)}", hint="voxweave orders lists them")
    return rows[0]


def wanted_of(row: Row) -> Wanted:
    """What the order is for."""
    return Wanted.model_validate(json.loads(row["wanted"]))


def order_of(row: Row) -> Order:
    """The whole row as a value."""
    return Order(
        key=row["key"],
        wanted=wanted_of(row),
        state=row["state"],
        remote_id=row["remote_id"],
        price_usd=dollars(row["price"]),
        paid_usd=dollars(row["paid"]),
        reason=row["reason"],
        sent_at=row["sent_at"],
        changed_at=row["changed_at"],
        polls=row["polls"],
        file=MediaFile.model_validate(json.loads(row["file"])) if row["file"] else None,
        lane=row["lane"],
    )
