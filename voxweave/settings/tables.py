"""Reading TOML that people write, with errors that name file, line and key."""

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path

from voxweave.core.text import printable
from voxweave.core.toml import parsed
from voxweave.errors import UsageError

_MOST_BYTES = 1 << 20


def read_table(file: Path) -> dict[str, object]:
    """The top table of a TOML file; empty when there is no file."""
    shown = printable(str(file), most=400)
    try:
        if file.exists() and not file.is_file():
            raise UsageError(f"{shown} is not a file", hint="it should be a TOML file of settings")
        with file.open("rb") as stream:
            raw = stream.read(_MOST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror}", hint="mend its rights, or move it away"
        ) from error
    if len(raw) > _MOST_BYTES:
        raise UsageError(f"{shown} is over 1 MB, too long for settings")
    return _parsed(raw, shown)


def _parsed(raw: bytes, shown: str) -> dict[str, object]:
    try:
        return parsed(raw.decode("utf-8-sig"))  # some editors begin a file with a mark
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UsageError(f"{shown}, line {line}: not UTF-8", hint="save the file as UTF-8") from error
    except ValueError as error:
        raise UsageError(
            f"{shown} is not TOML: {printable(str(error))}", hint='text needs quotes: style = "ink"'
        ) from error


def table(body: object, place: str) -> Mapping[str, object]:
    """The same, once sure that it is a table."""
    if not isinstance(body, Mapping):
        raise UsageError(f"{printable(place)} is not a table")
    return body


def closed(keys: Iterable[str], known: Iterable[str], place: str) -> None:
    """UsageError for the first key that is not known, with the nearest name there is."""
    names = list(known)
    for key in keys:
        if key not in names:
            raise UsageError(
                f"{printable(place, most=400)}: no setting is called {printable(key, most=60)!r}",
                hint=meant(key, names),
            )


def meant(key: str, names: Iterable[str]) -> str:
    """What someone may have meant, as a hint."""
    alike = {name.lower(): name for name in names}
    near = difflib.get_close_matches(key[:60].lower().replace("-", "_"), list(alike), n=1)
    return f"did you mean {alike[near[0]]}?" if near else "voxweave config show lists them all"
