"""One picture as FFmpeg wants it: yuv420p, three planes in one buffer."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from voxweave.core.film import Canvas

Bytes = npt.NDArray[np.uint8]


class Planes(NamedTuple):
    """BT.709 limited range; `y` is H×W, `u` and `v` H/2×W/2, all views of one buffer."""

    y: Bytes
    u: Bytes
    v: Bytes
    buffer: memoryview

    @classmethod
    def blank(cls, canvas: Canvas) -> "Planes":
        """A black picture of the canvas's size."""
        width, height = canvas.width, canvas.height
        luma, chroma = width * height, width * height // 4
        store: npt.NDArray[Any] = np.full(luma + 2 * chroma, 128, dtype=np.uint8)
        store[:luma] = 16
        half = (height // 2, width // 2)
        return cls(
            store[:luma].reshape(height, width),
            store[luma : luma + chroma].reshape(half),
            store[luma + chroma :].reshape(half),
            memoryview(store),
        )
