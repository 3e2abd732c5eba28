"""What lies in a shared store, counted, and taken away again."""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from voxweave.core.value import Value
from voxweave.jobs.artifacts import KEPT, Artifacts, opened
from voxweave.jobs.bucket import Listed

One = TypeVar("One")
Answer = TypeVar("Answer")

_AT_ONCE = 16
"""A store far away answers in tens of milliseconds, and there may be thousands of notes."""
_HASHES = re.compile(r"\b[0-9a-f]{64}\b")


class Share(Value):
    """Notes of one kind, and the bytes of the files they name; None where they are counted with all files."""

    kind: str
    count: int
    bytes: int | None = None


class Holding(Value):
    """All that lies in a shared store: by kind, and its files of whatever kind."""

    kinds: tuple[Share, ...]
    files: int
    bytes: int


def holding(artifacts: Artifacts) -> Holding:
    """What lies in the store; each note of a kept file is read."""
    notes = tuple(artifacts.notes(""))
    kept = [note for note in notes if _parts(note)[0] == KEPT]
    sizes = _all(lambda note: _size_in(artifacts.note(note.name)), kept)
    kinds = {_kind(note): [0, 0] for note in sorted(notes, key=_kind)}
    for note in notes:
        kinds[_kind(note)][0] += 1
    for note, size in zip(kept, sizes, strict=True):
        kinds[_kind(note)][1] += size
    named = {_kind(note) for note in kept}
    files = tuple(artifacts.files())
    return Holding(
        kinds=tuple(
            Share(kind=kind, count=count, bytes=size if kind in named else None)
            for kind, (count, size) in kinds.items()
        ),
        files=len(files),
        bytes=sum(file.size for file in files),
    )


def throw_away(artifacts: Artifacts, *, older_than_s: float = 0.0) -> tuple[Listed, ...]:
    """Take away everything, or what was written longer ago than this; gives the files that went.

    Notes go first, so that none speaks of a file that is gone; an old file that a younger note names stays.
    """
    artifacts.tidy()
    before = time.time() - older_than_s if older_than_s else float("inf")
    notes = tuple(artifacts.notes(""))
    _all(lambda note: artifacts.drop_note(note.name), [one for one in notes if one.written_at < before])
    left = [note for note in notes if note.written_at >= before]
    named = set().union(*_all(lambda note: set(_HASHES.findall(artifacts.note(note.name) or "")), left))
    gone = tuple(file for file in artifacts.files() if file.written_at < before and file.name not in named)
    _all(lambda file: artifacts.drop_file(file.name), gone)
    return gone


def _all(ask: Callable[[One], Answer], of: Iterable[One]) -> list[Answer]:
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="shared") as pool:
        return list(pool.map(ask, of))


def _parts(note: Listed) -> Sequence[str]:
    return note.name.split("/")


def _kind(note: Listed) -> str:
    """`clip` and `scene` by themselves, everything else by its folder."""
    first, second, *_ = _parts(note)
    return second if first == KEPT else first


def _size_in(text: str | None) -> int:
    try:
        return int(opened(text or "")["size"])
    except (ValueError, KeyError, TypeError):  # harmed, or gone in this moment
        return 0
