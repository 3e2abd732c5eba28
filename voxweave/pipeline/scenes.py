"""Encoding scenes: each once, straight to the final codec, side by side, named by what decides its pixels."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock

from voxweave.core.caption_states import Lettering, lettering
from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.pictures import Incoming, Picture
from voxweave.core.value import MediaFile, Value
from voxweave.errors import MediaError, Stopped, StorageError
from voxweave.jobs.fingerprints import code_identity, fingerprint_of
from voxweave.jobs.store import CHEAP, Store
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import ENCODE_LIMITS, Advance, Job, foreign_globals
from voxweave.media.files import fingerprint, linked, part_of
from voxweave.media.filtergraph import Ass, Stream, captioned, encoded
from voxweave.media.memory import give_back_planes, give_back_what_is_free
from voxweave.media.seals import SEAL, intact, seal
from voxweave.pipeline.pouring import Kitchen, Spread, poured

KIND = "scene"
_SCENE_S = 24 * 3600
_TIDY_S = 600.0
"""The store's limit is looked at no more often than this: looking costs seconds when there is much in it."""


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
    incoming: Incoming | None = None


class SceneOrder(Value):
    """A scene as others can make it: its cut and the files of its fonts, all known by their content."""

    cut: SceneCut
    fonts: tuple[MediaFile, ...] = ()


@dataclass(frozen=True)
class Encoded:
    """A scene on disk, and whether an earlier run made it."""

    file: Path
    reused: bool


def encode_scenes(
    cuts: Sequence[SceneCut],
    kitchen: Kitchen,
    advance: Callable[[float], None],
    pool: Executor | None = None,
) -> list[Encoded]:
    """Every scene's file, in order; those that are there already are not made again.

    They are encoded by the kitchen's workers, or by those of a pool that does other work, too. The first
    failure ends what is being encoded, no other scene is begun, and it is raised.
    """
    give_back_planes()
    give_back_what_is_free()
    meter = _Meter(sum(cut.frames for cut in cuts), advance)
    if kitchen.spread is not None:
        return _spread(cuts, kitchen, kitchen.spread, meter)
    with kitchen.stop.branch() as stop, nullcontext(pool) if pool else crew(kitchen.workers) as workers:
        ours = replace(kitchen, stop=stop)
        running = [_begun(workers, cut, ours, meter) for cut in cuts]
        try:
            wait(running, return_when=FIRST_EXCEPTION)
            return _collected(running)
        finally:
            for job in running:
                job.cancel()
            wait(running)


def _begun(workers: Executor, cut: SceneCut, kitchen: Kitchen, meter: "_Meter") -> Future[Encoded]:
    """A scene in work; one that fails ends the others before its worker can take the next."""

    def ended(job: Future[Encoded]) -> None:
        if not job.cancelled() and job.exception():
            kitchen.stop.set()

    job = workers.submit(_encode_once, cut, kitchen, meter)
    job.add_done_callback(ended)
    return job


def crew(workers: int) -> ThreadPoolExecutor:
    """So many that encode side by side."""
    return ThreadPoolExecutor(workers, thread_name_prefix="scene")


def _collected(running: Sequence[Future[Encoded]]) -> list[Encoded]:
    """What they came to, or what failed first; that the others were stopped for it says nothing."""
    failures = [
        failure for job in running if job.done() and not job.cancelled() and (failure := job.exception())
    ]
    if failures:
        raise min(failures, key=lambda failure: isinstance(failure, Stopped))
    return [job.result() for job in running]


def offer_scene(cut: SceneCut, kitchen: Kitchen) -> Path | None:
    """Hand a scene out before it is waited for; its place, or None where it lies there already."""
    file = scene_file(cut, kitchen)
    if kitchen.spread is None or intact(file) or _fetched(file, kitchen):
        return None
    kitchen.spread.offer({file.stem: order_of(cut, kitchen)})
    return file


def order_of(cut: SceneCut, kitchen: Kitchen) -> SceneOrder:
    """A scene as it is handed to others; fonts go along where text is drawn."""
    return SceneOrder(cut=cut, fonts=tuple(map(_font, kitchen.fonts)) if cut.ass else ())


@cache
def _font(file: Path) -> MediaFile:
    """A font file by its content; a collection has tens of megabytes, and a film hundreds of scenes."""
    return fingerprint(file, "a font")


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


def _spread(cuts: Sequence[SceneCut], kitchen: Kitchen, spread: Spread, meter: _Meter) -> list[Encoded]:
    """Scenes that others encode; one that they could not make is made here, where its error is told."""
    files = [scene_file(cut, kitchen) for cut in cuts]
    by_key = {file.stem: cut for file, cut in zip(files, cuts, strict=True)}
    reused = {key: _here(cut, kitchen, meter) for key, cut in by_key.items()}
    orders = {key: order_of(by_key[key], kitchen) for key, there in reused.items() if not there}
    for key, made in spread.made(orders, lambda key: kitchen.folder / "scenes" / f"{key}.mp4", kitchen.stop):
        if made:
            _keep(scene_file(by_key[key], kitchen), kitchen)
            meter.add(by_key[key].frames)
        else:
            _encode_once(by_key[key], kitchen, meter)
    return [Encoded(file, reused=reused[file.stem]) for file in files]


def _here(cut: SceneCut, kitchen: Kitchen, meter: _Meter) -> bool:
    """Whether a scene is there already, or was kept for other films; it is counted then."""
    kitchen.stop.check()
    file = scene_file(cut, kitchen)
    kept = intact(file)  # one that the disk has damaged since is made again
    if not kept and not _fetched(file, kitchen):
        return False
    if kept:
        _keep(file, kitchen)
    os.utime(file)
    meter.add(cut.frames)
    return True


def _encode_once(cut: SceneCut, kitchen: Kitchen, meter: _Meter) -> Encoded:
    file = scene_file(cut, kitchen)
    if _here(cut, kitchen, meter):
        return Encoded(file, reused=True)
    counter = _Counter(meter)
    with part_of(file) as part, _text_of(cut, part):
        _encode(cut, kitchen, part, counter)
        if counter.frames != cut.frames:
            raise MediaError(f"a scene came out {counter.frames} frames long instead of {cut.frames}")
        seal(part, file)
    _keep(file, kitchen)
    return Encoded(file, reused=False)


def _fetched(file: Path, kitchen: Kitchen) -> bool:
    """Whether the user's store had the scene; it lies in the job's folder then."""
    if kitchen.store is None:
        return False
    try:
        kept = kitchen.store.get(KIND, file.stem)
        if kept is None:
            return False
        with part_of(file) as part:
            part.unlink()  # a claim on the name, and a link wants the name itself
            linked(kept.file.path, part)
            seal(part, file)
    except (StorageError, OSError):  # damaged, or thrown away by another run at this moment
        return False
    return True


def _keep(file: Path, kitchen: Kitchen) -> None:
    """Keep it for other films; a store that takes nothing costs no film."""
    if kitchen.store is None:
        return
    try:
        kitchen.store.put(KIND, file.stem, file, {})
    except (StorageError, OSError):
        return


def forget_others(folder: Path, scenes: Sequence[Encoded], store: Store, most_bytes: int) -> None:
    """Leave a film's own scenes in its job, and of the others those that the store does not have."""
    own = {scene.file for scene in scenes}
    try:
        for file in folder.glob("*.mp4"):
            if file not in own and store.has(KIND, file.stem):
                file.with_suffix(SEAL).unlink(missing_ok=True)
                file.unlink(missing_ok=True)
        store.keep_within(most_bytes, first=CHEAP, every_s=_TIDY_S)
    except (StorageError, OSError):  # tidying costs no film
        return


@contextmanager
def _text_of(cut: SceneCut, part: Path) -> Iterator[None]:
    """The scene's ASS beside its part for as long as it is drawn, and gone after."""
    file = part.with_suffix(".ass")
    try:
        if cut.ass:
            file.write_text(_lettering(cut).text, encoding="utf-8")
        yield
    finally:
        file.unlink(missing_ok=True)


def _lettering(cut: SceneCut) -> Lettering:
    return lettering(cut.ass, cut.canvas, frames=cut.frames)


class _Counter:
    """Frames FFmpeg says it has written of one scene."""

    def __init__(self, meter: _Meter) -> None:
        self.frames, self._meter = 0, meter

    def __call__(self, step: Advance) -> None:
        self._meter.add(step.frame - self.frames)
        self.frames = step.frame


def _encode(cut: SceneCut, kitchen: Kitchen, part: Path, count: Callable[[Advance], None]) -> None:
    pictures = poured(
        cut.picture, cut.canvas, kitchen, first=cut.first, frames=cut.frames, incoming=cut.incoming
    )
    with pictures as source:
        args = _finished(source.stream, cut, kitchen, part)
        args = [*foreign_globals(), *args] if source.fds else args
        kitchen.ffmpeg.run(
            _job(args, cut, kitchen, source.fds), kitchen.stop, advance=count, feed=source.feed
        )


def _finished(stream: Stream, cut: SceneCut, kitchen: Kitchen, part: Path) -> list[str]:
    """Arguments up to and with the output's name; the captions lie beside the part under its name."""
    if cut.ass:
        ass = Ass(f"scenes/{part.with_suffix('.ass').name}", "fonts", _lettering(cut))
        stream = captioned(stream, cut.canvas, ass, frames=cut.frames)
    return [*encoded(stream, cut.canvas, cut.encoder, frames=cut.frames), f"file:{part.absolute()}"]


def _job(args: Sequence[str], cut: SceneCut, kitchen: Kitchen, fds: Sequence[int]) -> Job:
    around = Surroundings(
        cwd=kitchen.folder,
        fds=fds,
        env=kitchen.font_env,
        limits=ENCODE_LIMITS,
        graphics=cut.encoder.hardware,
    )
    return Job(args, f"rendering the scene at frame {cut.first}", around, time_limit_s=_SCENE_S)
