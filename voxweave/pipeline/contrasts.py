"""Captions against the frames of the finished film: what touches the letters at the middle of each cue."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from voxweave.core.caption_flaws import Flaw, flaw, layouts_of
from voxweave.core.film import Box, Canvas
from voxweave.core.looks import CaptionLook, Look
from voxweave.core.speech import Cue
from voxweave.core.text import printable
from voxweave.core.time import ms_of
from voxweave.core.value import Value
from voxweave.core.word_layout import Layout
from voxweave.errors import InputError
from voxweave.media.child import Surroundings
from voxweave.media.contrast import Contrast, Picture, contrast
from voxweave.media.ffmpeg import CHECK_LIMITS, CLIP_FORMATS, Ffmpeg, Job, foreign_globals, foreign_input
from voxweave.media.files import opened
from voxweave.media.probe import probe
from voxweave.media.stopping import StopSignal

LEAST = 4.5
"""WCAG 2's level AA for ordinary text."""
_MOST_CUES = 150
_CARRIES_EM = 0.04
_SOME_RATE = Fraction(25)
_LEAST_SIDE, _MOST_SIDE = 64, 8192


class Screen(Value):
    """A film as a file: its canvas, how long it is, and where its picture is found."""

    file: Path
    canvas: Canvas
    duration_ms: int
    stream: int


class Measured(Value):
    """Flaws found on frames, and a sentence on what was measured."""

    flaws: tuple[Flaw, ...]
    how: str


@dataclass(frozen=True)
class _Eye:
    """What looks at the film."""

    ffmpeg: Ffmpeg
    stop: StopSignal
    screen: Screen
    look: CaptionLook


def screen_of(file: Path, ffmpeg: Ffmpeg, stop: StopSignal) -> Screen:
    """The film's own size, rate and length; InputError where it has no picture."""
    facts = probe(ffmpeg, file, stop, formats=CLIP_FORMATS, what="the film")
    streams = [one for one in facts.streams if one.kind == "video" and not one.attached_picture]
    if not streams or not facts.duration_ms:
        raise InputError(f"{printable(file.name)} has no moving picture", hint="give the film as --video")
    picture = streams[0]
    sides = (picture.width, picture.height)
    wide, high = sides if picture.rotation % 180 == 0 else sides[::-1]
    wide = round(wide * picture.sar) if picture.rotation % 180 == 0 else wide
    if not all(_LEAST_SIDE <= side <= _MOST_SIDE for side in (wide, high)):
        raise InputError(f"{printable(file.name)} is {wide}x{high}; 64 to 8192 a side are looked at")
    canvas = Canvas(width=wide // 2 * 2, height=high // 2 * 2, rate=picture.rate or _SOME_RATE)
    return Screen(file=file, canvas=canvas, duration_ms=facts.duration_ms, stream=picture.index)


def contrast_flaws(
    cues: Sequence[Cue], screen: Screen, look: CaptionLook, ffmpeg: Ffmpeg, *, stop: StopSignal
) -> Measured:
    """Cues whose letters stand out too little from what touches them."""
    eye, found, seen = _Eye(ffmpeg, stop, screen, look), [], 0
    looked = list(_some(cues, screen))
    for number in looked:
        ratio = _measured(eye, cues[number - 1])
        if ratio is None:
            continue
        seen += ratio.seen
        if ratio.ratio < LEAST:
            found.append(flaw(cues, number, "contrast", value=ratio.ratio, limit=LEAST))
    return Measured(flaws=tuple(found), how=_told(len(looked), seen, len(cues)))


def _told(looked: int, seen: int, cues: int) -> str:
    where = "at the middle of each cue" if looked >= cues else f"at the middle of {looked} of {cues} cues"
    burned = f"{seen} with the letters in the picture, against what touches them"
    drawn = f"{looked - seen} without, the look's colour against its own edge, or the bright parts where they would stand"
    return f"contrast {where}: {burned}; {drawn}"


def _some(cues: Sequence[Cue], screen: Screen) -> Iterator[int]:
    """Numbers of cues the film shows, evenly spread where there are very many."""
    shown = [number for number, cue in enumerate(cues, start=1) if cue.span.start < screen.duration_ms]
    step = max(1, -(-len(shown) // _MOST_CUES))
    yield from shown[::step]


def _measured(eye: _Eye, cue: Cue) -> Contrast | None:
    """None where nothing of the cue stands at its middle."""
    canvas = eye.screen.canvas
    layout = _at(cue, canvas, eye.look, (cue.span.start + cue.span.end) // 2)
    if layout is None:
        return None
    first, last = layout.words[0].first, layout.words[-1].last
    box = _around(layout)
    picture = _frame(eye, ms_of((first + last) // 2, canvas.rate), box)
    if picture is None:
        return None
    look = eye.look.look
    colours = [look.colour, *([look.spoken.colour] if look.spoken.mark != "none" else [])]
    return contrast(picture, colours, layout.em_px, edge=_edge(look))


def _edge(look: Look) -> str:
    """The colour the look puts around its letters; empty where that is too thin to carry them."""
    if look.box:
        return look.box.colour
    return look.outline.colour if look.outline.width * look.outline.opacity >= _CARRIES_EM else ""


def _at(cue: Cue, canvas: Canvas, look: CaptionLook, moment_ms: int) -> Layout | None:
    """What is drawn of the cue at a moment; looks that show a few words at a time draw a part."""
    frame = moment_ms * canvas.rate / 1000
    layouts = list(layouts_of(cue, canvas, look))
    fitting = [layout for layout in layouts if layout.words[0].first <= frame < layout.words[-1].last]
    return next(iter(fitting or layouts), None)


def _around(layout: Layout) -> Box:
    """The text's box with a little of what is around it, inside the canvas."""
    pad, canvas = round(0.2 * layout.em_px), layout.canvas
    half = max(layout.width_em(text) for text in layout.texts) * layout.em_px / 2
    left, right = max(0, round(layout.centre - half) - pad), round(layout.centre + half) + pad
    top = max(0, round(layout.baseline(0) - layout.em_px) - pad)
    bottom = round(layout.baseline(len(layout.lines) - 1) + 0.3 * layout.em_px) + pad
    width, height = min(right, canvas.width) - left, min(bottom, canvas.height) - top
    return Box(x=left, y=top, width=width, height=height)


def _frame(eye: _Eye, moment_ms: int, box: Box) -> Picture | None:
    """A part of a frame of the film; None when the file has no frame there."""
    canvas = eye.screen.canvas
    fit = f"scale={canvas.width}:{canvas.height}:flags=area,"
    cut = f"crop={box.width}:{box.height}:{box.x}:{box.y}:exact=1,format=rgb24"
    with opened(eye.screen.file, "the film") as fd:
        args = [
            *foreign_globals(),
            *("-ss", f"{moment_ms / 1000:.3f}"),
            *foreign_input(fd, CLIP_FORMATS),
            *(
                "-map",
                f"0:{eye.screen.stream}",
                "-frames:v",
                "1",
                "-vf",
                fit + cut,
                "-f",
                "rawvideo",
                "pipe:1",
            ),
        ]
        job = Job(args, "looking at the film", Surroundings(fds=(fd,), limits=CHECK_LIMITS), time_limit_s=60)
        with eye.ffmpeg.reading(job, eye.stop) as child:
            raw = child.stdout.read()
    if len(raw) != box.width * box.height * 3:
        return None
    return np.frombuffer(raw, np.uint8).reshape(box.height, box.width, 3)
