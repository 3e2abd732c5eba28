"""What can befall each call that a film takes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from tests.fakes.machine import Fault

PLACES = {"work": "/.voxweave", "output": "/out", "state": ".state", "cache": ".cache", "temp": ".tmp"}
"""Folders that may vanish under a run."""
_ROOMY = (
    *("create", "write", "pwrite", "writev", "fsync", "fdatasync", "ftruncate", "sendfile"),
    *("mkdir", "rename", "link", "mkdirat", "renameat", "linkat"),
)
_ANYWHERE: tuple[Fault, ...] = ("fails", "killed", "interrupted", "terminated", "forward", "back")
_NO_ROOM: tuple[Fault, ...] = ("full", "read-only")


@dataclass(frozen=True)
class Call:
    """One call of a run, as the library writes it down."""

    number: int
    kind: str
    name: str
    what: str
    nth: int = 0
    """Which of its sort, from 1: threads take turns as they like, but each makes its own calls in order."""

    @property
    def sort(self) -> str:
        """Calls of one sort are met by the same faults."""
        return f"{self.kind} {self.name}"

    @property
    def faults(self) -> list[tuple[Fault, str]]:
        """All that can happen to it; room runs out where it needs some."""
        roomy = self.kind == "file" and self.name.removesuffix("64") in _ROOMY
        found: tuple[Fault, ...] = _ANYWHERE + (_NO_ROOM if roomy else ())
        return [*((fault, "") for fault in found), *(("vanished", place) for place in PLACES)]


def read(line: str) -> Call:
    """A line of the library's, by itself."""
    number, kind, name, what = line.split(" ", 3)
    return Call(int(number), kind, name.removesuffix("!"), what)


def read_all(lines: Sequence[str]) -> list[Call]:
    """All lines of a run; each call knows which of its sort it is."""
    so_far: Counter[str] = Counter()
    found = []
    for call in map(read, lines):
        so_far[call.sort] += 1
        found.append(replace(call, nth=so_far[call.sort]))
    return found


@dataclass(frozen=True)
class Blow:
    """One call, and what is to happen to it."""

    call: Call
    fault: Fault
    victim: str = ""

    def __str__(self) -> str:
        short = f"{self.call.name} {self.call.nth} {self.call.what.rpartition('/')[2]}"
        return f"{self.victim} {self.fault} at {short}".strip()


def blows(calls: Sequence[str]) -> list[Blow]:
    """Each call with each fault it can meet."""
    return [Blow(call, fault, victim) for call in read_all(calls) for fault, victim in call.faults]


def in_turn(calls: Sequence[str], *, turn: int = 0) -> list[Blow]:
    """Each call once, with its sort's faults in turn, and each fault of a sort at least once.

    Another `turn` brings each call its next fault; as many turns as a sort has faults are all blows.
    """
    found = []
    by_sort = sorted(read_all(calls), key=lambda call: (call.sort, call.number))
    for _, alike in groupby(by_sort, key=lambda call: call.sort):
        each = list(alike)
        faults = each[0].faults
        for at in range(max(len(each), len(faults))):
            fault, victim = faults[(at + turn) % len(faults)]
            found.append(Blow(each[at % len(each)], fault, victim))
    return sorted(found, key=lambda blow: blow.call.number)
