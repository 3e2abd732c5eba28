"""Our own art: moving pictures drawn here, that follow the voice."""

from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.pictures import Drawing
from voxweave.providers.art.painter import Painter, painter
from voxweave.providers.art.styles import load_style, styles

__all__ = ["Art", "Painter", "load_style", "painter", "styles"]


class Art:
    """Draws scenes in a style, with no account and no key."""

    def styles(self) -> dict[str, Path]:
        """The looks there are."""
        return styles()

    def painter(self, drawing: Drawing, canvas: Canvas) -> Painter:
        """Set one scene up for painting."""
        return painter(drawing, canvas)
