"""A film's inputs and settings as one parcel that any machine can make it from."""

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from pydantic import Field

from voxweave.core.text import printable
from voxweave.core.toml import parsed
from voxweave.core.value import Value
from voxweave.errors import InputError, StorageError
from voxweave.places import expanded
from voxweave.settings import Settings, from_folder
from voxweave.settings.matters import MEANT_AS_SET, OF_THE_MACHINE
from voxweave.settings.model import HEIGHTS

if TYPE_CHECKING:
    from voxweave.jobs.artifacts import Artifacts

SETTINGS = "settings.toml"
OF_THE_WORKER = OF_THE_MACHINE | {"work", "preset"}
"""Settings of the machine that works, or that say where work lies; a preset has become what it stands for."""
_BESIDE = (".srt", ".vtt", ".ass", ".txt", ".md")
_FILES = {
    "cover": ("", "none"),
    "media": ("",),
    "style": (),
    "caption_look": ("",),
    "font": ("",),
    "reference": ("",),
}
_MOST_BYTES = 8 << 20
"""Of a storyboard, as its run reads it."""
_ODD = re.compile(r"[^\w.@+ -]")


@dataclass(frozen=True)
class Variant:
    """One of the films that a narration is to become, and where it shall lie."""

    film: Path
    settings: Settings


class Part(Value):
    """The film of one of several presets: what it is called in the parcel's folder, and what is set for it alone."""

    preset: str
    film: str
    settings: dict[str, Any]


class Parcel(Value):
    """A film as it travels: what lies in its folder, by content, and the line that makes it there.

    `files` are places in that folder and their SHA-256; `given` names those of them that flags of `make` name.
    With `parts` it is several films, that share what is ordered and are made by one line.
    """

    narration: str
    film: str
    files: dict[str, str]
    given: dict[str, str]
    settings: dict[str, Any]
    providers: dict[str, Any] = Field(default_factory=dict)
    overwrite: bool = False
    parts: tuple[Part, ...] = ()

    @property
    def decides(self) -> str:
        """All that decides the films, wherever they are to lie."""
        idle = {"overwrite"} if self.parts else {"overwrite", "parts"}
        return json.dumps(self.model_dump(mode="json", exclude=idle), sort_keys=True)


@dataclass
class Packing:
    """Gathers a parcel's files, each under a name of its own."""

    places: dict[str, Path] = field(default_factory=dict)

    def add(self, folder: str, file: Path) -> str:
        """A file's place in the parcel."""
        name = _ODD.sub("_", printable(file.name, most=120)) or "file"
        place = f"{folder}/{name}"
        number = 1
        while self.places.get(place, file) != file:
            number += 1
            place = f"{folder}/{number}-{name}"
        self.places[place] = file
        return place

    def add_tree(self, folder: str, place: Path) -> str:
        """A file, or the files of a folder, hidden ones left out."""
        if not place.is_dir():
            return self.add(folder, place)
        for file in sorted(place.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                self.places[f"{folder}/{file.name}"] = file
        return folder

    def sent(self, artifacts: "Artifacts") -> dict[str, str]:
        """All of them in the artifacts; InputError for one that cannot be read."""
        return {place: artifacts.put_file(_readable(file)) for place, file in sorted(self.places.items())}


def pack(
    narration: Path, variants: Sequence[Variant], given: Mapping[str, Path], artifacts: "Artifacts"
) -> Parcel:
    """The parcel of a narration's film, or of its films; the files are in the artifacts."""
    packing, first = Packing(), variants[0]
    voice = packing.add("in", narration)
    for suffix in () if {"subtitles", "script"} & given.keys() else _BESIDE:
        beside = narration.with_suffix(suffix)
        if beside.is_file() and beside != narration:
            packing.places[str(PurePosixPath(voice).with_suffix(suffix))] = beside
    named = {name: packing.add(name, file) for name, file in given.items() if name != "storyboard"}
    alone = _differing(variants)
    values = dict(_travelling(first.settings, _set(first.settings, alone), packing))
    if "storyboard" in given:
        named["storyboard"] = "storyboard/story.toml"
        values["storyboard"] = _story(given["storyboard"], packing)
    return Parcel(
        narration=voice,
        film=_ODD.sub("_", first.film.name),
        parts=tuple(_part(one, Path(voice).stem, alone, packing) for one in variants) if variants[1:] else (),
        files=packing.sent(artifacts),
        given=named,
        settings=values,
        providers={name: dict(table) for name, table in first.settings.tables.items()},
    )


def unpack(parcel: Parcel, artifacts: "Artifacts", folder: Path) -> None:
    """The parcel's files laid out in a folder, with the settings as a file."""
    for place, sha256 in parcel.files.items():
        _bring(artifacts, sha256, _within(folder, place))
    settings = {name: value for name, value in parcel.settings.items() if name != "storyboard"}
    story = parcel.settings.get("storyboard")
    if story is not None:
        _within(folder, parcel.given["storyboard"]).write_text(_toml(story), "utf-8")
    tables: dict[str, Any] = {"providers": parcel.providers} if parcel.providers else {}
    if parcel.parts:
        tables["presets"] = {part.preset: from_folder(part.settings, folder) for part in parcel.parts}
    (folder / SETTINGS).write_text(_toml({**settings, **tables}), "utf-8")


def line_of(parcel: Parcel, folder: Path) -> tuple[str, ...]:
    """What follows `voxweave` to make the parcel's film in a folder where it was unpacked."""
    given = (word for name, place in parcel.given.items() for word in (f"--{name}", str(folder / place)))
    out = str(folder / "out" / parcel.film)
    presets: tuple[str, ...] = ()
    if parcel.parts:
        out = f"{folder / 'out'}{os.sep}"
        presets = ("--preset", ",".join(part.preset for part in parcel.parts))
    flags = ("--work", str(folder / "work"), "--overwrite", *presets, *given)
    return (
        "--config",
        str(folder / SETTINGS),
        "make",
        str(folder / parcel.narration),
        "-o",
        out,
        *flags,
    )


def _set(settings: Settings, without: Collection[str]) -> list[str]:
    """What is set otherwise than by default and travels, without these."""
    default = {key: field.default for key, field in Settings.model_fields.items()}
    meant = MEANT_AS_SET & settings.model_fields_set
    keys = [key for key, value in default.items() if key in meant or getattr(settings, key) != value]
    return [key for key in keys if key not in OF_THE_WORKER and key not in without]


def _differing(variants: Sequence[Variant]) -> list[str]:
    """What is not the same for all of them."""
    first = variants[0].settings
    keys = [
        key
        for key in Settings.model_fields
        if any(getattr(one.settings, key) != getattr(first, key) for one in variants)
    ]
    if "resolution" in keys:  # an exact size has a shape of its own, so each says its shape itself
        keys.append("aspect")
    return [key for key in dict.fromkeys(keys) if key not in OF_THE_WORKER]


def _part(variant: Variant, stem: str, keys: Sequence[str], packing: Packing) -> Part:
    """One film of several; its settings are all said, since what holds for all may be anything."""
    settings, name = variant.settings, variant.settings.preset
    suffix = variant.film.suffix
    values = {**dict(_travelling(settings, keys, packing, of=f"-{name}")), "format": suffix.removeprefix(".")}
    marks = (
        f".{name}{'.preview' if settings.preview else ''}"  # as `make` tells films of several presets apart
    )
    return Part(preset=name, film=f"{stem}{marks}{suffix}", settings=values)


def _travelling(
    settings: Settings, keys: Sequence[str], packing: Packing, *, of: str = ""
) -> Iterator[tuple[str, Any]]:
    """These settings; files by their places in the parcel."""
    for key in keys:
        value = getattr(settings, key)
        if key == "aspect" and settings.resolution not in HEIGHTS:  # an exact size has a shape of its own
            continue
        if key in _FILES and value not in _FILES[key] and _is_place(value):
            value = packing.add_tree(f"{key}{of}", expanded(value))
        yield key, _plain(value)


def _is_place(value: str) -> bool:
    """Whether it names a file or folder, and not a style, a font or a provider."""
    return expanded(value).exists()


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value) if value.denominator > 1 else str(value.numerator)
    return ",".join(map(str, value)) if isinstance(value, tuple) else value


def _story(file: Path, packing: Packing) -> dict[str, Any]:
    """The storyboard's tables, its pictures and references by their places in the parcel."""
    from voxweave.media.files import content_of

    raw = content_of(file, "the storyboard", _MOST_BYTES)
    try:
        story: dict[str, Any] = parsed(raw.decode("utf-8-sig"))
    except ValueError as error:
        raise InputError(f"{printable(file.name)} cannot be read: {error}") from error
    for scene in story.get("scene", ()):
        for key in ("picture", "reference"):
            picture = file.parent / expanded(str(scene.get(key, "")))
            if scene.get(key) and picture.is_file():
                scene[key] = packing.add("storyboard", picture).partition("/")[2]
    return story


def _within(folder: Path, place: str) -> Path:
    """A place in the folder; StorageError for one that leads out of it."""
    parts = PurePosixPath(place).parts
    if not parts or place.startswith("/") or ".." in parts:
        raise StorageError(f"a parcel names {printable(place)}, which is no place in its folder")
    file = folder.joinpath(*parts)
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


def _bring(artifacts: "Artifacts", sha256: str, into: Path) -> None:
    if not into.exists():
        artifacts.get_file(sha256, into)


def _readable(file: Path) -> Path:
    from voxweave.media.files import opened

    with opened(file, "it"):
        return file


def _toml(table: Mapping[str, Any]) -> str:
    import tomli_w

    return tomli_w.dumps(json.loads(json.dumps(table)))
