"""Prompts drafted by a language model in batches of scenes, and in our own words wherever it fails."""

from collections.abc import Callable, Mapping, Sequence

from voxweave.core.prompts import Brief, Prompt, Series, Written, harmless, series_of, write_prompts
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.text import printable
from voxweave.core.value import Value
from voxweave.errors import ProviderError, RefusedError

BATCH = 20
"""Scenes a request: enough to see a story, few enough that an answer is not cut off."""

_SETTING_CHARS = 400


class Draft(Value):
    """What a model answered: the film's setting in its words, and what each scene shows; what it cost, if told."""

    setting: str = ""
    words: Mapping[int, str]
    cost_usd: float | None = None


class Worth(Value):
    """The most a request to a model may cost; None is not known, 0 on a server of one's own."""

    model: str
    most_usd: float | None
    dated: str = ""


Drafter = Callable[[Sequence[Scene], Series, str], Draft]
"""Drafts some scenes of a series; the setting is what an earlier batch was given, empty at first."""


class _Desk:
    """The drafts of one film as they come in."""

    def __init__(self) -> None:
        self.words: dict[int, str] = {}
        self.notes: list[str] = []
        self.setting = ""
        self.gone = False

    def take(self, scenes: Sequence[Scene], series: Series, drafter: Drafter) -> None:
        """Have a batch drafted; what fails leaves a note, and an outage ends the asking."""
        try:
            draft = drafter(scenes, series, self.setting)
        except (ProviderError, RefusedError) as error:
            self.gone = isinstance(error, ProviderError)
            self.notes.append(f"the prompt writer failed at {_named(scenes, self.gone)}: {error}")
            return
        self.setting = self.setting or printable(harmless(draft.setting), most=_SETTING_CHARS)
        cleaned = {scene.number: harmless(draft.words.get(scene.number, "")) for scene in scenes}
        self.words |= {number: words for number, words in cleaned.items() if words}
        missing = [scene for scene in scenes if not cleaned[scene.number]]
        if missing:
            self.notes.append(f"the prompt writer left out {_named(missing, onwards=False)}")


def write_with(
    drafter: Drafter, story: Storyboard, brief: Brief, *, longest: int, batch: int = BATCH
) -> Written:
    """A prompt for every scene: the model's words where they came, our own where not, and a note why."""
    plain = write_prompts(story, brief, longest=longest)
    if brief.custom and brief.mode == "replace":
        return Written(prompts=plain)  # the user's own words take the place of any
    series = series_of(story, brief, longest=longest)
    desk = _Desk()
    for first in range(0, len(story.scenes), batch):
        if not desk.gone:
            desk.take(story.scenes[first : first + batch], series, drafter)
    prompts = tuple(_drafted(prompt, desk.words, series) for prompt in plain)
    notes = tuple(f"{note}; those prompts are from our plain writer" for note in desk.notes)
    return Written(prompts=prompts, notes=notes)


def _drafted(plain: Prompt, words: Mapping[int, str], series: Series) -> Prompt:
    if plain.scene not in words:
        return plain
    return series.prompt(plain.scene, words[plain.scene], shown=plain.keywords, written_by="model")


def _named(scenes: Sequence[Scene], onwards: bool) -> str:  # noqa: FBT001  two words that read well
    numbers = [scene.number for scene in scenes]
    if onwards:
        return f"scene {numbers[0]} and after"
    return f"scene{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
