"""From a drawing and a frame number to the bytes of that frame, and nothing else."""

from dataclasses import replace
from math import ceil

import cv2

from voxweave.core.film import Canvas
from voxweave.core.pictures import LONGEST_TRANSITION_S, Drawing
from voxweave.errors import UsageError
from voxweave.media.planes import Planes
from voxweave.providers.art.calm import CalmZones
from voxweave.providers.art.emblem import Cover
from voxweave.providers.art.meter import Meter, Progress
from voxweave.providers.art.plate import Plate
from voxweave.providers.art.pulse import Pulse
from voxweave.providers.art.recipes import RECIPES
from voxweave.providers.art.stage import Moment, Stage, smooth

FADE_SECONDS = 0.5
KEYS_HZ = 8
"""How often soft light is painted anew; between keys it is blended."""


class Painter:
    """Draws the frames of one scene, in any order; frames count from the film's start."""

    def __init__(self, drawing: Drawing, canvas: Canvas) -> None:
        self._drawing, self._canvas = drawing, canvas
        stage = Stage(canvas, drawing.style, drawing.scene, drawing.seed)
        self._pulse = Pulse(drawing.voice.path, canvas.rate)
        self._plate = Plate(canvas, drawing.style.grain)
        self._scene = RECIPES[recipe_of(drawing)](stage)
        self._meter = Meter(stage, self._pulse)
        self._progress = Progress(stage, drawing.film_frames)
        self._calm = CalmZones(drawing.calm, canvas)
        self._cover = Cover(drawing.emblem, canvas) if drawing.emblem else None
        self._step = max(1, round(canvas.rate / KEYS_HZ))
        goes_on = ceil(LONGEST_TRANSITION_S * canvas.rate) + self._step  # and the key after its last frame
        self._travel = self._pulse.travel(drawing.first, drawing.frames + goes_on)
        self._keys: dict[int, Moment] = {}

    def __call__(self, frame: int, planes: Planes) -> None:
        """Draw one frame into the planes."""
        now = self.moment(frame)
        plate = self._plate
        self._scene.draw(now, plate)
        self._meter.draw(plate, now, frame)
        self._calm.draw(plate, frame)
        if self._cover:
            self._cover.draw(plate, frame, now.t)
        if self._drawing.style.progress:
            self._progress.draw(plate, frame)
        plate.write(planes, self._fade(frame))

    def moment(self, frame: int) -> Moment:
        """When a frame is, what the voice does then, and the key moments around it."""
        past = (frame - self._drawing.first) % self._step
        first = self._key(frame - past)
        second = self._key(frame - past + self._step) if past else first
        return replace(self._bare(frame), between=(first, second, past / self._step))

    def _key(self, frame: int) -> Moment:
        if frame not in self._keys:
            while len(self._keys) > 1:
                self._keys.pop(next(iter(self._keys)))
            self._keys[frame] = self._bare(frame)
        return self._keys[frame]

    def _bare(self, frame: int) -> Moment:
        motion = self._drawing.style.motion
        t = (frame - self._drawing.first) / float(self._canvas.rate)
        flow = motion * (0.75 * t + 0.6 * self._travel.at(frame))
        return Moment(t * motion, flow, self._pulse.at(frame), frame)

    def _fade(self, frame: int) -> float:
        drawing, length = self._drawing, FADE_SECONDS * float(self._canvas.rate)
        gain = 1.0
        if drawing.fade_in:
            gain = smooth((frame - drawing.first) / length)
        if drawing.fade_out:
            gain = min(gain, smooth((drawing.first + drawing.frames - 1 - frame) / length))
        return gain


def painter(drawing: Drawing, canvas: Canvas) -> Painter:
    """Set one scene up for painting."""
    cv2.setNumThreads(1)  # scenes are painted in parallel; threads inside would fight over the cores
    return Painter(drawing, canvas)


def recipe_of(drawing: Drawing) -> str:
    """Which composition a scene has: the style's recipes take turns, so no two neighbours are alike.

    The seed decides which of them opens the film.
    """
    recipes = drawing.style.recipes
    name = recipes[(drawing.scene + drawing.seed) % len(recipes)]
    if name not in RECIPES:
        raise UsageError(
            f"style {drawing.style.name}: there is no recipe called {name!r}",
            hint="recipes: " + ", ".join(sorted(RECIPES)),
        )
    return name
