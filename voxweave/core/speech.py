"""What was said, and when: narration, words, transcript."""

from fractions import Fraction

from voxweave.core.time import CLOCK_HZ, Span
from voxweave.core.value import MediaFile, Value


class Loudness(Value):
    """EBU R128 figures; a silent programme measures -70 LUFS."""

    integrated_lufs: float
    range_lu: float
    true_peak_dbtp: float


class Chapter(Value):
    """A titled part of the narration, as its file names it."""

    title: str
    span: Span


class Tags(Value):
    """What the file says of itself, cleaned for showing."""

    title: str = ""
    artist: str = ""
    album: str = ""
    date: str = ""


class Narration(Value):
    """The recorded voice: the master clock of the film.

    `samples` counts decoded samples on the 48 kHz clock, whatever the file claims. `speech` is the
    same sound as 16 kHz mono WAV, `voice` its features a hundred times a second (see media.voice).
    """

    media: MediaFile
    stream: int
    codec: str
    sample_rate_hz: int
    channels: int
    samples: int
    loudness: Loudness
    tags: Tags = Tags()
    chapters: tuple[Chapter, ...] = ()
    cover_stream: int | None = None
    pauses: tuple[Span, ...] = ()
    speech: MediaFile
    voice: MediaFile
    warnings: tuple[str, ...] = ()

    @property
    def duration(self) -> Fraction:
        """Seconds, exact."""
        return Fraction(self.samples, CLOCK_HZ)

    @property
    def duration_ms(self) -> int:
        """Whole milliseconds, rounded once."""
        return round(self.duration * 1000)


class Word(Value):
    """One word as written, punctuation attached, and when it is spoken."""

    text: str
    span: Span


class Cue(Value):
    """Timed text on screen; one string per line."""

    span: Span
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The lines as one line."""
        return " ".join(self.lines)


class Transcript(Value):
    """What is said in the narration, and how we know.

    `how` is `subtitles`, `alignment`, `spread` or `none`. Given subtitles keep their cues; words
    from a script have none until they are laid out. `paragraphs` are indices of words that begin
    a paragraph of the script.
    """

    language: str = ""
    how: str = "none"
    words: tuple[Word, ...] = ()
    cues: tuple[Cue, ...] = ()
    paragraphs: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
