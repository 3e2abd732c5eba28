"""What was spent, by provider, day and film, over all films of a user."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from voxweave.core.value import Value
from voxweave.jobs.limits import Posted, film_name


class Spending(Value):
    """The orders of one film at one provider on one day; `open_usd` is for what has not ended, or is in doubt."""

    day: str
    provider: str
    film: str
    orders: int
    estimated_usd: float
    actual_usd: float
    open_usd: float
    unpriced: int


def usage(posts: Iterable[Posted]) -> tuple[Spending, ...]:
    """Sums by day, provider and film, oldest first; what was turned down is no order."""
    taken = sorted((post for post in posts if not _turned_down(post)), key=_shelf)
    return tuple(_sum(shelf, list(group)) for shelf, group in groupby(taken, key=_shelf))


def _turned_down(post: Posted) -> bool:
    return post.ended and not post.remote_id and not post.paid_usd


def _shelf(post: Posted) -> tuple[str, str, str]:
    day = datetime.fromtimestamp(post.at).astimezone().date().isoformat()
    return day, post.provider, film_name(post.film)


def _sum(shelf: tuple[str, str, str], posts: list[Posted]) -> Spending:
    day, provider, film = shelf
    return Spending(
        day=day,
        provider=provider,
        film=film,
        orders=len(posts),
        estimated_usd=_usd(post.price_usd for post in posts),
        actual_usd=_usd(post.paid_usd for post in posts),
        open_usd=_usd(post.price_usd for post in posts if post.paid_usd is None),
        unpriced=sum(post.price_usd is None for post in posts),
    )


def _usd(sums: Iterable[float | None]) -> float:
    """Exact to a millionth of a dollar, as prices are."""
    return round(sum(usd or 0.0 for usd in sums), 6)
