"""What can be found wrong for nothing, looked for before anything may be paid for."""

from pathlib import Path

from voxweave.core.speech import Narration
from voxweave.core.storyboard import ART, Storyboard
from voxweave.media.files import fingerprint
from voxweave.pipeline.cover import cover_art
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.illustrate import load, usable
from voxweave.places import expanded


def check_tools(desk: Desk) -> None:
    """DependencyError where this FFmpeg has no encoder for the film's pictures or its sound."""
    desk.studio.video_encoder(desk.codec)
    desk.studio.audio_encoder(desk.container)


def own_files(given: Storyboard | None, base: Path) -> dict[Path, int]:
    """The pictures and clips that a storyboard shows, each with the first scene that shows it."""
    scenes = [scene for scene in given.scenes if scene.picture != ART] if given else []
    return {base / expanded(scene.picture): scene.number for scene in reversed(scenes)}


def check_own(desk: Desk, narration: Narration, given: Storyboard | None, base: Path) -> None:
    """InputError for own pictures and clips that cannot be shown; what is made ready is not made again.

    A folder of media counts as good where one file of it can be shown.
    """
    settings = desk.studio.settings
    for file, number in own_files(given, base).items():
        desk.studio.stop.check()
        desk.step(load, fingerprint(file, f"scene {number}'s picture"), settings.canvas)
    if settings.media and (given is None or desk.studio.suppliers):
        usable(desk, expanded(settings.media).absolute(), most=1)
    drawn_first = given.scenes[0].picture == ART if given else not settings.media
    if settings.cover not in ("", "none") and drawn_first and not desk.studio.suppliers:
        cover_art(desk, narration)
