"""Ctrl-C and SIGTERM end the work in order, and in under 2 s whatever it is doing."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from voxweave.errors import Exit
from voxweave.media.stopping import StopSignal

_SIGNALS = {signal.SIGINT: Exit.STOPPED, signal.SIGTERM: Exit.TERMINATED, signal.SIGHUP: Exit.TERMINATED}
_PATIENCE_S = 1.6


@contextmanager
def listening(
    stop: StopSignal, *, last: Callable[[], None], patience_s: float = _PATIENCE_S
) -> Iterator[None]:
    """Turn signals into a stop while the block runs.

    A block that does not end in `patience_s` is ended: `last` is called from another thread, then the
    process is gone. What it was writing stays under its part name, as after a power cut.
    """
    timers: list[threading.Timer] = []

    def heard(number: int, frame: FrameType | None) -> None:
        code = _SIGNALS[signal.Signals(number)]
        if not timers:
            timers.append(_countdown(code, last, patience_s))
        stop.set(code)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    wanted = [number for number, was in before.items() if was is not signal.SIG_IGN]  # nohup stays nohup
    for number in wanted:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number in wanted:
            # Once one was heard the process is on its way out; a second must not change how it ends.
            signal.signal(number, signal.SIG_IGN if timers else before[number] or signal.SIG_DFL)
        for timer in timers:
            timer.cancel()


def _countdown(code: Exit, last: Callable[[], None], patience_s: float) -> threading.Timer:
    def end() -> None:
        words = threading.Thread(target=last, daemon=True)
        words.start()
        words.join(timeout=0.2)  # it may wait for a lock that the stuck work holds
        os._exit(code)

    timer = threading.Timer(patience_s, end)
    timer.daemon = True
    timer.start()
    return timer
