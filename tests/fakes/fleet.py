"""Many machines on one: workers as processes, a real PostgreSQL, a store on loopback, a provider that counts orders."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.command import environment
from tests.fakes.bucket import KEYS, FakeBucket, Line
from tests.fakes.postgres import Postgres, server
from tests.fakes.provider import FakeProvider
from tests.fakes.voice import voice, write_wav
from voxweave.cli.fleet import Fleet, Talks, follow, submit
from voxweave.cli.fleet_films import FilmWanted
from voxweave.cli.following import Hearing
from voxweave.jobs.cards import Card
from voxweave.media.stopping import StopSignal
from voxweave.settings import load

PAUSES = ((1.9, 2.5), (4.2, 4.9), (6.6, 7.2), (9.0, 9.6))
SCENES = 6
AT_ONCE = 4
MODEL = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
SETTINGS = f"""
recognizer = "none"
resolution = "256x144"
loudness = "off"
scene_min_s = 1
scene_max_s = 3
transition = "crossfade"
thumbnail = false
poll_s = 0.1
quiet_s = 2
retry_s = 0.1
max_cost = "20"
[providers.openai]
free = false
create_s = 60
[providers.openai.models."{MODEL}"]
any_size = true
per_clip = 0.10
per_hour = 10000
per_day = 10000
at_once = {AT_ONCE}
[presets.wide]
resolution = "256x144"
[presets.tall]
resolution = "144x256"
"""
WORDS = "A boat goes out onto the lake before anybody is awake. The water is still, and so is the wind."
SCENE = '[[scene]]\nstart = "0:00:{start:06.3f}"\npicture = "art"\nprompt = "A boat on a lake, {name}, view {view}."\n'
GONE_S = 10.0
"""In so long the work of a dead worker is somebody else's."""


@dataclass
class Hand:
    """A worker: a process in a group of its own, and what it says."""

    name: str
    program: "subprocess.Popen[bytes]"
    log: Path

    @property
    def said(self) -> str:
        """All it has said so far."""
        return self.log.read_text("utf-8", "replace")

    @property
    def worker(self) -> str:
        """How the others call it."""
        return self.said.partition("worker ")[2].partition(" ")[0]

    def freeze(self) -> None:
        """Stop it with all that works for it."""
        self._all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._all(signal.SIGCONT)

    def _all(self, number: signal.Signals) -> None:
        for pid in (self.program.pid, *descendants(self.program.pid)):
            with suppress(ProcessLookupError):  # it has just ended
                os.kill(pid, number)

    def kill(self) -> None:
        """As when its machine dies; its children die with it by themselves."""
        self.program.kill()
        self.program.wait()

    def end(self, limit_s: float = 20) -> int:
        """SIGTERM, and the exit status."""
        self.program.terminate()
        return self.program.wait(limit_s)


@dataclass
class Town:
    """A database, a store, a provider, and as many workers as a test begins."""

    home: Path
    postgres: Postgres
    line: Line
    artifacts: str
    provider: FakeProvider
    hands: list[Hand] = field(default_factory=list)

    @property
    def fleet(self) -> Fleet:
        """Where all meet."""
        return Fleet(self.postgres.url, self.artifacts)

    def worker(self, *words: str, wait: bool = True, host: str = "", **extra: str) -> Hand:
        """Begin a worker, and wait until it takes work; `host` is a network of its own."""
        name = f"worker-{len(self.hands) + 1}"
        log = self.home / f"{name}.log"
        place = self.home / name
        place.mkdir()
        with log.open("wb") as said:
            program = subprocess.Popen(
                [
                    *_on(host),
                    *PROGRAM,
                    "--queue",
                    self.fleet.queue,
                    "--artifacts",
                    self.fleet.artifacts,
                    *words,
                ],
                cwd=place,
                env=environment(place, OPENAI_API_KEY="sk-of-nobody", **KEYS, **extra),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        hand = Hand(name, program, log)
        self.hands.append(hand)
        if wait:
            until(lambda: "takes work" in hand.said or program.poll() is not None, 40)
            assert program.poll() is None, hand.said
        return hand

    def film(self, name: str, *, seconds: float = 12.0, ordered: bool = True, **more: Any) -> FilmWanted:
        """A narration with its storyboard, and the film wanted of it."""
        folder = self.home / name
        folder.mkdir(exist_ok=True)
        write_wav(folder / f"{name}.wav", voice(seconds, pauses=PAUSES))
        (folder / f"{name}.txt").write_text(WORDS)
        scenes = int(seconds // 2)
        rows = (SCENE.format(start=2.0 * n, name=name, view=n + 1) for n in range(scenes))
        (folder / "scenes.toml").write_text("".join(rows))
        flags = {"provider": "openai,art", "base_url": self.provider.base_url} if ordered else {}
        table = self.home / "settings.toml"
        table.write_text(SETTINGS)
        loaded = load({**flags, **more}, environ={}, job_file=None, user_file=table)
        return FilmWanted(
            folder / f"{name}.wav",
            folder / f"{name}.mp4",
            loaded.settings,
            files={"storyboard": folder / "scenes.toml"},
            batch="test",
        )

    def at_home(self, film: FilmWanted, provider: FakeProvider | None = None) -> bytes:
        """The same film as one undisturbed machine makes it, alone."""
        place = self.home / f"alone-{film.film.stem}"
        place.mkdir()
        out = place / film.film.name
        flags = ["--provider", "openai,art", "--base-url", provider.base_url] if provider else []
        line = [
            "--config",
            self.home / "settings.toml",
            "make",
            film.narration,
            "-o",
            out,
            "--work",
            place / "work",
        ]
        line += ["--storyboard", film.files["storyboard"], *flags, "-q"]
        env = environment(place, OPENAI_API_KEY="sk-of-nobody")
        said = subprocess.run(
            [sys.executable, "-m", "voxweave", *map(str, line)],
            cwd=place,
            env=env,
            capture_output=True,
            check=False,
        )
        assert said.returncode == 0, said.stderr.decode()
        return out.read_bytes()

    def send_home(self) -> None:
        """End all workers."""
        for hand in self.hands:
            hand.program.kill()
        for hand in self.hands:
            hand.program.wait()

    def talks(self) -> Talks:
        """The queue's films."""
        return Talks(self.fleet)


PROGRAM = (sys.executable, "-m", "voxweave", "worker")


def _on(host: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", host) if host else ()


@dataclass
class Following(threading.Thread):
    """Films sent and followed beside a test."""

    town: Town
    films: Sequence[FilmWanted]
    cards: tuple[Card, ...] = ()
    news: list[tuple[float, Card]] = field(default_factory=list)
    failed: BaseException | None = None
    stop: StopSignal = field(default_factory=StopSignal)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.sent = submit(self.films, self.town.fleet)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Follow to the end."""
        try:
            self.cards = follow(self.sent, self.town.fleet, hear=Hearing(self._heard), stop=self.stop)
        except BaseException as error:  # noqa: BLE001  told to the test
            self.failed = error

    def _heard(self, card: Card) -> None:
        self.news.append((time.monotonic(), card))

    def reach(self, stage: str, limit_s: float = 60) -> None:
        """Wait until any film is in this stage."""
        until(lambda: any(card.stage == stage for _, card in self.news) or not self.is_alive(), limit_s)

    def ended(self, limit_s: float = 120) -> tuple[Card, ...]:
        """The cards, once all films have ended."""
        self.join(limit_s)
        if self.failed:
            raise self.failed
        assert not self.is_alive(), [(card.id, card.state, card.stage) for _, card in self.news[-3:]]
        return self.cards


@contextmanager
def town(home: Path, ffmpeg: Path, *, also: str = "", **switches: Any) -> Iterator[Town]:
    """All of it, for a while; nobody is left at the end."""
    slow = {"job_seconds": 0.5, "latency_ms": [20, 200], "clip_size": "320x180", **switches}
    with ExitStack() as open_:
        bucket = open_.enter_context(FakeBucket())
        line = open_.enter_context(Line(bucket.port))
        one = Town(
            home,
            open_.enter_context(server(durable=True, also=also)),
            line,
            bucket.address("films", port=line.port),
            open_.enter_context(FakeProvider("vllm_omni", ffmpeg=ffmpeg, **slow)),
        )
        try:
            yield one
        finally:
            one.send_home()


def until(true: Callable[[], bool], limit_s: float) -> float:
    """Wait for something; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < limit_s, f"not within {limit_s} s"
        time.sleep(0.05)
    return time.monotonic() - began


def descendants(pid: int) -> list[int]:
    """All that a process has begun, and what those have."""
    found: list[int] = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(words[1]) == pid:
            found += [int(place.parent.name), *descendants(int(place.parent.name))]
    return found
