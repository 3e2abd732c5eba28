"""Many scenes ordered from a server on this machine: wall time against the ideal, CPU an order, memory.

    python bench/orders.py [--scenes 200] [--job-seconds 2] [--at-once 8] [--poll-s 0.1]

The ideal is the time the server works when it never waits for us. The server is a process of its own and does not
count; reading each clip to its end does. Memory is that of the ordering program, a quarter of the way and at the end.
"""

import argparse
import math
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the server lies with the tests

from tests.fakes.provider import FakeProvider
from voxweave.core.orders import Limits, Wanted
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.orders import FILE, Ledger
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.chain import Inspecting
from voxweave.pipeline.means import Means, News, Pace
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.sources import Source
from voxweave.providers.base import Supplier, Toolkit
from voxweave.providers.registry import make_provider

MODEL = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"


def main() -> None:
    """Order them all once, and print what it took."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--scenes", type=int, default=200)
    options.add_argument("--job-seconds", type=float, default=2.0)
    options.add_argument("--at-once", type=int, default=8)
    options.add_argument("--poll-s", type=float, default=0.1)
    given = options.parse_args()
    switches = {"job_seconds": given.job_seconds, "at_once": given.at_once, "clip_size": "320x180"}
    with (
        FakeProvider("vllm_omni", ffmpeg=find_ffmpeg().program, **switches) as fake,
        tempfile.TemporaryDirectory(prefix="voxweave-bench-") as folder,
    ):
        warm(fake, Path(folder), given.poll_s)
        watch, began, cpu_s = Watch(given.scenes), time.monotonic(), used_s()
        source = opened(fake.base_url, given.at_once)
        outcomes = ordered(Path(folder) / "film", source, given.scenes, pace(given.poll_s), watch)
        wall_s, cpu_s = time.monotonic() - began, used_s() - cpu_s
        truth = fake.truth()
    if truth["twice"] or not all(outcome.file for outcome in outcomes):
        raise SystemExit("an order was paid twice, or did not come")
    ideal_s = math.ceil(given.scenes / given.at_once) * given.job_seconds
    print(f"{given.scenes} orders of {given.job_seconds:g} s, {given.at_once} at once")
    print(f"wall    {wall_s:.1f} s; ideal {ideal_s:.1f} s; {100 * (wall_s / ideal_s - 1):+.1f} %")
    print(f"CPU     {1000 * cpu_s / given.scenes:.0f} ms an order, reading its clip included")
    print(f"memory  {watch.quarter_mb} MB at a quarter, {resident_mb()} MB at the end")


class Watch:
    """Notes the memory when a quarter has come."""

    def __init__(self, scenes: int) -> None:
        self._left = max(scenes // 4, 1)
        self.quarter_mb = 0

    def __call__(self, news: News) -> None:
        """One thing worth telling."""
        if news.what == "fetched":
            self._left -= 1
            if self._left == 0:
                self.quarter_mb = resident_mb()


def warm(fake: FakeProvider, folder: Path, poll_s: float) -> None:
    """One order first: imports and the server's first clip are not what is measured."""
    ordered(folder / "warm", opened(fake.base_url, 1), 1, pace(poll_s), Watch(1))


def opened(base_url: str, at_once: int) -> Source:
    """The provider as a film opens it."""
    kit = Toolkit(find_ffmpeg(), StopSignal(), lambda _: None)
    told = {"base_url": base_url, "model": MODEL, "dialect": "vllm_omni", "key": "none"}
    supplier = make_provider("openai", Supplier, options=told, tools=kit)
    limits = Limits(at_once=at_once, per_hour=None, per_day=None)
    return Source("openai", Inspecting(supplier, kit), limits=limits)


def pace(poll_s: float) -> Pace:
    """How often it is looked; a place is looked for as often."""
    return Pace(poll_s=poll_s, poll_longest_s=poll_s, place_s=poll_s)


def ordered(folder: Path, source: Source, scenes: int, how: Pace, watch: Watch) -> tuple[Outcome, ...]:
    """So many scenes, each with words of its own."""
    asked = [Asked(scene=number, choices=(wish(f"{folder.name} {number}"),)) for number in range(scenes)]
    with Ledger(folder / FILE) as ledger, Meter(folder / "user.sqlite3") as meter:
        means = Means(ledger, meter, Budget(), StopSignal(), folder / "clips", how, watch)
        return order_scenes(asked, means, [source])


def wish(prompt: str) -> Wanted:
    """A clip of four seconds."""
    return Wanted(provider="openai", model=MODEL, prompt=prompt, seconds=4, width=832, height=480)


def used_s() -> float:
    """CPU seconds of this program and of those it ran."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def resident_mb() -> int:
    """What this program holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


if __name__ == "__main__":
    main()
