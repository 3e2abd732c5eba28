"""Drawings to paint in tests, and a voice for them made of numbers."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from voxweave.core.film import Canvas
from voxweave.core.pictures import Drawing
from voxweave.core.value import MediaFile
from voxweave.media.planes import Planes
from voxweave.providers.art.painter import painter
from voxweave.settings.styles import load_style

WIDE = Canvas(width=320, height=180, rate=Fraction(30))
TALL = Canvas(width=180, height=320, rate=Fraction(25))


def features(folder: Path, seconds: int = 30) -> Path:
    """A features file: syllables four times a second, a pause of a second in five."""
    path = folder / "voice.npy"
    if not path.exists():
        t = np.arange(seconds * 100) / 100
        level = np.clip(0.55 + 0.5 * np.sin(26 * t + 2 * np.sin(1.7 * t)), 0, 1) * ((t % 5) < 4)
        onset = np.clip(np.diff(level, prepend=0) * 8, 0, 1)
        bands = [level * (0.5 + 0.5 * np.sin(t * (2 + band))) for band in range(8)]
        rows = np.stack([level, onset, (t % 5) < 4, *bands], axis=-1)
        np.save(path, np.round(rows * 255).astype(np.uint8))
    return path


def drawing(folder: Path, style: str, scene: int = 0, **more: Any) -> Drawing:
    """A scene of six seconds in the middle of a film."""
    fields = {"seed": 5, "first": 90 * scene, "frames": 180, "film_frames": 2000, **more}
    voice = MediaFile(path=features(folder), sha256="0" * 64)
    return Drawing(style=load_style(style), scene=scene, voice=voice, **fields)


def paint(scene: Drawing, canvas: Canvas, *frames: int) -> list[bytes]:
    """Some frames, by absolute number, as the bytes that go to FFmpeg."""
    painted = painter(scene, canvas)
    planes = Planes.blank(canvas)
    pictures = []
    for frame in frames:
        painted(frame, planes)
        pictures.append(bytes(planes.buffer))
    return pictures


def luma(picture: bytes, canvas: Canvas) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The Y plane, 0 black to 1 white."""
    size = canvas.width * canvas.height
    plane = np.frombuffer(picture[:size], np.uint8).reshape(canvas.height, canvas.width)
    return (plane.astype(np.float64) - 16) / 219


def to_rgb(picture: bytes, canvas: Canvas) -> np.ndarray[Any, np.dtype[np.float64]]:
    """R'G'B' 0..1 as a player would show it (BT.709, chroma repeated)."""
    size = canvas.width * canvas.height
    half = (canvas.height // 2, canvas.width // 2)
    chroma = np.frombuffer(picture[size:], np.uint8).reshape(2, *half)
    u, v = (plane.astype(np.float64).repeat(2, 0).repeat(2, 1) / 224 - 128 / 224 for plane in chroma)
    y = luma(picture, canvas)
    red, blue = y + 1.5748 * v, y + 1.8556 * u
    green = (y - 0.2126 * red - 0.0722 * blue) / 0.7152
    return np.clip(np.stack([red, green, blue], axis=-1), 0, 1)
