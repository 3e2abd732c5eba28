"""Running a command and measuring it with all its children: CPU seconds, wall seconds, peak memory."""

import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Cost:
    """What one command took; memory is the peak of the proportional share of all its processes."""

    cpu_s: float
    wall_s: float
    peak_mb: int


def measured(args: Sequence[str | Path], *, stdin: Path | None = None) -> Cost:
    """Run to the end; RuntimeError when it fails."""
    _adopt_orphans()
    before, began = _cpu_s(), time.monotonic()
    source = stdin.open("rb") if stdin else subprocess.DEVNULL
    child = subprocess.Popen([str(arg) for arg in args], stdin=source, stdout=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        peak = max(peak, sum(_share_kb(pid) for pid in _family(child.pid)))
        time.sleep(0.1)
    if child.returncode not in (0, 9):
        raise RuntimeError(f"{args[0]} ended with {child.returncode}")
    _bury_orphans()
    return Cost(round(_cpu_s() - before, 2), round(time.monotonic() - began, 1), peak // 1024)


def _adopt_orphans() -> None:
    """Programs whose parents leave before them become ours: bubblewrap does, and what it caged went uncounted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _bury_orphans() -> None:
    """Wait for those that have ended, so that their time is counted."""
    time.sleep(0.1)
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in _children(pid):
        yield from _family(child)


def _children(pid: int) -> list[int]:
    """Those that it has started; threads and processes may end while we look."""
    found = list[int]()
    with suppress(OSError):
        for thread in list(Path(f"/proc/{pid}/task").iterdir()):
            with suppress(OSError):
                found += [int(word) for word in (thread / "children").read_text().split()]
    return found


def share_mb(pid: int) -> int:
    """What a running process and its children hold."""
    return sum(map(_share_kb, _family(pid))) >> 10


def _share_kb(pid: int) -> int:
    """A process's own memory and its share of what it holds with others."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:  # it ended while we looked
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
