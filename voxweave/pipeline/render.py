"""From pictures, captions and voice to a film under its own name."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from voxweave.core.captions import ass_text, cues_within
from voxweave.core.encoding import VideoEncoder
from voxweave.core.pictures import Incoming, Picture
from voxweave.core.speech import Narration, Tags
from voxweave.core.style import TransitionName
from voxweave.core.time import frame_at, ms_of
from voxweave.core.timeline import Shot, Timeline
from voxweave.jobs.store import Store
from voxweave.media.ffmpeg import Job
from voxweave.media.files import part_of, write_atomically
from voxweave.media.fonts import fonts_identity
from voxweave.pipeline.captions import Captions, font_plans, fonts_ready
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.join import Labels, Parts, join
from voxweave.pipeline.outputs import Outputs
from voxweave.pipeline.pouring import Kitchen
from voxweave.pipeline.reuse import most_bytes, store_for
from voxweave.pipeline.scenes import Encoded, SceneCut, encode_scenes, forget_others
from voxweave.pipeline.sound import Recording
from voxweave.pipeline.spreading import scene_spread
from voxweave.pipeline.supplies import Supplies
from voxweave.pipeline.tools import Tools
from voxweave.pipeline.verify import Intended, Verified, verify
from voxweave.providers.base import DrawnArt

_MARGIN_MS = 1_000
_THUMBNAIL_MS = 3_000
_FEWEST = 2
"""Frames a transition takes at least."""


@dataclass(frozen=True)
class Film:
    """All that a film is made of, before a frame of it is encoded."""

    narration: Narration
    timeline: Timeline
    pictures: tuple[Picture, ...]
    captions: Captions
    tags: Tags
    artist: DrawnArt
    supplies: Supplies = field(default_factory=Supplies)
    ahead: frozenset[Path] = frozenset()
    """Scenes of this run that were encoded while others were still being ordered."""
    key: str = ""
    """A name for all it is made of."""


@dataclass(frozen=True)
class Whole:
    """A film that is complete and looked through; it lies in `part`, and has its name yet to get."""

    part: Path
    verified: Verified
    files: tuple[Path, ...]


def scenes_of(
    desk: Desk, film: Film, tools: Tools | None = None, pool: Executor | None = None
) -> list[Encoded]:
    """Every scene encoded, in order; in the job's folder, or in that of other tools, and by a pool if one is given."""
    tools = tools or desk.tools
    cutter = cutter_of(desk, film)
    known = dict(enumerate(film.pictures))
    cuts = [cutter.cut(place, known) for place in known]
    scenes = encode_scenes([cut for cut in cuts if cut], kitchen_of(desk, film, tools), tools.advance, pool)
    return [replace(scene, reused=scene.reused and scene.file not in film.ahead) for scene in scenes]


def kitchen_of(desk: Desk, film: Film, tools: Tools | None = None, *, workers: int = 0) -> Kitchen:
    """What a film's scenes are made with; its fonts lie ready."""
    tools = tools or desk.tools
    plans = font_plans(film.captions)
    return Kitchen(
        ffmpeg=tools.ffmpeg,
        artist=film.artist,
        stop=tools.stop,
        folder=tools.folder,
        font_env=fonts_ready(film.captions, tools),
        workers=workers or desk.studio.workers,
        store=scene_store(desk),
        fonts=tuple(dict.fromkeys(file for plan in plans for file in plan.files)),
        spread=scene_spread(desk, film.timeline),
    )


def tidy(desk: Desk, scenes: Sequence[Encoded]) -> None:
    """What the film does not show any more leaves its job, where the store has it."""
    settings = desk.studio.settings
    store = scene_store(desk)
    if store is not None:
        forget_others(desk.job.folder / "scenes", scenes, store, most_bytes(settings))


def scene_store(desk: Desk) -> Store | None:
    """The user's store, unless nothing is to be kept."""
    settings, sharing = desk.studio.settings, desk.job.sharing
    return store_for(settings, sharing) if settings.cache_gb or sharing else None


@dataclass(frozen=True)
class Cutter:
    """Brings together all that decides a scene's pixels."""

    film: Film
    fonts: str
    encoder: VideoEncoder
    transition: TransitionName
    overlap: int
    """Frames a transition takes at most."""

    def cut(self, place: int, known: Mapping[int, Picture]) -> SceneCut | None:
        """One shot's cut; None while the picture it begins under is not known."""
        shot = self.film.timeline.shots[place]
        frames = self._both(place)
        if frames and place - 1 not in known:
            return None
        ass = scene_ass(self.film, shot)
        return SceneCut(
            canvas=self.film.timeline.canvas,
            picture=known[place],
            first=shot.first,
            frames=shot.frames,
            ass=ass,
            fonts=self.fonts if ass else "",
            encoder=self.encoder,
            incoming=self._incoming(place, known, frames) if frames else None,
        )

    def _both(self, place: int) -> int:
        """Frames in which a shot and the one before it are both seen."""
        if self.transition == "cut" or not place:
            return 0
        frames = min(self.overlap, self.film.timeline.shots[place].frames // 2)
        return frames if frames >= _FEWEST else 0

    def _incoming(self, place: int, known: Mapping[int, Picture], frames: int) -> Incoming:
        before = self.film.timeline.shots[place - 1]
        return Incoming(
            kind=self.transition,
            frames=frames,
            picture=known[place - 1],
            first=before.first,
            length=before.frames,
        )


def cutter_of(desk: Desk, film: Film) -> Cutter:
    """The cutter of a film."""
    return Cutter(
        film=film,
        fonts=fonts_identity(font_plans(film.captions)),
        encoder=desk.video_encoder(film.timeline),
        transition=desk.studio.transition,
        overlap=frame_at(round(desk.studio.settings.transition_s * 1000), film.timeline.canvas.rate),
    )


def scene_ass(film: Film, shot: Shot) -> str:
    """The text drawn into a shot: its cues if they are burned in, and what is seen of the title card."""
    canvas, captions = film.timeline.canvas, film.captions
    first_ms, last_ms = (ms_of(frame, canvas.rate) for frame in (shot.first, shot.last))
    burned = captions.cues if "burn" in film.captions.ways else ()
    near = cues_within(burned, first_ms - _MARGIN_MS, last_ms + _MARGIN_MS)
    return ass_text(
        near, canvas=canvas, look=captions.look, frames=(shot.first, shot.last), titles=captions.cards
    )


@contextmanager
def published(
    desk: Desk, film: Film, scenes: Sequence[Encoded], recording: Recording, outputs: Outputs
) -> Iterator[Whole]:
    """Join, verify, write what lies beside the film; it takes its name when the block has ended.

    Last of all, so that a film that is there has all that belongs to it, whenever we are killed.
    """
    parts = _parts(desk, film, scenes, recording)
    with part_of(outputs.film) as part:
        desk.enter("join")
        join(desk.tools, parts, part)
        desk.enter("verify")
        intended = Intended(film.timeline, film.narration.samples, recording, desk.container)
        found = verify(desk.tools, part, intended)
        yield Whole(part, found, (outputs.film, *_beside(desk, film, outputs, part)))


def _parts(desk: Desk, film: Film, scenes: Sequence[Encoded], recording: Recording) -> Parts:
    labels = Labels(tags=film.tags, chapters=film.narration.chapters, language=film.captions.language)
    return Parts(
        canvas=film.timeline.canvas,
        container=desk.container,
        scenes=tuple(scene.file for scene in scenes),
        frames=tuple(shot.frames for shot in film.timeline.shots),
        sound=recording.media,
        track=film.captions.track(desk.container) if "soft" in film.captions.ways else None,
        labels=labels,
    )


def _beside(desk: Desk, film: Film, outputs: Outputs, whole: Path) -> list[Path]:
    """The captions as a file and the thumbnail, where they are wanted."""
    written = []
    for kind, text in film.captions.sidecars(film.timeline.canvas).items():
        file = outputs.sidecar(film.captions.language, kind)
        write_atomically(file, text)
        written.append(file)
    if desk.studio.settings.thumbnail:
        thumbnail(
            desk, whole, outputs.thumbnail, moment_ms=min(_THUMBNAIL_MS, film.narration.duration_ms // 2)
        )
        written.append(outputs.thumbnail)
    return written


def thumbnail(desk: Desk, whole: Path, into: Path, *, moment_ms: int) -> None:
    """A picture of the whole film as PNG, from when the title card stands."""
    with part_of(into) as part:
        seek = ["-ss", f"{moment_ms / 1000:.3f}", "-i", f"file:{whole.absolute()}"]
        png = ["-c:v", "png", "-pred", "mixed", "-compression_level", "3"]  # half the work, a tenth larger
        out = ["-map", "0:v:0", "-frames:v", "1", *png, "-f", "image2", "-update", "1"]
        job = Job([*seek, *out, f"file:{part.absolute()}"], "taking the thumbnail")
        desk.studio.ffmpeg.run(job, desk.studio.stop)
