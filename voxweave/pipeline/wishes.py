"""What a film wants of each provider of its chain, scene by scene, and what that comes to."""

from collections.abc import Sequence
from dataclasses import dataclass

from voxweave.core.estimate import Choices, Take, estimate, takes
from voxweave.core.film import Canvas
from voxweave.core.orders import LIVE, Wanted
from voxweave.core.prompts import Prompt
from voxweave.core.quotes import Quote, Share
from voxweave.core.timeline import Timeline
from voxweave.jobs.orders import Ledger
from voxweave.pipeline.chain import Link
from voxweave.pipeline.ordering import Asked

_UNDERWAY = LIVE | {"done", "fetched"}


@dataclass(frozen=True)
class Wishes:
    """The orders wanted, for which scene each is, and the scenes that show it; the shares they come to."""

    asked: tuple[Asked, ...]
    shows: dict[int, int]
    shares: tuple[Share, ...]


def wishes_for(
    timeline: Timeline, prompts: Sequence[Prompt], links: Sequence[Link], *, choices: Choices
) -> Wishes:
    """The first provider gets what `choices` says, the next the rest; after each stand those that follow it."""
    live = [link for link in links if link.offer is not None]
    asked: list[Asked] = []
    shows: dict[int, int] = {}
    shares: list[Share] = []
    rest = timeline
    for place, link in enumerate(live):
        if link.offer is None or not rest.shots:
            break
        found = takes(rest, prompts, offer=link.offer, choices=choices)
        share = estimate(rest, prompts, offer=link.offer, choices=choices)
        shares.append(Share(provider=link.name, estimate=share, free=link.offer.free))
        asked += _asked(rest, prompts, live[place:], choices)
        shows |= {take.scene: take.source for take in found if take.how != "rest"}
        left = {take.scene for take in found if take.how == "rest"}
        shots = tuple(shot for shot in rest.shots if shot.scene.number in left)
        rest, choices = rest.model_copy(update={"shots": shots}), Choices()
    return Wishes(tuple(asked), shows, tuple(shares))


def quote_of(wishes: Wishes, links: Sequence[Link], ledger: Ledger) -> Quote:
    """What this run may add to what was ordered before."""
    by_name = {link.name: link for link in links}
    prices: list[float | None] = []
    for one in wishes.asked:
        fresh = _fresh(one, ledger)
        if fresh is not None:
            prices.append(by_name[fresh.provider].source.price(fresh))
    totals = ledger.totals()
    known = round(sum(price for price in prices if price is not None), 6)
    return Quote(
        shares=wishes.shares,
        scenes=len(wishes.shows),
        orders=len(prices),
        already=len(wishes.asked) - len(prices),
        new_usd=None if None in prices else known,
        known_usd=known,
        spent_usd=round(totals.spent_usd + totals.running_usd + totals.unknown_usd, 6),
        notes=tuple(_notes(wishes, links)),
    )


def _asked(rest: Timeline, prompts: Sequence[Prompt], links: Sequence[Link], choices: Choices) -> list[Asked]:
    """A wish for each order of the first of these links, with those after it in case it falls through."""
    texts = {prompt.scene: prompt for prompt in prompts}
    each = [
        (link, _bought(takes(rest, prompts, offer=link.offer, choices=choices)))
        for link in links
        if link.offer is not None
    ]
    _, first = each[0]
    return [
        Asked(
            scene=scene,
            choices=tuple(
                _wanted(link, texts[scene], bought[scene].seconds, rest.canvas) for link, bought in each
            ),
        )
        for scene in first
    ]


def _bought(found: Sequence[Take]) -> dict[int, Take]:
    return {take.scene: take for take in found if take.how == "bought"}


def _wanted(link: Link, prompt: Prompt, seconds: int, canvas: Canvas) -> Wanted:
    width, height = link.sized(canvas)
    return Wanted(
        provider=link.name,
        model=link.offer.model if link.offer else "",
        prompt=prompt.text,
        seconds=seconds,
        width=width,
        height=height,
        seed=prompt.seed,
    )


def _fresh(one: Asked, ledger: Ledger) -> Wanted | None:
    """The choice that would be ordered now; None where an earlier run's order goes on, or none is left."""
    orders = [ledger.last(wanted) for wanted in one.choices]
    if any(order is not None and order.state in _UNDERWAY for order in orders):
        return None
    open_ones = (
        wanted
        for wanted, order in zip(one.choices, orders, strict=True)
        if order is None or order.state == "planned"
    )
    return next(open_ones, None)


def _notes(wishes: Wishes, links: Sequence[Link]) -> list[str]:
    """What is worth knowing before money is spent, each once."""
    notes = [f"{share.provider}: {note}" for share in wishes.shares for note in share.estimate.notes]
    for link in links:
        if link.down is not None:
            notes.append(f"{link.name} cannot be asked: {link.down.text}")
        elif link.offer is not None and link.offer.retires:
            notes.append(f"{link.name}: {link.offer.model} ends on {link.offer.retires}")
    if len({choice.provider for one in wishes.asked for choice in one.choices}) > 1:
        notes.append("where a provider does not deliver, the next is asked, within the same sum")
    return list(dict.fromkeys(notes))
