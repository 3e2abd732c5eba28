"""Jobs of one machine as a user meets them: listed, watched, cancelled, asked about, run again."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import Told, leftovers, started, voxweave
from tests.e2e.room import CUT, FEW, KEY, QUICK, TINY, Room
from tests.fakes.provider import FakeProvider

PATIENCE_S = 180


class Jobs:
    """The commands about jobs, given in a folder that is not the narration's."""

    def __init__(self, room: Room, elsewhere: Path) -> None:
        self.room, self.elsewhere = room, elsewhere

    def __call__(self, *words: str, status: int = 0) -> Told:
        home = self.room.folder
        told = voxweave(
            "jobs", *words, cwd=self.elsewhere, HOME=str(home), XDG_STATE_HOME=f"{home}.state",
            XDG_CACHE_HOME=f"{home}.cache", OPENAI_API_KEY=KEY,
        )  # fmt: skip
        assert told.status == status, told.err
        assert KEY not in told.out + told.err
        return told

    def card(self) -> dict[str, Any]:
        """What is told of the one job there is."""
        (card,) = json.loads(self("list", "--json").out)["jobs"]
        assert isinstance(card, dict)
        return card


@pytest.fixture
def jobs(small_room: Room, tmp_path_factory: pytest.TempPathFactory) -> Jobs:
    """Of a narration of two scenes, asked about from elsewhere."""
    return Jobs(small_room, tmp_path_factory.mktemp("elsewhere"))


def begun(jobs: Jobs, *flags: str) -> "subprocess.Popen[bytes]":
    """The film being made in the background."""
    return started("make", "spoken.mp3", *TINY, *CUT, *QUICK, *flags, cwd=jobs.room.folder)


def ordered(server: FakeProvider) -> None:
    """Wait until every scene is ordered, and was looked at: before that its id may not be written down."""
    ends = time.monotonic() + PATIENCE_S
    while sum(order["polls"] > 0 for order in server.truth()["orders"]) < FEW:
        assert time.monotonic() < ends
        time.sleep(0.05)


def test_a_job_is_cancelled_asked_about_and_retried(fake: Callable[..., FakeProvider], jobs: Jobs) -> None:
    """What is ordered is told when a job is cancelled, fetched and shared on demand, and paid for once."""
    server, shared = fake("sglang", job_seconds=2.0), jobs.elsewhere / "shared"
    flags = ("--base-url", server.base_url, "--yes", "--priority", "high", "--artifacts", str(shared))
    run = begun(jobs, "--provider", "openai", *flags)
    ordered(server)
    told = jobs("cancel", "spoken")
    assert "2 orders" in told.err
    assert "will be fetched" in told.err
    assert 143 == run.wait(PATIENCE_S)
    card = jobs.card()
    assert ("cancelled", "high", 143) == (card["state"], card["priority"], card["exit_code"])

    time.sleep(2.0)
    before = set(shared.glob("blobs/*/*"))
    assert FEW == jobs("sync", card["id"]).out.count("-> fetched")
    assert FEW == len(set(shared.glob("blobs/*/*")) - before)
    assert (
        str(jobs.room.folder / "spoken.mp4")
        == jobs("retry", str(jobs.room.folder / "spoken.mp3")).out.strip()
    )
    assert (FEW, {}) == (server.truth()["orders_created"], server.truth()["twice"])
    done = json.loads(jobs("show", card["id"], "--json").out)
    assert ("done", 100, {"fetched": FEW}) == (done["state"], done["percent"], done["orders"])
    assert card["created_at"] == done["created_at"] < done["updated_at"] == done["completed_at"]
    assert [] == leftovers(jobs.room.folder)
    run.communicate()


def test_a_killed_job_has_stopped_and_is_resumed(fake: Callable[..., FakeProvider], jobs: Jobs) -> None:
    """Nobody tells that it died, and it is seen all the same; whoever watches is told, and it goes on from there."""
    server = fake("sglang", job_seconds=2.0)
    run = begun(jobs, "--provider", "openai", "--base-url", server.base_url, "--yes")
    ordered(server)
    run.kill()
    run.communicate()

    assert "is stopped; voxweave jobs resume" in jobs("watch", "spoken", status=130).err
    jobs("resume", "spoken")
    assert (FEW, {}) == (server.truth()["orders_created"], server.truth()["twice"])
    seen = jobs("watch", "spoken")
    assert f"{jobs.room.folder / 'spoken.mp4'}\n" == seen.out
    assert 2 == jobs("log", "spoken").out.count("the run began")


def test_a_failed_job_says_why(jobs: Jobs) -> None:
    """Its code, message and hint are kept; the same line is given again once the cause is mended."""
    narration = jobs.room.folder / "spoken.mp3"
    whole = narration.read_bytes()
    narration.write_bytes(b"no sound at all" * 100)
    jobs.room.make(status=3)

    error = json.loads(jobs("show", "spoken", "--json").out)["error"]
    assert ("input", False) == (error["code"], error["retryable"])
    assert "is text, not sound" in error["message"]
    narration.write_bytes(whole)
    jobs("retry", "spoken")
    assert "removed" in jobs("clean", "--status", "done").err
    assert (jobs.room.folder / "spoken.mp4").exists()
    assert not (jobs.room.folder / ".voxweave").exists()
