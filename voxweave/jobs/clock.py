"""Time that all runs on a machine share, and that setting its clock does not move."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from voxweave.core.value import Value


class Moment(Value):
    """When something happened: by the wall clock for people, by the monotonic one of this boot for ages."""

    wall: float
    mono: float
    boot: str


@cache
def boot_id() -> str:
    """What tells this boot from all others; empty where nobody knows."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:  # not Linux: ages go by the wall clock
        return ""


@dataclass(frozen=True)
class Clock:
    """The clocks of this machine; tests bring their own."""

    wall: Callable[[], float] = time.time
    mono: Callable[[], float] = time.monotonic
    boot: str = field(default_factory=boot_id)

    def now(self) -> Moment:
        """This moment, to be written down."""
        return Moment(wall=self.wall(), mono=self.mono(), boot=self.boot)

    def age(self, then: Moment) -> float:
        """Seconds since a moment written down by any run; never negative.

        Within one boot the monotonic clock is the same for all programs, and nobody sets it.
        """
        if then.boot and then.boot == self.boot:
            return max(self.mono() - then.mono, 0.0)
        return max(self.wall() - then.wall, 0.0)
