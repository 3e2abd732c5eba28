"""A picture for every shot: drawn art, or the user's own media fitted to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.fitting import fit_clip
from voxweave.core.pictures import CameraMove, Clip, Picture, Still
from voxweave.core.storyboard import ART
from voxweave.core.text import printable
from voxweave.core.timeline import Shot, Timeline
from voxweave.core.value import MediaFile, Value
from voxweave.errors import InputError
from voxweave.media.files import fingerprint
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.tools import Tools
from voxweave.places import expanded
from voxweave.providers.base import Illustrator, Library, Toolkit
from voxweave.providers.registry import make_provider

_MOVES: tuple[CameraMove, ...] = ("push-in", "pan-right", "pull-out", "pan-left")


class Loaded(Value):
    """Own media made ready: a still at its working size, or a clip measured."""

    picture: Still | Clip


def load(tools: Tools, media: MediaFile, canvas: Canvas) -> Loaded:
    """One picture or clip of the user's; InputError names what cannot be used."""
    return Loaded(picture=library(tools).load(media.path, canvas, tools.folder / "pictures"))


def library(tools: Tools) -> Library:
    """Where the user's own pictures and clips come from."""
    kit = Toolkit(ffmpeg=tools.ffmpeg, stop=tools.stop, advance=lambda _: None)
    return make_provider("folder", Library, options=None, tools=kit)


def usable(desk: Desk, folder: Path, *, most: int) -> tuple[list[Path], list[str]]:
    """The folder's media that can be shown, as many as there are scenes, and why others are left out."""
    found: list[Path] = []
    refused: list[str] = []
    for file in library(desk.tools).files(folder):
        if len(found) == most:
            break
        try:
            desk.step(load, fingerprint(file, "the picture"), desk.studio.settings.canvas)
            found.append(file)
        except InputError as error:
            refused.append(f"left out: {error}")
    if not found:
        why = refused[0] if refused else "put pictures or clips there"
        raise InputError(f"nothing in {printable(str(folder))} can be shown", hint=why)
    return found, refused


@dataclass
class Illustration:
    """Goes through a timeline's shots in order, so that media shown again goes on or moves another way."""

    desk: Desk
    canvas: Canvas
    artist: Illustrator
    base: Path
    """Where a storyboard's relative paths count from."""
    ordered: Mapping[int, MediaFile] = field(default_factory=dict)
    """What providers delivered, by scene."""
    _ended_ms: dict[str, int] = field(default_factory=dict)
    _ready: dict[MediaFile | Path, Still | Clip] = field(default_factory=dict)
    """What was loaded: a clip of gigabytes is hashed for the first scene that shows it, and for no other."""

    def pictures(self, timeline: Timeline) -> tuple[Picture, ...]:
        """What each shot shows, in order."""
        moves = cycle(_MOVES)
        made: list[Picture] = []
        for shot in timeline.shots:
            self.desk.studio.stop.check()
            made.append(self.shown(shot, next(moves)))
            if not self.desk.studio.suppliers:  # else the orders were what took the time
                self.desk.teller.advance(len(made) / len(timeline.shots))
        return tuple(made)

    def alone(self, place: int, timeline: Timeline, media: MediaFile | None) -> Picture:
        """What a shot will show if its media are shown nowhere before: our own art where there are none."""
        shot = timeline.shots[place]
        ordered = {shot.scene.number: media} if media else {}
        one = replace(self, ordered=ordered, _ended_ms={})
        return one.shown(shot, _MOVES[place % len(_MOVES)])

    def shown(self, shot: Shot, move: CameraMove) -> Picture:
        """What one shot shows."""
        media = self.ordered.get(shot.scene.number)
        if media is None and shot.scene.picture == ART:
            return self.artist.illustrate(shot, self.canvas, self.desk.job.folder / "pictures")
        picture = self._loaded(shot, media)
        if isinstance(picture, Still):
            return picture.model_copy(update={"move": move})
        return self._fitted(picture, shot)

    def _loaded(self, shot: Shot, media: MediaFile | None) -> Still | Clip:
        """The shot's media made ready; threads that meet at one file come to the same."""
        file = self.base / expanded(shot.scene.picture)
        shown = media or file
        if shown not in self._ready:
            media = media or fingerprint(file, f"scene {shot.scene.number}'s picture")
            self._ready[shown] = self.desk.step(load, media, self.canvas).picture
        return self._ready[shown]

    def _fitted(self, clip: Clip, shot: Shot) -> Clip:
        """The clip, going on where an earlier scene left it."""
        begins = self._ended_ms.get(clip.media.sha256, 0)
        fitted = fit_clip(clip, self.canvas, frames=shot.frames, start_ms=begins)
        shown_ms = round(shot.frames * 1000 / self.canvas.rate)
        self._ended_ms[clip.media.sha256] = fitted.start_ms + shown_ms
        return fitted
