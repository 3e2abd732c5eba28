"""A ledger in PostgreSQL through everything: programs and servers killed. Run as a program, this file is a writer."""

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the program; pytest finds tests by itself

from tests.fakes.machine.wall import HOUR_S, WallClock, wall_clock
from tests.fakes.postgres import Postgres, server
from tests.fakes.shop import AT_ONCE, Shop
from tests.fault.test_orders_kill import SCENES, moment, run, started
from voxweave.core.orders import Limits, Wanted
from voxweave.jobs.budget import Budget, OverBudget
from voxweave.jobs.clock import Clock
from voxweave.jobs.limits import Account, Meter
from voxweave.jobs.opening import LIMITS, film_ledger, open_meter
from voxweave.jobs.pgbook import PgBook, Shape

NOTES = Shape("notes", "CREATE TABLE IF NOT EXISTS notes (word TEXT NOT NULL)", version=1)
FACTS, WISHES, POSTS = 120, 25, 8
PURSE = Budget(max_usd=20.0, purse="batch", shared=True)
WHO = Account("p")
FREE = Limits(at_once=None, per_hour=None, per_day=None)
BOTH = Limits(at_once=5, per_minute=6, per_hour=None, per_day=None)
HASTE = 30.0
"""So much faster than time goes the clock of the limits' test: six a minute are six in two seconds."""


def wish(n: int) -> Wanted:
    """One of the wishes that all programs have."""
    return Wanted(provider="p", model="m", prompt=f"wish {n}", seconds=4, width=320, height=180)


def note(url: str, name: str) -> None:
    """Write down so many words, each of which must be there once at the end."""
    with closing(PgBook(url, NOTES)) as book:
        for n in range(FACTS):
            book.write(
                lambda link, n=n: link.execute("INSERT INTO notes (word) VALUES (?)", (f"{name} {n}",))
            )
            time.sleep(0.004)


def claim(url: str, name: str) -> None:
    """Want what all others want, and say how often it was ours to send."""
    with film_ledger("film", url) as ledger:
        claims = [
            ledger.claim(wish(n), 1.0, budget=Budget(max_usd=99.0), post=f"{name} {n}") for n in range(WISHES)
        ]
    print(sum(one.todo == "send" for one in claims))  # noqa: T201  for the test that started us


def spend(url: str, name: str) -> None:
    """Order from the purse until it is full and some more; what is turned down is given back. The most it ever held."""
    chance, most = random.Random(name), 0.0
    with open_meter(url) as meter:
        for n in range(40):
            try:
                price = chance.choice([0.5, 1.0, 2.5])
                post = meter.take(WHO, FREE, film=name, key=f"{n}", price_usd=price, budget=PURSE).post
            except OverBudget:
                continue
            most = max(most, meter.held_usd("batch"))
            if chance.random() < 0.5:
                meter.end(post, chance.choice([0.0, price]))
    print(most)  # noqa: T201  for the test that started us


def post(url: str, name: str) -> None:
    """Send so many requests under the limits, each of which takes a while."""
    book = PgBook(url, LIMITS)
    slow = book.clock()
    clock = Clock(wall=lambda: slow.wall() * HASTE, mono=lambda: slow.mono() * HASTE, boot="fast")
    with Meter(book, clock=clock, blind_s=3_600) as meter:
        for n in range(POSTS):
            while not (place := meter.take(WHO, BOTH, film=name, key=f"{n}")).post:
                time.sleep(min(place.wait_s / HASTE, 0.2))
            time.sleep(0.6)
            meter.end(place.post, 0.0)


def writers(
    what: str, url: str, many: int = 3, *, clock: WallClock | None = None
) -> list[subprocess.Popen[str]]:
    """So many programs that do it side by side; all but the first by this clock."""
    lines = [[sys.executable, __file__, what, url, f"w{n}"] for n in range(many)]
    around = [{**os.environ, **(clock.around if clock and n else {})} for n in range(many)]
    return [
        subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=env)
        for line, env in zip(lines, around, strict=True)
    ]


def ended(programs: list[subprocess.Popen[str]]) -> list[str]:
    """What they said; each must have ended well."""
    said = [program.communicate(timeout=120)[0].strip() for program in programs]
    assert [program.returncode for program in programs] == [0] * len(programs)
    return said


@pytest.fixture
def durable() -> Iterator[Postgres]:
    """A server that waits for the disk, to be killed."""
    with server(durable=True) as one:
        yield one


@pytest.fixture
def clear(postgres: Postgres) -> Postgres:
    """The shared server, without rows."""
    postgres.clear()
    return postgres


def test_what_three_programs_want_is_sent_once(clear: Postgres) -> None:
    """At the same moment, the same wishes: each is one program's to send."""
    assert sum(map(int, ended(writers("claim", clear.url)))) == WISHES
    with film_ledger("film", clear.url) as ledger:
        assert [ledger.history(order.key) for order in ledger.orders()] == [("sending",)] * WISHES


def test_a_killed_server_loses_and_doubles_nothing(durable: Postgres) -> None:
    """SIGKILL to all of it in the midst of facts, three times, back within three seconds: each fact is there once."""
    programs = writers("note", durable.url)
    with closing(PgBook(durable.url, NOTES)) as book:
        for n, away_s in enumerate((0.3, 1.0, 2.0), start=1):
            while book.rows("SELECT count(*) AS n FROM notes")[0]["n"] < 70 * n:
                time.sleep(0.02)
            durable.restart(away_s=away_s, hard=True)
        ended(programs)
        found = Counter(row["word"] for row in book.rows("SELECT word FROM notes"))
    assert found == Counter(f"w{w} {n}" for w in range(3) for n in range(FACTS))


def test_a_purse_is_never_overdrawn(durable: Postgres) -> None:
    """Three programs order from one purse while the server is taken away: at no moment it holds more than it may."""
    programs = writers("spend", durable.url)
    with open_meter(durable.url) as meter:
        while not meter.posts():
            time.sleep(0.02)
        durable.restart(away_s=0.5)
        most = max(map(float, ended(programs)))
        assert 19.0 <= most <= 20.0
        assert meter.held_usd("batch") <= 20.0


def test_limits_hold_over_programs(clear: Postgres, tmp_path: Path) -> None:
    """Five at once and six in a window, over three programs that all want more; two have their clocks set meanwhile."""
    clock = wall_clock(tmp_path)
    programs = writers("post", clear.url, clock=clock)
    until = time.monotonic() + 120
    while time.monotonic() < until and any(program.poll() is None for program in programs):
        clock.set(random.choice((HOUR_S, 0, -HOUR_S)))
        time.sleep(0.3)
    ended(programs)
    rows = clear.ask("SELECT mono, ended FROM voxweave.posts ORDER BY rowid")
    times = [(float(str(begun)), float(str(end))) for begun, end in rows]
    assert len(times) == 3 * POSTS
    assert (
        times == sorted(times) and times[-1][0] - times[0][0] < HOUR_S * HASTE
    )  # the server's, whoever wrote
    for begun, _ in times:
        assert sum(begun <= other < begun + 60 for other, _ in times) <= 6
        assert sum(other <= begun < end for other, end in times) <= 5


def test_no_kill_pays_twice_over_a_database(durable: Postgres, tmp_path: Path) -> None:
    """Programs and server killed in turn: every scene ordered once, every clip here, the shop's limit kept."""
    shop, chance = Shop(), random.Random(5)
    films = ["film-1", "film-2"]
    try:
        for n in range(6):
            film = films[n % 2]
            program = started(shop, tmp_path, film, lists=True, kept=durable.url)
            moment(program, tmp_path, film, chance.uniform(0.2, 1.2))
            if n % 3 == 1:
                durable.restart(away_s=0.3, hard=True)
            program.kill()
            program.wait()
        away = threading.Timer(1.0, durable.restart, kwargs={"away_s": 1.0, "hard": True})
        away.start()
        for film in films:
            outcomes = run(shop.port, tmp_path, film, lists=True, kept=durable.url)
            assert [one.file is not None for one in outcomes] == [True] * (SCENES - 1) + [False], outcomes
        away.join()
        assert set(shop.orders.values()) == {1}
        assert len(shop.made) == SCENES * len(films)
        assert shop.most_at_once <= AT_ONCE
    finally:
        shop.close()


if __name__ == "__main__":
    {"note": note, "claim": claim, "spend": spend, "post": post}[sys.argv[1]](*sys.argv[2:])
