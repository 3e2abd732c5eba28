"""How letters stand out from a picture, measured on it."""

import cv2
import numpy as np
import pytest

from voxweave.media.contrast import Picture, contrast, luminance

EM = 48.0


def picture(behind: int, letters: int | None, edge: int | None = None) -> Picture:
    """Two words on a plain picture, with an edge around the letters if there is one."""
    found = np.full((110, 500, 3), behind, np.uint8)
    drawn = np.zeros((110, 500), np.uint8)
    for left in range(40, 440, 40):  # ten letters: a stem and a foot each
        drawn[30:80, left : left + 8] = drawn[72:80, left : left + 22] = 1
    if edge is not None:
        found[cv2.dilate(drawn, np.ones((11, 11), np.uint8)) > 0] = edge
    if letters is not None:
        found[drawn > 0] = letters
    return found


@pytest.mark.parametrize(("value", "light"), [(0, 0.0), (255, 1.0), (188, 0.503)])
def test_luminance_is_that_of_wcag(value: int, light: float) -> None:
    """Grey of 188 is half as light as white."""
    assert luminance(np.full((1, 1, 3), value, np.uint8))[0, 0] == pytest.approx(light, abs=0.003)


def test_white_on_black_is_as_good_as_it_gets() -> None:
    """The ratio of white letters on black is 21."""
    found = contrast(picture(0, 255), ["#ffffff"], EM)

    assert found.seen
    assert found.ratio == pytest.approx(21, abs=0.5)


def test_a_dark_edge_carries_letters_over_a_bright_picture() -> None:
    """What touches the letters counts, not what is beyond their edge."""
    with_edge = contrast(picture(240, 255, edge=10), ["#ffffff"], EM)
    without = contrast(picture(240, 255), ["#ffffff"], EM)

    assert with_edge.ratio > 4.5 > without.ratio


def test_letters_that_are_not_in_the_picture_are_measured_as_if_drawn() -> None:
    """For captions that a player draws, their edge carries them, or else the picture's bright parts are behind."""
    bare = contrast(picture(250, None), ["#ffffff"], EM)
    edged = contrast(picture(250, None), ["#ffffff"], EM, edge="#101010")

    assert not bare.seen
    assert not edged.seen
    assert bare.ratio == pytest.approx(1.0, abs=0.1)
    assert edged.ratio > 15


def test_the_colour_that_is_there_is_found() -> None:
    """Of a look's colours the one that is in the picture is measured."""
    yellow = np.where(picture(0, 255) > 128, np.array([255, 212, 0], np.uint8), 0).astype(np.uint8)

    found = contrast(yellow, ["#ffffff", "#ffd400"], EM)

    assert found.seen
    assert found.ratio > 12
