"""Words that a run of this narration came to, for those that show or plan with them and recognise nothing."""

from voxweave.core.speech import Narration, Transcript
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.transcribe import WordSource

_NAME = "known_words"


def keep_words(desk: Desk, narration: Narration, source: WordSource, found: Transcript) -> None:
    """Remember them, by the narration, what told them, and the task."""
    if found.words:
        desk.job.keep(_NAME, found, *_made_of(desk, narration, source))


def known_words(desk: Desk, narration: Narration, source: WordSource) -> Transcript | None:
    """What the last run came to, whoever recognised for it."""
    return desk.job.kept(_NAME, Transcript, *_made_of(desk, narration, source))


def _made_of(desk: Desk, narration: Narration, source: WordSource) -> tuple[object, ...]:
    return narration.media.sha256, narration.stream, source, desk.studio.settings.task
