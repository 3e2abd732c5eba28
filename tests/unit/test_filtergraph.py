"""Graphs do what their names say, tried on a few small frames by both FFmpegs."""

import os
from fractions import Fraction
from pathlib import Path

import av
import ffmpeg
import numpy as np
import pytest

from voxweave.core.encoders import software
from voxweave.core.encoding import Codec, VideoEncoder
from voxweave.core.film import Canvas
from voxweave.core.pictures import Clip
from voxweave.core.value import MediaFile
from voxweave.media.child import Surroundings
from voxweave.media.ffmpeg import Ffmpeg, Job, find_ffmpeg
from voxweave.media.filtergraph import (
    Stream,
    clip_input,
    encoded,
    exactly,
    fitted,
    joined_ends,
    loop_input,
    painted_input,
    there_and_back,
)
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Toolkit
from voxweave.providers.folder import Folder

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
    program: Ffmpeg, stream: Stream, frames: int, folder: Path, *, fds: tuple[int, ...] = ()
) -> list[int]:
    """Which of the counted frames each frame of the result is."""
    out = folder / "out.mp4"
    args = [*encoded(stream, CANVAS, LOSSLESS, frames=frames), f"file:{out}"]
    program.run(Job(args, "testing", Surroundings(cwd=folder, fds=fds)), StopSignal())
    with av.open(str(out)) as film:
        shown = [frame.to_ndarray()[:64, :64] for frame in film.decode(film.streams.video[0])]
    return [round((float(np.median(frame)) - 40) / 8) for frame in shown]


def _clip(**fit: object) -> Clip:
    media = MediaFile(path=Path("clip.mp4"), sha256="0" * 64)
    return Clip.model_validate(
        {"media": media, "stream": 0, "width": 64, "height": 64, "frames": 20, "duration_ms": 800, **fit}
    )


def _once(file: Path) -> Stream:
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


@pytest.mark.parametrize("start_ms", [119, 120, 121])
def test_a_clip_begins_with_the_frame_that_stands_there(
    program: Ffmpeg, counting: Path, tmp_path: Path, start_ms: int
) -> None:
    """A millisecond more or less than the frame's own time, as rounding leaves it, neither drops nor doubles it."""
    fd = os.open(counting, os.O_RDONLY)
    try:
        clip = _clip(start_ms=start_ms)
        stream = exactly(fitted(clip_input(clip, fd), clip, CANVAS), 4)
        assert _numbers(program, stream, 4, tmp_path, fds=(fd,)) == [3, 4, 5, 6]
    finally:
        os.close(fd)


_ODD = "chromaloc=2:colorprim=smpte170m:transfer=smpte170m:colormatrix=smpte170m"


@pytest.fixture(scope="module")
def odd(program: Ffmpeg, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of oblong pixels, with colours of television's and where old MPEG had them."""
    file = tmp_path_factory.mktemp("odd") / "odd.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25:duration=0.2,setsar=4/3,format=yuv420p"]
    program.run(
        Job([*source, "-c:v", "libx264", "-x264-params", _ODD, f"file:{file}"], "an odd one"), StopSignal()
    )
    return file


@pytest.mark.parametrize("codec", ["h264", "hevc", "av1"])
def test_all_scenes_of_a_film_have_the_same_headers(
    program: Ffmpeg, odd: Path, tmp_path: Path, codec: Codec
) -> None:
    """Drawn by us or a stranger's clip: the decoder is told the same, and of square pixels."""
    feed = (lambda pipe: pipe.write(bytes(3 * 64 * 64 * 3 // 2)), None)
    shown = fitted(_once(odd), _clip(matrix="smpte170m"), CANVAS)
    told = []
    for stream, fed in zip((painted_input(CANVAS), shown), feed, strict=True):
        args = encoded(stream, CANVAS, software(codec, "draft"), frames=3)
        program.run(Job([*args, f"file:{tmp_path / 'out.mp4'}"], "testing"), StopSignal(), feed=fed)
        with av.open(str(tmp_path / "out.mp4")) as film:
            picture = film.streams.video[0]
            told.append(picture.codec_context.extradata)
            assert picture.codec_context.sample_aspect_ratio == 1

    assert told[0]
    assert told[0] == told[1]


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_a_clip_that_tells_only_its_transfer_is_shown(program: Ffmpeg, tmp_path: Path, transfer: str) -> None:
    """HDR without a word on primaries and matrix is taken for BT.2020, and its white is no darker than white."""
    white = ffmpeg.input(
        f"color=white:size=64x64:rate=25,format=yuv420p10,setparams=color_trc={transfer}", format="lavfi"
    )
    stream = fitted(white, _clip(transfer=transfer, matrix="bt2020nc"), CANVAS)
    args = encoded(stream, CANVAS, LOSSLESS, frames=1)
    program.run(Job([*args, f"file:{tmp_path / 'out.mp4'}"], "testing"), StopSignal())
    with av.open(str(tmp_path / "out.mp4")) as film:
        assert next(film.decode(video=0)).to_ndarray(format="gray").min() > 200


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_nothing_shows_that_an_hdr_clip_hides(program: Ffmpeg, tmp_path: Path, transfer: str) -> None:
    """What is bright and transparent is brought to our range with its transparency, and lies on the stills' dark."""
    drawn = f"{_HALF},format=yuva444p10le,setparams=color_trc={transfer}"
    stream = ffmpeg.input(drawn, format="lavfi")
    stream = fitted(stream, _clip(transfer=transfer, matrix="bt2020nc", alpha=True), CANVAS)
    args = encoded(stream, CANVAS, LOSSLESS, frames=1)
    program.run(Job([*args, f"file:{tmp_path / 'out.mp4'}"], "testing"), StopSignal())
    with av.open(str(tmp_path / "out.mp4")) as film:
        frame = next(film.decode(video=0)).to_ndarray(format="rgb24").astype(int)

    assert (frame[:, 6:28, 0] > 190).all() and (frame[:, 6:28, 2] < 40).all()
    assert np.abs(frame[:, 36:58] - (20, 22, 28)).max() < 12


_HALF = "color=red:size=128x96:rate=25:duration=0.2,format=rgba,geq=r=255:g='if(lt(X,64),0,255)':b=0:a='if(lt(X,64),255,0)'"


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("half.webm", ("libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "200k")),
        ("half.mov", ("prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    ],
)
def test_nothing_shows_that_a_clip_hides(
    program: Ffmpeg, tmp_path: Path, name: str, codec: tuple[str, ...]
) -> None:
    """A transparent clip lies on the stills' dark: VP9 with its alpha beside the picture, ProRes with it inside."""
    file = tmp_path / name
    program.run(
        Job(["-f", "lavfi", "-i", _HALF, "-c:v", *codec, f"file:{file}"], "half a clip"), StopSignal()
    )
    folder = Folder(Folder.Options(), Toolkit(program, StopSignal(), lambda share: None))
    clip = folder.load(file, CANVAS, tmp_path)
    assert isinstance(clip, Clip)
    fd = os.open(file, os.O_RDONLY)
    try:
        stream = fitted(clip_input(clip, fd), clip, CANVAS)
        args = [*encoded(stream, CANVAS, LOSSLESS, frames=3), f"file:{tmp_path / 'out.mp4'}"]
        program.run(Job(args, "testing", Surroundings(cwd=tmp_path, fds=(fd,))), StopSignal())
    finally:
        os.close(fd)
    with av.open(str(tmp_path / "out.mp4")) as film:
        frame = next(film.decode(video=0)).to_ndarray(format="rgb24").astype(int)

    assert np.abs(frame[:, 6:28] - (255, 0, 0)).max() < 30
    assert np.abs(frame[:, 36:58] - (20, 22, 28)).max() < 12
