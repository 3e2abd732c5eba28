"""One log per job: what was asked of whom, as lines of JSON, without secrets.

Whoever has something to tell says it to its module's logger, with `extra=core.logline.facts(...)`.
"""

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from voxweave.core.logline import FACTS, shortened_prompt
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import StorageError

ROOT = "voxweave"
NAME = "voxweave.jsonl"
_MOST_CHARS = 4_000
_LOUD = ("httpx", "httpcore", "openai", "urllib3")  # they log whole addresses at INFO, signatures and all


class Redaction(logging.Filter):
    """Takes secrets and signed addresses out of a record: its words, its error's text, its stack."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; it always passes."""
        try:
            words = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that do not fit their words
            words = str(record.msg)
        record.msg, record.args = redacted(words), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text, record.exc_info = redacted(record.exc_text), None
        if record.stack_info:
            record.stack_info = redacted(record.stack_info)
        return True


class JobLog(logging.Handler):
    """Writes records as lines of JSON, and begins a new file when one is full; the oldest goes.

    A log that cannot be written never stops a film.
    """

    def __init__(self, folder: Path, job: str, *, most_bytes: int = 5 << 20, keep: int = 5) -> None:
        super().__init__(logging.DEBUG)
        self.addFilter(Redaction())
        self.file = folder / NAME
        self._job = job
        self._most, self._keep = most_bytes, keep
        self._told = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{printable(str(folder))} cannot be made: {error.strerror}") from error

    def emit(self, record: logging.LogRecord) -> None:
        """Append one line."""
        try:
            line = self._line(record).encode()
            self._turn(len(line))
            # One write call on an appending descriptor: two runs never mix within a line.
            fd = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                os.write(fd, line)
            finally:
                os.close(fd)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002  the library's
        """Say once that the log is not written."""
        if not self._told:
            self._told = True
            sys.stderr.write(f"voxweave: the log {printable(str(self.file), most=400)} cannot be written\n")

    def _line(self, record: logging.LogRecord) -> str:
        row: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name.removeprefix(ROOT + "."),
            "job": self._job,
            "event": record.getMessage()[:_MOST_CHARS],
        }
        for name, value in getattr(record, FACTS, {}).items():
            row[name] = self._shown(name, value)
        if record.exc_text:
            row["trace"] = record.exc_text[-_MOST_CHARS:]
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode() + "\n"

    def _shown(self, name: str, value: object) -> object:
        if isinstance(value, int | float):  # a truth is a number too
            return value
        text = redacted(str(value))
        if name == "prompt":
            return shortened_prompt(text)
        return text[:_MOST_CHARS]

    def _turn(self, coming: int) -> None:
        """Rename the full file to `.1`, that to `.2`, and so on."""
        try:
            full = self.file.stat().st_size + coming > self._most
        except FileNotFoundError:
            return
        if not full:
            return
        for number in range(self._keep - 1, 0, -1):
            older = self.file.with_name(f"{NAME}.{number}")
            if older.exists():
                older.replace(self.file.with_name(f"{NAME}.{number + 1}"))
        if self._keep:
            self.file.replace(self.file.with_name(f"{NAME}.1"))
        else:
            self.file.unlink()


@contextmanager
def job_log(folder: Path, job: str) -> Iterator[JobLog]:
    """Whatever our modules tell while the block runs, each request too, goes to the job's log in `folder`."""
    log = JobLog(folder, job)
    ours = logging.getLogger(ROOT)
    ours.addHandler(log)
    if ours.getEffectiveLevel() > logging.DEBUG:  # what people see has a level of its own
        ours.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        ours.removeHandler(log)
        log.close()


def set_up(verbosity: int = 0, *, stream: TextIO | None = None) -> None:
    """What goes to standard error: warnings, with 1 what happens, with 2 every detail; redacted in any case.

    Other libraries' loggers speak from WARNING on, for at INFO they print whole addresses.
    """
    level = (logging.WARNING, logging.INFO, logging.DEBUG)[min(max(verbosity, 0), 2)]
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Stderr)]:
        root.removeHandler(old)
    screen = _Stderr(stream or sys.stderr)
    screen.setLevel(level)
    screen.addFilter(Redaction())
    screen.setFormatter(_Plain())
    root.addHandler(screen)
    logging.getLogger(ROOT).setLevel(min(level, logging.INFO))
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Stderr(logging.StreamHandler[TextIO]):
    """Ours among the root's handlers, so that a second call takes the place of the first."""


class _Plain(logging.Formatter):
    """One line for people: time, words, facts."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        told: Mapping[str, Any] = getattr(record, FACTS, {})
        shown = (f"{name}={_short(name, value)}" for name, value in told.items())
        return " ".join((super().formatMessage(record), *shown))


def _short(name: str, value: object) -> str:
    text = redacted(str(value))
    return printable(shortened_prompt(text) if name == "prompt" else text)
