"""A folder that remembers each result, and redoes only what changed."""

import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar, get_type_hints

from filelock import FileLock, Timeout
from pydantic import TypeAdapter

from voxweave.core.text import printable
from voxweave.core.travelling import files_in
from voxweave.core.value import MediaFile, Value
from voxweave.errors import StorageBusy, StorageError
from voxweave.jobs.artifacts import STEPS
from voxweave.jobs.fingerprints import code_identity, fingerprint_of
from voxweave.jobs.sharing import Sharing
from voxweave.media.files import holds, write_atomically
from voxweave.places import lock_folders

Result = TypeVar("Result", bound=Value)
Tools = TypeVar("Tools")
Values = ParamSpec("Values")

WORK = ".voxweave"
_SHARED = ".shared"
_LOOK_S = 0.3
"""Whoever looks whether a job is at work holds its lock for a moment; a run that begins waits so long."""


class Job:
    """One narration's folder: `steps` holds results as JSON, `scenes` the encoded scenes.

    What other machines came to is found where they share it, and its files are brought to `shared`.
    """

    def __init__(self, folder: Path, identity: str, sharing: Sharing | None = None) -> None:
        self.folder = folder
        self.identity = identity
        self.sharing = sharing
        for part in ("steps", "scenes", "pictures", "fonts"):
            make_folder(folder / part)
        if sharing is not None:
            sharing.owed.remember(folder / "unshared")

    def step(
        self,
        stage: Callable[Concatenate[Tools, Values], Result],
        tools: Tools,
        *values: Values.args,
        **named: Values.kwargs,
    ) -> Result:
        """The stage's result: remembered when it was made from the same values and lies unharmed."""
        key = fingerprint_of(stage.__name__, self.identity, code_identity(), values, named)
        file = self.folder / "steps" / f"{stage.__name__}-{key[:16]}.json"
        shape: TypeAdapter[Result] = TypeAdapter(get_type_hints(stage)["return"])
        common = f"{STEPS}/{stage.__name__}/{key}.json"
        known = tuple(files_in((values, tuple(named.values()))))
        kept = _recall(file, shape)
        if kept is None and self.sharing is not None:
            kept = self.sharing.find(common, shape, known, self.folder / "shared")
            if kept is not None:
                write_atomically(file, kept.to_json())
                self._mark(file)
        if kept is None:
            kept = stage(tools, *values, **named)
            write_atomically(file, kept.to_json())
            file.with_suffix(_SHARED).unlink(missing_ok=True)
        self._publish(common, kept, known, file)
        return kept

    def written(self, name: str, shape: type[Result]) -> Result | None:
        """What cost something to have written, by an earlier run or on another machine; None where it cannot be read."""
        file, kind = self.folder / name, TypeAdapter(shape)
        kept = _recall(file, kind)
        if kept is None and self.sharing is not None:
            found = self.sharing.text(name)
            if found is not None:
                write_atomically(file, found)
                kept = _recall(file, kind)
        return kept

    def keep_written(self, name: str, result: Value) -> None:
        """Keep it for later runs, and for other machines; its name tells all it was made of."""
        text = result.to_json()
        write_atomically(self.folder / name, text)
        if self.sharing is not None:
            self.sharing.share_text(name, text)

    def keep(self, name: str, result: Value, *made_of: object) -> None:
        """Remember what a run came to, for those that may show it and not make it; a new release still may."""
        write_atomically(self._place(name, made_of), result.to_json())

    def kept(self, name: str, shape: type[Result], *made_of: object) -> Result | None:
        """What a run came to with this, or None."""
        return _recall(self._place(name, made_of), TypeAdapter(shape))

    def _publish(self, common: str, result: Value, known: Sequence[MediaFile], file: Path) -> None:
        """Share a result, unless it is known to be there."""
        if self.sharing is None or _read(file.with_suffix(_SHARED)) == self.sharing.mark:
            return
        self.sharing.publish(common, result, known, done=lambda: self._mark(file))

    def _mark(self, file: Path) -> None:
        """Note that a result lies in the shared store, so that it need not be looked for there."""
        if self.sharing is not None:
            write_atomically(file.with_suffix(_SHARED), self.sharing.mark)

    def _place(self, name: str, made_of: Sequence[object]) -> Path:
        return self.folder / "steps" / f"{name}-{fingerprint_of(*made_of)[:16]}.json"


def _recall(file: Path, shape: TypeAdapter[Result]) -> Result | None:
    """A result on disk, or None when there is none that can be trusted."""
    try:
        kept = shape.validate_python(json.loads(file.read_bytes()))
    except (FileNotFoundError, ValueError, RecursionError):  # not there, cut short, or of another shape
        return None
    return kept if all(holds(media.path, media.sha256) for media in files_in(kept)) else None


def _read(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:
        return ""


def job_folder(source: Path, work: Path | None) -> Path:
    """Where a narration's job lives: `.voxweave` beside it, or the work folder given.

    Named for people by the file's stem, for us by a digest of its whole path.
    """
    resolved = Path(os.path.realpath(source))  # it may be a link to itself, which others tell about
    digest = hashlib.sha256(os.fsencode(resolved)).hexdigest()[:8]
    stem = re.sub(r"[^\w.-]+", "-", printable(resolved.stem, most=40)).strip("-.") or "narration"
    stem = os.fsdecode(stem.encode())  # the same bytes under any locale, also one without these letters
    return (work.absolute() if work else resolved.parent / WORK) / f"{stem}-{digest}"


@contextmanager
def open_job(
    source: Path, work: Path | None, *, identity: str, sharing: Sharing | None = None
) -> Iterator[Job]:
    """The job of a narration, held by this process alone."""
    folder = job_folder(source, work)
    make_folder(folder)
    with held(folder / "lock", f"the job of {printable(source.name)}", wait_s=_LOOK_S):
        yield Job(folder, identity, sharing)


@contextmanager
def output_held(output: Path, places: Sequence[Path] | None = None) -> Iterator[None]:
    """Hold the name of a film, whatever job makes it; kernel locks die with their holder."""
    folder = _own_folder(lock_folders() if places is None else places)
    real = output.parent.resolve() / output.name
    name = hashlib.sha256(os.fsencode(real)).hexdigest()[:24]
    with held(folder / f"{name}.lock", printable(output.name)):
        yield


def _own_folder(places: Sequence[Path]) -> Path:
    """Where outputs' locks lie: the first place that takes a folder of ours."""
    for place in places[:-1]:
        with suppress(StorageError):
            return _owned(place)
    return _owned(places[-1])


def _owned(place: Path) -> Path:
    """A folder that is ours alone, for whoever can change a folder for all decides what we write over."""
    user = os.geteuid()
    folder = place / f"voxweave-{user}"
    make_folder(folder, hint="set TMPDIR to another folder")
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != user:
        raise StorageError(
            f"{printable(str(folder))} belongs to somebody else", hint="set TMPDIR to a folder of your own"
        )
    if stat.S_IMODE(status.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


@contextmanager
def held(file: Path, what: str, *, wait_s: float = 0.0) -> Iterator[None]:
    """A lock that the kernel frees when we end, however we end; its file says who holds it."""
    lock = FileLock(file)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise StorageBusy(
            f"{what} is being worked on by another run{_holder(file)}", hint="wait for it, or stop it"
        ) from error
    except OSError as error:
        raise StorageError(f"{what} cannot be locked: {error.strerror}") from error
    try:
        with _noted(file.with_suffix(".pid")):
            yield
    finally:
        lock.release()


def is_held(file: Path) -> bool:
    """Whether a run holds this lock; looking leaves nothing behind, and needs no right to write."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # who could not be seen to hold it is no run of ours
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks
        return False
    finally:
        os.close(fd)
    return False


@contextmanager
def _noted(note: Path) -> Iterator[None]:
    """Say who we are for as long as the block runs; where that fails, others learn only that somebody is."""
    with suppress(OSError):
        note.unlink(missing_ok=True)  # whatever lies there, it is not written through
        note.write_text(str(os.getpid()))
    try:
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)


def _holder(file: Path) -> str:
    try:
        return f" (process {int(file.with_suffix('.pid').read_text())})"
    except (OSError, ValueError):
        return ""


def make_folder(folder: Path, *, hint: str = "choose another with --work DIR") -> None:
    """The folder, if it was not there; StorageError when it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"the folder {printable(str(folder))} cannot be made: {error.strerror}", hint=hint
        ) from error


def remove_job(source: Path, work: Path | None) -> Path:
    """Delete all that is kept for a narration, and `.voxweave` when nothing else is in it; the film stays."""
    folder = job_folder(source, work)
    remove_folder(folder, printable(source.name))
    return folder


def remove_folder(folder: Path, name: str) -> None:
    """Delete a job's folder, unless a run holds it, and `.voxweave` when nothing else is in it."""
    if not folder.exists():
        return
    try:
        with held(folder / "lock", f"the job of {name}"):
            shutil.rmtree(folder)
        if folder.parent.name == WORK and not any(folder.parent.iterdir()):
            folder.parent.rmdir()
    except OSError as error:
        raise StorageError(f"{printable(str(folder))} cannot be removed: {error.strerror}") from error
