"""A font file that a user names: opened with care, and read by a program under limits."""

import json
import os
import sys
from functools import lru_cache
from pathlib import Path

import fontTools

from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import InputError
from voxweave.media import font_child
from voxweave.media.child import Child, Limits, Surroundings
from voxweave.media.files import fingerprint, opened
from voxweave.media.stopping import StopSignal
from voxweave.media.typeface import Typeface
from voxweave.places import expanded

_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_WEB = (b"wOFF", b"wOF2")
_MOST_BYTES = 64 << 20
"""The largest of Noto's Chinese, Japanese and Korean collections has 20 MB."""
_LIMITS = Limits(memory_mb=300, cpu_s=8)
_TIME_S = 120
"""For a machine with so much to do that eight seconds of its processor take long."""
_ANSWER_BYTES = 16 << 20
"""Those collections have half a million letters, of 16 bytes each."""


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
    media = fingerprint(path, "the font")
    if not faces_in(media):
        raise InputError(
            f"{name} is a damaged font, or its family has a comma or the like in its name",
            hint="try another, or a family's name",
        )
    return media


@lru_cache(maxsize=4)
def faces_in(font: MediaFile) -> tuple[Typeface, ...]:
    """The faces of a font file; none where it is damaged, or takes more time or memory than any honest font.

    OutOfTime where the machine has too much to do.
    """
    folders = [Path(module.__file__ or "").parents[up] for module, up in ((font_child, 2), (fontTools, 1))]
    with opened(font.path, "the font") as fd:
        args = [sys.executable, "-I", font_child.__file__, f"/dev/fd/{fd}"]
        around = Surroundings(fds=(fd,), limits=_LIMITS)
        with Child([*args, *map(str, folders)], StopSignal(), around=around, limit_s=_TIME_S) as child:
            answer = child.stdout.read(_ANSWER_BYTES + 1)
            if len(answer) > _ANSWER_BYTES or child.wait(f"reading {font.path.name}") != 0:
                return ()
    return tuple(Typeface(**{**face, "path": font.path}) for face in json.loads(answer))
