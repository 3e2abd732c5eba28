"""Captions and title card: laid out for the canvas, with the fonts and the ways they are delivered."""

from collections.abc import Sequence
from typing import Literal

from voxweave.core.caption_flaws import Flaw, drawn_flaws
from voxweave.core.captions import ass_file, ass_text, srt_text, vtt_text
from voxweave.core.cue_rules import CueRules, Finding, check, rules_for
from voxweave.core.cue_words import refit, turns, worded
from voxweave.core.cues import lay_out
from voxweave.core.encoding import SOFT_CAPTIONS, Container
from voxweave.core.film import Canvas
from voxweave.core.last_cues import ended
from voxweave.core.looks import CaptionLook, TitleCard, caption_box, title_boxes
from voxweave.core.pictures import Calm
from voxweave.core.profiles import Profile
from voxweave.core.safe_area import safe_area
from voxweave.core.speech import Cue, Transcript, Word
from voxweave.core.style import Typography
from voxweave.core.time import frame_at
from voxweave.core.timeline import Timeline
from voxweave.core.typefaces import FontPlan
from voxweave.core.unsaid import said_only
from voxweave.core.value import Value
from voxweave.core.word_times import shown_frames
from voxweave.errors import MediaError
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Job
from voxweave.media.fonts import lay_fonts, plan_fonts, warnings_of
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.dressing import Dress, dressed
from voxweave.pipeline.join import Track
from voxweave.pipeline.tools import Tools

Way = Literal["burn", "soft", "sidecar"]

_WAYS: tuple[Way, ...] = ("burn", "soft", "sidecar")
_CARD_MS = (400, 4_900)
"""When a title card comes and goes."""
_TRIAL_S = 120


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
    files: tuple[str, ...] = ("srt",)
    """The kinds of sidecar."""
    flaws: tuple[Flaw, ...] = ()
    """What shows only when the cues are drawn."""

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

    def sidecars(self, canvas: Canvas) -> dict[str, str]:
        """The cues as files beside the film: kind and text, all with the same words and times."""
        if "sidecar" not in self.ways:
            return {}
        texts = {
            "srt": srt_text(self.cues),
            "vtt": vtt_text(self.cues),
            "ass": ass_file(self.cues, canvas=canvas, look=self.look),
        }
        return {kind: texts[kind] for kind in self.files}


class Layout(Value):
    """What cues are laid out by: the profile's rules, the film's frames and where its later shots begin."""

    frames: int
    cuts: tuple[int, ...] = ()
    profile: Profile = "netflix"
    reflow: bool = False
    """Given subtitles are laid out anew."""


def caption(
    tools: Tools, transcript: Transcript, canvas: Canvas, heading: Heading, *, dress: Dress, layout: Layout
) -> Captions:
    """Cues by the rules, or the given ones fitted to the frame, and a card for the title."""
    rules = rules_for(canvas, transcript.language, profile=layout.profile)
    given = transcript.how == "subtitles" and not layout.reflow
    cues = _given(transcript, canvas) if given else _laid(transcript, rules, layout)
    cues = ended(cues, rules, layout.frames)
    look = dressed(cues, canvas, dress)
    return Captions(
        cues=cues,
        look=look,
        cards=_cards(heading, canvas, layout.frames),
        findings=check(cues, rules, layout.cuts),
        missing=look.plan.missing,
        notes=warnings_of(look.plan),
        flaws=drawn_flaws(cues, canvas, look),
        language=transcript.language,
        how=transcript.how,
    )


def _given(transcript: Transcript, canvas: Canvas) -> tuple[Cue, ...]:
    """Given cues as they are, broken anew only where a line is too long for the frame."""
    most, language = safe_area(canvas).letters, transcript.language
    return tuple(worded(refit(cue, most, language), language) for cue in transcript.cues)


def _laid(transcript: Transcript, rules: CueRules, layout: Layout) -> tuple[Cue, ...]:
    """The words as cues."""
    if not transcript.cues:
        words, paragraphs = said_only(transcript)
    else:
        words, paragraphs = _reflowed(transcript)
    return lay_out(words, rules=rules, paragraphs=paragraphs, cuts=layout.cuts, frames=layout.frames)


def _reflowed(transcript: Transcript) -> tuple[Sequence[Word], Sequence[int]]:
    """The words of given cues; what two speakers say stays apart."""
    words: list[Word] = []
    paragraphs: list[int] = []
    for cue in transcript.cues:
        spoken = worded(cue, transcript.language).words
        if len(turns(cue)) > 1:
            dashes = (n for n, word in enumerate(spoken) if word.text.startswith(("-", "–", "—")))
            paragraphs += [len(words) + n for n in dashes] + [len(words) + len(spoken)]
        words += spoken
    return words, paragraphs


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


def captioned(desk: Desk, transcript: Transcript, heading: Heading, timeline: Timeline) -> Captions:
    """The captions of a film, with what the user should know about them."""
    settings = desk.studio.settings
    layout = Layout(
        profile=settings.caption_profile,
        reflow=settings.reflow,
        frames=timeline.frames,
        cuts=tuple(shot.first for shot in timeline.shots[1:]),
    )
    dress = desk.studio.dress
    found = desk.step(caption, transcript, settings.canvas, heading, dress=dress, layout=layout)
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
    return captions.model_copy(update={"ways": chosen, "files": desk.studio.settings.caption_files})


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
    environment = fonts_ready(captions, tools)
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
        desk.studio.ffmpeg.run(
            Job(args, "trying the captions", around, time_limit_s=_TRIAL_S), desk.studio.stop
        )
    except MediaError:
        return False
    return True


def fonts_ready(captions: Captions, tools: Tools) -> dict[str, str]:
    """The fonts laid where libass looks; the environment it needs."""
    return lay_fonts(font_plans(captions), tools.folder)


def font_plans(captions: Captions) -> list[FontPlan]:
    """The fonts of all the film's text."""
    plans = [captions.look.plan]
    for card in captions.cards:
        plans += [card.title_plan, card.subtitle_plan]
    return plans
