"""Where the keys of providers are: the environment, the keyring, or a file that only its owner reads.

A key opens a provider that was chosen by name; it never chooses one.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, SecretStr

from voxweave.core.redaction import learn, masked
from voxweave.core.text import printable
from voxweave.core.toml import parsed
from voxweave.core.value import Value
from voxweave.errors import UsageError
from voxweave.places import config_folder, expanded

NAME = "keys.toml"
"""The file of keys, in the user's settings folder."""

_SERVICE = "voxweave"  # what our keys go by in the keyring
_MOST_BYTES = 64 << 10
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_APART = re.compile(r"[,\s]+")
# Providers that are one vendor's, and share its keys.
_VENDORS = {"openai-images": "openai", "openai-speech": "openai", "writer": "openai", "moderator": "openai"}
_SUFFIXES = ("", "_PRIMARY", "_SECONDARY")

Ring = Callable[[str], str | None]
"""What a keyring holds for a provider."""


class Key(Value):
    """A key, and the variable or place it is from; printed, it shows neither."""

    model_config = ConfigDict(hide_input_in_errors=True)

    secret: SecretStr
    origin: str

    @property
    def shown(self) -> str:
        """Enough to tell two keys apart: `sk-…1234`."""
        return masked(self.secret.get_secret_value())


def keys_for(
    provider: str, *, environ: Mapping[str, str], file: Path | None = None, ring: Ring | None = None
) -> tuple[Key, ...]:
    """The keys of a provider from the nearest place that has any, in the order they are to be tried.

    Each is known to the redaction from here on. UsageError for a place that must not be trusted or
    cannot be read; the key itself is in no message.
    """
    found = _from_environment(provider, environ)
    if not found:
        found = _named(_from_ring(provider, ring or _system_ring), f"the keyring's {provider}")
    if not found:
        found = _from_file(provider, file or keys_file())
    first: dict[str, Key] = {}
    for key in found:
        first.setdefault(key.secret.get_secret_value(), key)
    return tuple(first.values())


def keys_file() -> Path:
    """Where the user's own file of keys is."""
    return config_folder() / NAME


def variables(provider: str) -> tuple[str, ...]:
    """The variables a provider's keys may stand in, the nearest first; each also with `_FILE` behind it."""
    own, vendor = _word(provider), _word(_VENDORS.get(provider, provider))
    names = [f"VOXWEAVE_{own}_KEY", f"VOXWEAVE_{vendor}_KEY", f"{own}_API_KEY"]
    return tuple(dict.fromkeys([*names, *(f"{vendor}_API_KEY{suffix}" for suffix in _SUFFIXES)]))


def is_key_variable(name: str) -> bool:
    """Whether a variable of ours holds a key, so that nobody takes it for a setting."""
    return re.fullmatch(r"VOXWEAVE_[A-Z0-9_]+_KEY(_FILE)?", name) is not None


def may_hold_key(name: str) -> bool:
    """Whether a provider's key may stand in a variable of this name, or the name of a file with it."""
    vendors = r"[A-Z0-9_]+_API_KEY(_PRIMARY|_SECONDARY)?(_FILE)?"
    return is_key_variable(name) or re.fullmatch(vendors, name) is not None


def _from_environment(provider: str, environ: Mapping[str, str]) -> list[Key]:
    """All keys of the nearest kind of variable: ours before the vendor's."""
    ours: list[Key] = []
    theirs: list[Key] = []
    for name in variables(provider):
        found = _named([environ.get(name, "")], name) + _pointed(name + "_FILE", environ)
        (ours if name.startswith("VOXWEAVE_") else theirs).extend(found)
    return ours or theirs


def _pointed(name: str, environ: Mapping[str, str]) -> list[Key]:
    """The keys in the file a variable names; it may be open to others, as containers mount their secrets."""
    if not environ.get(name):
        return []
    path = expanded(environ[name])
    try:
        with path.open("rb") as stream:
            raw = stream.read(_MOST_BYTES) if stat.S_ISREG(os.fstat(stream.fileno()).st_mode) else b""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no file name"
        raise UsageError(f"{name}: {_path(path)} cannot be read: {why}", hint="mend or unset it") from error
    found = _named([raw.decode("utf-8", "replace")], name)
    if not found:
        raise UsageError(f"{name}: {_path(path)} holds no key", hint="mend or unset it")
    return found


def _system_ring(provider: str) -> str | None:
    """What the system's keyring holds, where there is one."""
    try:
        import keyring  # type: ignore[import-not-found,unused-ignore]  # an extra
    except ImportError:
        return None
    try:
        held = keyring.get_password(_SERVICE, provider)
    except Exception:  # noqa: BLE001  its back ends fail in ways of their own; the file is asked next
        return None
    return held if isinstance(held, str) else None


def _from_ring(provider: str, ring: Ring) -> list[str]:
    held = (ring(name) for name in dict.fromkeys((provider, _VENDORS.get(provider, provider))))
    return next(([text] for text in held if text), [])


def _from_file(provider: str, file: Path) -> list[Key]:
    tables = _read_file(file)
    for name in dict.fromkeys((provider, _VENDORS.get(provider, provider))):
        held = tables.get(name, [])
        found = _named([held] if isinstance(held, str) else held, f"{_path(file)}:{name}")
        if found:
            return found
    return []


def _read_file(file: Path) -> dict[str, str | list[str]]:
    """The tables of the file of keys; UsageError if others may read it, or could have written it."""
    try:
        fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(f"{_path(file)} cannot be read: {error.strerror}") from error
    try:
        _private(os.fstat(fd), file)
        raw = os.read(fd, _MOST_BYTES)
    finally:
        os.close(fd)
    try:
        tables: dict[str, Any] = parsed(raw.decode())
    except ValueError:
        # The parser's words may quote the line, and the line is a key: its error must not be seen.
        raise UsageError(f"{_path(file)} is not TOML", hint='as in: openai = "sk-..."') from None
    for name, held in tables.items():
        if not isinstance(held, str) and not (
            isinstance(held, list) and all(isinstance(k, str) for k in held)
        ):
            raise UsageError(f"{_path(file)}: {printable(name, most=60)} is neither a key nor a list of keys")
    return tables


def _private(status: os.stat_result, file: Path) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise UsageError(f"{_path(file)} is not an ordinary file")
    if status.st_mode & _OTHERS:
        raise UsageError(f"{_path(file)} may be read by others", hint=f"chmod 600 {_path(file)}")
    if status.st_uid not in (os.geteuid(), 0):
        raise UsageError(f"{_path(file)} belongs to somebody else", hint="make it your own")


def _named(texts: Iterable[str], origin: str) -> list[Key]:
    """The keys in some texts, parted by commas or lines."""
    keys = [key for text in texts for key in _APART.split(text) if key]
    for key in keys:
        if not key.isascii() or not key.isprintable() or key[0] in "\"'":
            raise UsageError(
                f"{origin} holds what is no key", hint="copy it again, without quotes or odd characters"
            )
    learn(*keys)
    return [Key(secret=SecretStr(key), origin=origin) for key in keys]


def _word(provider: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", provider.upper()).strip("_")


def _path(file: Path) -> str:
    return printable(str(file), most=400)
