"""What a recognizer is asked and what it answers: windows of sound in, phrases of words out."""

from typing import Literal

from voxweave.core.orders import Offer
from voxweave.core.speech import Word
from voxweave.core.time import Span
from voxweave.core.value import MediaFile, Value

Task = Literal["transcribe", "translate"]


class Window(Value):
    """A stretch of a narration that begins and ends in pauses, to be recognised by itself.

    `sound` is the whole narration as 16 kHz mono WAV; `span` and `speech` (where the voice is) count
    from its beginning. `language` is a BCP 47 tag, empty where it is to be detected.
    """

    sound: MediaFile
    span: Span
    speech: tuple[Span, ...]
    language: str = ""
    task: Task = "transcribe"


class Phrase(Value):
    """Words an engine gave in one breath, with its own doubts; None for what it does not tell.

    `confidence` is the mean log probability of its tokens, `silence` how likely nobody speaks (0 to 1),
    `repetition` how well its text compresses (a loop compresses well). Times count from the beginning
    of the narration. `spread` words have no times of their own: they share those of the phrase by their
    letters.
    """

    words: tuple[Word, ...]
    confidence: float | None = None
    silence: float | None = None
    repetition: float | None = None
    spread: bool = False


class Heard(Value):
    """What was recognised in one window; `language` as detected or given."""

    language: str
    phrases: tuple[Phrase, ...]


class Prospect(Value):
    """Whether a recognizer could work here, found without a network and without loading a model.

    `ready` needs nothing more; otherwise `download_bytes` tells what must be fetched first (0 where
    that would not help) and `hint` what a person can do. `mistaken`: the model named is none. `poor` is text not fit to be shown. A remote one
    says in `offer` what it costs, how often it may be asked and how long a window may be.
    """

    ready: bool
    model: str = ""
    reason: str = ""
    hint: str = ""
    download_bytes: int = 0
    remote: bool = False
    poor: bool = False
    mistaken: bool = False
    offer: Offer | None = None
