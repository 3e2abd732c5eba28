"""What the bytes of an opened file come to, known again without reading them while nobody has written to it."""

import hashlib
import os

_MOST = 4096
"""So many files are remembered; a worker lives for months."""

_Mark = tuple[int, ...]
_known: dict[_Mark, str] = {}


def digest_of(fd: int) -> str:
    """The SHA-256 of all the bytes, read anew; the descriptor stands at their start again."""
    mark = _mark(fd)
    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, "rb", closefd=False) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    os.lseek(fd, 0, os.SEEK_SET)
    if mark == _mark(fd):
        if len(_known) >= _MOST:
            _known.clear()
        _known[mark] = digest
    return digest


def known_digest_of(fd: int) -> str:
    """The same, but not read again where the file is as it was when it was read last."""
    return _known.get(_mark(fd)) or digest_of(fd)


def _mark(fd: int) -> _Mark:
    """Changes with every write: the time of change cannot be set back as that of the content can."""
    status = os.fstat(fd)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
