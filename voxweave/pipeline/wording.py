"""The words of a narration: given as subtitles, placed from a script, or recognised where nobody tells them."""

from voxweave.core.speech import Narration, Transcript
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import DependencyError, ProviderError
from voxweave.pipeline.choosing import AUTO, NONE
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.known import keep_words, known_words
from voxweave.pipeline.placing import placed_script
from voxweave.pipeline.recognize import recognised
from voxweave.pipeline.transcribe import NO_WORDS, WordSource, transcribe

_UNKNOWN = (
    "the words are not known yet: the scenes are planned by the voice's pauses alone, and may fall "
    "otherwise (voxweave transcribe makes them known)"
)


def words_for(desk: Desk, narration: Narration, source: WordSource, *, spends: bool = True) -> Transcript:
    """The words for a film; it is made without them where nobody here can hear any, and falls short.

    A recognizer that was named must do it. Without `spends` nothing is recognised: words are those that
    a run has recognised before.
    """
    if source.kind == "script" and source.media is not None:
        return _of_script(desk, narration, source, source.media, spends=spends)
    if source.kind == "subtitles":
        return desk.step(transcribe, narration, source, desk.studio.settings.language)
    if spends:
        return _recognised(desk, narration)
    none = Transcript(language=desk.studio.settings.language)
    return known_words(desk, narration, source) or none if wanted(desk) else none


def told_by(source: WordSource, transcript: Transcript) -> str:
    """The file that told the words, or who recognised them."""
    if source.media:
        return printable(source.media.path.name)
    return f"{transcript.heard.engine} {transcript.heard.model}".strip() if transcript.heard else ""


def _of_script(
    desk: Desk, narration: Narration, source: WordSource, media: MediaFile, *, spends: bool
) -> Transcript:
    """A script's words; as the last run placed them, where nothing may be recognised for it."""
    known = None if spends else known_words(desk, narration, source)
    if known is not None:
        return known
    found = placed_script(desk, narration, media, spends=spends)
    if spends:
        keep_words(desk, narration, source, found)
    return found


def _recognised(desk: Desk, narration: Narration) -> Transcript:
    settings = desk.studio.settings
    found = Transcript(language=settings.language)
    if wanted(desk):
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


def planning_notes(desk: Desk, transcript: Transcript) -> tuple[str, ...]:
    """What to say of a film planned before its words are known."""
    return () if transcript.words or not wanted(desk) else (_UNKNOWN,)


def wanted(desk: Desk) -> bool:
    """Whether anybody would see the words, or prompts be made of them."""
    settings = desk.studio.settings
    if settings.recognizer == NONE:
        return False
    return settings.captions != ("none",) or bool(desk.studio.suppliers) or settings.recognizer != AUTO


def _lacking(desk: Desk, narration: Narration, why: str) -> None:
    if desk.studio.settings.captions != ("none",):
        stem = printable(narration.media.path.stem)
        desk.fall_short(f"no captions: {why}{NO_WORDS.format(stem=stem)}")
