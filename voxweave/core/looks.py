"""How captions and titles look on a canvas."""

from voxweave.core.film import Box, Canvas
from voxweave.core.safe_area import LINE_EM, safe_area
from voxweave.core.style import Colour, Typography
from voxweave.core.typefaces import CAPTION_FONT, FontPlan
from voxweave.core.value import Value

_OUTLINE_EM, _SOFTEN_EM, _SHADOW_EM = 0.078, 0.036, 0.045
_PAD_EM = 0.3


class CaptionLook(Value):
    """Light letters with a dark, softened outline, standing on the box's lower edge.

    The outline carries the contrast on bright pictures; `em_px` is the size of the letters.
    """

    box: Box
    em_px: float
    plan: FontPlan = FontPlan()
    colour: Colour = "#ffffff"
    ink: Colour = "#05070b"
    outline_px: float
    soften_px: float
    shadow_px: float


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


def look_for(canvas: Canvas, plan: FontPlan | None = None) -> CaptionLook:
    """The look of captions on a canvas, drawn with the fonts of `plan`."""
    area = safe_area(canvas)
    em = area.em_px
    return CaptionLook(
        box=area.box,
        em_px=round(em, 2),
        plan=plan or FontPlan(family=CAPTION_FONT),
        outline_px=round(max(1.0, _OUTLINE_EM * em), 2),
        soften_px=round(_SOFTEN_EM * em, 2),
        shadow_px=round(_SHADOW_EM * em, 2),
    )


def caption_box(canvas: Canvas, look: CaptionLook) -> Box:
    """The zone where captions appear, with a margin: to be kept calm behind them."""
    pad = round(_PAD_EM * look.em_px)
    line = max([LINE_EM, *(fallback.line_em for fallback in look.plan.fallbacks)])
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
