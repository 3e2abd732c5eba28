"""Scenes placed on the film's frame grid."""

from fractions import Fraction
from itertools import pairwise

from voxweave.core.film import Canvas
from voxweave.core.storyboard import Scene, Storyboard
from voxweave.core.time import frame_at, frames_of
from voxweave.core.value import Value


class Shot(Value):
    """A scene's one take: the frames it fills, counted from the film's start."""

    scene: Scene
    first: int
    frames: int

    @property
    def last(self) -> int:
        """The first frame after it."""
        return self.first + self.frames


class Timeline(Value):
    """Every frame of the film belongs to exactly one shot, in order."""

    canvas: Canvas
    frames: int
    shots: tuple[Shot, ...]


def assemble(story: Storyboard, canvas: Canvas, samples: int) -> Timeline:
    """Place the scenes by rounded positions; the last ends on the narration's last frame.

    A scene too short to reach a frame of its own has no shot.
    """
    total = frames_of(samples, canvas.rate)
    firsts = [min(frame_at(scene.span.start, canvas.rate), total) for scene in story.scenes]
    shots = (
        Shot(scene=scene, first=first, frames=after - first)
        for scene, (first, after) in zip(story.scenes, pairwise((*firsts, total)), strict=True)
        if after > first
    )
    return Timeline(canvas=canvas, frames=total, shots=tuple(shots))


def worst_cut_error_ms(timeline: Timeline) -> float:
    """How far a cut is from its moment at most; half a frame is the bound."""
    rate = timeline.canvas.rate
    errors = (abs(Fraction(shot.first * 1000) / rate - shot.scene.span.start) for shot in timeline.shots)
    return round(float(max(errors)), 3)
