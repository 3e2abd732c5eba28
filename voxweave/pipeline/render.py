"""From pictures, captions and voice to a film under its own name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from voxweave.core.captions import ass_text, cues_within
from voxweave.core.pictures import Picture
from voxweave.core.speech import Narration, Tags
from voxweave.core.time import ms_of
from voxweave.core.timeline import Shot, Timeline
from voxweave.media.ffmpeg import Job
from voxweave.media.files import part_of, write_atomically
from voxweave.pipeline.captions import Captions, fonts_ready
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.join import Labels, Parts, join
from voxweave.pipeline.outputs import Outputs
from voxweave.pipeline.scenes import Encoded, Kitchen, SceneCut, encode_scenes
from voxweave.pipeline.sound import Recording
from voxweave.pipeline.supplying import Supplies
from voxweave.pipeline.verify import Verified, verify
from voxweave.providers.base import DrawnArt

_MARGIN_MS = 1_000
_THUMBNAIL_MS = 3_000


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


def scenes_of(desk: Desk, film: Film) -> list[Encoded]:
    """Every scene encoded, in order."""
    environment, fonts = fonts_ready(film.captions, desk.tools)
    studio = desk.studio
    kitchen = Kitchen(studio.ffmpeg, film.artist, studio.stop, desk.job.folder, environment, studio.workers)
    return encode_scenes(scene_cuts(desk, film, fonts), kitchen, desk.teller.advance)


def scene_cuts(desk: Desk, film: Film, fonts: str) -> list[SceneCut]:
    """Each shot with all that decides its pixels."""
    encoder = desk.studio.video_encoder(desk.codec)
    made = []
    for shot, picture in zip(film.timeline.shots, film.pictures, strict=True):
        ass = scene_ass(film, shot)
        made.append(
            SceneCut(
                canvas=film.timeline.canvas,
                picture=picture,
                first=shot.first,
                frames=shot.frames,
                ass=ass,
                fonts=fonts if ass else "",
                encoder=encoder,
            )
        )
    return made


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
) -> Iterator[tuple[Verified, tuple[Path, ...]]]:
    """Join, verify, write what lies beside the film; it takes its name when the block has ended.

    Last of all, so that a film that is there has all that belongs to it, whenever we are killed.
    """
    parts = _parts(desk, film, scenes, recording)
    with part_of(outputs.film) as part:
        desk.enter("join")
        join(desk.tools, parts, part)
        desk.enter("verify")
        found = verify(desk.tools, part, film.timeline, film.narration.samples, desk.container)
        yield found, (outputs.film, *_beside(desk, film, outputs, part))


def _parts(desk: Desk, film: Film, scenes: Sequence[Encoded], recording: Recording) -> Parts:
    labels = Labels(tags=film.tags, chapters=film.narration.chapters, language=film.captions.language)
    return Parts(
        canvas=film.timeline.canvas,
        container=desk.container,
        scenes=tuple(scene.file for scene in scenes),
        frames=film.timeline.frames,
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
        out = ["-map", "0:v:0", "-frames:v", "1", "-c:v", "png", "-f", "image2", "-update", "1"]
        job = Job([*seek, *out, f"file:{part.absolute()}"], "taking the thumbnail")
        desk.studio.ffmpeg.run(job, desk.studio.stop)
