"""Presets: settings for one destination, as TOML tables."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import UsageError
from voxweave.resources import resource
from voxweave.settings.orders import Settings
from voxweave.settings.tables import closed, read_table, table

# What belongs to a machine or a run, not to a destination.
_OUT = ("preset", "ffmpeg", "sandbox", "work", "workers")


_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")


class Preset(Value):
    """Settings by name, a sentence on what they are for, and the file they stand in."""

    name: str
    note: str
    settings: dict[str, object]
    file: Path


def presets(user: Mapping[str, object] | None = None, *, file: Path | None = None) -> dict[str, Preset]:
    """Ours, then the user's own, which may take the place of ours."""
    ours = resource("presets.toml")
    found = _presets(tomllib.loads(ours.read_text("utf-8")), file=ours)
    return found | _presets(user or {}, file=file or ours)


def user_presets(file: Path) -> dict[str, Preset]:
    """Ours and those of the user's file."""
    return presets(table(read_table(file).get("presets", {}), f"{file}:presets"), file=file)


def _presets(tables: Mapping[str, object], *, file: Path) -> dict[str, Preset]:
    return {name: _preset(name, body, file) for name, body in tables.items()}


def _preset(name: str, body: object, file: Path) -> Preset:
    place = f"{file}:presets.{printable(name, most=60)}"
    if not _NAME.fullmatch(name):  # it goes into the names of files
        raise UsageError(f"{place}: a preset's name is letters, digits, - and _", hint="choose another")
    settings = dict(table(body, place))
    note = settings.pop("note", "")
    closed(settings, [key for key in Settings.model_fields if key not in _OUT], place)
    if not isinstance(note, str):
        raise UsageError(f"{place}: the note is not text")
    return Preset(name=name, note=note, settings=settings, file=file)
