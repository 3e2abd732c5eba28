"""Single clips, and the commands about orders and money, as a user runs them against a server of ours."""

import json
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Ffmpeg
from tests.e2e.command import PROGRAM, Told, environment, started, voxweave
from tests.e2e.reading import look_at
from tests.fakes.provider import FakeProvider

KEY = "sk-a-secret-of-mine-0123456789"
HASTE = ("--poll-s", "0.05", "--quiet-s", "0.1", "--retry-s", "0.05")
STAMPED = re.compile(r"voxweave_\d{8}_\d{6}(-\d+)?\.mp4")


@pytest.fixture(scope="module")
def server(bundled: Path) -> Iterator[FakeProvider]:
    """One server whose clips are real and small."""
    with FakeProvider(ffmpeg=bundled) as fake:
        yield fake


class Desk:
    """A user's folder, and commands run in it against the server."""

    def __init__(self, folder: Path, fake: FakeProvider) -> None:
        self.folder, self.fake = folder, fake

    def begin(self, flavour: str, *script: str, **switches: Any) -> "Desk":
        """The server in a manner, with nothing in memory."""
        self.fake.reset(*script, flavour=flavour, **{"job_seconds": 0.1, "clip_size": "320x180", **switches})
        return self

    def __call__(self, *words: str | Path, status: int = 0) -> Told:
        told = voxweave(*words, cwd=self.folder, ZAI_API_KEY=KEY, OPENAI_API_KEY=KEY)
        assert told.status == status, told.err
        assert KEY not in told.err + told.out
        return told

    def clip(self, *words: str | Path, provider: str = "zai", status: int = 0) -> Told:
        """One clip of a boat from this server."""
        return self("clip", "A boat on a lake", *self.where(provider), *words, status=status)

    def where(self, provider: str) -> tuple[str, ...]:
        return ("--provider", provider, "--base-url", self.fake.base_url, *HASTE)

    def configured(self, provider: str, **told: object) -> None:
        """A table of the user's own file."""
        lines = [f"[providers.{provider}]", *(f"{key} = {json.dumps(value)}" for key, value in told.items())]
        file = self.folder / ".config" / "voxweave" / "voxweave.toml"
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(lines))

    @property
    def orders(self) -> int:
        """How many jobs were really made."""
        return len(self.fake.truth()["orders"])

    @property
    def films(self) -> list[Path]:
        return sorted(self.folder.glob("*.mp4"))


@pytest.fixture
def desk(tmp_path: Path, server: FakeProvider) -> Desk:
    """A folder of its own."""
    return Desk(tmp_path, server)


def test_a_clip_costs_what_was_agreed_to(desk: Desk) -> None:
    """Without consent nothing is ordered and the sum is told; a budget too small stops; enough of it pays once."""
    desk.begin("zai")
    refused = desk.clip(status=6)
    assert "$0.20" in refused.err
    assert "--max-cost 0.20" in refused.err
    assert "--max-cost" in desk.clip("--max-cost", "0.19", status=6).err
    assert 0 == desk.orders

    made = desk.clip("--max-cost", "0.20", "-v")
    (film,) = desk.films
    assert made.out == f"{film}\n"
    assert STAMPED.fullmatch(film.name)
    seen = look_at(film)
    assert 5 == round(seen.frames / seen.rate)
    assert 1 == desk.orders


def test_what_was_made_and_spent_is_told(desk: Desk) -> None:
    """`history`, `usage` and `orders` agree about a clip; the same words again are another clip."""
    desk.begin("zai")
    first = json.loads(desk.clip("--yes", "--json").out)
    desk.clip("--yes", "-o", "films/new")

    assert 0.2 == first["price_usd"]
    made = json.loads(desk("history", "--json").out)
    assert [("clip", 0.2, ["zai"])] * 2 == [(one["kind"], one["cost_usd"], one["shows"]) for one in made]
    assert all(Path(one["path"]).is_file() for one in made)
    spent = json.loads(desk("usage", "--json").out)
    assert 0.4 == sum(one["actual_usd"] for one in spent) == sum(one["estimated_usd"] for one in spent)
    assert ["fetched"] * 2 == [one["state"] for one in json.loads(desk("orders", "list", "--json").out)]
    assert 2 == desk.orders


def test_a_reference_picture_arrives_at_the_clip_s_size(desk: Desk, ffmpeg: Ffmpeg) -> None:
    """It is cut to the size ordered; one that is not there costs nothing."""
    picture = desk.folder / "pic.jpg"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x640", "-frames:v", "1", picture)
    desk.begin("vllm_omni")
    desk.clip("-r", "nothing.jpg", provider="openai", status=3)
    assert 0 == desk.orders

    desk.clip("-r", picture, "-s", "832x480", "-d", "3", "--yes", provider="openai")
    (order,) = desk.fake.truth()["orders"]
    assert ("832x480", "3") == (order["fields"]["size"], str(order["fields"]["seconds"]))
    assert (832, 480) == tuple(order["files"]["input_reference"]["size"])


@pytest.mark.parametrize("words", [("-d", "7"), ("-s", "100x100"), ("-s", "big"), ("-o", "taken/x")])
def test_what_cannot_be_is_said_before_any_request(desk: Desk, words: tuple[str, str]) -> None:
    """A length or size the model lacks, or a folder that cannot be made: no request at all."""
    desk.begin("zai")
    (desk.folder / "taken").touch()
    desk.clip("--yes", *words, status=8 if words[0] == "-o" else 2)
    assert 0 == desk.orders


def test_a_prompt_too_long_is_not_cut(desk: Desk) -> None:
    """What a model would not take whole is said; bytes that are no text do not break anything."""
    desk.begin("zai")
    told = desk("clip", "boat " * 200, *desk.where("zai"), "--yes", status=2)
    assert "takes 512" in told.err
    desk("clip", os.fsdecode(b"a \xff boat"), *desk.where("zai"), "--yes")
    assert 1 == desk.orders


def test_a_killed_run_is_gone_on_with(desk: Desk) -> None:
    """Killed while the clip is made, the same command collects it and orders nothing."""
    desk.begin("vllm_omni", job_seconds=1.5)
    words = ("clip", "A boat on a lake", *desk.where("openai"))
    first = started(*words, cwd=desk.folder)
    until = time.monotonic() + 120
    while not desk.orders and time.monotonic() < until:
        time.sleep(0.05)
    first.kill()
    first.communicate()

    desk.clip(provider="openai")
    assert (1, 1) == (desk.orders, len(desk.films))


def in_doubt(desk: Desk) -> str:
    """A clip that was ordered at a server without a list, and nobody heard of; its order's key."""
    desk.begin("new_api", "create_close_after_job")
    desk.configured("openai", dialect="new_api", model="their-model", free=True)
    told = desk.clip(provider="openai", status=5)
    assert 1 == desk.orders
    found = re.search(r"voxweave orders adopt (\S+) ID", told.err)
    assert found, told.err
    return found[1]


def test_an_order_in_doubt_is_adopted(desk: Desk) -> None:
    """A person who finds the order at the provider names its id, and the same command brings the clip."""
    key = in_doubt(desk)
    desk.clip(provider="openai", status=5)
    (order,) = desk.fake.truth()["orders"]

    desk("orders", "adopt", key, order["id"])
    desk.clip(provider="openai")
    assert (1, 1) == (desk.orders, len(desk.films))


def test_an_order_in_doubt_is_bought_again(desk: Desk) -> None:
    """A person who agrees to pay again gets a second one, once."""
    key = in_doubt(desk)

    desk("orders", "rebuy", key)
    desk.clip(provider="openai")
    assert (2, 1) == (desk.orders, len(desk.films))


def test_the_next_provider_takes_over(desk: Desk) -> None:
    """When the first is out of credit the second delivers, the reason is told, and the status is 9."""
    desk.begin("zai", "create_429_quota")
    desk.configured("openai", base_url=desk.fake.origin + "/v1", model="sora-2", free=True)
    told = desk.clip("--max-cost", "1", "--json", provider="zai,openai", status=9)
    assert "zai did not deliver" in told.err
    assert "openai" == json.loads(told.out)["wanted"]["provider"]


def test_a_provider_is_checked_by_one_cheap_call(desk: Desk) -> None:
    """The list of models tells that address and key are right; a dead key is status 5, nobody there as well."""
    desk.begin("zai")
    assert "zai: it answers" in desk("providers", "check", "zai", "--base-url", desk.fake.base_url).out
    desk.begin("openai", keys={"sk-another-one-12345678": "ok"})
    desk("providers", "check", "openai", "--base-url", desk.fake.base_url, status=5)
    desk("providers", "check", "openai", "--base-url", "http://127.0.0.1:9/v1", status=5)
    assert 0 == desk.orders


def test_a_retired_model_is_known_before_any_request(desk: Desk) -> None:
    """OpenAI's own video models are gone: one line says since when, and what works."""
    told = desk("clip", "A boat", "--provider", "openai", "-m", "sora-2", "--yes", status=4)
    assert "since 2026-09-24" in told.err
    assert "zai" in told.err


def asked(desk: Desk, answer: str, term: str) -> tuple[int, str]:
    """The command on a terminal, its question answered; its status and all it said."""
    leader, follower = pty.openpty()
    words = ("clip", "A boat on a lake", *desk.where("zai"))
    child = subprocess.Popen(
        [*PROGRAM, *words],
        cwd=desk.folder,
        env=environment(desk.folder, ZAI_API_KEY=KEY, TERM=term),
        stdin=follower,
        stdout=subprocess.DEVNULL,
        stderr=follower,
        start_new_session=True,
    )
    os.close(follower)
    said, answered, until = b"", False, time.monotonic() + 30
    while time.monotonic() < until:
        if not select.select([leader], [], [], 0.2)[0]:
            continue
        try:
            said += os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if b"[y/N]" in said and not answered:
            os.write(leader, answer.encode() + b"\n")
            answered = True
    os.close(leader)
    return child.wait(timeout=120), said.decode("utf-8", "replace")


@pytest.mark.parametrize(
    ("answer", "term", "status", "orders"),
    [("n", "dumb", 6, 0), ("y", "dumb", 0, 1), ("y", "xterm-256color", 0, 1)],
)
def test_a_terminal_is_asked_once(desk: Desk, answer: str, term: str, status: int, orders: int) -> None:
    """The sum and its date are shown, also where a bar is drawn, and only yes orders."""
    desk.begin("zai")
    found, said = asked(desk, answer, term)
    assert (status, orders) == (found, desk.orders), said
    assert "$0.20 (price of 2026-11-20)" in said
    assert 1 == said.count("[y/N]")


def test_an_estimate_orders_nothing(desk: Desk, spoken: Path) -> None:
    """What the film would cost is told, before and without any order."""
    desk.begin("zai")
    told = desk("estimate", spoken, *desk.where("zai"))
    assert re.search(r"this run: \d+ orders?, \$\d+\.\d\d", told.out), told.out
    quote = json.loads(desk("estimate", spoken, "--json", *desk.where("zai")).out)
    assert quote["new_usd"] == pytest.approx(0.2 * quote["orders"])
    assert 0 == desk.orders
