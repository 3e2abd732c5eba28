"""Recognition: the narration heard window by window, each remembered, and what may be believed of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from voxweave.core.believing import Believed, believed
from voxweave.core.hearing import Heard, Phrase, Window
from voxweave.core.quotes import Quote
from voxweave.core.speech import Hearing, Narration, Transcript, Word
from voxweave.core.spoken import looks_english
from voxweave.core.windows import windows_of
from voxweave.errors import DependencyError, ProviderError
from voxweave.media.pauses import speech_of
from voxweave.pipeline.aligning import align_words
from voxweave.pipeline.choosing import AUTO, Choice, NoRecognizer, choices_for
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.dictation import Hear, dictation, paid_for, quoted_words
from voxweave.pipeline.known import keep_words
from voxweave.pipeline.sources import guarded
from voxweave.pipeline.transcribe import WordSource
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import Toolkit

_GAP_MS = 60
"""A shorter silence is the closure of a consonant."""
_SPREAD = "the service gives no times of words; they share the voice by their letters"
_ALIGNED = "the service gives no times of words; they were aligned with the voice"


@dataclass(frozen=True)
class Ear:
    """What a window is heard with: in the place of the tools, so that results are remembered without it."""

    choice: Choice
    desk: Desk
    ready: list[str]

    def hear(self, window: Window) -> Heard:
        """One window, asked again where that is safe; the model is loaded for the first that needs it."""
        name, recognizer = self.choice.name, self.choice.recognizer
        if name not in self.ready:
            guarded(name, recognizer.prepare)()
            self.ready.append(name)
        studio = self.desk.studio
        return ask(
            lambda: guarded(name, recognizer.hear)(window),
            studio.stop,
            patience=Patience(first_s=studio.settings.retry_s),
            tell=lambda line: self.desk.teller.notice(f"{name}: {line}"),
        )


def hear_window(ear: Ear, window: Window, identity: str) -> Heard:
    """The words of one window: a step of the job, so that a run that was killed goes on with the next."""
    return ear.hear(window)


def recognised(desk: Desk, narration: Narration, *, poor: bool = False, fetches: bool = True) -> Transcript:
    """What is said, by whoever recognises best here; NoRecognizer where nobody can.

    `poor` also takes text that is not fit to be shown; without `fetches` no model is downloaded for it.
    Where a recognizer turns out not to work, the next one is tried, unless it was named. Nothing is paid before the sum was agreed to.
    """
    progress = _Progress(desk)
    choices = _choices(desk, narration, progress, poor=poor)
    if not fetches:
        choices = _here(choices)
    choice, found = _first(desk, narration, choices, progress)
    if not choice.prospect.poor:
        keep_words(desk, narration, WordSource(), found)
    return found


def _first(
    desk: Desk, narration: Narration, choices: Sequence[Choice], progress: "_Progress"
) -> tuple[Choice, Transcript]:
    """The best that works, and what it heard."""
    desk.teller.listens()
    for choice, after in pairwise(choices):
        desk.tell_all([choice.line])
        try:
            return choice, _transcript(desk, narration, choice, progress)
        except (ProviderError, DependencyError) as error:
            desk.tell_all([f"{choice.name}: {error}; {after.name} is asked instead"])
    desk.tell_all([choices[-1].line])
    return choices[-1], _transcript(desk, narration, choices[-1], progress)


def _here(choices: Sequence[Choice]) -> list[Choice]:
    """Those that need nothing more; NoRecognizer with the way out where there are none."""
    ready = [choice for choice in choices if choice.prospect.ready]
    if not ready:
        raise NoRecognizer(
            f"no model of {choices[0].name} is here yet; --recognizer {choices[0].name} fetches one"
        )
    return ready


def word_quote(desk: Desk, narration: Narration) -> Quote | None:
    """What the words would cost; None where they cost nothing."""
    if desk.studio.settings.recognizer == AUTO:
        return None
    (choice,) = _choices(desk, narration, _Progress(desk), poor=False)
    return quoted_words(desk, choice, _windows(desk, narration, choice)) if choice.paid else None


def _choices(desk: Desk, narration: Narration, progress: "_Progress", *, poor: bool) -> list[Choice]:
    studio = desk.studio
    kit = Toolkit(studio.ffmpeg, studio.stop, progress.within)
    return choices_for(studio, studio.settings.language, narration.duration_ms, kit=kit, poor=poor)


def _windows(desk: Desk, narration: Narration, choice: Choice) -> tuple[Window, ...]:
    settings = desk.studio.settings
    return windows_of(narration, longest_ms=choice.longest_ms, language=settings.language, task=settings.task)


def _transcript(desk: Desk, narration: Narration, choice: Choice, progress: "_Progress") -> Transcript:
    windows = _windows(desk, narration, choice)
    progress.begin(windows)
    with _hearing(desk, choice, windows) as hear:
        heard = _heard(windows, hear, progress)
    task = desk.studio.settings.task
    phrases = [phrase for one in heard for phrase in one.phrases]
    spoken = desk.studio.settings.language or _language(heard) or _told_by(phrases)
    language = "en" if task == "translate" else spoken
    voice = speech_of(narration.voice.path, duration_ms=narration.duration_ms, shortest_ms=_GAP_MS)
    found = believed(phrases, voice, language=language)
    found, notes = _timed(
        desk, narration, found, phrases, english=task == "transcribe" and _is_english(spoken)
    )
    paid = paid_for(desk, choice, windows) if choice.paid else 0.0
    return Transcript(
        language=language,
        how="recognition",
        words=found.words,
        paragraphs=_turns(found.words),
        notes=(*notes, *found.notes),
        heard=Hearing(
            engine=choice.name,
            model=choice.prospect.model,
            task=task,
            windows=len(windows),
            words=len(found.words),
            left_out=found.left_out,
            paid_usd=paid,
        ),
    )


@contextmanager
def _hearing(desk: Desk, choice: Choice, windows: Sequence[Window]) -> Iterator[Hear]:
    """A way to have windows heard: as steps of the job, or as orders where they cost money."""
    ready: list[str] = []
    if not choice.prospect.ready:
        guarded(choice.name, choice.recognizer.prepare)()
        ready.append(choice.name)
    if choice.paid and windows:
        with dictation(desk, choice, windows) as hear:
            yield hear
        return
    ear, identity = Ear(choice, desk, ready), choice.recognizer_identity
    yield lambda window: desk.job.step(hear_window, ear, window, identity)


def _heard(windows: Sequence[Window], hear: Hear, progress: "_Progress") -> list[Heard]:
    """Every window; the language of the first in which something was said holds for those after it."""
    found: list[Heard] = []
    for window in windows:
        progress.enter(window)
        language = window.language or _language(found)
        found.append(hear(window.model_copy(update={"language": language})))
    progress.end()
    return found


def _turns(words: Sequence[Word]) -> tuple[int, ...]:
    """Where another speaker begins, where speakers are told apart."""
    changes = (n for n, (one, two) in enumerate(pairwise(words), 1) if one.speaker != two.speaker)
    turns = (0, *changes)
    return turns if len(turns) > 1 else ()


def _language(heard: Sequence[Heard]) -> str:
    return next((one.language for one in heard if one.phrases and one.language), "")


def _told_by(phrases: Sequence[Phrase]) -> str:
    """What the words themselves tell of their language, where the service does not."""
    return "en" if looks_english(" ".join(word.text for phrase in phrases for word in phrase.words)) else ""


def _is_english(language: str) -> bool:
    return language.lower().split("-")[0] == "en"


def _timed(
    desk: Desk, narration: Narration, found: Believed, phrases: Sequence[Phrase], *, english: bool
) -> tuple[Believed, tuple[str, ...]]:
    """Words without times of their own aligned with the voice, where they are English; and what to say of it."""
    if not found.words or not any(phrase.spread for phrase in phrases):
        return found, ()
    texts = tuple(word.text for word in found.words)
    if not english or not looks_english(" ".join(texts)):
        return found, (_SPREAD,)
    aligned = desk.step(align_words, texts, narration)
    if aligned.how == "spread" or len(aligned.words) != len(texts):
        return found, (_SPREAD,)
    words = tuple(
        word.model_copy(update={"span": placed.span})
        for word, placed in zip(found.words, aligned.words, strict=True)
    )
    return found.model_copy(update={"words": words}), (_ALIGNED,)


class _Progress:
    """How far recognition is, in seconds of speech."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._whole = self._done = self._now = 0

    def begin(self, windows: Sequence[Window]) -> None:
        """These windows are all."""
        self._whole = max(1, sum(map(_speech_ms, windows)))
        self._done = self._now = 0

    def enter(self, window: Window) -> None:
        """The windows before this one are done."""
        self._desk.studio.stop.check()
        self._done, self._now = self._done + self._now, _speech_ms(window)
        self.within(0.0)

    def within(self, share: float) -> None:
        """So far in the window at work, as its recognizer tells."""
        if self._whole:
            self._desk.teller.advance((self._done + self._now * min(max(share, 0.0), 1.0)) / self._whole)

    def end(self) -> None:
        """All windows are done."""
        self.within(1.0)


def _speech_ms(window: Window) -> int:
    return sum(span.duration for span in window.speech)
