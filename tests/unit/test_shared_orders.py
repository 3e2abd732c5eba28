"""What one machine ordered and fetched is there for another that goes on with the film: nothing is paid twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.clerk import Brush, Clerk
from voxweave.core.orders import Wanted
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.orders import Ledger
from voxweave.jobs.owed import Owed
from voxweave.jobs.sharing import Sharing
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.means import Means, Pace
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.sources import Source
from voxweave.providers.ask import Patience

PACE = Pace(poll_s=0.01, poll_longest_s=0.02, place_s=0.02, patience=Patience(first_s=0.01))
WISH = Wanted(provider="clerk", model="m", prompt="a whale", seconds=4, width=320, height=180)


class Machine:
    """A folder for what is fetched; ledger and limits are those of all."""

    def __init__(self, common: Path, name: str, *, shares: bool = True) -> None:
        self.common, self.folder = common, common / name
        artifacts = Artifacts.open(str(common / "artifacts"))
        self.sharing = Sharing(artifacts, Owed(artifacts, lambda _: None)) if shares else None

    @contextmanager
    def means(self) -> Iterator[Means]:
        """What orders are made with."""
        with (
            Ledger(self.common / "orders.sqlite3", quiet_s=0.05, create_s=0) as ledger,
            Meter(self.common / "user.sqlite3") as meter,
        ):
            yield Means(
                ledger=ledger,
                meter=meter,
                budget=Budget(max_usd=100.0),
                stop=StopSignal(),
                folder=self.folder,
                pace=PACE,
                sharing=self.sharing,
            )

    def run(self, supplier: Clerk | Brush) -> Outcome:
        """One scene, seen through."""
        with self.means() as means:
            (outcome,) = order_scenes([Asked(scene=1, choices=(WISH,))], means, [Source("clerk", supplier)])
            return outcome


@pytest.mark.parametrize("supplier", [Clerk, Brush])
def test_another_machine_has_what_was_fetched(tmp_path: Path, supplier: type[Clerk] | type[Brush]) -> None:
    """A clip that is gone at the provider, and a still that it never keeps: both come from the store."""
    seller = supplier()
    one, two = Machine(tmp_path, "one"), Machine(tmp_path, "two")
    first = one.run(seller)
    assert first.file is not None
    if isinstance(seller, Clerk):
        seller.forgets |= set(seller.made)
    text = first.file.path.read_text()
    first.file.path.unlink()
    second = two.run(seller)
    assert second.file is not None, second.fell
    assert (text, first.file.sha256, 1) == (second.file.path.read_text(), second.file.sha256, seller.asked)
    assert two.folder in second.file.path.parents
    assert second == two.run(seller)


def test_without_a_shared_store_a_still_is_lost(tmp_path: Path) -> None:
    """So the test above would see it: nothing but the store has what was paid for."""
    brush = Brush()
    first = Machine(tmp_path, "one", shares=False).run(brush)
    assert first.file is not None
    first.file.path.unlink()
    second = Machine(tmp_path, "two", shares=False).run(brush)
    assert ["lost"] == [fell.why for fell in second.fell]
