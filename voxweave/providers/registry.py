"""Finding providers by name, ours and strangers' through the same entry points."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TypeVar, cast

from pydantic import ValidationError

from voxweave.errors import DependencyError, UsageError
from voxweave.providers.base import Provider, Toolkit

GROUP = "voxweave.providers"
Role = TypeVar("Role")


@cache
def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def names() -> tuple[str, ...]:
    """Every provider that is installed, working or not."""
    return tuple(sorted(_found()))


def provider_class(name: str) -> type[Provider]:
    """The class behind a name; a broken extension is named, and stops only who asks for it."""
    point = _found().get(name)
    if point is None:
        raise UsageError(f"there is no provider {name!r}", hint=f"installed: {', '.join(names())}")
    try:
        return cast(type[Provider], point.load())
    except Exception as error:  # a stranger's module may fail in any way while it is imported
        raise DependencyError(f"the provider {name!r} cannot be loaded: {error}") from error


def make_provider(
    name: str, role: type[Role], *, options: Mapping[str, object] | None, tools: Toolkit
) -> Role:
    """A provider ready to work in a role."""
    kind = provider_class(name)
    try:
        chosen = kind.Options.model_validate(options or {})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise UsageError(f"provider {name}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    made = kind(chosen, tools)
    if not isinstance(made, role):
        raise UsageError(f"the provider {name!r} is no {role.__name__.lower()}")
    return made
