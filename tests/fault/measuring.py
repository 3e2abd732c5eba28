"""The whole command on one file: how it ended, what it took at the most, and what it left."""

import os
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 20
LIMIT_MB = 600
_STEP_S = 0.02
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PART = re.compile(r"\.vw[0-9a-f]{12}\.part|\.scratch$")


class Delays:
    """How long a process and its programs were kept from a processor that they wanted, as the kernel counts it.

    A machine that does other work as well stretches a run by so much at the most; one that idles is not stretched.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._known: dict[int, int] | None = None

    def look(self, family: Iterable[int]) -> None:
        """Add what has been since the last look: of threads that waited at the same time, the longest."""
        seen = dict(one for pid in family for one in _waits(pid))
        if self._known is not None:
            grown = (wait - self._known.get(thread, 0) for thread, wait in seen.items())
            self.seconds += max(0, *grown, 0) / 1e9
        self._known = (self._known or {}) | seen


@dataclass(frozen=True)
class Ended:
    """One run: status, words, wall and processor seconds, the most memory of it and its programs together."""

    status: int
    out: str
    err: str
    seconds: float
    cpu_s: float
    peak_mb: float
    delayed_s: float
    """How long it was kept from the processor."""


def measured(args: Sequence[str], *, cwd: Path, env: Mapping[str, str], limit_s: float = 120) -> Ended:
    """Run it; after the limit its group is killed, and the status is negative."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.monotonic()
        child = subprocess.Popen(
            args, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        timer = threading.Timer(limit_s, os.killpg, [child.pid, signal.SIGKILL])
        timer.start()
        delayed = Delays()
        peak, ticks = _watch(child.pid, delayed)
        _, raw, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(raw)
        said = [_text(stream) for stream in (out, err)]
        return Ended(
            child.returncode,
            *said,
            time.monotonic() - began,
            max(usage.ru_utime + usage.ru_stime, ticks / _TICKS),
            peak / (1 << 20),
            delayed.seconds,
        )


def faults(ended: Ended, folder: Path, film: Path) -> Iterator[str]:
    """What was not as promised of a run in a folder of its own."""
    if ended.status not in (0, 3):
        yield f"status {ended.status}: {ended.err[-300:]}"
    if ended.status == 3 and len(ended.err.splitlines()) != 1:
        yield f"not one line: {ended.err[-300:]!r}"
    if "Traceback" in ended.err:
        yield "a traceback"
    if not all(line.isprintable() for line in ended.err.splitlines()):
        yield "words that are not printable"
    if ended.cpu_s > LIMIT_S or ended.seconds - ended.delayed_s > LIMIT_S:
        yield f"{ended.seconds:.1f} s, {ended.cpu_s:.1f} of the processor, {ended.delayed_s:.1f} waiting for it"
    if ended.peak_mb > LIMIT_MB:
        yield f"{ended.peak_mb:.0f} MB"
    if film.exists() != (ended.status == 0):
        yield "a film, and a refusal" if film.exists() else "no film"
    parts = [file.name for file in folder.rglob("*") if _PART.search(file.name)]
    if parts:
        yield f"left behind: {parts}"
    alive = [line for line in _commands() if str(folder) in line]
    if alive:
        yield f"still running: {alive}"


def _text(stream: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


def _watch(pid: int, delayed: Delays) -> tuple[int, int]:
    """The most bytes that the process and all below it held at one moment, and their processor time in all.

    The kernel's own sum leaves out what ran in a namespace of its own.
    """
    peak, spent = 0, dict[int, int]()
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        family = (pid, *_below(pid))
        peak = max(peak, sum(map(_resident, family)))
        delayed.look(family)
        spent |= {one: _ticks(one) or spent.get(one, 0) for one in family}
        time.sleep(_STEP_S)
    return peak, sum(spent.values())


def _below(pid: int) -> Iterator[int]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            for child in Path(f"/proc/{pid}/task/{thread}/children").read_text().split():
                yield int(child)
                yield from _below(int(child))
    except OSError:  # it has ended meanwhile
        return


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except (OSError, IndexError):
        return 0


def _ticks(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(words[11]) + int(words[12])


def _waits(pid: int) -> Iterator[tuple[int, int]]:
    """Each thread, and the nanoseconds it stood in the queue for a processor."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            told = Path(f"/proc/{pid}/task/{thread}/schedstat").read_text().split()
            yield int(thread), int(told[1])
    except (OSError, IndexError):  # it has ended meanwhile, or the kernel does not count
        return


def _commands() -> Iterator[str]:
    for name in os.listdir("/proc"):
        try:
            raw = (
                Path(f"/proc/{name}/cmdline").read_bytes()
                if name.isdigit() and name != str(os.getpid())
                else b""
            )
        except OSError:
            continue
        yield raw.replace(b"\0", b" ").decode("utf-8", "replace")
