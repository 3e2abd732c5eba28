"""The models we know, as `config/speech.toml` has them, and which of them suit a language and a task."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from voxweave.core.hearing import Task
from voxweave.core.value import Value
from voxweave.resources import resource

WEIGHTS = "model.bin"

_NEWEST, _NEW_VOCABULARY = "yue", "vocabulary.json"
"""Cantonese came with the third large model, and so did another form of vocabulary."""

_ALSO = {"turbo": "large-v3-turbo", "large": "large-v3"}


class ModelFile(Value):
    """How a file is known: by its SHA-256, or by the id Git gives it where the hub publishes no more."""

    bytes: int
    sha256: str = ""
    git: str = ""


class Model(Value):
    """A model at one revision, its files and what it is good for.

    `english` hears English only; `translates` can put other languages into English; `cores`, `first`
    and `was` stand explained in `config/speech.toml`. Hashes of a model with `first_use` were not known to us: the
    hub named them at the first download, and they are held to ever after.
    """

    name: str
    repo: str
    revision: str
    files: Mapping[str, ModelFile]
    english: bool = False
    translates: bool = True
    cores: int = 1
    first: Literal["", "cpu", "cuda"] = ""
    was: tuple[str, ...] = ()
    first_use: bool = False

    @property
    def bytes(self) -> int:
        """All its files together."""
        return sum(file.bytes for file in self.files.values())

    @property
    def place(self) -> str:
        """The name of the folder that holds it, below the folder of all models."""
        return f"{self.name.replace('/', '--')}-{self.revision[:12]}"

    def suits(self, language: str, task: Task) -> bool:
        """Whether it hears this language (Whisper's own name, empty for any) and can do this with it."""
        if language == _NEWEST and _NEW_VOCABULARY not in self.files:
            return False
        english = language == "en"
        return (english or not self.english) and (english or self.translates or task == "transcribe")


def catalog() -> dict[str, Model]:
    """Every model in the table, from the smallest to the largest."""
    return {name: Model.model_validate({"name": name, **told}) for name, told in _table()["models"].items()}


def known(name: str) -> Model | None:
    """The model of this name, by any of its names."""
    return catalog().get(_ALSO.get(name, name))


def spelled(language: str) -> str:
    """A BCP 47 tag as Whisper's own name for the language; empty for none, and for one it does not know."""
    primary = language.lower().replace("_", "-").split("-")[0]
    code = str(_table()["spelled"].get(primary, primary))
    return code if code in _table()["languages"] else ""


def tag_of(code: str) -> str:
    """Whisper's name for a language as a BCP 47 tag."""
    return "jv" if code == "jw" else code


@cache
def _table() -> Mapping[str, Any]:
    with resource("speech.toml").open("rb") as file:
        return tomllib.load(file)
