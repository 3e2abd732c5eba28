"""Ctrl-C and SIGTERM end a run in order, or at least in time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pace import within
from voxweave.cli.signals import listening
from voxweave.errors import Exit, Stopped
from voxweave.media.stopping import StopSignal


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, Exit.STOPPED), (signal.SIGTERM, Exit.TERMINATED)]
)
def test_a_signal_becomes_a_stop_and_a_second_one_changes_nothing(number: signal.Signals, code: Exit) -> None:
    """The work sees a stop with the right status; on the way out signals are not heard any more."""
    stop = StopSignal()
    if (
        number == signal.SIGINT
    ):  # whoever runs the tests in the background has had it ignored, and we respect that
        signal.signal(number, signal.default_int_handler)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}

    with listening(stop, last=lambda: None):
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped) as caught:
            stop.check()

    assert caught.value.exit_code == code
    assert signal.getsignal(number) == signal.SIG_IGN
    for one, was in before.items():
        signal.signal(one, was)


STUCK = """
import sys, time
from voxweave.cli.signals import listening
from voxweave.media.stopping import StopSignal
with listening(StopSignal(), last=lambda: print("last words", flush=True)):
    print("ready", flush=True)
    while True:
        time.sleep(0.1)
"""


def test_work_that_does_not_listen_is_ended_in_two_seconds() -> None:
    """A run stuck in work that never looks at the stop is gone in under 2 s, with 143 and its last words."""
    with subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        with within(2):
            child.terminate()
            rest = child.stdout.read()

    assert (child.returncode, rest) == (143, "last words\n")


def test_nohup_stays_nohup(tmp_path: Path) -> None:
    """A signal that whoever started us had ignored stays ignored."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with listening(stop := StopSignal(), last=lambda: None):
            os.kill(os.getpid(), signal.SIGHUP)
        assert not stop.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)
