"""Where each film of one command line goes."""

import os
from pathlib import Path

from voxweave.core.text import printable
from voxweave.errors import StorageError, UsageError
from voxweave.pipeline.outputs import outputs_for
from voxweave.settings import Settings


class Namer:
    """Gives each narration's film a name, and no two the same."""

    def __init__(self, output: str | None, *, many: bool) -> None:
        self._output = output
        self._folder = self._as_folder(output, many=many)
        self._taken: dict[str, str] = {}

    def name(self, narration: str, settings: Settings, *, variant: str = "") -> Path | None:
        """The film's path; None means beside the narration.

        `variant` tells several films of one narration apart; a preview goes by its own name, too, unless
        it is named.
        """
        output = str(self._folder) if self._folder else self._output or ""
        film = film_at(Path(narration), output, settings, variant=variant)
        self._take(film, narration)
        return film if output or variant or settings.preview else None

    def _as_folder(self, output: str | None, *, many: bool) -> Path | None:
        if output is None:
            return None
        if not output:
            raise UsageError("-o is empty", hint="name a film or a folder")
        path = Path(output)
        if many and not path.is_dir():
            raise UsageError(
                f"several films cannot all be {printable(output)}",
                hint="with several narrations -o is an existing folder",
            )
        if output.endswith(os.sep) and not path.is_dir():
            _make(path)
        return path if path.is_dir() else None

    def _take(self, film: Path, narration: str) -> None:
        key = os.path.realpath(film)
        if key in self._taken:
            raise UsageError(
                f"{printable(narration)} would become {printable(film.name)}, as {printable(self._taken[key])} does",
                hint="make one of them on its own, with -o",
            )
        self._taken[key] = narration


def film_at(narration: Path, output: str, settings: Settings, *, variant: str = "") -> Path:
    """The film's path: `output` is its name, a folder (there, or with a stroke at its end), or empty.

    `variant` tells several films of one narration apart; a preview goes by its own name, too, unless it is named.
    """
    place = Path(output) if output else None
    as_folder = place is not None and (output.endswith(os.sep) or place.is_dir())
    named = place is not None and not as_folder
    container = settings.container(place.suffix if place and named else "")
    if place and as_folder and not place.is_dir():
        place /= f"{narration.stem}.{container}"
    film = outputs_for(narration, place, container).film
    words = [variant, "preview" if settings.preview and not (named and not variant) else ""]
    return film.with_name(f"{film.stem}{''.join(f'.{part}' for part in words if part)}{film.suffix}")


def presets_named(value: object) -> list[str]:
    """The presets of a flag that takes several, each once."""
    return list(dict.fromkeys(part.strip() for part in str(value or "").split(",") if part.strip()))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder {printable(str(folder))} cannot be made: {error.strerror}") from error
