"""Scenes ordered side by side: each from the first provider of its chain that delivers."""

import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import ExitStack
from dataclasses import replace

from voxweave.core.orders import Wanted
from voxweave.core.value import MediaFile, Value
from voxweave.errors import Stopped
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.buying import Buyer
from voxweave.pipeline.means import Means
from voxweave.pipeline.sources import Fell, Source


class Asked(Value):
    """A scene, and what it wants from each provider of its chain, the first choice first."""

    scene: int
    choices: tuple[Wanted, ...]


class Outcome(Value):
    """What a scene got and from which wish; and why every choice before that fell through."""

    scene: int
    file: MediaFile | None
    wanted: Wanted | None
    fell: tuple[Fell, ...]


def order_scenes(asked: Sequence[Asked], means: Means, sources: Sequence[Source]) -> tuple[Outcome, ...]:
    """Order all scenes; one outcome each, in the order asked.

    Equal wishes are ordered once. Stopped and StorageError end the run; all else is an outcome.
    """
    inner = StopSignal()  # ends our threads when one meets what ends the run
    run = _Run(replace(means, stop=inner), {source.name: source for source in sources}, asked)
    with ExitStack() as watched:
        watched.enter_context(means.stop.watching(_Passing(inner)))
        run.work(max(min(len(asked), means.pace.threads), 1))
    means.stop.check()
    return run.outcomes()


class _Passing:
    """Passes a stop from outside on to the threads of this run."""

    def __init__(self, inner: StopSignal) -> None:
        self._inner = inner

    def kill(self) -> None:
        self._inner.set()


class _Run:
    """Threads that take scenes from one queue."""

    def __init__(self, means: Means, sources: dict[str, Source], asked: Sequence[Asked]) -> None:
        self._means = means
        self._buyer = Buyer(means, sources)
        self._asked = asked
        # What is under way first: it frees places, and costs nothing more.
        self._queue = deque(sorted(asked, key=lambda one: not any(map(self._buyer.underway, one.choices))))
        self._outcomes: dict[int, Outcome] = {}
        self._errors: list[BaseException] = []
        self._shared: dict[str, Future[MediaFile | Fell]] = {}
        self._lock = threading.Lock()

    def work(self, threads: int) -> None:
        """Run until all scenes have an outcome or a thread met what ends the run.

        The threads are daemons: a stopped program does not wait for a provider that hangs.
        """
        crew = [threading.Thread(target=self._take, name=f"orders-{n}", daemon=True) for n in range(threads)]
        for thread in crew:
            thread.start()
        ends: float | None = None
        while any(thread.is_alive() for thread in crew):
            next(thread for thread in crew if thread.is_alive()).join(0.05)
            if ends is None and self._means.stop.is_set():
                ends = time.monotonic() + self._means.pace.linger_s
            if ends is not None and time.monotonic() > ends:
                break
        for error in self._errors:
            raise error

    def outcomes(self) -> tuple[Outcome, ...]:
        """One for each scene, in the order asked."""
        return tuple(self._outcomes[one.scene] for one in self._asked)

    def _take(self) -> None:
        try:
            while not self._means.stop.is_set():
                try:
                    one = self._queue.popleft()
                except IndexError:
                    return
                self._outcomes[one.scene] = self._scene(one)
        except Stopped:
            return
        except BaseException as error:  # noqa: BLE001  raised again by the thread that waits for us
            self._errors.append(error)
            self._means.stop.set()

    def _scene(self, one: Asked) -> Outcome:
        """The first choice that delivers; one that money went into before comes before all others."""
        fell: list[Fell] = []
        started = [wanted for wanted in one.choices if self._buyer.underway(wanted)]
        for wanted in dict.fromkeys((*started, *one.choices)):
            got = self._once(wanted)
            if isinstance(got, MediaFile):
                return Outcome(
                    scene=one.scene, file=got, wanted=wanted, fell=self._reasons(one, wanted, fell)
                )
            fell.append(got)
        return Outcome(scene=one.scene, file=None, wanted=None, fell=tuple(fell))

    def _reasons(self, one: Asked, got: Wanted, fell: list[Fell]) -> tuple[Fell, ...]:
        """Why each choice before this one was not it; some were not even asked in this run."""
        asked = {reason.provider for reason in fell}
        passed = one.choices[: one.choices.index(got)]
        unasked = [self._buyer.earlier(wanted) for wanted in passed if wanted.provider not in asked]
        return (*unasked, *fell)

    def _once(self, wanted: Wanted) -> MediaFile | Fell:
        """Buy it, or wait for the thread that does."""
        name = fingerprint_of(wanted)
        with self._lock:
            shared = self._shared.get(name)
            mine = shared is None
            if shared is None:
                shared = self._shared[name] = Future()
        if mine:
            try:
                shared.set_result(self._buyer.buy(wanted))
            except BaseException as error:
                shared.set_exception(error)
                raise
        while True:
            try:
                return shared.result(timeout=0.1)
            except NotYet:
                self._means.stop.check()
