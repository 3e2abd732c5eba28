"""Who tells the words of a narration, and given subtitles kept as they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from voxweave.core.alignment import spread
from voxweave.core.speech import Cue, Narration, Transcript, Word
from voxweave.core.subtitles import clip_cues, read_subtitles
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import InputError
from voxweave.media.files import content_of, fingerprint
from voxweave.pipeline.tools import Tools

SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass")
SCRIPT_SUFFIXES = (".txt", ".md")
NO_WORDS = (
    "put the words beside the narration as {stem}.txt (or {stem}.srt), or name a file "
    "with --script or --subtitles"
)
MOST_BYTES = 8 << 20
"""Of a file of words; the longest books have a few millions of letters."""


class WordSource(Value):
    """The file that tells what is said, or none."""

    kind: Literal["subtitles", "script", "none"] = "none"
    media: MediaFile | None = None


def find_words(narration: Path, subtitles: Path | None, script: Path | None) -> WordSource:
    """The named subtitles, else subtitles beside the narration, else the named script, else one beside it."""
    subtitles = subtitles or _beside(narration, SUBTITLE_SUFFIXES)
    if subtitles:
        return WordSource(kind="subtitles", media=fingerprint(subtitles, "the subtitles"))
    script = script or _beside(narration, SCRIPT_SUFFIXES)
    if script:
        return WordSource(kind="script", media=fingerprint(script, "the script"))
    return WordSource()


def _beside(narration: Path, suffixes: Sequence[str]) -> Path | None:
    for suffix in suffixes:
        file = narration.with_suffix(suffix)
        if file.is_file() and file != narration:
            return file
    return None


def transcribe(tools: Tools, narration: Narration, source: WordSource, language: str) -> Transcript:
    """What given subtitles say and when; empty when there are none."""
    if source.media is None:
        return Transcript(language=language)
    raw = content_of(source.media.path, "the words", MOST_BYTES)
    try:
        return _from_subtitles(raw, source.media.path, narration, language)
    except InputError as error:
        raise InputError(f"{printable(source.media.path.name)}: {error}", hint=error.hint) from error


def _from_subtitles(raw: bytes, path: Path, narration: Narration, language: str) -> Transcript:
    found = read_subtitles(raw, suffix=path.suffix.lower())
    cues, clipped = clip_cues(found.cues, narration.duration_ms)
    if not cues:
        raise InputError("no cue lies within the narration", hint="is it the right file?")
    return Transcript(
        language=language or found.language,
        how="subtitles",
        cues=cues,
        words=tuple(word for cue in cues for word in _words_of(cue)),
        notes=(*found.repairs, *clipped),
    )


def _words_of(cue: Cue) -> tuple[Word, ...]:
    """The cue's words, sharing its time by their letters; good enough to cut scenes by."""
    return spread(cue.text.split(), (cue.span,), duration_ms=cue.span.end)
