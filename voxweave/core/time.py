"""Moments, spans and frames: speech in whole milliseconds, pictures in whole frames."""

import re
from fractions import Fraction
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from voxweave.core.value import Value

CLOCK_HZ = 48_000
"""Samples per second of the master clock: the narration, decoded."""

NTSC_RATES = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "59.94": Fraction(60000, 1001),
}

_CLOCK_TIME = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?")


def parse_rate(text: object) -> object:
    """`30`, `30000/1001` and `29.97` alike; the NTSC decimals mean the exact NTSC rates."""
    return NTSC_RATES.get(str(text).strip(), text)


Rate = Annotated[Fraction, BeforeValidator(parse_rate)]
"""Frames a second, exact."""


class Span(Value):
    """From one moment to another, in milliseconds; the end is not in it."""

    start: int
    end: int

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end < self.start:
            raise ValueError(f"ends before it starts: {self.start} to {self.end}")
        return self

    @property
    def duration(self) -> int:
        """Milliseconds from start to end."""
        return self.end - self.start


def frame_at(ms: int, rate: Fraction) -> int:
    """The frame on screen at a moment.

    Round positions, never durations: rounded durations add up to drift.
    """
    return round(Fraction(ms) * rate / 1000)


def frames_of(samples: int, rate: Fraction) -> int:
    """How many frames a narration of so many samples on the master clock fills, at least one."""
    return max(1, round(Fraction(samples, CLOCK_HZ) * rate))


def ms_of(frame: int, rate: Fraction) -> int:
    """The moment a frame appears, in whole milliseconds."""
    return round(frame * 1000 / rate)


def clock(ms: int) -> str:
    """A moment as people write it: `0:01:23.456`."""
    seconds, milli = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}.{milli:03}"


def parse_clock(text: str) -> int:
    """Milliseconds of `0:01:23.456`, `1:23` or `1:23,4`; ValueError for anything else."""
    match = _CLOCK_TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a time: {text!r} (write 0:01:23.456)")
    hour, minute, second, fraction = match.groups()
    whole = int(hour or 0) * 3600 + int(minute) * 60 + int(second)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))
