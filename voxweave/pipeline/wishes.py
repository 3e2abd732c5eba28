"""What a film wants of each provider of its chain, scene by scene, and what that comes to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from voxweave.core.estimate import Choices, Estimate, Take, clip_time_s, estimate, finish_s, takes
from voxweave.core.orders import LIVE, Offer, Wanted
from voxweave.core.prompts import Prompt
from voxweave.core.quotes import Quote, Share
from voxweave.core.timeline import Shot, Timeline
from voxweave.core.value import MediaFile
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.orders import Ledger
from voxweave.pipeline.chain import Link
from voxweave.pipeline.guides import Guided
from voxweave.pipeline.lanes import lane_notes
from voxweave.pipeline.ordering import Asked
from voxweave.pipeline.reuse import Shelf

_UNDERWAY = LIVE | {"done", "fetched"}


@dataclass(frozen=True)
class Wishes:
    """The orders wanted, for which scene each is, and the scenes that show it; the shares they come to."""

    asked: tuple[Asked, ...]
    shows: dict[int, int]
    shares: tuple[Share, ...]
    painter: Link | None = None
    """Who makes the stills that clips begin from."""
    notes: tuple[str, ...] = ()


def wishes_for(
    timeline: Timeline,
    prompts: Sequence[Prompt],
    links: Sequence[Link],
    *,
    choices: Choices,
    guided: Guided = Guided(),  # noqa: B008  frozen
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
        worded = _worded(prompts, link, guided)
        found = takes(rest, worded, offer=link.offer, choices=choices)
        share = estimate(rest, worded, offer=link.offer, choices=choices)
        shares.append(Share(provider=link.name, estimate=share, free=link.offer.free))
        asked += _Asking(rest, prompts, live[place:], guided).asked(choices)
        shows |= {take.scene: take.source for take in found if take.how != "rest"}
        left = {take.scene for take in found if take.how == "rest"}
        shots = tuple(shot for shot in rest.shots if shot.scene.number in left)
        rest, choices = rest.model_copy(update={"shots": shots}), Choices()
    return _with_stills(Wishes(tuple(asked), shows, tuple(shares), notes=guided.notes), guided)


def quote_of(wishes: Wishes, links: Sequence[Link], ledger: Ledger, shelf: Shelf | None = None) -> Quote:
    """What this run may add to what was ordered before."""
    asked = links if wishes.painter is None else (*links, wishes.painter)
    due = _Due(asked, ledger, shelf or Shelf())
    fresh = {fingerprint_of(wanted): wanted for one in wishes.asked for wanted in due.of(one)}
    prices = [due.sources[wanted.provider].price(wanted) for wanted in fresh.values()]
    totals = ledger.totals()
    known = round(sum(price for price in prices if price is not None), 6)
    whole = sum(1 + (one.still is not None) for one in wishes.asked)
    return Quote(
        shares=wishes.shares,
        scenes=len(wishes.shows),
        orders=len(prices),
        already=max(whole - len(prices) - due.reused - due.ended, 0),
        reused=due.reused,
        ended=due.ended,
        new_usd=None if None in prices else known,
        known_usd=known,
        spent_usd=totals.bound_usd,
        notes=tuple(_notes(wishes, links)),
    )


@dataclass(frozen=True)
class _Asking:
    """The first of these links is asked, those after it in case it falls through, for the same scenes."""

    rest: Timeline
    prompts: Sequence[Prompt]
    links: Sequence[Link]
    guided: Guided

    def asked(self, choices: Choices) -> list[Asked]:
        """A wish for each order, at every link; with the still it begins from, where one is to be made."""
        each = [(link, self._bought(link.offer, choices)) for link in self.links if link.offer is not None]
        _, first = each[0]
        return [self._one(scene, each) for scene in first]

    def _bought(self, offer: Offer, choices: Choices) -> dict[int, Take]:
        worded = _worded(self.prompts, self.links[0], self.guided)
        found = takes(self.rest, worded, offer=offer, choices=choices)
        return {take.scene: take for take in found if take.how == "bought"}

    def _one(self, scene: int, each: Sequence[tuple[Link, dict[int, Take]]]) -> Asked:
        wanted = tuple(self._wanted(link, bought[scene]) for link, bought in each)
        painter, guided = self.guided.painter, self.guided
        takers = tuple(link.name for link, _ in each if _takes_picture(link))
        if (
            painter is None
            or scene in guided.pictures
            or scene in guided.bare
            or each[0][0].name not in takers
        ):
            return Asked(scene=scene, choices=wanted)
        still = self._wanted(painter, Take(scene=scene, how="bought", source=scene))
        return Asked(scene=scene, choices=wanted, still=still, takers=takers)

    def _wanted(self, link: Link, take: Take) -> Wanted:
        prompt = self._worded[take.scene]
        width, height = link.sized(self.rest.canvas)
        return Wanted(
            provider=link.name,
            model=link.offer.model if link.offer else "",
            prompt=prompt.text,
            seconds=take.seconds,
            width=width,
            height=height,
            seed=prompt.seed,
            picture=self.guided.pictures.get(take.scene) if _takes_picture(link) else None,
            sound=self._sound(link, take),
        )

    def _sound(self, link: Link, take: Take) -> MediaFile | None:
        if self.guided.cut is None or link.offer is None or not link.offer.takes_sound:
            return None
        return self.guided.cut(self._shots[take.scene], take.seconds)

    @cached_property
    def _worded(self) -> dict[int, Prompt]:
        return {prompt.scene: prompt for prompt in self.prompts}

    @cached_property
    def _shots(self) -> dict[int, Shot]:
        return {shot.scene.number: shot for shot in self.rest.shots}


class _Due:
    """What would be ordered now; nothing where an earlier run's order goes on, or can be reused, or none is left."""

    def __init__(self, links: Sequence[Link], ledger: Ledger, shelf: Shelf) -> None:
        self.sources = {link.name: link.source for link in links}
        self._ledger, self._shelf = ledger, shelf
        self.reused = self.ended = 0

    def of(self, one: Asked) -> tuple[Wanted, ...]:
        """The clip, and the still before it."""
        still = self._still(one)
        if isinstance(still, MediaFile):
            one = one.begun(still)
        if any(self._underway(wanted) for wanted in one.choices if wanted != one.still):
            return ()
        for wanted in one.choices:
            if self._kept(wanted) is not None:
                self.reused += 1
                return ()
            order = self._ledger.last(wanted)
            if order is None or order.state == "planned":
                first = (still,) if isinstance(still, Wanted) and wanted.provider in one.takers else ()
                return (*first, wanted)
        self.ended += 1
        return ()

    def _still(self, one: Asked) -> MediaFile | Wanted | None:
        """The still a scene begins from, or the wish for it; None where it goes without, as in ordering."""
        if one.still is None:
            return None
        order = self._ledger.last(one.still)
        if order is not None and order.file is not None:
            return order.file
        if order is not None and order.state != "planned":
            return None
        if order is not None and any(self._underway(wanted) for wanted in one.choices):
            return None
        kept = self._kept(one.still)
        if kept is None:
            return one.still
        self.reused += 1
        return kept

    def _underway(self, wanted: Wanted) -> bool:
        order = self._ledger.last(wanted)
        return order is not None and order.state in _UNDERWAY

    def _kept(self, wanted: Wanted) -> MediaFile | None:
        found = self._shelf.find(self.sources[wanted.provider], wanted)
        return found.media if found else None


def _takes_picture(link: Link) -> bool:
    return link.offer is not None and link.offer.takes_picture and link.offer.makes == "clip"


def _worded(prompts: Sequence[Prompt], link: Link, guided: Guided) -> list[Prompt]:
    """The prompts, those told apart that are sent to this provider beside different pictures or sounds."""
    return [prompt.model_copy(update={"beside": _beside(prompt.scene, link, guided)}) for prompt in prompts]


def _beside(scene: int, link: Link, guided: Guided) -> str:
    picture = guided.pictures.get(scene) if _takes_picture(link) else None
    bare = " bare" if guided.painter and _takes_picture(link) and scene in guided.bare else ""
    voice = f" voice {scene}" if guided.cut and link.offer and link.offer.takes_sound else ""
    return f"{picture.sha256 if picture else ''}{bare}{voice}"


def _with_stills(wishes: Wishes, guided: Guided) -> Wishes:
    """The same, with what the stills to begin from come to."""
    painter = guided.painter
    stills = {fingerprint_of(one.still): one.still for one in wishes.asked if one.still is not None}
    if painter is None or painter.offer is None or not stills:
        return wishes
    prices = [painter.source.price(still) for still in stills.values()]
    part = Estimate(
        model=painter.offer.model,
        orders=len(stills),
        shared=0,
        rest=0,
        seconds=0,
        lengths={0: len(stills)},
        price=painter.offer.price,
        total_usd=None if None in prices else round(sum(price or 0.0 for price in prices), 6),
        takes_s=finish_s(len(stills), painter.offer.limits, clip_time_s(painter.offer)),
        lane=painter.offer.lane,
    )
    share = Share(provider=painter.name, estimate=part, free=painter.offer.free)
    return replace(wishes, shares=(share, *wishes.shares), painter=painter)


def _notes(wishes: Wishes, links: Sequence[Link]) -> list[str]:
    """What is worth knowing before money is spent, each once."""
    notes = [f"{share.provider}: {note}" for share in wishes.shares for note in share.estimate.notes]
    notes += wishes.notes
    notes += lane_notes(links if wishes.painter is None else (*links, wishes.painter))
    for link in links:
        if link.down is not None:
            notes.append(f"{link.name} cannot be asked: {link.down.text}")
        elif link.offer is not None and link.offer.retires:
            notes.append(f"{link.name}: {link.offer.model} ends on {link.offer.retires}")
    if len({choice.provider for one in wishes.asked for choice in one.choices}) > 1:
        notes.append("where a provider does not deliver, the next is asked, within the same sum")
    return list(dict.fromkeys(notes))
