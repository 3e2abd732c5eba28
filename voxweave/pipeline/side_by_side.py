"""A film's sound and its scenes, encoded side by side by one crew of workers."""

from collections.abc import Callable
from dataclasses import replace
from threading import Lock

from voxweave.core.pictures import silent
from voxweave.errors import Stopped
from voxweave.pipeline.bed import Bed, lay_bed
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.render import Film, scenes_of
from voxweave.pipeline.scenes import Encoded, crew
from voxweave.pipeline.sound import Recording, record

_SOUND = 0.05
"""The sound's share of the work."""


def sound_and_scenes(desk: Desk, film: Film) -> tuple[Recording, list[Encoded]]:
    """The sound by the first worker, scenes by all who are free; what fails first ends the other, and is raised.

    Levelling two hours takes minutes of one core, which would otherwise pass before the first scene.
    """
    desk.enter("sound")
    studio = desk.studio
    bed, encoder = _bed(desk, film), desk.audio_encoder(film.timeline)
    desk.enter("render")
    told = _Shares(desk.teller.advance)
    with studio.stop.branch() as stop, crew(studio.workers) as pool:
        tools = replace(desk.tools, stop=stop)
        hear = replace(tools, advance=told.of(_SOUND))
        sound = pool.submit(
            desk.job.step, record, hear, film.narration, encoder, studio.settings.loudness_lufs, bed
        )
        sound.add_done_callback(lambda done: stop.set() if done.exception() else None)
        try:
            scenes = scenes_of(desk, film, replace(tools, advance=told.of(1 - _SOUND)), pool)
        except Stopped:
            sound.result()
            raise
        except BaseException:
            stop.set()
            raise
        return sound.result(), scenes


def _bed(desk: Desk, film: Film) -> Bed | None:
    """The clips' own sound, where it is wanted."""
    settings, bought = desk.studio.settings, film.supplies.bought
    own, ordered = settings.media_sound, settings.clip_sound if bought else "drop"
    mix = own if ordered == "drop" else ordered
    if mix == "drop":
        return None
    heard = tuple(
        silent(picture) if (ordered if shot.scene.number in bought else own) == "drop" else picture
        for shot, picture in zip(film.timeline.shots, film.pictures, strict=True)
    )
    return desk.step(lay_bed, film.timeline, heard, mix)


class _Shares:
    """Adds up what goes on at the same time; the parts are weighed to come to one."""

    def __init__(self, advance: Callable[[float], None]) -> None:
        self._advance, self._lock = advance, Lock()
        self._done: list[float] = []

    def of(self, weight: float) -> Callable[[float], None]:
        """What tells how far one part is, from 0 to 1."""
        place = len(self._done)
        self._done.append(0.0)

        def tell(share: float) -> None:
            with self._lock:
                self._done[place] = weight * share
                whole = sum(self._done)
            self._advance(whole)

        return tell
