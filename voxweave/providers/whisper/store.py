"""Models on this disk: in our own folder, in the hub's plain cache, or wherever a user keeps one."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from voxweave.core.text import printable
from voxweave.errors import DependencyError
from voxweave.media.stopping import StopSignal
from voxweave.providers.whisper.catalog import WEIGHTS, Model, ModelFile, catalog

NOTE = "model.json"
"""What a folder of ours says of the model in it."""

_NEEDED = (WEIGHTS, "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.txt", "vocabulary.json")
_BLOCK = 1 << 22
_EVERY_LANGUAGE = 51_865
"""Entries in the smallest vocabulary that has tokens for languages; English-only models have one fewer."""


@dataclass(frozen=True)
class Kept:
    """A model that is here; without `model` it is a folder of the user's own, taken as it is."""

    path: Path
    model: Model | None = None

    @property
    def name(self) -> str:
        """What to call it."""
        return self.model.name if self.model else printable(self.path.name, most=60)


def lacking(folder: Path) -> str:
    """The first file a Whisper model for CTranslate2 needs and this folder does not have; empty for none."""
    for name in _NEEDED:
        if not (folder / name).is_file():
            return name
    return "" if any((folder / name).is_file() for name in _VOCABULARIES) else _VOCABULARIES[0]


def english_only(folder: Path) -> bool:
    """Whether a user's own model hears English alone, as far as its vocabulary tells."""
    try:
        with (folder / _VOCABULARIES[0]).open("rb") as lines:
            return sum(1 for _ in lines) < _EVERY_LANGUAGE
    except OSError:  # the large models' vocabulary is JSON, and they know every language
        return False


def kept(folder: Path, hub_cache: Path) -> dict[str, Kept]:
    """By name, the models that are whole here; ours go before the hub's."""
    ours = {one.name: one for one in _ours(folder)}
    plain = {name: one for name, model in catalog().items() if (one := _in_hub_cache(model, hub_cache))}
    return {**plain, **ours}


def kept_as(model: Model, folder: Path) -> Kept | None:
    """This revision of a model in our folder, when it is whole."""
    place = folder / model.place
    try:
        noted = Model.model_validate_json((place / NOTE).read_bytes())
    except (OSError, ValidationError):
        return None
    return Kept(place, noted) if _whole(noted, place) else None


def check(one: Kept, stop: StopSignal) -> None:
    """Read every byte of a model we know; DependencyError for a file that is not what it should be."""
    for name, file in one.model.files.items() if one.model else ():
        if not matches(one.path / name, file, stop):
            raise DependencyError(
                f"the speech model {one.name} is damaged: {name} in {printable(str(one.path))} has changed",
                hint="delete that folder; the model is fetched again",
            )


def matches(path: Path, file: ModelFile, stop: StopSignal) -> bool:
    """Whether the bytes are those the hash was made of."""
    try:
        size = path.stat().st_size
        if size != file.bytes:
            return False
        if file.sha256:
            return _digest(path, hashlib.sha256(), stop) == file.sha256
        git = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)  # Git's own way to name a file
        return bool(file.git) and _digest(path, git, stop) == file.git
    except OSError:
        return False


def weights_hash(one: Kept, stop: StopSignal) -> str:
    """The SHA-256 of the weights; read only where nobody has noted it."""
    if one.model and one.model.files[WEIGHTS].sha256:
        return one.model.files[WEIGHTS].sha256
    try:
        return _digest(one.path / WEIGHTS, hashlib.sha256(), stop)
    except OSError as error:
        raise DependencyError(
            f"the speech model in {printable(str(one.path))} cannot be read: {error.strerror}",
            hint="check the folder, or name another with --speech-model",
        ) from error


def size_of(one: Kept) -> int:
    """Bytes of its weights on disk."""
    try:
        return (one.path / WEIGHTS).stat().st_size
    except OSError:  # gone since we looked: what loads it will say so
        return 0


def _digest(path: Path, digest: "hashlib._Hash", stop: StopSignal) -> str:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            stop.check()
            digest.update(block)
    return digest.hexdigest()


def _ours(folder: Path) -> Iterator[Kept]:
    try:
        places = sorted(folder.iterdir())
    except OSError:  # no folder yet
        return
    for place in places:
        try:
            noted = Model.model_validate_json((place / NOTE).read_bytes())
        except (OSError, ValidationError):
            continue
        if noted.place == place.name and _whole(noted, place):
            yield Kept(place, noted)


def _in_hub_cache(model: Model, cache: Path) -> Kept | None:
    """What another program of the hub's has fetched, at the revision we know."""
    for repo in (model.repo, *model.was):
        place = cache / f"models--{repo.replace('/', '--')}" / "snapshots" / model.revision
        if _whole(model, place):
            return Kept(place, model)
    return None


def _whole(model: Model, place: Path) -> bool:
    """Whether every file is there in its full size; its bytes are read when it is used."""
    try:
        return all((place / name).stat().st_size == file.bytes for name, file in model.files.items())
    except OSError:
        return False
