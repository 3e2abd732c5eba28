"""What captions wear: the look the settings mean, and a font of one's own."""

from collections.abc import Sequence
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.looks import CaptionLook, Look, look_for
from voxweave.core.speech import Cue
from voxweave.core.value import MediaFile, Value
from voxweave.media.font_file import checked_font, names_a_file
from voxweave.media.fonts import plan_fonts
from voxweave.settings import Settings
from voxweave.settings.looks import chosen_look


class Dress(Value):
    """A look, and the font file that is named in place of its family."""

    look: Look = Look()
    font: MediaFile | None = None


def dress_of(settings: Settings) -> Dress:
    """The look and font the settings mean; UsageError or InputError for what is not there."""
    look = chosen_look(settings)
    if names_a_file(settings.font):
        return Dress(look=look, font=checked_font(Path(settings.font)))
    return Dress(look=look.model_copy(update={"font": settings.font}) if settings.font else look)


def dressed(cues: Sequence[Cue], canvas: Canvas, dress: Dress) -> CaptionLook:
    """The look on a canvas, with fonts for every letter of the cues."""
    look, text = dress.look, "".join(cue.text for cue in cues)
    shown = text.upper() if look.upper else text
    return look_for(canvas, plan_fonts(shown, look.font, bold=look.bold, file=dress.font), look)
