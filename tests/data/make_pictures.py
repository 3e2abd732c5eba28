"""Pictures of known colours: turned by EXIF, see-through, in each format."""

import struct
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

RED, GREEN, BLUE, GREY = (220, 20, 20), (20, 200, 20), (20, 20, 220), (96, 96, 96)
Picture = NDArray[np.uint8]


def plain(colour: tuple[int, int, int], width: int = 640, height: int = 360) -> Picture:
    """One colour, as red, green, blue."""
    return np.full((height, width, 3), colour, np.uint8)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Picture:
    """Two colours side by side."""
    return np.hstack([plain(left, 320), plain(right, 320)])


def save(path: Path, picture: Picture) -> Path:
    """Written in the format of its suffix."""
    order = cv2.COLOR_RGBA2BGRA if picture.shape[2] == 4 else cv2.COLOR_RGB2BGR
    assert cv2.imwrite(str(path), cv2.cvtColor(picture, order))
    return path


def turned(path: Path, picture: Picture, orientation: int) -> Path:
    """A JPEG whose EXIF says how the camera was held."""
    save(path, picture)
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = (
        b"Exif\0\0" + struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", 1) + entry + struct.pack("<I", 0)
    )
    jpeg = path.read_bytes()
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:])
    return path
