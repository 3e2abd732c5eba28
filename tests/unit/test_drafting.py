"""Requests to a paid prompt writer in the books of a film."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from voxweave.core.drafts import Draft, Worth
from voxweave.core.orders import Limits
from voxweave.core.prompts import Brief, Series
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import Span
from voxweave.errors import ProviderBusy, ProviderFailed, RefusedError, VoxWeaveError
from voxweave.jobs.budget import Budget, OverBudget
from voxweave.jobs.limits import Account, Meter
from voxweave.jobs.orders import FILE, Ledger
from voxweave.jobs.usage import usage
from voxweave.pipeline.drafting import PaidWriter, Till, draft_quote

SCENES = tuple(Scene(number=n, span=Span(start=n * 10 - 10, end=n * 10), text="x") for n in range(1, 26))
STORY = Storyboard(duration_ms=250, scenes=SCENES)
SERIES = Series(brief=Brief(), subjects=(), seed=1, longest=400)


@dataclass
class Author:
    """Writes anything, for a price, until it is told to fail."""

    most_usd: float | None = 0.5
    costs_usd: float | None = 0.2
    fails: list[VoxWeaveError] = field(default_factory=list)
    asked: int = 0

    def worth(self, scenes: Sequence[Scene], series: Series) -> Worth:
        return Worth(model="m", most_usd=self.most_usd, dated="2026-11-20")

    def draft(self, scenes: Sequence[Scene], series: Series, setting: str) -> Draft:
        self.asked += 1
        if self.fails:
            raise self.fails.pop(0)
        return Draft(words={scene.number: "a boat" for scene in scenes}, cost_usd=self.costs_usd)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[tuple[Ledger, Meter]]:
    """A film's and the machine's."""
    with Ledger(tmp_path / "film" / FILE) as ledger, Meter(tmp_path / "user.sqlite3") as meter:
        yield ledger, meter


def till(books: tuple[Ledger, Meter], most: float = 1.0, *, unpriced: bool = False) -> Till:
    """Where it is paid from."""
    return Till(*books, Budget(max_usd=most, unpriced=unpriced))


def sums(books: tuple[Ledger, Meter]) -> tuple[float, float]:
    """What the film spent, and what the machine's usage says of it."""
    return books[0].totals().spent_usd, sum(one.actual_usd for one in usage(books[1].posts()))


def test_an_answer_costs_what_its_tokens_say(books: tuple[Ledger, Meter]) -> None:
    """Not the most it could have been; without a word about it, that."""
    author = Author()
    PaidWriter(author, till(books)).draft(SCENES[:2], SERIES, "")
    assert (0.2, 0.2) == sums(books)
    author.costs_usd = None
    PaidWriter(author, till(books)).draft(SCENES[:2], SERIES, "")
    assert (0.7, 0.7) == sums(books)
    assert ["fetched", "fetched"] == [order.state for order in books[0].orders()]


@pytest.mark.parametrize(
    ("error", "paid"),
    [(ProviderBusy("later"), 0.0), (ProviderFailed("broken off"), 0.5), (RefusedError("no"), 0.5)],
)
def test_a_failure_that_may_have_been_billed_counts_in_full(
    books: tuple[Ledger, Meter], error: VoxWeaveError, paid: float
) -> None:
    """What certainly was not taken costs nothing."""
    with pytest.raises(type(error)):
        PaidWriter(Author(fails=[error]), till(books)).draft(SCENES[:2], SERIES, "")
    assert (paid, paid) == sums(books)


def test_no_request_leaves_that_does_not_fit(books: tuple[Ledger, Meter]) -> None:
    """At its longest it must fit beside all that was spent; nothing is left in the books of one that does not."""
    author = Author()
    paid = PaidWriter(author, till(books, 0.6))
    paid.draft(SCENES[:2], SERIES, "")
    with pytest.raises(OverBudget):
        paid.draft(SCENES[2:4], SERIES, "")
    assert 1 == author.asked
    assert (0.2, 0.2) == sums(books)


def test_a_writer_pays_from_the_purse(books: tuple[Ledger, Meter]) -> None:
    """What films of the same purse hold is missing for its requests, and they are missing for the films."""
    ledger, meter = books
    budget = Budget(max_usd=1.0, purse="b", shared=True)
    free = Limits(at_once=None, per_hour=None, per_day=None)
    meter.take(Account("p"), free, film="other", key="k", price_usd=0.4, budget=budget)
    paid = PaidWriter(Author(), Till(ledger, meter, budget))
    paid.draft(SCENES[:2], SERIES, "")
    assert meter.held_usd("b") == pytest.approx(0.6)
    with pytest.raises(OverBudget, match="in the purse b"):
        paid.draft(SCENES[2:4], SERIES, "")
    assert [order.state for order in ledger.orders()] == ["fetched", "planned"]


def test_an_unknown_price_needs_a_yes(books: tuple[Ledger, Meter]) -> None:
    """As with pictures."""
    author = Author(most_usd=None, costs_usd=None)
    with pytest.raises(OverBudget):
        PaidWriter(author, till(books)).draft(SCENES, SERIES, "")
    PaidWriter(author, till(books, unpriced=True)).draft(SCENES, SERIES, "")
    assert 1 == author.asked
    (row,) = usage(books[1].posts())
    assert (1, 1) == (row.orders, row.unpriced)


def test_a_free_one_leaves_no_trace(books: tuple[Ledger, Meter]) -> None:
    """There is nothing to remember."""
    PaidWriter(Author(most_usd=0.0), till(books, 0.0)).draft(SCENES, SERIES, "")
    assert ((), ()) == (books[0].orders(), books[1].posts())


def test_what_a_dead_run_had_asked_for_is_counted(books: tuple[Ledger, Meter]) -> None:
    """It may have been answered and billed: all of its price is spent, and the next request is another."""
    dead = Author(fails=[KeyboardInterrupt()])  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        PaidWriter(dead, till(books)).draft(SCENES[:2], SERIES, "")
    PaidWriter(Author(), till(books)).draft(SCENES[:2], SERIES, "")
    assert ["fetched", "fetched"] == [order.state for order in books[0].orders()]
    assert 0.7 == books[0].totals().spent_usd


def test_the_sum_is_of_all_requests(books: tuple[Ledger, Meter]) -> None:
    """Twenty-five scenes are two; one of unknown price makes the sum unknown."""
    quote = draft_quote(Author(), STORY, SERIES, books[0])
    assert (2, 1.0) == (quote.orders, quote.new_usd)
    assert "writer m: 2 orders, $1.00 (price of 2026-11-20)" in quote.lines()
    unknown = draft_quote(Author(most_usd=None), STORY, SERIES, books[0])
    assert None is unknown.new_usd
    assert "writer m: 2 orders, price not known" in unknown.lines()
