"""What the bought pictures of one film come to, as it is told to whoever pays."""

from voxweave.core.estimate import Estimate
from voxweave.core.text import printable
from voxweave.core.value import Value


class Share(Value):
    """One provider's part of a film; an own service costs nothing."""

    provider: str
    estimate: Estimate
    free: bool = False


class Quote(Value):
    """All parts; `already` orders were made by earlier runs and cost nothing more.

    `new_usd` is what this run may add, None when a price is not known; `known_usd` leaves those out.
    """

    shares: tuple[Share, ...]
    scenes: int
    orders: int = 0
    already: int = 0
    new_usd: float | None = 0.0
    known_usd: float = 0.0
    spent_usd: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def takes_s(self) -> float:
        """How long the slowest provider needs; they work side by side."""
        return max((share.estimate.takes_s for share in self.shares), default=0.0)

    def sum(self) -> str:
        """The money, in a few words."""
        if self.new_usd is not None:
            return f"${self.new_usd:.2f}"
        return "an unknown sum" if not self.known_usd else f"${self.known_usd:.2f} and an unknown sum"

    def lines(self) -> tuple[str, ...]:
        """A few lines for a person: each provider's part, what is bought already, the sum and the time."""
        if not self.shares:
            return ("nothing is ordered: every picture is made here, and costs nothing",)
        lines = [_line(share) for share in self.shares]
        if self.already:
            lines.append(f"{self.already} of these were ordered before, and are not paid again")
        if self.spent_usd:
            lines.append(f"${self.spent_usd:.2f} is spent or bound for this film so far")
        lines += [f"note: {note}" for note in self.notes]
        time = f", about {_time(self.takes_s)}" if self.orders else ""
        lines.append(f"this run: {_counted(self.orders, 'order')}, {self.sum()}{time}")
        return tuple(lines)


def _line(share: Share) -> str:
    found = share.estimate
    lengths = ", ".join(f"{count} of {length} s" for length, count in found.lengths.items() if length)
    what = f"{_counted(found.orders, 'order')}{f' ({lengths}; {found.seconds} s in all)' if lengths else ''}"
    more = [_sharing(found.shared)] if found.shared else []
    if found.rest:
        more.append(f"{found.rest} scenes are left to the next")
    name = printable(f"{share.provider} {found.model}".strip(), most=80)
    return f"{name}: {what}{''.join(f', {one}' for one in more)}, {_price(share)}"


def _price(share: Share) -> str:
    found = share.estimate
    if share.free:
        return "free"
    if found.total_usd is None or (found.price is None and found.orders):
        return "price not known"
    dated = f" (price of {found.price.dated})" if found.price and found.price.dated else ""
    return f"${found.total_usd:.2f}{dated}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _sharing(scenes: int) -> str:
    return "1 more scene shares them" if scenes == 1 else f"{scenes} more scenes share them"
