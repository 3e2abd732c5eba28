"""What a disk's failures are called, and the way out of each."""

import errno
import os

from voxweave.core.text import printable
from voxweave.errors import StorageError

DISK_FAULTS = {
    errno.ENOSPC: ("the disk is full", "free some space and run again; what is finished is kept"),
    errno.EDQUOT: ("the disk quota is used up", "free some space and run again; what is finished is kept"),
    errno.EROFS: ("the disk is read-only", "choose another place with -o or --work"),
    errno.EFBIG: ("the file grew larger than the disk allows", "choose another place with -o or --work"),
    errno.EIO: ("the disk fails", "check the disk, or choose another place with -o or --work"),
    errno.ESTALE: (
        "the network disk lost what was there",
        "run again when it is back; what is finished is kept",
    ),
}


def told_of_disk(error: Exception) -> Exception:
    """A disk's failure in our words, for any look at any file may meet one; every other error as it is."""
    if not isinstance(error, OSError) or error.errno not in DISK_FAULTS:
        return error
    fault, hint = DISK_FAULTS[error.errno]
    where = f" at {printable(os.fsdecode(error.filename))}" if isinstance(error.filename, str | bytes) else ""
    told = StorageError(f"{fault}{where}", hint=hint)
    told.__cause__ = error
    return told
