"""What the bought pictures of one film come to, as it is told to whoever pays."""

from voxweave.core.estimate import Estimate
from voxweave.core.text import counted, printable
from voxweave.core.value import Value


class Share(Value):
    """One provider's part of a film; an own service costs nothing."""

    provider: str
    estimate: Estimate
    free: bool = False


class Quote(Value):
    """All parts; `already` orders were made by earlier runs and cost nothing more, nor do `reused` ones of any film.

    `ended` were refused, failed, lost or are in doubt, and are not sent again by themselves.
    `new_usd` is what this run may add, None when a price is not known; `known_usd` leaves those out.
    """

    shares: tuple[Share, ...]
    scenes: int
    orders: int = 0
    already: int = 0
    reused: int = 0
    ended: int = 0
    new_usd: float | None = 0.0
    known_usd: float = 0.0
    spent_usd: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def takes_s(self) -> float:
        """How long the slowest provider needs; they work side by side."""
        return max((share.estimate.takes_s for share in self.shares), default=0.0)

    def also(self, other: "Quote") -> "Quote":
        """Both as one sum; they are of one film, so what is spent so far is the same."""
        new = (
            None if None in (self.new_usd, other.new_usd) else (self.new_usd or 0.0) + (other.new_usd or 0.0)
        )
        return Quote(
            shares=(*self.shares, *other.shares),
            scenes=self.scenes + other.scenes,
            orders=self.orders + other.orders,
            already=self.already + other.already,
            reused=self.reused + other.reused,
            ended=self.ended + other.ended,
            new_usd=None if new is None else round(new, 6),
            known_usd=round(self.known_usd + other.known_usd, 6),
            spent_usd=max(self.spent_usd, other.spent_usd),
            notes=(*self.notes, *other.notes),
        )

    def noting(self, notes: tuple[str, ...]) -> "Quote":
        """The same, with more to be said of it."""
        return self.model_copy(update={"notes": (*self.notes, *notes)})

    def sum(self) -> str:
        """The money, in a few words."""
        if self.new_usd is not None:
            return usd(self.new_usd)
        return "an unknown sum" if not self.known_usd else f"{usd(self.known_usd)} and an unknown sum"

    def lines(self) -> tuple[str, ...]:
        """A few lines for a person: each provider's part, what is bought already, the sum and the time."""
        if not self.shares:
            return ("nothing is ordered: every picture is made here, and costs nothing",)
        lines = [_line(share) for share in self.shares]
        if self.already:
            lines.append(_of_these(self.already, "ordered before", "paid again"))
        if self.ended:
            lines.append(
                _of_these(self.ended, "refused, failed, lost or left in doubt before", "ordered again")
            )
        if self.reused:
            lines.append(f"{self.reused} of these {_be(self.reused)} reused from earlier orders, at no cost")
        if self.spent_usd:
            lines.append(f"${self.spent_usd:.2f} is spent or bound for this film so far")
        lines += [f"note: {note}" for note in self.notes]
        slow = any(share.estimate.lane for share in self.shares)
        took = _time(self.takes_s)
        time = (f", {took} at the longest" if slow else f", about {took}") if self.orders else ""
        lines.append(f"this run: {counted(self.orders, 'order')}, {self.sum()}{time}")
        return tuple(lines)


def _line(share: Share) -> str:
    found = share.estimate
    lengths = ", ".join(f"{count} of {length} s" for length, count in found.lengths.items() if length)
    what = f"{counted(found.orders, 'order')}{f' ({lengths}; {found.seconds} s in all)' if lengths else ''}"
    more = [_sharing(found.shared)] if found.shared else []
    if found.rest:
        more.append(f"{counted(found.rest, 'scene')} {_be(found.rest)} left to the next")
    if found.lane:
        more.append(f"{found.lane} lane")
    name = printable(f"{share.provider} {found.model}".strip(), most=80)
    return f"{name}: {what}{''.join(f', {one}' for one in more)}, {_price(share)}"


def _price(share: Share) -> str:
    found = share.estimate
    if share.free:
        return "free"
    if found.total_usd is None or (found.price is None and found.orders):
        return "price not known"
    dated = f" (price of {found.price.dated})" if found.price and found.price.dated else ""
    return f"{usd(found.total_usd)}{dated}"


def usd(sum_usd: float) -> str:
    """To the cent, and what is less than one as it is."""
    return f"${sum_usd:.4f}" if 0 < sum_usd < 0.01 else f"${sum_usd:.2f}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def _be(number: int) -> str:
    return "is" if number == 1 else "are"


def _of_these(number: int, was: str, not_: str) -> str:
    return f"{number} of these {'was' if number == 1 else 'were'} {was}, and {_be(number)} not {not_}"


def _sharing(scenes: int) -> str:
    return "1 more scene shares them" if scenes == 1 else f"{scenes} more scenes share them"
