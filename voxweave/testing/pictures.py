"""Whether a provider that gives shots their pictures does so as the host relies on."""

from fractions import Fraction
from pathlib import Path

from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Drawing, Picture, Still
from voxweave.core.storyboard import Scene
from voxweave.core.time import Span
from voxweave.core.timeline import Shot
from voxweave.media.files import fingerprint
from voxweave.media.planes import Planes
from voxweave.providers.base import Artist, Illustrator
from voxweave.testing.kit import Make, answered, made_as, rule

CANVAS = Canvas(width=320, height=180, rate=Fraction(25))
_SECONDS = 2
_TEXTS = ("A boat leaves the harbour at dawn.", "The lighthouse keeps turning.")


def shots() -> tuple[Shot, Shot]:
    """Two shots of two seconds, one after the other."""
    frames = round(_SECONDS * CANVAS.rate)
    first, second = (
        Shot(
            scene=Scene(number=number + 1, span=_span(number), text=text),
            first=number * frames,
            frames=frames,
        )
        for number, text in enumerate(_TEXTS)
    )
    return first, second


def check_illustrator(make: Make, into: Path, *, canvas: Canvas = CANVAS) -> None:
    """Have two shots illustrated, in two runs, and drawn where it draws; AssertionError names the broken rule."""
    into.mkdir(parents=True, exist_ok=True)
    first = made_as(make, Illustrator)
    for shot in shots():
        picture = _picture(first, shot, canvas, into)
        again = _picture(made_as(make, Illustrator), shot, canvas, into)
        rule(picture == again, "the same shot has the same picture in every run")
        if isinstance(picture, Drawing):
            _drawn(made_as(make, Artist), picture, canvas, shot)


def _span(number: int) -> Span:
    return Span(start=number * _SECONDS * 1000, end=(number + 1) * _SECONDS * 1000)


def _picture(illustrator: Illustrator, shot: Shot, canvas: Canvas, into: Path) -> Picture:
    picture = answered(lambda: illustrator.illustrate(shot, canvas, into), "illustrate()")
    rule(isinstance(picture, Drawing | Still | Clip), "illustrate() gives a Drawing, a Still or a Clip")
    if isinstance(picture, Still | Clip):
        media = picture.media
        rule(media.path.is_file(), "the picture's file is there")
        rule(fingerprint(media.path).sha256 == media.sha256, "the file is the one that was fingerprinted")
    return picture


def _drawn(artist: Artist, drawing: Drawing, canvas: Canvas, shot: Shot) -> None:
    """Frames in any order: each depends on its number alone, for scenes are drawn side by side."""
    paint = answered(lambda: artist.painter(drawing, canvas), "painter()")
    moments = (shot.first, shot.last - 1, shot.first + shot.frames // 2)

    def frame(number: int) -> bytes:
        planes = Planes.blank(canvas)
        answered(lambda: paint(number, planes), "painting a frame")
        return bytes(planes.buffer)

    before = {number: frame(number) for number in moments}
    after = {number: frame(number) for number in reversed(moments)}
    rule(before == after, "a frame depends on its number alone, in whatever order frames are drawn")
