"""Many films over worker processes, against the same films made one after the other on this machine.

    python bench/cluster.py [--films 50] [--scenes 12] [--workers 1,2,4] [--job-seconds 2]

Every scene is ordered from a server on this machine that works `--job-seconds` on each; pictures are small, so that what is
measured is the way of the work, not the encoder. Needs a PostgreSQL server's programs. Artifacts are a folder.

The table: wall seconds, films an hour, CPU seconds a scene of all our processes (the provider and the database apart),
and orders beside scenes. Then what a worker costs before it has work: seconds until it is seen, and memory at rest.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # servers lie with the tests

from bench.measure import share_mb
from tests.e2e.command import PROGRAM, environment
from tests.fakes.postgres import Postgres
from tests.fakes.provider import FakeProvider
from tests.fakes.voice import voice, write_wav
from voxweave.media.ffmpeg import find_ffmpeg

SCENE_S = 4.0
AT_ONCE = 16
"""So many jobs the server works on; it refuses more, and everybody is told."""
_SYLLABLES = ("bar", "kel", "lim", "mor", "nus", "rit", "son", "tav", "vol", "zen")
_SMALL = ("--resolution", "256x144", "--fps", "24", "--captions", "none", "--no-thumbnail")
_CUTS = ("--scene-min-s", "3", "--scene-max-s", "5")
_QUICK = ("--poll-s", "0.2", "--retry-s", "0.2", "--quiet-s", "2", "--yes")


@dataclass(frozen=True)
class Row:
    """What one way of making all films took."""

    name: str
    wall_s: float
    cpu_s: float
    scenes: int
    orders: int

    def told(self, films: int) -> str:
        """A line of the table."""
        each = 1000 * self.cpu_s / self.scenes
        return (
            f"{self.name:24} {self.wall_s:7.1f} s {3600 * films / self.wall_s:8.0f} films/h"
            f" {each:7.0f} ms CPU a scene {self.orders:6} orders {self.scenes:6} scenes"
        )


def main() -> None:
    """Make the films in each way, and print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--films", type=int, default=50)
    options.add_argument("--scenes", type=int, default=12)
    options.add_argument("--workers", default="1,2,4")
    options.add_argument("--job-seconds", type=float, default=2.0)
    given = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="voxweave-bench-")))
        switches = {"job_seconds": given.job_seconds, "clip_size": "320x180", "at_once": AT_ONCE}
        fake = stack.enter_context(FakeProvider("vllm_omni", ffmpeg=find_ffmpeg().program, **switches))
        shop = Shop(fake, given.films, given.scenes)
        rows = [shop.alone(folder / "alone")]
        print(rows[0].told(given.films), flush=True)
        for count in map(int, given.workers.split(",")):
            rows.append(shop.spread(folder / f"workers-{count}", count))
            print(rows[-1].told(given.films), flush=True)
        over = 1000 * (rows[1].cpu_s / rows[1].scenes - rows[0].cpu_s / rows[0].scenes)
        print(f"\na scene costs {over:+.0f} ms of CPU more by way of a worker than by plain `voxweave batch`")
        print(idle(folder / "idle"))


class Shop:
    """The films to be made, and the server that makes their clips."""

    def __init__(self, fake: FakeProvider, films: int, scenes: int) -> None:
        self._fake, self._films, self._scenes = fake, films, scenes

    def alone(self, folder: Path) -> Row:
        """By `voxweave batch` on this machine."""
        return self._row("batch, one machine", folder, [])

    def spread(self, folder: Path, workers: int) -> Row:
        """By so many workers."""
        with queue(folder) as told, working(folder, told, workers) as pids:
            before = sum(map(_lived_s, pids))
            row = self._row(f"workers: {workers}", folder, told)
            worked = sum(map(_lived_s, pids)) - before
        return Row(row.name, row.wall_s, row.cpu_s + worked, row.scenes, row.orders)

    def _row(self, name: str, folder: Path, told: list[str]) -> Row:
        (folder / "in").mkdir(parents=True)
        for number in range(self._films):
            pauses = [(SCENE_S * n - 0.6, SCENE_S * n) for n in range(1, self._scenes)]
            sound = folder / "in" / f"talk-{number:03}.wav"
            write_wav(sound, voice(SCENE_S * self._scenes, pauses=pauses, seed=number))
            sound.with_suffix(".srt").write_text(words(number, self._scenes))
        own(folder)
        self._fake.reset(flavour="vllm_omni")
        spent, began = _children_s(), time.monotonic()
        asked = ["--provider", "openai,art", "--base-url", self._fake.base_url]
        args = [*PROGRAM, "batch", "in", "-o", "out", *told, *_SMALL, *_CUTS, *_QUICK, *asked, "--json"]
        done = subprocess.run(
            args,
            cwd=folder,
            env=environment(folder),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
        )
        wall_s, cpu_s = time.monotonic() - began, _children_s() - spent
        films = sorted((folder / "out").glob("*.mp4"))
        if len(films) != self._films:
            raise SystemExit(
                f"{len(films)} of {self._films} films were made ({done.returncode}): {done.stdout[-500:]!r}"
            )
        truth = self._fake.truth()
        if truth["twice"]:
            raise SystemExit(f"ordered twice: {truth['twice']}")
        scenes = sum(
            len(json.loads(film.with_suffix(".report.json").read_text())["scenes"]) for film in films
        )
        return Row(name, wall_s, cpu_s, scenes, truth["orders_created"])


def words(film: int, scenes: int) -> str:
    """Subtitles that no other film has: clips of the same words would be reused."""
    cues = []
    for n in range(scenes):
        start, end = (f"00:{int(at) // 60:02}:{int(at) % 60:02},000" for at in (SCENE_S * n, SCENE_S * n + 3))
        cues.append(f"{n + 1}\n{start} --> {end}\nThe {name(film)} lies off {name(100 + n)}.\n")
    return "\n".join(cues)


def name(number: int) -> str:
    """A word for a number; prompts are made of words."""
    return "".join(_SYLLABLES[int(digit)] for digit in f"{number:03}")


@contextmanager
def queue(folder: Path) -> Iterator[list[str]]:
    """A database and a folder for artifacts, as the environment names them."""
    base = Postgres()
    base.start()
    try:
        yield ["--queue", base.url, "--artifacts", str(folder / "artifacts")]
    finally:
        base.close()


@contextmanager
def working(folder: Path, told: list[str], count: int) -> Iterator[list[int]]:
    """So many workers, each with a home of its own; all take work when the block begins."""
    running = []
    for number in range(count):
        home = folder / f"worker-{number}"
        home.mkdir(parents=True)
        own(home)
        with (home / "said").open("wb") as said:
            line = [*PROGRAM, "worker", *told]
            running.append(subprocess.Popen(line, cwd=home, env=environment(home), stderr=said))
    try:
        while not all(b"takes work" in said.read_bytes() for said in folder.glob("worker-*/said")):
            time.sleep(0.05)
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.send_signal(signal.SIGTERM)
        for one in running:
            one.wait(60)


def own(folder: Path) -> None:
    """The settings of whoever has his home there."""
    file = folder / ".config" / "voxweave" / "voxweave.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f"[providers.openai]\nat_once = {AT_ONCE}\n")


def idle(folder: Path) -> str:
    """What a worker costs before it has work."""
    with queue(folder) as told:
        began = time.monotonic()
        with working(folder, told, 1) as (pid,):
            ready_s = time.monotonic() - began
            time.sleep(5)
            before = _lived_s(pid)
            time.sleep(10)
            share = 10 * (_lived_s(pid) - before)
            return f"a worker takes work after {ready_s:.1f} s; idle it holds {share_mb(pid)} MB and {share:.1f} % of a core"


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _lived_s(pid: int) -> float:
    """CPU seconds of a running process and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
