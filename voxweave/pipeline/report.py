"""What was made, of what, and how well: the report beside the film."""

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from voxweave import __version__
from voxweave.core.caption_flaws import Flaw
from voxweave.core.cue_rules import Finding
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip, Drawing, Picture, Still
from voxweave.core.speech import Hearing, Loudness, Transcript, Unspoken
from voxweave.core.text import counted, printable
from voxweave.core.time import clock, ms_of
from voxweave.core.timeline import Shot, worst_cut_error_ms
from voxweave.core.value import Value
from voxweave.errors import Exit
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.render import Film
from voxweave.pipeline.scenes import Encoded
from voxweave.pipeline.sound import Recording
from voxweave.pipeline.supplies import Supplies
from voxweave.pipeline.verify import Verified

_FIRST_WORDS = 8


class SceneReport(Value):
    """What one scene shows, where it came from, and whether it was made in this run."""

    number: int
    start: str
    first_frame: int
    frames: int
    shows: str
    source: str
    fit: str = ""
    reused: bool
    text: str
    provider: str = ""
    model: str = ""
    price_usd: float | None = 0.0
    lane: str = ""
    reused_from: str = ""
    fell: tuple[str, ...] = ()


class MoneyReport(Value):
    """What the film's orders cost over all its runs, in dollars; and how many have no known price."""

    spent_usd: float = 0.0
    running_usd: float = 0.0
    unknown_usd: float = 0.0
    unpriced: int = 0


class UnspokenReport(Value):
    """Words of the script that nobody says, and when they would have come."""

    text: str
    count: int
    at: str


class OffscriptReport(Value):
    """Speech that the script does not have."""

    start: str
    end: str


class CaptionReport(Value):
    """Where the captions came from, how they are delivered, and the rules they break.

    `recognised` says who heard the words, where nobody told them, and what was left out.
    """

    source: str
    how: str
    language: str
    delivered: tuple[str, ...]
    cues: int
    rules_kept: int
    rules_broken: tuple[Finding, ...]
    missing_letters: str = ""
    drawn: tuple[Flaw, ...] = ()
    """Letters no font has and text too wide for the safe area, cue by cue."""
    recognised: Hearing | None = None
    unspoken: tuple[UnspokenReport, ...] = ()
    offscript: tuple[OffscriptReport, ...] = ()


class SoundReport(Value):
    """Loudness before and after."""

    target_lufs: float | None
    before: Loudness
    after: Loudness
    gain_db: float
    limited: bool


class Report(Value):
    """Everything about one film; `exit_code` is 9 when it is short of what was asked for."""

    film: Path
    narration: Path
    duration: str
    canvas: Canvas
    container: str
    codec: str
    style: str
    seed: int
    frames: int
    worst_cut_error_ms: float
    verified: Verified
    sound: SoundReport
    captions: CaptionReport
    scenes: tuple[SceneReport, ...]
    files: tuple[Path, ...]
    shortfalls: tuple[str, ...]
    notes: tuple[str, ...]
    times_s: dict[str, float]
    versions: dict[str, str]
    money: MoneyReport | None = None
    sandbox: str = ""
    """`on` where foreign files were read in one, else `off` and why."""
    up_to_date: bool = False
    """Nothing had changed, and nothing was made."""

    @property
    def exit_code(self) -> int:
        """0, or 9 when something asked for is missing."""
        return Exit.PARTIAL if self.shortfalls else Exit.DONE

    def summary(self) -> tuple[str, ...]:
        """A few lines for a person."""
        made = sum(not scene.reused for scene in self.scenes)
        after = self.sound.after
        size = f"{self.canvas.width}x{self.canvas.height}"
        return (
            f"{printable(self.film.name)}  {self.duration}, {size}, {float(self.canvas.rate):g} frames a second, "
            f"{self.verified.bytes / 1e6:.1f} MB",
            f"pictures  {counted(len(self.scenes), 'scene')} ({made} made now), style {self.style}",
            *self._money_lines(),
            f"sound     {after.integrated_lufs:.1f} LUFS, peak {after.true_peak_dbtp:.1f} dBTP "
            f"(was {self.sound.before.integrated_lufs:.1f} LUFS, {self.sound.before.true_peak_dbtp:.1f} dBTP)",
            f"captions  {self._captions_line()}",
            f"sync      {self.frames} frames, every cut within {self.worst_cut_error_ms:.1f} ms, "
            f"sound and picture end {abs(self.verified.end_error_ms):.1f} ms apart",
            *(f"short of what was asked: {line}" for line in self.shortfalls),
        )

    def _money_lines(self) -> tuple[str, ...]:
        money = self.money
        if money is None:
            return ()
        ordered = sum(bool(scene.provider) for scene in self.scenes)
        more = [f"${money.running_usd:.2f} under way"] if money.running_usd else []
        more += [f"${money.unknown_usd:.2f} in doubt"] if money.unknown_usd else []
        more += [f"{money.unpriced} of unknown price"] if money.unpriced else []
        parts = ", ".join((f"${money.spent_usd:.2f} spent", *more))
        return (f"orders    {counted(ordered, 'scene')} from providers, {parts}",)

    def _captions_line(self) -> str:
        if not self.captions.delivered:
            return "none"
        broken = len(self.captions.rules_broken) + len(self.captions.drawn)
        rules = "all rules kept" if not broken else f"{counted(broken, 'rule finding')}, see the report"
        return f"{counted(self.captions.cues, 'cue')} from {self.captions.how}, {', '.join(self.captions.delivered)}; {rules}"


def report_of(
    desk: Desk,
    film: Film,
    scenes: Sequence[Encoded],
    recording: Recording,
    verified: Verified,
    *,
    files: Sequence[Path],
    words_from: str,
    transcript: Transcript,
) -> Report:
    """The whole report of a finished film."""
    studio, canvas = desk.studio, film.timeline.canvas
    return Report(
        film=files[0].absolute(),
        narration=film.narration.media.path,
        duration=clock(film.narration.duration_ms),
        canvas=canvas,
        container=desk.container,
        codec=desk.codec,
        style=studio.style.name,
        seed=studio.settings.seed,
        frames=film.timeline.frames,
        worst_cut_error_ms=worst_cut_error_ms(film.timeline),
        verified=verified,
        sound=_sound(studio.settings.loudness_lufs, film, recording, after=verified.loudness),
        captions=_captions(film, words_from, transcript),
        scenes=_scenes(film, scenes),
        files=tuple(file.absolute() for file in files),
        shortfalls=tuple(desk.shortfalls),
        notes=tuple(desk.notes),
        times_s=desk.teller.times_s(),
        versions={
            "voxweave": __version__,
            "ffmpeg": studio.ffmpeg.title,
            "python": platform.python_version(),
        },
        money=_money(film.supplies, transcript.heard),
        sandbox="on" if studio.ffmpeg.cage else f"off: {studio.ffmpeg.uncaged}",
    )


def _money(supplies: Supplies, heard: Hearing | None) -> MoneyReport | None:
    """Sums of the ledger, words included; None for a film that ordered nothing."""
    totals = supplies.totals
    if totals is None and heard is not None and heard.paid_usd != 0:
        return MoneyReport(
            spent_usd=heard.paid_usd or 0.0, unpriced=heard.windows if heard.paid_usd is None else 0
        )
    return None if totals is None else MoneyReport(**totals.model_dump(), unpriced=supplies.unpriced)


def _sound(target_lufs: float | None, film: Film, recording: Recording, *, after: Loudness) -> SoundReport:
    return SoundReport(
        target_lufs=target_lufs,
        before=film.narration.loudness,
        after=after,
        gain_db=recording.gain.gain_db,
        limited=recording.gain.limit_dbtp is not None,
    )


def _captions(film: Film, words_from: str, transcript: Transcript) -> CaptionReport:
    captions = film.captions
    return CaptionReport(
        source=words_from,
        how=captions.how,
        language=captions.language,
        delivered=captions.ways,
        cues=len(captions.cues),
        rules_kept=len(captions.cues) - len({finding.cue for finding in captions.findings}),
        rules_broken=captions.findings,
        missing_letters=captions.missing,
        drawn=captions.flaws,
        recognised=transcript.heard,
        unspoken=tuple(_unspoken(transcript, one) for one in transcript.unspoken),
        offscript=tuple(
            OffscriptReport(start=clock(span.start), end=clock(span.end)) for span in transcript.offscript
        ),
    )


def _unspoken(transcript: Transcript, one: Unspoken) -> UnspokenReport:
    words = transcript.words[one.first : min(one.past, one.first + _FIRST_WORDS)]
    text = " ".join(word.text for word in words)
    return UnspokenReport(text=text, count=one.past - one.first, at=clock(one.at_ms))


def _scenes(film: Film, scenes: Sequence[Encoded]) -> tuple[SceneReport, ...]:
    return tuple(
        _scene(shot, picture, film, reused=encoded.reused)
        for shot, picture, encoded in zip(film.timeline.shots, film.pictures, scenes, strict=True)
    )


def _scene(shot: Shot, picture: Picture, film: Film, *, reused: bool) -> SceneReport:
    number = shot.scene.number
    shown: dict[str, Any] = dict(_shown(picture, printable(Path(shot.scene.picture).name)))
    bought = film.supplies.bought.get(number)
    fell = tuple(f"{reason.provider}: {reason.text}" for reason in film.supplies.fell.get(number, ()))
    if bought is not None:
        shown |= {"provider": bought.provider, "model": bought.model, "price_usd": bought.price_usd}
        shown |= {"lane": bought.lane, "reused_from": bought.reused_from}
        shown |= {"source": bought.provider, "shows": printable(bought.media.path.name)}
    return SceneReport(
        number=number,
        start=clock(ms_of(shot.first, film.timeline.canvas.rate)),
        first_frame=shot.first,
        frames=shot.frames,
        reused=reused,
        text=shot.scene.text,
        fell=fell,
        **shown,
    )


def _shown(picture: Picture, name: str) -> dict[str, str]:
    """What fills the scene, whose it is, and how it is fitted."""
    match picture:
        case Drawing():
            return {"shows": f"drawn art, {picture.style.name}", "source": "art", "fit": ""}
        case Still():
            return {"shows": name, "source": "folder", "fit": picture.move}
        case Clip():
            return {"shows": name, "source": "folder", "fit": picture.fit}
