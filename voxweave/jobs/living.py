"""Whether a process that a file names is there still, and the same one."""

import os
from pathlib import Path

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
