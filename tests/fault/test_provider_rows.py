"""Everything that is known to go wrong at a provider, by the whole command over real sockets."""

import queue
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.e2e.command import Told, environment, leftovers
from tests.fakes.provider import FakeProvider
from tests.fakes.warm import Warm
from tests.fault.provider_rows import ROWS, Row

KEY = "sk-rows-0123456789abcdef"
SIDE_BY_SIDE = 3
_QUICK = {"job_seconds": 0.1, "hang_s": 3.0, "slow_s": 1.5, "retry_after_s": 0.1}
_FLAGS = ("--poll-s", "0.05", "--retry-s", "0.02", "--quiet-s", "0.2", "--order-deadline-s", "4")
_OWN = """
[providers.{name}]
status_s = 2.0
transfer_s = 5.0
"""
_PAID = {"openai": "free = false"}
"""A server on this machine is taken for the user's own; here it is somebody else's, and paid."""


@pytest.fixture(scope="module")
def servers(bundled: Path) -> "Iterator[queue.Queue[FakeProvider]]":
    """Providers, each for one row at a time."""
    free: queue.Queue[FakeProvider] = queue.Queue()
    with ExitStack() as stack:
        for _ in range(SIDE_BY_SIDE):
            free.put(stack.enter_context(FakeProvider(ffmpeg=bundled)))
        yield free


def _played(row: Row, folder: Path, fake: FakeProvider, warm: Warm) -> list[str]:
    """One clip ordered while the row's trouble comes; what was not as it must be."""
    name = "zai" if row.scenario.startswith("url_") else "openai"
    fake.reset(row.scenario, flavour=name, **_QUICK)
    home = folder / "home"
    own = home / ".config" / "voxweave" / "voxweave.toml"
    own.parent.mkdir(parents=True)
    own.write_text(_OWN.format(name=name) + _PAID.get(name, ""))
    where = ("--provider", name, "--base-url", fake.base_url, "--yes")
    keys = {"OPENAI_API_KEY": KEY, "ZAI_API_KEY": KEY}
    ran = warm.run(["clip", "a red boat", *where, *_FLAGS], folder, environment(home, **keys))
    told = Told(ran.status, *(text.decode("utf-8", "replace") for text in (ran.out, ran.err)))
    return [f"{row.scenario}: {line}" for line in _wrongs(row, folder, told, fake)]


def _wrongs(row: Row, folder: Path, told: Told, fake: FakeProvider) -> Iterator[str]:
    truth = fake.truth()
    found = told.status, truth["orders_created"], _states(folder)
    if found != (row.status, row.orders, row.states):
        yield f"{found} instead of {(row.status, row.orders, row.states)}; {told.err[-300:]}"
    if truth["bugs"] or truth["canary"]:
        yield f"went where nobody should: {truth['canary']} {truth['bugs']}"
    if KEY in told.err + told.out or "Traceback" in told.err:
        yield f"shows what nobody should see: {told.err[-300:]}"
    clips = list(folder.glob("*.mp4"))
    if len(clips) != (row.status == 0) or [
        file for file in leftovers(folder) if not file.startswith("home/")
    ]:
        yield f"left {clips} {leftovers(folder)}"


def _states(folder: Path) -> tuple[str, ...]:
    ledgers = (folder / "home.state" / "voxweave" / "clips").glob("clip-*/orders.sqlite3")
    found: list[str] = []
    for file in ledgers:
        with closing(sqlite3.connect(file)) as link:
            found += [row[0] for row in link.execute("SELECT state FROM orders ORDER BY attempt")]
    return tuple(found)


def test_every_known_trouble_has_its_one_right_end(
    servers: "queue.Queue[FakeProvider]", tmp_path: Path
) -> None:
    """Never two orders for one clip, never a traceback or a key; what may still come is kept for the next run."""
    warm = Warm()

    def play(row: Row) -> list[str]:
        folder = tmp_path / row.scenario
        folder.mkdir()
        fake = servers.get()
        try:
            return _played(row, folder, fake, warm)
        finally:
            servers.put(fake)

    with closing(warm), ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        wrong = [line for lines in pool.map(play, ROWS) for line in lines]
    assert not wrong, "\n".join(wrong)
