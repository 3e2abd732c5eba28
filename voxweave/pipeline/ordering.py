"""Scenes ordered side by side: each from the first provider of its chain that delivers."""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from dataclasses import replace

from voxweave.core.orders import Wanted
from voxweave.core.value import MediaFile, Value
from voxweave.errors import Stopped
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.pipeline.buying import Buyer
from voxweave.pipeline.means import Means
from voxweave.pipeline.sources import Fell, Source


class Asked(Value):
    """A scene, and what it wants from each provider of its chain, the first choice first."""

    scene: int
    choices: tuple[Wanted, ...]
    still: Wanted | None = None
    """A still to be made first, for those of `takers` to begin from."""
    takers: tuple[str, ...] = ()

    def begun(self, picture: MediaFile) -> "Asked":
        """The same, beginning from this picture where one is taken."""
        choices = (
            wanted.model_copy(update={"picture": picture}) if wanted.provider in self.takers else wanted
            for wanted in self.choices
        )
        return self.model_copy(update={"choices": tuple(choices)})


class Outcome(Value):
    """What a scene got and from which wish; and why every choice before that fell through.

    `unled` says why there was no still to begin from.
    """

    scene: int
    file: MediaFile | None
    wanted: Wanted | None
    fell: tuple[Fell, ...]
    unled: Fell | None = None


def order_scenes(
    asked: Sequence[Asked],
    means: Means,
    sources: Sequence[Source],
    *,
    settled: Callable[[Outcome], None] = lambda _: None,
) -> tuple[Outcome, ...]:
    """Order all scenes; one outcome each, in the order asked.

    Equal wishes are ordered once. Stopped, StorageError and OutOfTime end the run; all else is an outcome, which
    `settled` is told of by the thread that has it.
    """
    with means.stop.branch() as inner:  # ends our threads when one meets what ends the run
        run = _Run(replace(means, stop=inner), {source.name: source for source in sources}, asked)
        run.settled = settled
        run.work(max(min(len(asked), means.pace.threads), 1))
    means.stop.check()
    return run.outcomes()


class _Run:
    """Threads that take scenes from one queue."""

    def __init__(self, means: Means, sources: dict[str, Source], asked: Sequence[Asked]) -> None:
        self._means = means
        self._buyer = Buyer(means, sources)
        self._asked = asked
        self.settled: Callable[[Outcome], None] = lambda _: None
        # What is under way first: it frees places, and costs nothing more.
        self._queue = deque(sorted(asked, key=lambda one: not self._started(one)))
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
                self._outcomes[one.scene] = outcome = self._scene(one)
                self.settled(outcome)
        except Stopped:
            return
        except BaseException as error:  # noqa: BLE001  raised again by the thread that waits for us
            self._errors.append(error)
            self._means.stop.set()

    def _scene(self, asked: Asked) -> Outcome:
        """The first choice that delivers; one that money went into before comes before all others."""
        one, unled = self._led(asked)
        fell: list[Fell] = []
        for wanted in dict.fromkeys((*self._started(one), *one.choices)):
            got = self._once(wanted)
            if isinstance(got, MediaFile):
                fell = list(self._reasons(one, wanted, fell))
                return Outcome(scene=one.scene, file=got, wanted=wanted, fell=tuple(fell), unled=unled)
            fell.append(got)
        return Outcome(scene=one.scene, file=None, wanted=None, fell=tuple(fell), unled=unled)

    def _started(self, one: Asked) -> list[Wanted]:
        """The choices that money went into before; a still made to begin from is none of them."""
        return [wanted for wanted in one.choices if wanted != one.still and self._buyer.underway(wanted)]

    def _led(self, one: Asked) -> tuple[Asked, Fell | None]:
        """The wishes as they are sent: beginning from their still, where it could be had.

        A clip that was ordered without its still is gone on with: with it, it would be another order.
        """
        if one.still is None or not self._buyer.any_up(one.takers):
            return one, None
        order = self._buyer.last(one.still)
        if order is not None and order.file is not None and self._started(one.begun(order.file)):
            return one.begun(order.file), None
        if order is not None and order.file is None and self._started(one):
            return one, self._buyer.earlier(one.still, "ordered the clip without it")
        got = self._still(one, one.still)
        return (one, got) if isinstance(got, Fell) else (one.begun(got), None)

    def _still(self, one: Asked, still: Wanted) -> MediaFile | Fell:
        """The still, unless the money would then be missing for what begins from it."""
        price = self._buyer.price(still)
        needed = price + self._buyer.price(one.choices[0])
        if price and needed > self._means.left_usd():
            text = f"${needed:.2f} for a still and its clip is more than may still be spent"
            return Fell(provider=still.provider, why="budget", text=text)
        return self._once(still)

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
