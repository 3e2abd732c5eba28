"""Folders for files of a moment, which no run leaves for good: what a killed one left, the next removes."""

import errno
import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voxweave.media.files import disk_errors
from voxweave.places import temporary_folder

_NAME = re.compile(r"voxweave-[0-9a-f]{12}\.part")


@contextmanager
def scratch(at: Path | None = None) -> Iterator[Path]:
    """A new folder, in the system's temporary one unless told otherwise; locked, and gone after the block."""
    place = at or temporary_folder()
    sweep(place)
    with disk_errors(place):
        folder, lock = _claimed(place)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def sweep(place: Path) -> None:
    """Remove such folders of runs that are no more; the kernel frees a dead run's lock."""
    try:
        found = [folder for folder in place.iterdir() if _NAME.fullmatch(folder.name)]
    except OSError:  # a folder we cannot list holds nothing of ours in anybody's way
        return
    for folder in found:
        _remove_if_free(folder)


def _claimed(place: Path) -> tuple[Path, int]:
    while True:
        folder = place / f"voxweave-{secrets.token_hex(6)}.part"
        folder.mkdir(mode=0o700)
        try:
            lock = _opened(folder)
        except FileNotFoundError:  # another run took it for a leftover before the lock
            continue
        if _locked(lock) and folder.exists():
            return folder, lock
        os.close(lock)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _locked(lock: int) -> bool:
    """Whether nobody else holds it; a file system without locks has nobody who could."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _remove_if_free(folder: Path) -> None:
    try:
        lock = _opened(folder)
    except OSError:  # gone already, or not ours
        return
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # at work, or on a file system that cannot tell
        return
    finally:
        os.close(lock)
