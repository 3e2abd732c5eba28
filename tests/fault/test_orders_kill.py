"""Killed at any moment, orders are neither paid twice nor forgotten. Run as a program, this file is who is killed."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the program; pytest finds tests by itself

from tests.fakes.shop import AT_ONCE, Customer, Shop
from voxweave.core.orders import Wanted
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.opening import film_ledger, open_meter
from voxweave.jobs.orders import FILE, Ledger
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.means import Means, Pace
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.sources import Source
from voxweave.providers.ask import Patience

SCENES = 8
QUIET_S = 1.6
"""More than the shop ever needs to take an order, of which killed runs do not hear."""
PACE = Pace(
    poll_s=0.03,
    poll_longest_s=0.1,
    deadline_s=20,
    place_s=0.02,
    unwatched_s=0.3,
    patience=Patience(first_s=0.05),
)


def run(port: int, folder: Path, film: str, *, lists: bool, kept: str = "") -> tuple[Outcome, ...]:
    """One run over a film's scenes; the last one fails at the shop."""
    prompts = [f"{film} {n}" for n in range(SCENES - 1)] + [f"{film} fails"]
    asked = [
        Asked(
            scene=n,
            choices=(Wanted(provider="shop", model="m", prompt=prompt, seconds=4, width=320, height=180),),
        )
        for n, prompt in enumerate(prompts)
    ]
    name = str(folder / film / FILE)
    with (
        film_ledger(film if kept else name, kept, quiet_s=QUIET_S, create_s=0) as ledger,
        # What died without an id keeps its place as long as an order takes at the shop.
        open_meter(kept, blind_s=QUIET_S)
        if kept
        else Meter(folder / "user.sqlite3", blind_s=QUIET_S) as meter,
    ):
        means = Means(ledger, meter, Budget(max_usd=float(SCENES)), StopSignal(), folder / film, PACE)
        return order_scenes(asked, means, [Source("shop", Customer(port, lists=lists))])


def started(shop: Shop, folder: Path, film: str, *, lists: bool, kept: str = "") -> subprocess.Popen[bytes]:
    """A program of its own, making one film; `kept` is the ledger's database, if it is none of files."""
    words = [str(shop.port), str(folder), film, "lists" if lists else "blind", kept]
    return subprocess.Popen([sys.executable, __file__, *words])


def moment(program: subprocess.Popen[bytes], folder: Path, film: str, wait_s: float) -> None:
    """So long after the run has begun with its ledger."""
    ready = folder / f"{film}.ready"
    until = time.monotonic() + 60
    while not ready.exists() and program.poll() is None and time.monotonic() < until:
        time.sleep(0.01)
    ready.unlink(missing_ok=True)
    time.sleep(wait_s)


def killed(shop: Shop, folder: Path, *, kills: int, lists: bool) -> list[str]:
    """Kill so many runs at random moments, two films at a time and a new one when one is whole; all films."""
    chance = random.Random(3)
    films = ["film 1", "film 2"]
    while kills:
        film = films[-1 - kills % 2]
        program = started(shop, folder, film, lists=lists)
        moment(program, folder, film, chance.uniform(0.0, 1.2))
        assert program.poll() in {None, 0}
        if program.poll() is None:
            kills -= 1
        else:
            films.append(f"film {len(films) + 1}")
        program.kill()
        program.wait()
    return films


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A slow and faulty one."""
    shop = Shop()
    yield shop
    shop.close()


def test_no_kill_pays_twice_or_forgets(shop: Shop, tmp_path: Path) -> None:
    """Eighteen kills: every scene ordered once, every clip here, the shop's limit kept."""
    films = killed(shop, tmp_path, kills=18, lists=True)
    for film in films:
        outcomes = run(shop.port, tmp_path, film, lists=True)
        for one in outcomes[:-1]:
            assert one.file, one.fell
            assert f"{film} {one.scene}" == one.file.path.read_text()
        assert ["failed"] == [fell.why for fell in outcomes[-1].fell]
    assert set(shop.orders.values()) == {1}
    assert len(shop.made) == SCENES * len(films)
    assert shop.most_at_once <= AT_ONCE


def test_where_nothing_can_be_looked_up_doubt_is_kept(shop: Shop, tmp_path: Path) -> None:
    """Eight kills at a shop without a list: no second order, and each scene without a clip is explained."""
    films = killed(shop, tmp_path, kills=8, lists=False)
    doubted: set[str] = set()
    known: set[str] = set()
    for film in films:
        outcomes = run(shop.port, tmp_path, film, lists=False)
        assert {fell.why for one in outcomes for fell in one.fell} <= {"unknown", "failed"}
        with Ledger(tmp_path / film / FILE) as ledger:
            known |= {order.remote_id for order in ledger.orders() if order.remote_id}
            doubted |= {order.wanted.prompt for order in ledger.orders() if order.state == "unknown"}
    assert set(shop.orders.values()) == {1}
    assert len(known) + len(doubted) == SCENES * len(films)
    assert {shop.made[remote][0] for remote in set(shop.made) - known} <= doubted


def test_runs_side_by_side_share_the_shops_limit(shop: Shop, tmp_path: Path) -> None:
    """Three films at once: all whole, each scene ordered once, never more at work than the shop takes."""
    films = ["film 1", "film 2", "film 3"]
    programs = [started(shop, tmp_path, film, lists=True) for film in films]
    assert [program.wait(timeout=120) for program in programs] == [0, 0, 0]
    for film in films:
        assert all(one.file for one in run(shop.port, tmp_path, film, lists=True)[:-1])
    assert set(shop.orders.values()) == {1}
    assert len(shop.made) == SCENES * len(films)
    assert shop.most_at_once <= AT_ONCE


if __name__ == "__main__":
    port, folder, film, manner, kept = sys.argv[1:]
    Path(folder, f"{film}.ready").touch()
    run(int(port), Path(folder), film, lists=manner == "lists", kept=kept)
