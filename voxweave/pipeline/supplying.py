"""Pictures ordered for a film: prompts checked, the sum agreed to, orders seen through, and what came of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from voxweave.core.estimate import Choices
from voxweave.core.prompts import Prompt
from voxweave.core.quotes import Quote
from voxweave.core.storyboard import ART, Storyboard, with_prompts
from voxweave.core.text import printable
from voxweave.core.timeline import Shot, Timeline
from voxweave.core.value import MediaFile
from voxweave.errors import InputError
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Meter
from voxweave.jobs.log import job_log
from voxweave.jobs.opening import open_ledger, open_meter
from voxweave.jobs.order_states import BILLED
from voxweave.jobs.orders import Ledger
from voxweave.pipeline.chain import Link
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.drafting import Till
from voxweave.pipeline.guides import Guided, Guides
from voxweave.pipeline.illustrate import load
from voxweave.pipeline.means import Means, pace_of
from voxweave.pipeline.order_news import OrderNews, reuses, unled
from voxweave.pipeline.ordering import Outcome, order_scenes
from voxweave.pipeline.prompting import Scribe
from voxweave.pipeline.reuse import Shelf, most_bytes, shelf_for, store_for
from voxweave.pipeline.sources import Fell
from voxweave.pipeline.supplies import MODERATION, Bought, Supplies, shortfalls
from voxweave.pipeline.wishes import Wishes, quote_of, wishes_for

_HELD = "its prompt is held back ({}); another wording may pass: voxweave plan, then make --storyboard"
_NOT_CHECKED = "no prompt could be checked ({}); run again, or order all the same with --unchecked order"


@dataclass(frozen=True)
class Buying:
    """A film whose scenes may be ordered."""

    desk: Desk
    links: tuple[Link, ...]
    scribe: Scribe
    guides: Guides
    settled: Callable[[Mapping[int, MediaFile | None]], None] = lambda _: None
    """Told, by many threads, which scenes will show which file, or nothing that was ordered."""

    def supplied(self, story: Storyboard, timeline: Timeline) -> Supplies:
        """Order what is wanted; no request leaves before the sum is told and agreed to."""
        if not self.links or not _orderable(timeline).shots:
            self.desk.tell_all(self.guides.idle())
            return Supplies()
        budget: Budget | None = None
        if self.scribe.bare:
            story, budget = self.drafted(story, self.quoted(story, timeline))
        orderable = _orderable(told_by(timeline, story))
        prompts, barred = self._prompts(story, orderable)
        wishes = self._wishes(orderable, prompts, self.guides.guided(story))
        shelf = self._shelf()
        with self._books() as (ledger, meter):
            quote = quote_of(wishes, self.links, ledger, shelf)
            if budget is None:
                self.desk.tell_all(quote.lines())
                budget = agreed(quote, self.desk.studio)
            stop, folder = self.desk.studio.stop, self.desk.job.folder / "orders"
            watch = OrderNews(self.desk, wishes.asked)
            shared = self.desk.job.sharing
            pace = pace_of(self.desk.studio.settings)
            means = Means(ledger, meter, budget, stop, folder, pace, watch, shelf, shared)
            self.settled({shot.scene.number: None for shot in _drawn(timeline, wishes)})
            outcomes = self._ordered(wishes, means)
            found = self._taken(wishes, outcomes, means)
            unpriced = sum(order.price_usd is None and order.state in BILLED for order in ledger.orders())
            found = replace(found, totals=ledger.totals(), unpriced=unpriced)
        shelf.keep_within(most_bytes(self.desk.studio.settings))
        self.desk.tell_all(
            reuses({scene: (one.reused_from, one.provider) for scene, one in found.bought.items()})
        )
        for line in unled(outcomes):
            self.desk.fall_short(line)
        return self._told(found, orderable, barred)

    def quoted(self, story: Storyboard, timeline: Timeline) -> Quote:
        """What it would come to; nothing is ordered."""
        orderable = _orderable(timeline)
        if not self.links or not orderable.shots:
            return Quote(shares=(), scenes=0)
        prompts = self._texts(story, orderable)
        wishes = self._wishes(orderable, prompts, self.guides.guided(story))
        with self._books() as (ledger, _):
            pictures = quote_of(wishes, self.links, ledger, self._shelf())
            words = self.scribe.priced(story, ledger) if pictures.orders else None
        return words.also(pictures) if words else pictures

    def drafted(
        self, story: Storyboard, quote: Quote | None = None, what: str = "the pictures"
    ) -> tuple[Storyboard, Budget | None]:
        """Prompts by a paid model, once they and all of `quote` were agreed to as one sum; else the story as it is."""
        if not self.scribe.bare or (quote is not None and not quote.orders):
            self.scribe.bare.clear()
            return story, None
        with self._books() as (ledger, meter):
            whole = quote or self.scribe.priced(story, ledger) or Quote(shares=(), scenes=0)
            self.desk.tell_all(whole.lines())
            budget = agreed(whole, self.desk.studio, what=what)
            folder = self.desk.job.folder
            with job_log(folder / "log", folder.name):
                return self.scribe.drafted(story, Till(ledger, meter, budget)), budget

    def _shelf(self) -> Shelf:
        """What was ordered before, here or for other films."""
        desk = self.desk
        return shelf_for(
            store_for(desk.studio.settings, desk.job.sharing),
            desk.job.folder / "orders",
            film=printable(desk.media.path.name, most=120),
            tell=lambda line: desk.tell_all([line]),
        )

    def _wishes(self, timeline: Timeline, prompts: Sequence[Prompt], guided: Guided) -> Wishes:
        settings = self.desk.studio.settings
        choices = Choices(clips=settings.clips or None, mix=settings.mix if settings.mix < 1 else None)
        told = {prompt.scene for prompt in prompts}
        shots = tuple(shot for shot in timeline.shots if shot.scene.number in told)
        wanted = timeline.model_copy(update={"shots": shots, "canvas": self.desk.studio.order_canvas})
        return wishes_for(wanted, prompts, self.links, choices=choices, guided=guided)

    def _texts(self, story: Storyboard, timeline: Timeline) -> list[Prompt]:
        seed, bare = self.scribe.seed(story), self.scribe.bare
        scenes = [shot.scene for shot in timeline.shots]
        # A model may yet write a prompt of its own for each: none is counted on to be shared.
        texts = [
            f"{scene.prompt} ({scene.number})" if scene.number in bare else scene.prompt for scene in scenes
        ]
        return [
            Prompt(scene=scene.number, text=text, seed=seed)
            for scene, text in zip(scenes, texts, strict=True)
        ]

    def _prompts(self, story: Storyboard, timeline: Timeline) -> tuple[list[Prompt], dict[int, Fell]]:
        """The prompts as they may be sent, and the scenes that are held back."""
        prompts = self._texts(story, timeline)
        verdicts = self.scribe.checked(prompts)
        for scene in verdicts.gentler:
            self.desk.tell_all([f"scene {scene} is ordered in gentler words, as its prompt was held back"])
        if verdicts.unchecked:
            return self._unchecked(prompts, verdicts.unchecked)
        barred = {
            scene: Fell(provider=MODERATION, why="refused", text=_HELD.format(", ".join(kinds)))
            for scene, kinds in verdicts.barred.items()
        }
        story = with_prompts(story, verdicts.gentler)
        kept = [shot for shot in timeline.shots if shot.scene.number not in barred]
        texts = {scene.number: scene.prompt for scene in story.scenes}
        by_scene = {prompt.scene: prompt for prompt in prompts}
        return [
            by_scene[shot.scene.number].model_copy(update={"text": texts[shot.scene.number]}) for shot in kept
        ], barred

    def _unchecked(self, prompts: list[Prompt], reason: str) -> tuple[list[Prompt], dict[int, Fell]]:
        """All prompts, or none, as the settings have it where the moderation endpoint fails; it is said either way."""
        if self.desk.studio.settings.unchecked == "order":
            self.desk.fall_short(f"the prompts were ordered unchecked: {reason}")
            return prompts, {}
        fell = Fell(provider=MODERATION, why="trouble", text=_NOT_CHECKED.format(reason))
        return [], {prompt.scene: fell for prompt in prompts}

    @contextmanager
    def _books(self) -> Iterator[tuple[Ledger, Meter]]:
        settings, stop = self.desk.studio.settings, self.desk.studio.stop
        create_s = max((link.create_s for link in self.links), default=0.0)
        folder, kept, quiet_s = self.desk.job.folder, settings.ledger, settings.quiet_s
        with (
            open_ledger(folder, kept, quiet_s=quiet_s, create_s=create_s, stop=stop) as ledger,
            open_meter(kept, stop=stop) as meter,
        ):
            yield ledger, meter

    def _ordered(self, wishes: Wishes, means: Means) -> tuple[Outcome, ...]:
        if not wishes.asked:
            return ()
        links = self.links if wishes.painter is None else (*self.links, wishes.painter)
        folder = self.desk.job.folder
        with job_log(folder / "log", folder.name):
            sources = [link.source for link in links]
            return order_scenes(wishes.asked, means, sources, settled=self._passing_on(wishes))

    def _passing_on(self, wishes: Wishes) -> Callable[[Outcome], None]:
        """Tells of an order that one scene alone shows."""
        shown_by: dict[int, list[int]] = {}
        for scene, source in wishes.shows.items():
            shown_by.setdefault(source, []).append(scene)

        def pass_on(outcome: Outcome) -> None:
            scenes = shown_by.get(outcome.scene, [])
            if len(scenes) == 1:
                self.settled({scenes[0]: outcome.file})

        return pass_on

    def _taken(self, wishes: Wishes, outcomes: Sequence[Outcome], means: Means) -> Supplies:
        """Each scene with the picture it shows, as far as it can be read."""
        by_scene = {outcome.scene: outcome for outcome in outcomes}
        bought: dict[int, Bought] = {}
        fell: dict[int, tuple[Fell, ...]] = {}
        for scene, source in wishes.shows.items():
            outcome = by_scene[source]
            fell[scene] = outcome.fell
            got = self._got(outcome, means, pays=scene == source)
            if isinstance(got, Fell):
                fell[scene] = (*outcome.fell, got)
            elif got is not None:
                bought[scene] = got
        return Supplies(bought, {scene: reasons for scene, reasons in fell.items() if reasons})

    def _got(self, outcome: Outcome, means: Means, *, pays: bool) -> Bought | Fell | None:
        wanted = outcome.wanted
        if outcome.file is None or wanted is None:
            return None
        order = means.ledger.last(wanted)
        try:
            self.desk.step(load, outcome.file, self.desk.studio.settings.canvas)
        except InputError as error:
            key = order.key if order else ""
            return Fell(provider=wanted.provider, why="trouble", text=f"it cannot be shown: {error}", key=key)
        price = order.paid_usd if order and pays else 0.0
        lane = order.lane if order else ""
        bought = Bought(outcome.file, wanted.provider, wanted.model, price, lane)
        return (
            bought
            if order and order.state == "fetched"
            else replace(bought, reused_from=means.origin(wanted), lane="")
        )

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


def told_by(timeline: Timeline, story: Storyboard) -> Timeline:
    """The timeline with the prompts as they stand in the story by now."""
    texts = {scene.number: scene.prompt for scene in story.scenes}
    shots = tuple(
        shot.model_copy(update={"scene": shot.scene.model_copy(update={"prompt": texts[shot.scene.number]})})
        for shot in timeline.shots
    )
    return timeline.model_copy(update={"shots": shots})


def _orderable(timeline: Timeline) -> Timeline:
    """The shots that show neither own media nor anything else already there."""
    shots = tuple(shot for shot in timeline.shots if shot.scene.picture == ART and shot.scene.prompt)
    return timeline.model_copy(update={"shots": shots})


def _drawn(timeline: Timeline, wishes: Wishes) -> list[Shot]:
    """The shots of our own art for which nothing is ordered."""
    art = (shot for shot in timeline.shots if shot.scene.picture == ART)
    return [shot for shot in art if shot.scene.number not in wishes.shows]
