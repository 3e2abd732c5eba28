"""What a command and its programs opened, as the kernel saw it, and whom they called."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import voxweave
from voxweave.places import temporary_folder

STRACE = ("strace", "-f", "-y", "-qq", "-s", "300", "-e", "trace=%file,network", "-o")
_OPEN = re.compile(r'\b(?:open|openat|openat2|creat)\((?:(?:AT_FDCWD|\d+)(?:<([^>]*)>)?, )?"([^"]*)"')
_SYSTEM = ("/usr", "/lib", "/lib64", "/proc", "/sys", "/dev")
_SETTINGS = ("ld.so.cache", "ld.so.preload", "localtime", "ssl", "pki", "fonts", "crypto-policies", "OpenCL")
"""Of libraries, below /etc: the users' list is not among them."""


def strangers(trace: Path, own: Sequence[Path]) -> list[str]:
    """Files that are neither the system's, nor Python's, nor the package's, nor one of our own or below it."""
    places = [Path(place) for place in (*_SYSTEM, sys.prefix, sys.base_prefix)]
    places += [Path("/etc", name) for name in _SETTINGS]
    package = Path(voxweave.__file__).parent
    ours = (package, package.parent / "config", temporary_folder() / f"voxweave-{os.geteuid()}")
    places = [Path(os.path.realpath(place)) for place in (*places, *ours, *own)] + places
    looked_into = {temporary_folder(), package.parent}  # for what dead runs left there, and for modules
    return sorted(
        {
            str(path)
            for path in _opened(trace)
            if path not in looked_into and not any(path.is_relative_to(place) for place in places)
        }
    )


def called(trace: Path) -> list[str]:
    """The calls to the network."""
    return [line for line in _lines(trace) if "connect(" in line and "AF_INET" in line]


def _opened(trace: Path) -> Iterator[Path]:
    for line in _lines(trace):
        found = _OPEN.search(line)
        if found is None or "ENOENT" in line:
            continue
        path = Path(os.path.normpath(Path(found[1] or "/", found[2])))
        if "<unfinished" not in line or path.exists():
            yield path


def _lines(trace: Path) -> list[str]:
    return trace.read_text(errors="replace").splitlines()
