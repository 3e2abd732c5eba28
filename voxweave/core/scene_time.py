"""A scene's own time: film frames as the moments of its ASS events."""

from dataclasses import dataclass

import pysubs2

from voxweave.core.ass import moment_ms
from voxweave.core.film import Canvas
from voxweave.core.time import ms_of


@dataclass(frozen=True)
class SceneTime:
    """The film from frame `first` up to `last`."""

    canvas: Canvas
    first: int
    last: int

    def sees(self, first: int, last: int) -> bool:
        """Whether something shown from one frame up to another is seen here."""
        return first < min(last, self.last) and last > self.first

    def event(self, first: int, last: int, text: str, *, layer: int = 0) -> pysubs2.SSAEvent:
        """An event on the frames from `first` up to `last`, as far as they are in the scene."""
        start, end = self._start(first), moment_ms(min(last, self.last) - self.first, self.canvas.rate)
        return pysubs2.SSAEvent(start=start, end=end, text=text, style="Caption", layer=layer)

    def since(self, first: int, frame: int) -> int:
        """A frame in milliseconds from the start of the event that begins at `first`.

        Negative where the event began in an earlier scene: what moves goes on there where it was.
        """
        return ms_of(frame - self.first, self.canvas.rate) - self._start(first)

    def _start(self, first: int) -> int:
        return moment_ms(max(first - self.first, 0), self.canvas.rate)
