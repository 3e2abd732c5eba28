"""One stop signal, seen by all."""

import threading

import pytest

from tests.pace import within
from voxweave.errors import Exit, Stopped
from voxweave.media.stopping import StopSignal


class Fake:
    """Something that can be ended."""

    def __init__(self) -> None:
        self.killed = 0

    def kill(self) -> None:
        self.killed += 1


def test_work_goes_on_until_the_stop() -> None:
    """Before it nothing happens, after it every look raises."""
    stop = StopSignal()
    stop.check()
    stop.set()

    assert stop.is_set()
    with pytest.raises(Stopped):
        stop.check()


def test_the_first_signal_decides() -> None:
    """SIGTERM after Ctrl-C does not change the status."""
    stop = StopSignal()
    stop.set(Exit.STOPPED)
    stop.set(Exit.TERMINATED)

    with pytest.raises(Stopped) as caught:
        stop.check()
    assert caught.value.exit_code == Exit.STOPPED


def test_what_runs_is_killed_and_what_has_ended_is_not() -> None:
    """Only what is watched when the stop comes."""
    stop, running, ended = StopSignal(), Fake(), Fake()
    with stop.watching(ended):
        pass
    with stop.watching(running):
        stop.set()

    assert (running.killed, ended.killed) == (1, 0)


def test_what_begins_after_the_stop_is_killed_too() -> None:
    """No race lets a program slip through."""
    stop, late = StopSignal(), Fake()
    stop.set()
    with stop.watching(late):
        pass

    assert late.killed == 1


def test_a_sleep_does_not_outlast_the_stop() -> None:
    """Who waits is woken, and stopped."""
    stop = StopSignal()
    threading.Timer(0.05, stop.set).start()

    with within(5), pytest.raises(Stopped):
        stop.wait(300)


def test_a_branch_ends_with_the_whole_and_the_whole_not_with_a_branch() -> None:
    """Part of the work can be ended by itself; a stop of all ends it, too."""
    stop, running, rest = StopSignal(), Fake(), Fake()
    with stop.branch() as part, part.watching(running), stop.watching(rest):
        part.set()
    assert (running.killed, rest.killed) == (1, 0)
    stop.check()

    with stop.branch() as part, part.watching(running):
        stop.set()
    assert running.killed == 2
    with pytest.raises(Stopped):
        part.check()


def test_a_branch_ends_for_the_reason_of_the_whole() -> None:
    """The status says which signal it was, whoever meets it first."""
    stop = StopSignal()
    with stop.branch() as part:
        stop.set(Exit.TERMINATED)
        with pytest.raises(Stopped) as caught:
            part.check()
    assert caught.value.exit_code == Exit.TERMINATED
