"""Stills: a stranger's picture made ready, and the camera that moves over it."""

import shutil
import struct
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.data.make_media import flat_png
from voxweave.core.film import Canvas
from voxweave.core.pictures import CameraMove, Still
from voxweave.core.value import MediaFile
from voxweave.errors import InputError, StorageError
from voxweave.media.ffmpeg import Ffmpeg, find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.media.planes import Planes
from voxweave.media.stills import prepare_still, still_painter, still_size
from voxweave.media.stopping import StopSignal

CANVAS = Canvas(width=320, height=180, rate=Fraction(30))
MOVES: tuple[CameraMove, ...] = ("push-in", "pull-out", "pan-left", "pan-right", "hold")
Pixels = npt.NDArray[np.uint8]

# How a picture held upright is stored for each orientation, so that a viewer turns it back.
STORED = {
    1: lambda image: image,
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, 1),
    7: lambda image: np.rot90(image, 2).transpose(1, 0, 2),
    8: lambda image: np.rot90(image, -1),
}


def quadrants(width: int, height: int) -> Pixels:
    """Four colours, so that each turn looks different."""
    image = np.zeros((height, width, 3), np.uint8)
    for row, column, colour in (
        (0, 0, (0, 0, 255)),
        (0, 1, (0, 255, 0)),
        (1, 0, (255, 0, 0)),
        (1, 1, (255, 255, 255)),
    ):
        image[
            row * height // 2 : (row + 1) * height // 2, column * width // 2 : (column + 1) * width // 2
        ] = colour
    return image


def with_orientation(jpeg: bytes, turn: int) -> bytes:
    """The JPEG with an EXIF block."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHH", 8, 1, 0x112, 3, 1, turn, 0) + bytes(4)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.fixture(scope="module", params=["bundled", "system"])
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both FFmpegs in turn."""
    if request.param == "system" and not shutil.which("ffprobe"):
        pytest.skip("no system FFmpeg here")
    return find_ffmpeg(request.param)


def prepared(ffmpeg: Ffmpeg, content: bytes, folder: Path, canvas: Canvas = CANVAS) -> Pixels:
    """The picture as it is made ready."""
    path = folder / "photo.xyz"
    path.write_bytes(content)
    made = prepare_still(ffmpeg, fingerprint(path), canvas, folder, StopSignal())
    image = cv2.imread(str(made.path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return np.asarray(image, np.uint8)


def encoded(suffix: str, image: npt.NDArray[np.generic]) -> bytes:
    """The image as a file of this kind."""
    return cv2.imencode(suffix, np.ascontiguousarray(image))[1].tobytes()


@pytest.mark.parametrize("turn", range(1, 9))
def test_photos_are_upright(ffmpeg: Ffmpeg, turn: int, tmp_path: Path) -> None:
    """However the camera was held, the picture comes out upright, and says so no more."""
    jpeg = with_orientation(encoded(".jpg", STORED[turn](quadrants(480, 270))), turn)
    image = prepared(ffmpeg, jpeg, tmp_path)
    expected = cv2.resize(quadrants(480, 270), still_size(CANVAS))
    assert expected.shape == image.shape
    assert np.abs(image.astype(int) - expected).mean() < 4


def test_what_is_transparent_becomes_dark(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Alpha is laid on a dark ground, and no alpha is left."""
    image = np.full((180, 320, 4), 255, np.uint8)
    image[:, :160, 3] = 0
    made = prepared(ffmpeg, encoded(".png", image), tmp_path)
    assert 3 == made.shape[2]
    assert made[:, :150].max() < 40
    assert made[:, 260:].min() > 250


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp", ".tiff", ".gif"])
def test_each_kind_is_cut_to_the_canvas(ffmpeg: Ffmpeg, suffix: str, tmp_path: Path) -> None:
    """A portrait picture of each kind fills a wide canvas at 1.3 times its size."""
    made = prepared(ffmpeg, encoded(suffix, quadrants(300, 500)), tmp_path)
    assert (234, 416, 3) == made.shape
    assert np.abs(made[0, 0].astype(int) - (0, 0, 255)).max() < 12


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 900), (900, 2), (16, 16)])
def test_tiny_and_thin_pictures_are_enlarged(ffmpeg: Ffmpeg, width: int, height: int, tmp_path: Path) -> None:
    """However small a picture is, it fills the canvas."""
    made = prepared(ffmpeg, encoded(".png", np.full((height, width, 3), 90, np.uint8)), tmp_path)
    assert (234, 416, 3) == made.shape
    assert np.abs(made.astype(int) - 90).max() <= 1


def test_deep_and_grey_pictures_are_read(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """Sixteen bits and a single channel make no difference."""
    for image in (np.full((90, 160), 90, np.uint8), np.full((90, 160, 3), 90 * 257, np.uint16)):
        made = prepared(ffmpeg, encoded(".png", image), tmp_path)
        assert np.abs(made.astype(int) - 90).max() <= 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (flat_png(15_000, 15_000, rows=2), "larger than 64 megapixels"),
        (flat_png(300, 300, rows=100)[:90], "damaged"),
        (with_orientation(encoded(".jpg", quadrants(900, 600)), 6)[:4000], "damaged"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "is a HEIC or AVIF photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing"),
    ],
)
def test_what_cannot_be_shown_is_refused(ffmpeg: Ffmpeg, content: bytes, reason: str, tmp_path: Path) -> None:
    """Too large, damaged, cut short, or of a kind we do not read: one line, and no file left."""
    with pytest.raises(InputError, match=reason):
        prepared(ffmpeg, content, tmp_path)
    assert ["photo.xyz"] == [path.name for path in tmp_path.iterdir()]


def still(folder: Path, image: Pixels, move: CameraMove) -> Still:
    """A prepared still on disk."""
    path = folder / "still.png"
    path.write_bytes(encoded(".png", image))
    return Still(media=fingerprint(path), move=move)


def filmed(
    folder: Path, image: Pixels, move: CameraMove, frames: list[int], *, first: int = 0
) -> list[Planes]:
    """Frames of a four second shot."""
    paint = still_painter(still(folder, image, move), CANVAS, first=first, frames=120)
    made = []
    for frame in frames:
        made.append(Planes.blank(CANVAS))
        paint(frame, made[-1])
    return made


def detailed() -> Pixels:
    """Fine structure everywhere, as in foliage."""
    rng = np.random.default_rng(5)
    noise = cv2.GaussianBlur(rng.random((234, 416)).astype(np.float32), (0, 0), 1.0)
    grey = np.clip((noise - noise.mean()) * 500 + 128, 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(
    ("blue", "green", "red", "codes"),
    [
        (0, 0, 0, (16, 128, 128)),
        (255, 255, 255, (235, 128, 128)),
        (0, 0, 255, (63, 102, 240)),
        (255, 0, 0, (32, 240, 118)),
    ],
)
def test_colours_are_bt709(
    blue: int, green: int, red: int, codes: tuple[int, int, int], tmp_path: Path
) -> None:
    """A flat colour becomes its limited-range BT.709 codes, within the dither's one."""
    image = np.full((234, 416, 3), (blue, green, red), np.uint8)
    (planes,) = filmed(tmp_path, image, "push-in", [60])
    for plane, code in zip(planes[:3], codes, strict=True):
        assert np.abs(plane.astype(int) - code).max() <= 1


@pytest.mark.parametrize("move", MOVES)
def test_a_frame_depends_on_its_number_alone(move: CameraMove, tmp_path: Path) -> None:
    """Frames may be painted in any order, and a shot looks the same wherever in the film it is."""
    forth = filmed(tmp_path, detailed(), move, [0, 60, 119])
    back = filmed(tmp_path, detailed(), move, [1119, 1060, 1000], first=1000)
    for one, other in zip(forth, reversed(back), strict=True):
        assert one.buffer == other.buffer


@pytest.mark.parametrize("move", MOVES)
def test_the_camera_rests_after_its_shot(move: CameraMove, tmp_path: Path) -> None:
    """While the next scene comes in, the still stays where the camera ended."""
    last, later, much_later = filmed(tmp_path, detailed(), move, [119, 131, 400])
    assert last.buffer == later.buffer == much_later.buffer


def test_a_shot_of_one_frame_is_painted_before_and_after(tmp_path: Path) -> None:
    """A scene of a single frame has a way of no length."""
    paint = still_painter(still(tmp_path, detailed(), "pan-left"), CANVAS, first=5, frames=1)
    for frame in (5, 9):
        paint(frame, Planes.blank(CANVAS))


def drift(one: Planes, other: Planes) -> float:
    """How far the picture moved to the right, in pixels, from its slopes and its change."""
    before, after = (
        cv2.GaussianBlur(planes.y.astype(np.float32), (0, 0), 3)[20:160, 40:280] for planes in (one, other)
    )
    slope = np.gradient((before + after) / 2, axis=1)
    return float(-(slope * (after - before)).sum() / (slope * slope).sum())


@pytest.mark.parametrize(("move", "sign"), [("pan-left", 1), ("pan-right", -1)])
def test_a_pan_is_even_below_a_pixel(move: CameraMove, sign: int, tmp_path: Path) -> None:
    """Between its gentle start and end each frame moves as far as the last, a fraction of a pixel."""
    shots = filmed(tmp_path, detailed(), move, list(range(30, 90)))
    steps = np.array([drift(one, other) * sign for one, other in pairwise(shots)])
    assert 0.09 < steps.mean() < 0.12
    assert steps.std() < 0.006


def test_a_push_in_grows_steadily(tmp_path: Path) -> None:
    """It begins with the whole picture and comes nearer with every frame, gently at both ends."""
    image = np.zeros((234, 416, 3), np.uint8)
    image[67:167, 108:308] = 255
    shots = filmed(tmp_path, image, "push-in", list(range(0, 120, 7)))
    areas = np.array([planes.y.astype(float).sum() for planes in shots])
    growth = np.diff(np.log(areas - areas.min() + areas[0]))
    assert (growth > 0).all()
    assert growth[0] < growth[8] > growth[-1]


@pytest.mark.parametrize("move", ["push-in", "pan-left"])
def test_fine_detail_does_not_shimmer(move: CameraMove, tmp_path: Path) -> None:
    """Sharpness stays even while the picture slides between pixels."""
    shots = filmed(tmp_path, detailed(), move, list(range(30, 90)))
    sharpness = [np.abs(cv2.Laplacian(planes.y, cv2.CV_32F)).mean() for planes in shots]
    changes = np.abs(np.diff(sharpness)) / np.mean(sharpness)
    assert changes.max() < 0.01


def test_a_soft_sky_has_no_bands(tmp_path: Path) -> None:
    """A gradient over few code values keeps its slope: the mean of every column follows it."""
    ramp = np.linspace(40, 52, 416)[None, :, None]
    noise = np.random.default_rng(1).random((234, 416, 1))
    image = np.repeat(np.floor(ramp + noise), 3, axis=2).astype(np.uint8)
    (planes,) = filmed(tmp_path, image, "hold", [10])
    columns = planes.y.mean(axis=0)
    smooth = np.polynomial.Polynomial.fit(np.arange(320), columns, 1)(np.arange(320))
    assert np.abs(columns - smooth).max() < 0.35


def test_a_still_that_is_gone_is_a_storage_error(tmp_path: Path) -> None:
    """A prepared still that was deleted or harmed is told as such."""
    media = MediaFile(path=tmp_path / "gone.png", sha256="0")
    with pytest.raises(StorageError, match=r"gone\.png"):
        still_painter(Still(media=media), CANVAS, first=0, frames=10)
    media.path.write_bytes(b"harmed")
    with pytest.raises(StorageError, match=r"gone\.png"):
        still_painter(Still(media=media), CANVAS, first=0, frames=10)
