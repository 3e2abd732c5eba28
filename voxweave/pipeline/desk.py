"""One film being made: its job, what it tells, and what it lacks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from voxweave.core.encoders import (
    LEAST_KBPS,
    capped,
    exceeded,
    kbps_held,
    kbps_within,
    least_kbps,
    software,
    sound_within,
)
from voxweave.core.encoding import AudioEncoder, Codec, Container, VideoEncoder
from voxweave.core.events import Stage
from voxweave.core.film import Canvas
from voxweave.core.pictures import Calm, Emblem
from voxweave.core.speech import Narration
from voxweave.core.text import printable
from voxweave.core.time import clock, frame_at
from voxweave.core.timeline import Timeline
from voxweave.core.value import MediaFile, Value
from voxweave.errors import UsageError
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.job import Job, open_job
from voxweave.jobs.sharing import open_sharing, settled
from voxweave.media.files import check_writable, disk_errors, fingerprint, remove_leftovers, still_there
from voxweave.media.scratch import sweep
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.telling import Teller
from voxweave.pipeline.tools import Tools
from voxweave.places import temporary_folder
from voxweave.providers.base import DrawnArt, Toolkit
from voxweave.providers.registry import make_provider

Result = TypeVar("Result", bound=Value)
Values = ParamSpec("Values")


@dataclass
class Desk:
    """The work on one narration; `media` is its file as it was when we began."""

    studio: Studio
    job: Job
    teller: Teller
    media: MediaFile
    container: Container
    notes: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)

    @property
    def tools(self) -> Tools:
        """What a stage is handed."""
        studio = self.studio
        return Tools(studio.ffmpeg, studio.stop, self.job.folder, self.teller.advance)

    @property
    def codec(self) -> Codec:
        """The film's video codec."""
        return self.studio.settings.video_codec(self.container)

    def audio_encoder(self, timeline: Timeline) -> AudioEncoder:
        """The encoder of the film's sound, at a lower rate where the film may not grow."""
        return self._audio_encoder(
            timeline.frames / timeline.canvas.rate, timeline.canvas, len(timeline.shots)
        )

    def check_encoders(self, timeline: Timeline) -> None:
        """DependencyError or UsageError before the work, and before anything is ordered; what is chosen is told."""
        settings = self.studio.settings
        chosen = self.video_encoder(timeline)
        sound = self.audio_encoder(timeline)
        if sound.kbps < self.studio.audio_encoder(self.container).kbps:
            self.tell_all([f"sound takes {sound.kbps} kbit/s, so that more of the size is left for pictures"])
        if settings.encoder != "software":
            by_chip = chosen.encoder != software(self.codec, settings.effective_quality).encoder
            why = "" if by_chip else f": no {settings.encoder} encoder of {self.codec} works here"
            self.tell_all([f"pictures are encoded by {chosen.encoder}{why}"])

    def check_fit(self, narration: Narration) -> None:
        """UsageError where no film of this length fits the size allowed, before anything is heard or planned."""
        canvas, most = self.studio.settings.canvas, self.studio.settings.max_size
        if most:
            seconds = Fraction(frame_at(narration.duration_ms, canvas.rate)) / canvas.rate
            self._kbps_within(int(most), seconds, canvas, scenes=1)

    def video_encoder(self, timeline: Timeline) -> VideoEncoder:
        """The encoder of this film's scenes, capped where the film may not grow; UsageError where none fits."""
        settings = self.studio.settings
        encoder = self.studio.video_encoder(self.codec)
        canvas = timeline.canvas
        seconds, scenes = timeline.frames / canvas.rate, len(timeline.shots)
        most = int(settings.max_bitrate or 0) // 1000
        kbps = max(1, kbps_held(most, seconds, scenes=scenes)) if most else 0
        if settings.max_size:
            fits = self._kbps_within(int(settings.max_size), seconds, canvas, scenes=scenes)
            kbps = min(kbps, fits) if kbps else fits
        return capped(encoder, kbps) if kbps else encoder

    def weigh(self, size_bytes: int, picture_bytes: int, timeline: Timeline) -> None:
        """Say it where the finished film is larger than was allowed, or its picture takes more bits a second."""
        settings, seconds = self.studio.settings, timeline.frames / timeline.canvas.rate
        allowed = int(settings.max_size or 0), int(settings.max_bitrate or 0)
        for line in exceeded(size_bytes, picture_bytes * 8 / seconds, *allowed):
            self.fall_short(line)

    def _audio_encoder(self, seconds: Fraction, canvas: Canvas, scenes: int) -> AudioEncoder:
        encoder, most = self.studio.audio_encoder(self.container), int(self.studio.settings.max_size or 0)
        return sound_within(encoder, most, seconds, scenes=scenes, canvas=canvas) if most else encoder

    def _kbps_within(self, size_bytes: int, seconds: Fraction, canvas: Canvas, *, scenes: int) -> int:
        sound = self._audio_encoder(seconds, canvas, scenes).kbps
        kbps = kbps_within(size_bytes, seconds, scenes=scenes, sound_kbps=sound, canvas=canvas)
        if kbps < least_kbps(canvas):
            full = f"sound alone, at {sound} kbit/s, nearly fills it: allow more, or take a shorter narration"
            raise UsageError(
                f"{clock(round(seconds * 1000))} in {canvas.width}x{canvas.height} does not fit into "
                f"{size_bytes / 1e6:g} MB",
                hint=full if kbps < LEAST_KBPS else "allow more, or choose a smaller --resolution",
            )
        return kbps

    def artist(
        self, timeline: Timeline, narration: Narration, calm: Sequence[Calm], *, emblem: Emblem | None
    ) -> DrawnArt:
        """Our own art for this film."""
        studio = self.studio
        options = {
            "style": studio.style,
            "seed": _seed(studio.settings.seed, narration),
            "film_frames": timeline.frames,
            "voice": narration.voice,
            "calm": tuple(calm),
            "emblem": emblem,
        }
        kit = Toolkit(studio.ffmpeg, studio.stop, self.teller.advance)
        return make_provider("art", DrawnArt, options=options, tools=kit)

    def enter(self, stage: Stage) -> None:
        """Begin a stage, unless we were asked to stop."""
        self.studio.stop.check()
        self.teller.enter(stage)

    def step(
        self,
        stage: Callable[Concatenate[Tools, Values], Result],
        *values: Values.args,
        **named: Values.kwargs,
    ) -> Result:
        """The stage's result, remembered by what it is made of."""
        return self.job.step(stage, self.tools, *values, **named)

    def tell_all(self, lines: Iterable[str]) -> None:
        """Warnings and choices the user should see; they stand in the report, too."""
        for line in lines:
            self.notes.append(line)
            self.teller.notice(line)

    def fall_short(self, line: str) -> None:
        """Something asked for will be missing; the film is made all the same, with exit status 9."""
        self.shortfalls.append(line)
        self.teller.notice(line)

    def check_room(self, output: Path, need_bytes: int) -> None:
        """StorageError before the work when the scenes or the film have no room."""
        kept = sum(file.stat().st_size for file in (self.job.folder / "scenes").iterdir())
        with still_there(output):
            one_disk = self.job.folder.stat().st_dev == output.stat().st_dev
        check_writable(
            self.job.folder, need_bytes=max(0, need_bytes - kept) + (need_bytes if one_disk else 0)
        )
        if not one_disk:
            check_writable(output, need_bytes=need_bytes)


@contextmanager
def open_desk(
    source: Path, studio: Studio, container: Container, *, words_only: bool = False
) -> Iterator[Desk]:
    """The narration's job, held, with what dead runs left behind cleared away."""
    media = fingerprint(source, "the narration")
    ordering = bool(studio.suppliers)
    teller = Teller(printable(source.name), studio.tell, ordering=ordering, words_only=words_only)
    notes: list[str] = []

    def tell(line: str) -> None:
        notes.append(line)
        teller.notice(line)

    sharing = open_sharing(studio.settings.artifacts, stop=studio.stop, tell=tell)
    with (
        open_job(source, studio.work, identity=studio.ffmpeg.build, sharing=sharing) as job,
        still_there(job.folder),
        disk_errors(job.folder),
        settled(sharing),
    ):
        for folder in (job.folder, *(job.folder / name for name in ("steps", "scenes", "pictures", "fonts"))):
            remove_leftovers(folder)
        for folder in (job.folder, temporary_folder()):
            sweep(folder)
        yield Desk(studio, job, teller, media, container, notes)


def _seed(chosen: int, narration: Narration) -> int:
    """The user's seed and the narration's own, so that two episodes of one look are not one film."""
    return int(fingerprint_of(chosen, narration.media.sha256)[:8], 16)
