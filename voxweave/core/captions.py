"""Captions as text: the ASS that is drawn into a scene, SRT and WebVTT to go beside or into the film."""

import html
import re
from collections.abc import Sequence

import pysubs2

from voxweave.core.ass import alpha_of, number, styled, written
from voxweave.core.caption_events import caption_events
from voxweave.core.film import Canvas
from voxweave.core.letters import drawable
from voxweave.core.looks import CaptionLook, TitleCard, lowered
from voxweave.core.safe_area import safe_area
from voxweave.core.scene_time import SceneTime
from voxweave.core.speech import Cue
from voxweave.core.style import Colour
from voxweave.core.time import clock
from voxweave.core.titles import title_events
from voxweave.core.word_times import shown_frames

_INK = "#05070b"
_BASE_DIRECTION = -1  # libass finds out by itself whether a line reads from the right
_MARKUP = re.compile(r"<(?=[A-Za-z/!])|\{(?=\\)|--(?=>)")
_WORD_JOINER = "\u2060"


def ass_text(
    cues: Sequence[Cue],
    *,
    canvas: Canvas,
    look: CaptionLook,
    frames: tuple[int, int],
    titles: Sequence[TitleCard] = (),
) -> str:
    """An ASS file for the scene from frame `frames[0]` of the film up to `frames[1]`, in its own time.

    Cues and titles are those of the whole film; what is not seen in the scene is left out, what
    crosses a cut is drawn on both sides of it without a seam. Empty when nothing is seen.
    """
    scene = SceneTime(canvas, *frames)
    low = lowered(look, canvas)
    events = [
        event
        for cue in cues
        if _seen(cue, canvas, frames)
        for event in caption_events(cue, low if _under_title(cue, canvas, titles) else look, scene)
    ]
    events += [
        event for card in titles for event in title_events(card, canvas, first=frames[0], last=frames[1])
    ]
    # Matrix "None": from FFmpeg 8 on a matrix would bend the colours that are drawn on red, green and blue.
    return _written(events, _styles(look), canvas, matrix="None") if events else ""


def ass_file(cues: Sequence[Cue], *, canvas: Canvas, look: CaptionLook) -> str:
    """The cues as an ASS file for players, in the look's letters; text and times are the other files'.

    Letters are of the usual size at most: whole cues must fit, which larger looks show word by word.
    """
    look = look.model_copy(update={"em_px": min(look.em_px, round(safe_area(canvas).em_px, 2))})
    events = [
        pysubs2.SSAEvent(
            start=cue.span.start,
            end=cue.span.end,
            text="\\N".join(styled(line, look.plan, look.em_px) for line in cue.lines),
            style="Caption",
        )
        for cue in cues
    ]
    style = _caption_style(look)
    box, right = look.box, canvas.width - look.box.x - look.box.width
    style.alignment, style.marginl, style.marginr = pysubs2.Alignment.BOTTOM_CENTER, box.x, right
    style.marginv = canvas.height - box.y - box.height
    return _written(events, {"Caption": style}, canvas, matrix="TV.709")


def _written(
    events: list[pysubs2.SSAEvent], styles: dict[str, pysubs2.SSAStyle], canvas: Canvas, *, matrix: str
) -> str:
    file = pysubs2.SSAFile()
    file.info, file.styles, file.events = _script_info(canvas, matrix), styles, events
    return written(file)


def _under_title(cue: Cue, canvas: Canvas, titles: Sequence[TitleCard]) -> bool:
    """Whether a title stands while the cue does: it has the middle and the top to itself."""
    begins, ends = shown_frames(cue, canvas)
    return any(card.first < ends and card.last > begins for card in titles)


def cues_within(cues: Sequence[Cue], first_ms: int, last_ms: int) -> tuple[Cue, ...]:
    """The cues of which something is seen from one moment up to another, in the film's time."""
    return tuple(cue for cue in cues if cue.span.start < last_ms and cue.span.end > first_ms)


def _seen(cue: Cue, canvas: Canvas, frames: tuple[int, int]) -> bool:
    begins, ends = shown_frames(cue, canvas)
    return bool(cue.lines) and begins < frames[1] and ends > frames[0]


def _script_info(canvas: Canvas, matrix: str) -> dict[str, str]:
    return {
        "ScriptType": "v4.00+",
        "PlayResX": str(canvas.width),
        "PlayResY": str(canvas.height),
        "WrapStyle": "2",
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": matrix,
    }


def _styles(look: CaptionLook) -> dict[str, pysubs2.SSAStyle]:
    return {"Caption": _caption_style(look), "Title": _title_style(look)}


def _caption_style(look: CaptionLook) -> pysubs2.SSAStyle:
    outline, shadow = look.look.outline, look.look.shadow
    style = _base_style(look)
    style.primarycolor = _colour(look.look.colour)
    style.outline, style.shadow = look.outline_px, round(shadow.offset * look.em_px, 2)
    style.outlinecolor = _colour(outline.colour, alpha_of(outline.opacity))
    style.backcolor = _colour(shadow.colour, alpha_of(shadow.opacity))
    style.spacing = round(look.look.spacing / 100 * look.em_px, 2)
    return style


def _title_style(look: CaptionLook) -> pysubs2.SSAStyle:
    style = _base_style(look)
    style.outline, style.shadow = 0.0, 0.0
    style.outlinecolor = _colour(_INK)
    return style


def _base_style(look: CaptionLook) -> pysubs2.SSAStyle:
    return pysubs2.SSAStyle(
        fontname=look.plan.family,
        fontsize=float(number(look.plan.line_em * look.em_px)),
        bold=look.plan.bold,
        alignment=pysubs2.Alignment.BOTTOM_CENTER,
        marginl=0,
        marginr=0,
        marginv=0,
        encoding=_BASE_DIRECTION,
    )


def _colour(colour: Colour, alpha: int = 0) -> pysubs2.Color:
    return pysubs2.Color(int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16), alpha)


def srt_text(cues: Sequence[Cue]) -> str:
    """The cues as SRT."""
    blocks = (
        f"{index}\n{_srt_time(cue.span.start)} --> {_srt_time(cue.span.end)}\n{_srt_lines(cue)}\n"
        for index, cue in enumerate(cues, start=1)
    )
    return "\n".join(blocks)


def vtt_text(cues: Sequence[Cue]) -> str:
    """The cues as WebVTT."""
    blocks = (
        f"\n{_vtt_time(cue.span.start)} --> {_vtt_time(cue.span.end)}\n"
        + "\n".join(html.escape(drawable(line), quote=False) for line in cue.lines)
        + "\n"
        for cue in cues
    )
    return "WEBVTT\n" + "".join(blocks)


def _srt_lines(cue: Cue) -> str:
    """Players take tags and braces in SRT for markup; a joiner without width tells them otherwise."""
    return "\n".join(_MARKUP.sub(lambda mark: mark[0] + _WORD_JOINER, drawable(line)) for line in cue.lines)


def _srt_time(ms: int) -> str:
    return _vtt_time(ms).replace(".", ",")


def _vtt_time(ms: int) -> str:
    return clock(ms).zfill(12)
