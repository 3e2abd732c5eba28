"""One picture giving way to another: ours and FFmpeg's are one curve."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from voxweave.core.film import Canvas
from voxweave.core.style import TransitionName
from voxweave.media.blending import blend
from voxweave.media.ffmpeg import Job, find_ffmpeg
from voxweave.media.filtergraph import _arguments, exactly, giving_way, loop_input, painted_input
from voxweave.media.planes import Planes
from voxweave.media.stopping import StopSignal

CANVAS = Canvas(width=96, height=64, rate=Fraction(30))
FRAMES, LONG = 8, 12
KINDS: list[TransitionName] = ["crossfade", "dip", "wipe"]


def _flat(luma: int, blue: int, red: int) -> Planes:
    planes = Planes.blank(CANVAS)
    for plane, value in zip(planes[:3], (luma, blue, red), strict=True):
        plane[:] = value
    return planes


def _ours(kind: TransitionName) -> list[Planes]:
    seen = []
    for frame in range(LONG):
        after = _flat(200, 90, 160)
        if frame < FRAMES:
            blend(kind, _flat(60, 150, 100), after, frame, FRAMES)
        seen.append(after)
    return seen


def _theirs(kind: TransitionName, folder: Path) -> list[np.ndarray]:
    before, after = folder / "before.yuv", folder / "after.yuv"
    before.write_bytes(bytes(_flat(60, 150, 100).buffer) * FRAMES)
    after.write_bytes(bytes(_flat(200, 90, 160).buffer) * LONG)
    graph = giving_way(_raw(before), _raw(after), kind, CANVAS, frames=FRAMES)
    out = folder / "out.yuv"
    args = _arguments(exactly(graph, LONG), ["-f", "rawvideo", "-pix_fmt", "yuv420p"])
    find_ffmpeg().run(Job([*args, f"file:{out}"], "mixing"), StopSignal())
    size = CANVAS.width * CANVAS.height * 3 // 2
    return list(np.frombuffer(out.read_bytes(), np.uint8).reshape(-1, size))


def _raw(file: Path) -> object:
    import ffmpeg

    size = (CANVAS.width, CANVAS.height)
    return ffmpeg.input(str(file), format="rawvideo", pixel_format="yuv420p", video_size=size, framerate="30")


@pytest.mark.parametrize("kind", KINDS)
def test_ours_and_ffmpegs_are_one_curve(kind: TransitionName, tmp_path: Path) -> None:
    """A clip and a drawing give way to each other just as two drawings do, to the frame."""
    theirs = _theirs(kind, tmp_path)
    ours = [np.frombuffer(planes.buffer, np.uint8) for planes in _ours(kind)]

    assert len(theirs) == LONG
    apart = [int(np.abs(a.astype(int) - b).max()) for a, b in zip(ours, theirs, strict=True)]
    assert max(apart) <= 3, apart


@pytest.mark.parametrize("kind", KINDS)
def test_it_begins_with_the_old_picture_and_ends_with_the_new(kind: TransitionName) -> None:
    """The first frame is all old, the first after it all new."""
    seen = _ours(kind)

    assert (seen[0].y == 60).all()
    assert (seen[FRAMES].y == 200).all()


def test_a_crossfade_never_turns_back() -> None:
    """Brightness goes one way from the old picture to the new."""
    means = [float(planes.y.mean()) for planes in _ours("crossfade")]

    assert all(a <= b for a, b in pairwise(means))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("program", ["bundled", "system"])
def test_a_drawing_keeps_its_colours_beside_a_clip(
    kind: TransitionName, program: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Drawn frames mean BT.709 as a clip's do: after the clip has given way their numbers are what was drawn."""
    chosen = find_ffmpeg(str(request.getfixturevalue(program)))
    clip, drawn = tmp_path / "clip.mp4", _flat(100, 90, 200)
    tags = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    grey = ["-f", "lavfi", "-i", "color=gray:s=96x64:r=30:d=1", "-c:v", "libx264", "-qp", "0", *tags]
    chosen.run(Job([*grey, f"file:{clip}"], "a clip"), StopSignal())
    graph = giving_way(
        exactly(loop_input(f"file:{clip}"), FRAMES), painted_input(CANVAS), kind, CANVAS, frames=FRAMES
    )
    out = tmp_path / "out.yuv"
    args = _arguments(exactly(graph, LONG), ["-f", "rawvideo", "-pix_fmt", "yuv420p"])
    chosen.run(
        Job([*args, f"file:{out}"], "mixing"),
        StopSignal(),
        feed=lambda pipe: pipe.write(bytes(drawn.buffer) * LONG),
    )
    last = np.frombuffer(out.read_bytes(), np.uint8)[-len(drawn.buffer) :]

    assert int(np.abs(last.astype(int) - np.frombuffer(drawn.buffer, np.uint8)).max()) <= 1
