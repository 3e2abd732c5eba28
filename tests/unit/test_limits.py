"""Limits of a provider, over all runs on a machine, and what was spent there."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hands import Hands
from tests.fakes.kept import Kept
from voxweave.core.orders import Limits
from voxweave.jobs.budget import Budget, OverBudget
from voxweave.jobs.limits import Account, Bill, Meter
from voxweave.jobs.usage import usage

WHO = Account("p", "abc")
FREE = Limits(at_once=None, per_hour=None, per_day=None)
VERSION_1 = """
CREATE TABLE IF NOT EXISTS posts (
    post TEXT PRIMARY KEY, provider TEXT NOT NULL, account TEXT NOT NULL, film TEXT NOT NULL, key TEXT NOT NULL,
    remote_id TEXT NOT NULL DEFAULT '', price INTEGER, paid INTEGER, ended REAL,
    wall REAL NOT NULL, mono REAL NOT NULL, boot TEXT NOT NULL,
    seen_wall REAL NOT NULL, seen_mono REAL NOT NULL, seen_boot TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS posts_of ON posts (provider, account);
PRAGMA user_version=1
"""


@pytest.fixture
def hands() -> Hands:
    """Clocks of this test."""
    return Hands()


@pytest.fixture
def meter(kept: Kept, hands: Hands) -> Iterator[Meter]:
    """An empty book of posts, of either kind."""
    with kept.limits(clock=hands.clock(), blind_s=600) as meter:
        yield meter


def take(
    meter: Meter, limits: Limits, *, who: Account = WHO, film: str = "f", price: float | None = None
) -> str:
    """A post that may leave; empty when none may."""
    return meter.take(who, limits, film=film, key="k", price_usd=price).post


def wait_s(meter: Meter, limits: Limits) -> float:
    """How long the next one waits; nothing may be free."""
    place = meter.take(WHO, limits, film="f", key="k")
    assert not place.post
    return place.wait_s


def test_a_window_lets_so_many_through_and_no_more(meter: Meter, hands: Hands) -> None:
    """Three a minute; the fourth waits until the first has left the minute, and a second more."""
    limits = FREE.model_copy(update={"per_minute": 3})
    for _ in range(3):
        assert take(meter, limits)
        hands.pass_s(10)
    assert wait_s(meter, limits) == pytest.approx(31)
    hands.pass_s(30.9)
    assert not take(meter, limits)
    hands.pass_s(0.2)
    assert take(meter, limits)
    assert wait_s(meter, limits) == pytest.approx(9.9)


@pytest.mark.parametrize(("name", "period"), [("per_minute", 60), ("per_hour", 3_600), ("per_day", 86_400)])
def test_no_moment_has_more_than_allowed(meter: Meter, hands: Hands, name: str, period: int) -> None:
    """Whoever asks as soon as told: in any window there are at most five."""
    limits = FREE.model_copy(update={name: 5})
    taken: list[float] = []
    while len(taken) < 18:
        if take(meter, limits):
            taken.append(hands.mono)
            hands.pass_s(period / 50)
        else:
            hands.pass_s(wait_s(meter, limits))
    for n, at in enumerate(taken):
        assert sum(at <= other < at + period for other in taken[n:]) <= 5


@pytest.mark.parametrize("jump_s", [3_600.0, -3_600.0])
def test_a_clock_that_is_set_makes_no_burst(meter: Meter, hands: Hands, jump_s: float) -> None:
    """An hour forward or back: the window stays where it was."""
    limits = FREE.model_copy(update={"per_hour": 2})
    take(meter, limits)
    take(meter, limits)
    hands.wall += jump_s
    hands.mono += 600
    assert not take(meter, limits)
    assert wait_s(meter, limits) == pytest.approx(3_001)


def test_the_fullest_window_decides(meter: Meter, hands: Hands) -> None:
    """One a minute and two an hour: after the second the hour counts."""
    limits = Limits(at_once=None, per_minute=1, per_hour=2, per_day=None)
    take(meter, limits)
    hands.pass_s(62)
    take(meter, limits)
    assert wait_s(meter, limits) == pytest.approx(3_601 - 62)
    assert meter.take(WHO, limits, film="f", key="k").full == "2 per hour"


def test_each_account_has_its_own_limits(meter: Meter) -> None:
    """Another key or another provider counts for itself."""
    one = Limits(at_once=1)
    assert take(meter, one)
    assert not take(meter, one)
    assert take(meter, one, who=Account("p", "other"))
    assert take(meter, one, who=Account("q", "abc"))


def test_an_order_keeps_its_place_until_it_is_seen_to_end(kept: Kept, hands: Hands) -> None:
    """Whoever ordered it may be dead; a day later it is forgotten."""
    one = Limits(at_once=1, per_hour=None, per_day=None)
    with kept.limits(clock=hands.clock()) as dead:
        post = take(dead, one)
        dead.name(post, "id-1")
    with kept.limits(clock=hands.clock()) as meter:
        hands.pass_s(3_600)
        assert not take(meter, one)
        meter.end(post, 1.0)
        assert take(meter, one)


def test_a_place_without_an_id_is_free_again_after_a_while(meter: Meter, hands: Hands) -> None:
    """Nobody can see such an order end."""
    one = Limits(at_once=1, per_hour=None, per_day=None)
    take(meter, one)
    hands.pass_s(599)
    assert not take(meter, one)
    hands.pass_s(2)
    assert take(meter, one)


def test_what_did_not_leave_does_not_count(meter: Meter) -> None:
    """Neither in a window nor at once."""
    limits = Limits(at_once=1, per_hour=1)
    meter.undo(take(meter, limits))
    assert take(meter, limits)


def test_a_stray_order_is_given_to_one_who_looks(meter: Meter, hands: Hands) -> None:
    """The oldest that nobody watched lately, and to one only."""
    first, second = take(meter, FREE), take(meter, FREE)
    meter.name(first, "id-1")
    meter.name(second, "id-2")
    assert meter.stray(WHO, unseen_s=60) is None
    hands.pass_s(61)
    meter.seen(first)
    stray = meter.stray(WHO, unseen_s=60)
    assert stray is not None
    assert stray.remote_id == "id-2"
    assert meter.stray(WHO, unseen_s=60) is None


def test_an_id_belongs_to_one_order(meter: Meter) -> None:
    """Two films look for the same; the first one keeps it."""
    one, two = take(meter, FREE), take(meter, FREE, film="g")
    assert meter.name(one, "id-1")
    assert meter.name(one, "id-1")
    assert not meter.free(two, "id-1")
    assert not meter.name(two, "id-1")


def test_a_new_run_settles_what_the_dead_one_left(meter: Meter) -> None:
    """Places that the film's ledger does not know are free; ended orders end with their cost."""
    two = Limits(at_once=2, per_hour=None, per_day=None)
    live, orphan = take(meter, two), take(meter, two)
    meter.settle("f", [Bill(post=live, live=True, paid_usd=None)])
    assert take(meter, two)
    assert not take(meter, two)
    meter.settle("f", [Bill(post=live, live=False, paid_usd=2.5)])
    assert [post.paid_usd for post in meter.posts()] == [2.5, 0.0, 0.0]
    assert orphan


def spend(meter: Meter, price: float | None, *, purse: str = "b", most: float = 10.0, film: str = "f") -> str:
    """A post of a film that shares a purse."""
    budget = Budget(max_usd=most, purse=purse, shared=True)
    return meter.take(WHO, FREE, film=film, key="k", price_usd=price, budget=budget).post


def test_films_share_a_purse(meter: Meter) -> None:
    """What one has spent or bound is missing for the other; what was turned down is there again."""
    first = spend(meter, 6.0)
    with pytest.raises(OverBudget, match=r"\$6\.00 of \$10\.00 in the purse b is spent") as met:
        spend(meter, 4.01, film="g")
    assert met.value.hint == "allow more with --max-cost 10.01"
    second = spend(meter, 4.0, film="g")
    assert meter.held_usd("b") == 10.0
    meter.end(second, 0.0)
    meter.end(first, 5.5)
    assert meter.held_usd("b") == 5.5
    spend(meter, 4.5, film="g")
    assert [post.price_usd for post in meter.posts()] == [6.0, 4.0, 4.5]


def test_what_nobody_knows_the_end_of_stays_in_the_purse(meter: Meter) -> None:
    """In doubt, or ended at a price that is not known, it counts as agreed; what never left does not."""
    spend(meter, 3.0)
    meter.end(spend(meter, 4.0), None)
    meter.undo(spend(meter, 3.0))
    assert meter.held_usd("b") == 7.0


def test_a_purse_is_only_its_own(meter: Meter) -> None:
    """Other purses and films without one neither fill nor ask it; one that bounds nothing only counts."""
    spend(meter, 9.0, purse="other")
    take(meter, FREE, price=100.0)
    label = Budget(max_usd=1.0, purse="b")
    meter.take(WHO, FREE, film="f", key="k", price_usd=50.0, budget=label)
    assert (meter.held_usd("b"), meter.held_usd("other"), meter.held_usd("")) == (50.0, 9.0, 0.0)


def test_an_unknown_price_must_be_agreed_to(meter: Meter) -> None:
    """As without a purse."""
    with pytest.raises(OverBudget, match="not known"):
        spend(meter, None)


def test_threads_never_overdraw_a_purse(meter: Meter) -> None:
    """Twenty at once, room for three."""
    got: list[str] = []

    def ask() -> None:
        with contextlib.suppress(OverBudget):
            got.append(spend(meter, 3.0))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 3


def test_the_limits_of_an_older_version_go_on(tmp_path: Path, hands: Hands) -> None:
    """Its posts stay, and it learns of purses; two that come at once do no harm."""
    file = tmp_path / "user.sqlite3"
    link = sqlite3.connect(file)
    link.executescript(VERSION_1)
    link.execute(
        "INSERT INTO posts VALUES ('x', 'p', 'abc', 'f', 'k', 'id-1', 5, 5, 1.0, 1, 1, 'b', 1, 1, 'b')"
    )
    link.commit()
    link.close()
    with Meter(file, clock=hands.clock()) as one, Meter(file, clock=hands.clock()) as two:
        spend(one, 1.0)
        assert two.held_usd("b") == 1.0
        assert [(post.remote_id, post.paid_usd) for post in two.posts()] == [("id-1", 0.000005), ("", None)]


def test_usage_sums_by_day_provider_and_film(meter: Meter, hands: Hands) -> None:
    """Estimate beside actual; what was turned down is no order, what is under way is open."""
    hands.wall = 1_790_000_000.0
    ends: list[float | None] = [1.0, 0.0, None]
    for n, paid in enumerate(ends):
        post = take(meter, FREE, film="/x/talk-1/orders.sqlite3", price=1.0)
        meter.name(post, f"id-{n}")
        if paid is not None:
            meter.end(post, paid)
    meter.end(take(meter, FREE, film="/x/talk-1/orders.sqlite3", price=1.0), 0.0)
    take(meter, FREE, film="/x/other-2/orders.sqlite3")
    other, talk = usage(meter.posts())
    assert (talk.film, talk.orders) == ("talk-1", 3)
    assert (talk.estimated_usd, talk.actual_usd, talk.open_usd) == (3.0, 1.0, 1.0)
    assert (other.film, other.orders, other.unpriced) == ("other-2", 1, 1)
