"""The arguments FFmpeg is given, as text: a change here is a change of every film."""

import shlex
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.caption_states import Lettering
from voxweave.core.encoding import VIDEO_ENCODERS, VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip
from voxweave.core.speech import Chapter, Tags
from voxweave.core.time import Span
from voxweave.core.value import MediaFile
from voxweave.media.filtergraph import (
    Ass,
    captioned,
    clip_input,
    encoded,
    exactly,
    fitted,
    joined_ends,
    loop_input,
    painted_input,
    there_and_back,
)
from voxweave.pipeline import join

HERE = Path(__file__).parent
CANVAS = Canvas(width=1920, height=1080, rate=Fraction(30000, 1001))
PLAIN = VideoEncoder(encoder="libx264", args=("-crf", "18"))
CLIP = Clip(
    media=MediaFile(path=Path("clip.mp4"), sha256="0" * 64),
    stream=1,
    width=1280,
    height=720,
    frames=100,
    duration_ms=4_000,
    start_ms=1_500,
    interlaced=True,
    matrix="smpte170m",
    fit="slow",
    slow=1.2,
)


def _text(args: list[str]) -> str:
    """One option a line, with what belongs to it."""
    text = shlex.join(args)
    return text.replace(" -", "\n-").replace(";", ";\n    ") + "\n"


def _parts(scenes: int, *, container: str = "mp4", track: bool = False) -> join.Parts:
    labels = join.Labels(
        tags=Tags(title="A = talk; #1", artist="Ann"),
        chapters=(Chapter(title="One\\", span=Span(start=0, end=4_000)),),
        language="en",
    )
    return join.Parts.model_validate(
        {
            "canvas": CANVAS,
            "container": container,
            "scenes": tuple(Path(f"/job/scenes/{number:032x}.mp4") for number in range(scenes)),
            "frames": (119,) * scenes,
            "sound": MediaFile(path=Path("/job/sound.m4a"), sha256="0" * 64),
            "track": join.Track(text="1\n", suffix="srt") if track else None,
            "labels": labels,
        }
    )


def _painted(drawn: Lettering | None = None) -> list[str]:
    stream = painted_input(CANVAS)
    if drawn:
        stream = captioned(stream, CANVAS, Ass("scenes/.0.ass", "fonts", drawn), frames=120)
    return encoded(stream, CANVAS, VIDEO_ENCODERS["h264"], frames=120)


ARGUMENTS = {
    "painted": lambda folder: _painted(),
    "painted-captioned": lambda folder: _painted(Lettering("", 0, 1080, ())),
    "painted-laid-over": lambda folder: _painted(Lettering("", 800, 1040, (0, 12, 60))),
    "vp9": lambda folder: encoded(painted_input(CANVAS), CANVAS, VIDEO_ENCODERS["vp9"], frames=120),
    "av1": lambda folder: encoded(painted_input(CANVAS), CANVAS, VIDEO_ENCODERS["av1"], frames=120),
    "clip": lambda folder: encoded(
        exactly(fitted(clip_input(CLIP, 7), CLIP, CANVAS), 120), CANVAS, PLAIN, frames=120
    ),
    "loop": lambda folder: encoded(exactly(loop_input("file:/job/unit.mp4"), 120), CANVAS, PLAIN, frames=120),
    "boomerang": lambda folder: encoded(
        there_and_back(loop_input("file:a.mp4"), 60), CANVAS, PLAIN, frames=118
    ),
    "crossfade": lambda folder: encoded(
        joined_ends(loop_input("file:a.mp4"), CANVAS, frames=60, overlap=15), CANVAS, PLAIN, frames=45
    ),
    "join-mp4": lambda folder: [*join._inputs(_parts(2), folder), *join._outputs(_parts(2))],
    "join-webm-track": lambda folder: [
        *join._inputs(_parts(2, container="webm", track=True), folder),
        *join._outputs(_parts(2, container="webm", track=True)),
    ],
}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_arguments(name: str, tmp_path: Path) -> None:
    """What FFmpeg is asked to do is what stands in the file; remove the file to write it anew, and read the change."""
    file, found = HERE / "arguments" / f"{name}.txt", _text([str(word) for word in ARGUMENTS[name](tmp_path)])
    if not file.exists():
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
        pytest.fail(f"{file.name} was not there; it is now: read it, and keep it if it is right")

    assert found == file.read_text(encoding="utf-8")


def test_the_list_of_scenes_holds_only_our_own_names() -> None:
    """Bare names in our own folder, nothing a user named; together they last as long as all their frames."""
    assert join._listing(_parts(3)) == (
        "ffconcat version 1.0\n"
        f"file 'scenes/{0:032x}.mp4'\nduration 3.970633\n"
        f"file 'scenes/{1:032x}.mp4'\nduration 3.970634\n"
        f"file 'scenes/{2:032x}.mp4'\nduration 3.970633\n"
    )


def test_labels_are_escaped() -> None:
    """What means something to FFmpeg's metadata format is written so that it means nothing."""
    assert join._labels(_parts(1).labels) == (
        ";FFMETADATA1\ntitle=A \\= talk\\; \\#1\nartist=Ann\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=4000\ntitle=One\\\\\n"
    )
