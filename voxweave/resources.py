"""Where the files that ship with the package are."""

from pathlib import Path

from voxweave.errors import DependencyError

_PACKAGE = Path(__file__).resolve().parent


def resource(*parts: str) -> Path:
    """A file or folder of `config/`: inside an installed package, else beside it in the source tree."""
    places = [_PACKAGE / "config", _PACKAGE.parent / "config"]
    for place in places:
        if place.joinpath(*parts).exists():
            return place.joinpath(*parts)
    raise DependencyError(
        f"{'/'.join(parts)} is missing from VoxWeave's own files (looked in {places[0]})",
        hint="install VoxWeave again",
    )
