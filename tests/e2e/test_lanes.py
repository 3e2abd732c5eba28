"""Orders that may take longer and cost less: really asked for so, at that price, and nowhere pretended."""

import json
from collections.abc import Callable

import pytest

from tests.e2e.command import voxweave
from tests.e2e.room import CUT, KEY, QUICK, TINY, Room
from tests.fakes.provider import FakeProvider

LANE = '[providers.zai.lanes.slow]\nsends = { service_tier = "flex" }\nprice_factor = 0.5\nwait_s = 7200\n'


def test_a_film_in_the_slow_lane_is_asked_for_so_and_costs_what_the_lane_costs(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """On the wire, in the sum, the ledger and the report; bought once, it serves a run in the usual way as well."""
    room, server = small_room, fake("zai", clip_size="320x180")
    room.setting(LANE)
    ways = ("--provider", "zai", "--base-url", server.base_url, "--clips", "1", "--cache", "off")

    quote = voxweave(
        "estimate",
        "spoken.mp3",
        *TINY,
        *CUT,
        *ways,
        "--lane",
        "slow",
        "--json",
        cwd=room.folder,
        ZAI_API_KEY=KEY,
    )
    assert json.loads(quote.out)["new_usd"] == 0.1
    report, _ = room.make(*ways, "--lane", "slow", "--max-cost", "0.10")

    (sent,) = server.truth()["orders"]
    assert sent["fields"]["service_tier"] == "flex"
    listed = voxweave("orders", "list", "--json", cwd=room.folder)
    (order,) = json.loads(listed.out)
    assert (order["lane"], order["price_usd"], order["paid_usd"]) == ("slow", 0.1, 0.1)
    assert {scene["lane"] for scene in report["scenes"]} == {"slow"}
    assert report["money"]["spent_usd"] == 0.1
    assert any("in the slow lane a picture may take 2 h" in note for note in report["notes"])
    assert any("slow lane, $0.10" in note for note in report["notes"])

    report, _ = room.make(*ways)
    assert len(server.truth()["orders"]) == 1
    assert report["money"]["spent_usd"] == 0.1


@pytest.mark.parametrize(
    "words",
    [
        ("make", "spoken.mp3", *QUICK),
        ("estimate", "spoken.mp3"),
        ("batch", ".", "--yes"),
        ("clip", "a boat"),
    ],
)
def test_a_lane_that_nobody_has_is_refused_before_anything_is_sent(
    fake: Callable[..., FakeProvider], small_room: Room, words: tuple[str, ...]
) -> None:
    """One line says who lacks it, and how it would be declared."""
    server = fake("zai")
    film = () if words[0] == "clip" else (*TINY, *CUT)
    chain = ("--provider", "zai", "--base-url", server.base_url, "--lane", "slow")
    told = voxweave(*words, *film, *chain, cwd=small_room.folder, ZAI_API_KEY=KEY)

    assert told.status == 2
    assert told.lines == [
        "voxweave: zai has no slow lane, and nothing was ordered;"
        " say how to ask for it in [providers.zai.lanes.slow], or leave out --lane"
    ]
    assert server.truth()["requests"] == {}


def test_a_lane_changes_nothing_where_nobody_is_paid(small_room: Room) -> None:
    """It may stand in one's own file: what is drawn here costs nothing and waits for nobody."""
    small_room.setting('lane = "slow"\n')
    told = voxweave("estimate", "spoken.mp3", *TINY, cwd=small_room.folder)

    assert told.status == 0, told.err
    assert "nothing is ordered" in told.out
