"""The styles that exist, and reading one."""

from pathlib import Path

from pydantic import ValidationError

from voxweave.core.style import Style
from voxweave.errors import UsageError
from voxweave.resources import resource
from voxweave.settings.tables import read_table


def styles() -> dict[str, Path]:
    """Every style that ships with us, by name."""
    return {file.stem: file for file in sorted(resource("styles").glob("*.toml"))}


def load_style(name_or_path: str | Path) -> Style:
    """A style by its name, or from a TOML file of one's own."""
    known = styles()
    path = known.get(str(name_or_path), Path(name_or_path))
    if path.suffix != ".toml" or not path.is_file():
        raise UsageError(f"there is no style called {name_or_path}", hint="styles: " + ", ".join(known))
    try:
        return Style.model_validate({"name": path.stem, **read_table(path)})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"style {path}: {where}: {first['msg']}", hint="see docs/styles.md") from error
