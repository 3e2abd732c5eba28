"""The prompt writer and the moderation check against the fake service."""

import pytest

from tests.contract.asking import Start
from tests.fakes.provider import FakeProvider
from voxweave.core.drafts import write_with
from voxweave.core.prompts import CLEAN, Brief, Flag, LookText, Prompt, Written
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import Span
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import Toolkit
from voxweave.providers.moderator import Moderator
from voxweave.providers.writer import Writer

STORY = Storyboard(
    duration_ms=48_000,
    scenes=tuple(
        Scene(
            number=n,
            span=Span(start=n * 4000 - 4000, end=n * 4000),
            text=f"A heron waits by lantern number {n}.",
        )
        for n in range(1, 13)
    ),
)
QUICK = Patience(first_s=0.01)


@pytest.fixture
def tools() -> Toolkit:
    """What a provider is handed."""
    return Toolkit(find_ffmpeg(), StopSignal(), lambda _: None)


def options(fake: FakeProvider, **more: object) -> dict[str, object]:
    """Where it is."""
    return {"base_url": f"{fake.origin}/v1", "model": "tiny", "key": "sk-test-contract-0001", **more}


def written(fake: FakeProvider, tools: Toolkit) -> Written:
    """The prompts of the film as the service drafts them, in batches of five."""
    writer = Writer(Writer.Options.model_validate(options(fake)), tools)
    brief = Brief(title="Dust", look=LookText(text="ink wash"))
    return write_with(
        lambda *told: ask(lambda: writer.draft(*told), tools.stop, patience=QUICK),
        STORY,
        brief,
        longest=600,
        batch=5,
    )


def test_every_scene_is_drafted(start: Start, tools: Toolkit) -> None:
    """Twelve scenes in three requests, each with a prompt of the model's own words."""
    made = written(start("openai"), tools)

    assert {prompt.written_by for prompt in made.prompts} == {"model"}
    assert all(prompt.text.endswith(CLEAN) and len(prompt.text) <= 600 for prompt in made.prompts)
    assert made.notes == ()


@pytest.mark.parametrize(
    "fault",
    [
        *("chat_prose", "chat_empty_object", "chat_long", "chat_half", "chat_declines", "chat_no_choice"),
        *("chat_401", "chat_500", "chat_html", "chat_reset", "chat_400_schema"),
    ],
)
def test_any_fault_leaves_a_whole_set_of_prompts(fault: str, start: Start, tools: Toolkit) -> None:
    """Whatever the service does, every scene has a prompt, and a note tells of it."""
    made = written(start("openai", [fault] * 12), tools)

    assert [prompt.scene for prompt in made.prompts] == list(range(1, 13))
    assert all(prompt.text.endswith(CLEAN) for prompt in made.prompts)
    assert made.notes


def test_a_passing_fault_passes(start: Start, tools: Toolkit) -> None:
    """One fault that may pass is asked again, and nobody notices."""
    made = written(start("openai", ["chat_500"]), tools)

    assert {prompt.written_by for prompt in made.prompts} == {"model"}


def test_prompts_are_checked(start: Start, tools: Toolkit) -> None:
    """The check answers for every prompt, and names scene and category."""
    fake = start("openai")
    check = Moderator(Moderator.Options.model_validate(options(fake)), tools)
    made = [Prompt(scene=n, text=f"a heron {n}", seed=1) for n in range(1, 41)]

    assert check.flagged(made) == ()
    made[34] = Prompt(scene=35, text="a bloodbath", seed=1)
    assert check.flagged(made) == (Flag(scene=35, categories=("violence",)),)
