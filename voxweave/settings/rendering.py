"""What can be set about how pictures are encoded and how one gives way to the next."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from voxweave.core.encoders import Maker, Quality
from voxweave.core.film import Canvas
from voxweave.core.pictures import LONGEST_TRANSITION_S
from voxweave.core.style import TransitionName
from voxweave.settings.model import FILM_ACCEPTED, FilmSettings, word

RENDERING_ACCEPTED = {
    **FILM_ACCEPTED,
    "quality": "draft, good or best",
    "encoder": "software, hardware, nvenc, qsv, videotoolbox or vaapi",
    "max_size": "a size such as 250MB or 2GB",
    "max_bitrate": "bits a second such as 8M or 800k",
    "transition": "cut, crossfade, dip, wipe or style",
    "transition_s": f"seconds from 0.1 to {LONGEST_TRANSITION_S}",
    "preview": "true or false",
}
"""In an error's and the help's words."""

PREVIEW_SIDE = 540
"""The short side of a preview's picture."""

_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([kmg]?)b?", re.IGNORECASE)
_RATE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*([km]?)(?:bit/s|bps|b/s)?", re.IGNORECASE)
_POWERS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_LEAST_BYTES, _LEAST_BITS = 100_000, 24_000


def _amount(value: object, pattern: re.Pattern[str], least: int) -> str:
    """A number with its unit as a plain number; platforms count in thousands, and so do we."""
    text = str(value).strip()
    if not text:
        return ""
    match = pattern.fullmatch(text)
    if match is None:
        raise ValueError("no such amount")
    amount = round(float(match[1]) * _POWERS[match[2].lower()])
    if amount < least:
        raise ValueError("too little")
    return str(amount)


class RenderSettings(FilmSettings):
    """What can be set about encoding and transitions."""

    quality: Annotated[Quality, BeforeValidator(word)] = Field(
        default="good", description="Pictures for a look, for publishing, or for keeping"
    )
    encoder: Annotated[Maker, BeforeValidator(word)] = Field(
        default="software", description="Who encodes: the processor, or a graphics chip that passes a test"
    )
    max_size: str = Field(default="", description="The most the film's file may hold; without it no limit")
    max_bitrate: str = Field(
        default="", description="The most its picture may take on average over the film; without it no limit"
    )
    transition: Annotated[TransitionName | Literal["style"], BeforeValidator(word)] = Field(
        default="style", description="How a scene gives way to the next; style leaves it to the look"
    )
    transition_s: float = Field(
        default=0.4, ge=0.1, le=LONGEST_TRANSITION_S, description="How long a transition takes"
    )
    preview: bool = Field(
        default=False, description="A small, quick film with the same timing, as talk.preview.mp4"
    )

    @field_validator("max_size", mode="before")
    @classmethod
    def _bytes(cls, value: object) -> str:
        return _amount(value, _SIZE, _LEAST_BYTES)

    @field_validator("max_bitrate", mode="before")
    @classmethod
    def _bits(cls, value: object) -> str:
        return _amount(value, _RATE, _LEAST_BITS)

    @property
    def full_canvas(self) -> Canvas:
        """Size and rate of the film that a preview is one of: what is ordered for both."""
        return super().canvas

    @property
    def canvas(self) -> Canvas:
        """Size and rate of the film; a preview has the same shape and rate, and is small."""
        whole = self.full_canvas
        short = min(whole.width, whole.height)
        if not self.preview or short <= PREVIEW_SIDE:
            return whole
        sides = (2 * round(side * PREVIEW_SIDE / short / 2) for side in (whole.width, whole.height))
        width, height = sides
        return whole.model_copy(update={"width": width, "height": height})

    @property
    def effective_quality(self) -> Quality:
        """The quality asked for; a preview is a draft."""
        return "draft" if self.preview else self.quality
