"""What a film may cost."""

import pytest
from pydantic import ValidationError

from voxweave.errors import RefusedError
from voxweave.jobs.budget import Budget


def test_nothing_is_spent_unless_allowed() -> None:
    """The default budget is none, and what is free needs none."""
    Budget().check(0, 0)
    with pytest.raises(RefusedError) as met:
        Budget().check(1_230_001, 0)
    assert met.value.hint == "allow more with --max-cost 1.24"


def test_to_the_last_millionth() -> None:
    """What fits exactly fits; a millionth more does not."""
    Budget(max_usd=5.0).check(1_000_000, 4_000_000)
    with pytest.raises(RefusedError):
        Budget(max_usd=5.0).check(1_000_001, 4_000_000)


def test_what_is_free_fits_when_all_is_spent() -> None:
    """Even above the bound, as after a bound was lowered."""
    Budget(max_usd=1.0).check(0, 2_000_000)


def test_an_unknown_price_is_asked_about() -> None:
    """Whatever the budget; consent lets it through."""
    with pytest.raises(RefusedError, match="not known"):
        Budget(max_usd=None).check(None, 0)
    Budget(max_usd=0.0, unpriced=True).check(None, 0)


def test_no_bound_is_no_bound() -> None:
    """Someone said yes to everything."""
    Budget(max_usd=None).check(10**12, 10**12)


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_what_is_no_sum_is_no_budget(wrong: float) -> None:
    """Negative, NaN and endless are refused."""
    with pytest.raises(ValidationError):
        Budget(max_usd=wrong)
