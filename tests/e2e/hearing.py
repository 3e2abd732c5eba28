"""What tests of recognised words share: who is named, who pays, and a run that is killed."""

import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.command import PROGRAM, environment
from tests.fakes.provider import FakeProvider

NAMED = ("--recognizer", "openai-speech")
KEY = {"OPENAI_API_KEY": "sk-of-whoever-pays-0000"}


def sent(server: FakeProvider) -> int:
    """How many uploads came."""
    return int(server.truth()["requests"].get("transcribe", 0))


def killed_when(come: Callable[[], bool], *args: str, cwd: Path, **extra: str) -> None:
    """Start the command, and kill it without a warning once something has come."""
    run = subprocess.Popen(
        [*PROGRAM, *args],
        cwd=cwd,
        env=environment(cwd, **extra),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    until = time.monotonic() + 180
    while not come() and run.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert run.poll() is None, run.communicate()[1].decode()
    run.send_signal(signal.SIGKILL)
    run.communicate()
