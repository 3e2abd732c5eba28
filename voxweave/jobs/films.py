"""The films a job has made, so that one that is still as we left it is not made again."""

import hashlib
import os
from pathlib import Path

from pydantic import ValidationError

from voxweave.core.value import Value
from voxweave.jobs.job import make_folder
from voxweave.media.files import write_atomically

FOLDER = "films"


class Made(Value):
    """A film as it was when it took its name.

    `asked` names the settings it was made with, `key` all it was made of, `report` is its report as JSON.
    """

    asked: str
    key: str
    bytes: int
    mtime_ns: int
    report: str


def as_made(whole: Path, *, asked: str, key: str, report: str) -> Made:
    """What is to be known of a film that is complete; giving it its name changes neither size nor time."""
    stat = whole.stat()
    return Made(asked=asked, key=key, bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, report=report)


def remember_film(job: Path, film: Path, made: Made) -> None:
    """Note a film that has just been finished, or takes its name next."""
    make_folder(job / FOLDER)
    write_atomically(_note(job, film), made.to_json())


def made_before(job: Path, film: Path) -> Made | None:
    """What is known of a film that lies there untouched; None for anybody else's, and for a link."""
    try:
        made = Made.model_validate_json(_note(job, film).read_bytes())
        stat = film.lstat()
    except (OSError, ValidationError):
        return None
    same = (stat.st_size, stat.st_mtime_ns) == (made.bytes, made.mtime_ns)
    return made if same and not film.is_symlink() else None


def _note(job: Path, film: Path) -> Path:
    real = os.fsencode(film.parent.resolve() / film.name)
    return job / FOLDER / f"{hashlib.sha256(real).hexdigest()[:24]}.json"
