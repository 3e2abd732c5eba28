"""What a run of the command is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Fault = Literal[
    "full", "read-only", "fails", "vanished", "forward", "back", "killed", "interrupted", "terminated", ""
]  # fmt: skip


@dataclass(frozen=True)
class Trap:
    """Calls on names below the folders `under` (colons between) are counted; number `at` of its sort meets the fault."""

    under: str = ""
    at: int = 0
    sort: str = ""
    """Its kind and its name, as in `file rename`."""
    fault: Fault = ""
    victim: str = ""
    """The folder that vanishes."""


@dataclass(frozen=True)
class Birth:
    """One run to be made; what it says goes to files that begin with `said`."""

    args: Sequence[str]
    cwd: str
    surroundings: dict[str, str]
    said: str
    trap: Trap
