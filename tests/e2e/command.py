"""The command as a user runs it: another process, a home of its own, nothing of ours in its environment."""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.fakes.warm import Ran, Warm, fits

LIMIT_S = 240
_ENDING_S = 3.0
PROGRAM = (sys.executable, "-m", "voxweave")
KNOWN = "sk-known-to-every-test-9f8e7d6c5b4a"
"""A key that no provider of ours has, in the environment of every run."""
_TOLD = (".json", ".jsonl", ".sqlite3", ".sqlite3-wal")


@dataclass(frozen=True)
class Told:
    """What the command said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What went to standard error, line by line."""
        return self.err.splitlines()

    @property
    def report(self) -> dict[str, Any]:
        """The report `--json` printed."""
        report = json.loads(self.out)
        assert isinstance(report, dict)
        return report


def environment(home: Path, **extra: str) -> dict[str, str]:
    """An environment without settings of ours or of whoever runs the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOXWEAVE_", "XDG_"))}
    # What we remember of films, and keep for others, lies beside the home, so that tests can count what is in it.
    aside = {"XDG_STATE_HOME": f"{home}.state", "XDG_CACHE_HOME": f"{home}.cache"}
    # Nothing is downloaded: whoever has a model of speech sees the same as who has none.
    return {**kept, "HOME": str(home), **aside, "HF_HUB_OFFLINE": "1", "VOXWEAVE_NOBODY_KEY": KNOWN, **extra}


def voxweave(
    *args: str | Path, cwd: Path, limit_s: float = LIMIT_S, cold: bool = False, **extra: str
) -> Told:
    """Run the command to its end in a folder; `cold` is with a Python started for it alone."""
    words, around = [str(word) for word in args], environment(cwd, **extra)
    if cold or not fits(around):
        ran = _cold(words, cwd, around, limit_s=limit_s)
    else:
        ran = _warm().run(words, cwd, around, limit_s=limit_s)
    keys = [KNOWN, *(key for name, key in extra.items() if "_KEY" in name)]
    _kept_secret(ran.out + ran.err, cwd, keys)
    return Told(ran.status, *(text.decode("utf-8", "replace") for text in (ran.out, ran.err)))


def _cold(words: Sequence[str], cwd: Path, around: Mapping[str, str], *, limit_s: float) -> Ran:
    line = [*PROGRAM, *words]
    done = subprocess.run(
        line, cwd=cwd, env=around, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s, check=False
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@cache
def _warm() -> Warm:
    """One for all tests of a process."""
    warm = Warm()
    atexit.register(warm.close)
    return warm


def _kept_secret(said: bytes, cwd: Path, keys: Sequence[str]) -> None:
    """No run says or writes down a key it was given: not to a terminal, a log, a report, a ledger or an index."""
    written = [
        file
        for top in (cwd, Path(f"{cwd}.state"))
        for file in top.rglob("*")
        if file.name.endswith(_TOLD) and file.is_file()
    ]
    secrets = [key.encode() for key in keys if len(key) > 12 and not key.startswith("/")]
    for where, words in (("said", said), *((str(file), file.read_bytes()) for file in written)):
        assert not [key for key in secrets if key in words], f"a key stands in what was {where}"


def started(*args: str | Path, cwd: Path) -> "subprocess.Popen[bytes]":
    """The command running in the background, in a session of its own."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, args)],
        cwd=cwd,
        env=environment(cwd),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,
    )


def _hear_ctrl_c() -> None:
    """A shell's background jobs ignore Ctrl-C, and the command respects that; our tests may be such a job."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def leftovers(folder: Path) -> list[str]:
    """Names of parts, and of hidden files other than the job folder, anywhere under a folder."""
    found = []
    for file in folder.rglob("*"):
        inside = file.relative_to(folder).parts
        if ".part" in file.name or (file.name.startswith(".") and inside != (".voxweave",)):
            found.append("/".join(inside))
    return sorted(found)


def running(home: Path) -> list[str]:
    """Programs that were started with this home and live on, once those that are ending have ended."""
    until = time.monotonic() + _ENDING_S
    while (found := _alive(home)) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def _alive(home: Path) -> list[str]:
    mark, found = f"HOME={home}\0".encode(), []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (place / "environ").read_bytes():
                found.append((place / "cmdline").read_bytes().replace(b"\0", b" ").decode()[:200])
        except OSError:  # another's, or gone
            continue
    return found
