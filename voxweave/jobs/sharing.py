"""What one run shares with other machines besides kept files: results of steps, with the files they name."""

import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from voxweave.core.travelling import files_in, relocated
from voxweave.core.value import MediaFile, Value
from voxweave.errors import InputError, StorageError
from voxweave.jobs.artifacts import TEXTS, Artifacts, Missing, Wrong, opened, sealed
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.owed import Owed, Parcel
from voxweave.jobs.shared import SharedStore
from voxweave.jobs.store import SUFFIX
from voxweave.media.files import fingerprint, holds
from voxweave.media.fonts import fonts_folder
from voxweave.media.stopping import StopSignal

Result = TypeVar("Result", bound=Value)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sharing:
    """A shared store as one run uses it: a convenience that never costs a film."""

    artifacts: Artifacts
    owed: Owed

    @property
    def mark(self) -> str:
        """A name for the store, to note what is in it."""
        return fingerprint_of(self.artifacts.shown)[:16]

    def store(self, root: Path) -> SharedStore:
        """A store of kept files, here and shared."""
        return SharedStore(root, self.artifacts, self.owed)

    def settle(self) -> None:
        """Publish what could not be published so far."""
        self.owed.settle()

    def find(
        self, name: str, shape: TypeAdapter[Result], known: Iterable[MediaFile], into: Path
    ) -> Result | None:
        """A result that another machine came to, its files brought `into` a folder; None where there is none.

        What a file of ours in `known` holds is not brought.
        """
        try:
            text = self.artifacts.note(name)
            return None if text is None else self._result(text, shape, _Files(self.artifacts, known, into))
        except (Missing, Wrong, ValueError, ValidationError) as error:
            _LOG.warning("the shared result %s cannot be used and is made again: %s", name, error)
            self._drop(name)
        except StorageError as error:
            self.owed.away(error)
        return None

    def publish(
        self, name: str, made: Value, known: Iterable[MediaFile], *, done: Callable[[], None] = lambda: None
    ) -> None:
        """Share a result: its files first, so that no note speaks of what is not there; `done` is told at last."""
        try:
            text, files = _packed(made, {media.sha256 for media in known})
        except InputError as error:
            _LOG.warning("%s is not shared: %s", name, error)
            return
        self.owed.publish(Parcel(note=name, text=text, files=files), done)

    def share_file(self, media: MediaFile) -> None:
        """Share a file that others may ask for by its content."""
        self.owed.publish(Parcel(files=(media,)))

    def brought(self, media: MediaFile, into: Path) -> MediaFile | None:
        """A file that another machine shared, in a folder here; None where it cannot be had."""
        try:
            return _Files(self.artifacts, (), into).media(media)
        except (Missing, Wrong):
            return None
        except StorageError as error:
            self.owed.away(error)
            return None

    def text(self, name: str) -> str | None:
        """A text that another machine had written."""
        try:
            found = self.artifacts.note(f"{TEXTS}/{name}")
            return None if found is None else str(opened(found))
        except ValueError as error:
            _LOG.warning("the shared text %s cannot be used and is made again: %s", name, error)
            self._drop(f"{TEXTS}/{name}")
        except StorageError as error:
            self.owed.away(error)
        return None

    def share_text(self, name: str, text: str) -> None:
        """Share a text."""
        self.owed.publish(Parcel(note=f"{TEXTS}/{name}", text=sealed(text)))

    @staticmethod
    def _result(text: str, shape: TypeAdapter[Result], files: "_Files") -> Result:
        found: Result = relocated(shape.validate_python(opened(text)), files.media, files.loose)
        return found

    def _drop(self, name: str) -> None:
        try:
            self.artifacts.drop_note(name)
        except StorageError as error:
            self.owed.away(error)


class _Files:
    """Brings the files of a result to this machine."""

    def __init__(self, artifacts: Artifacts, known: Iterable[MediaFile], into: Path) -> None:
        self._artifacts, self._into = artifacts, into
        self._known = {media.sha256: media.path for media in known}

    def media(self, media: MediaFile) -> MediaFile:
        """The file as it lies here."""
        return MediaFile(path=self._place(media.sha256, media.path.suffix), sha256=media.sha256)

    def loose(self, path: Path) -> Path:
        """The same for a name that stands for a file's content."""
        own = _own_fonts().get(path.stem)
        return own or self._place(path.stem, path.suffix)

    def _place(self, sha256: str, suffix: str) -> Path:
        if sha256 in self._known:
            return self._known[sha256]
        file = self._into / f"{sha256}{suffix if SUFFIX.fullmatch(suffix) else ''}"
        if not holds(file, sha256):
            self._into.mkdir(parents=True, exist_ok=True)
            self._artifacts.get_file(sha256, file)
        return file.absolute()


def open_sharing(address: str, *, stop: StopSignal, tell: Callable[[str], None]) -> Sharing | None:
    """The store at an address, as a run uses it; None where nothing is shared."""
    if not address:
        return None
    artifacts = Artifacts.open(address, stop=stop)
    return Sharing(artifacts, Owed(artifacts, tell))


@contextmanager
def settled(sharing: Sharing | None) -> Iterator[None]:
    """Make up at the block's end for what could not be shared; where it failed, only note that for the next run."""
    try:
        yield
    except BaseException:
        if sharing is not None:
            sharing.owed.leave()
        raise
    if sharing is not None:
        sharing.settle()


def _packed(made: Value, held: Collection[str]) -> tuple[str, tuple[MediaFile, ...]]:
    """A result without places, and the files that must travel with it; those in `held` need not."""
    files = [media for media in files_in(made) if media.sha256 not in held]

    def loose(path: Path) -> Path:
        media = fingerprint(path)
        if media.sha256 not in _own_fonts():
            files.append(media)
        return _travelling(media)

    plain: Value = relocated(
        made, lambda media: MediaFile(path=_travelling(media), sha256=media.sha256), loose
    )
    return sealed(json.loads(plain.to_json())), tuple(dict.fromkeys(files))


def _travelling(media: MediaFile) -> Path:
    """A file's name on its way: nothing of where it lay here."""
    suffix = media.path.suffix
    return Path(f"{media.sha256}{suffix if SUFFIX.fullmatch(suffix) else ''}")


@cache
def _own_fonts() -> Mapping[str, Path]:
    """The fonts that every installation has, by their content: they stay where they are."""
    return {fingerprint(file).sha256: file for file in fonts_folder().iterdir() if file.is_file()}
