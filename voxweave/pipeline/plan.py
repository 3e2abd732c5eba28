"""The storyboard: cut by us, or edited by a person."""

from collections.abc import Sequence
from pathlib import Path

from voxweave.core.cuts import SceneRules
from voxweave.core.speech import Narration, Transcript
from voxweave.core.storyboard import Storyboard, board, from_toml, with_pictures
from voxweave.core.text import printable
from voxweave.errors import InputError
from voxweave.media.files import opened
from voxweave.pipeline.tools import Tools

_MOST_BYTES = 8 << 20


def plan(tools: Tools, narration: Narration, transcript: Transcript, rules: SceneRules) -> Storyboard:
    """The narration cut into scenes at its pauses and the ends of its sentences."""
    return board(narration.duration_ms, transcript, pauses=narration.pauses, rules=rules)


def edited(file: Path, narration: Narration) -> Storyboard:
    """A storyboard as a person left it; paths in it count from its own folder."""
    with opened(file, "the storyboard") as fd, open(fd, "rb", closefd=False) as stream:
        raw = stream.read(_MOST_BYTES)
    name = printable(file.name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is not UTF-8 text", hint="save it as UTF-8") from error
    return from_toml(text, narration.duration_ms, name=name)


def filled(story: Storyboard, files: Sequence[Path], *, spread: bool) -> Storyboard:
    """The scenes showing the user's own media."""
    return with_pictures(story, [str(file) for file in files], spread=spread) if files else story
