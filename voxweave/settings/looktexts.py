"""How a style is told to a picture service: the words of `config/prompts.toml`."""

import tomllib

from pydantic import ValidationError

from voxweave.core.prompts import LookText
from voxweave.core.text import printable
from voxweave.errors import DependencyError
from voxweave.resources import resource

_MOST_CHARS = 300


def look_text(style: str, *, summary: str = "") -> LookText:
    """A style's words: our own for the styles we ship, else its summary, else its name as free text."""
    known = look_texts()
    if style in known:
        return known[style]
    return LookText(text=printable(summary or style, most=_MOST_CHARS))


def look_texts() -> dict[str, LookText]:
    """The words of every style we ship."""
    file = resource("prompts.toml")
    try:
        tables = tomllib.loads(file.read_text("utf-8"))
        return {name: LookText.model_validate(table) for name, table in tables.items()}
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise DependencyError(f"{file} cannot be read", hint="install VoxWeave again") from error
