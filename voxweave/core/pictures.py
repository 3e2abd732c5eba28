"""What a scene shows: drawn art, a still, or a clip."""

from typing import Annotated, Literal

from pydantic import Field

from voxweave.core.film import Box
from voxweave.core.style import Style, TransitionName
from voxweave.core.value import MediaFile, Value

LONGEST_TRANSITION_S = 2
"""A shot goes on so long under the next one at most."""


class Calm(Value):
    """A zone kept dark and quiet from frame `first` up to `last`, so that text on it reads."""

    box: Box
    first: int
    last: int


class Emblem(Value):
    """Cover art shown in a box from frame `first` up to `last`."""

    media: MediaFile
    box: Box
    first: int
    last: int


class Drawing(Value):
    """Our own art for one scene; all frames count from the film's start."""

    kind: Literal["drawing"] = "drawing"
    style: Style
    scene: int
    seed: int
    first: int
    frames: int
    film_frames: int
    voice: MediaFile
    calm: tuple[Calm, ...] = ()
    emblem: Emblem | None = None
    fade_in: bool = False
    fade_out: bool = False


CameraMove = Literal["push-in", "pull-out", "pan-left", "pan-right", "hold"]


class Still(Value):
    """A picture under a slow camera move."""

    kind: Literal["still"] = "still"
    media: MediaFile
    move: CameraMove = "push-in"


GROUND = "0x14161c"
"""The dark under what is transparent, as FFmpeg writes colours."""

HDR = ("smpte2084", "arib-std-b67")
"""Transfers of pictures brighter than our films, PQ and HLG, in FFmpeg's names."""


class Clip(Value):
    """A moving picture; `frames` and `duration_ms` are counted by decoding, never what the file claims.

    Its size is as shown: upright, with square pixels. `matrix`, `transfer` and `primaries` say how its
    numbers mean colours, in FFmpeg's names; `smpte2084` and `arib-std-b67` are HDR.
    `alpha` is whether some of it may be transparent, `decoder` what must read it where FFmpeg's choice would not do.
    `start_ms` is where in the clip the scene begins, `fit` how it fills the scene, `slow` how many
    times longer it is played.
    """

    kind: Literal["clip"] = "clip"
    media: MediaFile
    stream: int
    width: int
    height: int
    frames: int
    duration_ms: int
    sound_stream: int | None = None
    interlaced: bool = False
    matrix: str = ""
    transfer: str = ""
    primaries: str = ""
    alpha: bool = False
    decoder: str = ""
    start_ms: int = 0
    fit: Literal["trim", "slow", "loop", "boomerang"] = "trim"
    slow: float = 1.0


Picture = Annotated[Drawing | Still | Clip, Field(discriminator="kind")]
"""What fills the frames of one scene."""


class Incoming(Value):
    """The picture of the shot before, going on under a shot's first frames while it gives way.

    `first` and `length` are the frames of that shot, `frames` how long both are seen.
    """

    kind: TransitionName
    frames: int
    picture: Picture
    first: int
    length: int


def silent(picture: Drawing | Still | Clip) -> Drawing | Still | Clip:
    """The same picture without a sound of its own."""
    return picture.model_copy(update={"sound_stream": None}) if isinstance(picture, Clip) else picture
