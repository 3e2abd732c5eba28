"""Processes that a file names: whether they are there still, and the same ones, and asking them to end."""

import os
import signal
from pathlib import Path

from voxweave.errors import StorageError
from voxweave.jobs.clock import boot_id


def alive(pid: int, since: str) -> bool:
    """Whether the process is there, and the one that began then."""
    if since:
        return started(pid) == since
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's, and there
        return True
    return True


def started(pid: int) -> str:
    """When a process began, in this boot; empty for none, a dead one, or where the kernel does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    state, *fields = stat.rpartition(b")")[2].split()  # the name before it may hold anything
    return "" if state in (b"Z", b"X") or not boot_id() else f"{boot_id()}-{fields[18].decode()}"


def ask_to_end(pid: int) -> None:
    """Send SIGTERM; one that is gone needs none. StorageError for one of another user's."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise StorageError(f"process {pid} belongs to somebody else") from error
