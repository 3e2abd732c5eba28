"""Values that name files, on their way from machine to machine."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from voxweave.core.value import MediaFile


def files_in(value: object) -> Iterator[MediaFile]:
    """Every file a value names, as often as it does."""
    if isinstance(value, MediaFile):
        yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from files_in(getattr(value, name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from files_in(inner)


def relocated(
    value: Any, place: Callable[[MediaFile], MediaFile], loose: Callable[[Path], Path] = lambda path: path
) -> Any:
    """The same value with its files where `place` has them, and `loose` those that are no more than a path."""
    if isinstance(value, MediaFile):
        return place(value)
    if isinstance(value, Path):
        return loose(value)
    if isinstance(value, BaseModel):
        inner = {name: getattr(value, name) for name in type(value).model_fields}
        moved = {name: relocated(one, place, loose) for name, one in inner.items()}
        return value.model_copy(update={name: one for name, one in moved.items() if one is not inner[name]})
    return tuple(relocated(one, place, loose) for one in value) if isinstance(value, tuple) else value


def placeless(value: Any) -> Any:
    """The value with its files known by their content alone: the same text on every machine."""
    return relocated(value, lambda media: media.model_copy(update={"path": Path(content_name(media))}))


def content_name(media: MediaFile) -> str:
    """What a file is called where files go by their content; programs look at its suffix."""
    return f"{media.sha256}{media.path.suffix}"
