"""The only place that speaks to a shared store: obstore's calls with our patience and in our words."""

import errno
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeVar

from voxweave.core.addresses import StorePlace, hidden, store_place
from voxweave.core.redaction import learn, redacted
from voxweave.core.text import printable
from voxweave.errors import DependencyError, StorageBusy, StorageError, UsageError
from voxweave.jobs.patience import Away, Patience
from voxweave.media.stopping import StopSignal
from voxweave.places import expanded

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

Answer = TypeVar("Answer")

_PART_BYTES, _PARTS_AT_ONCE = 8 << 20, 3
_ANSWER_S, _CONNECT_S = 120, 5
"""A part of 8 MB must pass within the first, also where the line is thin."""
_OWN_RETRIES = 2
"""By obstore itself, within a second: so that one lost packet does not cost a whole upload."""
_LASTING = {
    errno.ENOSPC: "it is full", errno.EDQUOT: "its quota is used up", errno.EROFS: "it is read-only",
    errno.EACCES: "it may not be written to", errno.EPERM: "it may not be written to",
    errno.ENOTDIR: "it is not a folder", errno.EFBIG: "the file is too large for it",
}  # fmt: skip
_PASSING = (408, 409, 425, 429)
_OUR_CLOCK = ("RequestTimeTooSkewed", "RequestExpired")
_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,80})</Code>")
_HALF_WRITTEN = re.compile(r"[^#]+#\d+")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
         "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_SKIP_SIGNATURE")  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """Something in the store: its name, its size, and when it was written (Unix seconds)."""

    name: str
    size: int
    written_at: float


class Bucket:
    """Bytes by name. Every call waits while the store is away, as long as its patience lasts."""

    def __init__(self, store: "ObjectStore", shown: str, stop: StopSignal, patience: Patience) -> None:
        self._store, self.shown, self._stop, self._patience = store, shown, stop, patience

    def tidy(self, folders: Sequence[str], older_than_s: float) -> None:
        """Take away what writers that were killed left half-written in a folder; a bucket sees to that by its rules.

        Only below these folders, and only by the names the library gives: what else lies there is not ours.
        """
        from obstore.store import LocalStore

        root = self._store.prefix if isinstance(self._store, LocalStore) else None
        for file in (file for name in folders for file in (Path(root) / name).rglob("*#*")) if root else ():
            try:
                if _HALF_WRITTEN.fullmatch(file.name) and time.time() - file.stat().st_mtime > older_than_s:
                    file.unlink()
            except OSError:  # another was first
                continue

    def try_again(self) -> None:
        """Ask once more at once, though the store was waited for in vain a moment ago."""
        self._patience.try_again()

    def head(self, name: str, *, patient: bool = True) -> Listed | None:
        """What is known of a name; None where there is nothing."""
        meta = self._asked(lambda: self._headed(name), patient=patient)
        return Listed(name, meta["size"], meta["last_modified"].timestamp()) if meta else None

    def _headed(self, name: str) -> "ObjectMeta":
        """What is known of a name; a refusal in the words of a GET's, for a HEAD's has none."""
        import obstore
        from obstore.exceptions import BaseError

        try:
            return obstore.head(self._store, name)
        except BaseError as error:
            status = _STATUS.search(str(error))
            if status and status[1] == "403" and not _CODE.search(str(error)):
                obstore.get_range(self._store, name, start=0, length=1)
            raise

    def get(self, name: str) -> bytes | None:
        """All bytes of something small, or None."""
        import obstore

        return self._asked(lambda: bytes(obstore.get(self._store, name).bytes()))

    def piece(self, name: str, start: int, length: int) -> bytes | None:
        """Some bytes from a place on; fewer where it ends before, None where there is nothing."""
        import obstore

        return self._asked(lambda: bytes(obstore.get_range(self._store, name, start=start, length=length)))

    def put(self, name: str, content: bytes, *, patient: bool = True) -> None:
        """Write something small, whole or not at all."""
        import obstore

        self._needed(lambda: obstore.put(self._store, name, content, use_multipart=False), patient=patient)

    def send(self, name: str, stream: IO[bytes], *, patient: bool = True) -> None:
        """Write a file of any size, in parts that are seen together or not at all."""
        import obstore

        def sent() -> object:
            stream.seek(0)
            return obstore.put(
                self._store, name, stream, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE
            )

        self._needed(sent, patient=patient)

    def delete(self, name: str) -> None:
        """Take it away, if it is there."""
        import obstore

        self._asked(lambda: obstore.delete(self._store, name))

    def listed(self, below: str) -> list[Listed]:
        """All below a folder's name."""
        import obstore

        def found() -> list[Listed]:
            return [
                Listed(meta["path"], meta["size"], meta["last_modified"].timestamp())
                for batch in obstore.list(self._store, prefix=below, chunk_size=1000)
                for meta in batch
            ]

        return self._asked(found) or []

    def _needed(self, question: Callable[[], object], *, patient: bool) -> None:
        """A write; a name that is not found then is the bucket's own."""
        if self._asked(lambda: question() or True, patient=patient) is None:
            raise StorageError(f"there is no {self.shown}", hint="make the bucket or the folder first")

    def _asked(self, question: Callable[[], Answer], *, patient: bool = True) -> Answer | None:
        """The answer, or None for a name that is not there."""
        try:
            return self._patience.ask(lambda: self._spoken(question), self._stop, patient=patient)
        except FileNotFoundError:
            return None
        except Away as error:
            raise StorageBusy(
                f"{self.shown} does not answer: {error}",
                hint="check that it runs and can be reached, then run again",
            ) from error

    def _spoken(self, question: Callable[[], Answer]) -> Answer:
        """Speak of the library's failures in our words: Away where waiting may help."""
        from obstore.exceptions import BaseError

        try:
            return question()
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise StorageError(f"there is no {self.shown}", hint="make the bucket first") from error
            raise
        except (BaseError, OSError) as error:
            fault = _fault(str(error))
            if fault is None:
                raise Away(_short(str(error))) from error
            raise StorageError(f"{self.shown} cannot be used: {fault}", hint=_hint(str(error))) from error


def open_bucket(address: str, stop: StopSignal, patience_s: float) -> Bucket:
    """The store at an address; UsageError for what is none."""
    try:
        place = store_place(address)
    except ValueError as error:
        raise UsageError(
            f"artifacts: {printable(hidden(address), most=200)} is no shared store: {error}",
            hint="name a folder, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME",
        ) from None
    try:
        import obstore  # noqa: F401  is it here?
    except ImportError as error:
        raise DependencyError(
            "a shared store needs the package obstore", hint="pip install 'voxweave-film[cluster]'"
        ) from error
    store = _folder(place.folder) if place.folder else _s3(place)
    shown = printable(hidden(address), most=400)
    return Bucket(store, f"shared store {shown}", stop, Patience(f"the shared store {shown}", patience_s))


def _folder(folder: Path) -> "ObjectStore":
    from obstore.store import LocalStore

    whole = expanded(folder).absolute()
    try:
        whole.mkdir(parents=True, exist_ok=True)
        return LocalStore(whole)
    except OSError as error:
        raise StorageError(
            f"the shared folder {printable(str(whole))} cannot be used: {error.strerror}",
            hint="name another with --artifacts",
        ) from error
    except ValueError as error:  # a zero byte
        raise UsageError(
            f"artifacts: {printable(str(folder))} names no folder", hint="name another with --artifacts"
        ) from error


def _s3(place: StorePlace) -> "ObjectStore":
    from obstore.store import S3Store

    learn(
        place.secret, *(os.environ.get(name, "") for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
    )
    endpoint = place.endpoint or os.environ.get("AWS_ENDPOINT_URL", "")
    if endpoint and not place.key_id and not any(os.environ.get(name) for name in _KEYS):
        raise UsageError(
            f"the shared store {printable(place.bucket)} wants a key, and there is none",
            hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        )
    named: Mapping[str, str] = {
        "prefix": place.prefix,
        "endpoint": place.endpoint,
        "region": place.region
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or "us-east-1",
        "access_key_id": place.key_id,
        "secret_access_key": place.secret,
    }
    return S3Store(
        place.bucket,
        client_options={
            "allow_http": True,
            "timeout": timedelta(seconds=_ANSWER_S),
            "connect_timeout": timedelta(seconds=_CONNECT_S),
        },
        retry_config={
            "max_retries": _OWN_RETRIES,
            "retry_timeout": timedelta(seconds=3),
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        },
        **{name: value for name, value in named.items() if value},  # type: ignore[arg-type]  # words only
    )


def _fault(text: str) -> str | None:
    """What is lastingly wrong; None where it may pass."""
    number = _OS_ERROR.search(text)
    if number:
        return _LASTING.get(int(number[1]))
    status, code = _STATUS.search(text), _CODE.search(text)
    if not status or int(status[1]) >= 500 or int(status[1]) in _PASSING or (code and code[1] in _OUR_CLOCK):
        return None
    return _short(text)


def _short(text: str) -> str:
    """A failure in a few words, without addresses."""
    status, code = _STATUS.search(text), _CODE.search(text)
    if status:
        clock = "; this machine's clock is off" if code and code[1] in _OUR_CLOCK else ""
        return f"it answered {status[1]}{f' ({code[1]})' if code else ''}{clock}"
    if "error sending request" in text:
        return "no connection"
    first = text.partition("\n")[0].partition("Debug source")[0]
    return printable(redacted(first.rpartition(" - ")[2].strip()), most=200)


def _hint(text: str) -> str:
    status = _STATUS.search(text)
    if status and status[1] in ("401", "403"):
        return "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, what they may do, and the clock"
    return "free some space, or name another store" if _OS_ERROR.search(text) else "check its address"
