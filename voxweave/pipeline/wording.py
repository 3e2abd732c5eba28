"""The words of a narration: given as subtitles, placed from a script, or recognised where nobody tells them."""

from voxweave.core.speech import Narration, Transcript
from voxweave.core.text import printable
from voxweave.errors import DependencyError, ProviderError
from voxweave.pipeline.choosing import AUTO, NONE
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.placing import placed_script
from voxweave.pipeline.recognize import recognised
from voxweave.pipeline.transcribe import NO_WORDS, WordSource, transcribe


def words_for(desk: Desk, narration: Narration, source: WordSource, *, spends: bool = True) -> Transcript:
    """The words for a film; it is made without them where nobody here can hear any, and falls short.

    A recognizer that was named must do it. Without `spends` no window is sent that costs money.
    """
    settings = desk.studio.settings
    if source.kind == "script" and source.media is not None:
        return placed_script(desk, narration, source.media, spends=spends)
    if source.kind == "subtitles":
        return desk.step(transcribe, narration, source, settings.language)
    found = Transcript(language=settings.language)
    if not spends:
        return found
    if _wanted(desk):
        try:
            found = recognised(desk, narration)
        except (DependencyError, ProviderError) as error:
            if settings.recognizer != AUTO:
                raise
            _lacking(desk, narration, f"{error}{f' ({error.hint})' if error.hint else ''}; ")
            return found
    if not found.words:
        _lacking(desk, narration, "nobody was heard speaking; " if found.heard else "")
    return found


def _wanted(desk: Desk) -> bool:
    """Whether anybody would see the words, or prompts be made of them."""
    settings = desk.studio.settings
    if settings.recognizer == NONE:
        return False
    return settings.captions != ("none",) or bool(desk.studio.suppliers) or settings.recognizer != AUTO


def _lacking(desk: Desk, narration: Narration, why: str) -> None:
    if desk.studio.settings.captions != ("none",):
        stem = printable(narration.media.path.stem)
        desk.fall_short(f"no captions: {why}{NO_WORDS.format(stem=stem)}")
