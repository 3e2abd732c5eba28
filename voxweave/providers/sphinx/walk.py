"""English scripts placed on the voice by forced alignment; the model is in pocketsphinx's wheel.

The narration is walked in windows that end in pauses. Each window is matched with a run of words that
begins where the last one ended and may end anywhere, so an hour needs no more memory than a minute and an
error cannot travel. A window that does not fit is tried shorter, and beginning at later words; where
nothing fits (words said that are not in the script) its words are spread over the speech.
"""

import wave
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from statistics import median

from voxweave.core.alignment import kept_to_speech, placed, spread
from voxweave.core.speech import Unspoken, Word
from voxweave.core.time import Span
from voxweave.core.unsaid import closed, parting_notes, runs, unspoken_in
from voxweave.media.stopping import StopSignal
from voxweave.providers.sphinx.decoder import FRAME_MS, Aligner, Hit, Said

_LONG_MS, _SHORT_MS = 22_000, 8_000
_BRIDGED_MS = 200  # silence inside a run of words that is no pause
_MISFIT = 2.8  # between 1, words that are said, and 5, others
_OTHER = 3.8  # a few words in a row above it are not what is said
_COVERED = 0.85  # of the speech must lie under words
_FEWEST = 6  # words that make a new beginning believable
_AHEAD = 150  # words beyond the expected one at which a lost alignment may begin again
_BACK = 10  # words before the next one that a new beginning may take back
_MOST = 600
_HOPELESS = 0.4
_PATIENCE_MS = 180_000
_MISSED = "only {share:.0%} of the script was heard in the narration; its words are spread over the speech"
_UNHEARD = 8  # words in a row that are no slip of the aligner


@dataclass(frozen=True)
class Voice:
    """A narration to align: its 16 kHz mono sound, its pauses, its length."""

    wav: Path
    pauses: tuple[Span, ...]
    duration_ms: int


@dataclass(frozen=True)
class Alignment:
    """Every word of the script with its time; `found` is the share that was heard where it stands."""

    words: tuple[Word, ...]
    found: float
    unspoken: tuple[Unspoken, ...] = ()
    offscript: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    spread: bool = False


class Sphinx:
    """Words from a script, times from the voice."""

    def align(
        self,
        written: Sequence[str],
        voice: Voice,
        *,
        stop: StopSignal,
        advance: Callable[[float], None] = lambda _: None,
    ) -> Alignment:
        """Place every word; `advance` hears the seconds of sound done."""
        aligner = Aligner()
        said = [(index, one) for index, one in enumerate(aligner.learn(written)) if one is not None]
        walk = _Walk(aligner, [one for _, one in said], voice)
        while walk.goes_on:
            stop.check()
            walk.step()
            advance(walk.moment / 1000)
        known = {said[index][0]: span for index, span in walk.found.items()}
        share = len(known) / max(1, len(said))
        speech = _between(voice.pauses, voice.duration_ms)
        if share < _HOPELESS:
            words = spread(written, speech, duration_ms=voice.duration_ms)
            return Alignment(words, share, notes=(_MISSED.format(share=share),), spread=bool(said))
        silent = _silent([index for index, _ in said], known)
        known |= _nowhere(silent, known)
        words = kept_to_speech(placed(written, known, speech, duration_ms=voice.duration_ms), voice.pauses)
        lost = closed((*walk.lost, Span(start=walk.moment, end=voice.duration_ms)), 0)
        offscript = tuple(span for span in lost if span.duration > _SHORT_MS // 2)
        unspoken = unspoken_in(words, silent)
        return Alignment(words, share, unspoken, offscript, parting_notes(words, unspoken, offscript))


@dataclass
class _Walk:
    """How far the alignment has come: the next word, and the moment its window begins."""

    aligner: Aligner
    words: Sequence[Said]
    voice: Voice
    next: int = 0
    moment: int = 0
    ahead: float = 0.0  # words probably said since the last one found
    pace: float = 0.012  # phones a millisecond of speech
    found: dict[int, Span] = field(default_factory=dict)
    lost: list[Span] = field(default_factory=list)

    @property
    def goes_on(self) -> bool:
        """False at the end of the words, of the voice, or of all hope that they belong together."""
        lost_ms = sum(span.duration for span in self.lost)
        hopeless = lost_ms > max(_PATIENCE_MS, 0.75 * self.moment)
        return (
            not hopeless and self.next < len(self.words) and self.moment < self.voice.duration_ms - FRAME_MS
        )

    def step(self) -> None:
        """Place one window, or lose a short one."""
        if not self._speech_ms(Span(start=self.moment, end=self._cut(_SHORT_MS))):
            self.moment = self._cut(_SHORT_MS)
            return
        for length_ms in (_LONG_MS, _SHORT_MS):
            span = Span(start=self.moment, end=self._cut(length_ms))
            for anywhere in (False, True) if not self.ahead else (True,):
                hits = self._hits(span, anywhere=anywhere)
                if self._fits(hits, span, anywhere=anywhere):
                    self._keep(_fitting(hits), span, whole=hits[-1] is _fitting(hits)[-1])
                    return
        self.lost.append(span)
        self.ahead += self._likely(span)
        self.moment = span.end

    def _hits(self, span: Span, *, anywhere: bool) -> list[Hit]:
        """What is found in a window; their indices count from the script's first word."""
        first = max(0, self.next - _BACK) if anywhere else self.next
        reach = self.next - first + 1.8 * self._likely(span) + 12 + (self.ahead + _AHEAD if anywhere else 0)
        words = self.words[first : first + min(_MOST, int(reach))]
        hits = self.aligner.find(words, _sound(self.voice.wav, span), begin_anywhere=anywhere)
        return [replace(hit, index=first + hit.index) for hit in hits]

    def _likely(self, span: Span) -> float:
        """How many words this much speech probably holds, by the phones of those that come next."""
        phones = self.pace * self._speech_ms(span)
        coming = self.words[self.next : self.next + 40]
        return phones * len(coming) / max(1, sum(word.phones for word in coming))

    def _fits(self, hits: Sequence[Hit], span: Span, *, anywhere: bool) -> bool:
        """Whether these words are what is said, and leave no speech over."""
        if len(_fitting(hits)) < (_FEWEST if anywhere else 1):
            return False
        return median(hit.misfit for hit in hits) < _MISFIT and self._covered(hits, span) >= _COVERED

    def _covered(self, hits: Sequence[Hit], span: Span) -> float:
        """The share of the speech that lies under words."""
        covered = 0
        run: Span | None = None
        for hit in hits:
            here = _span(hit, span)
            if run is not None and here.start - run.end <= _BRIDGED_MS:
                run = Span(start=run.start, end=here.end)
            else:
                covered += self._speech_ms(run) if run is not None else 0
                run = here
        covered += self._speech_ms(run) if run is not None else 0
        return covered / max(1, self._speech_ms(span))

    def _keep(self, hits: Sequence[Hit], span: Span, *, whole: bool) -> None:
        """Take what is sure: less where the window ended in a word; earlier finds in its way go."""
        if not self._is_rest(span.end) and len(hits) >= 2 * _FEWEST:
            hits, whole = hits[:-3], False
        for index in range(hits[0].index, self.next):
            self.found.pop(index, None)
        self.found.update((hit.index, _span(hit, span)) for hit in hits)
        phones = sum(self.words[hit.index].phones for hit in hits)
        self.pace += 0.3 * (phones / max(1, sum(_span(hit, span).duration for hit in hits)) - self.pace)
        self.next = hits[-1].index + 1
        self.ahead = 0.0
        self.moment = span.end if whole else _span(hits[-1], span).end

    def _cut(self, length_ms: int) -> int:
        """The middle of the longest pause about so far away; the bare moment where there is none."""
        first, last = self.moment + length_ms // 2, self.moment + length_ms * 3 // 2
        if last >= self.voice.duration_ms:
            return self.voice.duration_ms
        around = self._pauses_in(Span(start=first, end=last))
        pauses = [pause for pause in around if first < pause.start and pause.end < last]
        longest = max(pauses, key=lambda pause: pause.duration, default=Span(start=last, end=last))
        return (longest.start + longest.end) // 2

    def _is_rest(self, moment: int) -> bool:
        return moment >= self.voice.duration_ms or bool(self._pauses_in(Span(start=moment, end=moment + 1)))

    def _speech_ms(self, span: Span) -> int:
        pauses = self._pauses_in(span)
        return span.duration - sum(min(one.end, span.end) - max(one.start, span.start) for one in pauses)

    def _pauses_in(self, span: Span) -> tuple[Span, ...]:
        pauses = self.voice.pauses
        first = bisect_right(pauses, span.start, key=lambda pause: pause.end)
        return pauses[first : bisect_left(pauses, span.end, key=lambda pause: pause.start)]


def _fitting(hits: Sequence[Hit]) -> list[Hit]:
    """Those that fit, judged with their neighbours: one word slurred is no other text."""
    around = (hits[max(0, place - 2) : place + 3] for place in range(len(hits)))
    return [
        hit for hit, near in zip(hits, around, strict=True) if median(one.misfit for one in near) < _OTHER
    ]


def _span(hit: Hit, window: Span) -> Span:
    start = window.start + hit.start * FRAME_MS
    return Span(start=min(start, window.end), end=min(window.start + hit.end * FRAME_MS, window.end))


def _sound(wav: Path, span: Span) -> bytes:
    with wave.open(str(wav)) as sound:
        rate = sound.getframerate()
        sound.setpos(min(span.start * rate // 1000, sound.getnframes()))
        return bytes(sound.readframes(span.duration * rate // 1000))


def _between(pauses: Sequence[Span], duration_ms: int) -> list[Span]:
    edges = [0, *(edge for pause in pauses for edge in (pause.start, pause.end)), duration_ms]
    return [
        Span(start=start, end=end) for start, end in zip(edges[::2], edges[1::2], strict=True) if end > start
    ]


def _nowhere(silent: Sequence[int], known: Mapping[int, Span]) -> dict[int, Span]:
    """Words nobody says last no time: they stand where the last word before them ends."""
    ends = {index: span.end for index, span in known.items()}
    places: dict[int, Span] = {}
    for first, past in runs(silent):
        at = max((end for index, end in ends.items() if index < first), default=0)
        places |= {index: Span(start=at, end=at) for index in range(first, past)}
    return places


def _silent(spoken: Sequence[int], known: Mapping[int, Span]) -> list[int]:
    """The words of long runs that nobody says."""
    silent: list[int] = []
    for heard, run in groupby(spoken, key=lambda index: index in known):
        missing = list(run)
        if not heard and len(missing) >= _UNHEARD:
            silent += range(missing[0], missing[-1] + 1)
    return silent
