"""How an order lies in the ledger's file."""

import json
import sqlite3

from voxweave.core.orders import Order, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import UsageError
from voxweave.jobs.budget import dollars

# The view says what an order binds of the budget: in doubt, all of its price.
SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, attempt INTEGER NOT NULL, wanted TEXT NOT NULL,
    state TEXT NOT NULL, remote_id TEXT NOT NULL DEFAULT '', price INTEGER, paid INTEGER,
    reason TEXT NOT NULL DEFAULT '', sent_at REAL,
    since_wall REAL, since_mono REAL, since_boot TEXT, doubted INTEGER NOT NULL DEFAULT 0,
    changed_at REAL NOT NULL, polls INTEGER NOT NULL DEFAULT 0, file TEXT, post TEXT NOT NULL DEFAULT '',
    UNIQUE (fingerprint, attempt));
CREATE TABLE IF NOT EXISTS history (
    key TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL, remote_id TEXT NOT NULL, reason TEXT NOT NULL);
CREATE VIEW IF NOT EXISTS bound AS SELECT state, post, price, CASE
    WHEN state IN ('sending', 'accepted', 'running', 'done', 'fetched', 'lost', 'unknown')
    THEN COALESCE(paid, price, 0) ELSE COALESCE(paid, 0) END AS cost FROM orders
"""


def row_of(link: sqlite3.Connection, key: str) -> sqlite3.Row:
    """The row of a key, within a transaction."""
    return only(link.execute("SELECT * FROM orders WHERE key=?", (key,)).fetchall(), key)


def only(rows: list[sqlite3.Row], key: str) -> sqlite3.Row:
    """The one row found; UsageError when there is none."""
    if not rows:
        raise UsageError(f"there is no order {printable(key)}", hint="voxweave orders lists them")
    return rows[0]


def wanted_of(row: sqlite3.Row) -> Wanted:
    """What the order is for."""
    return Wanted.model_validate(json.loads(row["wanted"]))


def order_of(row: sqlite3.Row) -> Order:
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
    )
