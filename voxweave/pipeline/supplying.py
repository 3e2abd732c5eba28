"""Pictures ordered for a film: prompts checked, the sum agreed to, orders seen through, and what came of them."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from voxweave.core.estimate import Choices
from voxweave.core.logline import facts
from voxweave.core.prompts import Prompt
from voxweave.core.quotes import Quote
from voxweave.core.storyboard import ART, Storyboard, with_prompts
from voxweave.core.timeline import Timeline
from voxweave.core.value import MediaFile
from voxweave.errors import InputError
from voxweave.jobs.limits import Meter
from voxweave.jobs.log import job_log
from voxweave.jobs.orders import BILLED, FILE, Ledger, Totals
from voxweave.pipeline.chain import Link
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.illustrate import load
from voxweave.pipeline.means import Means, News, Pace
from voxweave.pipeline.ordering import Outcome, order_scenes
from voxweave.pipeline.prompting import Scribe
from voxweave.pipeline.sources import Fell
from voxweave.pipeline.wishes import Wishes, quote_of, wishes_for
from voxweave.providers.ask import Patience

_LOG = logging.getLogger(__name__)
_SHARES = {"planned": 0.0, "sending": 0.02, "accepted": 0.05, "done": 0.9, "fetched": 1.0}
_ENDS = frozenset({"fetched", "fell", "parked"})
_TOLD = frozenset({"waiting", "unclear", "lost"})
_MODERATION = "moderation"
_HELD = "its prompt is held back ({}); another wording may pass: voxweave plan, then make --storyboard"
_NUMBERS = re.compile(r"[0-9.,]+")


@dataclass(frozen=True)
class Bought:
    """Where a scene's picture came from; `price_usd` is 0 where another scene paid, None where nobody knows."""

    media: MediaFile
    provider: str
    model: str
    price_usd: float | None
    is_clip: bool


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


@dataclass(frozen=True)
class Buying:
    """A film whose scenes may be ordered."""

    desk: Desk
    links: tuple[Link, ...]
    scribe: Scribe

    def supplied(self, story: Storyboard, timeline: Timeline) -> Supplies:
        """Order what is wanted; no request leaves before the sum is told and agreed to."""
        orderable = _orderable(timeline)
        if not self.links or not orderable.shots:
            return Supplies()
        prompts, barred = self._prompts(story, orderable)
        wishes = self._wishes(orderable, prompts)
        with self._books() as (ledger, meter):
            quote = quote_of(wishes, self.links, ledger)
            self.desk.tell_all(quote.lines())
            budget = agreed(quote, self.desk.studio)
            stop, folder = self.desk.studio.stop, self.desk.job.folder / "orders"
            watch = _Watch(self.desk, len(wishes.asked))
            means = Means(ledger, meter, budget, stop, folder, self._pace(), watch)
            outcomes = self._ordered(wishes, means)
            found = self._taken(wishes, outcomes, ledger)
            unpriced = sum(order.price_usd is None and order.state in BILLED for order in ledger.orders())
            found = replace(found, totals=ledger.totals(), unpriced=unpriced)
            return self._told(found, orderable, barred)

    def quoted(self, story: Storyboard, timeline: Timeline) -> Quote:
        """What it would come to; nothing is ordered."""
        orderable = _orderable(timeline)
        if not self.links or not orderable.shots:
            return Quote(shares=(), scenes=0)
        prompts = self._texts(story, orderable)
        with self._books() as (ledger, _):
            return quote_of(self._wishes(orderable, prompts), self.links, ledger)

    def _wishes(self, timeline: Timeline, prompts: Sequence[Prompt]) -> Wishes:
        settings = self.desk.studio.settings
        choices = Choices(clips=settings.clips or None, mix=settings.mix if settings.mix < 1 else None)
        told = {prompt.scene for prompt in prompts}
        shots = tuple(shot for shot in timeline.shots if shot.scene.number in told)
        return wishes_for(timeline.model_copy(update={"shots": shots}), prompts, self.links, choices=choices)

    def _texts(self, story: Storyboard, timeline: Timeline) -> list[Prompt]:
        seed = self.scribe.seed(story)
        scenes = (shot.scene for shot in timeline.shots)
        return [Prompt(scene=scene.number, text=scene.prompt, seed=seed) for scene in scenes]

    def _prompts(self, story: Storyboard, timeline: Timeline) -> tuple[list[Prompt], dict[int, Fell]]:
        """The prompts as they may be sent, and the scenes that are held back."""
        prompts = self._texts(story, timeline)
        verdicts = self.scribe.checked(prompts)
        for scene in verdicts.gentler:
            self.desk.tell_all([f"scene {scene} is ordered in gentler words, as its prompt was held back"])
        barred = {
            scene: Fell(provider=_MODERATION, why="refused", text=_HELD.format(", ".join(kinds)))
            for scene, kinds in verdicts.barred.items()
        }
        story = with_prompts(story, verdicts.gentler)
        kept = [shot for shot in timeline.shots if shot.scene.number not in barred]
        texts = {scene.number: scene.prompt for scene in story.scenes}
        by_scene = {prompt.scene: prompt for prompt in prompts}
        return [
            by_scene[shot.scene.number].model_copy(update={"text": texts[shot.scene.number]}) for shot in kept
        ], barred

    @contextmanager
    def _books(self) -> Iterator[tuple[Ledger, Meter]]:
        quiet_s = self.desk.studio.settings.quiet_s
        create_s = max((link.create_s for link in self.links), default=0.0)
        file = self.desk.job.folder / FILE
        with Ledger(file, quiet_s=quiet_s, create_s=create_s) as ledger, Meter() as meter:
            yield ledger, meter

    def _pace(self) -> Pace:
        settings = self.desk.studio.settings
        return Pace(
            poll_s=settings.poll_s,
            poll_longest_s=4 * settings.poll_s,
            deadline_s=settings.order_deadline_s,
            place_s=min(5.0, settings.poll_s),
            patience=Patience(first_s=settings.retry_s),
        )

    def _ordered(self, wishes: Wishes, means: Means) -> tuple[Outcome, ...]:
        if not wishes.asked:
            return ()
        folder = self.desk.job.folder
        with job_log(folder / "log", folder.name):
            return order_scenes(wishes.asked, means, [link.source for link in self.links])

    def _taken(self, wishes: Wishes, outcomes: Sequence[Outcome], ledger: Ledger) -> Supplies:
        """Each scene with the picture it shows, as far as it can be read."""
        by_scene = {outcome.scene: outcome for outcome in outcomes}
        bought: dict[int, Bought] = {}
        fell: dict[int, tuple[Fell, ...]] = {}
        for scene, source in wishes.shows.items():
            outcome = by_scene[source]
            fell[scene] = outcome.fell
            got = self._got(outcome, ledger, pays=scene == source)
            if isinstance(got, Fell):
                fell[scene] = (*outcome.fell, got)
            elif got is not None:
                bought[scene] = got
        return Supplies(bought, {scene: reasons for scene, reasons in fell.items() if reasons})

    def _got(self, outcome: Outcome, ledger: Ledger, *, pays: bool) -> Bought | Fell | None:
        if outcome.file is None or outcome.wanted is None:
            return None
        order = ledger.last(outcome.wanted)
        wanted = outcome.wanted
        try:
            made = self.desk.step(load, outcome.file, self.desk.studio.settings.canvas).picture
        except InputError as error:
            key = order.key if order else ""
            return Fell(provider=wanted.provider, why="trouble", text=f"it cannot be shown: {error}", key=key)
        price = order.paid_usd if order and pays else 0.0
        return Bought(outcome.file, wanted.provider, wanted.model, price, made.kind == "clip")

    def _told(self, found: Supplies, timeline: Timeline, barred: Mapping[int, Fell]) -> Supplies:
        """The same, with what kept providers from being asked; what fell short is said."""
        down = tuple(link.down for link in self.links if link.down is not None)
        fell: dict[int, tuple[Fell, ...]] = {}
        for shot in timeline.shots:
            scene = shot.scene.number
            held = (barred[scene],) if scene in barred else ()
            reasons = (*held, *(() if held else down), *found.fell.get(scene, ()))
            if reasons:
                fell[scene] = reasons
        instead = "own media" if self.desk.studio.settings.media else ART
        for line in shortfalls(fell, found.bought, instead=instead):
            self.desk.fall_short(line)
        return replace(found, fell=fell)


class _Watch:
    """Turns news of orders into progress, notices and lines of the log."""

    def __init__(self, desk: Desk, orders: int) -> None:
        self._desk, self._orders = desk, orders
        self._shares: dict[str, float] = {}
        self._said: set[str] = set()

    def __call__(self, news: News) -> None:
        """One thing worth telling."""
        _LOG.info("order %s", news.what, extra=facts(order=news.key, provider=news.provider, error=news.text))
        share = 1.0 if news.what in _ENDS else _SHARES.get(news.what, 0.05)
        if news.what == "running" and news.percent is not None:
            share = 0.05 + 0.008 * news.percent
        self._shares[news.key] = max(share, self._shares.get(news.key, 0.0))
        self._desk.teller.advance(min(1.0, sum(self._shares.values()) / self._orders))
        alike = _NUMBERS.sub("", f"{news.provider} {news.text}")
        if news.what in _TOLD and news.text and alike not in self._said:
            self._said.add(alike)
            self._desk.teller.notice(f"{news.provider}: {news.text}")


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
        f"{_scenes(scenes)} not {'ordered' if provider == _MODERATION else f'from {provider}'}: {text};"
        f" shown instead: {shown}"
        for (provider, _, _, shown), (text, scenes) in shelves.items()
    ]


def _scenes(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:12])) + (" and more" if len(numbers) > 12 else "")
    return f"scene{'s' if len(numbers) > 1 else ''} {shown}"


def _orderable(timeline: Timeline) -> Timeline:
    """The shots that show neither own media nor anything else already there."""
    shots = tuple(shot for shot in timeline.shots if shot.scene.picture == ART and shot.scene.prompt)
    return timeline.model_copy(update={"shots": shots})
