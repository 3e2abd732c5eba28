"""Many machines: whatever dies, freezes or is away, no film is lost, none differs, and nothing is ordered twice."""

import json
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import voxweave
from tests.fakes.bucket import KEYS
from tests.fakes.fleet import AT_ONCE, GONE_S, Following, Hand, Town, descendants, town, until
from tests.fakes.machine.wall import HOUR_S, wall_clock
from tests.fakes.provider import FakeProvider


@pytest.fixture(scope="module", autouse=True)
def keys() -> Iterator[None]:
    """What opens the store, for whoever sends and collects films here."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in KEYS.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def town_of_all(tmp_path_factory: pytest.TempPathFactory, bundled: Path) -> Iterator[Town]:
    """A database, a store and a provider that all tests share."""
    with town(tmp_path_factory.mktemp("town"), bundled) as one:
        yield one


@pytest.fixture
def here(town_of_all: Town) -> Iterator[Town]:
    """The same with nobody at work, and nothing broken."""
    yield town_of_all
    town_of_all.send_home()


def test_nothing_that_happens_to_machines_costs_more_than_time(here: Town, bundled: Path) -> None:
    """Kills, a freeze, a database restart and a store outage: every film as at home, every clip ordered once."""
    films = [here.film("boat"), here.film("lake")]
    workers = [here.worker(wait=False) for _ in range(3)]
    sent = Following(here, films)
    sent.start()
    until(lambda: all("takes work" in worker.said for worker in workers), 60)

    sent.reach("illustrate")
    first = next(worker for worker in workers if worker.worker in owners(here))
    first.kill()  # for good: its work goes on elsewhere
    gone_s = until(lambda: any(f"{first.worker} is gone" in one.said for one in workers), 30)
    second, third = (worker for worker in workers if worker is not first)
    sent.reach("render", limit_s=150)  # an order whose create call was cut off is looked up after a minute
    second.freeze()
    here.line.up = False
    time.sleep(5)
    here.line.up = True
    here.postgres.restart(away_s=3, hard=True)
    second.thaw()
    third.kill()
    here.worker()
    ended = sent.ended(limit_s=240)

    with FakeProvider("vllm_omni", ffmpeg=bundled, clip_size="320x180") as other:
        assert [film.film.read_bytes() for film in films] == [here.at_home(film, other) for film in films]
    assert [card.state for card in ended] == ["done", "done"]
    truth = here.provider.truth()
    assert truth["twice"] == {}
    assert truth["orders_created"] == 12
    assert truth["bugs"] == []
    assert gone_s < GONE_S
    assert second.program.poll() is None  # it lived through all of it


def test_the_scenes_of_one_film_are_spread(here: Town) -> None:
    """A long film's scenes are encoded by all workers, and it is joined by one."""
    workers = [here.worker(wait=False) for _ in range(2)]
    until(lambda: all("takes work" in worker.said for worker in workers), 60)
    film = here.film("long", seconds=24.0, ordered=False)
    sent = Following(here, [film])
    sent.start()
    helped: set[str] = set()

    def all_helped() -> bool:
        helped.update(encoding(here))
        return {worker.worker for worker in workers} <= helped or not sent.is_alive()

    until(all_helped, 120)
    (card,) = sent.ended()

    assert helped == {worker.worker for worker in workers}
    assert card.state == "done"
    assert film.film.read_bytes() == here.at_home(film)


def test_a_worker_told_to_leave_leaves_its_work_to_others(here: Town, tmp_path: Path) -> None:
    """After SIGTERM a worker takes nothing, ends in order and soon, and its film goes on elsewhere at once.

    That the other's clock is an hour behind, and later an hour ahead, costs neither an order nor a burst of them.
    """
    clock = wall_clock(tmp_path, off_s=-HOUR_S)
    first = here.worker()
    film = here.film("leaving")
    sent = Following(here, [film])
    sent.start()
    sent.reach("illustrate")
    second = here.worker(**clock.around)

    assert first.end(limit_s=10) == 143
    gone_s = until(lambda: second.worker in owners(here), GONE_S)
    clock.set(HOUR_S)
    (card,) = sent.ended()
    truth = here.provider.truth()

    assert card.state == "done"
    assert truth["twice"] == {}
    assert truth["most_at_once"] <= AT_ONCE
    assert ordered(here, "leaving") == 6
    assert gone_s < GONE_S


def test_a_film_can_be_cancelled_from_anywhere(here: Town) -> None:
    """Once a cancel is acknowledged the film's program is gone and nothing is ordered; asked for again, it goes on."""
    worker = here.worker()
    film = here.film("unwanted")
    here.provider.script(job_seconds=8.0)
    sent = Following(here, [film])
    sent.start()
    sent.reach("illustrate")
    until(lambda: ordered(here, "unwanted") >= 2, 30)

    with here.talks() as talks:
        card = talks.cancel(talks.table.find(sent.sent[0].id))
    before = ordered(here, "unwanted")
    time.sleep(2)

    assert card.state == "cancelled"
    assert children(worker) == []
    assert ordered(here, "unwanted") == before
    assert [one.state for one in sent.ended()] == ["cancelled"]

    here.provider.script(job_seconds=0.5)
    again = Following(here, [film])
    again.start()
    assert [one.state for one in again.ended()] == ["done"]
    assert here.provider.truth()["twice"] == {}


def test_a_worker_of_another_version_takes_no_work(here: Town, system: Path) -> None:
    """Work waits for workers that render alike; asked for again by a newer release, it is made from the paid clips."""
    old = here.worker()
    film = here.film("upgrade")
    sent = Following(here, [film])
    sent.start()
    sent.reach("illustrate")
    until(lambda: ordered(here, "upgrade") == 6, 30)
    old.kill()
    new = here.worker(VOXWEAVE_FFMPEG=str(system))
    until(lambda: f"{old.worker} is gone" in new.said, GONE_S)
    time.sleep(3)

    assert owners(here) == set()
    again = Following(here, [film])
    again.start()
    (card,) = again.ended()

    assert card.state == "done"
    assert ordered(here, "upgrade") == 6
    sent.stop.set()


def test_a_batch_is_sent_followed_and_collected(here: Town) -> None:
    """`batch --queue` ends with its films in their places; the films of two presets share their orders.

    With --detach it only sends, and says how to follow. Given again it fetches what is missing, and no more.
    What one worker was told of films at once, the next does not undo.
    """
    here.worker("--at-once", "3")
    second = here.worker(wait=False)
    film = here.film("batch", seconds=4.0)
    film.files["storyboard"].unlink()
    config = ["--config", here.home / "settings.toml"]
    queue = ["--queue", here.fleet.queue]
    flags = ["--preset", "wide,tall", "--provider", "openai,art", "--base-url", here.provider.base_url]
    line = [
        *config,
        "batch",
        film.narration.parent,
        *queue,
        "--artifacts",
        here.artifacts,
        "--name",
        "season 1",
    ]
    before = here.provider.truth()["orders_created"]

    sent = voxweave(*line, *flags, "--detach", cwd=here.home, **KEYS)
    watch = shlex.split(sent.err.splitlines()[-1].removesuffix(" follows them"))
    watched = voxweave(*watch[1:], cwd=here.home)
    films = [film.film.with_name(f"batch.{preset}.mp4") for preset in ("wide", "tall")]
    there = [file.exists() for file in films]
    first = voxweave(*line, *flags, cwd=here.home, **KEYS)
    films[0].unlink()
    began = time.monotonic()
    again = voxweave(*line, *flags, cwd=here.home, **KEYS)
    listed = voxweave("jobs", "list", *queue, "--batch", "season 1", "--json", cwd=here.home)

    assert sent.status == watched.status == first.status == again.status == 0, (
        sent.err,
        watched.err,
        first.err,
    )
    assert there == [False, False]
    assert ", 3 films at once" in second.said
    assert first.out.splitlines() == [str(file) for file in films]
    assert time.monotonic() - began < 20
    (job,) = json.loads(listed.out)["jobs"]
    assert (job["state"], job["films"]) == ("done", [str(file) for file in films])
    reports = [json.loads(file.with_suffix(".report.json").read_bytes()) for file in films]
    assert [report["film"] for report in reports] == [str(file) for file in films]
    sizes = [(report["canvas"]["width"], report["canvas"]["height"]) for report in reports]
    assert sizes == [(256, 144), (144, 256)]
    assert here.provider.truth()["orders_created"] - before == len(reports[0]["scenes"])


def ordered(here: Town, name: str) -> int:
    """How many clips were ordered for a film."""
    return sum(f" {name}, " in order["prompt"] for order in here.provider.truth()["orders"])


def owners(here: Town) -> set[str]:
    """Who has films in hand."""
    asked = "SELECT split_part(owner, '#', 1) FROM voxweave.talks WHERE state='running'"
    return {str(row[0]) for row in here.postgres.ask(asked)}


def encoding(here: Town) -> set[str]:
    """Who has scenes in hand."""
    return {str(row[0]) for row in here.postgres.ask("SELECT worker FROM voxweave.workers WHERE scenes>0")}


def children(hand: Hand) -> list[int]:
    """The films' programs that a worker runs."""
    return [
        pid for pid in descendants(hand.program.pid) if b"make" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
