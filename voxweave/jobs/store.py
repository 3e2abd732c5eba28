"""What was made once and may serve again: files by what they were made of, their facts beside them.

An entry is a folder that gets its name when it is whole and loses it before it is taken apart, so
that runs side by side, or killed at any moment, never see half of one.
"""

import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import Field, ValidationError

from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import StorageError
from voxweave.media.files import fingerprint, holds, linked, write_atomically
from voxweave.places import cache_folder

Facts = Mapping[str, str | int | float | None]

_FACTS = "facts.json"
_PARTS = ".parts"
"""The folder below a store in which work is done."""
_FETCHED = "fetched-"
"""How a part is called in which half a file may wait for the next attempt to fetch it."""
_TIDIED = ".tidied"
CHEAP = ("scene",)
"""Kinds that cost seconds to make again, not money: they go before all others."""
_LEFT_S = 3600.0
"""Half a file is kept for so long; where a disk has no locks, a part this old belongs to a run that is no more."""
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,12}")
"""What a name from another machine may end in."""
_NAMES = re.compile(r"[a-z][a-z-]{0,30}")
_KEYS = re.compile(r"[0-9a-f]{16,64}")
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_THERE = (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR)


class Damaged(StorageError):
    """What was kept is not what was put there; it is thrown away."""


class Kept(Value):
    """An entry: its file, how large, when it was made and last used (Unix seconds), and what is known of it."""

    kind: str
    key: str
    file: MediaFile
    size: int
    made_at: float
    used_at: float
    facts: dict[str, str | int | float | None]


class Note(Value):
    """An entry's facts as they are kept beside it; the file is named by its content."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)
    made_at: float
    facts: dict[str, str | int | float | None]


def user_store() -> Path:
    """Where this user's store lies, unless another place is set."""
    return cache_folder() / "kept"


class Store:
    """Entries by kind and key, below one folder; nothing is made until something is put."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, kind: str, key: str, file: Path, facts: Facts) -> Kept | None:
        """Keep the file, by a hard link where the disk allows; what is there already stays.

        None where another run takes the entry away at this very moment.
        """
        return self._kept(kind, key, file, facts, made_at=time.time())

    def get(self, kind: str, key: str) -> Kept | None:
        """The entry, its file checked to the last byte; Damaged when it is not what was put, and then it is gone."""
        for _ in range(2):  # another run may take it away and put it back between two looks
            kept = self._read(kind, key)
            if kept is not None and _whole(kept):
                _touch(kept.file.path.parent / _FACTS)
                return kept
            if not self._place(kind, key).exists():
                return None
        self.drop(kind, key)
        raise Damaged(f"a {kind} kept for reuse was damaged")

    def has(self, kind: str, key: str) -> bool:
        """Whether there is an entry; its file is not looked at."""
        return self._read(kind, key) is not None

    def drop(self, kind: str, key: str) -> None:
        """Throw an entry away; who reads it just now sees it whole or not at all."""
        with self._spoken(), self._part() as part:
            try:
                self._place(kind, key).rename(part / "gone")
            except FileNotFoundError:  # another run was first
                return

    def entries(self, kinds: Iterable[str] = ()) -> Iterator[Kept]:
        """All that is kept, unchecked, the longest unused first."""
        wanted = tuple(kinds)
        found = (self._read(place.parent.parent.name, place.name) for place in self._places())
        yield from sorted(
            (kept for kept in found if kept and (not wanted or kept.kind in wanted)),
            key=lambda kept: kept.used_at,
        )

    def keep_within(
        self, most_bytes: int, *, first: Sequence[str] = (), every_s: float = 0.0
    ) -> tuple[Kept, ...]:
        """Throw away what was not used for longest until the rest fits; what is left of dead runs goes as well.

        Entries of the kinds in `first` go before all others. Nothing is counted when it was counted in
        the last `every_s` seconds.
        """
        self._tidy()
        if every_s and self._tidied_within(every_s):
            return ()
        kept = sorted(self.entries(), key=lambda entry: entry.kind not in first)
        over = sum(entry.size for entry in kept) - most_bytes
        dropped: list[Kept] = []
        for entry in kept:
            if over <= 0:
                break
            self.drop(entry.kind, entry.key)
            over -= entry.size
            dropped.append(entry)
        return tuple(dropped)

    def clean(self, *, older_than_s: float = 0.0) -> tuple[Kept, ...]:
        """Throw away what was not used for so long, or everything; gives what went."""
        self._tidy()
        before = time.time() - older_than_s
        dropped = tuple(entry for entry in self.entries() if not older_than_s or entry.used_at < before)
        for entry in dropped:
            self.drop(entry.kind, entry.key)
        if not older_than_s:
            for place in tuple(self._places()):  # entries that cannot be read
                self.drop(place.parent.parent.name, place.name)
        return dropped

    def _kept(self, kind: str, key: str, file: Path, facts: Facts, *, made_at: float) -> Kept | None:
        final = self._place(kind, key)
        if not final.exists():
            with self._spoken(), self._part() as part:
                note = _filled(part, file, facts, made_at=made_at)
                write_atomically(part / _FACTS, note.to_json())
                final.parent.mkdir(parents=True, exist_ok=True)
                _given(part, final)
        return self._read(kind, key)

    def _place(self, kind: str, key: str) -> Path:
        if not (_NAMES.fullmatch(kind) and _KEYS.fullmatch(key)):
            raise ValueError(f"{kind}/{key} names no entry")
        return self.root / kind / key[:2] / key

    def _places(self) -> Iterator[Path]:
        """The folders of entries; what else lies below the root is not ours."""
        for here, names, _ in os.walk(self.root):  # unlike glob it bears that others clean meanwhile
            folder = Path(here)
            if folder.parent.parent == self.root:
                ours = _NAMES.fullmatch(folder.parent.name) is not None
                yield from (folder / name for name in names if ours and _KEYS.fullmatch(name))
                names.clear()

    def _read(self, kind: str, key: str) -> Kept | None:
        place = self._place(kind, key)
        try:
            note = Note.model_validate(json.loads((place / _FACTS).read_bytes()))
            used_at = (place / _FACTS).stat().st_mtime
        except (OSError, ValueError, ValidationError):
            return None
        file = MediaFile(path=place.absolute() / Path(note.name).name, sha256=note.sha256)
        return Kept(
            kind=kind,
            key=key,
            file=file,
            size=note.size,
            made_at=note.made_at,
            used_at=used_at,
            facts=note.facts,
        )

    @contextmanager
    def _part(self) -> Iterator[Path]:
        """A folder beside the entries to work in, gone afterwards; locked, which tells others that we live."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = None
        while lock is None:
            part = self.root / _PARTS / f"{os.getpid()}-{secrets.token_hex(6)}"
            lock = _claim(part, fcntl.LOCK_EX)
        try:
            yield part
        finally:
            shutil.rmtree(part, ignore_errors=True)
            os.close(lock)

    @contextmanager
    def _common_part(self, name: str) -> Iterator[Path]:
        """A folder to fetch a file to, the same for all who fetch it, now or later; gone with the last when empty."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        part, lock = self.root / _PARTS / f"{_FETCHED}{name}", None
        while lock is None:
            lock = _claim(part, fcntl.LOCK_SH)
        try:
            yield part
        finally:
            try:
                if _locked(lock, otherwise=True):
                    part.rmdir()
            except OSError:  # half a file that the next attempt goes on with
                pass
            os.close(lock)

    @contextmanager
    def _spoken(self) -> Iterator[None]:
        """Speak of the disk's failures in our words."""
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"{printable(str(self.root))} cannot be written: {error.strerror}",
                hint="name another folder with --cache, or --cache off",
            ) from error

    def _tidied_within(self, seconds: float) -> bool:
        """Whether the mark of the last time is younger; it is set anew when it is not."""
        mark = self.root / _TIDIED
        try:
            if time.time() - mark.stat().st_mtime < seconds:
                return True
        except OSError:
            if not self.root.is_dir():
                return True
        with self._spoken():
            mark.touch()
        return False

    def _tidy(self) -> None:
        """Remove what killed runs left half-made."""
        for part in self.root.glob(f"{_PARTS}/*"):
            try:
                lock = os.open(part, _FOLDER)
            except OSError:  # its run has just ended
                continue
            old = time.time() - os.fstat(lock).st_mtime > _LEFT_S
            if (old or not part.name.startswith(_FETCHED)) and _locked(lock, otherwise=old):
                shutil.rmtree(part, ignore_errors=True)
            os.close(lock)


def _claim(part: Path, how: int) -> int | None:
    """A lock on a folder, made where there is none; None where another run took it for a leftover before the lock."""
    part.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        lock = os.open(part, _FOLDER)
    except FileNotFoundError:
        return None
    with suppress(OSError):  # a disk without locks
        fcntl.flock(lock, how)
    with suppress(FileNotFoundError):
        if os.path.samestat(os.fstat(lock), part.stat()):
            return lock
    os.close(lock)
    return None


def _locked(fd: int, *, otherwise: bool) -> bool:
    """Whether the lock is ours alone now; `otherwise` where the disk has no locks."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return otherwise
    return True


def _filled(part: Path, file: Path, facts: Facts, *, made_at: float) -> Note:
    """The file in the part, named by its content as it is there."""
    copy = part / f"file{file.suffix}"
    linked(file, copy)
    sha256 = fingerprint(copy).sha256
    named = copy.rename(part / f"{sha256}{file.suffix}")
    return Note(name=named.name, sha256=sha256, size=named.stat().st_size, made_at=made_at, facts=dict(facts))


def _given(part: Path, final: Path) -> None:
    """The part under its name, unless another run was first."""
    try:
        part.rename(final)
    except OSError as error:
        if error.errno not in _THERE:
            raise


def _whole(kept: Kept) -> bool:
    try:
        sized = kept.file.path.stat().st_size == kept.size
        return sized and holds(kept.file.path, kept.file.sha256)
    except OSError:  # whatever it is: the film has its own, or gets another
        return False


def _touch(file: Path) -> None:
    try:
        os.utime(file)
    except OSError:  # another user's store, read only: then nothing is thrown away by age either
        return
