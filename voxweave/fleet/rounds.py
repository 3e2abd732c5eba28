"""What a worker does again and again, none of it waiting for another: each round in a thread of its own."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from voxweave.errors import Stopped
from voxweave.jobs.cluster import bearing_outages
from voxweave.media.stopping import StopSignal

_EVERY_S, _LOOK_S, _LEAVING_S = 1.0, 0.25, 1.0


class Rounds:
    """Rounds that are made each second, through outages, until a stop."""

    def __init__(self, *rounds: Callable[[], None]) -> None:
        self._rounds = rounds
        self._failures: list[Exception] = []

    def make(self, stop: StopSignal) -> None:
        """Make them until a stop; the first that fails otherwise than by an outage ends all, and is raised."""
        with stop.branch() as part:
            threads = [
                threading.Thread(target=self._again, args=(one, part), daemon=True) for one in self._rounds
            ]
            for thread in threads:
                thread.start()
            with suppress(Stopped):
                while not self._failures:
                    part.wait(_LOOK_S)
            part.set()
            ends = time.monotonic() + _LEAVING_S
            for thread in threads:  # one that hangs in a library's own patience ends with the process
                thread.join(max(0.0, ends - time.monotonic()))
        if self._failures:
            raise self._failures[0]

    def _again(self, one: Callable[[], None], stop: StopSignal) -> None:
        try:
            while not stop.is_set():
                with bearing_outages():
                    one()
                stop.wait(_EVERY_S)
        except Stopped:
            return
        except Exception as error:  # raised in the thread that waits for us
            self._failures.append(error)
