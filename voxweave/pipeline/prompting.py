"""What providers are told of each scene: written once for a film, kept with it, checked where that is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from voxweave.core.drafts import write_with
from voxweave.core.prompts import Brief, Flag, Prompt, Series, Written, series_of, write_prompts
from voxweave.core.quotes import Quote
from voxweave.core.softening import soften
from voxweave.core.storyboard import ART, Storyboard, with_prompts
from voxweave.core.value import Value
from voxweave.errors import ProviderError, UsageError
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.orders import Ledger
from voxweave.pipeline.chain import Link, toolkit, wire_options
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.drafting import WRITER, PaidWriter, Till, draft_quote
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import PromptCheck, PromptWriter
from voxweave.providers.registry import make_provider
from voxweave.settings.looktexts import look_text

_LONGEST = 2_000


class Verdicts(Value):
    """Prompts in gentler words that pass, and the scenes that are not to be ordered at all."""

    gentler: dict[int, str] = Field(default_factory=dict)
    barred: dict[int, tuple[str, ...]] = Field(default_factory=dict)
    unchecked: str = ""
    """Why none of them could be checked."""


@dataclass(frozen=True)
class Scribe:
    """Writes and checks the prompts of one film."""

    desk: Desk
    brief: Brief
    links: Sequence[Link]
    bare: set[int] = field(default_factory=set)
    """Scenes whose prompts a paid model has yet to write; they have plain ones until then."""

    def prompted(self, story: Storyboard) -> Storyboard:
        """The storyboard with a prompt for every scene that may be ordered; what stands there already stays."""
        bare = [scene.number for scene in story.scenes if scene.picture == ART and not scene.prompt]
        if not bare or not self.links:
            return story
        if self._owes(story):
            self.bare.update(bare)
            plain = {prompt.scene: prompt.text for prompt in self._plain(story)}
            return with_prompts(story, {number: plain[number] for number in bare})
        return self._with(story, self._written(story), bare)

    def priced(self, story: Storyboard, ledger: Ledger) -> Quote | None:
        """What the prompts still to be written come to at most; None where there are none."""
        if not self.bare:
            return None
        return draft_quote(self._writer(), story, self._series(story), ledger)

    def drafted(self, story: Storyboard, till: Till) -> Storyboard:
        """The storyboard with the prompts a paid model was asked for, each request within the budget."""
        bare = sorted(self.bare)
        self.bare.clear()
        return self._with(story, self._written(story, till), bare)

    def _with(self, story: Storyboard, written: Written, bare: Sequence[int]) -> Storyboard:
        self.desk.tell_all(written.notes)
        texts = {prompt.scene: prompt.text for prompt in written.prompts}
        return with_prompts(story, {number: texts[number] for number in bare})

    def seed(self, story: Storyboard) -> int:
        """The seed all scenes of the film share."""
        return series_of(story, self.brief, longest=_LONGEST).seed

    def checked(self, prompts: Sequence[Prompt]) -> Verdicts:
        """Gentler words and barred scenes, as the moderation endpoint has it."""
        if self.desk.studio.settings.moderation == "off" or not prompts:
            return Verdicts()
        told = wire_options(self.desk.studio, "moderator")
        name = fingerprint_of([prompt.text for prompt in prompts], _bare(told))
        file = f"moderation-{name[:16]}.json"
        known = self.desk.job.written(file, Verdicts)
        if known is not None:
            return known
        try:
            found = self._judged(prompts, told)
        except ProviderError as error:
            if self.desk.studio.settings.unchecked == "stop":
                raise
            return Verdicts(unchecked=str(error))
        self.desk.job.keep_written(file, found)
        return found

    def _written(self, story: Storyboard, till: Till | None = None) -> Written:
        """Kept by what they are made of, not by our version: a prompt that changes is paid for again."""
        file = self._file(story)
        known = self.desk.job.written(file, Written)
        if known is not None:
            return known
        written = self._by_model(story, till) if self._models else Written(prompts=self._plain(story))
        self.desk.job.keep_written(file, written)
        return written

    def _file(self, story: Storyboard) -> str:
        """The name that a story's prompts are kept under."""
        shown = [(scene.number, scene.text) for scene in story.scenes]
        told = wire_options(self.desk.studio, WRITER) if self._models else {}
        name = fingerprint_of(shown, story.duration_ms, self.brief, self._longest, self._models, _bare(told))
        return f"prompts-{name[:16]}.json"

    def _plain(self, story: Storyboard) -> tuple[Prompt, ...]:
        return write_prompts(story, self.brief, longest=self._longest)

    @property
    def _longest(self) -> int:
        return min([_LONGEST, *(link.offer.longest_prompt for link in self.links if link.offer)])

    @property
    def _models(self) -> bool:
        """Whether a language model writes."""
        return self.desk.studio.settings.writer == "llm"

    def _owes(self, story: Storyboard) -> bool:
        """Whether a model is to be asked that may cost something."""
        if not self._models or self._replaced:
            return False
        if self.desk.job.written(self._file(story), Written) is not None:
            return False
        return self._writer().worth(story.scenes[:1], self._series(story)).most_usd != 0

    @property
    def _replaced(self) -> bool:
        """Whether the user's own words stand in the place of any."""
        return bool(self.brief.custom) and self.brief.mode == "replace"

    def _series(self, story: Storyboard) -> Series:
        return series_of(story, self.brief, longest=self._longest)

    def _writer(self) -> PromptWriter:
        studio = self.desk.studio
        told = wire_options(studio, WRITER)
        return make_provider(WRITER, PromptWriter, options=told, tools=toolkit(studio))

    def _by_model(self, story: Storyboard, till: Till | None) -> Written:
        studio = self.desk.studio
        writer = self._writer()
        drafter = PaidWriter(writer, till).draft if till else writer.draft
        patience = Patience(first_s=studio.settings.retry_s)
        return write_with(
            lambda scenes, series, setting: ask(
                lambda: drafter(scenes, series, setting), studio.stop, patience=patience
            ),
            story,
            self.brief,
            longest=self._longest,
        )

    def _judged(self, prompts: Sequence[Prompt], told: Mapping[str, Any]) -> Verdicts:
        check = make_provider("moderator", PromptCheck, options=told, tools=toolkit(self.desk.studio))
        flagged = self._flagged(check, prompts)
        texts = {prompt.scene: prompt for prompt in prompts}
        gentler = [
            texts[scene].model_copy(update={"text": soften(texts[scene].text)})
            for scene in flagged
            if soften(texts[scene].text) != texts[scene].text
        ]
        still = self._flagged(check, gentler) if gentler else {}
        passed = {prompt.scene: prompt.text for prompt in gentler if prompt.scene not in still}
        barred = {scene: kinds for scene, kinds in flagged.items() if scene not in passed}
        return Verdicts(gentler=passed, barred=barred)

    def _flagged(self, check: PromptCheck, prompts: Sequence[Prompt]) -> dict[int, tuple[str, ...]]:
        studio = self.desk.studio
        patience = Patience(first_s=studio.settings.retry_s)
        flags: tuple[Flag, ...] = ask(lambda: check.flagged(prompts), studio.stop, patience=patience)
        return {flag.scene: flag.categories for flag in flags}


def scribe_for(desk: Desk, links: Sequence[Link], *, title: str, language: str) -> Scribe:
    """Someone who knows what all prompts of this film have in common."""
    settings, style = desk.studio.settings, desk.studio.style
    if links and settings.prompt_mode == "replace" and not settings.prompt:
        raise UsageError(
            "prompt_mode is replace, and there is no prompt to put in the place of ours",
            hint="say it with --prompt, or leave --prompt-mode at add",
        )
    brief = Brief(
        title=title,
        look=look_text(style.name, summary=style.summary),
        custom=settings.prompt,
        mode=settings.prompt_mode,
        language=language,
        seed=settings.seed,
    )
    return Scribe(desk, brief, links)


def _bare(told: Mapping[str, Any]) -> dict[str, Any]:
    """Who is asked: a new key, price, proxy or patience is no reason to ask again, and to buy other pictures."""
    return {name: told[name] for name in ("base_url", "model") if name in told}
