"""The command over and over, forked from a program that has imported it: each run costs its own work only."""

import faulthandler
import gc
import json
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from tests.fakes.machine.birth import Birth, Fault, Trap
from tests.fakes.machine.calls import Calls

LIMIT_S = 240.0
"""One that hangs does so for ever; one on a busy machine is only slow."""
_LETTERS: dict[Fault, str] = {
    "full": "f",
    "fails": "i",
    "killed": "k",
    "interrupted": "I",
    "terminated": "T",
    "read-only": "r",
    "vanished": "v",
    "forward": ">",
    "back": "<",
    "": "-",
}
_ENDS = ((0.0, os.kill, signal.SIGABRT), (1.0, os.killpg, signal.SIGKILL))
"""One that hangs says where, then it is ended with all its group."""


def main() -> None:
    """Make runs as they are asked for, until nobody asks any more."""
    with os.fdopen(os.dup(1), "w") as answers:
        for line in sys.stdin:
            birth = _read(line)
            gc.freeze()  # what is here already is not looked through again by each child
            child = os.fork()
            if not child:
                _live(birth)
            status, cpu_s = _ended(child)
            answers.write(f"{status} {cpu_s:.3f}\n")
            answers.flush()
            _learn(Path(birth.said).with_suffix(".modules"))


def _read(line: str) -> Birth:
    told = json.loads(line)
    return Birth(**{**told, "trap": Trap(**told["trap"])})


def _live(birth: Birth) -> NoReturn:
    """The child: the command itself, as `python -m voxweave` would be."""
    os.setsid()
    faulthandler.enable()
    os.chdir(birth.cwd)
    os.environ.clear()
    os.environ.update(birth.surroundings)
    tempfile.tempdir = None
    said = Path(birth.said)
    for number, name in enumerate(("/dev/null", said.with_suffix(".out"), said.with_suffix(".err"))):
        os.dup2(os.open(name, os.O_RDWR), number)
    sys.argv = ["voxweave", *birth.args]
    from voxweave.cli import main as command

    trap = birth.trap
    if trap.under:
        Calls().arm(trap, _LETTERS[trap.fault], log=f"{said}.calls")
    status = _status_of(command)
    if trap.under:
        Calls().disarm()
    sys.stdout.flush()
    sys.stderr.flush()
    said.with_suffix(".modules").write_text("\n".join(sys.modules))
    os._exit(status)


def _status_of(command: Callable[[], None]) -> int:
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _ended(child: int) -> tuple[int, float]:
    """The status of a child, negative for a signal, and the seconds of a processor that it took."""
    clocks = [threading.Timer(LIMIT_S + more, kill, (child, how)) for more, kill, how in _ENDS]
    for clock in clocks:
        clock.start()
    _, status, used = os.wait4(child, 0)
    for clock in clocks:
        clock.cancel()
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def _learn(modules: Path) -> None:
    """Import what a child had to, so that the next need not."""
    if not modules.exists():
        return
    for name in modules.read_text().split():
        if name not in sys.modules and name.partition(".")[0] != "__main__":
            try:
                import_module(name)
            except ImportError:  # made up by another module
                continue


if __name__ == "__main__":
    main()
