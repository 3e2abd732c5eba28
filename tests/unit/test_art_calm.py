"""Text on our art: calm zones hold white text at 4.5 to 1, in every style, on every pixel."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from tests.fakes.drawings import WIDE, drawing, luma, paint, to_rgb
from voxweave.core.film import Box, Canvas
from voxweave.core.pictures import Calm
from voxweave.media.planes import Planes
from voxweave.providers.art.calm import CalmZones, strength_at
from voxweave.providers.art.plate import Plate
from voxweave.settings.styles import styles

BOX = Box(x=40, y=110, width=240, height=50)
LARGE = Canvas(width=640, height=360, rate=WIDE.rate)


def _worst_contrast(shown: np.ndarray) -> float:
    """Of white text on the brightest pixel, by WCAG's relative luminance."""
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    return float(1.05 / ((linear @ [0.2126, 0.7152, 0.0722]).max() + 0.05))


@pytest.mark.parametrize("scene", range(3))
@pytest.mark.parametrize("name", sorted(styles()))
def test_white_text_reads(name: str, scene: int, tmp_path: Path) -> None:
    """Anywhere inside a calm zone white text has a contrast of 4.5 to 1 or better."""
    box = Box(x=60, y=210, width=520, height=110)
    middle = Box(x=120, y=60, width=400, height=130)
    first = 90 * scene
    calms = tuple(Calm(box=zone, first=first, last=first + 180) for zone in (box, middle))
    for picture in paint(drawing(tmp_path, name, scene, calm=calms), LARGE, first + 25, first + 140):
        shown = to_rgb(picture, LARGE)
        for zone in (box, middle):
            part = shown[zone.y : zone.y + zone.height, zone.x : zone.x + zone.width]
            assert _worst_contrast(part) >= 4.5


@pytest.mark.parametrize("colour", [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0.3, 1)])
def test_no_colour_is_too_bright(colour: tuple[float, float, float]) -> None:
    """The brightest colours there are give way, not only those our styles use."""
    plate, planes = Plate(WIDE), Planes.blank(WIDE)
    plate.cover(np.full((180, 320), 255, np.uint8), np.array(colour, np.float32))
    CalmZones((Calm(box=BOX, first=0, last=10),), WIDE).draw(plate, 5)
    plate.write(planes)
    shown = to_rgb(bytes(planes.buffer), WIDE)[BOX.y : BOX.y + BOX.height, BOX.x : BOX.x + BOX.width]

    assert _worst_contrast(shown) >= 4.5


def test_calm_comes_and_goes_softly() -> None:
    """A zone is at full strength from its first frame to its last, and eases outside them."""
    strengths = [strength_at(frame, 100, 200) for frame in range(80, 220)]

    assert set(strengths[20:120]) == {1.0}
    assert strengths[0] == strengths[-1] == 0.0
    assert max(abs(b - a) for a, b in itertools.pairwise(strengths)) < 0.15


def test_calm_has_no_edge(tmp_path: Path) -> None:
    """The picture around a zone is darkened little by little, with no line to be seen."""
    plain = drawing(tmp_path, "realistic", 2)
    calm = plain.model_copy(update={"calm": (Calm(box=BOX, first=0, last=999),)})
    bare, calmed = (luma(paint(work, WIDE, 200)[0], WIDE) for work in (plain, calm))
    share = (calmed / np.maximum(bare, 0.05))[60:115].mean(axis=1)

    assert share[0] > share[-1]
    assert np.abs(np.diff(share)).max() < 0.12
    assert np.array_equal(bare[:60], calmed[:60])
