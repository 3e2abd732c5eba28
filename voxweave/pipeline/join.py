"""The film: scenes joined by copy, the sound beside them, tracks, tags and chapters."""

import re
from itertools import accumulate, pairwise
from pathlib import Path

from voxweave.core.encoding import SOFT_CAPTIONS, Container, timescale
from voxweave.core.film import Canvas
from voxweave.core.languages import container_language
from voxweave.core.speech import Chapter, Tags
from voxweave.core.time import Span
from voxweave.core.value import MediaFile, Value
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Job
from voxweave.pipeline.tools import Tools

LISTING = "scenes.ffconcat"
"""The scenes in order, as the joiner reads them, in the job's folder."""

_META_SPECIAL = re.compile(r"([=;#\\\n])")


class Track(Value):
    """Soft captions: a subtitle file's text, SRT or WebVTT by its suffix."""

    text: str
    suffix: str


class Labels(Value):
    """What the film says of itself."""

    tags: Tags
    chapters: tuple[Chapter, ...]
    language: str


class Parts(Value):
    """What a film is joined of: its scenes, of so many frames each, and its sound."""

    canvas: Canvas
    container: Container
    scenes: tuple[Path, ...]
    frames: tuple[int, ...]
    sound: MediaFile
    track: Track | None
    labels: Labels


def join(tools: Tools, parts: Parts, into: Path) -> None:
    """Write the film to `into`; nothing is encoded here.

    Names in the lists are ours and relative: FFmpeg runs in the job's folder.
    """
    listing = tools.folder / LISTING
    listing.write_text(_listing(parts), encoding="ascii")
    (tools.folder / "labels.ffmetadata").write_text(_labels(parts.labels), encoding="utf-8")
    args = [*_inputs(parts, tools.folder), *_outputs(parts), f"file:{into.absolute()}"]
    job = Job(args, "joining the film", Surroundings(cwd=tools.folder))
    tools.ffmpeg.run(job, tools.stop, advance=lambda step: tools.advance(step.frame / sum(parts.frames)))


def _listing(parts: Parts) -> str:
    """The scenes, and how long each lasts.

    By itself the joiner adds up files' durations, which they tell in whole milliseconds: over hours that moves
    scenes by more than half a frame. Here each begins at its own frame, to the microsecond.
    """
    rate = parts.canvas.rate
    edges = [round(frame * 1_000_000 / rate) for frame in accumulate(parts.frames, initial=0)]
    lasting = [end - begin for begin, end in pairwise(edges)]
    lines = [
        f"file 'scenes/{scene.name}'\nduration {us // 1_000_000}.{us % 1_000_000:06}"
        for scene, us in zip(parts.scenes, lasting, strict=True)
    ]
    return "\n".join(["ffconcat version 1.0", *lines, ""])


def _inputs(parts: Parts, folder: Path) -> list[str]:
    inputs = ["-f", "concat", "-i", LISTING, "-i", f"file:{parts.sound.path}"]
    if parts.track:
        name = f"track.{parts.track.suffix}"
        (folder / name).write_text(parts.track.text, encoding="utf-8")
        inputs += ["-i", name]
    return [*inputs, "-f", "ffmetadata", "-i", "labels.ffmetadata"]


def _outputs(parts: Parts) -> list[str]:
    labels = 3 if parts.track else 2
    track = ["-map", "2:s:0", "-c:s", SOFT_CAPTIONS[parts.container]] if parts.track else []
    language = container_language(parts.labels.language)
    return [
        *("-map", "0:v:0", "-map", "1:a:0", *track, "-c:v", "copy", "-c:a", "copy"),
        *(["-bsf:v", _on_the_grid(parts.canvas)] if parts.container != "webm" else []),
        *("-video_track_timescale", str(timescale(parts.canvas))),
        *("-map_metadata", str(labels), "-map_chapters", str(labels), "-fflags", "+bitexact"),
        *("-metadata:s:a:0", f"language={language}"),
        *(["-metadata:s:s:0", f"language={language}"] if parts.track else []),
        *(["-disposition:s:0", "0"] if parts.track else []),
        *(["-movflags", "+faststart"] if parts.container != "webm" else []),
        *("-f", parts.container),
    ]


def _on_the_grid(canvas: Canvas) -> str:
    """Snap every timestamp to a whole frame.

    Scenes begin at a whole microsecond, which is seldom one of the film's ticks. Not for WebM,
    which counts milliseconds anyhow: FFmpeg 5.1 takes its times for ticks, and all frames of a scene for one.
    """
    tick = f"({canvas.rate.denominator}/{canvas.rate.numerator}/TB)"
    return f"setts=pts='round(PTS/{tick})*{tick}':dts='round(DTS/{tick})*{tick}'"


def _labels(labels: Labels) -> str:
    pairs = {name: value for name, value in labels.tags.model_dump().items() if value}
    head = ";FFMETADATA1\n" + "".join(f"{name}={_escaped(value)}\n" for name, value in pairs.items())
    return head + "".join(_chapter(chapter.title, chapter.span) for chapter in labels.chapters)


def _chapter(title: str, span: Span) -> str:
    return f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={span.start}\nEND={span.end}\ntitle={_escaped(title)}\n"


def _escaped(text: str) -> str:
    return _META_SPECIAL.sub(r"\\\1", text)
