"""Whether programs can be run in a cage here: tried once, not guessed."""

import logging
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

from voxweave.core.text import printable
from voxweave.errors import DependencyError, InputError
from voxweave.media.cage import ROOT_WALLS, WALLS, Cage
from voxweave.media.child import Child, Surroundings
from voxweave.media.stopping import StopSignal

Wanted = Literal["auto", "on", "off"]

_LOG = logging.getLogger(__name__)
_PROGRAM = "bwrap"
_PASSING = ("Resource temporarily unavailable", "Cannot allocate memory", "No space left on device")
"""What a crowded machine says, and not one that has no sandboxes: people should see it."""
_TIME_S = 60


@dataclass(frozen=True)
class Found:
    """The cage that works here, or what is missing for one."""

    cage: Cage | None
    missing: str = ""


class _NoCageError(Exception):
    """Why none could be had this time."""


def sandbox_for(program: Path, wanted: Wanted = "auto") -> Found:
    """The cage for a program, or why it has none; DependencyError when one is wanted and none works."""
    if wanted == "off":
        return Found(None, "switched off by the setting sandbox = off")
    found = look(program)
    if wanted == "on" and found.cage is None:
        raise DependencyError(
            f"sandbox = on, and {found.missing}",
            hint='install the package bubblewrap, or set sandbox = "auto" (voxweave doctor)',
        )
    if found.missing:
        passing = any(mark in found.missing for mark in _PASSING)
        _LOG.log(
            logging.WARNING if passing else logging.INFO,
            "foreign files are read under limits only, without a sandbox: %s",
            found.missing,
        )
    return found


def look(program: Path) -> Found:
    """Run the program in a cage; what works is remembered, and what fails is tried again the next time.

    OutOfTime when it takes a minute: a machine with too much to do is none where cages do not work, and nobody's file
    is read without for that.
    """
    if sys.platform != "linux":
        return Found(None, "bubblewrap needs Linux")
    place = shutil.which(_PROGRAM)
    if place is None:
        return Found(None, "bubblewrap (bwrap) is not installed")
    try:
        return Found(_working(Path(place), program))
    except _NoCageError as error:
        return Found(None, f"bubblewrap does not work here: {error}")


@cache
def _working(place: Path, program: Path) -> Cage:
    """The first that works, found in some hundredths of a second; an exception is not remembered."""
    missing = ""
    for walls, binds in product(_ways(), (True, False)):
        cage = Cage(place, walls, binds)
        missing = _failure(cage, program)
        if not missing:
            return cage
    raise _NoCageError(missing)


def _ways() -> Sequence[Sequence[str]]:
    return (ROOT_WALLS, WALLS) if os.geteuid() == 0 else (WALLS,)


def _failure(cage: Cage, program: Path) -> str:
    """Why the program does not run in the cage; empty when it does."""
    try:
        # Any file that can be read will do; the program itself may be one that can only be run.
        with Path(__file__).open("rb") as file:
            around = Surroundings(cage=cage, fds=(file.fileno(),))
            with Child([str(program), "-version"], StopSignal(), around=around, limit_s=_TIME_S) as child:
                child.stdout.read()
                status = child.wait("trying the sandbox")
    except (DependencyError, InputError) as error:
        return str(error)
    return "" if status == 0 else printable(child.errors[-1] if child.errors else f"status {status}")
