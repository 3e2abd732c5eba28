"""A script's words placed on the voice, by whoever does it best here; the choice is told with its reason."""

from collections.abc import Sequence

import numpy as np

from voxweave.core.alignment import spread
from voxweave.core.lag import shifted
from voxweave.core.matching import WRONG, match
from voxweave.core.normal import comparable
from voxweave.core.scripts import Script, read_script
from voxweave.core.speech import Narration, Transcript, Word
from voxweave.core.spoken import looks_english
from voxweave.core.text import printable
from voxweave.core.unsaid import parting_notes
from voxweave.core.value import MediaFile
from voxweave.core.windows import speech_of
from voxweave.errors import DependencyError, InputError, ProviderError
from voxweave.media.files import content_of
from voxweave.media.pauses import speech_of as voice_of
from voxweave.media.voice import BANDS
from voxweave.pipeline.aligning import align_words
from voxweave.pipeline.choosing import AUTO, NONE
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.known import known_words
from voxweave.pipeline.recognize import recognised
from voxweave.pipeline.transcribe import MOST_BYTES, WordSource
from voxweave.providers.base import Alignment

_BREATH_MS = 120
"""A shorter silence belongs to the words around it."""
_ENGLISH = "the script is placed by forced alignment, as it is English"
_SPREAD = "the script is spread over the voice by its letters ({why}); captions may be off by a second"
_MATCHED = "the script is placed by the words recognised in the voice ({share:.0%} of it), as {why}"
_OTHER = "forced alignment is for English"
_LOST = "forced alignment found only {share:.0%} of it"


def placed_script(desk: Desk, narration: Narration, media: MediaFile, *, spends: bool = True) -> Transcript:
    """The script's own words with times from the voice; InputError for the script of something else.

    Without `spends` nothing is recognised for it that was not before.
    """
    try:
        script = read_script(content_of(media.path, "the words", MOST_BYTES), suffix=media.path.suffix)
        found, heard = _placed(desk, narration, script, spends=spends)
    except InputError as error:
        raise InputError(f"{printable(media.path.name)}: {error}", hint=error.hint) from error
    language = desk.studio.settings.language or (heard.language if heard else "")
    return Transcript(
        language=language or ("en" if _is_english(desk, script) else ""),
        how=found.how,
        words=found.words,
        paragraphs=script.starts,
        unspoken=found.unspoken,
        offscript=found.offscript,
        notes=(*script.notes, *found.notes),
        heard=heard.heard if heard else None,
    )


def match_script(
    texts: Sequence[str], heard: Sequence[Word], narration: Narration, language: str
) -> Alignment:
    """The script at the times of words heard; `share` tells how much of it was, `notes` where they part."""
    speech = voice_of(narration.voice.path, duration_ms=narration.duration_ms, shortest_ms=_BREATH_MS)
    bands = np.load(narration.voice.path, mmap_mode="r")[:, BANDS:]
    found = match(
        texts,
        shifted(heard, speech, bands),
        speech,
        duration_ms=narration.duration_ms,
        language=language,
    )
    return Alignment(
        words=found.words,
        how="matching",
        unspoken=found.unspoken,
        offscript=found.offscript,
        notes=parting_notes(found.words, found.unspoken, found.offscript),
        share=found.share,
    )


def _is_english(desk: Desk, script: Script) -> bool:
    language = desk.studio.settings.language
    return language.lower().split("-")[0] == "en" if language else looks_english(" ".join(script.words))


def _placed(
    desk: Desk, narration: Narration, script: Script, *, spends: bool
) -> tuple[Alignment, Transcript | None]:
    """English by alignment; the rest, and what that cannot place, by what is heard; else spread."""
    share, reason = None, _OTHER
    if _is_english(desk, script):
        aligned = desk.step(align_words, script.words, narration)
        if aligned.how != "spread":
            return aligned.model_copy(update={"notes": (_ENGLISH, *aligned.notes)}), None
        share, reason = aligned.share, _LOST.format(share=aligned.share)
    heard, why = _heard(desk, narration, spends=spends)
    if heard is not None:
        matched = match_script(script.words, heard.words, narration, heard.language)
        share = matched.share
        if share >= WRONG:
            line = _MATCHED.format(share=share, why=reason)
            return matched.model_copy(update={"notes": (line, *matched.notes)}), heard
        if not comparable(script.words, [word.text for word in heard.words]):
            share, why = None, "it was recognised in other letters than the script's"
    if spends and share is not None and share < WRONG and desk.studio.settings.recognizer != NONE:
        raise InputError(
            f"only {share:.0%} of the script was heard in the narration",
            hint="is it the right script? Where it is, --recognizer none spreads it over the voice",
        )
    return _spread(script, narration, why), heard


def _spread(script: Script, narration: Narration, why: str) -> Alignment:
    words = spread(script.words, speech_of(narration), duration_ms=narration.duration_ms)
    return Alignment(words=words, how="spread", notes=(_SPREAD.format(why=why),), share=0.0)


def _heard(desk: Desk, narration: Narration, *, spends: bool) -> tuple[Transcript | None, str]:
    """What a recognizer hears, or why none is asked. Nothing is downloaded for a script unless one is named."""
    wanted = desk.studio.settings.recognizer
    if wanted == NONE:
        return None, "--recognizer is none"
    if desk.studio.settings.task == "translate":
        return None, "a translation has other words"
    if not spends:
        return known_words(desk, narration, WordSource()), "nothing is recognised yet"
    try:
        found = recognised(desk, narration, fetches=wanted != AUTO)
    except (DependencyError, ProviderError) as error:
        if wanted != AUTO:
            raise
        return None, printable(str(error), most=300)
    return (found, "") if found.words else (None, "no words were recognised")
