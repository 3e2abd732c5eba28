"""What came of a film's orders, by scene: who made what, at which price, and why choices before it fell through."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voxweave.core.storyboard import ART
from voxweave.core.value import MediaFile
from voxweave.jobs.orders import Totals
from voxweave.pipeline.order_news import scenes_named
from voxweave.pipeline.sources import Fell

MODERATION = "moderation"
"""Who holds a prompt back, in the place of a provider."""


@dataclass(frozen=True)
class Bought:
    """Where a scene's picture came from; `price_usd` is 0 where another scene paid, None where nobody knows.

    `lane` is the one it was ordered in, empty for the usual way; `reused_from` the film it was ordered for,
    where this one did not.
    """

    media: MediaFile
    provider: str
    model: str
    price_usd: float | None
    lane: str = ""
    reused_from: str = ""


@dataclass(frozen=True)
class Supplies:
    """What came, by scene; why choices before it fell through; the film's money so far."""

    bought: Mapping[int, Bought] = field(default_factory=dict)
    fell: Mapping[int, tuple[Fell, ...]] = field(default_factory=dict)
    totals: Totals | None = None
    unpriced: int = 0
    """Orders whose price nobody knows."""

    @property
    def files(self) -> dict[int, MediaFile]:
        """What each scene shows."""
        return {scene: bought.media for scene, bought in self.bought.items()}


def shortfalls(
    fell: Mapping[int, Sequence[Fell]], bought: Mapping[int, Bought], *, instead: str = ART
) -> list[str]:
    """A line for each reason, with the scenes it holds for and what they show instead."""
    shelves: dict[tuple[str, ...], tuple[str, list[int]]] = {}
    for scene, reasons in fell.items():
        shown = bought[scene].provider if scene in bought else instead
        for reason in reasons:
            own = reason.key if reason.why in ("unknown", "lost") else ""
            shelf = shelves.setdefault((reason.provider, reason.why, own, shown), (reason.text, []))
            shelf[1].append(scene)
    return [
        f"{scenes_named(scenes)} not {'ordered' if provider == MODERATION else f'from {provider}'}: {text};"
        f" shown instead: {shown}"
        for (provider, _, _, shown), (text, scenes) in shelves.items()
    ]
