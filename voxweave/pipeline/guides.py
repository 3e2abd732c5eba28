"""What an order is given beside its words: a picture to begin from, and the voice to move by."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voxweave.core.pictures import Still
from voxweave.core.speech import Narration
from voxweave.core.storyboard import ART, Scene, Storyboard
from voxweave.core.text import printable
from voxweave.core.time import Span, ms_of
from voxweave.core.timeline import Shot
from voxweave.core.value import MediaFile
from voxweave.errors import InputError, UsageError
from voxweave.media.files import fingerprint
from voxweave.media.pieces import cut_piece
from voxweave.pipeline.chain import Link, painter_link
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.illustrate import library, load
from voxweave.pipeline.order_news import scenes_named
from voxweave.places import expanded
from voxweave.providers.registry import names

NONE = "none"
_NUMBERED = re.compile(r"(?:.*\D)?(\d{1,6})")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SOUND = (
    "where the server has a field for it, set the provider's dialect (vllm_omni) and, for a model not known to"
    " follow a voice, takes_sound = true in its table; else leave out --clip-audio"
)

Cut = Callable[[Shot, int], MediaFile]
"""The voice of a shot, for a clip of so many seconds."""


@dataclass(frozen=True)
class Guided:
    """Pictures by scene, who makes stills for the others, the voice's pieces; and what is worth telling about it."""

    pictures: Mapping[int, MediaFile] = field(default_factory=dict)
    painter: Link | None = None
    bare: frozenset[int] = frozenset()
    """Scenes that want no picture."""
    cut: Cut | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guides:
    """What one film's orders are given; `base` is where a storyboard's relative paths count from."""

    desk: Desk
    links: Sequence[Link]
    narration: Narration
    base: Path

    def files(self) -> tuple[Path, ...]:
        """What --reference names on this machine; nothing is opened."""
        wanted = self.desk.studio.settings.reference
        if not self.links or not wanted or wanted in names():
            return ()
        place = local_file(wanted)
        return tuple(library(self.desk.tools).files(place)) if place.is_dir() else (place,)

    def guided(self, story: Storyboard) -> Guided:
        """All of it found and looked at; InputError and UsageError before anything is ordered."""
        own = {scene.number: scene.reference for scene in story.scenes if scene.reference}
        files, painter, notes = self._chosen(story.scenes)
        files |= {number: self.base / local_file(name) for number, name in own.items() if name != NONE}
        bare = frozenset(number for number, name in own.items() if name == NONE)
        files = {number: file for number, file in files.items() if number not in bare}
        seen = {file: self._picture(file) for file in dict.fromkeys(files.values())}
        pictures = {number: seen[file] for number, file in files.items()}
        if not (pictures or painter):
            self._check_needs()
        if pictures or painter:
            notes += self._takers("picture", "is ordered without one to begin from")
        return Guided(pictures, painter, bare, self._voice(), (*notes, *self._voice_notes()))

    def check(self, given: Storyboard | None) -> None:
        """InputError and UsageError for what is known to be wrong before there is a storyboard, or by the one given."""
        if not self.links:
            return
        if given is None:
            files = () if self.desk.studio.media_first else self.files()
            for file in files if len(files) == 1 else ():  # of a folder, not all may be wanted
                self._picture(file)
        elif any(scene.picture == ART for scene in given.scenes):
            self.guided(given)

    def idle(self) -> tuple[str, ...]:
        """What to say where nothing is ordered that could begin from a picture."""
        wanted = self.desk.studio.settings.reference
        return ("nothing is ordered, so --reference has no effect",) if wanted else ()

    def _chosen(self, scenes: Sequence[Scene]) -> tuple[dict[int, Path], Link | None, tuple[str, ...]]:
        """What --reference names: a file for each scene, or who makes the pictures."""
        wanted = self.desk.studio.settings.reference
        if not wanted:
            return {}, None, ()
        if wanted in names():
            return self._painter(wanted)
        place = local_file(wanted)
        if not place.is_dir():
            return {scene.number: place for scene in scenes}, None, ()
        files = by_scene(library(self.desk.tools).files(place), scenes)
        missing = [scene.number for scene in scenes if scene.number not in files]
        return files, None, (_without(missing, place),) if missing else ()

    def _painter(self, name: str) -> tuple[dict[int, Path], Link | None, tuple[str, ...]]:
        studio = self.desk.studio
        painter = painter_link(studio, name, self.links, self.desk.job.folder)
        if painter.down is not None:
            return {}, None, (f"{name} makes no pictures to begin from: {painter.down.text}",)
        return {}, painter, (f"{name} first makes a still for each clip to begin from",)

    def _picture(self, file: Path) -> MediaFile:
        media = fingerprint(file, "the reference picture")
        loaded = self.desk.step(load, media, self.desk.studio.order_canvas)
        if not isinstance(loaded.picture, Still):
            raise InputError(
                f"{printable(file.name)} is no picture",
                hint="a reference is a picture, such as a JPEG or PNG",
            )
        return media

    def _check_needs(self) -> None:
        """UsageError where the first choice could make nothing; those after it are passed over."""
        first = next((link for link in self.links if link.offer is not None), None)
        if first is not None and first.offer is not None and first.offer.needs_picture:
            raise UsageError(
                f"{_named([first])} needs a picture to begin from", hint="name one with --reference"
            )

    def _voice(self) -> Cut | None:
        """How the voice is cut; UsageError where nobody in the chain lets it drive a picture."""
        if self.desk.studio.settings.clip_audio == "off":
            return None
        known = [link for link in self.links if link.offer is not None]
        if known and not any(link.offer.takes_sound for link in known if link.offer):
            raise UsageError(
                f"{_named(known)} cannot be driven by a voice (clip_audio is drive)", hint=_SOUND
            )
        return self._piece

    def _voice_notes(self) -> tuple[str, ...]:
        if self.desk.studio.settings.clip_audio == "off":
            return ()
        return self._takers("sound", "moves without it")

    def _piece(self, shot: Shot, seconds: int) -> MediaFile:
        start = ms_of(shot.first, self.desk.studio.settings.canvas.rate)
        end = ms_of(shot.last, self.desk.studio.settings.canvas.rate)
        span = Span(start=start, end=min(end, start + 1000 * seconds))
        folder = self.desk.job.folder / "voice" / self.narration.speech.sha256[:16]
        return fingerprint(cut_piece(self.narration.speech.path, span, folder), "the scene's voice")

    def _takers(self, what: str, instead: str) -> tuple[str, ...]:
        """A line for each provider whose model takes no such thing."""
        without = [
            link
            for link in self.links
            if link.offer and link.offer.makes == "clip" and not getattr(link.offer, f"takes_{what}")
        ]
        return (f"{_named(without)} takes no {what}, and {instead}",) if without else ()


def by_scene(files: Iterable[Path], scenes: Sequence[Scene]) -> dict[int, Path]:
    """A file for each scene: by the numbers their names end with, where each has one of its own; else in order."""
    listed = list(files)
    found = [_NUMBERED.fullmatch(file.stem) for file in listed]
    numbers = [int(match[1]) for match in found if match]
    if len(set(numbers)) == len(listed):
        return dict(zip(numbers, listed, strict=True))
    return dict(zip((scene.number for scene in scenes), listed, strict=False))


def local_file(name: str) -> Path:
    """The path; UsageError for an address, from which we fetch nothing."""
    if _ADDRESS.match(name):
        raise UsageError(
            f"{printable(name, most=80)} is an address, and a reference is a file on this machine",
            hint="download the picture, and name the file",
        )
    return expanded(name)


def _without(scenes: Sequence[int], place: Path) -> str:
    return f"{printable(place.name)} has no picture for {scenes_named(scenes)}"


def _named(links: Sequence[Link]) -> str:
    words = (printable(f"{link.name} {link.offer.model if link.offer else ''}".strip()) for link in links)
    return " and ".join(words)
