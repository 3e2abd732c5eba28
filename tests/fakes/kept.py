"""Ledgers and meters as tests open them, over both books: a file, and PostgreSQL."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.postgres import Postgres
from voxweave.jobs.limits import Meter
from voxweave.jobs.opening import LIMITS, ORDERS
from voxweave.jobs.orders import Ledger
from voxweave.jobs.pgbook import PgBook


class Kept:
    """Where a test's orders and limits are written down; `ledger` is what the setting of that name says."""

    def __init__(self, folder: Path, server: Postgres | None = None) -> None:
        self.folder, self.ledger = folder, server.url if server else ""
        if server:
            server.clear()

    def orders(self, film: str = "job", **how: Any) -> Ledger:
        """The ledger of a film."""
        if self.ledger:
            return Ledger(PgBook(self.ledger, ORDERS, film=film), film=film, **how)
        return Ledger(self.folder / film / "orders.sqlite3", **how)

    def limits(self, **how: Any) -> Meter:
        """The limits and purses of all films."""
        return Meter(PgBook(self.ledger, LIMITS) if self.ledger else self.folder / "user.sqlite3", **how)


@pytest.fixture(params=["file", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """An empty book of either kind."""
    return Kept(tmp_path, request.getfixturevalue("postgres") if request.param == "postgresql" else None)
