"""A program asked what is in a stranger's file: its answer, or in plain words why it has none."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voxweave.core.text import printable
from voxweave.errors import DependencyError, InputError, OutOfTime
from voxweave.media import probe_child
from voxweave.media.child import Child, Limits, Surroundings
from voxweave.media.ffmpeg import MAX_STREAMS
from voxweave.media.stopping import StopSignal

_CPU_S = 8
LIMITS = Limits(memory_mb=600, cpu_s=_CPU_S)
"""A file that means harm meets these; it cannot make a program sleep."""
_TIME_S = 120.0
"""For a machine with so much to do that eight seconds of its processor take long."""
_TRIES = 2
_ANSWER_BYTES = 8 << 20
"""No honest file has so much to tell; what is longer is not waited for."""
_MOST_TAGS = 1000
"""FFmpeg compares each tag with all before it, whenever it opens the file: 80,000 take it 20 s."""
_SAYINGS = {  # the first that occurs anywhere in the program's words
    "Format not on whitelist": "is of a kind that is not read",
    "not on whitelist": "holds a codec that is not read",
    "max_streams": f"has more than {MAX_STREAMS} streams",
    "moov atom not found": "is cut short: its index is missing",
    "Cannot allocate memory": "needs too much memory to be read",
    "Invalid data found when processing input": "is damaged, or not what its first bytes say",
    "End of file": "ends before anything in it",
}
_SPEAKER = re.compile(r"^\[[^\]]*\] *")  # `[mp3 @ 0x5581f00]`


def ask(
    args: Sequence[str], path: Path, around: Surroundings, stop: StopSignal, *, limit_s: float = _TIME_S
) -> dict[str, Any]:
    """The program's JSON; InputError in its words, made plain, when it has none.

    OutOfTime when it was not ready in time twice over: that is no fault of the file.
    """
    for _ in range(_TRIES - 1):
        try:
            return _asked(args, path, around, stop, limit_s=limit_s)
        except OutOfTime:
            continue
    return _asked(args, path, around, stop, limit_s=limit_s)


def _asked(
    args: Sequence[str], path: Path, around: Surroundings, stop: StopSignal, *, limit_s: float
) -> dict[str, Any]:
    stop.check()
    with Child(args, stop, around=around, limit_s=limit_s) as child:
        answer = child.stdout.read(_ANSWER_BYTES + 1)
        if len(answer) > _ANSWER_BYTES:  # it would wait for us to read on
            raise _too_many_tags(path)
        status = child.wait(f"reading what is in {path.name}")
    if status == probe_child.MISSING:
        raise DependencyError(
            f"PyAV does not work: {_last(child.errors)}", hint="pip install --force-reinstall av"
        )
    try:
        told = json.loads(answer) if status == 0 else None
    except ValueError:
        told = None
    if not isinstance(told, dict) or not told.get("streams"):
        raise InputError(f"{printable(path.name)} {_reason(status, child.errors)}", hint="try to play it")
    holders = (told.get("format", {}), *told["streams"])
    if any(len(holder.get("tags") or ()) > _MOST_TAGS for holder in holders):
        raise _too_many_tags(path)
    return told


def _too_many_tags(path: Path) -> InputError:
    return InputError(f"{printable(path.name)} carries too many tags", hint="take them out of it")


def _reason(status: int, errors: Sequence[str]) -> str:
    if status < 0:
        return f"could not be read within {_CPU_S} s of the processor and {LIMITS.memory_mb} MB"
    said = "\n".join(errors)
    for mark, saying in _SAYINGS.items():
        if mark in said:
            return saying
    return f"cannot be read: {_last(errors)}" if errors else "has nothing in it that can be read"


def _last(errors: Sequence[str]) -> str:
    return printable(_SPEAKER.sub("", errors[-1])) if errors else ""
