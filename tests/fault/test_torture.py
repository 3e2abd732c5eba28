"""Every call can fail: a sample of them, each with another fault; `scripts/torture_ops` tries them all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.machine.calls import built
from tests.fakes.provider import FakeProvider
from tests.fault.blows import blows
from tests.fault.torture import Torture

BLOWS = 17
"""Of some seven thousand; each costs a run that meets it, and one that goes on from there."""


@pytest.fixture(scope="module")
def torture(tmp_path_factory: pytest.TempPathFactory, bundled: Path) -> Iterator[Torture]:
    """A machine that fails on demand."""
    folder = tmp_path_factory.mktemp("torture")
    library = built(folder)
    if library is None:
        pytest.skip("NO COMPILER: no call of ours is made to fail (apt-get install gcc libc6-dev)")
    with FakeProvider("vllm_omni", ffmpeg=bundled) as fake, Torture(folder, library, fake) as torture:
        yield torture


@pytest.fixture(scope="module")
def undisturbed(torture: Torture) -> tuple[str, list[str]]:
    """The right film's digest, and the calls it takes."""
    return torture.undisturbed()


def test_a_clock_that_is_set_changes_no_wait(torture: Torture, undisturbed: tuple[str, list[str]]) -> None:
    """An hour forward or back while an order is under way: the same film, one order, no wait ended early or late."""
    assert [] == torture.set_clocks(*undisturbed)


def test_whatever_call_fails_the_next_run_makes_the_film(
    torture: Torture, undisturbed: tuple[str, list[str]]
) -> None:
    """Each blow at another call: one line and a known status; then the same bytes, no second order, nothing left.

    A full or failing disk, a reset, a stop, a kill, a folder that vanishes, all on one film of two scenes.
    """
    right, calls = undisturbed
    every = blows(calls)
    chosen = every[len(every) // BLOWS // 2 :: len(every) // BLOWS]
    assert [] == [line for blow in chosen for line in torture.wrong(blow, right)]
    assert len({blow.fault for blow in chosen}) > 4
