"""The log of a film's job: what a person reads who asks what was ordered, and what was said of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.command import voxweave
from tests.e2e.room import CUT, FEW, KEY, QUICK, TINY, Room
from tests.fakes.provider import FakeProvider


def lines(room: Room) -> list[dict[str, Any]]:
    """The log, the oldest line first."""
    (log,) = room.folder.rglob("voxweave.jsonl")
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_log_of_a_film_tells_every_order_and_request(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """Scene, model, the provider's id, state, time, cost and a shortened prompt; each request with its status."""
    server, room = fake("zai", clip_size="256x144"), small_room
    _, told = room.make("--provider", "zai", "--base-url", server.base_url, *TINY, "--max-cost", "0.40", "-v")
    rows, truth = lines(room), server.truth()
    there = [row for row in rows if row["event"] == "order fetched"]
    assert sorted(range(1, FEW + 1)) == sorted(row["scene"] for row in there)
    for row in there:
        assert ("zai", "cogvideox-3", 1, "fetched", 0.2) == tuple(
            row[name] for name in ("provider", "model", "attempt", "status", "cost_usd")
        )
        assert row["duration_ms"] > 0
        assert len(row["prompt"]) < 60
    assert {order["id"] for order in truth["orders"]} == {row["remote_id"] for row in there}
    asked = [row for row in rows if row["from"] == "providers.noting"]
    assert sum(truth["requests"].values()) == len(asked)
    sent = [row for row in asked if row["event"].startswith("POST ")]
    assert [200] * FEW == [row["status"] for row in sent]
    assert all(row["event"].endswith("/videos/generations") and "duration_ms" in row for row in sent)
    assert not any("?" in row["event"] or KEY in json.dumps(row) for row in rows)
    assert "order accepted" in told.err
    assert "POST" not in told.err


def test_a_fall_is_told_in_a_word(fake: Callable[..., FakeProvider], small_room: Room) -> None:
    """What went wrong stands as one of few words beside its sentence; a try that failed has its number."""
    server = fake("sglang", "create_moderated", "create_503", clip_size="256x144")
    flags = ("--provider", "openai", "--base-url", server.base_url, *TINY, "-vv")
    _, told = small_room.make(*flags, status=9)
    rows = lines(small_room)
    (fell,) = [row for row in rows if row["event"].startswith("order fell")]
    assert ("refused", "refused") == (fell["error"], fell["status"])
    tries = [row["attempt"] for row in rows if row["event"].startswith("order waiting")]
    assert [1] == tries
    assert "POST 127.0.0.1/v1/videos" in told.err


@pytest.mark.parametrize("command", ["make", "clip"])
def test_a_missing_key_is_told_before_any_request(
    fake: Callable[..., FakeProvider], small_room: Room, command: str
) -> None:
    """The variable is named and nobody is asked; a film goes on with the next in the chain (9), a clip has none (5)."""
    server, room = fake("zai"), small_room
    flags = ("--provider", "zai", "--base-url", server.base_url, "--max-cost", "1")
    what = ("spoken.mp3", *TINY, *CUT, *QUICK) if command == "make" else ("a boat",)
    told = voxweave(command, *what, *flags, cwd=room.folder, ZAI_API_KEY="")
    assert told.status == (9 if command == "make" else 5), told.err
    assert "needs a key, and none is set in ZAI_API_KEY" in told.err
    assert {} == server.truth()["requests"]


def test_prices_are_told_without_a_key(fake: Callable[..., FakeProvider], small_room: Room) -> None:
    """An estimate needs none, where the prices are known here."""
    server = fake("zai")
    flags = (*TINY, *CUT, "--provider", "zai", "--base-url", server.base_url, "--json")
    told = voxweave("estimate", "spoken.mp3", *flags, cwd=small_room.folder, ZAI_API_KEY="")
    assert (0, 0.4) == (told.status, json.loads(told.out)["new_usd"]), told.err
    assert {} == server.truth()["requests"]


def test_a_check_without_a_key_asks_nobody(fake: Callable[..., FakeProvider], small_room: Room) -> None:
    """`providers check` of a service that needs one ends with the variable's name (5)."""
    server = fake("zai")
    line = ("providers", "check", "zai", "--base-url", server.base_url)
    told = voxweave(*line, cwd=small_room.folder, ZAI_API_KEY="")
    assert (5, True) == (told.status, "ZAI_API_KEY" in told.err), told.err
    assert {} == server.truth()["requests"]
