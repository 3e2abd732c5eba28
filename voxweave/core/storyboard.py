"""What the film shows when: its scenes, and the file in which a person may edit them."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voxweave.core.cuts import SceneRules, candidates, cut_moments
from voxweave.core.speech import Transcript, Word
from voxweave.core.time import Span, clock, parse_clock
from voxweave.core.toml import parsed
from voxweave.core.value import Value
from voxweave.errors import InputError

ART = "art"
"""The picture of a scene that our own art draws."""

_HEAD = """\
# The storyboard of {title}
#
# A scene begins at `start` and ends where the next begins; the last ends with the narration ({end}).
# Remove a scene and the one before it goes on; copy one with a new `start` to cut once more.
# `picture` is "art", or the path of a picture or clip. `text` is there to find your way.
# Make the film from it:  voxweave make NARRATION --storyboard THIS_FILE

"""
_PROMPTS = """\
# `prompt` is what a provider is told of an "art" scene; edit one, and that scene alone is ordered anew.
# `reference` names a picture that an ordered clip begins from; "none" leaves it without one.

"""


class Scene(Value):
    """One idea and its picture: `art`, or the path of a picture or clip.

    Where it may be ordered, `prompt` says what is to be seen, and `reference` names a picture to begin from.
    """

    number: int
    span: Span
    text: str = ""
    picture: str = ART
    prompt: str = ""
    reference: str = ""


class Storyboard(Value):
    """The scenes of a film, without gap or overlap from its start to its end."""

    duration_ms: int
    scenes: tuple[Scene, ...] = Field(min_length=1)


class _Row(BaseModel):
    """A scene as the file has it."""

    model_config = ConfigDict(extra="forbid")

    start: str
    picture: str = ART
    text: str = ""
    prompt: str = ""
    reference: str = ""


def board(
    duration_ms: int, transcript: Transcript, *, pauses: Sequence[Span], rules: SceneRules
) -> Storyboard:
    """Cut the narration into scenes at pauses and sentence ends; never inside a word."""
    cuts = candidates(transcript, pauses, duration_ms=duration_ms, rules=rules)
    moments = cut_moments(duration_ms, cuts, rules)
    return _story(duration_ms, [(start, _Row(start="")) for start in (0, *moments)], transcript.words)


def moved(story: Storyboard, starts: Sequence[int]) -> Storyboard:
    """The same scenes, all but the first beginning at these moments; one that would pass its neighbours stays."""
    bounds = [0]
    for scene, start in zip(story.scenes[1:], starts, strict=True):
        bounds.append(start if bounds[-1] < start < scene.span.end else scene.span.start)
    bounds.append(story.duration_ms)
    scenes = (
        scene.model_copy(update={"span": Span(start=start, end=end)})
        for scene, (start, end) in zip(story.scenes, pairwise(bounds), strict=True)
    )
    return story.model_copy(update={"scenes": tuple(scenes)})


def with_pictures(story: Storyboard, pictures: Sequence[str], *, spread: bool) -> Storyboard:
    """The same scenes showing these pictures: in turn, or each over a stretch of its own."""
    count = len(story.scenes)
    scenes = []
    for index, scene in enumerate(story.scenes):
        at = index * len(pictures) // count if spread else index % len(pictures)
        scenes.append(scene.model_copy(update={"picture": pictures[at]}))
    return story.model_copy(update={"scenes": tuple(scenes)})


def with_prompts(story: Storyboard, prompts: Mapping[int, str]) -> Storyboard:
    """The same scenes, those by these numbers with a prompt."""
    scenes = (
        scene.model_copy(update={"prompt": prompts.get(scene.number, scene.prompt)}) for scene in story.scenes
    )
    return story.model_copy(update={"scenes": tuple(scenes)})


def to_toml(story: Storyboard, title: str) -> str:
    """The storyboard as the text of a file people edit."""
    rows = (
        {
            "start": clock(scene.span.start),
            "picture": scene.picture,
            "text": scene.text,
            **({"prompt": scene.prompt} if scene.prompt else {}),
            **({"reference": scene.reference} if scene.reference else {}),
        }
        for scene in story.scenes
    )
    # Table by table: given the whole list, the writer would put short scenes on one line.
    tables = "\n".join(f"[[scene]]\n{tomli_w.dumps(row)}" for row in rows)
    head = _HEAD.format(title=title, end=clock(story.duration_ms))
    return head + (_PROMPTS if any(scene.prompt for scene in story.scenes) else "") + tables


def from_toml(text: str, duration_ms: int, *, name: str) -> Storyboard:
    """Read an edited storyboard; InputError names the scene that cannot be."""
    try:
        rows = [_Row.model_validate(row) for row in _tables(text, name)]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InputError(f"{name}: a scene's {first['loc'][0]!r} cannot be read: {first['msg']}") from error
    starts = [_start(row, number, name) for number, row in enumerate(rows, start=1)]
    _in_order(starts, duration_ms, name)
    return _story(duration_ms, list(zip(starts, rows, strict=True)), ())


def _tables(text: str, name: str) -> list[object]:
    try:
        rows = parsed(text).get("scene")
    except ValueError as error:
        raise InputError(f"{name} is not TOML: {error}") from error
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(f"{name} has no [[scene]]", hint="write one with: voxweave plan NARRATION")
    return rows


def _start(row: _Row, number: int, name: str) -> int:
    try:
        return parse_clock(row.start)
    except ValueError as error:
        raise InputError(f"{name}: scene {number}: {error}") from error


def _in_order(starts: Sequence[int], duration_ms: int, name: str) -> None:
    if starts[0] != 0:
        raise InputError(f"{name}: the first scene begins at {clock(starts[0])}, not at 0:00:00.000")
    for number, (before, after) in enumerate(pairwise(starts), start=2):
        if after <= before:
            raise InputError(f"{name}: scene {number} begins at {clock(after)}, not after the one before it")
    if starts[-1] >= duration_ms:
        raise InputError(f"{name}: the last scene begins at {clock(starts[-1])}, after the narration's end")


def _story(duration_ms: int, cuts: Sequence[tuple[int, _Row]], words: Sequence[Word]) -> Storyboard:
    spans = [Span(start=a, end=b) for a, b in pairwise((*(start for start, _ in cuts), duration_ms))]
    spoken = _texts(words, spans)
    scenes = tuple(
        Scene(
            number=number,
            span=span,
            text=row.text or heard,
            picture=row.picture,
            prompt=" ".join(row.prompt.split()),
            reference=row.reference.strip(),
        )
        for number, (span, (_, row), heard) in enumerate(zip(spans, cuts, spoken, strict=True), start=1)
    )
    return Storyboard(duration_ms=duration_ms, scenes=scenes)


def _texts(words: Sequence[Word], spans: Sequence[Span]) -> list[str]:
    """The words that begin within each span."""
    texts: list[list[str]] = [[] for _ in spans]
    scene = 0
    for word in words:
        while scene < len(spans) - 1 and word.span.start >= spans[scene].end:
            scene += 1
        texts[scene].append(word.text)
    return [" ".join(part) for part in texts]
