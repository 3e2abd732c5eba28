"""How a photo was held: the orientation in its EXIF, read without a library and without trust."""

from typing import Literal

_UPRIGHT = 1
_MOST_PARTS = 4096  # markers, chunks or entries to walk before giving up
_ORIENTATION = 0x0112
_SHORT = 3
_ALONE = {0x01, *range(0xD0, 0xD9)}  # JPEG markers without a length
_ENDS = {0xD9, 0xDA}  # the end, and the start of the picture itself

TURNS = {
    2: "hflip",
    3: "hflip,vflip",
    4: "vflip",
    5: "transpose=cclock_flip",
    6: "transpose=clock",
    7: "transpose=clock_flip",
    8: "transpose=cclock",
}
"""FFmpeg's filters that turn a picture of each orientation upright; 1 needs none."""


def orientation(content: bytes) -> int:
    """1 to 8 as EXIF counts them, for a JPEG, PNG, WebP or TIFF; 1 for anything else, and never an error."""
    if content.startswith(b"\xff\xd8"):
        return _of_tiff(_in_jpeg(content))
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return _of_tiff(_in_png(content))
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _of_tiff(_in_webp(content))
    return _of_tiff(content)


def _in_jpeg(content: bytes) -> bytes:
    at = 2
    for _ in range(_MOST_PARTS):
        mark = content[at : at + 2]
        if len(mark) < 2 or mark[0] != 0xFF or mark[1] in _ENDS:
            break
        if mark[1] == 0xFF:  # padding
            at += 1
        elif mark[1] in _ALONE:
            at += 2
        else:
            size = int.from_bytes(content[at + 2 : at + 4], "big")
            if mark[1] == 0xE1 and content[at + 4 : at + 10] == b"Exif\0\0":
                return content[at + 10 : at + 2 + size]
            at += 2 + max(size, 2)
    return b""


def _in_png(content: bytes) -> bytes:
    at = 8
    for _ in range(_MOST_PARTS):
        size, name = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if name == b"eXIf":
            return content[at + 8 : at + 8 + size]
        if len(name) < 4:
            break
        at += 12 + size
    return b""


def _in_webp(content: bytes) -> bytes:
    at = 12
    for _ in range(_MOST_PARTS):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if name == b"EXIF":
            return content[at + 8 : at + 8 + size].removeprefix(b"Exif\0\0")
        if len(name) < 4:
            break
        at += 8 + size + size % 2
    return b""


def _of_tiff(block: bytes) -> int:
    """The orientation in the first directory of a TIFF structure."""
    if block[:4] == b"II*\0":
        return _of_directory(block, "little")
    if block[:4] == b"MM\0*":
        return _of_directory(block, "big")
    return _UPRIGHT


def _of_directory(block: bytes, order: Literal["little", "big"]) -> int:
    def number(at: int, size: int) -> int:
        return int.from_bytes(block[at : at + size], order)

    start = number(4, 4)
    for index in range(min(number(start, 2), _MOST_PARTS)):
        at = start + 2 + 12 * index
        if number(at, 2) == _ORIENTATION and number(at + 2, 2) == _SHORT:
            held = number(at + 8, 2)
            return held if held in TURNS else _UPRIGHT
    return _UPRIGHT
