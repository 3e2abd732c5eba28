"""Captions checked as a broadcaster would: rules, letters, safe area and, with the film, its own frames."""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from voxweave.core.caption_flaws import Flaw, drawn_flaws, flaw, rule_flaws
from voxweave.core.cue_rules import check, rules_for
from voxweave.core.film import Canvas
from voxweave.core.speech import Cue, Word
from voxweave.core.subtitles import MOST_CUES, read_subtitles
from voxweave.core.text import printable
from voxweave.core.time import Span, clock
from voxweave.core.value import Value
from voxweave.errors import Exit, InputError
from voxweave.media.files import content_of
from voxweave.pipeline.contrasts import Screen, contrast_flaws, screen_of
from voxweave.pipeline.dressing import dressed
from voxweave.pipeline.studio import Studio

_MOST_BYTES = 32 << 20
_NO_CUES = "give SRT, WebVTT or ASS, the report of a film, or the JSON of voxweave transcribe"


class Checked(Value):
    """What was checked, by which numbers, and what is wrong."""

    file: Path
    cues: int
    profile: str
    language: str
    canvas: Canvas
    look: str
    flaws: tuple[Flaw, ...]
    measured: tuple[str, ...]

    def exit_code(self, *, strict: bool) -> int:
        """0, or 9 when it is strict and something is wrong."""
        return Exit.PARTIAL if strict and self.flaws else Exit.DONE


class _Reading(Value):
    """Cues of a file, or the flaws a film's report has of its own."""

    cues: tuple[Cue, ...] = ()
    language: str = ""
    flaws: tuple[Flaw, ...] = ()
    known: int = 0
    measured: tuple[str, ...] = ()


def check_captions(file: Path, video: Path | None, studio: Studio) -> Checked:
    """Check a file of captions, beside a film where one is given; InputError when it cannot be read."""
    settings = studio.settings
    screen = screen_of(video, studio.ffmpeg, studio.stop) if video else None
    canvas = screen.canvas if screen else settings.canvas
    read = _read(file)
    language = settings.language or read.language or _named_in(file)
    cuts, told = cuts_of(video) if video else ((), ())
    found, measured = (
        _found(read.cues, language, _Stage(canvas, screen, cuts), studio) if read.cues else ((), ())
    )
    return Checked(
        file=file,
        cues=len(read.cues) or read.known,
        profile=settings.caption_profile,
        language=language,
        canvas=canvas,
        look=studio.dress.look.name,
        flaws=tuple(sorted((*read.flaws, *found), key=lambda one: one.cue)),
        measured=(*read.measured, *measured, *told),
    )


def cuts_of(film: Path) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Where the later scenes of a film of ours begin, as the report beside it tells; and a line on that."""
    report = film.with_name(f"{film.stem}.report.json")
    try:
        scenes = json.loads(content_of(report, "the report", _MOST_BYTES))["scenes"]
        firsts = sorted({int(scene["first_frame"]) for scene in scenes})
    except (InputError, ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return (), (f"no cuts are known: there is no {printable(report.name)} of ours beside the film",)
    return tuple(firsts[1:]), (f"{len(firsts[1:])} cuts of the film, from {printable(report.name)}",)


@dataclass(frozen=True)
class _Stage:
    """What captions stand on: a canvas, and the film with its cuts where one was given."""

    canvas: Canvas
    screen: Screen | None
    cuts: tuple[int, ...]


def _found(
    cues: Sequence[Cue], language: str, stage: _Stage, studio: Studio
) -> tuple[tuple[Flaw, ...], tuple[str, ...]]:
    canvas, screen = stage.canvas, stage.screen
    rules = rules_for(canvas, language, profile=studio.settings.caption_profile)
    look = dressed(cues, canvas, studio.dress)
    found = [*rule_flaws(cues, check(cues, rules, stage.cuts)), *drawn_flaws(cues, canvas, look)]
    if screen is None:
        return tuple(found), ()
    found += _past_the_end(cues, screen)
    seen = contrast_flaws(cues, screen, look, studio.ffmpeg, stop=studio.stop)
    return (*found, *seen.flaws), (seen.how,)


def _past_the_end(cues: Sequence[Cue], screen: Screen) -> list[Flaw]:
    """Cues that go on when the film has ended; a frame more is a matter of rounding."""
    end = screen.duration_ms + round(Fraction(1000) / screen.canvas.rate)
    return [
        flaw(cues, number, "past the end", value=clock(cue.span.end), limit=clock(screen.duration_ms))
        for number, cue in enumerate(cues, start=1)
        if cue.span.end > end
    ]


def _named_in(file: Path) -> str:
    """The language in a name such as `talk.en.srt`."""
    tag = file.with_suffix("").suffix[1:]
    return tag if tag.split("-")[0].isalpha() and len(tag.split("-")[0]) in (2, 3) and tag != "und" else ""


def _read(file: Path) -> _Reading:
    raw = content_of(file, "the captions", _MOST_BYTES)
    name = printable(file.name)
    if file.suffix.lower() == ".json" or raw.lstrip()[:1] == b"{" and b'"' in raw[:200]:
        return _from_json(raw, name)
    found = read_subtitles(raw, suffix=file.suffix.lower(), name=name)
    return _Reading(cues=found.cues, language=found.language, flaws=tuple(map(_repair, found.repairs)))


def _repair(line: str) -> Flaw:
    return Flaw(cue=0, at="", rule="file", value=line, limit="")


_LATEST_MS = 1000 * 3_600_000
_MOST_LETTERS = 1000
_MOST_INSIDE = 500
"""Words in a cue; more would not fit its letters."""


def _from_json(raw: bytes, name: str) -> _Reading:
    try:
        told = json.loads(raw)
        if isinstance(told, Mapping) and isinstance(told.get("cues"), list):
            return _from_words(told)
        if isinstance(told, Mapping) and isinstance(told.get("captions"), Mapping):
            return _from_report(told["captions"])
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, ValidationError) as error:
        raise InputError(f"{name} cannot be read as captions", hint=_NO_CUES) from error
    raise InputError(f"{name} has no captions in it", hint=_NO_CUES)


def _from_words(told: Mapping[str, Any]) -> _Reading:
    words = sorted(
        (Word(text=str(one["text"]), span=_span(one)) for one in told.get("words", ())),
        key=lambda word: word.span.start,
    )
    starts = [word.span.start for word in words]
    cues = []
    for one in told["cues"]:
        span = _span(one)
        inside = tuple(words[bisect_left(starts, span.start) : bisect_left(starts, span.end)][:_MOST_INSIDE])
        text = "".join("".join(map(str, one["lines"])).split())
        said = "".join("".join(word.text for word in inside).split())
        cues.append(Cue(span=span, lines=tuple(one["lines"]), words=inside if said == text else ()))
    if not 0 < len(cues) <= MOST_CUES or max(len(cue.text) for cue in cues) > _MOST_LETTERS:
        raise ValueError("no cues, too many, or too long")
    return _Reading(cues=tuple(cues), language=str(told.get("language", "")))


def _span(told: Mapping[str, Any]) -> Span:
    span = Span(start=told["start_ms"], end=told["end_ms"])
    if not 0 <= span.start <= span.end <= _LATEST_MS:
        raise ValueError("no time in a film")
    return span


def _from_report(told: Mapping[str, Any]) -> _Reading:
    """What the report of a film says of its captions; its cues are not in it."""
    broken = [
        Flaw(cue=one["cue"], at="", rule=one["rule"], value=one["value"], limit=one["limit"])
        for one in told.get("rules_broken", ())
    ]
    drawn = [Flaw.model_validate(one) for one in told.get("drawn", ())]
    return _Reading(
        language=str(told.get("language", "")),
        flaws=(*broken, *drawn),
        known=int(told.get("cues", 0)),
        measured=("as the film's report has it; give the captions themselves for the rest",),
    )
