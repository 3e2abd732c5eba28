"""A slow camera over a still: each frame a pure function of its number, smooth below a pixel."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from voxweave.core.film import Canvas
from voxweave.core.pictures import CameraMove, Still
from voxweave.core.text import printable
from voxweave.errors import StorageError
from voxweave.media.planes import Planes

ZOOM_PER_S = 0.012
"""How much nearer the camera comes each second; even growth looks even only on a logarithmic scale."""

PAN_PER_S = 0.012
"""How much of the canvas's width or height passes each second."""

_RAMP_S = 0.6  # to full speed, and back to rest
_BAND = 256  # rows converted at once: a 4K still in floats would need 170 MB
_SOFTNESS = 0.5  # px; without it fine detail between two pixels comes and goes while it moves
_SEED = 20_021

# BT.709, limited range, in 256ths of a code value; OpenCV keeps colours as blue, green, red.
_LUMA = np.array([0.0722, 0.7152, 0.2126])
_TO_YUV = np.array(
    [
        [*(219 / 255 * 256 * _LUMA), 16 * 256],
        [*(224 / 255 * 256 / 1.8556 * (np.array([1, 0, 0]) - _LUMA)), 128 * 256],
        [*(224 / 255 * 256 / 1.5748 * (np.array([0, 0, 1]) - _LUMA)), 128 * 256],
    ],
    dtype=np.float32,
)

Deep = NDArray[np.uint16]
Matrix = NDArray[np.float64]
Paint = Callable[[int, Planes], None]


@dataclass(frozen=True)
class View:
    """What the camera sees of a still: pixels of it per pixel of canvas, and its top left corner."""

    scale: float
    left: float
    top: float


@dataclass(frozen=True)
class _Shot:
    """A camera's way over a still of this size."""

    move: CameraMove
    canvas: Canvas
    width: int
    height: int
    frames: int

    def view(self, frame: int) -> View:
        """Where the camera is, so many frames after the shot began."""
        whole = min(self.width / self.canvas.width, self.height / self.canvas.height)
        whole_s = float((self.frames - 1) / self.canvas.rate)
        far, done = _travelled(whole_s, whole_s), _travelled(float(frame / self.canvas.rate), whole_s)
        if self.move in ("pan-left", "pan-right"):
            return self._panned(whole, far, done)
        return self._zoomed(whole, far, done)

    def _zoomed(self, whole: float, far: float, done: float) -> View:
        """Nearer or farther around the middle, never nearer than the still's own pixels."""
        speed = min(ZOOM_PER_S, math.log(max(whole, 1.0)) / far) if far else 0.0
        passed = {"push-in": done, "pull-out": far - done}.get(self.move, 0.0)
        scale = whole * math.exp(-speed * passed)
        return View(scale, *self._centred(scale))

    def _panned(self, whole: float, far: float, done: float) -> View:
        """Sideways at an even pace, as near as the way needs."""
        scale = max(min(1.0, whole), whole - PAN_PER_S * far)
        share = done / far if far else 0.5
        _, top = self._centred(scale)
        room = self.width - scale * self.canvas.width
        return View(scale, room * (share if self.move == "pan-right" else 1 - share), top)

    def _centred(self, scale: float) -> tuple[float, float]:
        return (self.width - scale * self.canvas.width) / 2, (self.height - scale * self.canvas.height) / 2


def still_painter(still: Still, canvas: Canvas, *, first: int, frames: int) -> Paint:
    """Paints the film's frames from `first` on; StorageError when the prepared still cannot be read."""
    cv2.setNumThreads(1)  # scenes are painted in parallel; threads inside would fight over the cores
    luma, *chroma = _load(still.media.path)
    shot = _Shot(still.move, canvas, luma.shape[1], luma.shape[0], frames)
    noise = _noise(canvas)
    half = noise[: canvas.height // 2, : canvas.width // 2]
    scratch = np.empty((canvas.height, canvas.width), np.uint16)
    small = np.empty((canvas.height // 2, canvas.width // 2), np.uint16)

    def paint(frame: int, planes: Planes) -> None:
        view = shot.view(frame - first)
        _sample(luma, _luma_matrix(view), scratch, noise, planes.y)
        for source, plane in zip(chroma, (planes.u, planes.v), strict=True):
            _sample(source, _chroma_matrix(view), small, half, plane)

    return paint


def _travelled(moment_s: float, whole_s: float) -> float:
    """Seconds' worth of way made at full speed, when the camera starts and stops gently."""
    moment_s = min(moment_s, whole_s)  # while the next scene comes in, the camera rests where it ended
    ramp = min(_RAMP_S, whole_s / 4)
    if not ramp:
        return 0.0
    if moment_s < ramp:
        return float(moment_s**2 / (2 * ramp))
    if moment_s > whole_s - ramp:
        return float(whole_s - ramp - (whole_s - moment_s) ** 2 / (2 * ramp))
    return float(moment_s - ramp / 2)


def _luma_matrix(view: View) -> Matrix:
    """From a pixel's index on the canvas to its place among the still's; both count from centres."""
    shift = view.scale / 2 - 0.5
    return np.array([[view.scale, 0, view.left + shift], [0, view.scale, view.top + shift]])


def _chroma_matrix(view: View) -> Matrix:
    """The same at half size: H.264's chroma lies on the left of two pixels, and between two rows.

    The still's own lies in the middle of four.
    """
    luma = _luma_matrix(view)
    across, down = luma[0, 2], luma[1, 2] + view.scale / 2
    return np.array([[view.scale, 0, (across - 0.5) / 2], [0, view.scale, (down - 0.5) / 2]])


def _sample(source: Deep, matrix: Matrix, scratch: Deep, noise: Deep, plane: NDArray[np.uint8]) -> None:
    """Resample in 16 bits and come down to 8 by a dither: no step shows in a sky."""
    size = (plane.shape[1], plane.shape[0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.warpAffine(source, matrix, size, dst=scratch, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    np.add(scratch, noise, out=scratch)
    np.right_shift(scratch, 8, out=scratch)
    np.copyto(plane, scratch, casting="unsafe")


def _noise(canvas: Canvas) -> Deep:
    """The same grain for every frame: below one code value, and cheap to encode as it stands still."""
    rng = np.random.default_rng(_SEED)
    return rng.integers(0, 256, (canvas.height, canvas.width), dtype=np.uint16)


def _load(path: Path) -> tuple[Deep, Deep, Deep]:
    """The prepared still as planes of 8.8 fixed point, chroma at half size."""
    try:
        packed = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise _gone(path) from error
    picture = cv2.imdecode(packed, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if picture is None:
        raise _gone(path)
    rows = range(0, picture.shape[0], _BAND)
    bands = [_converted(np.asarray(picture[top : top + _BAND], np.uint8)) for top in rows]
    luma, blue, red = (np.concatenate([band[plane] for band in bands]) for plane in range(3))
    return cv2.GaussianBlur(luma, (5, 5), _SOFTNESS).astype(np.uint16, copy=False), blue, red


def _converted(band: NDArray[np.uint8]) -> tuple[Deep, Deep, Deep]:
    yuv = cv2.transform(band.astype(np.float32), _TO_YUV)
    small = cv2.resize(yuv[..., 1:], (band.shape[1] // 2, band.shape[0] // 2), interpolation=cv2.INTER_AREA)
    luma, blue, red = (
        np.rint(plane).astype(np.uint16) for plane in (yuv[..., 0], small[..., 0], small[..., 1])
    )
    return luma, blue, red


def _gone(path: Path) -> StorageError:
    return StorageError(
        f"{printable(path.name)} in the job's folder is gone or damaged",
        hint="run again; it is made anew from the picture",
    )
