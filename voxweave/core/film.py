"""The shape of the film: canvas, boxes on it."""

from pydantic import Field

from voxweave.core.time import Rate
from voxweave.core.value import Value


class Canvas(Value):
    """Size and rate of the film; sides are even."""

    width: int = Field(ge=64, le=8192, multiple_of=2)
    height: int = Field(ge=64, le=8192, multiple_of=2)
    rate: Rate

    @property
    def portrait(self) -> bool:
        """Taller than wide."""
        return self.height > self.width


class Box(Value):
    """A rectangle in frame pixels, origin at the top left."""

    x: int
    y: int
    width: int
    height: int
