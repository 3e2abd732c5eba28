"""What a film is made with: the settings, turned into programs, encoders and looks."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.cuts import SceneRules
from voxweave.core.encoders import HARDWARE, Maker, hardware, software
from voxweave.core.encoding import (
    AUDIO_ENCODERS,
    AudioEncoder,
    Codec,
    Container,
    VideoEncoder,
)
from voxweave.core.events import Event
from voxweave.core.film import Canvas
from voxweave.core.quotes import Quote
from voxweave.core.storyboard import ART
from voxweave.core.style import Style, TransitionName
from voxweave.core.text import printable
from voxweave.errors import DependencyError, UsageError
from voxweave.media.cores import cores
from voxweave.media.encoders import works
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.dressing import Dress, dress_of
from voxweave.places import expanded
from voxweave.providers.registry import names
from voxweave.settings import Settings
from voxweave.settings.styles import load_style

FOLDER = "folder"
_SESSIONS = 2
"""Pictures that an encoding chip takes at once without complaint; consumers' cards allow from two to eight."""
_HUB_OFFLINE, _YES = "HF_HUB_OFFLINE", ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Studio:
    """Settings and the things they stand for; the only place that reads settings."""

    settings: Settings
    ffmpeg: Ffmpeg
    style: Style
    stop: StopSignal
    tell: Callable[[Event], None]
    consent: Callable[[Quote], bool] | None = None
    """Asks whoever pays; None where nobody can be asked."""
    order_shape: Canvas | None = None
    """The picture size that orders are made for, where films of several shapes share them."""

    @property
    def workers(self) -> int:
        """Scenes encoded side by side, one thread each: as many as there are cores for us, or sessions in a chip."""
        return self.settings.workers or (min(cores(), _SESSIONS) if self._by_chip else cores())

    @property
    def _by_chip(self) -> bool:
        """Whether a chip that was asked for works here; each that encodes at all encodes H.264."""
        chips = (hardware("h264", self.settings.effective_quality, maker) for maker in self._makers())
        return any(chip is not None and works(self.ffmpeg, chip, self.stop) for chip in chips)

    @property
    def rules(self) -> SceneRules:
        """How long scenes may be."""
        return SceneRules(
            shortest_ms=round(self.settings.scene_min_s * 1000),
            longest_ms=round(self.settings.scene_max_s * 1000),
        )

    @property
    def order_canvas(self) -> Canvas:
        """The size to order: the film's own, or the one that several films crop theirs from."""
        own = self.settings.full_canvas
        return self.order_shape.model_copy(update={"rate": own.rate}) if self.order_shape else own

    @property
    def transition(self) -> TransitionName:
        """How a scene gives way to the next."""
        chosen = self.settings.transition
        return self.style.transition if chosen == "style" else chosen

    @property
    def suppliers(self) -> tuple[str, ...]:
        """The names in the chain that may take orders; after our own art nothing is asked any more."""
        chain = self.settings.provider
        before = chain[: chain.index(ART)] if ART in chain else chain
        return tuple(name for name in before if name != FOLDER)

    @property
    def media_first(self) -> bool:
        """Whether own media fill the scenes before anything is ordered."""
        chain = self.settings.provider
        if not self.settings.media or not self.suppliers:
            return bool(self.settings.media)
        return FOLDER in chain and chain.index(FOLDER) < chain.index(self.suppliers[0])

    @property
    def offline(self) -> bool:
        """Whether no model may be downloaded: as set, or as programs that use the hub are told."""
        return self.settings.offline or os.environ.get(_HUB_OFFLINE, "").strip().lower() in _YES

    @property
    def dress(self) -> Dress:
        """What captions wear."""
        return dress_of(self.settings)

    @property
    def work(self) -> Path | None:
        """The folder for work in progress, if one was named."""
        return expanded(self.settings.work) if self.settings.work else None

    def video_encoder(self, codec: Codec) -> VideoEncoder:
        """The encoder of a codec: the chip's that was asked for if it works, else software.

        DependencyError when this FFmpeg lacks that one, too.
        """
        quality = self.settings.effective_quality
        for maker in self._makers():
            encoder = hardware(codec, quality, maker)
            if encoder is not None and works(self.ffmpeg, encoder, self.stop):
                return encoder
        encoder = software(codec, quality)
        self._needs(encoder.encoder)
        return encoder

    def _makers(self) -> tuple[Maker, ...]:
        """The makers of chips to try, in order."""
        wanted = self.settings.encoder
        if wanted == "software":
            return ()
        return HARDWARE if wanted == "hardware" else (wanted,)

    def audio_encoder(self, container: Container) -> AudioEncoder:
        """The encoder of a container's sound; DependencyError when this FFmpeg lacks it."""
        encoder = AUDIO_ENCODERS[container]
        self._needs(encoder.encoder)
        return encoder

    def _needs(self, encoder: str) -> None:
        if not self.ffmpeg.lists("encoders", encoder):
            raise DependencyError(
                f"the FFmpeg at {self.ffmpeg.program} has no encoder {encoder}",
                hint='set ffmpeg = "bundled" to use ours',
            )


def open_studio(
    settings: Settings,
    *,
    stop: StopSignal,
    tell: Callable[[Event], None],
    consent: Callable[[Quote], bool] | None = None,
) -> Studio:
    """Find what the settings name; DependencyError or UsageError for what is not there."""
    _check_chain(settings)
    style = load_style(settings.style)
    dress_of(settings)  # a look or a font that is not there is told before any work
    if not settings.progress_line:
        style = style.model_copy(update={"progress": False})
    return Studio(settings, find_ffmpeg(settings.ffmpeg, settings.sandbox), style, stop, tell, consent)


def _check_chain(settings: Settings) -> None:
    """UsageError for a name nobody installed, and for a folder that is not named."""
    for name in settings.provider:
        if name != ART and name not in names():
            raise UsageError(
                f"there is no provider {printable(name)!r}", hint=f"installed: {', '.join(names())}"
            )
    if FOLDER in settings.provider and not settings.media:
        raise UsageError("folder stands in the chain, and no folder is named", hint="name it with --media")
