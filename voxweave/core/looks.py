"""How captions and titles look: a look as its TOML says it, and as it stands on a canvas."""

from typing import Literal

from pydantic import Field

from voxweave.core.film import Box, Canvas
from voxweave.core.safe_area import LINE_EM, LOOSEST_EM, Position, SafeArea, Shape, safe_area, shape_of
from voxweave.core.style import Colour, Typography
from voxweave.core.typefaces import CAPTION_FONT, FontPlan
from voxweave.core.value import Value

Mark = Literal["none", "colour", "sweep", "box", "underline"]
_PAD_EM = 0.3


class Edge(Value):
    """A line around the letters; widths in em, `opacity` from 0 to 1."""

    colour: Colour = "#05070b"
    width: float = Field(default=0.078, ge=0, le=0.5)
    blur: float = Field(default=0.036, ge=0, le=1)
    opacity: float = Field(default=1.0, ge=0, le=1)


class Shadow(Value):
    """The letters' shadow, that far down and to the right, in em."""

    colour: Colour = "#05070b"
    offset: float = Field(default=0.045, ge=0, le=0.5)
    opacity: float = Field(default=0.624, ge=0, le=1)


class Panel(Value):
    """What is painted behind letters; `pad` and `radius` in em."""

    colour: Colour = "#05070b"
    opacity: float = Field(default=0.78, ge=0, le=1)
    pad: float = Field(default=0.28, ge=0, le=1)
    radius: float = Field(default=0.14, ge=0, le=1)


class Spoken(Value):
    """How the word being spoken stands out.

    `colour` is its letters', `mark_colour` that of the box or the line under it; with `stays` a word
    keeps its colour once spoken, `scale` is its size among the others.
    """

    mark: Mark = "none"
    colour: Colour = "#ffd400"
    mark_colour: Colour = "#ffd400"
    stays: bool = False
    scale: float = Field(default=1.0, ge=0.5, le=2)


class Place(Value):
    """Where captions stand on canvases of one shape, and their size there beside the look's own."""

    position: Position = "bottom"
    size: float = Field(default=1.0, ge=0.3, le=3)


class Look(Value):
    """A look for captions, as a TOML file in `config/looks` describes it.

    `size` counts in usual sizes of the canvas's shape, `spacing` in hundredths of an em. `most_words`
    shows a cue's words that many at a time (0: all). With `come` `"spoken"` a word is seen from when
    it is said on. `appear` is how a cue comes.
    """

    name: str = "classic"
    summary: str = ""
    font: str = CAPTION_FONT
    bold: bool = True
    size: float = Field(default=1.0, ge=0.4, le=3)
    spacing: float = Field(default=0.0, ge=-10, le=50)
    upper: bool = False
    colour: Colour = "#ffffff"
    most_words: int = Field(default=0, ge=0, le=12)
    come: Literal["together", "spoken"] = "together"
    appear: Literal["none", "fade", "pop"] = "none"
    outline: Edge = Edge()
    shadow: Shadow = Shadow()
    glow: Edge | None = None
    box: Panel | None = None
    spoken: Spoken = Spoken()
    wide: Place = Place()
    square: Place = Place()
    tall: Place = Place()

    def place(self, canvas: Canvas) -> Place:
        """Where captions of this look stand on a canvas."""
        places: dict[Shape, Place] = {"wide": self.wide, "square": self.square, "tall": self.tall}
        return places[shape_of(canvas)]


class CaptionLook(Value):
    """A look on a canvas: the zone for captions, the letters' size in pixels, the fonts."""

    box: Box
    em_px: float
    plan: FontPlan = FontPlan()
    look: Look = Look()
    position: Position = "bottom"

    @property
    def outline_px(self) -> float:
        """How far the letters' outline reaches; never so thin that it is lost."""
        wide = self.look.outline.width * self.em_px
        return round(max(1.0, wide), 2) if self.look.outline.width else 0.0


class TitleCard(Value):
    """A title and a smaller line under it, from frame `first` of the film up to `last`."""

    title: str
    subtitle: str = ""
    first: int
    last: int
    box: Box
    centred: bool = True
    typography: Typography = Typography()
    title_plan: FontPlan = FontPlan(family="VoxWeave Display")
    subtitle_plan: FontPlan = FontPlan(bold=False)
    fade_ms: int = 500


class TitleBoxes(Value):
    """Where the title's text goes, and its cover art if there is some."""

    text: Box
    cover: Box | None
    centred: bool


def look_for(canvas: Canvas, plan: FontPlan | None = None, look: Look | None = None) -> CaptionLook:
    """A look on a canvas, drawn with the fonts of `plan`; without one the classic look."""
    chosen = look or Look()
    place = chosen.place(canvas)
    area = safe_area(canvas, place.position, scale=chosen.size * place.size)
    return _standing(area, chosen, plan or FontPlan(family=CAPTION_FONT), place.position)


def lowered(look: CaptionLook, canvas: Canvas) -> CaptionLook:
    """The same look at the bottom: for as long as a title stands elsewhere."""
    if look.position == "bottom":
        return look
    area = safe_area(canvas, "bottom", scale=look.look.size * look.look.place(canvas).size)
    return _standing(area, look.look, look.plan, "bottom")


def _standing(area: SafeArea, look: Look, plan: FontPlan, position: Position) -> CaptionLook:
    return CaptionLook(box=area.box, em_px=round(area.em_px, 2), plan=plan, look=look, position=position)


def caption_box(canvas: Canvas, look: CaptionLook) -> Box:
    """The zone where captions appear, with a margin: to be kept calm behind them."""
    panel = look.look.box.pad if look.look.box else 0.0
    pad = round((_PAD_EM + panel) * look.em_px)
    line = min(LOOSEST_EM, max([LINE_EM, *(fallback.line_em for fallback in look.plan.fallbacks)]))
    taller = round(look.box.height * (line / LINE_EM - 1))
    x, y = max(0, look.box.x - pad), max(0, look.box.y - pad - taller)
    return Box(
        x=x,
        y=y,
        width=min(canvas.width, look.box.x + look.box.width + pad) - x,
        height=min(canvas.height, look.box.y + look.box.height + pad) - y,
    )


# Shares of width and height: x, y, width, height. Captions may stand below at the same time. In 9:16 all
# stays off the controls of TikTok, Reels and Shorts (captions.md: x 120 to 780, y from 288), on one axis.
_WIDE_TEXT, _WIDE_BESIDE = (0.14, 0.22, 0.72, 0.42), (0.455, 0.20, 0.445, 0.46)
_EVEN_TEXT, _EVEN_BELOW = (0.08, 0.22, 0.84, 0.42), (0.08, 0.53, 0.84, 0.20)
_TALL_TEXT, _TALL_BELOW = (1 / 9, 0.20, 11 / 18, 0.26), (1 / 9, 0.39, 11 / 18, 0.155)


def title_boxes(canvas: Canvas, *, with_cover: bool) -> TitleBoxes:
    """Where a title card stands on a canvas, clear of the captions."""
    aspect = canvas.width / canvas.height
    if aspect >= 1.3:
        text = _part(canvas, _WIDE_BESIDE if with_cover else _WIDE_TEXT)
        cover = _square(canvas, centre=(0.27, 0.43), side=round(0.46 * canvas.height))
        return TitleBoxes(text=text, cover=cover if with_cover else None, centred=not with_cover)
    tall = aspect < 0.65
    alone, below = (_TALL_TEXT, _TALL_BELOW) if tall else (_EVEN_TEXT, _EVEN_BELOW)
    side = round(0.40 * canvas.width)
    cover = _square(canvas, centre=(5 / 12, 0.262) if tall else (0.5, 0.31), side=side)
    return TitleBoxes(
        text=_part(canvas, below if with_cover else alone), cover=cover if with_cover else None, centred=True
    )


def _part(canvas: Canvas, share: tuple[float, float, float, float]) -> Box:
    x, y, width, height = share
    return Box(
        x=round(x * canvas.width),
        y=round(y * canvas.height),
        width=round(width * canvas.width),
        height=round(height * canvas.height),
    )


def _square(canvas: Canvas, *, centre: tuple[float, float], side: int) -> Box:
    x, y = round(centre[0] * canvas.width - side / 2), round(centre[1] * canvas.height - side / 2)
    return Box(x=x, y=y, width=side, height=side)
