"""A clock on the wall that is set while programs that go by it run."""

import secrets
import struct
from pathlib import Path

import pytest

from tests.fakes.machine.calls import built

HOUR_S = 3600
_SOURCE = Path(__file__).with_name("wall.c")


class WallClock:
    """Programs begun with `around` go by it, and so do those that they begin.

    What nobody sets stays: the monotonic clock, and the files' dates, since a shared disk has a clock of its own.
    """

    def __init__(self, library: Path, *, off_s: int = 0) -> None:
        self._library = library
        self._file = library.with_name(f"{secrets.token_hex(4)}.off")
        self.set(off_s)

    def set(self, off_s: int) -> None:
        """Set it so far off, for all who go by it and at once: they have the file mapped."""
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=q", off_s))

    @property
    def around(self) -> dict[str, str]:
        """What a program needs in its environment."""
        return {"LD_PRELOAD": str(self._library), "VW_WALL": str(self._file)}


def wall_clock(folder: Path, *, off_s: int = 0) -> WallClock:
    """One, with its library in this folder; the test is skipped where no compiler is."""
    library = clock_library(folder)
    if library is None:
        pytest.skip("NO COMPILER: no clock is set (apt-get install gcc libc6-dev)")
    return WallClock(library, off_s=off_s)


def clock_library(folder: Path) -> Path | None:
    """What moves clocks, compiled into a folder; None where no compiler is."""
    return built(folder, _SOURCE)
