"""The storyboard: cut by us, or edited by a person."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from voxweave.core.cuts import SceneRules, free_of_words
from voxweave.core.speech import Narration, Transcript
from voxweave.core.storyboard import Storyboard, board, from_toml, moved, with_pictures
from voxweave.core.text import printable
from voxweave.core.time import Span
from voxweave.errors import InputError
from voxweave.media.files import content_of
from voxweave.media.pauses import refine_pause
from voxweave.pipeline.tools import Tools

_MOST_BYTES = 8 << 20
_WORTH_A_LOOK_MS = (60, 2_000)
"""Shorter pauses have no choice to offer; a longer one is silence wherever it is cut."""


def plan(tools: Tools, narration: Narration, transcript: Transcript, rules: SceneRules) -> Storyboard:
    """The narration cut into scenes at its pauses and the ends of its sentences."""
    story = board(narration.duration_ms, transcript, pauses=narration.pauses, rules=rules)
    quiet = free_of_words(narration.pauses, transcript.words)
    starts = [scene.span.start for scene in story.scenes[1:]]
    moments: list[int] = []
    for pause, cuts in groupby(starts, lambda start: _pause_around(start, quiet)):
        tools.stop.check()
        moments += _quietest(list(cuts), pause, narration.speech.path)
        tools.advance(len(moments) / len(story.scenes))
    return moved(story, moments)


def _pause_around(moment: int, quiet: Sequence[Span]) -> Span | None:
    at = bisect_right(quiet, moment, key=lambda pause: pause.start) - 1
    return quiet[at] if at >= 0 and moment < quiet[at].end else None


def _quietest(cuts: list[int], pause: Span | None, speech: Path) -> list[int]:
    """The middle of the silence around a cut, found in the sound itself; between words it stays, as do two in one pause."""
    least, most = _WORTH_A_LOOK_MS
    if pause is None or len(cuts) > 1 or not least <= pause.duration <= most:
        return cuts
    silence = refine_pause(speech, pause)
    return [min(max((silence.start + silence.end) // 2, pause.start), pause.end)]


def edited(file: Path, narration: Narration) -> Storyboard:
    """A storyboard as a person left it; paths in it count from its own folder."""
    raw = content_of(file, "the storyboard", _MOST_BYTES)
    name = printable(file.name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from error
    return from_toml(text, narration.duration_ms, name=name)


def filled(story: Storyboard, files: Sequence[Path], *, spread: bool) -> Storyboard:
    """The scenes showing the user's own media."""
    return with_pictures(story, [str(file) for file in files], spread=spread) if files else story
