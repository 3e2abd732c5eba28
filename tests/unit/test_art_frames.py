"""Frames of our own art: the same every time, steady, whole on any canvas."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes.drawings import TALL, WIDE, drawing, luma, paint
from voxweave.core.film import Box, Canvas
from voxweave.core.pictures import LONGEST_TRANSITION_S, Drawing, Emblem
from voxweave.core.value import MediaFile
from voxweave.errors import InputError
from voxweave.media.planes import Planes
from voxweave.providers.art.painter import painter
from voxweave.settings.styles import load_style, styles

SCENES = [(name, scene) for name in sorted(styles()) for scene in range(len(load_style(name).recipes))]
EVERY_SCENE = pytest.mark.parametrize(("name", "scene"), SCENES)


def _first(scene: int, more: int = 0) -> int:
    return 90 * scene + more


@EVERY_SCENE
def test_any_order_same_bytes(name: str, scene: int, tmp_path: Path) -> None:
    """A frame is the same whoever paints it, and whatever was painted before."""
    work = drawing(tmp_path, name, scene)
    a, b = _first(scene, 20), _first(scene, 110)

    assert paint(work, WIDE, a, b) == paint(work, WIDE, b, a)[::-1]


@EVERY_SCENE
def test_portrait_is_full(name: str, scene: int, tmp_path: Path) -> None:
    """A tall canvas is filled as a wide one is: there is something to see, and it moves."""
    first, later = (
        luma(picture, TALL)
        for picture in paint(drawing(tmp_path, name, scene), TALL, _first(scene, 10), _first(scene, 70))
    )

    assert 0.02 < first.mean() < 0.75
    assert first.std() > 0.02
    assert np.abs(first - later).max() > 0.02


@EVERY_SCENE
def test_steady_from_frame_to_frame(name: str, scene: int, tmp_path: Path) -> None:
    """Nothing flashes: neighbouring frames have nearly the same brightness, all over and in each ninth."""
    frames = [_first(scene, step) for step in range(30, 60)]
    pictures = [luma(picture, WIDE) for picture in paint(drawing(tmp_path, name, scene), WIDE, *frames)]
    whole = np.array([picture.mean() for picture in pictures])
    parts = np.array([picture[:180, :318].reshape(3, 60, 3, 106).mean(axis=(1, 3)) for picture in pictures])

    assert np.abs(np.diff(whole)).max() < 0.02
    assert np.abs(np.diff(parts, axis=0)).max() < 0.05


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Scenes painted at the same time in one process come out as they do alone."""
    works = [drawing(tmp_path, name, 1) for name in ("cyberpunk", "educational", "paper", "cyberpunk")]
    frames = range(90, 100)
    alone = [paint(work, WIDE, *frames) for work in works]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda work: paint(work, WIDE, *frames), works))

    assert together == alone


def test_seeds_differ(tmp_path: Path) -> None:
    """Another seed is another picture of the same look."""
    one, other = (paint(drawing(tmp_path, "cyberpunk", seed=seed), WIDE, 30) for seed in (1, 2))

    assert one != other


def test_motion_is_per_second(tmp_path: Path) -> None:
    """At twice the rate, twice the frame number shows the same moment."""
    fast = WIDE.model_copy(update={"rate": WIDE.rate * 2})
    slow_scene = drawing(tmp_path, "minimal")
    quick_scene = slow_scene.model_copy(update={"frames": 360, "film_frames": 4000})
    slow, quick = paint(slow_scene, WIDE, 50)[0], paint(quick_scene, fast, 100)[0]

    assert np.abs(luma(slow, WIDE) - luma(quick, fast))[:170].max() < 0.02


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (256, 256), (256, 320), (64, 64), (426, 240)])
def test_any_canvas(size: tuple[int, int], tmp_path: Path) -> None:
    """Every even size can be painted."""
    canvas = Canvas(width=size[0], height=size[1], rate=WIDE.rate)

    for name in ("cyberpunk", "paper", "anime"):
        for scene in range(3):
            (picture,) = paint(drawing(tmp_path, name, scene), canvas, _first(scene, 5))
            assert len(picture) == size[0] * size[1] * 3 // 2


def test_planes_are_one_buffer() -> None:
    """Y, Cb and Cr are views of what goes into the pipe, in that order."""
    planes = Planes.blank(WIDE)
    planes.y[0, 0], planes.u[0, 0], planes.v[-1, -1] = 17, 18, 19
    raw = bytes(planes.buffer)

    assert (raw[0], raw[320 * 180], raw[-1]) == (17, 18, 19)
    assert raw[1] == 16
    assert raw[-2] == 128


def test_fades_reach_black(tmp_path: Path) -> None:
    """The film's first and last frames are black, and half a second later it is all there."""
    work = drawing(tmp_path, "cinematic", fade_in=True, fade_out=True)
    first, early, last = (luma(picture, WIDE) for picture in paint(work, WIDE, 0, 20, 179))

    assert first.max() < 0.01
    assert last.max() < 0.01
    assert early.max() > 0.3


def test_progress_runs_along_the_edge(tmp_path: Path) -> None:
    """Half-way through the film, half of the lowest row is bright."""
    work = drawing(tmp_path, "cinematic", film_frames=200)
    row = luma(paint(work, WIDE, 99)[0], WIDE)[-1]

    assert row[:155].min() > row[165:].max()


def test_silence_can_be_drawn(tmp_path: Path) -> None:
    """A voice file with no rows at all is silence."""
    np.save(tmp_path / "voice.npy", np.zeros((0, 11), np.uint8))

    assert len(paint(drawing(tmp_path, "cyberpunk"), WIDE, 10)[0]) == 320 * 180 * 3 // 2


def test_leaving_art_keeps_its_pace(tmp_path: Path) -> None:
    """For as long as a scene may be seen under the next, the voice carries it along as before."""
    last = 180 + round(LONGEST_TRANSITION_S * WIDE.rate)
    leaving, staying = (painter(drawing(tmp_path, "ink", frames=frames), WIDE) for frames in (180, 600))

    for frame in range(last - 10, last):
        one, other = leaving.moment(frame), staying.moment(frame)
        assert one.flow == pytest.approx(other.flow)
        assert one.between[1].flow == pytest.approx(other.between[1].flow)


def _with_emblem(folder: Path, picture: bytes) -> Drawing:
    path = folder / "cover.png"
    path.write_bytes(picture)
    box = Box(x=100, y=40, width=100, height=100)
    emblem = Emblem(media=MediaFile(path=path, sha256=""), box=box, first=0, last=100)
    return drawing(folder, "cinematic", emblem=emblem)


def test_cover_art_fills_its_box(tmp_path: Path) -> None:
    """The emblem is seen in its box while it should be, and not afterwards."""
    white = cv2.imencode(".png", np.full((60, 90, 3), 255, np.uint8))[1].tobytes()
    during, after = (luma(picture, WIDE) for picture in paint(_with_emblem(tmp_path, white), WIDE, 50, 150))

    assert during[60:120, 120:180].min() > 0.95
    assert after[60:120, 120:180].mean() < 0.9


def test_cover_art_that_is_no_picture(tmp_path: Path) -> None:
    """A cover that cannot be decoded is the input's fault, by name."""
    with pytest.raises(InputError, match=r"cover\.png"):
        paint(_with_emblem(tmp_path, b"not a picture"), WIDE, 0)
