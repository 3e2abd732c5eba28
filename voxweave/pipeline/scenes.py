"""Encoding scenes: each once, straight to the final codec, side by side, named by what decides its pixels."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import IO

from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Drawing, Picture, Still
from voxweave.core.value import Value
from voxweave.errors import MediaError
from voxweave.jobs.fingerprints import code_identity, fingerprint_of
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Advance, Ffmpeg, Job, foreign_globals
from voxweave.media.files import opened, part_of
from voxweave.media.filtergraph import (
    Stream,
    captioned,
    clip_input,
    encoded,
    exactly,
    fitted,
    loop_input,
    painted_input,
)
from voxweave.media.loops import loop_unit
from voxweave.media.memory import give_back_planes
from voxweave.media.planes import Planes
from voxweave.media.seals import intact, seal
from voxweave.media.stills import still_painter
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Artist, Paint


class SceneCut(Value):
    """Everything that decides the pixels of one scene, but for the program that encodes it.

    `ass` is the whole text of the captions and titles drawn in, in the scene's own time; empty for
    none. `fonts` is a fingerprint of the fonts they are drawn with.
    """

    canvas: Canvas
    picture: Picture
    first: int
    frames: int
    ass: str
    fonts: str
    encoder: VideoEncoder


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


@dataclass(frozen=True)
class Encoded:
    """A scene on disk, and whether an earlier run made it."""

    file: Path
    reused: bool


def encode_scenes(
    cuts: Sequence[SceneCut], kitchen: Kitchen, advance: Callable[[float], None]
) -> list[Encoded]:
    """Every scene's file, in order; those that are there already are not made again.

    The first failure ends the others and is raised.
    """
    give_back_planes()
    meter = _Meter(sum(cut.frames for cut in cuts), advance)
    with ThreadPoolExecutor(kitchen.workers, thread_name_prefix="scene") as pool:
        running = [pool.submit(_encode_once, cut, kitchen, meter) for cut in cuts]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
            return _collected(running)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _collected(running: Sequence[Future[Encoded]]) -> list[Encoded]:
    failed = next((job for job in running if job.done() and not job.cancelled() and job.exception()), None)
    if failed is not None:
        for job in running:
            job.cancel()
        failed.result()
    return [job.result() for job in running]


def scene_file(cut: SceneCut, kitchen: Kitchen) -> Path:
    """Where a scene lies, by the hash of all that decides its pixels."""
    key = fingerprint_of(cut, kitchen.ffmpeg.build, code_identity())
    return kitchen.folder / "scenes" / f"{key}.mp4"


class _Meter:
    """Adds up the frames of scenes made side by side."""

    def __init__(self, total: int, advance: Callable[[float], None]) -> None:
        self._total, self._advance, self._done, self._lock = total, advance, 0, Lock()

    def add(self, frames: int) -> None:
        with self._lock:
            self._done += frames
            self._advance(self._done / self._total)


def _encode_once(cut: SceneCut, kitchen: Kitchen, meter: _Meter) -> Encoded:
    kitchen.stop.check()
    file = scene_file(cut, kitchen)
    if intact(file):  # one that the disk has damaged since is made again
        os.utime(file)
        meter.add(cut.frames)
        return Encoded(file, reused=True)
    counter = _Counter(meter)
    with part_of(file) as part, _text_of(cut, part):
        _encode(cut, kitchen, part, counter)
        if counter.frames != cut.frames:
            raise MediaError(f"a scene came out {counter.frames} frames long instead of {cut.frames}")
        seal(part, file)
    return Encoded(file, reused=False)


@contextmanager
def _text_of(cut: SceneCut, part: Path) -> Iterator[None]:
    """The scene's ASS beside its part for as long as it is drawn, and gone after."""
    file = part.with_suffix(".ass")
    try:
        if cut.ass:
            file.write_text(cut.ass, encoding="utf-8")
        yield
    finally:
        file.unlink(missing_ok=True)


class _Counter:
    """Frames FFmpeg says it has written of one scene."""

    def __init__(self, meter: _Meter) -> None:
        self.frames, self._meter = 0, meter

    def __call__(self, step: Advance) -> None:
        self._meter.add(step.frame - self.frames)
        self.frames = step.frame


def _encode(cut: SceneCut, kitchen: Kitchen, part: Path, count: Callable[[Advance], None]) -> None:
    if isinstance(cut.picture, Clip):
        _encode_clip(cut, cut.picture, kitchen, part, count)
    else:
        paint = _painter(cut.picture, cut, kitchen)
        args = _finished(painted_input(cut.canvas), cut, kitchen, part)
        kitchen.ffmpeg.run(
            _job(args, cut, kitchen, ()), kitchen.stop, advance=count, feed=_feed(paint, cut, kitchen.stop)
        )


def _encode_clip(
    cut: SceneCut, clip: Clip, kitchen: Kitchen, part: Path, count: Callable[[Advance], None]
) -> None:
    if clip.fit in ("loop", "boomerang"):
        args = _finished(
            exactly(loop_input(f"file:{_unit(clip, cut, kitchen)}"), cut.frames), cut, kitchen, part
        )
        kitchen.ffmpeg.run(_job(args, cut, kitchen, ()), kitchen.stop, advance=count)
        return
    with opened(clip.media.path, "the clip") as fd:
        stream = exactly(fitted(clip_input(clip, fd), clip, cut.canvas), cut.frames)
        args = [*foreign_globals(), *_finished(stream, cut, kitchen, part)]
        kitchen.ffmpeg.run(_job(args, cut, kitchen, (fd,)), kitchen.stop, advance=count)


def _unit(clip: Clip, cut: SceneCut, kitchen: Kitchen) -> Path:
    """The endless form of a clip, made once however many scenes show it."""
    alike = clip.model_copy(update={"start_ms": 0, "slow": 1.0})
    key = fingerprint_of(alike, cut.canvas, kitchen.ffmpeg.build, code_identity())
    unit = kitchen.folder / "pictures" / f"loop-{key}.mp4"
    with kitchen.units:
        if not unit.exists():
            loop_unit(kitchen.ffmpeg, clip, cut.canvas, unit=unit, stop=kitchen.stop)
    return unit


def _painter(picture: Drawing | Still, cut: SceneCut, kitchen: Kitchen) -> Paint:
    if isinstance(picture, Still):
        return still_painter(picture, cut.canvas, first=cut.first, frames=cut.frames)
    return kitchen.artist.painter(picture, cut.canvas)


def _feed(paint: Paint, cut: SceneCut, stop: StopSignal) -> Callable[[IO[bytes]], None]:
    def feed(pipe: IO[bytes]) -> None:
        planes = Planes.blank(cut.canvas)
        for frame in range(cut.first, cut.first + cut.frames):
            stop.check()
            paint(frame, planes)
            pipe.write(planes.buffer)

    return feed


def _finished(stream: Stream, cut: SceneCut, kitchen: Kitchen, part: Path) -> list[str]:
    """Arguments up to and with the output's name; the captions lie beside the part under its name."""
    if cut.ass:
        stream = captioned(stream, f"scenes/{part.with_suffix('.ass').name}", "fonts")
    return [*encoded(stream, cut.canvas, cut.encoder, frames=cut.frames), f"file:{part.absolute()}"]


def _job(args: Sequence[str], cut: SceneCut, kitchen: Kitchen, fds: Sequence[int]) -> Job:
    around = Surroundings(cwd=kitchen.folder, fds=fds, env=kitchen.font_env)
    return Job(args, f"rendering the scene at frame {cut.first}", around)
