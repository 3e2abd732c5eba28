"""The library of `calls.c`, built where a compiler is, and spoken to from inside the process it is loaded into."""

import ctypes
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("calls.c")


def built(folder: Path) -> Path | None:
    """The library, compiled into a folder; None where no compiler is, or not for this system."""
    compiler = shutil.which("gcc") or shutil.which("cc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = folder / "calls.so"
    line = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode and "No such file" in done.stderr:  # a compiler without the C library's headers
        return None
    assert not done.returncode, done.stderr
    return library


class Calls:
    """The switch of the library that this process was started with."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None)
        self._library.vw_count.restype = ctypes.c_long
        self._library.vw_arm.argtypes = [ctypes.c_long, ctypes.c_char, *[ctypes.c_char_p] * 3]

    def arm(self, at: int, fault: str, *, log: str, under: str, victim: str) -> None:
        """Count from now on; call number `at` meets the fault, or `victim` is moved away when it comes."""
        self._library.vw_arm(at, fault.encode(), log.encode(), under.encode(), victim.encode())

    def disarm(self) -> None:
        """Count no more."""
        self._library.vw_disarm()
