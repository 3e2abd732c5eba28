"""Captions and title card: laid out for the canvas, with the fonts and the ways they are delivered."""

import math
from collections.abc import Sequence
from typing import Literal

from voxweave.core.captions import ass_text, shown_frames, srt_text, vtt_text
from voxweave.core.cue_rules import Finding, check, rules_for
from voxweave.core.cues import lay_out, refit
from voxweave.core.encoding import SOFT_CAPTIONS, Container
from voxweave.core.film import Canvas
from voxweave.core.looks import CaptionLook, TitleCard, caption_box, look_for, title_boxes
from voxweave.core.pictures import Calm
from voxweave.core.speech import Cue, Transcript
from voxweave.core.style import Typography
from voxweave.core.time import Span, frame_at
from voxweave.core.typefaces import CAPTION_FONT
from voxweave.core.value import Value
from voxweave.errors import MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Job
from voxweave.media.fonts import fonts_identity, lay_fonts, plan_fonts, warnings_of
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.join import Track
from voxweave.pipeline.tools import Tools

Way = Literal["burn", "soft", "sidecar"]

_WAYS: tuple[Way, ...] = ("burn", "soft", "sidecar")
_CARD_MS = (400, 4_900)
"""When a title card comes and goes."""


class Heading(Value):
    """What the title card says, and whether cover art stands beside it."""

    title: str = ""
    subtitle: str = ""
    with_cover: bool = False
    typography: Typography = Typography()


class Captions(Value):
    """Everything about the film's text: cues, card, how they look and which rules they break."""

    cues: tuple[Cue, ...]
    look: CaptionLook
    cards: tuple[TitleCard, ...]
    findings: tuple[Finding, ...]
    missing: str
    notes: tuple[str, ...]
    language: str
    how: str
    ways: tuple[Way, ...] = ()

    def calm(self, canvas: Canvas, *, frames: int) -> tuple[Calm, ...]:
        """Zones of the picture to be kept quiet behind text."""
        zones = [Calm(box=card.box, first=card.first, last=card.last) for card in self.cards]
        if "burn" in self.ways:
            zones.append(Calm(box=caption_box(canvas, self.look), first=0, last=frames))
        return tuple(zones)

    def track(self, container: Container) -> Track:
        """The cues as a soft track for a container."""
        text, suffix = (vtt_text(self.cues), "vtt") if container == "webm" else (srt_text(self.cues), "srt")
        return Track(text=text, suffix=suffix)

    @property
    def sidecar(self) -> str:
        """The cues as SRT."""
        return srt_text(self.cues)


def caption(
    tools: Tools, transcript: Transcript, canvas: Canvas, heading: Heading, *, font: str, frames: int
) -> Captions:
    """Cues by the rules, or the given ones fitted to the frame, and a card for the title."""
    rules = rules_for(canvas, transcript.language)
    given = transcript.how == "subtitles"
    if given:
        cues = tuple(refit(cue, rules.chars_per_line) for cue in transcript.cues)
    else:
        cues = lay_out(transcript.words, rules=rules, paragraphs=transcript.paragraphs)
    cues = _within(cues, canvas, frames)
    plan = plan_fonts("".join(cue.text for cue in cues), font or CAPTION_FONT)
    cards = _cards(heading, canvas, frames)
    return Captions(
        cues=cues,
        look=look_for(canvas, plan),
        cards=cards,
        findings=check(cues, rules),
        missing=plan.missing,
        notes=warnings_of(plan),
        language=transcript.language,
        how=transcript.how,
    )


def _within(cues: Sequence[Cue], canvas: Canvas, frames: int) -> tuple[Cue, ...]:
    """The cues that are on at least one frame of the film, none running on after its last."""
    end = math.floor(frames * 1000 / canvas.rate)
    return tuple(
        cue.model_copy(update={"span": Span(start=cue.span.start, end=min(cue.span.end, end))})
        for cue in cues
        if shown_frames(cue, canvas)[0] < frames and cue.span.start < end
    )


def _cards(heading: Heading, canvas: Canvas, frames: int) -> tuple[TitleCard, ...]:
    if not heading.title:
        return ()
    first, last = (frame_at(moment, canvas.rate) for moment in _CARD_MS)
    boxes = title_boxes(canvas, with_cover=heading.with_cover)
    typography = heading.typography
    card = TitleCard(
        title=heading.title,
        subtitle=heading.subtitle,
        first=min(first, frames // 10),
        last=min(last, frames),
        box=boxes.text,
        centred=boxes.centred,
        typography=typography,
        title_plan=plan_fonts(
            heading.title.upper() if typography.title_upper else heading.title,
            typography.title_font,
            bold=typography.title_bold,
        ),
        subtitle_plan=plan_fonts(heading.subtitle, bold=False),
    )
    return (card,)


def captioned(desk: Desk, transcript: Transcript, heading: Heading, *, frames: int) -> Captions:
    """The captions of a film, with what the user should know about them."""
    settings = desk.studio.settings
    found = desk.step(caption, transcript, settings.canvas, heading, font=settings.font, frames=frames)
    desk.tell_all(found.notes)
    if found.look.plan.instead_of:
        desk.fall_short(
            f"the font {found.look.plan.instead_of} was not found; {found.look.plan.family} is used"
        )
    if found.missing:
        desk.fall_short(f"{len(found.missing)} letters of the captions cannot be drawn")
    return found


def delivered(desk: Desk, captions: Captions) -> Captions:
    """The captions with the ways they reach the viewer: as wanted, or the next best way (and it is said).

    Where this FFmpeg draws no text there is no title card either.
    """
    wanted = desk.studio.settings.captions
    chosen = tuple(way for way in _WAYS if way in wanted and captions.cues)
    if ("burn" in chosen or captions.cards) and not _draws(desk, captions):
        desk.fall_short("this FFmpeg draws no text: no title card, and no captions in the picture")
        captions = captions.model_copy(update={"cards": ()})
        chosen = _instead(desk, chosen) if "burn" in chosen else chosen
    return captions.model_copy(update={"ways": chosen})


def _instead(desk: Desk, wanted: Sequence[Way]) -> tuple[Way, ...]:
    """What becomes of captions that cannot be burned in: a track, else a file beside the film."""
    if desk.studio.ffmpeg.lists("encoders", SOFT_CAPTIONS[desk.container]):
        return ("soft", *(way for way in wanted if way == "sidecar"))
    return ("sidecar",)


def _draws(desk: Desk, captions: Captions) -> bool:
    """Whether this FFmpeg draws the first caption or the title on one frame."""
    if not desk.studio.ffmpeg.lists("filters", "ass"):
        return False
    canvas, tools = desk.studio.settings.canvas, desk.tools
    environment, _ = fonts_ready(captions, tools)
    first = shown_frames(captions.cues[0], canvas)[0] if captions.cues else captions.cards[0].first
    seen = (first, first + 1)
    text = ass_text(captions.cues[:1], canvas=canvas, look=captions.look, frames=seen, titles=captions.cards)
    (tools.folder / "trial.ass").write_text(text, encoding="utf-8")
    source = f"color=black:size={canvas.width}x{canvas.height}:rate={canvas.rate}:duration=1"
    args = [
        "-f",
        "lavfi",
        "-i",
        source,
        "-vf",
        "ass=trial.ass:fontsdir=fonts",
        "-frames:v",
        "1",
        "-f",
        "null",
        "-",
    ]
    around = Surroundings(cwd=tools.folder, env=environment)
    try:
        desk.studio.ffmpeg.run(Job(args, "trying the captions", around, time_limit_s=30), desk.studio.stop)
    except MediaError:
        return False
    return True


def fonts_ready(captions: Captions, tools: Tools) -> tuple[dict[str, str], str]:
    """The fonts laid where libass looks, the environment it needs, and their fingerprint."""
    plans = [captions.look.plan]
    for card in captions.cards:
        plans += [card.title_plan, card.subtitle_plan]
    return lay_fonts(plans, tools.folder), fonts_identity(plans)
