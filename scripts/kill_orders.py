"""Kill runs that order pictures, over and over, at random moments, and see that nothing is paid twice or forgotten.

python scripts/kill_orders.py [--kills 30] [--films 3] [--seed N]
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import wave
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the provider lies with the tests

from tests.e2e.command import PROGRAM, environment, leftovers, running
from tests.fakes.provider import FakeProvider
from voxweave.core.orders import Order
from voxweave.jobs.orders import FILE, Ledger
from voxweave.media.ffmpeg import find_ffmpeg

ROOT = Path(__file__).resolve().parent.parent
FFMPEG = find_ffmpeg().program
SAMPLES = ("dust", "mycelium", "cables")
SCENES, SCENE_S, RATE = 12, 2.5, 30
PRICE, MOST = 0.10, 1.20
MODEL = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
SETTINGS = f"""
[providers.openai]
free = false
create_s = 60
[providers.openai.models."{MODEL}"]
any_size = true
per_clip = {PRICE}
per_hour = 10000
per_day = 10000
at_once = 4
"""
SCENE = """
[[scene]]
start = "0:00:{start:06.3f}"
picture = "art"
text = ""
prompt = "A boat on a lake, {name}, view {view}."
"""
FLAGS = ("--resolution", "256x144", "--captions", "none", "--scene-min-s", "1", "--loudness", "off")
HASTE = ("--poll-s", "0.1", "--quiet-s", "1", "--retry-s", "0.1")
SLOW: dict[str, Any] = {"job_seconds": 0.5, "latency_ms": [20, 250], "clip_size": "320x180"}
MOMENTS = ("start", "illustrate", "illustrate", "illustrate", "sound", "render", "join", "verify")
"""After the first word of which stage a run is killed; orders are placed and fetched in `illustrate`."""
LASTS_S = {"start": 2.5, "illustrate": 2.5, "join": 0.05}
PATIENCE_S = 20.0
"""A run that waits for its stage longer than this is killed where it is: an order whose request was under way
when the run before was killed is not asked about for a minute (`create_s`, here the least there is)."""
LONGEST_RUN_S = 150.0
_DELIVERED = {0, 8, 9}
"""8 is right when the run before was killed with everything in place."""
_ENDED = {"fetched", "failed", "refused", "lost", "unknown"}


@dataclass
class Film:
    """One film, its folder, and what happened to its runs."""

    name: str
    folder: Path
    length_s: float = 0.0
    killed: Counter[str] = field(default_factory=Counter)
    """How many runs were killed in each stage."""
    runs: int = 0
    status: int | None = None
    said: str = ""
    orders: tuple[Order, ...] = ()


class Run:
    """One run of the command; its events are read while it works."""

    def __init__(self, film: Film, base_url: str) -> None:
        words = ["make", f"{film.name}.wav", "--storyboard", "scenes.toml", "--provider", "openai,art"]
        words += ["--base-url", base_url, "--max-cost", str(MOST), "--events", *FLAGS, *HASTE]
        film.runs += 1
        self._said = film.folder.parent / f"{film.name}-{film.runs}.said"
        with self._said.open("wb") as said:
            self.program = subprocess.Popen(
                [*PROGRAM, *words],
                cwd=film.folder,
                env=environment(film.folder.parent, OPENAI_API_KEY="sk-of-nobody"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        self.stage = "start"
        self._seen = {"start"}
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.program.stdout or ():
            if line.endswith(b"\n"):  # a killed run may leave half a line
                self.stage = json.loads(line)["stage"]
                self._see(self.stage)
        self._see("end")

    def _see(self, stage: str) -> None:
        with self._news:
            self._seen.add(stage)
            self._news.notify_all()

    def reach(self, stage: str) -> None:
        """Wait until it is in this stage, has ended, or takes too long."""
        with self._news:
            self._news.wait_for(lambda: self._seen & {stage, "end"}, PATIENCE_S)

    def end(self) -> tuple[int, str]:
        """Its exit status and what it said, when it has ended by itself; a run that hangs is ended."""
        try:
            self.program.wait(LONGEST_RUN_S)
        except subprocess.TimeoutExpired:
            self.program.kill()
        self._reader.join()
        return self.program.wait(), self._said.read_text(errors="replace")


def main() -> None:
    """Kill, finish, compare with what the provider knows, and print one table."""
    options = _options()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="voxweave-kills-") as place:
        home = Path(place) / "home"
        settings = home / ".config" / "voxweave" / "voxweave.toml"
        settings.parent.mkdir(parents=True)
        settings.write_text(SETTINGS)
        with FakeProvider("vllm_omni", ffmpeg=FFMPEG, errors=True, seed=options.seed, **SLOW) as fake:
            films = _films(options, home, fake)
            truth = fake.truth()
        wrong = [f"{film.name}: {what}" for film in films for what in _wrong(film, truth)]
        wrong += [f"ordered {count} times: {prompt}" for prompt, count in truth["twice"].items()]
        wrong += [f"the provider itself broke: {bug}" for bug in truth["bugs"]]
        wrong += [f"still running: {line}" for line in running(home)]
        _table(films, truth)
    print(f"{sum(film.killed.total() for film in films)} kills, {time.monotonic() - began:.0f} s")
    print("\n".join(wrong) or "nothing paid twice, nothing forgotten, every film whole")
    sys.exit(bool(wrong))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=30, help="runs that are killed, over all films")
    parser.add_argument("--films", type=int, default=3, help="films made at the same time")
    parser.add_argument("--seed", type=int, default=1, help="another number, other moments and other errors")
    return parser.parse_args()


def _films(options: argparse.Namespace, home: Path, fake: FakeProvider) -> list[Film]:
    """So many rows of films at a time; a row begins a further film when one is whole before its kills are used."""

    def row(number: int) -> list[Film]:
        chance = random.Random(options.seed * 1000 + number)  # noqa: S311 - moments, not secrets
        kills = options.kills // options.films + (number < options.kills % options.films)
        films: list[Film] = []
        while not films or (kills and films[-1].status in _DELIVERED):
            films.append(_begun(home, f"film-{number + 1}-{len(films) + 1}", number, chance))
            kills -= _killed(films[-1], kills, chance, fake)
        return films

    with ThreadPoolExecutor(options.films) as rows:
        return [film for films in rows.map(row, range(options.films)) for film in films]


def _begun(home: Path, name: str, number: int, chance: random.Random) -> Film:
    """A narration cut from a sample, and a storyboard whose prompts no other film has."""
    film = Film(name, home / name)
    film.folder.mkdir()
    length_s = SCENES * SCENE_S + chance.uniform(-1, 1)
    sample, sound = ROOT / "samples" / f"{SAMPLES[number % len(SAMPLES)]}.mp3", film.folder / f"{name}.wav"
    line = ["-v", "error", "-i", sample, "-t", f"{length_s:.3f}", "-map", "0:a", "-ac", "1", sound]
    subprocess.run([FFMPEG, *map(str, line)], check=True)
    with wave.open(str(sound)) as cut:
        film.length_s = cut.getnframes() / cut.getframerate()
    scenes = (SCENE.format(start=at * SCENE_S, name=name, view=at + 1) for at in range(SCENES))
    (film.folder / "scenes.toml").write_text("".join(scenes))
    return film


def _killed(film: Film, kills: int, chance: random.Random, fake: FakeProvider) -> int:
    """Kill up to so many runs of a film, then let one finish; how many were killed."""
    while film.killed.total() < kills:
        run = Run(film, fake.base_url)
        run.reach(chance.choice(MOMENTS))
        time.sleep(chance.uniform(0, LASTS_S.get(run.stage, 0.5)))
        stage = run.stage
        run.program.kill()
        status, said = run.end()
        if status != -signal.SIGKILL:  # it had ended before
            film.status, film.said = status, said
            break
        film.killed[stage] += 1
    else:
        film.status, film.said = Run(film, fake.base_url).end()
    return film.killed.total()


def _wrong(film: Film, truth: dict[str, Any]) -> list[str]:
    """Whether a film is whole, and its ledger tells what the provider knows."""
    for file in film.folder.rglob(FILE):
        with Ledger(file) as ledger:
            film.orders += ledger.orders()
    wrong = _frames_wrong(film)
    if film.status not in _DELIVERED:
        wrong.append(f"status {film.status}: {film.said[-400:]}")
    wrong += [f"left behind: {name}" for name in leftovers(film.folder)]
    return [*wrong, *_told(film), *_forgotten(film, truth)]


def _frames_wrong(film: Film) -> list[str]:
    """Every picture is decoded."""
    file = film.folder / f"{film.name}.mp4"
    if not file.exists():
        return ["no film"]
    with av.open(str(file)) as opened:
        frames = sum(1 for _ in opened.decode(opened.streams.video[0]))
    right = round(film.length_s * RATE)
    return [] if frames == right else [f"{frames} frames in place of {right}"]


def _told(film: Film) -> list[str]:
    """What the ledger and the report do not explain."""
    found = [f"order {one.key} still {one.state}" for one in film.orders if one.state not in _ENDED]
    file = film.folder / f"{film.name}.report.json"
    report = file.read_text() if file.exists() else ""
    doubted = [one for one in film.orders if one.state == "unknown" and one.key not in film.said + report]
    found += [f"order {one.key} in doubt and not named" for one in doubted]
    spent = sum(one.price_usd or 0 for one in film.orders if one.state in {"fetched", "lost", "unknown"})
    if spent > MOST + 1e-6:
        found.append(f"${spent:.2f} spent of ${MOST:.2f}")
    if not report:
        return [*found, f"no report, and the same command ends with status {film.status}"]
    scenes = json.loads(report)["scenes"]
    drawn = [scene for scene in scenes if scene["source"] != "openai"]
    found += [f"scene {scene['number']} drawn, no reason told" for scene in drawn if not scene["fell"]]
    short = sum(one.state != "fetched" for one in film.orders)
    if len(scenes) != SCENES or len(drawn) != short or film.status not in {9 if drawn else 0, 8}:
        found.append(
            f"{len(drawn)} of {len(scenes)} scenes drawn, {short} without a clip, status {film.status}"
        )
    return found


def _forgotten(film: Film, truth: dict[str, Any]) -> list[str]:
    """Orders the provider has and the ledger does not, but for those in doubt; and the other way round."""
    mine = {order["id"]: order["prompt"] for order in truth["orders"] if f", {film.name}," in order["prompt"]}
    known = {one.remote_id for one in film.orders if one.remote_id}
    doubted = {one.wanted.prompt for one in film.orders if one.state == "unknown"}
    found = [f"paid and forgotten: {name}" for name in mine.keys() - known if mine[name] not in doubted]
    found += [f"never ordered there: {name}" for name in known - mine.keys()]
    return [*found, f"{len(mine)} orders for {SCENES} scenes"] if len(mine) > SCENES else found


def _table(films: list[Film], truth: dict[str, Any]) -> None:
    heads = f"{'film':<12}{'runs':>5}{'kills':>6}{'orders':>7}{'clips':>6}{'failed':>7}{'unknown':>8}{'status':>7}"
    print(heads + "  killed in")
    for film in films:
        states = Counter(one.state for one in film.orders)
        made = sum(f", {film.name}," in order["prompt"] for order in truth["orders"])
        where = ", ".join(f"{stage} {count}" for stage, count in film.killed.most_common())
        print(
            f"{film.name:<12}{film.runs:>5}{film.killed.total():>6}{made:>7}{states['fetched']:>6}"
            f"{states['failed']:>7}{states['unknown']:>8}{film.status or 0:>7}  {where}"
        )
    print("at the provider:", f"{truth['orders_created']} orders, {truth['twice']} twice,", end=" ")
    print(f"{truth['most_at_once']} at once, requests {truth['requests']}, faults {truth['faults']}")


if __name__ == "__main__":
    main()
