"""Words heard by pocketsphinx's own language model: better than none for finding a way, not fit to be shown."""

import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pocketsphinx import Config, Decoder, Segment

from voxweave.core.hearing import Heard, Phrase, Window
from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.errors import DependencyError
from voxweave.media.stopping import StopSignal

MODEL = "en-US"
_FRAME_MS = 10
_LONGEST_MS, _REST_MS = 20_000, 400
_FILLERS = ("<", "[", "+", "(")


class Listener:
    """One decoder for all windows of a run; it is told breath by breath, and forgets in between."""

    def __init__(self) -> None:
        try:
            self._decoder = Decoder(Config(loglevel="FATAL"))
        except RuntimeError as error:
            raise DependencyError(
                "pocketsphinx does not start", hint="pip install --force-reinstall pocketsphinx"
            ) from error

    def hear(self, window: Window, *, stop: StopSignal, advance: Callable[[float], None]) -> Heard:
        """A phrase for each breath of the window."""
        phrases: list[Phrase] = []
        for breath in breaths(window.speech):
            stop.check()
            words = tuple(self._words(breath, _sound(window.sound.path, breath)))
            if words:
                phrases.append(Phrase(words=words))
            advance((breath.end - window.span.start) / max(1, window.span.duration))
        return Heard(language="en", phrases=tuple(phrases))

    def _words(self, breath: Span, sound: bytes) -> Iterator[Word]:
        self._decoder.start_utt()
        self._decoder.process_raw(sound, full_utt=True)
        self._decoder.end_utt()
        found: Sequence[Segment] = list(self._decoder.seg()) if self._decoder.hyp() is not None else []
        for seg in found:
            if not seg.word.startswith(_FILLERS):
                start = min(breath.start + seg.start_frame * _FRAME_MS, breath.end)
                end = min(breath.start + (seg.end_frame + 1) * _FRAME_MS, breath.end)
                text = seg.word.partition("(")[0]
                sure = min(1.0, max(0.0, seg.prob))
                yield Word(text=text, span=Span(start=start, end=max(start, end)), confidence=round(sure, 3))


def breaths(speech: Sequence[Span]) -> Iterator[Span]:
    """Stretches of speech put together over short rests, none much longer than 20 s."""
    held: Span | None = None
    for span in speech:
        near = held is not None and span.start - held.end < _REST_MS
        if held is not None and near and span.end - held.start <= _LONGEST_MS:
            held = Span(start=held.start, end=span.end)
            continue
        if held is not None:
            yield held
        held = span
    if held is not None:
        yield held


def _sound(wav: Path, span: Span) -> bytes:
    with wave.open(str(wav)) as file:
        rate = file.getframerate()
        file.setpos(min(span.start * rate // 1000, file.getnframes()))
        return bytes(file.readframes(span.duration * rate // 1000))
