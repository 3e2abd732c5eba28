"""Names for values and for the code that makes things of them."""

import hashlib
import json
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

PACKAGE = Path(__file__).resolve().parent.parent
_DRAWING = ("opencv-python-headless", "opencv-python", "opencv-contrib-python-headless", "numpy", "pysubs2")
"""What scenes are painted and lettered by: another release may round otherwise."""


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
    """A fingerprint of our own code and of what draws for it, so that neither reuses what another release made."""
    releases = ",".join(map(_release, _DRAWING))
    return hashlib.sha256(f"{_source()},{releases}".encode()).hexdigest()[:16]


@cache
def source_identity() -> str:
    """A fingerprint of our own code alone."""
    return _source()


def _source() -> str:
    digest = hashlib.sha256()
    for file in sorted(PACKAGE.rglob("*.py")):
        digest.update(str(file.relative_to(PACKAGE)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def _release(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # there under another name
        return ""
