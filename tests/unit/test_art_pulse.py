"""The voice as numbers at a frame: smooth, silent outside the file, felt at once."""

from fractions import Fraction
from pathlib import Path

import numpy as np

from tests.fakes.drawings import features
from voxweave.providers.art.pulse import Pulse

RATE = Fraction(30)


def _made(folder: Path, rows: np.ndarray) -> Pulse:
    path = folder / "made.npy"
    np.save(path, rows.astype(np.uint8))
    return Pulse(path, RATE)


def test_outside_is_silence(tmp_path: Path) -> None:
    """Before the first row and after the last there is nothing to hear."""
    pulse = _made(tmp_path, np.full((300, 11), 255))

    for frame in (-400, 600):
        beat = pulse.at(frame)
        assert (beat.level, beat.swell, beat.spark, beat.presence) == (0, 0, 0, 0)
        assert not beat.bands.any()


def test_steady_voice_is_its_level(tmp_path: Path) -> None:
    """In the middle of a steady voice every number is the voice's own."""
    beat = _made(tmp_path, np.full((1200, 11), 102)).at(180)

    assert abs(beat.level - 0.4) < 1e-3
    assert np.abs(beat.bands - 0.4).max() < 1e-3
    assert np.abs(beat.trail - 0.4).max() < 1e-2


def test_no_number_leaps(tmp_path: Path) -> None:
    """From one frame to the next nothing changes by more than the eye takes for motion."""
    pulse = Pulse(features(tmp_path), RATE)
    beats = [pulse.at(frame) for frame in range(300)]

    for name, most in (("level", 0.2), ("swell", 0.03), ("presence", 0.05), ("spark", 0.75)):
        values = np.array([getattr(beat, name) for beat in beats])
        assert np.abs(np.diff(values)).max() < most


def test_an_onset_sparks_and_dies(tmp_path: Path) -> None:
    """A blow is brightest within a tenth of a second and nearly gone after one."""
    rows = np.zeros((600, 11))
    rows[200, 1] = 255
    pulse = _made(tmp_path, rows)

    assert pulse.at(57).spark < 0.01
    assert pulse.at(61).spark > 0.8
    assert pulse.at(90).spark < 0.06


def test_travel_only_goes_forward(tmp_path: Path) -> None:
    """What the voice carries along never goes back, and stands still in silence."""
    travel = Pulse(features(tmp_path, 20), RATE).travel(150, 900)
    places = [travel.at(frame) for frame in range(150, 1050, 5)]

    assert places == sorted(places)
    assert places[-1] - places[-10] < 1e-6
    assert places[40] > places[0]
