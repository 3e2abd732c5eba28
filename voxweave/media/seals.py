"""Vouching for files of our own that stay on the disk from one run to the next."""

from pathlib import Path

from voxweave.media.files import fingerprint, write_atomically

SEAL = ".sha256"


def seal(file: Path, final: Path) -> None:
    """Note the bytes of a file that is about to become `final`; the note comes first, so no file lacks one."""
    write_atomically(final.with_suffix(SEAL), fingerprint(file).sha256)


def intact(file: Path) -> bool:
    """Whether a file is there and holds what it held when it was sealed."""
    note = file.with_suffix(SEAL)
    if not (file.is_file() and note.is_file() and file.stat().st_size):
        return False
    return note.read_text("ascii", "replace") == fingerprint(file).sha256
