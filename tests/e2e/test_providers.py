"""Films whose pictures come from providers: a fake one on loopback, real clips, the command as a user runs it."""

import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.command import started, voxweave
from tests.e2e.room import CUT, KEY, QUICK, SCENES, TINY, Room
from tests.fakes.provider import FakeProvider


def sources(report: dict[str, Any]) -> list[str]:
    """Where each scene's picture is from."""
    return [scene["source"] for scene in report["scenes"]]


def test_a_film_of_stills(fake: Callable[..., FakeProvider], room: Room) -> None:
    """A picture a scene, under a slow camera."""
    server = fake("openai")
    report, _ = room.make("--provider", "openai-images", "--base-url", server.base_url, "--max-cost", "1")
    assert ["openai-images"] * SCENES == sources(report)
    assert SCENES == len(server.truth()["pictures"])
    assert all(scene["fit"] in ("push-in", "pan-right", "pull-out") for scene in report["scenes"])
    assert 0 < report["money"]["spent_usd"] < 1


def test_the_next_takes_over_where_the_first_dies(fake: Callable[..., FakeProvider], room: Room) -> None:
    """The first accepts one order and then nothing: status 9, and the report says which scene came from where."""
    server = fake("sglang", "create_ok", "create_503*")
    room.setting(f'[providers.openai-images]\nbase_url = "{server.base_url}"\n')
    report, told = room.make(
        *("--provider", "openai,openai-images,art", "--base-url", server.base_url),
        *("--yes", "--max-cost", "3"),
        status=9,
    )
    assert sorted(["openai", "openai-images", "openai-images"]) == sorted(sources(report))
    fallen = [scene for scene in report["scenes"] if scene["source"] == "openai-images"]
    assert all(scene["fell"][0].startswith("openai: ") for scene in fallen)
    assert any("not from openai" in line for line in report["shortfalls"])
    assert "short of what was asked" in told.err
    assert (1, 2) == (server.truth()["orders_created"], len(server.truth()["pictures"]))


def test_the_most_a_film_may_cost_is_never_passed(fake: Callable[..., FakeProvider], room: Room) -> None:
    """Three clips of $0.20 for $0.45: two are ordered, the third scene is drawn, and a second run orders no more."""
    server = fake("zai")
    flags = ("--provider", "zai", "--base-url", server.base_url, "--max-cost", "0.45")
    for _ in range(2):
        report, _ = room.make(*flags, status=9)
        assert ["art", "zai", "zai"] == sorted(sources(report))
        assert report["money"]["spent_usd"] == pytest.approx(0.4)
        assert any("does not fit" in line for line in report["shortfalls"])
        assert (2, {}) == (server.truth()["orders_created"], server.truth()["twice"])


def test_nobody_agreed_and_nothing_is_ordered(fake: Callable[..., FakeProvider], room: Room) -> None:
    """Without a terminal, a paid run ends with status 6, the sum and the flag, before any order."""
    server = fake("zai")
    _, told = room.make("--provider", "zai", "--base-url", server.base_url, status=6)
    assert "$0.60" in told.err
    assert "--max-cost 0.60" in told.err
    assert {} == server.truth()["requests"]


def test_a_killed_run_goes_on_and_pays_nothing_twice(fake: Callable[..., FakeProvider], room: Room) -> None:
    """Killed while its clips are being made, the next run collects them."""
    server = fake("sglang", job_seconds=2.0)
    flags = ("--provider", "openai", "--base-url", server.base_url, "--yes")
    first = started("make", "spoken.mp3", *TINY, *CUT, *QUICK, *flags, cwd=room.folder)
    until = time.monotonic() + 120
    while server.truth()["orders_created"] < SCENES and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=10)
    report, _ = room.make(*flags)
    assert ["openai"] * SCENES == sources(report)
    assert (SCENES, {}) == (server.truth()["orders_created"], server.truth()["twice"])


def test_an_order_not_ready_in_time_is_collected_by_the_next_run(
    fake: Callable[..., FakeProvider], room: Room
) -> None:
    """After its deadline the film is made without it (status 9); run again, it is there and was paid once."""
    server = fake("sglang", job_seconds=3.0)
    flags = ("--provider", "openai", "--base-url", server.base_url, "--yes")
    report, _ = room.make(*flags, "--order-deadline-s", "0.2", status=9)
    assert ["art"] * SCENES == sources(report)
    assert any("the next run collects it" in line for line in report["shortfalls"])
    report, _ = room.make(*flags)
    assert ["openai"] * SCENES == sources(report)
    assert (SCENES, {}) == (server.truth()["orders_created"], server.truth()["twice"])


def test_an_edited_prompt_orders_that_scene_alone(fake: Callable[..., FakeProvider], room: Room) -> None:
    """Prompts stand in the storyboard; after an edit one more clip is ordered, with those words."""
    server = fake("vllm_omni")
    flags = ("--provider", "openai", "--base-url", server.base_url, *CUT)
    planned = voxweave("plan", "spoken.mp3", *flags, cwd=room.folder)
    assert planned.status == 0, planned.err
    board = room.folder / "spoken.storyboard.toml"
    room.make(*flags, "--storyboard", board)
    lines = board.read_text().splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("prompt = "))
    lines[last] = 'prompt = "A lighthouse in the rain"'
    board.write_text("\n".join(lines))
    room.make(*flags, "--storyboard", board)
    orders = server.truth()["orders"]
    assert (SCENES + 1, "A lighthouse in the rain") == (len(orders), orders[-1]["prompt"])


def test_a_key_alone_asks_nobody(fake: Callable[..., FakeProvider], room: Room) -> None:
    """With a key and an address but no provider named, the film is drawn and no request is made."""
    server = fake("openai")
    report, told = room.make(VOXWEAVE_BASE_URL=server.base_url, ZAI_API_KEY=KEY)
    assert ["art"] * SCENES == sources(report)
    assert {} == server.truth()["requests"]
    assert report["money"] is None
    assert "orders" not in told.err


def test_a_folder_from_a_stranger_spends_nothing(room: Room) -> None:
    """The file beside a narration names no provider, no address and no sum."""
    (room.folder / "voxweave.toml").write_text('provider = ["zai"]\n')
    _, told = room.make(status=2)
    assert "provider cannot be set beside a narration" in told.err


def test_prompts_by_a_model_are_checked_before_they_are_ordered(
    fake: Callable[..., FakeProvider], room: Room
) -> None:
    """A language model writes them, once; what a moderation endpoint holds back is drawn, and named (status 9)."""
    server = fake("sglang", flagged={"underwater": "violence"})
    room.setting(
        f'[providers.writer]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        f'[providers.moderator]\nbase_url = "{server.base_url}"\n'
    )
    flags = ("--provider", "openai", "--base-url", server.base_url, "--writer", "llm")
    for _ in range(2):
        report, _ = room.make(*flags, "--moderation", "endpoint", "--clip-sound", "duck", status=9)
    assert ["art", "openai", "openai"] == sorted(sources(report))
    assert any("held back (violence)" in line for line in report["shortfalls"])
    requests = server.truth()["requests"]
    assert (1, 2) == (requests["chat"], requests["create"])
