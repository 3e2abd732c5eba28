"""The command many times over: each run a process of its own, forked from one that has done the imports."""

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.e2e.command import Told

_READY = (
    "voxweave.cli",
    "voxweave.cli.clip",
    "voxweave.pipeline.single",
    "voxweave.providers.openai_videos.provider",
    "voxweave.providers.zai",
    "openai",
)
_FOREVER_S = 90.0


class Warm:
    """Runs the command from its arguments to its exit status; only the start of Python is saved."""

    def __init__(self) -> None:
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__, *_READY])

    def run(self, args: Sequence[str], cwd: Path, env: Mapping[str, str]) -> Told:
        """What it said, and its status; it begins in a folder, with nothing but this environment."""
        said = cwd / "said.out", cwd / "said.err"
        child = self._processes.Process(target=_command, args=(list(args), str(cwd), dict(env), said))
        child.start()
        child.join(_FOREVER_S)
        if child.exitcode is None:
            child.kill()
            child.join()
        out, err = (file.read_text(errors="replace") for file in said)
        return Told(child.exitcode or 0, out, err)


def _command(args: list[str], cwd: str, env: dict[str, str], said: tuple[Path, Path]) -> None:
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    for number, file in enumerate((os.devnull, *said)):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (open(n, mode, closefd=False) for n, mode in enumerate("rww"))  # noqa: SIM115  they stay open
    from voxweave.cli import main

    sys.argv = ["voxweave", *args]
    status: object = 0
    try:
        status = main()
    except SystemExit as end:
        status = end.code
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status if isinstance(status, int) else 1)
