"""Libraries that are put before the C library: built where a compiler is; that of `calls.c` is spoken to from inside."""

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

from tests.fakes.machine.birth import Trap

SOURCE = Path(__file__).with_name("calls.c")


def built(folder: Path, source: Path = SOURCE) -> Path | None:
    """The library, compiled into a folder; None where no compiler is, or not for this system."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = folder / f"{source.stem}.so"
    line = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode and "No such file" in done.stderr:  # a compiler without the C library's headers
        return None
    assert not done.returncode, done.stderr
    return library


class Calls:
    """The switch of the library that this process was started with."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        texts = ctypes.c_char_p
        self._library.vw_arm.argtypes = [ctypes.c_long, texts, ctypes.c_char, texts, texts, texts]

    def arm(self, trap: Trap, letter: str, *, log: str) -> None:
        """Count from now on; the call named meets the fault, or the victim is moved away when it comes."""
        texts = [text.encode() for text in (log, trap.under, trap.victim)]
        self._library.vw_arm(trap.at, trap.sort.encode(), letter.encode(), *texts)

    def disarm(self) -> None:
        """Count no more."""
        self._library.vw_disarm()
