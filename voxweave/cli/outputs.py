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
        output = self._folder or (Path(self._output) if self._output else None)
        named = output is not None and not self._folder
        container = settings.container(output.suffix if output and named else "")
        film = outputs_for(Path(narration), output, container).film
        words = [variant, "preview" if settings.preview and not (named and not variant) else ""]
        told = "".join(f".{part}" for part in words if part)
        film = film.with_name(f"{film.stem}{told}{film.suffix}")
        self._take(film, narration)
        return film if output or told else None

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


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"the folder {printable(str(folder))} cannot be made: {error.strerror}") from error
