"""What a film is made from, told by the disk alone: cheap enough for hundreds of films that are finished."""

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from voxweave.cli.wanted import Wanted
from voxweave.core.toml import parsed
from voxweave.errors import InputError
from voxweave.jobs.proofs import NO_MATTER, Proof, digest_of, look_at, spelled
from voxweave.media.files import content_of
from voxweave.places import expanded
from voxweave.settings import Settings

_MOST_BYTES = 8 << 20
"""Of a storyboard, as its run reads it."""


def proof_of(wanted: Wanted) -> Proof:
    """The line, its settings and the look of all it reads; as it is now."""
    return Proof(
        line=digest_of(wanted.arguments),
        settings=hashlib.sha256(b"".join(map(_told, wanted.settings))).hexdigest()[:24],
        reads=look_at(_reads(wanted)),
        writes=tuple(map(spelled, wanted.films)),
    )


def _told(settings: Settings) -> bytes:
    plain = [settings.model_dump(mode="json", exclude=set(NO_MATTER)), settings.tables]
    return json.dumps(plain, sort_keys=True, default=str).encode()


def _reads(wanted: Wanted) -> Iterator[Path]:
    """Narration, words beside it, whatever was named, and the files that settings and storyboards name."""
    yield wanted.narration
    written = {file for one in wanted.outputs for file in (one.film, one.report, one.thumbnail)}
    for name in _by_stem(wanted.narration.parent).get(wanted.narration.stem, ()):
        file = wanted.narration.parent / name
        if file not in written:
            yield file
    for file in wanted.given.values():
        yield from (file, *_named_in(file, wanted.narration.parent))
    for settings in wanted.settings:
        chosen = settings.model_dump(exclude=set(NO_MATTER))
        for text in (value for value in chosen.values() if isinstance(value, str)):
            yield from _at(Path.cwd(), text)


def _named_in(file: Path, folder: Path) -> Iterator[Path]:
    """The pictures that a storyboard shows; the narration's folder is where one without a path is meant from."""
    if file.suffix != ".toml":
        return
    try:
        whole = parsed(content_of(file, "the storyboard", _MOST_BYTES).decode("utf-8-sig"))
    except (InputError, ValueError):  # its run says what is wrong with it
        return
    for text in _texts(whole):
        for base in (file.parent, folder):
            yield from _at(base, text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _at(base: Path, text: str) -> Iterator[Path]:
    """A file, or all files of a folder; nothing where the text is no path of anything."""
    try:
        path = base / expanded(text)
        mode = path.stat().st_mode if text else 0
    except (OSError, ValueError):  # no such thing, or no name at all
        return
    if stat.S_ISDIR(mode):
        yield from (path / name for name in _names_in(path))
    elif stat.S_ISREG(mode):
        yield path


@cache
def _names_in(folder: Path) -> tuple[str, ...]:
    """The names in a folder, read once: hundreds of narrations may lie in it."""
    try:
        return tuple(sorted(file.name for file in folder.iterdir()))
    except OSError:  # its run says what is wrong with it
        return ()


@cache
def _by_stem(folder: Path) -> dict[str, list[str]]:
    """The names in a folder by what stands before their suffix, as words beside a narration are found."""
    found: dict[str, list[str]] = {}
    for name in _names_in(folder):
        found.setdefault(os.path.splitext(name)[0], []).append(name)  # noqa: PTH122  a name, thousands of times
    return found
