"""Opaque layers, one behind the other, as two small pictures and one sharp mask."""

from collections.abc import Iterable

import numpy as np

from voxweave.providers.art.colour import Image


def interleaved(layers: Iterable[tuple[Image, Image]]) -> Image:
    """Layers from back to front as two pictures (6×h×w): every other one in each.

    A layer is small planes and the cells where they hold: where it is seen, and beyond its edge as far as to
    the middle of the layer behind. Neighbours are never in the same picture, so a mask that says which of the
    two is seen draws all edges at once, as sharp as the mask is: two passes over the plate for any number.
    """
    both: Image | None = None
    for number, (planes, cells) in enumerate(layers):
        if both is None:
            both = np.concatenate([planes, planes])
            continue
        own = both[3:] if number % 2 else both[:3]
        if number == 1:
            own[:] = planes
        else:
            np.copyto(own, planes, where=cells)
    assert both is not None
    return both
