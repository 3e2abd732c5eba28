"""Where each value comes from: flag, environment, the job's file, the user's, a preset, default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from voxweave.core.addresses import hidden, unlocked
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import UsageError
from voxweave.places import config_folder, expanded
from voxweave.settings.keys import is_key_variable, variables
from voxweave.settings.model import HEIGHTS
from voxweave.settings.orders import ACCEPTED, Settings
from voxweave.settings.presets import Preset, presets
from voxweave.settings.sharing import ADDRESSES
from voxweave.settings.tables import closed, meant, read_table, table

NAME = "voxweave.toml"
"""The name of both files."""

PREFIX = "VOXWEAVE_"
CONFIG = "VOXWEAVE_CONFIG"
"""The variable that names another user's file."""
_OF_A_FLEET = ("VOXWEAVE_QUEUE", "VOXWEAVE_TALK")
"""What a worker of many machines tells the runs it begins; no settings."""

# A folder from a stranger must not choose the program we run, who gets our key, or what is spent.
_NOT_FROM_A_JOB = (
    "ffmpeg", "sandbox", "provider", "base_url", "max_cost", "yes", "lane", "writer", "providers", "recognizer",
    "speech_model", "reference", "cache", "cache_gb", "artifacts", "ledger", "purse",
)  # fmt: skip
_PATHS = {
    "cover": ("", "none"),
    "media": ("",),
    "work": ("",),
    "cache": ("", "off"),
    "artifacts": ("",),
    "ffmpeg": ("bundled", "system"),
}

_NAMES: dict[str, tuple[str, ...]] = {
    "style": (".toml",),
    "caption_look": (".toml",),
    "font": (".ttf", ".otf", ".ttc", ".otc"),
}
"""What goes by a name, or by a file with one of these endings."""


class Loaded(Value):
    """Settings, where each value came from, and what looks like a mistake but is none for sure."""

    settings: Settings
    origins: dict[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Layer:
    """Values from one place; `origin` names it, with `{key}` or `{flag}` where the key belongs."""

    values: Mapping[str, object]
    origin: str

    def named(self, key: str) -> str:
        words = {"{key}": key, "{KEY}": key.upper(), "{flag}": "--" + key.replace("_", "-")}
        origin = self.origin
        for mark, word in words.items():
            origin = origin.replace(mark, word)
        return origin


def user_file(environ: Mapping[str, str]) -> Path:
    """The user's own TOML; UsageError if VOXWEAVE_CONFIG names one that is not there."""
    named = environ.get(CONFIG, "")
    if not named:
        return config_folder() / NAME
    file = expanded(named).absolute()
    if not file.exists():
        raise UsageError(
            f"the settings file {printable(str(file), most=400)} is not there",
            hint=f"write it, or leave out {CONFIG} and --config",
        )
    return file


def load(
    flags: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    job_file: Path | None,
    user_file: Path | None,
    flags_are: str = "flag {flag}",
) -> Loaded:
    """The settings that hold, from the nearest place that names each; UsageError names place and key.

    `flags_are` names the first place, with `{key}` or `{flag}` where the key belongs.
    """
    if job_file is not None and user_file is not None and _same(job_file, user_file):
        job_file = None
    mine = read_table(user_file) if user_file else {}
    own = dict(table(mine.pop("presets", {}), f"{user_file}:presets"))
    tables = _providers(mine.pop("providers", {}), user_file)
    layers = [
        _Layer({key: value for key, value in flags.items() if value is not None}, flags_are),
        _environment(environ),
        _file(read_table(job_file) if job_file else {}, job_file, _NOT_FROM_A_JOB),
        _file(mine, user_file, ()),
    ]
    layers = _with_preset(layers, presets(own, file=user_file))
    settled = _settled(layers, notes=_strays(environ))
    return settled.model_copy(update={"settings": settled.settings.with_tables(tables)})


def _providers(found: object, file: Path | None) -> dict[str, Mapping[str, Any]]:
    """The tables of providers; a key stands elsewhere, where nothing shows it."""
    place = f"{file}:providers"
    tables = {name: table(body, f"{place}.{name}") for name, body in table(found, place).items()}
    for name, body in tables.items():
        if "key" in body:
            raise UsageError(
                f"{printable(place, most=400)}.{printable(name, most=60)}: a key does not belong in this file",
                hint=f"set {variables(name)[0]}, or write it into keys.toml beside this file (chmod 600)",
            )
    return tables


def _same(one: Path, other: Path) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _environment(environ: Mapping[str, str]) -> _Layer:
    named = {key: environ.get(PREFIX + key.upper(), "") for key in Settings.model_fields}
    values = {key: _home(key, value) for key, value in named.items() if value}
    return _Layer(values, PREFIX + "{KEY}")


def _strays(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that look like ours but are not: a note, for another release may know them."""
    known = [CONFIG, *_OF_A_FLEET, *(PREFIX + key.upper() for key in Settings.model_fields)]
    ours = (name for name in environ if name.startswith(PREFIX) and not is_key_variable(name))
    strays = sorted(name for name in ours if name not in known)
    return tuple(f"{printable(name, most=60)} sets nothing; {meant(name, known)}" for name in strays)


def _file(values: Mapping[str, object], file: Path | None, barred: tuple[str, ...]) -> _Layer:
    if file is None or not values:
        return _Layer({}, "")
    closed(values, [*Settings.model_fields, *barred], str(file))
    for key in barred:
        if key in values:
            raise UsageError(
                f"{printable(str(file))}: {key} cannot be set beside a narration, only by you",
                hint=f"use the flag, {PREFIX}{key.upper()} or your own file (voxweave config path)",
            )
    folder = file.absolute().parent
    return _Layer(from_folder(values, folder), f"{_braceless(file)}:{{key}}")


def _braceless(file: Path) -> str:
    return printable(str(file), most=400).replace("{", "(").replace("}", ")")


def from_folder(values: Mapping[str, object], folder: Path) -> dict[str, object]:
    """Values with their paths meant from a folder, as in a file that lies there."""
    return {key: _rooted(key, _home(key, value), folder) for key, value in values.items()}


def _home(key: str, value: object) -> object:
    is_path = key in _PATHS and isinstance(value, str)
    return os.path.expanduser(value) if is_path and isinstance(value, str) else value


def _rooted(key: str, value: object, folder: Path) -> object:
    """A path in a file is meant from that file's folder."""
    if not isinstance(value, str):
        return value
    is_style = key in _NAMES and (value.endswith(_NAMES[key]) or os.sep in value)
    is_path = key in _PATHS and value not in _PATHS[key] and "://" not in value
    # A provider's name has neither; an address is refused by whoever meets it.
    is_file = key == "reference" and (os.sep in value or "." in value) and "://" not in value
    return os.path.join(folder, os.path.expanduser(value)) if is_style or is_path or is_file else value


def _with_preset(layers: list[_Layer], known: Mapping[str, Preset]) -> list[_Layer]:
    """The layers, with the preset just below the one that names it."""
    for place, layer in enumerate(layers):
        if "preset" in layer.values:
            name = layer.values["preset"]
            if name == "":
                return layers
            found = _preset(name, known, layer.named("preset"))
            below = _Layer(found.settings, f"preset {found.name} ({layer.named('preset')})")
            return [*layers[: place + 1], below, *layers[place + 1 :]]
    return layers


def _preset(name: object, known: Mapping[str, Preset], origin: str) -> Preset:
    if isinstance(name, str) and name in known:
        return known[name]
    shown = printable(str(name), most=60)
    raise UsageError(f"preset ({origin}): there is no preset {shown!r}", hint=f"there are {', '.join(known)}")


def _settled(layers: list[_Layer], *, notes: tuple[str, ...]) -> Loaded:
    values: dict[str, object] = {}
    origins = dict.fromkeys(Settings.model_fields, "default")
    for layer in reversed(layers):
        values |= layer.values
        origins |= {key: layer.named(key) for key in layer.values}
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _usage(error, values, origins) from None
    _check_shape(settings, layers, origins)
    return Loaded(settings=settings, origins=origins, notes=notes)


def _usage(error: ValidationError, values: Mapping[str, object], origins: Mapping[str, str]) -> UsageError:
    first = error.errors(include_url=False)[0]
    context = first.get("ctx", {})
    key = str(context.get("key") or first["loc"][0])
    given = str(values.get(key, ""))
    if key in ADDRESSES:  # one that cannot be read hides its password in no known place
        given = unlocked(given)
    value = printable(hidden(given), most=60)
    because = f" where {context['why']}" if "why" in context else ""
    return UsageError(
        f"{key} ({origins.get(key, 'unknown')}): {value!r} is not accepted{because}",
        hint=f"accepted: {ACCEPTED.get(key, 'nothing of that name')}",
    )


def _check_shape(settings: Settings, layers: list[_Layer], origins: Mapping[str, str]) -> None:
    """An exact size has a shape of its own; someone who also names another shape must choose."""
    if settings.resolution in HEIGHTS or origins["aspect"] == "default":
        return
    size, aspect = (
        next(place for place, layer in enumerate(layers) if key in layer.values)
        for key in ("resolution", "aspect")
    )
    across, down = map(int, settings.aspect.split(":"))
    canvas = settings.canvas
    if aspect <= size and abs(canvas.width * down - canvas.height * across) > 2 * max(across, down):
        raise UsageError(
            f"aspect ({origins['aspect']}): {settings.aspect} is not the shape of resolution"
            f" {settings.resolution} ({origins['resolution']})",
            hint="leave one out, or give a resolution such as 1080p",
        )
