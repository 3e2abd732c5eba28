"""Clocks that are set by hand."""

from voxweave.jobs.clock import Clock


class Hands:
    """Clocks that are set by hand."""

    def __init__(self) -> None:
        self.wall, self.mono = 1_000_000.0, 500.0

    def clock(self, boot: str = "boot") -> Clock:
        return Clock(wall=lambda: self.wall, mono=lambda: self.mono, boot=boot)

    def pass_s(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds
