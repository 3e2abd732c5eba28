"""What contract tests share: one fake provider, reset by each test."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.asking import Start, client
from tests.fakes.provider import FakeProvider


@pytest.fixture(scope="session")
def provider(bundled: Path) -> Iterator[FakeProvider]:
    """One process for all tests; `reset` gives a test its own manner, script and counters."""
    with FakeProvider(ffmpeg=bundled) as fake:
        yield fake
        assert [] == fake.truth()["bugs"]


@pytest.fixture
def start(provider: FakeProvider) -> Start:
    """The fake in a manner, with a script and switches; its clips are stubs unless a test looks at them."""

    def begin(flavour: str, script: Sequence[str] = (), **switches: Any) -> FakeProvider:
        return provider.reset(*script, flavour=flavour, **{"clip_real": False, **switches})

    return begin


@pytest.fixture
def line(provider: FakeProvider) -> Iterator[httpx.Client]:
    """A client that follows nothing and knows a key."""
    with client(provider.reset()) as found:
        yield found
