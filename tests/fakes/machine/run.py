"""Runs of the command on a machine that fails where it is told to."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.machine.birth import Birth, Trap

ROOT = Path(__file__).parents[3]
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Born:
    """How a run ended: its exit status, negative for a signal; what it said; the calls it made."""

    status: int
    out: str
    err: str
    calls: tuple[str, ...] = ()
    cpu_s: float = 0.0
    """Of the run and the children it waited for."""

    @property
    def hit(self) -> str:
        """The first call that met the fault."""
        return next((call for call in self.calls if "!" in call.split(" ", 3)[2]), "")


class Nursery:
    """Makes runs of the command, in the folder and with the environment named; a run that hangs is killed."""

    def __init__(self, library: Path | None, notes: Path) -> None:
        self._notes = notes
        preload = {"LD_PRELOAD": str(library)} if library else {}
        self._mother = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.machine.nursery"],
            cwd=ROOT,
            env={**os.environ, **preload},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def close(self) -> None:
        """End it."""
        self._mother.communicate(timeout=_PATIENCE_S)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, *args: str, cwd: Path, surroundings: dict[str, str], trap: Trap | None = None) -> Born:
        """One run to its end."""
        said = self._notes / "said"
        for name in ("out", "err", "calls"):
            said.with_suffix(f".{name}").write_bytes(b"")
        birth = Birth(args, str(cwd), surroundings, str(said), trap or Trap())
        assert self._mother.stdin is not None
        assert self._mother.stdout is not None
        self._mother.stdin.write(json.dumps(asdict(birth)) + "\n")
        self._mother.stdin.flush()
        status, cpu_s = self._mother.stdout.readline().split()
        out, err, calls = (
            said.with_suffix(f".{name}").read_text(errors="replace") for name in ("out", "err", "calls")
        )
        return Born(int(status), out, err, tuple(calls.splitlines()), float(cpu_s))
