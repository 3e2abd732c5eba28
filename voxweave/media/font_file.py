"""A font file that a user names: opened with care, and known to be a font before anything reads it."""

import os
from pathlib import Path

from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import InputError
from voxweave.media.files import fingerprint, opened
from voxweave.media.typeface import typefaces
from voxweave.places import expanded

_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_WEB = (b"wOFF", b"wOF2")
_MOST_BYTES = 64 << 20
"""The largest of Noto's Chinese, Japanese and Korean collections has 20 MB."""


def names_a_file(font: str) -> bool:
    """Whether a font is named by its file, not by its family."""
    return font.lower().endswith(_SUFFIXES) or os.sep in font


def checked_font(path: Path) -> MediaFile:
    """A font file that can be used; InputError says what is wrong with it."""
    path = expanded(path)
    name = printable(path.name)
    with opened(path, "the font") as fd:
        head, size = os.pread(fd, 4, 0), os.fstat(fd).st_size
    if head in _WEB:
        raise InputError(f"{name} is a font for web pages", hint="give it as .ttf or .otf")
    if head not in _KINDS or size > _MOST_BYTES:
        reason = f"is larger than {_MOST_BYTES >> 20} MB" if head in _KINDS else "is not a font"
        raise InputError(f"{name} {reason}", hint="give a .ttf or .otf file, or a family's name")
    if not typefaces(path):
        raise InputError(
            f"{name} is a damaged font, or its family has a comma or the like in its name",
            hint="try another, or a family's name",
        )
    return fingerprint(path, "the font")
