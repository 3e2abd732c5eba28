"""Five seconds of a film to choose a caption look by: its own pictures, its own words, within seconds."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.alignment import spread
from voxweave.core.film import Canvas
from voxweave.core.scripts import read_script
from voxweave.core.speech import Cue, Narration, Tags, Transcript
from voxweave.core.storyboard import Storyboard
from voxweave.core.text import printable
from voxweave.core.time import Span, frame_at, ms_of
from voxweave.core.timeline import Timeline, assemble
from voxweave.core.value import MediaFile, Value
from voxweave.errors import DependencyError, OutputExists
from voxweave.jobs.films import as_made, made_before, remember_film
from voxweave.jobs.job import job_folder
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import CHECK_LIMITS, Job, foreign_globals, foreign_input
from voxweave.media.files import content_of, opened, part_of
from voxweave.media.scratch import scratch
from voxweave.pipeline.captions import Heading, captioned
from voxweave.pipeline.desk import Desk, open_desk
from voxweave.pipeline.illustrate import Illustration, usable
from voxweave.pipeline.join import Labels, Parts, join
from voxweave.pipeline.known import known_words
from voxweave.pipeline.outputs import spare
from voxweave.pipeline.plan import filled, plan
from voxweave.pipeline.probe import probe
from voxweave.pipeline.render import Film, scenes_of, thumbnail
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.tools import Tools
from voxweave.pipeline.transcribe import MOST_BYTES, WordSource, find_words
from voxweave.pipeline.wording import words_for
from voxweave.places import expanded

LONG_MS = 15 * 60_000
"""A script is not placed on a voice longer than this only to see a look."""
_KEY = "preview"
"""What is remembered of a preview, and of no film."""
_SHOWN_MS = 5_000
_LEAD_MS = 300
_SAMPLE = "This is how your words will look. Every one is lit while it is spoken, and the next one follows."


class PreviewRequest(Value):
    """A preview asked for; `output` names the clip, the still goes beside it."""

    source: Path
    output: Path | None = None
    subtitles: Path | None = None
    script: Path | None = None
    overwrite: bool = False


class Previewed(Value):
    """The still and the clip, and whose words they show."""

    still: Path
    clip: Path
    look: str
    words: str


@dataclass(frozen=True)
class _Outputs:
    clip: Path
    still: Path


def preview(request: PreviewRequest, studio: Studio) -> Previewed:
    """Write the still and the clip; nothing is ordered, and nobody is asked to hear words."""
    if not studio.ffmpeg.lists("filters", "ass"):
        raise DependencyError("this FFmpeg draws no text", hint='set ffmpeg = "bundled" to use ours')
    outputs = _outputs(request, studio)
    container = studio.settings.container(outputs.clip.suffix)
    with open_desk(request.source, studio, container) as desk:
        narration, transcript, whose = _heard(request, desk)
        desk.enter("plan")
        timeline = assemble(_story(desk, narration, transcript), studio.settings.canvas, narration.samples)
        captions = captioned(desk, transcript, Heading(), timeline)
        captions = captions.model_copy(update={"ways": ("burn",)})
        shown = _shown(timeline, captions.cues)
        artist = desk.artist(
            timeline, narration, captions.calm(shown.canvas, frames=timeline.frames), emblem=None
        )
        desk.enter("illustrate")
        pictures = Illustration(desk, shown.canvas, artist, request.source.parent).pictures(shown)
        film = Film(narration, shown, pictures, captions, Tags(), artist)
        with _bench(desk) as tools:
            _cook(desk, film, tools, outputs)
    return Previewed(still=outputs.still, clip=outputs.clip, look=captions.look.look.name, words=whose)


def _outputs(request: PreviewRequest, studio: Studio) -> _Outputs:
    """`talk.neon.mp4` and `talk.neon.png`; OutputExists before one is lost that no earlier preview wrote under that name."""
    suffix = f".{studio.settings.container(request.output.suffix if request.output else '')}"
    if request.output is None or request.output.is_dir():
        folder = request.output or request.source.parent
        clip = folder / f"{request.source.stem}.{studio.dress.look.name}{suffix}"
    else:
        clip = request.output if request.output.suffix else Path(f"{request.output}{suffix}")
    found = _Outputs(clip, clip.with_suffix(".png"))
    given = (request.source, request.subtitles, request.script)
    spare((found.clip, found.still), [path for path in given if path])
    for file in (found.clip, found.still):
        again = request.output is None and _wrote(file, job_folder(request.source, studio.work))
        if os.path.lexists(file) and not again and not request.overwrite:
            raise OutputExists(
                f"{printable(file.name)} is there already",
                hint="replace it with --overwrite, or name another with -o",
            )
    return found


def _wrote(file: Path, job: Path) -> bool:
    """Whether it is what an earlier preview wrote there, untouched since."""
    made = made_before(job, file)
    return made is not None and made.key == _KEY


def _remember(desk: Desk, written: Path, file: Path) -> None:
    remember_film(desk.job.folder, file, as_made(written, asked="", key=_KEY, report=""))


def _heard(request: PreviewRequest, desk: Desk) -> tuple[Narration, Transcript, str]:
    """The narration, its words as far as they are known or come fast, and whose they are: `own`, `script` or `sample`."""
    desk.enter("probe")
    narration = desk.step(probe, desk.media)
    desk.enter("transcribe")
    source = find_words(request.source, request.subtitles, request.script)
    known = known_words(desk, narration, source)
    if known is not None:
        return narration, known, "own"
    if source.kind == "subtitles" or source.kind == "script" and narration.duration_ms <= LONG_MS:
        return narration, words_for(desk, narration, source, spends=False), "own"
    text = _opening(source) if source.kind == "script" else _SAMPLE.split()
    whole = Span(start=0, end=min(_SHOWN_MS, narration.duration_ms))
    words = spread(text, (whole,), duration_ms=narration.duration_ms)
    return narration, Transcript(how="spread", words=words), "script" if source.media else "sample"


def _opening(source: WordSource) -> list[str]:
    """The first words of a script, as many as are said in a few seconds."""
    if source.media is None:
        return _SAMPLE.split()
    raw = content_of(source.media.path, "the script", MOST_BYTES)
    script = read_script(raw, suffix=source.media.path.suffix)
    return [word for paragraph in script.paragraphs for word in paragraph][: len(_SAMPLE.split())]


def _story(desk: Desk, narration: Narration, transcript: Transcript) -> Storyboard:
    """The film's storyboard, with own media where a folder is named."""
    settings = desk.studio.settings
    story = desk.step(plan, narration, transcript, desk.studio.rules)
    if not settings.media:
        return story
    files, _ = usable(desk, expanded(settings.media).absolute(), most=len(story.scenes))
    return filled(story, files, spread=settings.media_order == "spread")


def _shown(timeline: Timeline, cues: Sequence[Cue]) -> Timeline:
    """Five seconds of the timeline, from a little before the first words on."""
    rate = timeline.canvas.rate
    length = min(frame_at(_SHOWN_MS, rate), timeline.frames)
    begins = frame_at(max(0, cues[0].span.start - _LEAD_MS), rate) if cues else 0
    first = min(begins, timeline.frames - length)
    last = first + length
    shots = tuple(
        shot.model_copy(update={"first": max(shot.first, first), "frames": end - max(shot.first, first)})
        for shot in timeline.shots
        if (end := min(shot.last, last)) > max(shot.first, first)
    )
    return timeline.model_copy(update={"frames": length, "shots": shots})


@contextmanager
def _bench(desk: Desk) -> Iterator[Tools]:
    """A folder of its own to work in, so that the film's scenes stay what they are."""
    with scratch(desk.job.folder) as folder:
        for part in ("scenes", "pictures"):
            (folder / part).mkdir()
        yield Tools(desk.studio.ffmpeg, desk.studio.stop, folder, desk.teller.advance)


def _cook(desk: Desk, film: Film, tools: Tools, outputs: _Outputs) -> None:
    """Scenes, sound, clip and still."""
    desk.enter("render")
    scenes = scenes_of(desk, film, tools)
    parts = Parts(
        canvas=film.timeline.canvas,
        container=desk.container,
        scenes=tuple(scene.file for scene in scenes),
        frames=tuple(shot.frames for shot in film.timeline.shots),
        sound=_sound(desk, film, tools),
        track=None,
        labels=Labels(tags=film.tags, chapters=(), language=film.captions.language),
    )
    desk.enter("join")
    with part_of(outputs.clip) as part:
        join(tools, parts, part)
        thumbnail(desk, part, outputs.still, moment_ms=_still_ms(film))
        _remember(desk, outputs.still, outputs.still)
        _remember(desk, part, outputs.clip)


def _sound(desk: Desk, film: Film, tools: Tools) -> MediaFile:
    """The narration's sound of those seconds, as it is."""
    encoder, canvas = desk.audio_encoder(film.timeline), film.timeline.canvas
    file = tools.folder / f"sound.{encoder.suffix}"
    begins, lasts = (value / canvas.rate for value in (film.timeline.shots[0].first, film.timeline.frames))
    with opened(film.narration.media.path, "the narration") as fd:
        args = [
            *foreign_globals(),
            *("-ss", f"{float(begins):.6f}"),
            *foreign_input(fd),
            *("-t", f"{float(lasts):.6f}", "-map", f"0:{film.narration.stream}", "-ac", "2", "-ar", "48000"),
            *("-c:a", encoder.encoder, "-b:a", f"{encoder.kbps}k", "-map_metadata", "-1"),
            f"file:{file.absolute()}",
        ]
        around = Surroundings(cwd=tools.folder, fds=(fd,), limits=CHECK_LIMITS)
        tools.ffmpeg.run(Job(args, "cutting the sound", around, time_limit_s=60), tools.stop)
    return MediaFile(path=file, sha256="")


def _still_ms(film: Film) -> int:
    """A moment of the clip at which a word in the middle of a cue is being said."""
    canvas: Canvas = film.timeline.canvas
    begins = ms_of(film.timeline.shots[0].first, canvas.rate)
    lasts = ms_of(film.timeline.frames, canvas.rate)
    middles = [
        word.span.start + min(200, word.span.duration // 2) - begins
        for cue in film.captions.cues
        for word in cue.words[len(cue.words) // 2 :][:1]
    ]
    fitting = [moment for moment in middles if 0 < moment < lasts - 100]
    return min(fitting, key=lambda moment: abs(moment - lasts // 2)) if fitting else lasts // 2
