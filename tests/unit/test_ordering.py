"""Scenes ordered from a chain of providers: paid once, kept, and explained."""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clerk import OFFER, Brush, Clerk
from tests.pace import within
from voxweave.core.orders import Lane, Limits, Told, Wanted
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    InputError,
    KeyRefused,
    MediaError,
    OutOfTime,
    ProviderBusy,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    Stopped,
    StorageError,
    UsageError,
    VoxWeaveError,
)
from voxweave.jobs.budget import Budget
from voxweave.jobs.clock import Clock
from voxweave.jobs.limits import Meter
from voxweave.jobs.orders import Ledger
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.means import Means, News, Pace
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.sources import Source
from voxweave.pipeline.watching import Watcher
from voxweave.providers.ask import Patience

PACE = Pace(
    poll_s=0.01,
    poll_longest_s=0.01,
    deadline_s=5,
    place_s=0.01,
    unwatched_s=0.02,
    linger_s=0.2,
    patience=Patience(first_s=0.01),
)
RICH = Budget(max_usd=100.0)


def wish(prompt: str, provider: str = "clerk") -> Wanted:
    """One wish, at one provider."""
    return Wanted(provider=provider, model="m", prompt=prompt, seconds=4, width=320, height=180)


class House:
    """A film's folder, and runs in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.job = folder, "job"
        self.news: list[News] = []
        self.stop = StopSignal()
        self.pace = PACE
        self.quiet_s = 0.05
        self.clock: Clock | None = None

    def run(
        self, prompts: list[str] | list[tuple[Wanted, ...]], *sources: Source, budget: Budget = RICH
    ) -> tuple[Outcome, ...]:
        """One run, with a ledger and a meter of its own."""
        choices = [one if isinstance(one, tuple) else (wish(one),) for one in prompts]
        asked = [Asked(scene=n + 1, choices=chain) for n, chain in enumerate(choices)]
        with self.means(budget) as means:
            return order_scenes(asked, means, sources)

    def means(self, budget: Budget = RICH) -> "Opened":
        return Opened(self, budget)

    @property
    def states(self) -> list[str]:
        with Ledger(self.folder / self.job / "orders.sqlite3") as ledger:
            return [order.state for order in ledger.orders()]


class Opened:
    """Means whose files are closed at the end."""

    def __init__(self, house: House, budget: Budget) -> None:
        self.house, self.budget = house, budget

    def __enter__(self) -> Means:
        house = self.house
        place = house.folder / house.job / "orders.sqlite3"
        self.ledger = Ledger(place, quiet_s=house.quiet_s, create_s=0, clock=house.clock)
        self.meter = Meter(house.folder / "user.sqlite3")
        return Means(
            ledger=self.ledger,
            meter=self.meter,
            budget=self.budget,
            stop=house.stop,
            folder=house.folder / house.job / "clips",
            pace=house.pace,
            tell=house.news.append,
        )

    def __exit__(self, *_: object) -> None:
        self.ledger.close()
        self.meter.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A film without any order yet."""
    return House(tmp_path)


def test_a_place_that_a_dead_run_took_is_free_again_soon(house: House) -> None:
    """It was killed before its order was written down: the next run waits as long as a request may take to leave."""
    house.quiet_s = 0.5
    clerk = Clerk(offer=OFFER.model_copy(update={"limits": Limits(at_once=1)}))
    source = Source("clerk", clerk)
    with house.means() as means:
        assert means.meter.take(source.whose, Limits(at_once=1), film=means.film, key="k").post
    began = time.monotonic()
    with within(5):
        (outcome,) = house.run(["a"], source)
    assert outcome.file is not None, outcome.fell
    assert time.monotonic() - began > 0.4


def text(outcome: Outcome) -> str:
    """What the clip says it is."""
    assert outcome.file is not None, outcome.fell
    return outcome.file.path.read_text()


def whys(outcome: Outcome) -> list[str]:
    """Why each earlier choice was not it."""
    return [fell.why for fell in outcome.fell]


def test_every_scene_gets_its_clip_and_is_ordered_once(house: House) -> None:
    """Twelve scenes, twelve orders; a second run orders nothing and brings the same."""
    clerk = Clerk()
    prompts = [f"scene {n}" for n in range(12)]
    first = house.run(prompts, Source("clerk", clerk))
    assert [text(one).split(": ")[1] for one in first] == prompts
    assert clerk.asked == 12
    assert house.run(prompts, Source("clerk", clerk)) == first
    assert clerk.asked == 12


def test_equal_wishes_are_ordered_once_and_shared(house: House) -> None:
    """Three scenes with one prompt cost one order."""
    clerk = Clerk()
    outcomes = house.run(["same", "same", "same"], Source("clerk", clerk))
    assert clerk.asked == 1
    assert len({one.file for one in outcomes}) == 1


def test_orders_at_once_stay_within_the_limit(house: House) -> None:
    """What counts is orders at work at the provider."""
    clerk = Clerk(offer=OFFER.model_copy(update={"limits": Limits(at_once=2)}))
    house.run([f"scene {n}" for n in range(8)], Source("clerk", clerk))
    assert clerk.most_at_once <= 2


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RefusedError("not this prompt"), "refused"),
        (KeyRefused("bad key"), "key"),
        (ProviderBusy("come back in an hour", wait_s=3600), "busy"),
    ],
)
def test_what_is_turned_down_goes_to_the_next_in_the_chain(house: House, error: Exception, why: str) -> None:
    """Asked once, written down with the reason, and delivered by another."""
    first, second = Clerk(), Clerk()
    first.before.append(error)
    (outcome,) = house.run([(wish("a"), wish("a", "other"))], Source("clerk", first), Source("other", second))
    assert (first.asked, second.asked) == (1, 1)
    assert outcome.wanted == wish("a", "other")
    assert whys(outcome) == [why]
    assert str(error) in outcome.fell[0].text


@pytest.mark.parametrize(
    ("supplier", "kind"),
    [
        *((Clerk, kind) for kind in (InputError, UsageError, DependencyError, MediaError)),
        *((Clerk, kind) for kind in (StorageError, OutOfTime)),
        *((Brush, kind) for kind in (InputError, UsageError, DependencyError)),
    ],
)
def test_what_never_left_this_machine_binds_no_money(
    house: House, supplier: type[Clerk | Brush], kind: type[VoxWeaveError]
) -> None:
    """A reference that cannot be prepared leaves no doubt: the money is free for the next, and so is the order."""
    first, second, purse = supplier(), Clerk(), Budget(max_usd=1.0)
    first.before.append(kind("the reference cannot be used"))
    wishes, sources = (wish("a"), wish("a", "other")), (Source("clerk", first), Source("other", second))
    if kind in (StorageError, OutOfTime):
        with pytest.raises(kind):
            house.run([wishes], *sources, budget=purse)
    else:
        (outcome,) = house.run([wishes], *sources, budget=purse)
        assert (outcome.wanted, whys(outcome)) == (wishes[1], ["trouble"])
    with house.means() as means:
        assert house.states[0] == "planned"
        assert means.ledger.totals().unknown_usd == means.ledger.totals().running_usd == 0
        assert all(post.remote_id for post in means.meter.posts())


def test_what_was_certainly_not_accepted_is_tried_again(house: House) -> None:
    """Busy and unreachable are repeated: one try and three more."""
    clerk = Clerk()
    clerk.before.extend([ProviderBusy("busy"), ProviderUnreachable("away"), ProviderBusy("busy")])
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert text(outcome) == "job-1: a"
    assert clerk.asked == 4


def test_a_provider_that_is_away_is_left_alone_for_the_run(house: House) -> None:
    """After three scenes in a row met nobody, the others are not tried; and nothing was spent."""
    clerk = Clerk()
    clerk.before.extend([ProviderUnreachable("away")] * 1000)
    house.pace = replace(PACE, threads=1)
    outcomes = house.run([f"{n}" for n in range(10)], Source("clerk", clerk))
    assert clerk.asked == 3 * 4
    assert {why for one in outcomes for why in whys(one)} == {"unreachable"}
    assert set(house.states) == {"planned"}


def test_an_unclear_answer_is_looked_up_after_a_quiet_period(house: House) -> None:
    """The order was made though no answer came: it is found and adopted, never made twice."""
    clerk = Clerk()
    clerk.after.append(AnswerUnclear("cut"))
    began = time.monotonic()
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert text(outcome) == "job-1: a"
    assert (clerk.asked, clerk.finds) == (1, 1)
    assert time.monotonic() - began >= house.quiet_s


@pytest.mark.parametrize("off_s", [-3_600.0, 3_600.0])
def test_a_look_up_bears_a_clock_that_is_off(house: House, off_s: float) -> None:
    """The ledger's clock is a database's, an hour from ours: what was ordered is found all the same, and not sent again."""
    house.clock = Clock(wall=lambda: time.time() + off_s)
    clerk = Clerk()
    clerk.after.append(AnswerUnclear("cut"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert text(outcome) == "job-1: a"
    assert clerk.asked == 1


def test_what_never_arrived_is_sent_again(house: House) -> None:
    """A look-up that finds nothing, after the quiet period, clears the doubt."""
    clerk = Clerk()
    clerk.before.append(AnswerUnclear("cut"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert text(outcome) == "job-1: a"
    assert clerk.asked == 2


def test_a_bug_in_a_create_call_counts_as_unclear(house: House) -> None:
    """Whatever comes out of a stranger's code after it may have paid, nothing is paid again."""
    clerk = Clerk()
    clerk.after.append(TypeError("'NoneType' object is not subscriptable"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert text(outcome) == "job-1: a"
    assert clerk.asked == 1


def test_without_a_list_doubt_stays_and_a_person_decides(house: House) -> None:
    """It is never sent again by itself, costs budget, and the line names both ways out."""
    clerk = Clerk(offer=OFFER.model_copy(update={"lists_orders": False}))
    clerk.after.append(AnswerUnclear("cut"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["unknown"]
    key = outcome.fell[0].key
    assert f"voxweave orders adopt {key} ID" in outcome.fell[0].text
    assert f"voxweave orders rebuy {key}" in outcome.fell[0].text
    assert whys(house.run(["a"], Source("clerk", clerk))[0]) == ["unknown"]
    assert clerk.asked == 1
    with house.means() as means:
        assert means.ledger.totals().unknown_usd == 1.0
        means.ledger.adopt(key, "job-1")
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_buying_again_is_one_order_more(house: House) -> None:
    """After consent the wish is sent once more; what the first may have cost still counts."""
    clerk = Clerk(offer=OFFER.model_copy(update={"lists_orders": False}))
    clerk.after.append(AnswerUnclear("cut"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    with house.means() as means:
        means.ledger.rebuy(outcome.fell[0].key)
    assert whys(house.run(["a"], Source("clerk", clerk), budget=Budget(max_usd=1.0))[0]) == ["budget"]
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-2: a"
    assert clerk.asked == 2


def test_two_matches_are_nobodys(house: House) -> None:
    """When the list has two orders like it, guessing could lose one: both are named."""
    clerk = Clerk()
    clerk.made["stranger"] = (wish("a"), time.time())
    clerk.after.append(AnswerUnclear("cut"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["unknown"]
    assert "stranger" in outcome.fell[0].text and "job-1" in outcome.fell[0].text


def test_another_films_order_is_not_taken_for_ours(tmp_path: Path) -> None:
    """Two films with the same wish at the same account: each has its own order."""
    clerk = Clerk()
    one, two = House(tmp_path), House(tmp_path)
    one.run(["a"], Source("clerk", clerk))
    two.folder = tmp_path / "two"
    (two.folder).mkdir()
    clerk.before.append(AnswerUnclear("cut"))
    with (
        Ledger(two.folder / "orders.sqlite3", quiet_s=0.05, create_s=0) as ledger,
        Meter(tmp_path / "user.sqlite3") as meter,
    ):
        means = Means(ledger, meter, RICH, StopSignal(), two.folder, PACE)
        (outcome,) = order_scenes([Asked(scene=1, choices=(wish("a"),))], means, [Source("clerk", clerk)])
    assert text(outcome) == "job-2: a"


@pytest.mark.parametrize(
    "fault",
    [ProviderFailed("500"), ProviderUnreachable("reset"), ProviderBusy("429"), ValueError("not JSON")],
)
def test_polling_lives_through_passing_faults(house: House, fault: Exception) -> None:
    """Ten faults in a row cost ten questions, and no order."""
    clerk = Clerk()
    clerk.tells.extend([fault] * 10)
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_forgotten_for_a_moment_is_not_lost(house: House) -> None:
    """A gateway's single 404 is asked about again."""
    clerk = Clerk()
    clerk.tells.extend([Told(state="lost"), None, Told(state="lost")])
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_a_paid_order_that_is_lost_is_not_paid_again(house: House) -> None:
    """It counts as spent, and only `rebuy` sends another."""
    clerk = Clerk()
    clerk.forgets.add("job-1")
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["lost"]
    assert "voxweave orders rebuy" in outcome.fell[0].text
    assert whys(house.run(["a"], Source("clerk", clerk))[0]) == ["lost"]
    assert clerk.asked == 1


def test_a_free_order_that_is_lost_is_sent_again(house: House) -> None:
    """A self-hosted server's jobs live in its memory; a restart costs nothing."""
    clerk = Clerk(offer=OFFER.model_copy(update={"free": True, "price": None}))
    clerk.forgets.add("job-1")
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-2: a"


def test_a_failed_order_goes_to_the_next_and_costs_nothing(house: House) -> None:
    """The first final word counts, and a later run does not ask again."""
    first, second = Clerk(), Clerk()
    first.tells.append(Told(state="failed", reason="out of memory"))
    chain = [(wish("a"), wish("a", "other"))]
    sources = (Source("clerk", first), Source("other", second))
    (outcome,) = house.run(chain, *sources)
    assert whys(outcome) == ["failed"]
    assert outcome.fell[0].text == "out of memory"
    (again,) = house.run(chain, *sources)
    assert again.file == outcome.file
    assert (first.asked, second.asked) == (1, 1)
    with house.means() as means:
        assert means.ledger.totals().spent_usd == 1.0


def test_after_the_deadline_an_order_is_parked_and_the_next_run_collects_it(house: House) -> None:
    """Its id is kept; nothing is ordered anew."""
    clerk = Clerk(work_s=0.4)
    house.pace = replace(PACE, deadline_s=0.05)
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["deadline"]
    assert house.states == ["running"]
    house.pace = PACE
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_an_earlier_runs_clip_is_used_before_anything_new_is_bought(house: House) -> None:
    """The first choice is back, but the scene has its clip already; the reason is told again."""
    first, second = Clerk(), Clerk()
    first.before.append(KeyRefused("bad key"))
    chain = [(wish("a"), wish("a", "other"))]
    sources = (Source("clerk", first), Source("other", second))
    house.run(chain, *sources)
    (outcome,) = house.run(chain, *sources)
    assert (first.asked, second.asked) == (1, 1)
    assert whys(outcome) == ["earlier"]
    assert "bad key" in outcome.fell[0].text


def test_the_budget_stops_exactly_where_it_must(house: House) -> None:
    """Ten wishes of a dollar and $3.50: three orders, whatever the threads do."""
    clerk = Clerk()
    outcomes = house.run([f"{n}" for n in range(10)], Source("clerk", clerk), budget=Budget(max_usd=3.5))
    assert clerk.asked == 3
    assert sum(one.file is not None for one in outcomes) == 3
    assert {why for one in outcomes for why in whys(one)} == {"budget"}
    house.run([f"{n}" for n in range(10)], Source("clerk", clerk), budget=Budget(max_usd=3.5))
    assert clerk.asked == 3


def test_films_of_a_purse_spend_no_more_together(tmp_path: Path) -> None:
    """Two films at two dollars each and three in the purse: the fourth clip falls through, and says whose sum it was."""
    purse = Budget(max_usd=3.0, purse="batch-1", shared=True)
    clerk, one, two = Clerk(), House(tmp_path), House(tmp_path)
    two.job = "job 2"
    assert all(text(outcome) for outcome in one.run(["a", "b"], Source("clerk", clerk), budget=purse))
    outcomes = two.run(["c", "d"], Source("clerk", clerk), budget=purse)
    fell = [outcome for outcome in outcomes if outcome.file is None]
    assert [whys(outcome) for outcome in fell] == [["budget"]]
    assert "$3.00 of $3.00 in the purse batch-1 is spent or bound" in fell[0].fell[0].text
    assert clerk.asked == 3
    with two.means(purse) as means:
        assert means.left_usd() == 0.0
    assert all(text(outcome) for outcome in one.run(["a", "b"], Source("clerk", clerk), budget=purse))


def test_an_unknown_price_needs_consent(house: House) -> None:
    """Nothing is sent, and the line says what to do."""
    clerk = Clerk(offer=OFFER.model_copy(update={"price": None}))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["budget"]
    assert "--yes" in outcome.fell[0].text
    assert clerk.asked == 0
    (outcome,) = house.run(["a"], Source("clerk", clerk), budget=Budget(max_usd=0.0, unpriced=True))
    assert text(outcome) == "job-1: a"


def test_a_clip_that_cannot_be_fetched_now_is_kept_for_the_next_run(house: House) -> None:
    """Four tries; then the scene goes on without it, and the next run fetches instead of buying."""
    clerk = Clerk()
    clerk.brings.extend([ProviderFailed("cut")] * 4)
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["trouble"]
    assert house.states == ["done"]
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_a_clip_that_is_damaged_is_kept_for_the_next_run(house: House) -> None:
    """What FFmpeg refuses does not end the film."""
    clerk = Clerk()
    clerk.brings.append(MediaError("ends early"))
    assert whys(house.run(["a"], Source("clerk", clerk))[0]) == ["trouble"]
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"


def test_paid_for_and_gone_is_lost(house: House) -> None:
    """An expired clip is said to be paid for; another costs again, so a person decides."""
    clerk = Clerk()
    clerk.brings.append(RefusedError("expired"))
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert whys(outcome) == ["lost"]
    assert outcome.fell[0].text.startswith("expired; voxweave orders rebuy")


def test_a_deleted_clip_is_fetched_again(house: House) -> None:
    """The provider may still have it."""
    clerk = Clerk()
    (outcome,) = house.run(["a"], Source("clerk", clerk))
    assert outcome.file
    outcome.file.path.unlink()
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_a_painter_delivers_at_once(house: House) -> None:
    """One request, one still, in the same ledger and under the same budget."""
    brush = Brush()
    outcomes = house.run(["a", "b", "c"], Source("clerk", brush), budget=Budget(max_usd=2.0))
    assert brush.asked == 2
    assert sorted(why for one in outcomes for why in whys(one)) == ["budget"]
    assert house.states.count("fetched") == 2


def test_a_painter_that_leaves_doubt_is_not_asked_again(house: House) -> None:
    """Nobody can look it up, so it stays unknown."""
    brush = Brush()
    brush.before.append(AnswerUnclear("cut"))
    assert whys(house.run(["a"], Source("clerk", brush))[0]) == ["unknown"]
    assert whys(house.run(["a"], Source("clerk", brush))[0]) == ["unknown"]
    assert brush.asked == 1


def test_a_stop_ends_soon_and_keeps_the_ids(house: House) -> None:
    """Stopped is raised within a second, and the next run collects what was ordered."""
    clerk = Clerk(work_s=1.0)
    threading.Timer(0.2, house.stop.set).start()
    with within(1.0), pytest.raises(Stopped):
        house.run(["a", "b"], Source("clerk", clerk))
    house.stop = StopSignal()
    assert len(house.run(["a", "b"], Source("clerk", clerk))) == 2
    assert clerk.asked == 2


@pytest.mark.parametrize("error", [StorageError("the disk is full"), OutOfTime("it took longer than 120 s")])
def test_a_fault_of_this_machine_ends_the_run(house: House, error: VoxWeaveError) -> None:
    """It is not the provider's: no other provider is asked, and the next run collects what is paid for."""
    first, second = Clerk(), Clerk()
    first.brings.append(error)
    with pytest.raises(type(error), match=str(error)):
        house.run([(wish("a"), wish("a", "other"))], Source("clerk", first), Source("other", second))
    assert second.asked == 0
    assert house.states[0] == "done"


def test_places_of_dead_runs_are_freed_by_whoever_waits(house: House, tmp_path: Path) -> None:
    """Another film's run died with its orders at work; ours looks whether they ended, and goes on."""
    clerk = Clerk(offer=OFFER.model_copy(update={"limits": Limits(at_once=1)}))
    remote = clerk.order(wish("theirs"))
    source = Source("clerk", clerk)
    with Meter(tmp_path / "user.sqlite3") as meter:
        place = meter.take(source.whose, Limits(at_once=1), film="/dead/orders.sqlite3", key="k")
        meter.name(place.post, remote)
    assert text(house.run(["a"], source)[0]) == "job-2: a"


def test_a_limit_too_far_away_falls_through(house: House) -> None:
    """Waiting has an end; the line says when to come back."""
    clerk = Clerk(offer=OFFER.model_copy(update={"limits": Limits(at_once=None, per_hour=1)}))
    house.pace = replace(PACE, place_longest_s=1)
    outcomes = house.run(["a", "b"], Source("clerk", clerk))
    assert clerk.asked == 1
    assert sorted(why for one in outcomes for why in whys(one)) == ["limit"]


def test_one_function_takes_an_order_on(house: House) -> None:
    """`advance` is all a webhook needs: it asks, writes down and collects."""
    clerk = Clerk(work_s=0.0)
    with house.means() as means:
        watcher = Watcher(means, {"clerk": Source("clerk", clerk)})
        key = means.ledger.look(wish("a")).order.key
        means.ledger.claim(wish("a"), 1.0, budget=RICH)
        means.ledger.accept(key, clerk.order(wish("a")))
        assert watcher.advance(key).state == "fetched"
        assert watcher.advance(key).state == "fetched"
        assert clerk.checks == 1


def test_progress_never_falls_and_stays_within_bounds(house: House) -> None:
    """Whatever a provider says of its progress."""
    clerk = Clerk()
    clerk.tells.extend(
        Told(state="running", percent=percent) for percent in (30.0, 150.0, -20.0, None, float("nan"), 10.0)
    )
    house.run(["a"], Source("clerk", clerk))
    shown: list[Any] = [news.percent for news in house.news if news.percent is not None]
    assert shown == sorted(shown)
    assert all(0 <= percent <= 100 for percent in shown)


def test_an_order_is_waited_for_as_its_lane_says_whatever_lane_is_taken_now(house: House) -> None:
    """Sent slowly it is parked after the lane's time, and a run in the usual way collects it at no further cost."""
    lane = Lane(name="slow", factor=0.5, wait_s=0.1)
    clerk = Clerk(offer=OFFER.model_copy(update={"lanes": (lane,)}), work_s=0.4)
    assert whys(house.run(["a"], Source("clerk", clerk, lane="slow"))[0]) == ["deadline"]
    with house.means() as means:
        (order,) = means.ledger.orders()
        assert (order.lane, order.price_usd) == ("slow", 0.5)

    time.sleep(0.4)
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_a_word_that_nobody_knows_is_told_once_and_taken_for_work(house: House) -> None:
    """It ends nothing, and does not pass in silence."""
    clerk = Clerk()
    clerk.tells.extend([Told(state="running", odd="thinking")] * 3)
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert [news.text.partition(",")[0] for news in house.news if news.what == "waiting"] == [
        "it calls the order 'thinking'"
    ]


def test_a_dead_key_while_waiting_keeps_the_order(house: House) -> None:
    """The scene goes on without it; with a good key the next run collects it."""
    clerk = Clerk()
    clerk.tells.append(KeyRefused("revoked"))
    assert whys(house.run(["a"], Source("clerk", clerk))[0]) == ["key"]
    assert text(house.run(["a"], Source("clerk", clerk))[0]) == "job-1: a"
    assert clerk.asked == 1


def test_the_hint_of_the_provider_sets_the_pace(house: House) -> None:
    """A provider that wants to be asked later is."""
    clerk = Clerk(work_s=0.0)
    clerk.tells.append(Told(state="running", poll_after_s=0.3))
    began = time.monotonic()
    house.run(["a"], Source("clerk", clerk))
    assert time.monotonic() - began >= 0.3
