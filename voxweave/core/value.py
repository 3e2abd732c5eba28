"""The base of every value: immutable, closed, comparable, JSON on disk and on the wire."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Immutable, closed, comparable; JSON a person can read."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaFile(Value):
    """A file and its fingerprint, so that a changed file is a changed value."""

    path: Path
    sha256: str
