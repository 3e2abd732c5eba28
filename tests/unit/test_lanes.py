"""Lanes: what an order costs in one, how long it is waited for, and that it is no part of the wish."""

import sqlite3
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from voxweave.cli import run
from voxweave.core.estimate import CLIP_S, clip_time_s
from voxweave.core.orders import Lane, Offer, Price, Wanted
from voxweave.errors import UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.order_rows import SCHEMA
from voxweave.jobs.orders import Ledger
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.chain import Inspecting, open_chain
from voxweave.pipeline.means import Pace, pace_of
from voxweave.pipeline.studio import open_studio
from voxweave.providers import registry
from voxweave.providers.base import Provider
from voxweave.providers.lanes import LaneOptions, LaneTable
from voxweave.settings import Settings

WANTED = Wanted(provider="p", model="m", prompt="a boat", seconds=4, width=16, height=16)
USUAL = Price(per_clip=0.1, per_second=0.2, per_second_at={720: 0.4}, dated="2026-11-01")


def test_a_lane_has_its_part_of_the_usual_price_or_one_of_its_own() -> None:
    """Who has no such lane is as it was, and a price nobody knows is not known in a lane either."""
    half = Offer(model="m", price=USUAL, lanes=(Lane(name="slow", factor=0.5),)).in_lane("slow")
    own = Offer(model="m", price=USUAL, lanes=(Lane(name="slow", price=Price(per_clip=1, dated="x")),))
    unknown = Offer(model="m", lanes=(Lane(name="slow", factor=0.5),)).in_lane("slow")

    assert half.price is not None
    assert (clip_time_s(half), clip_time_s(own)) == (86_400, CLIP_S)
    assert (half.lane, half.price.at(720).of(10), half.price.at(0).of(0)) == ("slow", 2.05, 0.05)
    assert own.in_lane("slow").price == Price(per_clip=1, dated="x")
    assert (unknown.lane, unknown.price) == ("slow", None)
    assert own.in_lane("other") == own


@pytest.mark.parametrize(
    "table",
    [{}, {"sends": {}}, {"sends": {"Prompt": "x"}}, {"sends": {"size": "1x1"}}, {"price_factor": 0.5}],
)
def test_a_lane_is_something_that_is_sent_and_decides_no_clip(table: dict[str, object]) -> None:
    """A name alone is no lane, and what the wish says is not for a lane to say otherwise."""
    with pytest.raises(ValidationError):
        LaneTable.model_validate(table)


def test_its_fields_are_sent_in_it_alone() -> None:
    """The usual way sends nothing of it."""
    told = {"lanes": {"slow": {"sends": {"service_tier": "flex"}, "per_second": 0.05, "wait_s": 60}}}

    assert LaneOptions.model_validate(told).lane_fields == {}
    slow = LaneOptions.model_validate({**told, "lane": "slow"})
    assert slow.lane_fields == {"service_tier": "flex"}
    assert [(lane.name, lane.wait_s) for lane in slow.offered_lanes] == [("slow", 60.0)]


def test_an_order_in_a_lane_is_waited_for_as_long_as_the_lane_says() -> None:
    """And asked about less often; a limit of time that somebody set holds everywhere."""
    pace = pace_of(Settings()).in_lane(86_400)
    assert (pace.deadline_s, pace.poll_s, pace.poll_longest_s) == (86_400, 5.0, 300.0)
    assert Pace().in_lane(60).poll_longest_s == Pace().poll_longest_s
    assert pace_of(Settings(order_deadline_s=30)).in_lane(86_400).deadline_s == 30
    assert pace_of(Settings(order_deadline_s=1_200)).in_lane(86_400).deadline_s == 1_200


class Stranger(Provider):
    """Makes clips, and means something else by a lane."""

    class Options(BaseModel):
        """Where its machines stand."""

        lane: str = "Penny"

    offers = order = check = find = collect = lambda *_: (Offer(model="m"),)


@pytest.mark.parametrize(("name", "refused"), [("stranger", False), ("zai", True)])
def test_a_lane_in_a_table_is_a_strangers_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, refused: bool
) -> None:
    """A stranger has what its table says; in one of ours it has no place, since the lane is the whole run's."""
    points = {
        "stranger": EntryPoint("stranger", f"{__name__}:Stranger", registry.GROUP),
        "zai": EntryPoint("zai", "voxweave.providers.zai:Zai", registry.GROUP),
    }
    monkeypatch.setattr(registry, "_found", lambda: points)
    run(["providers", "show", name])
    assert ('lane = "Penny"  # default' in capsys.readouterr().out) != refused
    settings = Settings(provider=(name,)).with_tables({name: {"lane": "slow"}})
    studio = open_studio(settings, stop=StopSignal(), tell=lambda _: None)
    if refused:
        with pytest.raises(UsageError, match="provider zai: lane is set for the whole run"):
            open_chain(studio)
        return
    supplier = open_chain(studio)[0].source.supplier
    assert isinstance(supplier, Inspecting)
    assert isinstance(supplier.inner, Stranger)
    assert supplier.inner.options == Stranger.Options(lane="slow")


def test_the_ledger_knows_the_lane_and_takes_files_that_knew_none(tmp_path: Path) -> None:
    """An order of before is of the usual way; the next of the same wish goes on with it, whatever the lane."""
    file = tmp_path / "orders.sqlite3"
    with sqlite3.connect(file) as old:
        old.executescript(SCHEMA[0])
        old.execute("PRAGMA user_version=1")
    with Ledger(file) as ledger:
        key = ledger.look(WANTED).order.key
        assert ledger.order(key).lane == ""
        claim = ledger.claim(WANTED, 0.05, budget=Budget(max_usd=1), lane="slow")
        assert (claim.todo, claim.order.lane, claim.order.price_usd) == ("send", "slow", 0.05)
        assert ledger.look(WANTED).order.key == key
