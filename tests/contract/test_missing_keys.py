"""Providers without a key: who needs one says so, and asks nobody."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.ordering_one import made
from tests.fakes.provider.running import FakeProvider
from voxweave.core.orders import Wanted
from voxweave.errors import KeyRefused
from voxweave.providers.base import Keyed, Provider
from voxweave.providers.openai_images import OpenaiImages
from voxweave.providers.openai_videos.provider import OpenaiVideos
from voxweave.providers.zai import Zai

OUTSIDE = "https://clips.example/v1"
WANTED = Wanted(provider="x", model="m", prompt="a boat", seconds=4, width=1280, height=720)
CALLS: dict[str, Callable[[Any, Path], object]] = {
    "ready": lambda provider, into: provider.ready(),
    "reach": lambda provider, into: provider.reach(),
    "order": lambda provider, into: provider.order(WANTED),
    "picture": lambda provider, into: provider.picture(WANTED, into),
    "check": lambda provider, into: provider.check("id-1"),
}


@pytest.mark.parametrize(
    ("kind", "variable", "calls"),
    [
        (Zai, "ZAI_API_KEY", ("ready", "reach", "order", "check")),
        (OpenaiVideos, "OPENAI_API_KEY", ("ready", "reach", "order", "check")),
        (OpenaiImages, "OPENAI_API_KEY", ("ready", "reach", "picture")),
    ],
)
def test_who_needs_a_key_says_which(
    provider: FakeProvider, kind: type[Provider], variable: str, calls: tuple[str, ...], tmp_path: Path
) -> None:
    """Every call that would ask names the variable instead; Z.ai's needs a key wherever it is."""
    where = {} if kind is Zai else {"base_url": OUTSIDE}
    keyless = made(kind, provider.reset(flavour="zai"), key="", model="m", **where)
    for call in calls:
        with pytest.raises(KeyRefused, match=variable):
            CALLS[call](keyless, tmp_path)
    assert {} == provider.truth()["requests"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (OpenaiVideos, {}),
        (OpenaiImages, {}),
        (OpenaiVideos, {"base_url": "http://gpu.lan:8091/v1"}),
        (OpenaiVideos, {"base_url": OUTSIDE, "free": True}),
        (OpenaiVideos, {"base_url": OUTSIDE, "models": {"m": {"per_clip": 0}}}),
        (OpenaiVideos, {"base_url": OUTSIDE, "key": "any"}),
        (OpenaiImages, {"base_url": OUTSIDE, "models": {"m": {"per_clip": 0}}}),
    ],
)
def test_who_may_need_none_is_asked(
    provider: FakeProvider, kind: type[Provider], options: dict[str, Any]
) -> None:
    """One's own machine or network, and what costs nothing, may be open to all."""
    found = made(kind, provider, **{"key": "", "model": "m", **options})
    assert isinstance(found, Keyed)
    found.ready()


def test_a_server_of_one_s_own_answers_without_a_key(provider: FakeProvider) -> None:
    """No header goes along, and none is missed."""
    found = made(OpenaiVideos, provider.reset(flavour="sglang"), key="", model="m")
    assert found.order(WANTED)
    assert 1 == provider.truth()["orders_created"]
