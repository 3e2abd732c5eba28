"""What a film is made of, packet by packet: when each is shown or heard, and a sum of its bytes."""

from collections.abc import Generator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Literal, NamedTuple

from voxweave.errors import MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Ffmpeg, Job
from voxweave.media.stopping import StopSignal

_TICKS = "#tb 0:"
_STRAY = Fraction(1, 3)
"""WebM counts milliseconds, and a joiner's microseconds add up over hours."""


class Packet(NamedTuple):
    """Seconds at which it is decoded and shown, its size, the sum of its bytes, and the seconds it lasts."""

    decoded: Fraction
    shown: Fraction
    size: int
    sum: str
    lasts: Fraction = Fraction(0)

    @property
    def content(self) -> tuple[int, str]:
        """What the encoder wrote, whenever it is shown."""
        return self.size, self.sum


class FrameGrid:
    """Frames that come in the order of decoding, each to its own place among those shown."""

    def __init__(self, rate: Fraction) -> None:
        self.frames = 0
        """So many are there, from the first on, without a gap."""
        self._rate, self._latest = rate, Fraction(-(10**9))
        self.begin: Fraction | None = None
        """When the first is shown."""
        self._ahead: set[int] = set()

    def add(self, packet: Packet) -> None:
        """MediaError when it lies between two frames, on one that is there, or before what is decoded already."""
        if self.begin is None:
            # WebM has no times below 0: where Opus begins before it, everything is moved by some milliseconds.
            self.begin = packet.shown if 0 <= packet.shown * self._rate < 1 else Fraction(0)
        place = (packet.shown - self.begin) * self._rate
        frame = round(place)
        if abs(place - frame) > _STRAY:
            raise MediaError(
                f"a frame is shown at {float(packet.shown):.4f} s, between two of the film's own"
            )
        if frame < self.frames or frame in self._ahead or packet.decoded <= self._latest:
            raise MediaError(f"frame {frame} is there twice, or out of order")
        self._latest = packet.decoded
        self._ahead.add(frame)
        while self.frames in self._ahead:
            self._ahead.remove(self.frames)
            self.frames += 1

    def close(self) -> None:
        """MediaError when one is missing before the last."""
        if self._ahead:
            raise MediaError(f"frame {self.frames} is missing")


def packets(
    ffmpeg: Ffmpeg, source: Sequence[str], folder: Path, stop: StopSignal, *, kind: Literal["v", "a"] = "v"
) -> Generator[Packet]:
    """The first stream of pictures or of sound in a source (FFmpeg's arguments), read to its end without decoding.

    H.264 comes in the form that streams use, whichever way the file holds it.
    """
    out = ["-map", f"0:{kind}:0", "-c", "copy", "-f", "framecrc", "pipe:1"]
    job = Job(["-xerror", *source, *out], "reading the film's packets", Surroundings(cwd=folder))
    tick = Fraction(1)
    with ffmpeg.reading(job, stop) as child:
        for raw in child.stdout:
            line = raw.decode("ascii", "replace").strip()
            if line.startswith(_TICKS):
                tick = Fraction(line.removeprefix(_TICKS).strip())
            elif not line.startswith("#"):
                yield _packet(line, tick)


def _packet(line: str, tick: Fraction) -> Packet:
    words = [word.strip() for word in line.split(",")]
    try:
        decoded, shown, lasts, size = (int(word) for word in words[1:5])
        return Packet(decoded * tick, shown * tick, size, words[5], lasts * tick)
    except (ValueError, IndexError) as error:
        raise MediaError(f"FFmpeg tells of a packet in words we do not know: {line[:80]}") from error
