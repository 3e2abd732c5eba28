"""What providers are told of each scene: written once for a film, kept with it, checked where that is wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from voxweave.core.drafts import write_with
from voxweave.core.prompts import Brief, Flag, Prompt, Written, series_of, write_prompts
from voxweave.core.softening import soften
from voxweave.core.storyboard import ART, Storyboard, with_prompts
from voxweave.core.value import Value
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.media.files import write_atomically
from voxweave.pipeline.chain import Link, toolkit, wire_options
from voxweave.pipeline.desk import Desk
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import PromptCheck, PromptWriter
from voxweave.providers.registry import make_provider
from voxweave.settings.looktexts import look_text

_LONGEST = 2_000


class Verdicts(Value):
    """Prompts in gentler words that pass, and the scenes that are not to be ordered at all."""

    gentler: dict[int, str] = Field(default_factory=dict)
    barred: dict[int, tuple[str, ...]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Scribe:
    """Writes and checks the prompts of one film."""

    desk: Desk
    brief: Brief
    links: Sequence[Link]

    def prompted(self, story: Storyboard) -> Storyboard:
        """The storyboard with a prompt for every scene that may be ordered; what stands there already stays."""
        bare = [scene.number for scene in story.scenes if scene.picture == ART and not scene.prompt]
        if not bare or not self.links:
            return story
        written = self._written(story)
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
        file = self.desk.job.folder / f"moderation-{name[:16]}.json"
        if file.exists():
            return Verdicts.model_validate_json(file.read_text("utf-8"))
        found = self._judged(prompts, told)
        write_atomically(file, found.to_json())
        return found

    def _written(self, story: Storyboard) -> Written:
        """Kept by what they are made of, not by our version: a prompt that changes is paid for again."""
        longest = min([_LONGEST, *(link.offer.longest_prompt for link in self.links if link.offer)])
        by_model = self.desk.studio.settings.writer == "llm"
        told = wire_options(self.desk.studio, "writer") if by_model else {}
        shown = [(scene.number, scene.text) for scene in story.scenes]
        name = fingerprint_of(shown, story.duration_ms, self.brief, longest, by_model, _bare(told))
        file = self.desk.job.folder / f"prompts-{name[:16]}.json"
        if file.exists():
            return Written.model_validate_json(file.read_text("utf-8"))
        if by_model:
            written = self._drafted(story, longest, told)
        else:
            written = Written(prompts=write_prompts(story, self.brief, longest=longest))
        write_atomically(file, written.to_json())
        return written

    def _drafted(self, story: Storyboard, longest: int, told: Mapping[str, Any]) -> Written:
        studio = self.desk.studio
        writer = make_provider("writer", PromptWriter, options=told, tools=toolkit(studio))
        patience = Patience(first_s=studio.settings.retry_s)
        return write_with(
            lambda scenes, series, setting: ask(
                lambda: writer.draft(scenes, series, setting), studio.stop, patience=patience
            ),
            story,
            self.brief,
            longest=longest,
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
    """Options without the keys."""
    return {name: value for name, value in told.items() if name != "key"}
