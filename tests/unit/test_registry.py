"""Providers are found by name, and a broken one is named."""

from importlib.metadata import EntryPoint

import pytest
from pydantic import BaseModel

from voxweave.errors import DependencyError, UsageError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers import registry
from voxweave.providers.base import Aligner, Library, Provider, Toolkit

KIT = Toolkit(find_ffmpeg(), StopSignal(), lambda share: None)


class Strict(Provider):
    """A provider that wants a number."""

    class Options(BaseModel):
        """One number."""

        number: int


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry points as installed packages would declare them."""
    points = {
        "strict": EntryPoint("strict", f"{__name__}:Strict", registry.GROUP),
        "broken": EntryPoint("broken", "voxweave.nowhere:Nothing", registry.GROUP),
        "odd": EntryPoint("odd", "fractions:nothing", registry.GROUP),
    }
    monkeypatch.setattr(registry, "_found", lambda: points)


def test_ours_are_declared_like_a_strangers() -> None:
    """Art, folder and sphinx come through the entry points, and work."""
    assert {"art", "folder", "sphinx"} <= set(registry.names())
    for name in registry.names():
        assert issubclass(registry.provider_class(name), Provider)
    assert registry.make_provider("folder", Library, options=None, tools=KIT)


def test_a_name_nobody_has() -> None:
    """An unknown provider is a usage error that lists what there is."""
    with pytest.raises(UsageError, match="there is no provider 'nobody'") as caught:
        registry.provider_class("nobody")
    assert "folder" in caught.value.hint


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("name", ["broken", "odd"])
def test_a_broken_one_stops_only_who_asks_for_it(name: str) -> None:
    """Its name is listed, and loading it is a dependency's failure."""
    assert name in registry.names()
    with pytest.raises(DependencyError, match=f"the provider '{name}' cannot be loaded"):
        registry.provider_class(name)


def test_a_role_that_is_not_its() -> None:
    """A folder of pictures aligns no words."""
    with pytest.raises(UsageError, match="the provider 'folder' is no aligner"):
        registry.make_provider("folder", Aligner, options=None, tools=KIT)


@pytest.mark.usefixtures("strangers")
@pytest.mark.parametrize("options", [{}, {"number": "none"}])
def test_options_that_cannot_be(options: dict[str, object]) -> None:
    """The provider, the option and what is wrong with it."""
    with pytest.raises(UsageError, match="provider strict: number: "):
        registry.make_provider("strict", Library, options=options, tools=KIT)
