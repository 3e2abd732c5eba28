"""Several films at once: each a `voxweave make` of its own, which ends when we end."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, Self

from pydantic import ValidationError

from voxweave.core.events import Event
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import StorageBusy, StorageError
from voxweave.jobs.cards import CardError
from voxweave.media.child import ends_with_us
from voxweave.media.cores import cores
from voxweave.media.stopping import StopSignal

LEAST_MB = 700
"""What a film takes at most while it is made; so much must be free before another one begins."""

# -P: a file called json.py in the folder of a narration must not be taken for Python's own.
PROGRAM = (sys.executable, "-P", "-m", "voxweave")
WORKERS = "VOXWEAVE_WORKERS"
_TAIL_LINES, _LINE_CHARS, _LINE_BYTES = 20, 2000, 1 << 20
_MOST_AT_ONCE = 8
_WAIT_S = 1.0
_PASSING = (errno.EAGAIN, errno.ENOMEM)
"""No memory, or too many programs, just now."""


@dataclass(frozen=True)
class Errand:
    """One film to make; two that share a job's folder are never under way together."""

    job: Path
    title: str
    arguments: tuple[str, ...]
    cwd: Path
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A film under way says something."""

    errand: Errand
    event: Event


@dataclass(frozen=True)
class Ended:
    """A film's run is over: its exit status, negative for a signal, and the last it wrote to standard error."""

    errand: Errand
    status: int
    errors: tuple[str, ...]
    failure: CardError | None = None
    """Why it failed, as it told among its events."""


News = Told | Ended


class Crew:
    """Runs errands side by side, each in a process group of its own; a stop goes to all of them.

    Use from one thread, as a context manager: at its end nobody is left.
    """

    def __init__(self, stop: StopSignal, *, at_once: int, workers: int) -> None:
        self._stop, self._at_once, self._workers = stop, at_once, workers
        self._hands: dict[Path, _Hand] = {}
        self._heard: SimpleQueue[Told | None] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for hand in list(self._hands.values()):
            hand.end_now()
            hand.finished(_WAIT_S)
        self._hands.clear()

    @property
    def busy(self) -> bool:
        """Whether somebody is at work."""
        return bool(self._hands)

    @property
    def has_room(self) -> bool:
        """Whether another film may begin: one always may, more as far as cores and memory go."""
        if self._stop.is_set() or len(self._hands) >= self._at_once:
            return False
        return not self._hands or free_mb() >= LEAST_MB

    def works_on(self, job: Path) -> bool:
        """Whether the job of this folder is under way."""
        return job in self._hands

    def start(self, errand: Errand) -> None:
        """Begin an errand; StorageError when no program can be started."""
        assert errand.job not in self._hands, "two runs in one job's folder would wait for each other"
        share = {} if WORKERS in os.environ else {WORKERS: str(self._workers)}
        self._hands[errand.job] = _Hand(errand, {**share, **errand.environ}, self._heard, self._stop)

    def news(self, wait_s: float) -> Iterator[News]:
        """What was heard since the last call, oldest first; waits so long for the first."""
        heard = self._first(wait_s)
        while True:
            if heard is not None:
                yield heard
            try:
                heard = self._heard.get_nowait()
            except Empty:
                break
        yield from self._endings()

    def _first(self, wait_s: float) -> Told | None:
        try:
            return self._heard.get(timeout=wait_s)
        except Empty:
            return None

    def _endings(self) -> Iterator[News]:
        for job, hand in list(self._hands.items()):
            if hand.finished(0.0):
                del self._hands[job]
                while not self._heard.empty():  # its last words come before its end
                    told = self._heard.get()
                    if told is not None:
                        yield told
                yield Ended(hand.errand, hand.status, hand.errors, hand.failure)


class _Hand:
    """One child at its errand."""

    def __init__(
        self,
        errand: Errand,
        environ: Mapping[str, str],
        heard: "SimpleQueue[Told | None]",
        stop: StopSignal,
    ) -> None:
        self.errand = errand
        self._heard = heard
        self._asked = False
        self.failure: CardError | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        try:
            self._popen = subprocess.Popen(
                [*PROGRAM, *errand.arguments, "--events"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=errand.cwd,
                env={**os.environ, **environ},
                start_new_session=True,
                preexec_fn=ends_with_us(),  # noqa: PLW1509  system calls only; it has no other place
            )
        except OSError as error:
            kind = StorageBusy if error.errno in _PASSING else StorageError
            raise kind(
                f"{printable(errand.title)} cannot be begun: {error.strerror}",
                hint=f"check {printable(str(error.filename))}" if error.filename else "",
            ) from error
        self._readers = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._keep_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self._watch = ExitStack()
        self._watch.enter_context(stop.watching(self))

    @property
    def status(self) -> int:
        """The exit status, once it is finished."""
        return self._popen.wait()

    @property
    def errors(self) -> tuple[str, ...]:
        """The last lines it wrote to standard error."""
        return tuple(self._tail)

    def kill(self) -> None:
        """Ask it to stop; asked again, end it."""
        if self._asked:
            self.end_now()
        self._asked = True
        if self._popen.poll() is None:
            self._popen.terminate()

    def end_now(self) -> None:
        """End it; its programs end with it."""
        if self._popen.poll() is None:
            try:
                os.killpg(self._popen.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def finished(self, wait_s: float) -> bool:
        """Whether it has ended, after so long at most; all it said has been heard then."""
        try:
            self._popen.wait(wait_s)
        except subprocess.TimeoutExpired:
            return False
        self._watch.close()
        for reader in self._readers:  # a program of its own may hold the pipe open a while longer
            reader.join(timeout=_WAIT_S)
        for stream, reader in zip((self._popen.stdout, self._popen.stderr), self._readers, strict=True):
            if stream is not None and not reader.is_alive():
                stream.close()
        return True

    def _listen(self) -> None:
        for line in _lines(self._popen.stdout, _LINE_BYTES):
            try:
                words = json.loads(line)
                if isinstance(words, dict) and words.get("kind") == "failed":
                    self.failure = self.failure or CardError.model_validate(words.get("error"))
                else:
                    self._heard.put(Told(self.errand, Event.model_validate(words)))
            except (ValueError, ValidationError):  # another release's, or nothing of ours
                continue
        self._heard.put(None)  # whoever waits looks whether it has ended

    def _keep_errors(self) -> None:
        for raw in _lines(self._popen.stderr, _LINE_CHARS):
            line = printable(redacted(raw.decode("utf-8", "surrogateescape")), most=_LINE_CHARS)
            if line:
                self._tail.append(line)


def crew_size(asked: int | None) -> tuple[int, int]:
    """How many films at once, and how many scenes of each: by cores and memory where nobody said."""
    films = asked or max(1, min(cores(), free_mb() // LEAST_MB, _MOST_AT_ONCE))
    return films, max(1, cores() // films)


def free_mb() -> int:
    """Memory that is free for us: the machine's, or what is left of our control group's."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
        free = int(lines["MemAvailable"].split()[0]) >> 10
    except (OSError, KeyError, ValueError, IndexError):  # not Linux: trust whoever chose how many
        return _MOST_AT_ONCE * LEAST_MB
    return min(free, _group_mb())


def _group_mb(group: Path = Path("/sys/fs/cgroup")) -> int:
    """What our control group leaves us; file pages do not count, for they make way."""
    try:
        most = int((group / "memory.max").read_text())
        used = int((group / "memory.current").read_text())
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return max(0, most - used + int(stat.get("file", "0"))) >> 20
    except (OSError, ValueError):  # no limit, or no such thing here
        return sys.maxsize


def _lines(stream: IO[bytes] | None, most: int) -> Iterator[bytes]:
    assert stream is not None
    return iter(lambda: stream.readline(most), b"")
