"""Standard streams that are always there: a closed one leads nowhere, and what cannot be told is no bug."""

import io
import os
import sys
from typing import Any, TextIO

from voxweave.core.redaction import without_known
from voxweave.errors import StorageError


class _Discreet(io.FileIO):
    """Lets no known secret out, whoever wrote it: the last net under all that a library or a bug may print."""

    def write(self, words: Any, /) -> int:
        left = without_known(bytes(words))
        while left:
            left = left[super().write(left) :]
        return len(words)


class _Screen(_Discreet):
    """Standard error: where nobody listens, or its disk is full, the work goes on unheard."""

    def write(self, words: Any, /) -> int:
        try:
            return super().write(words)
        except OSError:
            return len(words)


class _Result(_Discreet):
    """Standard output: a reader that has gone away is remembered, a full disk is told as one."""

    unread = False

    def write(self, words: Any, /) -> int:
        try:
            return super().write(words)
        except BrokenPipeError:
            _Result.unread = True
            raise
        except OSError as error:
            raise StorageError(f"standard output cannot be written: {error.strerror}") from error


def stand_in() -> None:
    """Put these in place of Python's own, and open what was closed, before a file of ours takes its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, which is this one
            os.set_inheritable(number, True)
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False)  # noqa: SIM115  a descriptor has no path, and stays open
    sys.stdout = _text(_Result(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(_Screen(2, "w", closefd=False), sys.stderr)


def _text(raw: io.FileIO, before: TextIO | None) -> io.TextIOWrapper:
    """A letter that the terminal lacks must not cost the run."""
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        errors="backslashreplace",
        line_buffering=raw.isatty() or raw.fileno() == 2,
        write_through=getattr(before, "write_through", False),
    )


def flush() -> StorageError | None:
    """Let nothing that cannot be written any more show as a failure at the interpreter's end."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _deaf()
    except StorageError as error:
        _deaf()
        return error
    sys.stderr.flush()
    return None


def unread() -> bool:
    """Whether who read our output has gone away, as `head` does; that is no failure."""
    return _Result.unread


def _deaf() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
