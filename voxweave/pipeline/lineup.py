"""The films a list names: TOML tables or CSV lines, and the sound files of a folder."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import Path

from pydantic import Field

from voxweave.core.text import printable
from voxweave.core.toml import parsed
from voxweave.core.value import Value
from voxweave.errors import InputError, UsageError
from voxweave.media.files import content_of
from voxweave.settings.tables import meant

FILES = ("narration", "output", "script", "subtitles", "storyboard")
"""What an entry names besides settings."""
SOUNDS = (
    *(".mp3", ".wav", ".m4a", ".m4b", ".aac", ".flac", ".ogg", ".oga", ".opus", ".wma", ".aif", ".aiff", ".aifc"),
    *(".caf", ".mka", ".amr", ".ac3", ".wv", ".mp2"),
)  # fmt: skip
"""What a folder's narrations end in."""

_MOST, _MOST_BYTES = 10_000, 16 << 20
_FILM = "film"
_HEAD = re.compile(r"\s*\[\[\s*[\"']?film[\"']?\s*\]\]")
_NUMBER = re.compile(r"(\d+)")
_DELIMITERS = ",;\t"


class Listed(Value):
    """One film of a list as it stands there; `place` tells where, paths are as they were written."""

    place: str
    narration: str
    output: str = ""
    script: str = ""
    subtitles: str = ""
    storyboard: str = ""
    settings: Mapping[str, object] = Field(default_factory=dict)


def read_list(file: Path, settings: Sequence[str]) -> tuple[Listed, ...]:
    """The films of a TOML or CSV file; an error names file and line. `settings` are the names that exist."""
    if file.exists() and file.suffix.lower() not in (".toml", ".csv"):
        raise UsageError(
            f"{printable(file.name)} is neither a folder nor a list", hint="a list ends in .toml or .csv"
        )
    text, name = _text(file), printable(file.name)
    parse = from_toml if file.suffix.lower() == ".toml" else from_csv
    found = parse(text, name, settings)
    if not found or len(found) > _MOST:
        raise InputError(f"{name} names {len(found)} films", hint=f"1 to {_MOST} of them")
    return found


def sounds_in(folder: Path) -> tuple[Listed, ...]:
    """Every sound file of a folder, `ep2` before `ep10`; hidden files and folders within are left out."""
    try:
        names = [file.name for file in folder.iterdir() if _is_sound(file)]
    except OSError as error:
        raise InputError(f"{printable(str(folder))} cannot be read: {error.strerror}") from error
    if not names:
        raise InputError(
            f"{printable(str(folder))} holds no sound file",
            hint=f"narrations end in {' '.join(SOUNDS)}; others are named by a list",
        )
    return tuple(Listed(place=printable(name), narration=name) for name in sorted(names, key=_natural))


def from_csv(text: str, name: str, settings: Sequence[str]) -> tuple[Listed, ...]:
    """The films of a CSV's lines, the first of which names the columns."""
    lines = _csv_lines(text, name)
    at, heading = next(lines, (1, []))
    columns = [_key(column) for column in heading]
    _check_columns(columns, f"{name}, line {at}", settings)
    found = []
    for at, cells in lines:
        place = f"{name}, line {at}"
        if len(cells) > len(columns):
            raise UsageError(
                f"{place} has {len(cells)} cells, and there are {len(columns)} columns",
                hint="put text with a comma in it into quotes",
            )
        named = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if cell.strip()}
        found += [_listed(named, _Places(place, [], 0))] if named else []
    return tuple(found)


def from_toml(text: str, name: str, settings: Sequence[str]) -> tuple[Listed, ...]:
    """The films of a TOML's `[[film]]` tables; settings above them hold for all."""
    whole = _toml(text, name)
    tables = whole.pop(_FILM, [])
    if not isinstance(tables, list):
        raise UsageError(f"{name}: film is not a list of tables", hint="begin each film with [[film]]")
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if _HEAD.match(line)]
    for_all = _known(whole, _Places(name, lines[: heads[0]] if heads else lines, 0), settings)
    if "max_cost" in for_all:  # as one sum for each film it would be so many times the sum
        raise UsageError(
            f"{name}: max_cost stands above the films", hint="--max-cost DOLLARS is for the whole batch"
        )
    found = []
    for number, body in enumerate(tables):
        if len(heads) == len(tables):
            until = [*heads, len(lines)][number + 1]
            places = _Places(name, lines[heads[number] : until], heads[number])
        else:  # written in another way, as one line of tables
            places = _Places(f"{name}, film {number + 1}", [], 0)
        if not isinstance(body, dict):
            raise UsageError(f"{places.top} is not a table", hint="begin each film with [[film]]")
        found.append(_listed({**for_all, **_known(body, places, [*FILES, *settings])}, places))
    return tuple(found)


class _Places:
    """Where in a file a table's keys stand."""

    def __init__(self, name: str, lines: Sequence[str], before: int) -> None:
        self._name, self._lines, self._before = name, lines, before

    @property
    def top(self) -> str:
        """Where the table begins."""
        return f"{self._name}, line {self._before + 1}" if self._lines else self._name

    def of(self, key: str) -> str:
        """Where a key stands, as far as a search by its name finds it."""
        named = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
        hits = (at for at, line in enumerate(self._lines) if named.match(line))
        at = next(hits, None)
        return self.top if at is None else f"{self._name}, line {self._before + at + 1}"


def _listed(named: Mapping[str, object], places: _Places) -> Listed:
    """An entry with its files told apart from its settings."""
    for key in FILES:
        if not isinstance(named.get(key, ""), str):
            raise UsageError(f"{places.of(key)}: {key} is not text", hint=f'{key} = "a file\'s name"')
    if not named.get("narration"):
        raise UsageError(f"{places.top} names no narration", hint="every film of a list has a narration")
    for key, value in named.items():
        if "\0" in str(value):
            raise UsageError(f"{places.of(key)}: {key} holds a NUL character", hint="take it out")
    rest = {key: value for key, value in named.items() if key not in FILES}
    return Listed.model_validate({
        "place": places.top, "settings": rest, **{key: named.get(key, "") for key in FILES},
    })  # fmt: skip


def _known(body: Mapping[str, object], places: _Places, allowed: Sequence[str]) -> dict[str, object]:
    """A table with its keys as ours are written; UsageError for one that is not allowed, or not plain."""
    seen = set[str]()
    for key, value in body.items():
        if _key(key) in seen:
            raise UsageError(
                f"{places.of(key)}: {printable(_key(key))} stands there twice", hint="leave one out"
            )
        seen.add(_key(key))
        if _key(key) not in allowed:
            raise UsageError(
                f"{places.of(key)}: nothing is called {printable(key, most=60)!r}",
                hint=_allowed(key, allowed),
            )
        if isinstance(value, dict | date | time):
            raise UsageError(f"{places.of(key)}: {printable(key)} is neither text nor a number nor a list")
    return {_key(key): _plain(value) for key, value in body.items()}


def _plain(value: object) -> object:
    """Several words as they are typed: with commas between."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _check_columns(columns: Sequence[str], place: str, settings: Sequence[str]) -> None:
    allowed = [*FILES, *settings]
    for at, column in enumerate(columns, start=1):
        if column not in allowed:
            shown = repr(printable(column, most=60)) if column else f"column {at}, which has no name"
            raise UsageError(f"{place}: nothing is called {shown}", hint=_allowed(column, allowed))
        if column in columns[: at - 1]:
            raise UsageError(f"{place}: {column} stands there twice", hint="leave one out")
    if "narration" not in columns:
        raise UsageError(
            f"{place}: there is no column narration", hint=f"the first line names columns: {', '.join(FILES)}"
        )


def _allowed(key: str, allowed: Sequence[str]) -> str:
    near = meant(_key(key), allowed)
    return near if near.startswith("did you") else f"allowed: {', '.join(FILES)}, and every setting's name"


def _key(written: str) -> str:
    return written.strip().lower().replace("-", "_")


def _csv_lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins in."""
    heading = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=heading.count)  # spreadsheets write what their language likes
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        at = reader.line_num + 1
        try:
            yield at, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UsageError(
                f"{name}, line {at} is not CSV: {printable(str(error))}", hint="check the quotes"
            ) from error


def _toml(text: str, name: str) -> dict[str, object]:
    try:
        return parsed(text)
    except ValueError as error:  # it tells the line, where it knows it
        raise UsageError(
            f"{name} is not TOML: {printable(str(error))}", hint='text needs quotes: style = "ink"'
        ) from error


def _is_sound(file: Path) -> bool:
    return file.suffix.lower() in SOUNDS and not file.name.startswith(".") and file.is_file()


def _natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """Numbers within a name count as numbers."""
    parts = _NUMBER.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], name


def _text(file: Path) -> str:
    raw = content_of(file, "a list", _MOST_BYTES)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{printable(file.name)}, line {line}: not UTF-8", hint="save the file as UTF-8"
        ) from error
