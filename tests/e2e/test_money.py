"""Money beside the pictures: prompts by a paid model, prompts that are checked first, and the question on a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import voxweave
from tests.e2e.room import CUT, KEY, QUICK, TINY, Room
from tests.e2e.room import FEW as SCENES
from tests.e2e.terminal import on_a_terminal
from tests.fakes.provider import FakeProvider

HELD = "no prompt could be checked"


def written_by_a_paid_model(server: FakeProvider, room: Room, usd: int | None = 1_000) -> None:
    """The user's own file: a writer that costs so much for a million tokens, or an unknown sum."""
    rate = f"[providers.writer.models.m]\nper_million_in = {usd}\nper_million_out = {usd}\n" if usd else ""
    table = f'[providers.writer]\nbase_url = "{server.base_url}"\nmodel = "m"\nfree = false\n'
    room.setting(table + rate)


def from_(server: FakeProvider) -> tuple[str, ...]:
    """Clips of a free server, prompts by a model."""
    return ("--provider", "openai", "--base-url", server.base_url, "--writer", "llm")


def spent(room: Room) -> dict[str, Any]:
    """What `voxweave usage` says, by provider."""
    told = voxweave("usage", "--json", cwd=room.folder)
    return {row["provider"]: row for row in json.loads(told.out)}


def test_prompts_by_a_paid_model_are_in_the_sum_and_in_the_books(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """Agreed to before the model is asked, paid by the tokens it took, in the report, the orders and the usage, once."""
    room = small_room
    server = fake("sglang")
    written_by_a_paid_model(server, room)
    quote = voxweave(
        "estimate", "spoken.mp3", *TINY, *CUT, *from_(server), "--json", cwd=room.folder, OPENAI_API_KEY=KEY
    )
    most = json.loads(quote.out)["new_usd"]
    _, told = room.make(*TINY, *from_(server), status=6)
    assert f"${most:.2f}" in told.err
    assert not {"chat", "create"} & set(server.truth()["requests"])
    for usd in (1_000, 2_000):  # a new price is no reason to write them anew
        written_by_a_paid_model(server, room, usd)
        report, told = room.make(*TINY, *from_(server), "--max-cost", str(most + 1))
    assert (1, SCENES) == (server.truth()["requests"]["chat"], server.truth()["orders_created"])
    paid = report["money"]["spent_usd"]
    assert 0 < paid < most
    assert (1, paid, 0.0) == tuple(
        spent(room)["writer"][name] for name in ("orders", "actual_usd", "open_usd")
    )
    assert "writer m  words" in voxweave("orders", "list", "spoken.mp3", cwd=room.folder).out
    (log,) = room.folder.rglob("voxweave.jsonl")
    assert '"provider": "writer"' in log.read_text()
    assert [True] * SCENES == [scene["reused"] for scene in report["scenes"]]


def test_a_model_that_does_not_fit_the_budget_is_not_asked(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """Its prompts are written by our own rules, and it is said; the pictures, which cost nothing, are ordered."""
    room = small_room
    server = fake("sglang")
    written_by_a_paid_model(server, room)
    report, _ = room.make(*TINY, *from_(server), "--max-cost", "0.01")
    assert "chat" not in server.truth()["requests"]
    assert any("does not fit" in note and "plain writer" in note for note in report["notes"])
    assert SCENES == server.truth()["orders_created"]


def test_a_model_of_unknown_price_asks(fake: Callable[..., FakeProvider], small_room: Room) -> None:
    """An unknown sum, by plan as by make; with --yes it is asked, and counted as one of unknown price."""
    room = small_room
    server = fake("sglang")
    written_by_a_paid_model(server, room, None)
    planned = voxweave(
        "plan", "spoken.mp3", *CUT, *from_(server), "--max-cost", "5", cwd=room.folder, OPENAI_API_KEY=KEY
    )
    assert (6, True) == (planned.status, "the prompts would cost an unknown sum" in planned.err)
    assert "chat" not in server.truth()["requests"]
    report, _ = room.make(*TINY, *from_(server), "--yes")
    assert (1, 1) == (server.truth()["requests"]["chat"], report["money"]["unpriced"])


@pytest.mark.parametrize("fault", ["moderation_500*", "moderation_bad_json*"])
def test_what_could_not_be_checked_is_not_ordered(
    fake: Callable[..., FakeProvider], small_room: Room, fault: str
) -> None:
    """The film is drawn (status 9), the line says why and what to do, and the next run orders it all."""
    room = small_room
    server = fake("sglang", fault)
    room.setting(f'[providers.moderator]\nbase_url = "{server.base_url}"\n')
    flags = ("--provider", "openai", "--base-url", server.base_url, "--moderation", "endpoint")
    report, told = room.make(*TINY, *flags, status=9)
    assert ["art"] * SCENES == [scene["source"] for scene in report["scenes"]]
    assert any(HELD in line for line in report["shortfalls"])
    assert HELD in told.err
    assert 0 == server.truth()["orders_created"]
    if fault.startswith("moderation_500"):
        server.script()
        report, _ = room.make(*TINY, *flags)
        assert ["openai"] * SCENES == [scene["source"] for scene in report["scenes"]]


def test_an_endpoint_that_hangs_may_stop_the_run_or_be_passed_over(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """--unchecked stop ends with status 5 before any order; --unchecked order orders, and says so (status 9)."""
    room = small_room
    server = fake("sglang", "moderation_hang*")
    room.setting(f'[providers.moderator]\nbase_url = "{server.base_url}"\nstatus_s = 0.2\n')
    flags = ("--provider", "openai", "--base-url", server.base_url, "--moderation", "endpoint", "--unchecked")
    room.make(*TINY, *flags, "stop", status=5)
    assert 0 == server.truth()["orders_created"]
    report, _ = room.make(*TINY, *flags, "order", status=9)
    assert any("ordered unchecked" in line for line in report["shortfalls"])
    assert SCENES == server.truth()["orders_created"]


def test_a_prompt_held_back_is_ordered_in_gentler_words(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """Harsh words are softened, checked again, and ordered so; the film is whole, and a note says which scene."""
    room = small_room
    server = fake("sglang", flagged={"bloody": "violence/graphic"})
    room.setting(f'[providers.moderator]\nbase_url = "{server.base_url}"\n')
    flags = ("--provider", "openai", "--base-url", server.base_url, "--moderation", "endpoint")
    report, _ = room.make(*TINY, *flags, "--prompt", "a bloody sunset")
    prompts = [order["prompt"] for order in server.truth()["orders"]]
    assert SCENES == len(prompts)
    assert all("a red sunset" in prompt and "bloody" not in prompt for prompt in prompts)
    assert SCENES == sum("in gentler words" in note for note in report["notes"])
    assert 2 == server.truth()["requests"]["moderate"]


@pytest.mark.parametrize(("answer", "status", "orders"), [("y", 0, SCENES), ("n", 6, 0)])
def test_on_a_terminal_the_sum_is_asked_about_once(
    fake: Callable[..., FakeProvider], small_room: Room, answer: str, status: int, orders: int
) -> None:
    """One question for prompts and pictures together; yes makes the film, no ends before anything is asked of anybody."""
    room = small_room
    server = fake("zai")
    room.setting(
        f'[providers.writer]\nbase_url = "{server.origin}/v1"\nmodel = "m"\nfree = false\n'
        "[providers.writer.models.m]\nper_million_in = 10\nper_million_out = 10\n"
    )
    flags = ("--provider", "zai", "--base-url", server.base_url, "--writer", "llm")
    found, seen = on_a_terminal(room.folder, answer, "make", "spoken.mp3", *TINY, *CUT, *QUICK, *flags)
    assert status == found, seen
    assert 1 == seen.count("Order these, and pay for them?")
    assert "writer m: 1 order" in seen
    assert "this run: 3 orders, $0.4" in seen
    assert orders == server.truth()["orders_created"]
    assert (orders > 0) is ("chat" in server.truth()["requests"])
    assert Path(room.folder / "spoken.mp4").exists() is (orders > 0)
