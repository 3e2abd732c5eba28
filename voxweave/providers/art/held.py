"""Soft light, painted a few times a second and blended in between."""

from collections.abc import Callable

import cv2
import numpy as np

from voxweave.providers.art.colour import Image
from voxweave.providers.art.stage import Moment


class Held:
    """Small planes (3×h×w) that change slowly: painted at key moments only, every frame lies between two.

    Haze drifts by less than one of its own cells from key to key, and the voice's level is smooth over
    a tenth of a second, so a straight line between keys cannot be told from the thing itself. Each key is
    painted from its own moment alone: a frame is still the same whoever asks for it, in any order.
    """

    def __init__(self, finish: Callable[[Image], Image] | None = None) -> None:
        self._finish = finish
        self._kept: dict[int, Image] = {}

    def __call__(self, now: Moment, paint: Callable[[Moment], Image]) -> Image:
        """The planes of this moment, as `paint` and then `finish` make them."""
        if now.between is None:
            return self._made(now, paint)
        first, second, share = now.between
        before = self._at(first, paint)
        if share == 0:
            return before
        after = self._at(second, paint)
        flat = (before.shape[0] * before.shape[1], before.shape[2])
        mixed = cv2.addWeighted(before.reshape(flat), 1 - share, after.reshape(flat), share, 0)
        return mixed.reshape(before.shape)

    def _at(self, key: Moment, paint: Callable[[Moment], Image]) -> Image:
        if key.frame not in self._kept:
            while len(self._kept) > 1:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key.frame] = self._made(key, paint)
        return self._kept[key.frame]

    def _made(self, now: Moment, paint: Callable[[Moment], Image]) -> Image:
        painted = paint(now)
        return np.ascontiguousarray(self._finish(painted) if self._finish else painted, np.float32)
