"""Opening a stranger's file, and giving our own files their names only when they are whole."""

import errno
import fcntl
import os
import re
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import InputError, MediaError, StorageError
from voxweave.media.contents import digest_of, known_digest_of
from voxweave.media.disk import DISK_FAULTS

_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFIFO: "is a named pipe",
    stat.S_IFCHR: "is a device",
    stat.S_IFBLK: "is a device",
    stat.S_IFSOCK: "is a socket",
}
_CANNOT_OPEN = {
    errno.ELOOP: "is a link that leads back to itself",
    errno.EACCES: "may not be read",
    errno.EPERM: "may not be read",
    errno.ENAMETOOLONG: "has a name too long for this system",
    errno.ENXIO: "is a socket",
}
_PLACE_FAULTS = {
    errno.EACCES: ("may not be written to", "choose another place with -o or --work"),
    errno.EPERM: ("may not be written to", "choose another place with -o or --work"),
    errno.ENOENT: ("does not exist", "make the folder, or choose another with -o or --work"),
    errno.ENOTDIR: ("is not a folder", "choose another place with -o or --work"),
    errno.ELOOP: ("is a link that leads back to itself", "choose another place with -o or --work"),
}
_NAME_BYTES = 255  # what every common file system takes; pathconf may know of less
_SUFFIX_BYTES = 16
_PART_NAME = re.compile(r"\..*\.vw[0-9a-f]{12}\.part(\.[^.]+)?", re.DOTALL)


@contextmanager
def opened(path: Path, what: str, *, pipes: bool = False) -> Iterator[int]:
    """A descriptor of an ordinary file that is not empty; InputError for everything else.

    `what` names its part in the film, as in `the narration`. A device never makes us wait, and a pipe only where
    `pipes` says that what is read may come from one.
    """
    piped = pipes and _is_pipe(path)
    fd = _open(path, what, waits=piped)
    try:
        status = os.fstat(fd)
        reason = "" if piped and stat.S_ISFIFO(status.st_mode) else _unfit(status)
        if reason:
            raise InputError(
                f"{printable(path.name or str(path))} {reason}", hint=f"give {what} as an ordinary file"
            )
        yield fd
    finally:
        os.close(fd)


def opened_own(path: Path) -> int:
    """A descriptor of a file that a program wrote for us; MediaError for a link, or anything else it laid there."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    else:
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        os.close(fd)
    raise MediaError(
        f"{printable(path.name)} is not the file it should be", hint="run the same command again"
    )


def fingerprint(path: Path, what: str = "it") -> MediaFile:
    """The file at its real place, with the SHA-256 of all its bytes."""
    with opened(path, what) as fd:
        digest = digest_of(fd)
    return MediaFile(path=Path(os.path.realpath(path)), sha256=digest)


@contextmanager
def opened_as(media: MediaFile, what: str) -> Iterator[int]:
    """A descriptor of the very bytes that were fingerprinted; InputError for others, at the block's end as well.

    What is made of a file is kept under the name of its content, and shown again wherever that is meant.
    """
    with opened(media.path, what) as fd:
        _refuse_other(fd, media)
        try:
            yield fd
        except (MediaError, InputError):
            _refuse_other(fd, media)  # it may well be why
            raise
        _refuse_other(fd, media)


def changed(path: Path) -> InputError:
    """A file is no longer what it was when the film was begun."""
    return InputError(
        f"{printable(path.name)} changed while the film was being made", hint="run the command again"
    )


def content_of(path: Path, what: str, most_bytes: int, *, pipes: bool = False) -> bytes:
    """All of an ordinary file that is not empty; InputError also where it is longer than anybody reads."""
    with opened(path, what, pipes=pipes) as fd, open(fd, "rb", closefd=False) as stream:
        try:
            content = stream.read(most_bytes + 1)
        except OSError as error:
            raise InputError(f"{printable(path.name)} cannot be read ({error.strerror})") from error
    if len(content) > most_bytes:
        raise InputError(
            f"{printable(path.name)} is over {most_bytes >> 20} MB, too long for {what}",
            hint=f"check the path of {what}",
        )
    return content


def holds(path: Path, sha256: str) -> bool:
    """Whether a file is there, can be read, and has just this content; OSError where the disk fails.

    What a failing disk cannot show may be there all the same, and paid for.
    """
    try:
        return fingerprint(path).sha256 == sha256
    except (InputError, OSError) as error:
        fault = error if isinstance(error, OSError) else error.__cause__
        if isinstance(fault, OSError) and fault.errno in DISK_FAULTS:
            raise fault from None
        return False


def same_file(one: Path, other: Path) -> bool:
    """Whether both names lead to one file, through any link; what does not exist is no file."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


@contextmanager
def part_of(final: Path) -> Iterator[Path]:
    """A name in the same folder to write to; it becomes `final` when the block has ended well.

    A link at `final` is replaced, not written through. The part is gone after any failure, and
    locked while the block runs, so that `remove_leftovers` of another run leaves it alone.
    """
    _refuse_unusual(final)
    with _storage_errors(final.parent):
        part, lock = _claim(final)
    try:
        with still_there(final.parent), disk_errors(final):
            yield part
            _flush(part, opened_own)
        with _storage_errors(final.parent):
            os.replace(part, final)
            _flush_folder(final.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    finally:
        os.close(lock)


def check_writable(folder: Path, *, need_bytes: int = 0) -> None:
    """StorageError unless a file can be made in the folder and so much space is free."""
    with _storage_errors(folder):
        probe, lock = _claim(folder / "voxweave")
        os.close(lock)
        probe.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
    if free < need_bytes:
        raise StorageError(
            f"{printable(str(folder))} has {free >> 20} MB free, {need_bytes >> 20} MB are needed",
            hint="free some space, or choose another place with -o or --work",
        )


def write_atomically(path: Path, content: str | bytes) -> None:
    """All of the new content or the old file, whatever happens."""
    with part_of(path) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def remove_leftovers(folder: Path) -> None:
    """Delete the parts of runs that are no more; the kernel frees a dead run's lock."""
    try:
        names = [name for name in os.listdir(folder) if _PART_NAME.fullmatch(name)]
    except OSError:  # a folder we cannot list holds nothing of ours in anybody's way
        return
    for name in names:
        _remove_if_free(folder / name)


def _open(path: Path, what: str, *, waits: bool) -> int:
    """A descriptor; `waits` for whoever writes into a pipe."""
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | (0 if waits else os.O_NONBLOCK))
    except (FileNotFoundError, NotADirectoryError) as error:
        reason = "is a link to nothing" if path.is_symlink() else "is missing"
        raise InputError(f"{printable(path.name)} {reason}", hint=f"check the path of {what}") from error
    except ValueError as error:  # a NUL in the name
        raise InputError(
            f"{printable(path.name)} is no file name", hint=f"check the path of {what}"
        ) from error
    except OSError as error:
        reason = _CANNOT_OPEN.get(error.errno or 0, f"cannot be opened ({error.strerror})")
        raise InputError(f"{printable(path.name)} {reason}", hint=f"check the path of {what}") from error


def _refuse_other(fd: int, media: MediaFile) -> None:
    if known_digest_of(fd) != media.sha256:
        raise changed(media.path)


def _is_pipe(path: Path) -> bool:
    try:
        return stat.S_ISFIFO(path.stat().st_mode)
    except (OSError, ValueError):  # opening it says what is wrong
        return False


def _unfit(status: os.stat_result) -> str:
    """Why this is not an ordinary file with something in it; empty when it is one."""
    if not stat.S_ISREG(status.st_mode):
        return _KINDS.get(stat.S_IFMT(status.st_mode), "is not an ordinary file")
    return "" if status.st_size else "is empty"


def _refuse_unusual(final: Path) -> None:
    try:
        mode = final.stat().st_mode
    except OSError:  # nothing is there, or a link to nothing: either is replaced
        return
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "is not an ordinary file")
        raise StorageError(f"{printable(str(final))} {kind}", hint="name a file with -o")


def _claim(final: Path) -> tuple[Path, int]:
    """A new locked file beside `final`; its mode follows the umask."""
    while True:
        part = final.with_name(_part_name(final))
        fd = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        _lock(fd)
        if os.fstat(fd).st_nlink:  # else another run took it for a leftover before the lock
            return part, fd
        os.close(fd)


def _part_name(final: Path) -> str:
    """`.talk.vw0123456789ab.part.mp4`: hidden, ours, the suffix kept, never too long."""
    suffix = final.suffix if len(os.fsencode(final.suffix)) <= _SUFFIX_BYTES else ""
    end = f".vw{secrets.token_hex(6)}.part{suffix}"
    room = _longest_name(final.parent) - 1 - len(os.fsencode(end))
    stem = final.stem
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return f".{stem}{end}"


def _longest_name(folder: Path) -> int:
    try:
        return min(_NAME_BYTES, os.pathconf(folder, "PC_NAME_MAX"))
    except (OSError, ValueError):
        return _NAME_BYTES


def _lock(fd: int) -> bool:
    """Whether the lock is ours; a file system without locks gives none, and that is no failure."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove_if_free(part: Path) -> None:
    try:
        fd = os.open(part, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:  # gone already, or not ours
        return
    try:
        status = os.fstat(fd)
        if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and _lock(fd):
            part.unlink(missing_ok=True)
    finally:
        os.close(fd)


def _flush(path: Path, reached: Callable[[Path], int]) -> None:
    """Make sure it is on the disk; some network file systems cannot, and say EINVAL."""
    fd = reached(path)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(fd)


def _flush_folder(folder: Path) -> None:
    try:
        _flush(folder, lambda path: os.open(path, os.O_RDONLY | os.O_CLOEXEC))
    except PermissionError:  # a folder we may write to but not read; the name is in place all the same
        pass


@contextmanager
def still_there(folder: Path) -> Iterator[None]:
    """Say it where a folder was taken away while the block worked in it, whatever failed for that."""
    try:
        yield
    except (OSError, MediaError) as error:
        if folder.is_dir():
            raise
        raise StorageError(
            f"the folder {printable(str(folder))} was removed in the middle of the work",
            hint="leave it until the film is made, and run the same command again",
        ) from error


@contextmanager
def disk_errors(final: Path) -> Iterator[None]:
    """Speak of a disk's failures in our words; any other OSError is not the disk's."""
    try:
        yield
    except OSError as error:
        if error.errno not in DISK_FAULTS:
            raise
        fault, hint = DISK_FAULTS[error.errno]
        raise StorageError(f"{fault} while writing {printable(final.name)}", hint=hint) from error


@contextmanager
def _storage_errors(folder: Path) -> Iterator[None]:
    """Speak of a folder that takes no file in our words."""
    try:
        yield
    except OSError as error:
        shown = printable(str(folder))
        if error.errno in DISK_FAULTS:
            fault, hint = DISK_FAULTS[error.errno]
            raise StorageError(f"{shown} takes no file: {fault}", hint=hint) from error
        fault, hint = _PLACE_FAULTS.get(
            error.errno or 0, (f"takes no file ({error.strerror})", "try another place")
        )
        raise StorageError(f"{shown} {fault}", hint=hint) from error


def linked(file: Path, into: Path) -> None:
    """The file under a second name: a hard link, or a copy where the disk has none or is another."""
    try:
        os.link(os.path.realpath(file), into)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:
        with part_of(into) as written:
            shutil.copyfile(file, written)
