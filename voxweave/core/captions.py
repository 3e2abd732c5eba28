"""Captions as text: the ASS that is drawn into a scene, SRT and WebVTT to go beside or into the film."""

import html
import re
from collections.abc import Sequence

import pysubs2

from voxweave.core.ass import moment_ms, number, styled
from voxweave.core.film import Canvas
from voxweave.core.letters import drawable
from voxweave.core.looks import CaptionLook, TitleCard
from voxweave.core.safe_area import LINE_EM
from voxweave.core.speech import Cue
from voxweave.core.style import Colour
from voxweave.core.time import clock, frame_at
from voxweave.core.titles import title_events

_SHADOW_ALPHA = 96
"""Of 255, where 0 covers all."""
_TALLEST = 0.42
"""Of the frame: text with too many lines is made smaller rather than cover more."""
_SMALLEST = 0.35
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
    first, last = frames
    events = [_caption(cue, canvas, look=look, frames=frames) for cue in cues if _seen(cue, canvas, frames)]
    events += [event for card in titles for event in title_events(card, canvas, first=first, last=last)]
    if not events:
        return ""
    file = pysubs2.SSAFile()
    file.info = _script_info(canvas)
    file.styles = {"Caption": _caption_style(look), "Title": _title_style(look)}
    file.events = events
    return file.to_string("ass", header_notice="")


def cues_within(cues: Sequence[Cue], first_ms: int, last_ms: int) -> tuple[Cue, ...]:
    """The cues of which something is seen from one moment up to another, in the film's time."""
    return tuple(cue for cue in cues if cue.span.start < last_ms and cue.span.end > first_ms)


def shown_frames(cue: Cue, canvas: Canvas) -> tuple[int, int]:
    """The film's frames a cue is on: the first, and the first without it."""
    first = frame_at(cue.span.start, canvas.rate)
    return first, max(first + 1, frame_at(cue.span.end, canvas.rate))


def _seen(cue: Cue, canvas: Canvas, frames: tuple[int, int]) -> bool:
    begins, ends = shown_frames(cue, canvas)
    return bool(cue.lines) and begins < frames[1] and ends > frames[0]


def _caption(cue: Cue, canvas: Canvas, *, look: CaptionLook, frames: tuple[int, int]) -> pysubs2.SSAEvent:
    first, last = frames
    begins, ends = shown_frames(cue, canvas)
    return pysubs2.SSAEvent(
        start=moment_ms(max(begins - first, 0), canvas.rate),
        end=moment_ms(min(ends, last) - first, canvas.rate),
        text=_placed(cue, canvas, look),
        style="Caption",
    )


def _placed(cue: Cue, canvas: Canvas, look: CaptionLook) -> str:
    box = look.box
    share = _shrink(cue, canvas, look)
    em = share * look.em_px
    lines = "\\N".join(styled(line, look.plan, em) for line in cue.lines)
    place = f"\\pos({number(box.x + box.width / 2)},{box.y + box.height})"
    size = f"\\fs{number(LINE_EM * em)}" if share < 1 else ""
    return f"{{{place}\\blur{number(look.soften_px)}{size}}}{lines}"


def _shrink(cue: Cue, canvas: Canvas, look: CaptionLook) -> float:
    """1, or the share of the usual size at which the cue fits its box."""
    edge = 2 * look.outline_px
    widest = max(look.plan.width_em(drawable(line)) for line in cue.lines) * look.em_px
    tall = len(cue.lines) * LINE_EM * look.em_px
    room = max(look.box.height, _TALLEST * canvas.height)
    share = min(1.0, (look.box.width - edge) / max(widest, 1.0), room / tall)
    return round(max(share, _SMALLEST), 3)


def _script_info(canvas: Canvas) -> dict[str, str]:
    return {
        "ScriptType": "v4.00+",
        "PlayResX": str(canvas.width),
        "PlayResY": str(canvas.height),
        "WrapStyle": "2",
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }


def _caption_style(look: CaptionLook) -> pysubs2.SSAStyle:
    style = _base_style(look)
    style.primarycolor = _colour(look.colour)
    style.outline, style.shadow = look.outline_px, look.shadow_px
    style.backcolor = _colour(look.ink, _SHADOW_ALPHA)
    return style


def _title_style(look: CaptionLook) -> pysubs2.SSAStyle:
    style = _base_style(look)
    style.outline, style.shadow = 0.0, 0.0
    return style


def _base_style(look: CaptionLook) -> pysubs2.SSAStyle:
    return pysubs2.SSAStyle(
        fontname=look.plan.family,
        fontsize=float(number(LINE_EM * look.em_px)),
        bold=look.plan.bold,
        outlinecolor=_colour(look.ink),
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
