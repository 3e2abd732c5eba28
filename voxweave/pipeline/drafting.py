"""Prompts by a language model that is paid: priced before it is asked, and each request written down as an order."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from voxweave.core.drafts import BATCH, Draft, Worth
from voxweave.core.estimate import Estimate
from voxweave.core.logline import order_facts
from voxweave.core.orders import Limits, Order, Price, Wanted
from voxweave.core.prompts import Series
from voxweave.core.quotes import Quote, Share
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.errors import (
    KeyRefused,
    ProviderBusy,
    ProviderError,
    ProviderUnreachable,
    RefusedError,
    VoxWeaveError,
)
from voxweave.jobs.budget import Budget, OverBudget
from voxweave.jobs.limits import Account, Meter
from voxweave.jobs.orders import Ledger
from voxweave.pipeline.sources import why
from voxweave.providers.base import PromptWriter

_LOG = logging.getLogger(__name__)
WRITER = "writer"
_UNLIMITED = Limits(at_once=None, per_minute=None, per_hour=None, per_day=None)
_UNSENT = (ProviderBusy, ProviderUnreachable, KeyRefused)
_REQUEST_S = 20.0


@dataclass(frozen=True)
class Till:
    """Where requests are written down, and what they may cost beside all else of the film."""

    ledger: Ledger
    meter: Meter
    budget: Budget


class PaidWriter:
    """A prompt writer each of whose requests must fit the budget; one that may have been billed counts in full."""

    def __init__(self, writer: PromptWriter, till: Till) -> None:
        self._writer, self._till = writer, till
        for order in till.ledger.orders():  # of runs that died while they waited
            if order.wanted.provider == WRITER and order.state == "sending":
                till.ledger.move(order.key, "fetched", reason="the run ended before its answer came")

    def draft(self, scenes: Sequence[Scene], series: Series, setting: str) -> Draft:
        """What some scenes show; OverBudget where the request does not fit."""
        worth = self._writer.worth(scenes, series)
        if worth.most_usd == 0:
            return self._writer.draft(scenes, series, setting)
        order, post = self._begun(self._wanted(scenes, worth), worth.most_usd)
        try:
            draft = self._writer.draft(scenes, series, setting)
        except (ProviderError, RefusedError) as error:
            paid = 0.0 if isinstance(error, _UNSENT) else worth.most_usd
            self._ended(order, post, paid, trouble=error)
            raise
        self._ended(order, post, worth.most_usd if draft.cost_usd is None else draft.cost_usd)
        return draft

    def _wanted(self, scenes: Sequence[Scene], worth: Worth) -> Wanted:
        earlier = sum(order.wanted.provider == WRITER for order in self._till.ledger.orders())
        span = f"{scenes[0].number} to {scenes[-1].number}"
        what = f"prompts for scenes {span}, request {earlier + 1}"
        return Wanted(provider=WRITER, model=worth.model, prompt=what, seconds=0, width=0, height=0)

    def _begun(self, wanted: Wanted, most_usd: float | None) -> tuple[Order, str]:
        ledger, meter = self._till.ledger, self._till.meter
        film, key, budget = ledger.film, ledger.look(wanted).order.key, self._till.budget
        place = meter.take(Account(WRITER), _UNLIMITED, film=film, key=key, price_usd=most_usd, budget=budget)
        post = place.post
        try:
            order = ledger.claim(wanted, most_usd, budget=budget, post=post).order
        except OverBudget:
            meter.undo(post)
            raise
        meter.name(post, order.key)  # there is no id of a job, and one without is taken for turned down
        return order, post

    def _ended(
        self, order: Order, post: str, paid_usd: float | None, *, trouble: VoxWeaveError | None = None
    ) -> None:
        """Written down as failed only where nothing is to be paid for it."""
        ledger, reason = self._till.ledger, str(trouble or "")
        ledger.settle(order.key, paid_usd)
        ended = ledger.move(order.key, "failed" if trouble and paid_usd == 0 else "fetched", reason=reason)
        self._till.meter.end(post, paid_usd)
        known = order_facts(ended, error=why(trouble) if trouble else "")
        _LOG.info("prompts %s%s", ended.state, f": {reason}" if reason else "", extra=known)


def draft_quote(writer: PromptWriter, story: Storyboard, series: Series, ledger: Ledger) -> Quote:
    """What the requests for a film's prompts come to at most; nothing is asked."""
    worths = [writer.worth(scenes, series) for scenes in _batches(story)]
    sums = [worth.most_usd for worth in worths]
    known = round(sum(each for each in sums if each is not None), 6)
    whole = None if None in sums else known
    totals = ledger.totals()
    part = Estimate(
        model=worths[0].model,
        orders=len(sums),
        shared=0,
        rest=0,
        seconds=0,
        lengths={},
        price=None if whole is None else Price(dated=worths[0].dated),
        total_usd=whole,
        takes_s=_REQUEST_S * len(sums),
    )
    return Quote(
        shares=(Share(provider=WRITER, estimate=part),),
        scenes=0,
        orders=len(sums),
        new_usd=whole,
        known_usd=known,
        spent_usd=totals.bound_usd,
    )


def _batches(story: Storyboard) -> Iterator[tuple[Scene, ...]]:
    """The scenes of each request, as core.drafts asks for them."""
    for first in range(0, len(story.scenes), BATCH):
        yield story.scenes[first : first + BATCH]
