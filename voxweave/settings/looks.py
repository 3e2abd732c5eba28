"""The looks of captions that exist, reading one, and the one the settings mean."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from voxweave.core.looks import Look, Place
from voxweave.core.text import printable
from voxweave.errors import UsageError
from voxweave.places import expanded
from voxweave.resources import resource
from voxweave.settings.tables import read_table
from voxweave.settings.words import Profile, WordSettings

BY_PROFILE: dict[Profile, str] = {
    "netflix": "classic",
    "bbc": "boxed",
    "social": "pop",
    "karaoke": "karaoke",
}
"""The look of each profile where none is named."""
_HINT = "voxweave captions look classic prints one to begin with"


def looks() -> dict[str, Path]:
    """Every look that ships with us, by name."""
    return {file.stem: file for file in sorted(resource("looks").glob("*.toml"))}


def look_file(name_or_path: str) -> Path:
    """Where a look's TOML is: ours by its name, or a file of one's own."""
    known = looks()
    path = known.get(name_or_path, expanded(name_or_path))
    if path.suffix != ".toml" or not path.is_file():
        hint = _near(name_or_path, known) or f"there are {', '.join(known)}; or name a look's .toml"
        raise UsageError(f"there is no caption look called {printable(name_or_path, most=200)!r}", hint=hint)
    return path


def load_look(name_or_path: str) -> Look:
    """A look by its name, or from a TOML file of one's own; UsageError says what is wrong in it."""
    path = look_file(name_or_path)
    body = _spelled(read_table(path))
    try:
        return Look.model_validate({**body, "name": path.stem})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = [str(part) for part in first["loc"]]
        shown = f"the look {printable(str(path), most=400)}: {printable('.'.join(where), most=80)}"
        if first["type"] == "extra_forbidden":
            raise UsageError(f"{shown} is not part of a look", hint=_meant(where)) from None
        raise UsageError(f"{shown}: {_said(first['msg'])}", hint=_HINT) from None


def chosen_look(settings: WordSettings) -> Look:
    """The look that is named, or the profile's own, with the quick changes made to it."""
    look = load_look(settings.caption_look or BY_PROFILE[settings.caption_profile])
    changes: dict[str, object] = {"size": look.size * settings.caption_size}
    if settings.caption_color:
        changes["colour"] = settings.caption_color
    if settings.caption_highlight:
        changes["spoken"] = _lit(look, settings.caption_highlight)
    if settings.caption_position != "auto":
        for shape in ("wide", "square", "tall"):
            place: Place = getattr(look, shape)
            changes[shape] = place.model_copy(update={"position": settings.caption_position})
    return look.model_copy(update=changes)


def _lit(look: Look, colour: str) -> BaseModel:
    """The spoken word in another colour: its mark's where it has one, else its letters'."""
    spoken = look.spoken
    if spoken.mark in ("box", "underline"):
        return spoken.model_copy(update={"mark_colour": colour})
    mark = "colour" if spoken.mark == "none" else spoken.mark
    return spoken.model_copy(update={"mark": mark, "colour": colour})


def _spelled(body: Mapping[str, object]) -> dict[str, object]:
    """Colours in small letters, in tables within too."""
    found: dict[str, object] = {}
    for key, value in body.items():
        if isinstance(value, Mapping):
            found[key] = _spelled(value)
        else:
            found[key] = value.lower() if isinstance(value, str) and key.endswith("colour") else value
    return found


def _meant(where: list[str]) -> str:
    model: type[BaseModel] = Look
    for part in where[:-1]:
        kind = model.model_fields[part].annotation
        inner = [one for one in (kind, *getattr(kind, "__args__", ())) if isinstance(one, type)]
        model = next((one for one in inner if issubclass(one, BaseModel)), Look)
    return _near(where[-1], model.model_fields) or f"it may have {', '.join(model.model_fields)}"


def _near(word: str, names: Iterable[str]) -> str:
    found = difflib.get_close_matches(word[:60].lower(), list(names), n=1)
    return f"did you mean {found[0]}?" if found else ""


def _said(message: str) -> str:
    if "pattern" in message:
        return "not a colour such as #ffd400"
    return printable(message[:1].lower() + message[1:], most=200)
