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
    """One word as written, punctuation attached, and when it is spoken.

    `confidence` (0 to 1) and `speaker` are told where an engine tells them.
    """

    text: str
    span: Span
    confidence: float | None = None
    speaker: str = ""


class Cue(Value):
    """Timed text on screen; one string per line.

    `words` are the spoken words behind the text, in its order, where their times are known.
    """

    span: Span
    lines: tuple[str, ...]
    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        """The lines as one line."""
        return " ".join(self.lines)


class Unspoken(Value):
    """Words of a script that nobody says: indices of the first and past the last, and where they belong."""

    first: int
    past: int
    at_ms: int


class Disbelieved(Value):
    """Words a recognizer gave that cannot have been said there, and why."""

    span: Span
    text: str
    why: str


class Hearing(Value):
    """Who recognised the words, and how that went; `paid_usd` is None where nobody knows."""

    engine: str
    model: str = ""
    task: str = "transcribe"
    windows: int = 0
    words: int = 0
    left_out: tuple[Disbelieved, ...] = ()
    paid_usd: float | None = 0.0


class Transcript(Value):
    """What is said in the narration, and how we know.

    `how` is `subtitles`, `alignment` (a script and an acoustic model), `matching` (a script and words
    recognised), `recognition`, `spread` or `none`. Given subtitles keep their cues; other words have
    none until they are laid out. `paragraphs` are indices of words that begin a paragraph of the
    script, `offscript` stretches of speech that the script does not have.
    """

    language: str = ""
    how: str = "none"
    words: tuple[Word, ...] = ()
    cues: tuple[Cue, ...] = ()
    paragraphs: tuple[int, ...] = ()
    unspoken: tuple[Unspoken, ...] = ()
    offscript: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    heard: Hearing | None = None
