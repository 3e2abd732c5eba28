"""Names for values and for the code that makes things of them."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

PACKAGE = Path(__file__).resolve().parent.parent


def fingerprint_of(*values: object) -> str:
    """32 hex digits that change when anything in the values does.

    A file counts by its content, not by where it lies: a moved job folder stays good.
    """
    plain = _by_content(to_jsonable_python([_dumped(value) for value in values]))
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _dumped(value: object) -> object:
    # Python mode first: a path whose name is not UTF-8 has no JSON form, and is dropped here anyway.
    return value.model_dump() if isinstance(value, BaseModel) else value


def _by_content(plain: Any) -> Any:
    if isinstance(plain, dict):
        if plain.keys() == {"path", "sha256"}:
            return plain["sha256"]
        return {key: _by_content(inner) for key, inner in plain.items()}
    return [_by_content(inner) for inner in plain] if isinstance(plain, list) else plain


@cache
def code_identity() -> str:
    """A fingerprint of our own code, so that a new version never reuses what an old one made."""
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        digest.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]
