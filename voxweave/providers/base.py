"""What a provider is: a class with Options and one or more roles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from voxweave.core.drafts import Draft, Worth
from voxweave.core.film import Canvas
from voxweave.core.hearing import Heard, Prospect, Window
from voxweave.core.orders import Offer, Told, Wanted
from voxweave.core.pictures import Clip, Drawing, Picture, Still
from voxweave.core.prompts import Flag, Prompt, Series
from voxweave.core.speech import Narration, Unspoken, Word
from voxweave.core.storyboard import Scene
from voxweave.core.time import Span
from voxweave.core.timeline import Shot
from voxweave.core.value import Value
from voxweave.media.ffmpeg import Ffmpeg
from voxweave.media.planes import Planes
from voxweave.media.stopping import StopSignal

Paint = Callable[[int, Planes], None]
"""Draws the film's absolute frame into the planes."""


@dataclass(frozen=True)
class Toolkit:
    """What the host hands a provider: programs, a stop signal, a way to say how far it is (0 to 1)."""

    ffmpeg: Ffmpeg
    stop: StopSignal
    advance: Callable[[float], None]


class Provider:
    """The base of every provider; the host makes one per run.

    A provider raises provider errors only, never retries, never reads the environment, and writes
    only where it is told to. `identity` goes into the fingerprint of all it makes.
    """

    class Options(BaseModel):
        """What a user may set for it."""

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        self.options = options
        self.tools = tools

    @property
    def identity(self) -> str:
        """Name and version of what makes the result."""
        return type(self).__name__.lower()


@runtime_checkable
class Illustrator(Protocol):
    """Gives each shot its picture."""

    def illustrate(self, shot: Shot, canvas: Canvas, into: Path) -> Picture:
        """The picture of a shot; files it makes lie in `into`."""


@runtime_checkable
class Artist(Protocol):
    """Draws pictures frame by frame, while they are encoded."""

    def painter(self, drawing: Drawing, canvas: Canvas) -> Paint:
        """A painter of one drawing: a pure function of the absolute frame."""


@runtime_checkable
class DrawnArt(Illustrator, Artist, Protocol):
    """Both: says what to draw, and draws it."""


@runtime_checkable
class Library(Protocol):
    """Holds pictures and clips of the user's own."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """What can be shown, in the order of its names."""

    def load(self, path: Path, canvas: Canvas, into: Path) -> Still | Clip:
        """One of them made ready; files it makes lie in `into`."""


@runtime_checkable
class Supplier(Protocol):
    """Takes orders and delivers later. The host keeps each order's life; a supplier only speaks the wire."""

    def offers(self) -> tuple[Offer, ...]:
        """What it can make, the first by default."""

    def order(self, wanted: Wanted) -> str:
        """Send once and give the remote id.

        ProviderBusy and ProviderUnreachable promise that nothing was accepted; RefusedError and
        KeyRefused that it was turned down; InputError, UsageError, DependencyError, MediaError, OutOfTime and
        StorageError that nothing was sent at all, so they come before the request. AnswerUnclear is everything else.
        """

    def check(self, remote_id: str) -> Told:
        """How far an order is; ProviderFailed for a fault that may pass."""

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        """Remote ids of orders like this one made since a moment (Unix seconds); None where there is no list."""

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        """Download what is done to a file in `into`; RefusedError when it is paid for and gone."""


@runtime_checkable
class Painter(Protocol):
    """Makes a still at once, for a price."""

    def offers(self) -> tuple[Offer, ...]:
        """What it can make, the first by default."""

    def picture(self, wanted: Wanted, into: Path) -> Path:
        """One picture in `into`; errors as Supplier.order, only that MediaError, OutOfTime and StorageError promise nothing."""


@runtime_checkable
class Reachable(Protocol):
    """Can say at the lowest cost whether it answers; `voxweave providers check` asks."""

    def reach(self) -> str:
        """One real call that orders nothing; what it told, in a few words."""


@runtime_checkable
class Keyed(Protocol):
    """Can say without a request that it lacks what opens it."""

    def ready(self) -> None:
        """KeyRefused where it needs a key and has none; nothing is sent."""


@runtime_checkable
class PromptWriter(Protocol):
    """Drafts what scenes show; core.drafts.write_with turns its drafts into prompts."""

    def draft(self, scenes: Sequence[Scene], series: Series, setting: str) -> Draft:
        """What some scenes show; `setting` is what an earlier batch of the film was given, empty at first."""

    def worth(self, scenes: Sequence[Scene], series: Series) -> Worth:
        """The most that asking for these scenes may cost."""


@runtime_checkable
class PromptCheck(Protocol):
    """Says which prompts a service would not let pass."""

    def flagged(self, prompts: Sequence[Prompt]) -> tuple[Flag, ...]:
        """The scenes whose prompts are held back, and why."""


@runtime_checkable
class Recognizer(Protocol):
    """Hears words. The host cuts the windows, keeps each one's result, and judges what may be believed."""

    def prospect(self, language: str, duration_ms: int) -> Prospect:
        """Whether it could work here and now; no network, no model loaded."""

    def prepare(self) -> None:
        """Make ready what `prospect` promised: fetch and load; DependencyError or ProviderError if that fails."""

    def hear(self, window: Window) -> Heard:
        """The words of one window, with their times."""


class Alignment(Value):
    """Words with their times, and what is worth telling about how they were found.

    `share` is how much of the script was heard, from 0 to 1; `how` is `spread` where that was too little.
    """

    words: tuple[Word, ...]
    how: str
    unspoken: tuple[Unspoken, ...] = ()
    offscript: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()
    share: float = 1.0


@runtime_checkable
class Aligner(Protocol):
    """Places the words of a known script on the voice."""

    def align(self, words: Sequence[str], narration: Narration) -> Alignment:
        """Every word of the script, in order, with its times."""
