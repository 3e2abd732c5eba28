"""Scenes on the frame grid."""

from fractions import Fraction

from voxweave.core.film import Canvas
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import Span
from voxweave.core.timeline import assemble, worst_cut_error_ms

NTSC = Canvas(width=320, height=180, rate=Fraction(30000, 1001))


def _story(*starts: int, end: int) -> Storyboard:
    spans = zip(starts, (*starts[1:], end), strict=True)
    scenes = (Scene(number=number, span=Span(start=a, end=b)) for number, (a, b) in enumerate(spans, start=1))
    return Storyboard(duration_ms=end, scenes=tuple(scenes))


def test_scenes_lie_end_to_end() -> None:
    """Each shot begins on the frame nearest its moment and runs up to the next."""
    timeline = assemble(_story(0, 1000, 2500, end=4000), NTSC, 4 * 48_000)

    assert [(shot.first, shot.frames, shot.last) for shot in timeline.shots] == [
        (0, 30, 30),
        (30, 45, 75),
        (75, 45, 120),
    ]
    assert timeline.frames == 120


def test_a_scene_without_a_frame_has_no_shot() -> None:
    """A scene of a few milliseconds between two frames disappears; its neighbours fill the film."""
    timeline = assemble(_story(0, 1000, 1003, end=2000), NTSC, 2 * 48_000)

    assert [shot.scene.number for shot in timeline.shots] == [1, 3]
    assert sum(shot.frames for shot in timeline.shots) == timeline.frames


def test_the_film_ends_with_its_samples() -> None:
    """The last frame is decided by samples, not by milliseconds."""
    assert assemble(_story(0, end=1000), NTSC, 48_000 + 900).frames == 31


def test_the_worst_cut_is_told() -> None:
    """How far the worst cut is from its moment, in milliseconds."""
    assert worst_cut_error_ms(assemble(_story(0, 1000, end=2000), NTSC, 96_000)) == 1.0
