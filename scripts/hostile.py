"""Every hostile narration through the whole command: `python scripts/hostile.py [options]`.

Minutes of work, so CI runs only a sample of it (tests/fault). Each file must end in a right film, or in one
line and status 3, in 20 s and 600 MB, with nothing left behind. Prints what did not, and the worst figures.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.data.make_hostile import Hostile, make
from tests.data.make_hostile_pictures import clips, pictures
from tests.fakes.voice import voice, write_wav
from tests.fault.measuring import Ended, faults, measured
from voxweave.core.text import printable
from voxweave.media.ffmpeg import find_ffmpeg

_FLAGS = ("--resolution", "128x72", "--captions", "none", "--quiet", "--no-thumbnail", "--json")
_NEVER = ("victim.wav", "secret.txt", "/etc/passwd", "/etc/shadow")
_TRACE = ("strace", "-f", "-qq", "-s", "300", "-e", "trace=%file,network")


@dataclass(frozen=True)
class Seen:
    """One file's run, and what was not as promised."""

    enemy: Hostile
    ended: Ended
    wrong: tuple[str, ...]

    def line(self) -> str:
        """For people."""
        ended = self.ended
        figures = f"{ended.status}, {ended.seconds:.1f} s, {ended.cpu_s:.1f} CPU s, {ended.peak_mb:.0f} MB"
        return f"{_named(self.enemy)}: {figures}: {'; '.join(self.wrong)} | {printable(ended.err.strip())}"


def main() -> int:
    """Run them all; 1 when anything was not as promised."""
    asked = _parser().parse_args()
    room = Path(tempfile.mkdtemp(prefix="voxweave-hostile-"))
    room.chmod(0o777)
    chosen = [enemy for enemy in _enemies(room) if asked.only in str(enemy.path)][asked.first :: asked.every]
    seen = []
    with ThreadPoolExecutor(asked.jobs) as pool:
        for one in pool.map(lambda pair: _run(asked, pair[1], room / f"run-{pair[0]}"), enumerate(chosen)):
            seen.append(one)
            if one.wrong or asked.all:
                print(one.line(), flush=True)
    shutil.rmtree(room)
    wrong = sum(bool(one.wrong) for one in seen)
    print(f"{len(seen)} files, {wrong} not as promised; at the most {', '.join(_worst(seen))}")
    return 1 if wrong else 0


def _enemies(room: Path) -> list[Hostile]:
    program = find_ffmpeg().program
    write_wav(room / "voice.wav", voice(1.0))
    return [*make(program, room / "files"), *pictures(room / "pictures"), *clips(program, room / "clips")]


def _run(asked: argparse.Namespace, enemy: Hostile, place: Path) -> Seen:
    place.mkdir()
    place.chmod(0o777)
    ended = measured(_command(asked, enemy, place), cwd=place, env=_environment(place))
    wrong = (*faults(ended, place, place / "film.mp4"), *_ending(enemy, ended), *_opened(place / "trace"))
    shutil.rmtree(place)
    return Seen(enemy, ended, wrong)


def _worst(seen: Sequence[Seen]) -> Iterator[str]:
    for unit, figure in {"s": "seconds", "CPU s": "cpu_s", "MB": "peak_mb"}.items():
        one = max(seen, key=lambda one: float(getattr(one.ended, figure)))
        yield f"{getattr(one.ended, figure):.1f} {unit} ({_named(one.enemy)})"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Every hostile narration through the whole command.")
    parser.add_argument("--ffmpeg", default="bundled")
    parser.add_argument("--sandbox", default="auto")
    parser.add_argument("--user", default="", help="run the command as this user")
    parser.add_argument(
        "--python", default=sys.executable, help="one that this user may run, with voxweave in it"
    )
    parser.add_argument(
        "--trace", action="store_true", help="under strace: no file and no address but its own"
    )
    parser.add_argument("--only", default="", help="files with this in their path")
    parser.add_argument("--every", type=int, default=1, help="only every so many")
    parser.add_argument("--first", type=int, default=0, help="begin with this one")
    parser.add_argument("--jobs", type=int, default=1, help="so many at once")
    parser.add_argument("--all", action="store_true", help="print every file")
    return parser


def _command(asked: argparse.Namespace, enemy: Hostile, place: Path) -> Sequence[str]:
    who = ("runuser", "-u", asked.user, "--", "env", f"HOME={place}") if asked.user else ()
    trace = (*_TRACE, "-o", str(place / "trace")) if asked.trace else ()
    tools = ("--ffmpeg", asked.ffmpeg, "--sandbox", asked.sandbox)
    made = ("-m", "voxweave", "make", *_shown(enemy, place), "-o", "film.mp4", "--work", "work")
    line = (asked.python, *made)
    return [*who, *trace, *line, *tools, *_FLAGS]


def _shown(enemy: Hostile, place: Path) -> Sequence[str]:
    """The file as a narration, or as the only picture for one."""
    if enemy.path.parent.name not in {"pictures", "clips"}:
        return (str(enemy.path),)
    media = place / "media"
    media.mkdir(mode=0o755)
    (media / enemy.path.name).symlink_to(enemy.path)
    return (str(enemy.path.parents[1] / "voice.wav"), "--media", str(media))


def _environment(place: Path) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("VOXWEAVE_", "XDG_"))}
    return kept | {
        "HOME": str(place),
        "HF_HUB_OFFLINE": "1",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }


def _named(enemy: Hostile) -> str:
    return printable(f"{enemy.path.parent.name}/{enemy.path.name}", most=80)


def _ending(enemy: Hostile, ended: Ended) -> Iterator[str]:
    """What is not as this file should end."""
    expected = {"film": (0,), "refused": (3,), "either": (0, 3)}[enemy.end]
    if ended.status not in expected:
        yield f"meant to be {enemy.end}"
    if ended.status == 0:
        told = json.loads(ended.out)
        length = told["verified"]["audio_ms"] / 1000
        if enemy.seconds and abs(length - enemy.seconds) > 0.15:
            yield f"{length} s instead of {enemy.seconds}"


def _opened(trace: Path) -> Iterator[str]:
    """Files and addresses that no run on a stranger's file may touch."""
    if not trace.exists():
        return
    for line in trace.read_text(errors="replace").splitlines():
        if (
            any(f'{name}"' in line for name in _NEVER)
            and ("open" in line or "exec" in line)
            and "ENOENT" not in line
        ):
            yield f"opened: {line[:200]}"
        if "connect(" in line and ("AF_INET" in line or "AF_INET6" in line):
            yield f"connected: {line[:200]}"


if __name__ == "__main__":
    sys.exit(main())
