"""The base of every value: immutable, closed, comparable, JSON on disk and on the wire."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """Immutable, closed, comparable; JSON a person can read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> str:
        """The value as indented JSON; names of files that are not UTF-8 keep their bytes as escapes."""
        plain = self.model_dump(mode="json")
        text = json.dumps(plain, indent=1, ensure_ascii=False)
        return text if _is_unicode(text) else json.dumps(plain, indent=1)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a file name's bytes, carried as surrogates
        return False
    return True


class MediaFile(Value):
    """A file and its fingerprint, so that a changed file is a changed value."""

    path: Path
    sha256: str
