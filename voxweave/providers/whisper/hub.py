"""Fetching a model from a hub: checked file by file, continued where it broke off, whole or not there."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from voxweave.core.text import printable
from voxweave.errors import (
    KeyRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    StorageError,
)
from voxweave.media.files import write_atomically
from voxweave.media.stopping import StopSignal
from voxweave.providers.answers import NotThere, judged
from voxweave.providers.ask import Patience, ask
from voxweave.providers.download import Parcel, fetch
from voxweave.providers.http import Http, Question, Times
from voxweave.providers.whisper.catalog import WEIGHTS, Model, ModelFile
from voxweave.providers.whisper.store import NOTE, Kept, kept_as, lacking, matches

_SPARE_BYTES = 64 << 20
_ABSURD = 1 << 50  # bytes of a file
_LOOK_S = 0.25
_PARTS = re.compile(
    r"config\.json|preprocessor_config\.json|model\.bin|tokenizer\.json|vocabulary\.(?:txt|json)"
)
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_HINT = "without it: name a model's folder with --speech-model, or put the words beside the narration"


@dataclass(frozen=True)
class Wire:
    """How to reach a hub, how slow it may be, and who is told how far it is (0 to 1)."""

    hub: str
    stop: StopSignal
    advance: Callable[[float], None]
    connect_s: float = 4.0
    grace_s: float = 60.0
    slowest_bps: float = 20_000.0
    pause_s: float = 1.0

    @contextmanager
    def opened(self, size: int = 0) -> Iterator[Http]:
        """A connection for a file of so many bytes."""
        times = Times(connect=self.connect_s, transfer=self.grace_s + size / self.slowest_bps)
        http = Http(self.hub, self.stop, times=times)
        try:
            yield http
        finally:
            http.close()


def fetched(model: Model, folder: Path, wire: Wire) -> Kept:
    """The model in our folder; whoever else fetches it at this moment does it for us."""
    with _hub_errors(wire.hub, model.name):
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / model.place
        with _alone(place.with_name(f"{place.name}.lock"), wire.stop):
            here = kept_as(model, folder)
            if here is not None:
                return here
            _check_room(folder, model)
            return _assembled(model, place, wire)


def described(repo: str, wire: Wire) -> Model:
    """What a hub says of a repository nobody has told us about: its newest commit and each file's hash.

    This is trust on first use: what is noted beside the model is what it is held to from then on.
    """
    with _hub_errors(wire.hub, repo), wire.opened() as http:
        answer = http.ask(Question("GET", f"api/models/{repo}/revision/main?blobs=true"))
        if answer.status != 200:
            raise judged(answer, create=False)
        told = answer.told()
        files = {
            str(one.get("rfilename")): one for one in told.get("siblings") or () if isinstance(one, dict)
        }
        parts = {name: _file(one) for name, one in files.items() if _PARTS.fullmatch(name)}
        revision = str(told.get("sha"))
        if WEIGHTS not in parts or not _COMMIT.fullmatch(revision) or not all(map(_certain, parts.values())):
            raise ProviderError(
                f"{repo} holds no Whisper model for CTranslate2", hint="it takes model.bin and its hash"
            )
        return Model(name=repo, repo=repo, revision=revision, files=parts, first_use=True)


def _file(told: dict[str, Any]) -> ModelFile:
    """A file by its SHA-256, where the hub keeps large ones so, or by Git's own id."""
    lfs = told.get("lfs")
    large = lfs if isinstance(lfs, dict) else {}
    size = large.get("size", told.get("size"))
    return ModelFile(
        bytes=size if isinstance(size, int) and size < _ABSURD else 0,
        sha256=str(large.get("sha256") or large.get("oid") or "").removeprefix("sha256:"),
        git=str(told.get("blobId") or ""),
    )


def _certain(file: ModelFile) -> bool:
    return file.bytes > 0 and bool(file.sha256 or file.git)


def _assembled(model: Model, place: Path, wire: Wire) -> Kept:
    """Every file in a part folder, which takes its name when all of them are right."""
    part = place.with_name(f"{place.name}.part")
    part.mkdir(exist_ok=True)
    done, reached = 0, False
    for name, file in sorted(model.files.items(), key=lambda entry: entry[1].bytes):
        if not matches(part / name, file, wire.stop):
            _piece(model, part / name, wire, done=done, reached=reached)
            reached = True
        done += file.bytes
    missing = lacking(part)
    if missing:
        raise ProviderError(f"{model.repo} has no {missing}", hint="take another model")
    write_atomically(part / NOTE, model.to_json())
    if place.exists():  # an older one that is no longer whole
        shutil.rmtree(place)
    part.replace(place)
    return Kept(place, model)


def _piece(model: Model, final: Path, wire: Wire, *, done: int, reached: bool) -> None:
    """One file; if it is not what it should be it is removed."""
    file = model.files[final.name]
    with wire.opened(file.bytes) as http:
        parcel = Parcel(
            str(http.under(f"{model.repo}/resolve/{model.revision}/{final.name}")),
            most_bytes=file.bytes,
            heard=lambda share: wire.advance((done + share * file.bytes) / model.bytes),
        )
        _patiently(lambda: _once(http, parcel, final), final, wire, reached=reached)
    if not matches(final, file, wire.stop):
        final.unlink(missing_ok=True)
        raise ProviderError(
            f"{final.name} of the speech model {model.name} is not what was published: refused and removed",
            hint="the hub or something on the way changed it; check hub, or try another line",
        )


def _patiently(try_once: Callable[[], None], final: Path, wire: Wire, *, reached: bool) -> None:
    """Asked for again where it broke off.

    Until something has come there may be no hub to be had at all: that is tried once, for a fallback is
    not kept waiting.
    """
    if not reached:
        try:
            return try_once()
        except ProviderFailed:
            if not final.with_name(f"{final.name}.part").exists():
                raise
    return ask(try_once, wire.stop, patience=Patience(first_s=wire.pause_s))


class _Missing(ProviderError):
    """The hub has no such file: not worth asking again."""


def _once(http: Http, parcel: Parcel, final: Path) -> None:
    try:
        fetch(http, parcel, final)
    except NotThere as error:
        raise _Missing(str(error)) from error


def _check_room(folder: Path, model: Model) -> None:
    """StorageError unless what is still to come fits on the disk."""
    part = folder / f"{model.place}.part"
    have = sum(one.stat().st_size for one in part.glob("*") if one.is_file())
    need, free = model.bytes - have + _SPARE_BYTES, shutil.disk_usage(folder).free
    if free < need:
        raise StorageError(
            f"{printable(str(folder))} has {free >> 20} MB free, the speech model {model.name} needs {need >> 20}"
        )


@contextmanager
def _alone(lock: Path, stop: StopSignal) -> Iterator[None]:
    """Nobody else fetches this model meanwhile; the wait for whoever does ends with a stop."""
    guard = FileLock(lock)
    while not _taken(guard):
        stop.wait(_LOOK_S)
    try:
        yield
    finally:
        guard.release()


def _taken(guard: FileLock) -> bool:
    try:
        guard.acquire(timeout=0)
    except Timeout:
        return False
    except NotImplementedError:  # a file system without locks: two at once only fetch twice
        pass
    return True


@contextmanager
def _hub_errors(hub: str, name: str) -> Iterator[None]:
    """Say which hub and which model, and what can be done without them."""
    place, model = printable(hub, most=80), printable(name, most=80)
    try:
        yield
    except ProviderUnreachable as error:
        raise ProviderUnreachable(
            f"the speech model {model} cannot be fetched from {place}: {error}", hint=_HINT
        ) from error
    except (_Missing, NotThere, KeyRefused) as error:
        raise ProviderError(
            f"{place} does not give the speech model {model}: {error}", hint="check its name and hub"
        ) from error
    except (ProviderFailed, ProviderBusy) as error:
        raise ProviderFailed(
            f"fetching the speech model {model} broke off: {error}",
            hint="run again: it goes on where it ended",
        ) from error
    except RefusedError as error:
        raise ProviderError(f"{place}, the speech model {model}: {error}", hint=_HINT) from error
    except StorageError as error:
        raise StorageError(
            str(error), hint="free some space, or keep models elsewhere: folder of the provider whisper"
        ) from error
    except OSError as error:
        raise StorageError(
            f"the folder of speech models takes no file: {error.strerror}",
            hint="mend its rights, or keep models elsewhere: folder of the provider whisper",
        ) from error
