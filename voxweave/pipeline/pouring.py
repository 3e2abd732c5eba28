"""What goes into a scene's encoder: painted frames or a clip, and the scene before while it gives way."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO, Protocol

from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Drawing, Incoming, Picture, Still
from voxweave.core.value import Value
from voxweave.jobs.fingerprints import code_identity, fingerprint_of
from voxweave.jobs.store import Store
from voxweave.media.blending import blend
from voxweave.media.ffmpeg import Ffmpeg
from voxweave.media.files import opened_as
from voxweave.media.filtergraph import (
    Stream,
    clip_input,
    exactly,
    fitted,
    giving_way,
    later,
    loop_input,
    painted_input,
)
from voxweave.media.loops import loop_unit
from voxweave.media.memory import give_back_what_is_free
from voxweave.media.planes import Planes
from voxweave.media.stills import still_painter
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Artist, Paint


class Spread(Protocol):
    """Others who encode scenes; any thread may ask."""

    def offer(self, orders: Mapping[str, Value]) -> None:
        """Hand these scenes out, by their keys; one that was handed out before is not made twice."""

    def made(
        self, orders: Mapping[str, Value], place: Callable[[str], Path], stop: StopSignal
    ) -> Iterator[tuple[str, bool]]:
        """Each key once its scene lies at its place, sealed; or false where none of the others could make it."""


@dataclass(frozen=True)
class Kitchen:
    """What scenes are made with: programs, folders, an artist for drawings."""

    ffmpeg: Ffmpeg
    artist: Artist
    stop: StopSignal
    folder: Path
    font_env: dict[str, str]
    workers: int
    units: Lock = field(default_factory=Lock)
    """Held while a clip is made endless, so that two scenes do not make the same one."""
    store: Store | None = None
    """Where scenes are kept for other films and for the way back from an edit."""
    fonts: tuple[Path, ...] = ()
    """The font files that lie ready in the folder, in their order."""
    spread: Spread | None = None
    """Who encodes scenes for us, where they are not encoded here."""


@dataclass(frozen=True)
class Poured:
    """A scene's pictures as a stream; what FFmpeg reads, and what it is fed through its standard input."""

    stream: Stream
    fds: tuple[int, ...] = ()
    feed: Callable[[IO[bytes]], None] | None = None


@contextmanager
def poured(
    picture: Picture, canvas: Canvas, kitchen: Kitchen, *, first: int, frames: int, incoming: Incoming | None
) -> Iterator[Poured]:
    """The frames of a scene from `first` of the film on, opened for as long as they are encoded."""
    with ExitStack() as open_files:
        own = _take(picture, canvas, kitchen, _Part(first, frames), open_files)
        if incoming is None:
            yield _made(own, canvas, kitchen.stop)
            return
        part = _Part(incoming.first, incoming.frames, skip=incoming.length)
        before = _take(incoming.picture, canvas, kitchen, part, open_files)
        if own.paint and before.paint:
            paint = _mixed(own.paint, before.paint, incoming, canvas, start=first)
            yield _made(_Take(own.stream, paint, own.frames), canvas, kitchen.stop)
        else:
            yield _joined(before, own, incoming, canvas, kitchen.stop)


@dataclass(frozen=True)
class _Part:
    """Frames of a picture that begins at `first` of the film, without the `skip` shown before."""

    first: int
    frames: int
    skip: int = 0


@dataclass(frozen=True)
class _Take:
    """One picture's stream, and the painter behind it if it is painted."""

    stream: Stream
    paint: Paint | None
    frames: range
    fds: tuple[int, ...] = ()


def _take(picture: Picture, canvas: Canvas, kitchen: Kitchen, part: _Part, open_files: ExitStack) -> _Take:
    begin = part.first + part.skip
    frames = range(begin, begin + part.frames)
    if isinstance(picture, Clip):
        stream, fds = _clip(picture, canvas, kitchen, part, open_files)
        return _Take(stream, None, frames, fds)
    length = part.skip or part.frames
    return _Take(painted_input(canvas), _painter(picture, canvas, kitchen, part.first, length), frames)


def _clip(
    clip: Clip, canvas: Canvas, kitchen: Kitchen, part: _Part, open_files: ExitStack
) -> tuple[Stream, tuple[int, ...]]:
    if clip.fit in ("loop", "boomerang"):
        unit = loop_input(f"file:{_unit(clip, canvas, kitchen)}")
        return exactly(later(unit, part.skip) if part.skip else unit, part.frames), ()
    fd = open_files.enter_context(opened_as(clip.media, "the clip"))
    shown = _going_on(clip, canvas, part.skip) if part.skip else clip
    return exactly(fitted(clip_input(shown, fd), shown, canvas), part.frames), (fd,)


def _going_on(clip: Clip, canvas: Canvas, skip: int) -> Clip:
    """The clip from where its scene leaves it, or its last pictures where it has no more."""
    slow = clip.slow if clip.fit == "slow" else 1.0
    goes_on = clip.start_ms + round(skip * 1000 / float(canvas.rate) / slow)
    last = clip.duration_ms * (clip.frames - 1) // max(1, clip.frames) - 1
    return clip.model_copy(update={"start_ms": max(0, min(goes_on, last))})


def _unit(clip: Clip, canvas: Canvas, kitchen: Kitchen) -> Path:
    """The endless form of a clip, made once however many scenes show it."""
    alike = clip.model_copy(update={"start_ms": 0, "slow": 1.0})
    key = fingerprint_of(alike, canvas, kitchen.ffmpeg.build, code_identity())
    unit = kitchen.folder / "pictures" / f"loop-{key}.mp4"
    with kitchen.units:
        if not unit.exists():
            loop_unit(kitchen.ffmpeg, clip, canvas, unit=unit, stop=kitchen.stop)
    return unit


def _painter(picture: Drawing | Still, canvas: Canvas, kitchen: Kitchen, first: int, frames: int) -> Paint:
    if isinstance(picture, Still):
        paint = still_painter(picture, canvas, first=first, frames=frames)
    else:
        paint = kitchen.artist.painter(picture, canvas)
    give_back_what_is_free()
    return paint


def _mixed(paint: Paint, before: Paint, incoming: Incoming, canvas: Canvas, *, start: int) -> Paint:
    """Paints a scene, and over its first frames what the scene before still shows."""
    leaving = Planes.blank(canvas)

    def mixed(frame: int, planes: Planes) -> None:
        paint(frame, planes)
        if frame - start < incoming.frames:
            before(frame, leaving)
            blend(incoming.kind, leaving, planes, frame - start, incoming.frames)

    return mixed


def _made(take: _Take, canvas: Canvas, stop: StopSignal) -> Poured:
    return Poured(take.stream, take.fds, _feed(take, canvas, stop))


def _joined(before: _Take, own: _Take, incoming: Incoming, canvas: Canvas, stop: StopSignal) -> Poured:
    """Two streams, of which one is a clip: FFmpeg lets the one give way to the other."""
    stream = giving_way(before.stream, own.stream, incoming.kind, canvas, frames=incoming.frames)
    painted = own if own.paint else before
    return Poured(exactly(stream, len(own.frames)), (*before.fds, *own.fds), _feed(painted, canvas, stop))


def _feed(take: _Take, canvas: Canvas, stop: StopSignal) -> Callable[[IO[bytes]], None] | None:
    paint = take.paint
    if paint is None:
        return None

    def feed(pipe: IO[bytes]) -> None:
        planes = Planes.blank(canvas)
        for frame in take.frames:
            stop.check()
            paint(frame, planes)
            pipe.write(planes.buffer)

    return feed
