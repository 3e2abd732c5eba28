"""Our own art as a provider: no account, no key, no network."""

from pathlib import Path

from pydantic import BaseModel

from voxweave.core.film import Canvas
from voxweave.core.pictures import Calm, Drawing, Emblem
from voxweave.core.style import Style
from voxweave.core.timeline import Shot
from voxweave.core.value import MediaFile
from voxweave.providers.art.painter import painter
from voxweave.providers.base import Paint, Provider, Toolkit


class Art(Provider):
    """Draws every shot in one style, moved by the voice."""

    class Options(BaseModel):
        """One film's look: its style, its voice, and what must stay readable."""

        style: Style
        seed: int = 0
        film_frames: int
        voice: MediaFile
        calm: tuple[Calm, ...] = ()
        emblem: Emblem | None = None

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        assert isinstance(options, Art.Options)
        self._film = options

    def illustrate(self, shot: Shot, canvas: Canvas, into: Path) -> Drawing:
        """The drawing of a shot; nothing is drawn yet, and nothing written."""
        film = self._film
        emblem = film.emblem if film.emblem and _meets(film.emblem, shot) else None
        return Drawing(
            style=film.style,
            scene=shot.scene.number,
            seed=film.seed,
            first=shot.first,
            frames=shot.frames,
            film_frames=film.film_frames,
            voice=film.voice,
            calm=tuple(zone for zone in film.calm if _meets(zone, shot)),
            emblem=emblem,
            fade_in=shot.first == 0,
            fade_out=shot.last == film.film_frames,
        )

    def painter(self, drawing: Drawing, canvas: Canvas) -> Paint:
        """Set one drawing up for painting."""
        return painter(drawing, canvas)


def _meets(zone: Calm | Emblem, shot: Shot) -> bool:
    return zone.first < shot.last and zone.last > shot.first
