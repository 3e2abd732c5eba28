"""A worker of many machines: takes films and scenes from the queue, and leaves nothing undone that it took."""

import os
import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from voxweave.core.text import counted, printable
from voxweave.errors import Exit, Stopped, StorageError
from voxweave.fleet.care import Care
from voxweave.fleet.rounds import Rounds
from voxweave.fleet.station_talks import TalkMaker, tell_bug
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cluster import Duties, Engine, version_of
from voxweave.jobs.fingerprints import code_identity
from voxweave.jobs.lease import Lease
from voxweave.jobs.talks import Talks, Worker
from voxweave.media.ffmpeg import Ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.spreading import SceneMaker

_TIDY_S = 600.0
_OLD_S = 7200.0
"""Files of films whose scenes were encoded here, and were not asked for since."""
_LEAVING_S, _LOOK_S = 5.0, 0.2
_HEAR_S = 20.0
"""A film that waits for the store hears within this time that it is cancelled, and waits on if it is not."""


@dataclass(frozen=True)
class Post:
    """Where a worker works: the queue, the artifacts, a folder; how many films and scenes at once."""

    queue: str
    artifacts: str
    work: Path
    ledger: str
    talks: int | None = None
    scenes: int = 2


@dataclass
class Station:
    """One worker."""

    post: Post
    ffmpeg: Ffmpeg
    stop: StopSignal
    say: Callable[[str], None]
    name: str = field(default_factory=lambda: f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}")
    _busy: dict[str, int] = field(default_factory=lambda: {"talk": 0, "scene": 0})
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def serve(self) -> None:
        """Work until a stop; what was begun is left to others then."""
        version = version_of(self.ffmpeg.build)
        with self._folder() as folder, Talks(self.post.queue, stop=self.stop) as talks:
            lease = Lease(self.post.queue, self.name)
            lease.hold()
            engine = Engine(self.post.queue, worker=self.name, version=version)
            store = partial(Artifacts.open, self.post.artifacts, stop=self.stop)
            shared = store(patience_s=600)
            scenes = SceneMaker(self.ffmpeg, self.stop, folder / "scenes", shared.get_file)
            brief = store(patience_s=_HEAR_S)
            maker = TalkMaker(self.post, talks, brief, folder / "talks", self.name, self.stop, self.say)
            films = engine.start(self._duties(maker, scenes, shared, lease=lease))
            self.say(f"worker {self.name} takes work of version {version}, {counted(films, 'film')} at once")
            try:
                self._watch(engine, lease, talks, scenes)
            finally:
                self._leave(talks, lease)

    def _duties(self, maker: TalkMaker, scenes: SceneMaker, shared: Artifacts, *, lease: Lease) -> Duties:
        hands = threading.BoundedSemaphore(self.post.scenes)

        def scene(key: str, order: str) -> str:
            with self._counted("scene"), hands:
                self._ready(lease)
                file = scenes.make(key, order)
                sha256 = shared.put_file(file)
                for made in (file, file.with_suffix(".sha256")):
                    made.unlink(missing_ok=True)
                return sha256

        def talk(talk_id: str, run: int) -> str:
            with self._counted("talk"):
                self._ready(lease)
                self._check_code()
                return maker.make(talk_id, run)

        return Duties(talk, scene, self.post.talks)

    def _ready(self, lease: Lease) -> None:
        """Begin nothing without our lease: the others may be giving away what we have in hand."""
        self.stop.check()
        while not lease.held:
            self.stop.wait(_LOOK_S)

    def _watch(self, engine: Engine, lease: Lease, talks: Talks, scenes: SceneMaker) -> None:
        """Hold the lease, tell that we live, and see to the work of those that do not.

        The engine's library waits out an outage by itself, for a minute beyond its end: it may hold up nothing else.
        """
        care = Care(engine, lease, talks, self.post.queue, self.say)
        tidied = 0.0

        def tend() -> None:
            nonlocal tidied
            care.look()
            if time.monotonic() - tidied > _TIDY_S:
                tidied = time.monotonic()
                engine.tidy()
                scenes.forget_old(time.time() - _OLD_S)

        Rounds(lease.hold, lambda: self._beat(talks, engine.version), tend).make(self.stop)

    def _check_code(self) -> None:
        """Our films are made by new programs: once VoxWeave was updated, they would render otherwise than we say."""
        try:
            same = code_identity.__wrapped__() == code_identity()
        except OSError:  # a file goes while it is listed: it is being updated just now
            same = False
        if not same:
            self.say(
                "VoxWeave was updated here: this worker ends, and a new one takes work of the new version"
            )
            self.stop.set(Exit.TERMINATED)
        self.stop.check()

    def _beat(self, talks: Talks, version: str) -> None:
        with self._turn:
            busy = dict(self._busy)
        talks.beat(
            Worker(
                worker=self.name,
                host=printable(socket.gethostname(), most=80),
                version=version,
                silent_s=0.0,
                talks=busy["talk"],
                scenes=busy["scene"],
            )
        )

    def _leave(self, talks: Talks, lease: Lease) -> None:
        """Films under way end in order, as far as they do; the engine knows nothing of it, so others take them."""
        until = time.monotonic() + _LEAVING_S
        while self._busy["talk"] and time.monotonic() < until:
            time.sleep(0.05)
        with suppress(StorageError, Stopped):
            talks.gone(self.name)
        lease.release()
        self.say(f"worker {self.name} has left; others take its work")

    @contextmanager
    def _counted(self, kind: str) -> Iterator[None]:
        """Work in hand; once we leave, the engine hears of no failure, so that others take it."""
        with self._turn:
            self._busy[kind] += 1
        ours = True
        try:
            yield
        except BaseException as error:
            ours = not self.stop.is_set()
            if ours:
                tell_bug(error, self.say)
                raise
        finally:
            with self._turn:
                self._busy[kind] -= 1
            if not ours:
                threading.Event().wait()  # until the process is gone

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        """A folder of this worker's own; those of workers that are no more are cleared away."""
        self.post.work.mkdir(parents=True, exist_ok=True)
        for other in self.post.work.iterdir():
            _clear(other)
        folder = self.post.work / self.name
        folder.mkdir()
        with FileLock(folder / "lock"):
            yield folder
            shutil.rmtree(folder, ignore_errors=True)


def _clear(folder: Path) -> None:
    lock = folder / "lock"
    if not lock.is_file():
        return
    try:
        with FileLock(lock, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    except (Timeout, OSError):
        return
