"""What a film may cost at most, in whole millionths of a dollar so that sums are exact."""

from pydantic import Field

from voxweave.core.value import Value
from voxweave.errors import RefusedError

_MICRO = 1_000_000


class OverBudget(RefusedError):
    """The order would cost more than was allowed, or nobody knows what it costs."""


def micro(usd: float | None) -> int | None:
    """Dollars in millionths; None stays unknown."""
    return None if usd is None else round(usd * _MICRO)


def dollars(micros: int | None) -> float | None:
    """Millionths in dollars; None stays unknown."""
    return None if micros is None else micros / _MICRO


class Budget(Value):
    """The most a film may cost, over all its runs; None is no bound.

    `unpriced` says that someone agreed to orders whose price is not known; they count as nothing. What is ordered
    is counted under `purse`, and with `shared` the bound holds for all that is counted there, whatever the film.
    """

    max_usd: float | None = Field(default=0.0, ge=0, allow_inf_nan=False)
    unpriced: bool = False
    purse: str = ""
    shared: bool = False

    def check(self, price: int | None, bound: int) -> None:
        """OverBudget unless an order of this price fits beside what is spent, running or unknown (micros)."""
        if price is None:
            if self.unpriced:
                return
            raise OverBudget(
                "the price of this order is not known",
                hint="agree to it with --yes, or give the provider's price in the settings",
            )
        most = micro(self.max_usd)
        if price and most is not None and bound + price > most:
            whose = f" in the purse {self.purse}" if self.shared else ""
            raise OverBudget(
                f"an order of ${price / _MICRO:.2f} does not fit: ${bound / _MICRO:.2f} of"
                f" ${most / _MICRO:.2f}{whose} is spent or bound",
                hint=f"allow more with --max-cost {_up_to_cents(bound + price)}",
            )


def _up_to_cents(micros: int) -> str:
    """Dollars that are enough, as one would type them."""
    return f"{-(-micros // 10_000) / 100:.2f}"
