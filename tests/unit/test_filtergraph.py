"""Graphs do what their names say, tried on a few small frames by both FFmpegs."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from voxweave.core.encoding import VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip
from voxweave.core.value import MediaFile
from voxweave.media.ffmpeg import Ffmpeg, Job, find_ffmpeg
from voxweave.media.filtergraph import (
    Stream,
    encoded,
    exactly,
    fitted,
    joined_ends,
    loop_input,
    there_and_back,
)
from voxweave.media.stopping import StopSignal

CANVAS = Canvas(width=64, height=64, rate=Fraction(25))
LOSSLESS = VideoEncoder(encoder="libx264", args=("-preset", "ultrafast", "-qp", "0"))


@pytest.fixture(scope="module", params=["bundled", "system"])
def program(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both FFmpegs in turn."""
    if request.param == "system":
        request.getfixturevalue("system")
    return find_ffmpeg(request.param)


@pytest.fixture(scope="module")
def counting(program: Ffmpeg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty frames, each eight steps brighter than the one before."""
    file = tmp_path_factory.mktemp("counting") / "counting.mp4"
    source = "color=black:size=64x64:rate=25:duration=0.8,format=yuv420p,geq=lum='40+8*N':cb=128:cr=128"
    args = [
        "-f",
        "lavfi",
        "-i",
        source,
        "-c:v",
        "libx264",
        "-qp",
        "0",
        "-preset",
        "ultrafast",
        f"file:{file}",
    ]
    program.run(Job(args, "counting"), StopSignal())
    return file


def _numbers(
    program: Ffmpeg, stream: Stream, frames: int, folder: Path, canvas: Canvas = CANVAS
) -> list[int]:
    """Which of the counted frames each frame of the result is."""
    out = folder / "out.mp4"
    program.run(
        Job([*encoded(stream, canvas, LOSSLESS, frames=frames), f"file:{out}"], "testing"), StopSignal()
    )
    with av.open(str(out)) as film:
        shown = [frame.to_ndarray()[:64, :64] for frame in film.decode(film.streams.video[0])]
    return [round((float(np.median(frame)) - 40) / 8) for frame in shown]


def _clip(**fit: object) -> Clip:
    media = MediaFile(path=Path("clip.mp4"), sha256="0" * 64)
    return Clip.model_validate(
        {"media": media, "stream": 0, "width": 64, "height": 64, "frames": 20, "duration_ms": 800, **fit}
    )


def _once(file: Path) -> Stream:
    import ffmpeg

    return ffmpeg.input(f"file:{file}")["v"]


def test_exactly_cuts(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """Too long a stream ends after its frames."""
    assert _numbers(program, exactly(_once(counting), 7), 7, tmp_path) == list(range(7))


def test_exactly_holds(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """Too short a stream stands on its last picture."""
    assert _numbers(program, exactly(_once(counting), 24), 24, tmp_path) == [*range(20), 19, 19, 19, 19]


def test_there_and_back_repeats_no_end(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """Forwards, backwards, and ready to begin again."""
    assert _numbers(program, there_and_back(_once(counting), 20), 38, tmp_path) == [
        *range(20),
        *range(18, 0, -1),
    ]


def test_joined_ends_run_on(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """After the crossfade the first frame follows the last without a step."""
    numbers = _numbers(program, joined_ends(_once(counting), CANVAS, frames=20, overlap=5), 15, tmp_path)

    assert numbers[:10] == list(range(5, 15))
    assert abs(numbers[-1] - 4) <= 4


def test_a_loop_has_no_end(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """The unit begins again as often as it is needed."""
    assert _numbers(program, exactly(loop_input(f"file:{counting}"), 45), 45, tmp_path) == [
        *range(20),
        *range(20),
        *range(5),
    ]


def test_slowed_frames_stay_in_order(program: Ffmpeg, counting: Path, tmp_path: Path) -> None:
    """At 1.25 times its length a clip still ends with its last frame, and shows none twice in a row too often."""
    numbers = _numbers(
        program, exactly(fitted(_once(counting), _clip(fit="slow", slow=1.25), CANVAS), 25), 25, tmp_path
    )

    assert numbers == sorted(numbers)
    assert (numbers[0], numbers[-1]) == (0, 19)
    assert max(numbers.count(number) for number in numbers) == 2


def test_a_clip_covers_the_canvas(program: Ffmpeg, tmp_path: Path) -> None:
    """A wide clip on a tall canvas: its middle, cut at the sides, no bars."""
    source, out = tmp_path / "wide.mp4", tmp_path / "out.mp4"
    bars = "color=red:size=320x64:rate=25:duration=0.2,drawbox=x=128:w=64:color=lime:t=fill,format=yuv420p"
    program.run(Job(["-f", "lavfi", "-i", bars, f"file:{source}"], "drawing"), StopSignal())
    args = encoded(fitted(_once(source), _clip(), CANVAS), CANVAS, LOSSLESS, frames=5)
    program.run(Job([*args, f"file:{out}"], "testing"), StopSignal())
    with av.open(str(out)) as film:
        frame = next(film.decode(film.streams.video[0])).to_ndarray(format="rgb24")

    assert frame.shape == (64, 64, 3)
    assert (frame[:, 4:60, 1] > 150).all()
    assert (frame[:, 4:60, 0] < 110).all()
