"""Files and notes that several machines share: in a folder all can reach, or in an S3-compatible store.

Files go by the SHA-256 of their bytes, so nothing depends on who writes first; what is fetched is
checked. A note says what was made of what, and is written when the files it speaks of are there.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedRandom, BufferedReader
from pathlib import Path
from typing import Any

from voxweave.core.addresses import hidden
from voxweave.core.text import printable
from voxweave.errors import StorageError
from voxweave.jobs.bucket import Bucket, Listed, open_bucket
from voxweave.media.files import disk_errors
from voxweave.media.stopping import StopSignal

BLOBS = "blobs"
KEPT, STEPS, TEXTS = "kept", "steps", "texts"
"""Notes about kept files, `kept/<kind>/<key>.json`, about results, `steps/<stage>/<key>.json`, and texts that cost money."""
NOTES = (KEPT, STEPS, TEXTS)
"""What else lies in the same folder or bucket is somebody else's."""
_LOG = logging.getLogger(__name__)
_CHUNK = 8 << 20
_LEFT_S = 86_400.0
"""A file half-written for so long belongs to a writer that is no more."""
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){1,7}")


class Missing(StorageError):
    """The shared store does not have this file."""


class Wrong(StorageError):
    """What lay in the shared store was not what its name says; it is thrown away."""


class Unreadable(StorageError):
    """The file to be shared cannot be read here; the store has no part in it."""


class Artifacts:
    """One shared store; any thread may use it. Each call waits out an outage, then raises StorageError."""

    def __init__(self, bucket: Bucket, shown: str) -> None:
        self._bucket = bucket
        self.shown = shown

    @classmethod
    def open(cls, address: str, *, stop: StopSignal | None = None, patience_s: float = 60.0) -> "Artifacts":
        """The store at an address; UsageError for what is none. Nothing is asked of it yet."""
        shown = printable(hidden(address), most=400)
        return cls(open_bucket(address, stop or StopSignal(), patience_s), shown)

    def try_again(self) -> None:
        """Ask once more at once, though the store was waited for in vain a moment ago."""
        self._bucket.try_again()

    def put_file(self, file: Path, *, patient: bool = True) -> str:
        """Keep a file under its SHA-256, which is given back; one that is there already is not sent again."""
        with _readable(file) as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
            listed = self._bucket.head(_blob(sha256), patient=patient)
            if listed is None or listed.size != size:
                self._bucket.send(_blob(sha256), stream, patient=patient)
        return sha256

    def get_file(self, sha256: str, into: Path) -> None:
        """The file's bytes under a name of ours, checked; Missing, or Wrong where the store's copy is harmed.

        What an attempt that was cut had fetched is not fetched again, not even by another run.
        """
        listed = self._bucket.head(_blob(sha256))
        if listed is None:
            raise Missing(f"{self.shown} has no file {sha256[:12]}")
        with disk_errors(into), _part(sha256, into) as stream:
            for _ in range(2):  # what an earlier run left may be what is wrong
                if self._filled(stream, sha256, listed.size):
                    os.fsync(stream.fileno())
                    Path(stream.name).replace(into)
                    return
        self.drop_file(sha256)
        into.with_name(_part_name(sha256)).unlink(missing_ok=True)
        _LOG.warning("the shared store's copy of %s was damaged; it is thrown away", sha256[:12])
        raise Wrong(f"a file in {self.shown} was damaged ({sha256[:12]})")

    def drop_file(self, sha256: str) -> None:
        """Throw a file away; nothing happens where there is none."""
        self._bucket.delete(_blob(sha256))

    def put_note(self, name: str, text: str, *, patient: bool = True) -> None:
        """Write a note, whole or not at all; what was there is replaced."""
        self._bucket.put(_note(name), text.encode(), patient=patient)

    def note(self, name: str) -> str | None:
        """A note's text, or None where there is none."""
        found = self._bucket.get(_note(name))
        return None if found is None else found.decode("utf-8", "replace")

    def has_note(self, name: str, *, patient: bool = True) -> bool:
        """Whether there is a note of this name."""
        return self._bucket.head(_note(name), patient=patient) is not None

    def drop_note(self, name: str) -> None:
        """Throw a note away; nothing happens where there is none."""
        self._bucket.delete(_note(name))

    def notes(self, below: str) -> Iterator[Listed]:
        """The notes in a folder; in all where it is not named. Files of others are passed over."""
        for folder in (below,) if below else NOTES:
            yield from (one for one in self._bucket.listed(folder) if _is_note(one.name))

    def files(self) -> Iterator[Listed]:
        """All files; their names are their SHA-256."""
        for found in self._bucket.listed(BLOBS):
            sha256 = found.name.rpartition("/")[2]
            if _SHA256.fullmatch(sha256) and found.name == _blob(sha256):
                yield Listed(sha256, found.size, found.written_at)

    def tidy(self) -> None:
        """Take away what writers that were killed left half-written."""
        self._bucket.tidy((BLOBS, *NOTES), _LEFT_S)

    def _filled(self, stream: BufferedRandom, sha256: str, size: int) -> bool:
        """Fetch what is not there yet; whether all of it is right. What is not is emptied."""
        if stream.seek(0, os.SEEK_END) > size:
            stream.truncate(0)
        stream.seek(0)
        digest = hashlib.file_digest(stream, "sha256")
        while (at := stream.tell()) < size:
            piece = self._bucket.piece(_blob(sha256), at, min(_CHUNK, size - at))
            if not piece:  # taken away, or shorter than it was
                break
            digest.update(piece)
            stream.write(piece)
            stream.flush()
        if digest.hexdigest() == sha256:
            return True
        stream.truncate(0)
        stream.seek(0)
        return False


def _blob(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is no SHA-256")
    return f"{BLOBS}/{sha256[:2]}/{sha256}"


def _note(name: str) -> str:
    if not _NAMES.fullmatch(name) or name.startswith(f"{BLOBS}/"):
        raise ValueError(f"{name!r} names no note")
    return name


def _is_note(name: str) -> bool:
    return bool(_NAMES.fullmatch(name)) and name.partition("/")[0] in NOTES


def sealed(body: Any) -> str:
    """What a note says, with a hash that vouches for it: a store may harm what it holds."""
    return json.dumps({"sha256": _hash(body), "says": body}, indent=1)


def opened(note: str) -> Any:
    """What a note says; ValueError where it does not say what was written."""
    found = json.loads(note)
    if not isinstance(found, dict) or found.get("sha256") != _hash(found.get("says")):
        raise ValueError("it is not what was written")
    return found["says"]


def _hash(body: Any) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@contextmanager
def _readable(file: Path) -> Iterator[BufferedReader]:
    try:
        stream = file.open("rb")
    except OSError as error:
        raise Unreadable(f"{printable(str(file))} cannot be read: {error.strerror}") from error
    with stream:
        yield stream


def _part_name(sha256: str) -> str:
    """The same in every run, so that the next goes on where one was cut; known to `remove_leftovers`."""
    return f".{sha256[:32]}.vw{sha256[32:44]}.part"


@contextmanager
def _part(sha256: str, into: Path) -> Iterator[BufferedRandom]:
    """The part that a file of this content is fetched to, ours alone while the block lasts."""
    common = into.with_name(_part_name(sha256))
    with common.open("a+b") as stream:
        if _locked(stream):
            yield stream
            return
    own = into.with_name(f".{sha256[:32]}.vw{secrets.token_hex(6)}.part")  # another run fetches the same
    with own.open("a+b") as stream:
        _locked(stream)
        try:
            yield stream
        finally:
            own.unlink(missing_ok=True)


def _locked(stream: BufferedRandom) -> bool:
    """Whether the file is ours alone, and still has its name."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(stream.fileno()), Path(stream.name).stat())
    except OSError:
        return False
