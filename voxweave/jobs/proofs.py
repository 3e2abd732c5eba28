"""What a finished run was made from, so that a batch need not start a program to learn that nothing is to do.

A proof names a line, its settings and the look of every file it reads. It is written before the run and proved
after it: a file that changes while the run works makes the next one look again.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from voxweave.core.value import Value
from voxweave.jobs.films import made_before
from voxweave.jobs.job import make_folder
from voxweave.media.files import write_atomically
from voxweave.settings.matters import CHANGES_NO_FILM

FOLDER = "proofs"
NO_MATTER = CHANGES_NO_FILM - {"sandbox"}
"""Settings that are no reason to make a film anew; that one has always stood in proofs, and theirs shall hold."""
_BARE = ("--yes", "--no-yes", "--offline", "--no-offline", "--overwrite")
_VALUED = ("--on-complete", *(f"--{name.replace('_', '-')}" for name in NO_MATTER))


class Look(Value):
    """A file as the disk tells of it: another content has another look, even under an old date."""

    path: str
    bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Proof(Value):
    """A line and all it reads; `line` and `settings` are digests, the latter of all that holds for it."""

    line: str
    settings: str
    reads: tuple[Look, ...]
    writes: tuple[str, ...]
    """The films' paths, as the digits of their bytes."""
    proved: bool = False
    left: tuple[Look, ...] = ()
    """The films of a run that fell short of what was asked: ours to replace, as long as nobody touches them."""


def look_at(files: Iterable[Path]) -> tuple[Look, ...]:
    """How files look now, in the order of their names; those that are not there are left out."""
    found = []
    for file in sorted(dict.fromkeys(files)):
        try:
            stat = file.stat()
        except (OSError, ValueError):  # not there, or no name at all
            continue
        found.append(
            Look(
                path=spelled(file),
                bytes=stat.st_size,
                mtime_ns=stat.st_mtime_ns,
                ctime_ns=stat.st_ctime_ns,
                inode=stat.st_ino,
            )
        )
    return tuple(found)


def spelled(file: Path) -> str:
    """A path in plain letters: names of files need not be text."""
    return os.fsencode(file).hex()


def intend(job: Path, proof: Proof) -> None:
    """Write down what a run is about to be made from; what an earlier one left stays ours to replace."""
    known = _read(_note(job, proof.line))
    _write(job, proof.model_copy(update={"left": known.left}) if known else proof)


def prove(job: Path, line: str) -> None:
    """The run of this line came to its end, with nothing lacking."""
    _change(job, line, proved=True, left=())


def fell_short(job: Path, line: str) -> None:
    """The run of this line left films that lack something."""
    known = _read(_note(job, line))
    if known is not None:
        _change(job, line, proved=False, left=look_at(_films(known)))


def proved_before(job: Path, proof: Proof) -> bool:
    """Whether this very line was run from these very files, and all it wrote lies there untouched."""
    known = _read(_note(job, proof.line))
    if known is None or known != proof.model_copy(update={"proved": True}):
        return False
    return all(_whole(job, film) for film in _films(known))


def ours_to_replace(job: Path, line: str) -> bool:
    """Whether what lies there is what a run of this line left, lacking something."""
    known = _read(_note(job, line))
    return known is not None and bool(known.left) and known.left == look_at(_films(known))


def _films(proof: Proof) -> list[Path]:
    return [Path(os.fsdecode(bytes.fromhex(name))) for name in proof.writes]


def _change(job: Path, line: str, *, proved: bool, left: tuple[Look, ...]) -> None:
    known = _read(_note(job, line))
    if known is not None and (known.proved, known.left) != (proved, left):
        _write(job, known.model_copy(update={"proved": proved, "left": left}))


def _write(job: Path, proof: Proof) -> None:
    make_folder(job / FOLDER)
    write_atomically(_note(job, proof.line), proof.to_json())


def _whole(job: Path, film: Path) -> bool:
    """Whether a film is as we left it, and what belongs to it is there."""
    made = made_before(job, film)
    if made is None:
        return False
    try:
        files = json.loads(made.report)["files"]
    except (ValueError, KeyError, TypeError):  # another release's
        return False
    return all(Path(file).is_file() for file in files)


def digest_of(arguments: Sequence[str]) -> str:
    """A short name for what a line asks for, whatever it may cost and however it is worked at."""
    words = b"\0".join(map(os.fsencode, _asked(arguments)))
    return hashlib.sha256(words).hexdigest()[:24]


def _asked(arguments: Sequence[str]) -> Iterator[str]:
    words = iter(arguments)
    for word in words:
        if word in _BARE:
            continue
        if word in _VALUED:
            next(words, "")
            continue
        yield word


def _note(job: Path, line: str) -> Path:
    return job / FOLDER / f"{line}.json"


def _read(file: Path) -> Proof | None:
    try:
        return Proof.model_validate(json.loads(file.read_bytes()))
    except (OSError, ValueError, ValidationError):  # not there, cut short, or another release's
        return None
