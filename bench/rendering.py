"""Rendering, measured side by side in one run: against plain FFmpeg and others, over length, after an edit, after kills.

    python bench/rendering.py [--only ways,art,growth,edit,kill] [--folder DIR] [--moviepy PYTHON]
        [--seconds 60] [--minutes 30] [--growth 1,5,30,120] [--size 256x144]

Trust the ratios, not the seconds. `--moviepy` names a Python that has MoviePy 2; without it that row is left out.
`--seconds` is the length of the films of `ways` and `art`, `--minutes` that of `edit`, `--size` the picture of
`growth` and `edit`.
"""

import argparse
import json
import os
import random
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Cost, measured
from minute import (
    FFMPEG,
    ROOT,
    SIZE,
    VOXWEAVE,
    art,
    clips,
    encode_alone,
    encoder_args,
    narration,
    plain_graph,
    run,
    run_quiet,
    weave,
)

SECONDS = 60
RULES = ("--scene-min-s", "4", "--scene-max-s", "8")
_VMAF = re.compile(r"VMAF score: ([\d.]+)")


@dataclass(frozen=True)
class Row:
    """One line of a table: what it cost, and how good and large its film is."""

    name: str
    cost: Cost
    vmaf: float | None = None
    mbytes: float | None = None


def main() -> None:
    """Measure what was asked for and print a table each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="ways,art,growth,edit,kill")
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "voxweave-bench")
    options.add_argument("--moviepy", default="")
    options.add_argument("--growth", default="1,5,30,120", help="minutes")
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--minutes", type=int, default=30)
    options.add_argument("--size", default="256x144")
    given = options.parse_args()
    shape = ("--resolution", given.size, "--fps", "30" if given.size == SIZE else "24")
    folder: Path = given.folder
    folder.mkdir(parents=True, exist_ok=True)
    chosen = given.only.split(",")
    if "ways" in chosen:
        rows = ways(folder, given.moviepy, given.seconds)
        print(table(f"own media, {given.seconds} s of 1080p30", rows))
    if "art" in chosen:
        rows = [Row(name, cost) for name, cost in art(folder, narration(folder, given.seconds))]
        print(table(f"our art, {given.seconds} s of 1080p30", rows))
    if "growth" in chosen:
        growth(folder, [int(word) for word in given.growth.split(",")], shape)
    if "edit" in chosen:
        edit(folder, given.minutes, shape)
    if "kill" in chosen:
        kill(folder)


def ways(folder: Path, moviepy: str, seconds: int) -> list[Row]:
    """Several ways to the same minute, with the quality and the size that come out."""
    talk, library = narration(folder, seconds), clips(folder)
    ours = weave(talk, folder / "own.mp4", "--media", library, *RULES)
    job = next((folder / ".voxweave").glob("talk-*"))
    graph, raw = plain_graph(library, talk, job, seconds=seconds)
    run([*graph[: graph.index("-c:v")], "-an", "-pix_fmt", "yuv420p", "-f", "rawvideo", raw])
    rows = [
        Row("encode finished frames alone", encode_alone(raw, folder), *judged(folder / "alone.mp4", raw)),
        Row(
            "one plain FFmpeg graph",
            measured([FFMPEG, *graph, "-y", folder / "graph.mp4"]),
            *judged(folder / "graph.mp4", raw),
        ),
        Row("two stages: join, then burn in", two_stages(folder, graph), *judged(folder / "two.mp4", raw)),
        Row("voxweave make, all of it", ours, None, size(folder / "own.mp4")),
    ]
    ways = (
        {"one": "MoviePy 2, one composition", "three": "MoviePy 2, as MoneyPrinterTurbo"} if moviepy else {}
    )
    for passes, name in ways.items():
        cost = by_moviepy(folder, moviepy, seconds, passes)
        rows.append(Row(name, cost, None, size(folder / "moviepy.mp4")))
    raw.unlink()
    return rows


def two_stages(folder: Path, graph: Sequence[str]) -> Cost:
    """Clips joined and encoded, then read again to burn the captions in: the way most tools go."""
    filters = graph.index("-filter_complex") + 1
    bare = [*graph]
    bare[filters] = re.sub(r",ass=[^\[]*", "", bare[filters])
    first = measured([FFMPEG, *bare, "-y", folder / "joined.mp4"])
    burn = ["-v", "error", "-i", folder / "joined.mp4", "-vf", re.findall(r"ass=[^\[]*", graph[filters])[0]]
    second = measured([FFMPEG, *burn, *encoder_args(), "-c:a", "copy", "-y", folder / "two.mp4"])
    return _sum(first, second)


def by_moviepy(folder: Path, python: str, seconds: int, passes: str) -> Cost:
    """MoviePy composing the same clips, captions and sound, to the same encoder; in `one` pass or in `three`."""
    font = str(ROOT / "voxweave" / "fonts" / "VoxWeaveSans-Bold.ttf")
    report = json.loads((folder / "own.report.json").read_text())
    spans = [(scene["start"], scene["text"]) for scene in report["scenes"]]
    cues = [
        {
            "start": index * 3.0,
            "end": index * 3.0 + 2.8,
            "text": spans[index % len(spans)][1][:40],
            "font": font,
        }
        for index in range(seconds // 3)
    ]
    (folder / "cues.json").write_text(json.dumps(cues))
    program = [python, ROOT / "bench" / "moviepy_film.py", passes, folder / "clips", folder / "talk.mp3"]
    encoder = encoder_args()[2:-4]
    return measured([*program, folder / "cues.json", folder / "moviepy.mp4", str(seconds), *encoder])


def judged(film: Path, raw: Path) -> tuple[float, float]:
    """VMAF against the frames before encoding (every fifth), and megabytes."""
    reference = ["-f", "rawvideo", "-video_size", SIZE, "-framerate", "30", "-pixel_format", "yuv420p"]
    compare = (
        "[0:v]setpts=PTS-STARTPTS[a];[1:v]setpts=PTS-STARTPTS[b];[a][b]libvmaf=n_subsample=5:n_threads=2"
    )
    line = [FFMPEG, "-v", "info", "-i", film, *reference, "-i", raw, "-lavfi", compare, "-f", "null", "-"]
    said = subprocess.run([str(word) for word in line], capture_output=True, text=True, check=True).stderr
    match = _VMAF.search(said)
    return round(float(match[1]), 1) if match else 0.0, size(film)


def size(film: Path) -> float:
    """Megabytes."""
    return round(film.stat().st_size / 1e6, 1)


def growth(folder: Path, minutes: Sequence[int], shape: Sequence[str]) -> None:
    """CPU and memory a minute, over the length of the film (at 256x144 the pictures are the small part)."""
    print(f"{f'our art, {shape[1]} at {shape[3]}, minutes':36}{'CPU s/min':>10}{'peak MB':>9}")
    for length in minutes:
        talk = long_talk(folder, length)
        cost = weave(talk, folder / f"{talk.stem}.mp4", *shape)
        print(f"{length:>36}{cost.cpu_s / length:10.2f}{cost.peak_mb:9}", flush=True)


def long_talk(folder: Path, minutes: int) -> Path:
    """The samples over and over, with their words."""
    talk = folder / f"long{minutes}.mp3"
    minute = narration(folder, SECONDS)
    if not talk.exists():
        run(["-stream_loop", minutes - 1, "-i", minute, "-t", minutes * 60, "-c", "copy", talk])
    return talk


def edit(folder: Path, minutes: int, shape: Sequence[str]) -> None:
    """A long film, then one letter of one caption, then nothing, then only the loudness changed."""
    talk = long_talk(folder, minutes)
    cues = "".join(
        f"{n + 1}\n{_srt(n * 4000 + 200)} --> {_srt(n * 4000 + 3400)}\nCaption number {n + 1} of many\n\n"
        for n in range(minutes * 15 - 1)
    )
    subtitles = talk.with_suffix(".srt")
    subtitles.write_text(cues)
    film = folder / "edit.mp4"
    whole = weave(talk, film, "--subtitles", subtitles, *shape)
    same = ("make", talk, "-o", film, "--quiet", "--cache", "off", *shape, "--subtitles", subtitles)
    again = (*same, "--overwrite")
    changed = minutes * 7
    subtitles.write_text(cues.replace(f"number {changed} of", f"number {changed} or"))
    edited = measured([VOXWEAVE, *again])
    scenes = json.loads((folder / "edit.report.json").read_text())["scenes"]
    made = sum(not scene["reused"] for scene in scenes)
    nothing = measured([VOXWEAVE, *same])
    louder = measured([VOXWEAVE, *again, "--loudness", "-14"])
    rows = [
        Row("made whole", whole),
        Row(f"one letter: {made} of {len(scenes)} scenes", edited),
        Row("nothing changed", nothing),
        Row("only the loudness", louder),
    ]
    print(table(f"a film of {minutes} minutes, {shape[1]}", rows))


def _srt(ms: int) -> str:
    seconds, rest = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02},{rest:03}"


def kill(folder: Path) -> None:
    """Killed ten times at random moments: how many scenes were made more often than once."""
    talk, film = narration(folder, SECONDS), folder / "killed.mp4"
    run_quiet([VOXWEAVE, "clean", str(talk)])
    line = [
        VOXWEAVE,
        "make",
        str(talk),
        "-o",
        str(film),
        "--overwrite",
        "--quiet",
        "--cache",
        "off",
        "--resolution",
        "720p",
    ]
    chance, lost, kills = random.Random(7), 0, 0  # noqa: S311  moments, no secrets
    for _ in range(10):
        child = subprocess.Popen(line, start_new_session=True, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(1.5, 5.0))
        if child.poll() is not None:
            break
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        kills += 1
        lost += len([file for file in folder.glob(".voxweave/talk-*/scenes/.*") if file.suffix == ".mp4"])
    measured(line)
    scenes = json.loads((folder / "killed.report.json").read_text())["scenes"]
    print(
        f"killed {kills} times: {lost} scenes were in the making and begun anew; {len(scenes)} scenes in the film"
    )


def _sum(one: Cost, two: Cost) -> Cost:
    return Cost(
        round(one.cpu_s + two.cpu_s, 2), round(one.wall_s + two.wall_s, 1), max(one.peak_mb, two.peak_mb)
    )


def table(title: str, rows: Sequence[Row]) -> str:
    """Rows as text, each with its ratio to the first."""
    head = f"\n{title:36}{'CPU s':>8}{'wall s':>8}{'peak MB':>9}{'ratio':>7}{'VMAF':>7}{'MB':>7}"
    floor = rows[0].cost.cpu_s
    lines = [
        f"{row.name:36}{row.cost.cpu_s:8.1f}{row.cost.wall_s:8.1f}{row.cost.peak_mb:9}"
        f"{row.cost.cpu_s / floor:7.2f}{row.vmaf or '':>7}{row.mbytes or '':>7}"
        for row in rows
    ]
    return "\n".join([head, *lines])


if __name__ == "__main__":
    main()
