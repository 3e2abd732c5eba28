"""Scenes encoded as soon as their pictures are there, while other scenes are still being made elsewhere.

Only work done ahead: what is encoded here lies where the render stage looks for it, and what was guessed
wrongly is made there.
"""

import logging
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from threading import Lock

from voxweave.core.pictures import Picture
from voxweave.core.value import MediaFile
from voxweave.errors import VoxWeaveError
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.illustrate import Illustration
from voxweave.pipeline.pouring import Kitchen
from voxweave.pipeline.render import Cutter, Film, cutter_of, kitchen_of
from voxweave.pipeline.scenes import SceneCut, encode_scenes, offer_scene

_LOG = logging.getLogger(__name__)


@dataclass
class Early:
    """Takes scenes whose picture is settled; threads may tell it at once."""

    film: Film
    illustration: Illustration
    desk: Desk
    art_last: bool
    """Whether our own art fills the scenes that nothing came for."""
    pool: ThreadPoolExecutor
    stop: StopSignal
    """Ends what is being encoded here, and nothing else."""
    made: set[Path] = field(default_factory=set)
    """The files of the scenes that this run has encoded."""
    _known: dict[int, Picture] = field(default_factory=dict)
    _begun: set[int] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def settled(self, scenes: Mapping[int, MediaFile | None]) -> None:
        """These scenes show these files, or nothing that was ordered."""
        for place, shot in enumerate(self.film.timeline.shots):
            media = scenes.get(shot.scene.number)
            if shot.scene.number in scenes and (media or self.art_last):
                self.pool.submit(self._quietly, place, media)

    @cached_property
    def cutter(self) -> Cutter:
        """Brings together what decides the scenes' pixels."""
        return cutter_of(self.desk, self.film)

    @cached_property
    def kitchen(self) -> Kitchen:
        """What they are made with, one at a time by each thread."""
        return replace(kitchen_of(self.desk, self.film, workers=1), stop=self.stop)

    def _quietly(self, place: int, media: MediaFile | None) -> None:
        """A failure here is met again where it counts."""
        try:
            self._illustrated(place, media)
        except VoxWeaveError as error:
            _LOG.debug("not encoded ahead: %s", error)

    def _illustrated(self, place: int, media: MediaFile | None) -> None:
        picture = self.illustration.alone(place, self.film.timeline, media)
        for cut in self._cuts(place, picture):
            file = self._made(cut)
            if file is not None:
                self.made.add(file)

    def _made(self, cut: SceneCut) -> Path | None:
        """A scene encoded now, or handed to others; None where it was there."""
        if self.kitchen.spread is not None:
            return offer_scene(cut, self.kitchen)
        (encoded,) = encode_scenes([cut], self.kitchen, lambda _: None)
        return None if encoded.reused else encoded.file

    def _cuts(self, place: int, picture: Picture) -> list[SceneCut]:
        """The scenes that can now be encoded: this one and the next, each once what it begins under is known."""
        with self._lock:
            _ = self.kitchen  # by one thread: it lays the fonts ready
            self._known[place] = picture
            ready = [at for at in (place, place + 1) if at in self._known and at not in self._begun]
            made = {at: self.cutter.cut(at, self._known) for at in ready}
            self._begun.update(at for at, cut in made.items() if cut is not None)
        return [cut for cut in made.values() if cut is not None]


@contextmanager
def early(desk: Desk, film: Film, illustration: Illustration, *, art_last: bool) -> Iterator[Early]:
    """Encode ahead for as long as the block lasts; what has not begun by its end is left to the render stage.

    When the block fails, what is being encoded is ended: nobody waits for scenes of a film that is not made.
    """
    workers = desk.studio.workers
    with (
        desk.studio.stop.branch() as stop,
        ThreadPoolExecutor(workers, thread_name_prefix="early") as pool,
    ):
        try:
            yield Early(film, illustration, desk, art_last, pool, stop)
        except BaseException:
            stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
