"""What a run of the command is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Fault = Literal["full", "fails", "killed", "interrupted", "terminated", ""]


@dataclass(frozen=True)
class Birth:
    """One run to be made."""

    args: Sequence[str]
    cwd: str
    surroundings: dict[str, str]
    said: str
    at: int = 0
    fault: Fault = ""
    under: str = ""
