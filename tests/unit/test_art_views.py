"""Cameras and stamps: what moves, moves by parts of a pixel."""

import cv2
import numpy as np
import pytest

from tests.fakes.drawings import WIDE
from voxweave.media.planes import Planes
from voxweave.providers.art.cutout import Backdrop, Sprite, gauge
from voxweave.providers.art.plate import Plate, toned
from voxweave.providers.art.shapes import sparks

_WHITE = np.ones(3, np.float32)


@pytest.mark.parametrize("step", [0.62, 0.86, 0.9, 0.935, 0.96])
@pytest.mark.parametrize("middle", [1150.0, 1151.37, 1160.5])
def test_a_view_is_right_to_a_twentieth_of_a_pixel(step: float, middle: float) -> None:
    """Both edges of what is seen lie where the camera says, though whole pixels are stretched."""
    size, found = 1920, gauge(1920, step, middle, 2304)
    scale = (found.taken.stop - found.taken.start) / found.drawn
    edges = [found.taken.start + (found.shown.start + end) * scale for end in (0, size)]

    assert found.shown.stop - found.shown.start == size
    assert found.shown.stop <= found.drawn
    assert edges == pytest.approx([middle - step * size / 2, middle + step * size / 2], abs=0.05)


def test_a_view_never_leaves_the_picture() -> None:
    """Near the picture's edge the view is moved, not torn."""
    for middle in (0.0, 100.0, 380.0):
        found = gauge(320, 0.9, middle, 384)
        assert 0 <= found.taken.start < found.taken.stop <= 384


def test_a_backdrop_moves_evenly() -> None:
    """A camera that comes nearer by a little each frame moves a line by a little each frame."""
    painted = np.zeros((216, 384, 3), np.float32)
    painted[:, 250:254] = 1
    backdrop, plate = Backdrop(painted), Plate(WIDE)
    places = []
    for step in range(12):
        plate.y.fill(0)
        backdrop.add(plate, 1.08 + 0.004 * step, (192.0, 108.0))
        row = plate.y[90]
        places.append(float((row * np.arange(row.size)).sum() / row.sum()))
    steps = np.diff(places)

    assert steps.min() > 0
    assert steps.max() - steps.min() < 0.15


def test_a_sprite_moves_by_parts_of_a_pixel() -> None:
    """Laid a quarter of a pixel further, its middle of light is a quarter of a pixel further."""
    alpha = np.zeros((40, 40), np.float32)
    cv2.circle(alpha, (20, 20), 12, 1.0, cv2.FILLED)
    sprite = Sprite(alpha[:, :, None] * _WHITE, alpha)
    middles = []
    for part in (0.0, 0.25, 0.5, 0.75):
        plate = Plate(WIDE)
        sprite.draw(plate, 100 + part, 60 + part)
        weights = plate.y / plate.y.sum()
        middles.append(
            (float(weights.sum(axis=0) @ np.arange(320)), float(weights.sum(axis=1) @ np.arange(180)))
        )

    assert np.diff(np.array(middles), axis=0) == pytest.approx(0.25, abs=0.01)


def test_a_sprite_may_hang_over_every_edge() -> None:
    """What is outside the plate is left away, and what is inside is drawn."""
    alpha = np.ones((20, 20), np.float32)
    sprite = Sprite(alpha[:, :, None] * _WHITE, alpha)
    for corner in ((-7.5, -3.25), (310.5, 172.5), (-30.0, 10.0), (100.0, 400.0)):
        plate = Plate(WIDE)
        sprite.draw(plate, *corner)
        inside = -20 < corner[0] < 320 and -20 < corner[1] < 180
        assert (plate.y.max() > 200) == inside


@pytest.mark.parametrize("sigma", [0.6, 1.5, 5.0])
def test_sparks_keep_their_place_and_light(sigma: float) -> None:
    """A spark's middle is where it was put to a twentieth of a pixel, and its light does not flicker as it moves."""
    sums = []
    for part in np.linspace(0, 1, 9):
        plate = Plate(WIDE)
        point = np.array([[60.3 + part, 50.7]])
        sparks(plate, point, sigma, _WHITE, np.ones(1))
        weights = plate.y / plate.y.sum()
        assert float(weights.sum(axis=0) @ np.arange(320)) == pytest.approx(60.3 + part, abs=0.07)
        sums.append(float(plate.y.sum()))

    assert max(sums) / min(sums) < 1.06


def test_sparks_at_the_edges_do_not_wrap() -> None:
    """Light that hangs over an edge is lost, not shown on the other side."""
    plate = Plate(WIDE)
    sparks(plate, np.array([[0.2, 90.0], [319.0, 0.0], [-50.0, 20.0]]), 3.0, _WHITE, np.ones(3))

    assert plate.y[90, 300:].max() < 1e-3
    assert plate.y[90, 0] > 100
    assert plate.y[20, :10].max() < 1e-3


def test_light_through_a_mask_is_the_same_in_bands() -> None:
    """Lines anywhere on a mask add what the whole mask would, luma and chroma alike."""
    mask = np.zeros((180, 320), np.uint8)
    cv2.line(mask, (5, 97), (300, 110), 200, 2, cv2.LINE_AA)
    colour = np.array([0.9, 0.3, 0.5], np.float32)
    plate = Plate(WIDE)
    plate.add(mask, colour, 0.8)
    halved = cv2.resize(mask, (160, 90), interpolation=cv2.INTER_AREA)
    wanted = toned(
        np.ascontiguousarray((colour * np.float32(0.5))[:, None, None] * np.ones((1, 1), np.float32))
    )

    assert np.allclose(plate.y, mask * (2 * float(wanted[0].item()) * 0.8 / 255), atol=0.02)
    assert np.allclose(plate.u, halved * (2 * float(wanted[1].item()) * 0.8 / 255), atol=0.02)


def test_rain_fades_with_the_picture() -> None:
    """What is sprinkled over a frame is there in that frame alone, and black is black."""
    mask = np.full((180, 320), 20, np.uint8)
    plate, planes = Plate(WIDE), Planes.blank(WIDE)
    seen = []
    for gain, wet in ((1.0, True), (1.0, False), (0.0, True)):
        if wet:
            plate.sprinkle(mask)
        plate.write(planes, gain)
        seen.append(float(planes.y.mean()))

    assert seen == pytest.approx([36, 16, 16], abs=0.3)


def test_no_rain_falls_on_what_is_sheltered() -> None:
    """Cover art stays dry."""
    mask = np.full((180, 320), 20, np.uint8)
    plate, planes = Plate(WIDE), Planes.blank(WIDE)
    plate.sprinkle(mask)
    plate.shelter(slice(40, 80), slice(100, 150))
    plate.write(planes)

    assert planes.y[45:75, 105:145].max() <= 17
    assert planes.y[100:].min() >= 35
