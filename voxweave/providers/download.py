"""Fetching what was made and paid for: counted, timed, continued where it broke off, never glued."""

import errno
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from pydantic import ValidationError

from voxweave.core.value import Value
from voxweave.errors import ProviderBusy, ProviderFailed, RefusedError, StorageError
from voxweave.providers.answers import DIGITS, Answer, NotThere, judged, shown
from voxweave.providers.http import Http, TooMuch, raw_chunks, spoken

MOST_CLIP = 512 << 20
_HEAD = 16  # bytes that tell what a file is
_ERROR_BYTES = 64 << 10
_RANGE = re.compile(r"bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
_PASSING = (408, 425, 429)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Parcel:
    """What to fetch, and how to know it by its first bytes: `fits` says what is wrong with them.

    `heard` is told how much of it is there, from 0 to 1, where its length is known.
    """

    address: str
    key: str = ""
    most_bytes: int = MOST_CLIP
    fits: Callable[[bytes], str] = lambda _: ""
    heard: Callable[[float], None] = lambda _: None


class _Begun(Value):
    """What is known of a part on disk; without a strong tag nothing is ever continued."""

    etag: str
    length: int


def clip_fault(head: bytes) -> str:
    """Why these first bytes are no MP4 or MOV; empty when they may be one."""
    if head[4:8] in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"):
        return ""
    return f"it is no clip, it begins with {shown(head.decode('latin-1'))!r}" if head else "it is empty"


def picture_fault(head: bytes) -> str:
    """Why these first bytes are no PNG, JPEG or WebP; empty when they are."""
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or head[8:12] == b"WEBP":
        return ""
    return f"it is no picture, it begins with {shown(head.decode('latin-1'))!r}" if head else "it is empty"


def fetch(http: Http, parcel: Parcel, final: Path) -> Path:
    """The whole file at `final`; what came of it before a failure waits in `NAME.part` for the next try.

    NotThere says by its status that it is not to be had; ProviderFailed may pass.
    """
    part, note = final.with_name(f"{final.name}.part"), final.with_name(f"{final.name}.part.json")
    begun, have = _left_over(part, note)
    asked = {"Range": f"bytes={have}-", "If-Range": begun.etag} if begun else {}
    with _disk(final), spoken(), http.watch.within(http.times.transfer):
        with http.opened(parcel.address, asked, parcel.key) as answer, _dropped(part, note):
            have = have if begun and _continues(answer, begun, have) else 0
            if not have:
                _start_over(answer, part, note)
            _save(answer, part, have, parcel)
        _flushed(part)
        part.replace(final)
        note.unlink(missing_ok=True)
    return final


def _left_over(part: Path, note: Path) -> tuple[_Begun | None, int]:
    """What an earlier try left, if it can be continued."""
    try:
        begun = _Begun.model_validate_json(note.read_bytes())
        have = part.stat().st_size
    except (OSError, ValidationError):
        return None, 0
    return (begun, have) if 0 < have < begun.length else (None, 0)


def _continues(answer: httpx.Response, begun: _Begun, have: int) -> bool:
    """Whether this is the rest of the same file: the same tag, from where we are, to the same end."""
    if answer.status_code != 206:
        return False
    found = _RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    same = found and [int(number) for number in found.groups()] == [have, begun.length - 1, begun.length]
    return bool(same) and answer.headers.get("etag", begun.etag) == begun.etag


def _start_over(answer: httpx.Response, part: Path, note: Path) -> None:
    """Begin an empty part, and note how it could be continued; a part of another file is no beginning.

    A server that only has trouble at the moment costs nothing of what is there.
    """
    if answer.status_code < 500 and answer.status_code not in _PASSING:
        note.unlink(missing_ok=True)
    if answer.status_code != 200:
        raise _no_file(answer)
    part.write_bytes(b"")
    etag, length = answer.headers.get("etag", ""), answer.headers.get("content-length", "")
    if (
        etag.startswith('"') and DIGITS.fullmatch(length) and len(etag) < 200
    ):  # a weak tag (W/) names no bytes
        note.write_text(_Begun(etag=etag, length=int(length)).to_json(), encoding="utf-8")


def _save(answer: httpx.Response, part: Path, have: int, parcel: Parcel) -> None:
    """Write what arrives behind what is there; the first bytes decide whether it is worth it."""
    coming = answer.headers.get("content-length", "")
    whole = have + int(coming) if DIGITS.fullmatch(coming) else 0
    with part.open("r+b") as file:
        head = file.read(_HEAD)
        file.seek(have)
        for chunk in raw_chunks(answer, parcel.most_bytes - have):
            if len(head) < _HEAD:
                head += chunk[: _HEAD - len(head)]
                if len(head) == _HEAD:
                    _look(head, parcel)
            file.write(chunk)
            if whole:
                parcel.heard(min(file.tell() / whole, 1.0))
    _look(head, parcel)


def _look(head: bytes, parcel: Parcel) -> None:
    fault = parcel.fits(head)
    if fault:
        raise _Unfit(f"what the provider sent cannot be used: {fault}")


class _Unfit(ProviderFailed):
    """Bytes that are no beginning of what we want."""


@contextmanager
def _dropped(part: Path, note: Path) -> Iterator[None]:
    """Leave nothing of what can be of no use to the next try."""
    try:
        yield
    except (TooMuch, _Unfit) as error:
        part.unlink(missing_ok=True)
        note.unlink(missing_ok=True)
        if isinstance(error, TooMuch):
            raise RefusedError(f"what the provider sent was not taken: {error}") from error
        raise


def _no_file(answer: httpx.Response) -> Exception:
    """The error an answer without a file stands for."""
    body = b""
    try:
        for chunk in raw_chunks(answer, _ERROR_BYTES):
            body += chunk
    except TooMuch:  # its first bytes, or its status alone, must do
        pass
    told = Answer(answer.status_code, dict(answer.headers.items()), body)
    error = judged(told, create=False)
    if 200 <= told.status < 300:
        return ProviderFailed(f"the provider sent no file ({told.status})")
    if 400 < told.status < 500 and not isinstance(error, ProviderFailed | ProviderBusy):
        return error if told.status == 401 else NotThere(str(error), status=told.status)
    return error


def _flushed(part: Path) -> None:
    fd = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


@contextmanager
def _disk(final: Path) -> Iterator[None]:
    """Speak of a disk's failures in our words; the network's have been translated by then."""
    try:
        yield
    except OSError as error:
        full = error.errno in _FULL
        raise StorageError(
            f"{'the disk is full' if full else error.strerror} while fetching {final.name}",
            hint="free some space and run again; what was paid for is fetched then",
        ) from error
