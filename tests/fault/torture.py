"""A film of two scenes, one bought and one drawn, made once for each call that can fail, with that one failing."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.command import environment, leftovers, running
from tests.e2e.reading import look_at
from tests.fakes.machine import Born, Fault, Nursery, Trap
from tests.fakes.provider import FakeProvider
from tests.fakes.voice import voice, write_wav
from tests.fault.blows import PLACES, Blow, read, read_all
from voxweave.jobs.orders import FILE

MODEL = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
SETTINGS = f"""
[providers.openai]
free = false
create_s = 60
[providers.openai.models."{MODEL}"]
any_size = true
lengths_s = [1, 4]
per_second = 0.1
"""
SCENES = """
[[scene]]
start = "0:00:00.000"
prompt = "A boat on a lake."
[[scene]]
start = "0:00:00.900"
prompt = "A hill in the evening."
"""
"""The second needs a clip of 4 s for $0.40, which is more than the film may cost: it is drawn."""
SRT = "1\n00:00:00,200 --> 00:00:00,900\nFirst words\n"
FLAGS = (
    *(
        "make",
        "talk.wav",
        "-o",
        "out/talk.mp4",
        "--storyboard",
        "scenes.toml",
        "--provider",
        "openai,art",
        "--max-cost",
        "0.15",
    ),
    *("--resolution", "64x64", "--fps", "24", "--loudness", "off", "--captions", "burn,sidecar,soft"),
    *("--language", "en", "--poll-s", "0.05", "--retry-s", "0.02", "--quiet-s", "0.2", "-q"),
)
QUICK = {"job_seconds": 0.05, "clip_size": "320x180", "hang_s": 1.0, "retry_after_s": 0.05}
FRAMES = 53
DELIVERED = 9
"""What the undisturbed film ends with, for its second scene is not bought."""
_EXPECTED = {2, 3, 4, 5, 6, 7, 8, DELIVERED, 0}
_SIGNALLED: dict[Fault, tuple[int, ...]] = {"killed": (-9,), "interrupted": (130,), "terminated": (143, -15)}
"""The last before we have begun to listen, which a shell tells as 143, too."""
_LATER_S = 700.0
_NAMES = ("", ".state", ".cache", ".tmp")


class Torture:
    """Makes the film as often as is wanted, in fresh folders, and says what is wrong afterwards."""

    def __init__(self, folder: Path, library: Path, fake: FakeProvider) -> None:
        self._folder, self._fake = folder, fake
        self._template = _template(folder)
        self._nursery = Nursery(library, folder)
        self._made = 0
        self.met: Counter[tuple[str, str]] = Counter()
        """How often a sort of call met a fault."""
        self.cpu_s = 0.0
        """What all films took so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._nursery.close()

    def undisturbed(self) -> tuple[str, list[str]]:
        """The right film's digest, and the calls it takes; twice the same, or nothing can be compared."""
        digests = set()
        for _ in range(2):
            room = self._room()
            born = self._run(room)
            assert born.status == DELIVERED, born.err
            digests.add(_digest(room))
            self._wipe(room)
        assert len(digests) == 1, "two undisturbed films differ"
        return digests.pop() or "", list(born.calls)

    def wrong(self, blow: Blow, right: str) -> list[str]:
        """What is not as promised after a run that met this, and one after it that met nothing."""
        room = self._room()
        hurt = self._run(room, blow)
        if hurt.hit:
            self.met[read(hurt.hit).sort, f"{blow.victim} {blow.fault}".strip()] += 1
        found = [*_ended_badly(hurt, blow), *self._left(room, right, hurt)]
        if blow.fault in {"forward", "back"} and (hurt.status != DELIVERED or _digest(room) != right):
            found.append(f"the clock was set, and the film is not as it was: {hurt.err[-600:]}")
        _mended(room)
        _later(room)
        _forsaken(room)
        again = self._run(room, more=("--overwrite",))
        if again.status != DELIVERED or _digest(room) != right:
            found.append(f"the next run: status {again.status}, {again.err[-600:]}")
        found += self._left(room, right, again)
        truth = self._fake.truth()
        most = 2 if blow.victim == "work" else 1  # whoever takes the ledger away takes away what was bought
        if truth["orders_created"] > most or (truth["twice"] and most == 1) or truth["bugs"]:
            found.append(f"{truth['orders_created']} orders, twice {truth['twice']}, bugs {truth['bugs']}")
        self._wipe(room)
        return [f"{blow} ({hurt.hit or 'not met'}): {one}" for one in found]

    def set_clocks(self, right: str, calls: Sequence[str]) -> list[str]:
        """What is wrong with films while whose orders were under way the clock was set forward, or back."""
        asked = [call for call in read_all(calls) if call.sort == "socket send"]
        # The second request orders the clip; those after it ask how far it is, and fetch it.
        chosen = (
            Blow(asked[len(asked) // 3], "forward"),
            Blow(asked[len(asked) // 2], "back"),
            Blow(asked[-2], "forward"),
        )
        return [line for blow in chosen for line in self.wrong(blow, right)]

    def _left(self, room: Path, right: str, born: Born) -> Iterator[str]:
        """What lies or runs there and should not."""
        delivered = born.status in {0, DELIVERED}
        if not delivered and _digest(room) not in {None, right}:
            yield "another film under the name"
        if delivered and _digest(room) != right:
            # A folder that was moved away after the film was in it took the film along.
            films = [film for place in ("out", "out.gone") if (film := room / place / "talk.mp4").exists()]
            if not films or look_at(films[0]).frames != FRAMES:
                yield "a film that is not whole, or none"
        yield from (f"running: {line}" for line in running(room))
        # Whoever was killed could not tidy; a clip that was bought and is half here is fetched on from there.
        parts = () if born.status < 0 or "unlink!" in born.hit else _parts(room)
        yield from (f"left behind: {name}" for name in parts if delivered or "/orders/" not in name)
        yield from (f"locked: {file}" for file in _locked(room))

    def _run(self, room: Path, blow: Blow | None = None, more: Sequence[str] = ()) -> Born:
        surroundings = environment(room, OPENAI_API_KEY="sk-of-nobody-0123456789", TMPDIR=f"{room}.tmp")
        under = ":".join(f"{room}{name}" for name in _NAMES)
        trap = (
            Trap(under, blow.call.nth, blow.call.sort, blow.fault, f"{room}{PLACES.get(blow.victim)}")
            if blow
            else Trap(under)
        )
        args = (*FLAGS, "--base-url", self._fake.base_url, *more)
        born = self._nursery.run(*args, cwd=room, surroundings=surroundings, trap=trap)
        self.cpu_s += born.cpu_s
        return born

    def _room(self) -> Path:
        self._fake.reset(**QUICK)
        self._made += 1
        room = self._folder / f"room-{self._made:05}"
        shutil.copytree(self._template, room)
        Path(f"{room}.tmp").mkdir()
        return room

    def _wipe(self, room: Path) -> None:
        for name in _NAMES:
            shutil.rmtree(f"{room}{name}", ignore_errors=True)


def _template(folder: Path) -> Path:
    """The narration, its words, its scenes and the user's settings."""
    room = folder / "template"
    settings = room / ".config" / "voxweave" / "voxweave.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text(SETTINGS)
    write_wav(room / "talk.wav", voice(2.2, pauses=[(0.8, 1.1)]))
    (room / "out").mkdir()
    (room / "talk.srt").write_text(SRT)
    (room / "scenes.toml").write_text(SCENES)
    return room


def _ended_badly(born: Born, blow: Blow) -> Iterator[str]:
    """Whether a run's end was one of those we promise, in one line."""
    if born.status in _SIGNALLED.get(blow.fault, ()):
        return
    lines = born.err.splitlines()
    if born.status not in _EXPECTED or "Traceback" in born.err:
        yield f"status {born.status}: {born.err[:3000]}"
    elif not all(line.startswith("voxweave: ") for line in lines) and born.status != DELIVERED:
        yield f"status {born.status}, said: {born.err[-600:]}"
    elif born.status not in {0, DELIVERED} and not lines:
        yield f"status {born.status}, and nothing said"


def _digest(room: Path) -> str | None:
    film = room / "out" / "talk.mp4"
    return hashlib.sha256(film.read_bytes()).hexdigest() if film.exists() else None


def _parts(room: Path) -> list[str]:
    """Parts anywhere, but for the marks and folders that are always there."""
    found = [*leftovers(room), *(name for aside in _NAMES[1:] for name in leftovers(Path(f"{room}{aside}")))]
    locks = f"voxweave-{os.geteuid()}"
    found += [file.name for file in Path(f"{room}.tmp").glob("*") if file.name != locks]
    usual = (".parts", ".tidied")
    return [
        name for name in found if not (name.startswith(".config") or name.endswith(usual) or ".gone" in name)
    ]


def _locked(room: Path) -> list[str]:
    """Files that somebody holds a lock on."""
    found = []
    for file in (*room.rglob("lock"), *Path(f"{room}.tmp").rglob("*.lock")):
        with file.open("rb") as opened:
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                found.append(file.name)
    return found


def _mended(room: Path) -> None:
    """The user gives us the folders again that we do not make ourselves; what was in them is gone."""
    for place in ("/out", ".tmp"):
        Path(f"{room}{place}").mkdir(exist_ok=True)
    for place in PLACES.values():
        shutil.rmtree(f"{room}{place}.gone", ignore_errors=True)


def _forsaken(room: Path) -> None:
    """A run that was killed while it packed a picture to send left this; the next is to take it away."""
    (Path(f"{room}.tmp") / "voxweave-0123456789ab.part").mkdir()
    (Path(f"{room}.tmp") / "voxweave-0123456789ab.part" / "reference.jpg").write_text("dead")


def _later(room: Path) -> None:
    """Let ten minutes pass for what was written down: a request under way when we died may still be on its way."""
    for file in (*room.rglob(FILE), *Path(f"{room}.state").rglob(FILE)):
        if not file.stat().st_size:
            continue
        with sqlite3.connect(file) as book:
            for table, columns in (("orders", ("since_mono",)), ("posts", ("mono", "seen_mono"))):
                if book.execute("SELECT 1 FROM sqlite_master WHERE name=?", (table,)).fetchone():
                    told = ", ".join(f"{column}={column}-{_LATER_S}" for column in columns)
                    book.execute(f"UPDATE {table} SET {told}")  # noqa: S608  names of our own
        book.close()
