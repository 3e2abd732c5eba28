"""The command in a terminal of its own, for what it asks there."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

from tests.e2e.command import LIMIT_S, PROGRAM, environment
from tests.e2e.room import KEY


def on_a_terminal(folder: Path, answer: str, *args: str) -> tuple[int, str]:
    """The command in a terminal of its own, its question answered; its status and what stood on the screen."""
    near, far = pty.openpty()
    run = subprocess.Popen(
        [*PROGRAM, *args], cwd=folder, env=environment(folder, OPENAI_API_KEY=KEY, ZAI_API_KEY=KEY, TERM="dumb"),
        stdin=far, stdout=far, stderr=far, start_new_session=True,
    )  # fmt: skip
    os.close(far)
    seen, asked, until = "", False, time.monotonic() + LIMIT_S
    while time.monotonic() < until:
        ready, _, _ = select.select([near], [], [], 0.2)
        try:
            seen += os.read(near, 65536).decode("utf-8", "replace") if ready else ""
        except OSError:  # the other end is closed
            break
        if not asked and "pay for them?" in seen:
            asked = True
            os.write(near, f"{answer}\n".encode())
    os.close(near)
    return run.wait(LIMIT_S), seen
