"""A limit of time counts what we lived through: a stopped, sleeping or starved program spends nothing of it."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from tests.pace import within
from voxweave.errors import InputError, OutOfTime
from voxweave.media.asking import ask
from voxweave.media.child import Surroundings
from voxweave.media.stopping import StopSignal
from voxweave.media.stopwatch import Alarm, Stopwatch


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("limit_s", "gap_s", "number"),
    [
        (20, 1.0, 20),  # as it should be
        (20, 1.9, 11),  # with a little less processor than it would like
        (20, 3600.0, 10),  # stopped each time
        (5, 0.5, 10),  # a short limit is looked at more often,
        (5, 21.0, 5),  # so that no one gap is a large part of it
    ],
)
def test_only_what_was_lived_is_counted(limit_s: float, gap_s: float, number: int) -> None:
    """A gap counts in full up to two looks; every limit is reached all the same."""
    clock = Clock()
    watch = Stopwatch(limit_s, clock)
    for _ in range(number):
        assert watch.left_s() > 0
        clock.now += gap_s
    assert 0 == watch.left_s()


def test_an_alarm_rings_within_its_block_alone() -> None:
    """What ends in time is not disturbed; without a limit nothing is."""
    rang = threading.Event()
    for limit_s in (600, None):
        with Alarm(limit_s, rang.set) as alarm:
            pass
    assert not rang.is_set() and not alarm.rang
    with within(5), Alarm(0.05, rang.set) as alarm:
        assert rang.wait(60) and alarm.rang


STOPPED_S = 1.6
ASKING = """
    import sys
    from pathlib import Path
    from voxweave.media.asking import ask
    from voxweave.media.child import Surroundings
    from voxweave.media.stopping import StopSignal
    print("asking", flush=True)
    print(ask(sys.argv[1:], Path("talk.wav"), Surroundings(), StopSignal(), limit_s=1.2))
"""
ONCE = """mkdir "$0" && sleep 0.7 && echo '{"streams": [{}]}'"""
"""Another try would find the folder there, and fail."""


@pytest.mark.skipif(sys.platform != "linux", reason="a program's children are found in /proc")
def test_what_was_stopped_for_longer_than_its_limit_answers(tmp_path: Path) -> None:
    """We and the program that reads a file are stopped and go on: it gives its facts, at the first try."""
    once = tmp_path / "once"
    line = [sys.executable, "-c", textwrap.dedent(ASKING), "sh", "-c", ONCE, str(once)]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as asker:
        assert asker.stdout and asker.stdout.readline() == b"asking\n"
        while not once.exists() and asker.poll() is None:
            time.sleep(0.01)
        tree = _tree(asker.pid)
        for number in tree:
            os.kill(number, signal.SIGSTOP)
        time.sleep(STOPPED_S)
        for number in tree:
            os.kill(number, signal.SIGCONT)
        told = asker.stdout.read()
    assert (0, b"{'streams': [{}]}\n") == (asker.returncode, told)
    assert len(tree) >= 2


def _tree(number: int) -> list[int]:
    """A process and all it has started, the eldest first."""
    tasks = Path(f"/proc/{number}/task").iterdir()
    young = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return [number, *(one for child in young for one in _tree(child))]


def test_a_slow_machine_is_no_bad_file(tmp_path: Path) -> None:
    """Who did not answer in time is asked once more; after that the machine is blamed, and another run may do."""
    script = f'echo >> "{tmp_path}/asked"; exec sleep 60'
    with pytest.raises(OutOfTime, match=r"^reading what is in talk\.wav took longer than 0\.2 s$") as caught:
        ask(["sh", "-c", script], Path("talk.wav"), Surroundings(), StopSignal(), limit_s=0.2)

    assert (2, True) == (len((tmp_path / "asked").read_text().splitlines()), caught.value.retryable)


def test_a_file_that_eats_its_processor_is_bad(tmp_path: Path) -> None:
    """What the kernel ended within our limit of time was not late: the file is refused, and asked about once."""
    script = f'echo >> "{tmp_path}/asked"; kill -9 $$'
    with pytest.raises(InputError, match="could not be read within 8 s of the processor"):
        ask(["sh", "-c", script], Path("talk.wav"), Surroundings(), StopSignal())

    assert 1 == len((tmp_path / "asked").read_text().splitlines())
