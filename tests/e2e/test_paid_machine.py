"""Machines as they are while money is spent: folders that take nothing."""

from collections.abc import Callable

from tests.conftest import Mount
from tests.e2e.room import Room
from tests.fakes.provider import FakeProvider


def test_an_output_that_takes_nothing_costs_nothing(
    small_room: Room, fake: Callable[..., FakeProvider], mounted: Mount
) -> None:
    """A read-only folder for the film, and one for the work: told before a provider is even asked."""
    server = fake("sglang")
    disk = mounted("size=1m,ro")
    flags = ("--provider", "openai", "--base-url", server.base_url, "--yes", "-q")
    for place in (("-o", disk / "film.mp4"), ("--work", disk)):
        _, told = small_room.make(*flags, *place, status=8)
        assert len(told.lines) == 1
    assert server.truth()["requests"] == {}
