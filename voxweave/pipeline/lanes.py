"""The lane that a run's orders go in: whether anybody has it, said before anything is sent."""

from collections.abc import Sequence

from voxweave.core.orders import STANDARD
from voxweave.core.text import printable
from voxweave.errors import UsageError
from voxweave.pipeline.chain import Link, open_chain
from voxweave.pipeline.studio import Studio

_DAY_S, _HOUR_S = 86_400, 3_600


class NoLane(UsageError):
    """Nobody who would be paid has the lane that was asked for."""


def check_lane(studio: Studio, links: Sequence[Link] | None = None) -> None:
    """NoLane where the usual way is not wanted, and nobody who would be paid has the other; nothing is ordered.

    Who cannot be asked just now is not paid just now either.
    """
    lane = studio.settings.lane
    if lane == STANDARD or not studio.suppliers:
        return
    chain = open_chain(studio, spends=False) if links is None else links
    paid = [link for link in chain if link.offer is not None and not link.offer.costs_nothing]
    lacking = [link.name for link in paid if not _has(link, lane)]
    if paid and len(lacking) == len(paid):
        names = " and ".join(printable(name, most=60) for name in lacking)
        raise NoLane(
            f"{names} {'has' if len(lacking) == 1 else 'have'} no {lane} lane, and nothing was ordered",
            hint=f"say how to ask for it in [providers.{lacking[0]}.lanes.{lane}], or leave out --lane",
        )


def lane_notes(links: Sequence[Link]) -> list[str]:
    """What is worth knowing of the lane before it is agreed to."""
    notes = []
    for link in links:
        offer, asked = link.offer, link.source.lane
        if offer is None or not asked:
            continue
        lane = offer.lane_called(offer.lane)
        if lane is not None:
            notes.append(f"{link.name}: in the {lane.name} lane a picture may take {_span(lane.wait_s)}")
        elif not offer.costs_nothing:
            notes.append(
                f"{link.name} has no {asked} lane: what is ordered there goes the usual way, at its price"
            )
    return notes


def _has(link: Link, lane: str) -> bool:
    return link.offer is not None and link.offer.lane == lane


def _span(seconds: float) -> str:
    if seconds < _HOUR_S:
        return f"{max(seconds / 60, 1):.0f} min"
    return f"{seconds / _HOUR_S:.0f} h" if seconds <= 2 * _DAY_S else f"{seconds / _DAY_S:.0f} days"
