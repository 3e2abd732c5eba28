"""What the clips of a list come to, agreed to as one sum before the first of them is ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voxweave.core.estimate import Estimate, clip_time_s, finish_s
from voxweave.core.orders import Wanted
from voxweave.core.quotes import Quote, Share
from voxweave.errors import UsageError
from voxweave.pipeline.chain import Link, open_chain
from voxweave.pipeline.clip_wish import ClipRequest, picture_of, wish_for
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.lanes import check_lane, lane_notes
from voxweave.pipeline.single import open_order
from voxweave.pipeline.studio import Studio


@dataclass(frozen=True)
class Purse:
    """What a list may still cost, and by prompt what earlier runs left under way or in doubt."""

    left_usd: float
    bound_usd: Mapping[str, float]
    unpriced: bool
    ledger: str = ""


def agreed_list(requests: Sequence[ClipRequest], studio: Studio, *, spent_usd: float) -> Purse:
    """What they and those before may cost together, in doubt or not; RefusedError where nobody agreed to it."""
    if not studio.suppliers:
        raise UsageError("a clip is ordered from a provider", hint="name one with --provider")
    links = open_chain(studio)
    check_lane(studio, links)
    wishes = {request.prompt: _wishes(request, links, studio) for request in requests}
    left = {
        request.prompt: open_order(
            request, [wanted for _, wanted in wishes[request.prompt]], studio.settings.ledger
        )
        for request in requests
    }
    bound = {prompt: one.bound_usd for prompt, one in left.items()}
    fresh = [found[0] for prompt, found in wishes.items() if found and not left[prompt].begun]
    spent = spent_usd + sum(bound.values())
    budget = agreed(_quote(fresh, spent), studio, what="the clips")
    return Purse((budget.max_usd or 0.0) - spent, bound, budget.unpriced, studio.settings.ledger)


def _wishes(request: ClipRequest, links: Sequence[Link], studio: Studio) -> list[tuple[Link, Wanted]]:
    """Who can be asked, in turn, and what of each; nobody where the clip will fail by itself."""
    try:
        found = [(link, wish_for(request, link, studio, picture_of(request))) for link in links]
    except UsageError:
        return []
    return [(link, wanted) for link, wanted in found if wanted is not None]


def _quote(wished: Sequence[tuple[Link, Wanted]], spent_usd: float) -> Quote:
    """All of them at once; each link's in a share of its own."""
    whole = Quote(shares=(), scenes=0, spent_usd=round(spent_usd, 6))
    for link in dict.fromkeys(link.name for link, _ in wished):
        mine = [(one, wanted) for one, wanted in wished if one.name == link]
        whole = whole.also(_share(mine[0][0], [wanted for _, wanted in mine]))
    return whole


def _share(link: Link, wished: Sequence[Wanted]) -> Quote:
    prices = [link.source.price(wanted) for wanted in wished]
    known = round(sum(price for price in prices if price is not None), 6)
    lengths = [wanted.seconds for wanted in wished]
    part = Estimate(
        model=wished[0].model,
        orders=len(wished),
        shared=0,
        rest=0,
        seconds=sum(lengths),
        lengths={length: lengths.count(length) for length in sorted(set(lengths))},
        price=link.offer.price if link.offer else None,
        total_usd=None if None in prices else known,
        takes_s=finish_s(len(wished), link.source.allowed(wished[0]), clip_time_s(link.offer)),
        lane=link.offer.lane if link.offer else "",
    )
    share = Share(provider=link.name, estimate=part, free=bool(link.offer and link.offer.free))
    return Quote(
        shares=(share,),
        scenes=len(wished),
        orders=len(wished),
        new_usd=None if None in prices else known,
        known_usd=known,
        notes=tuple(lane_notes([link])),
    )
