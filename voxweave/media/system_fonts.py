"""Fonts of the system, for scripts that ours do not have."""

import os
import shutil
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from voxweave.errors import DependencyError, OutOfTime, StorageError
from voxweave.media.child import Child, Surroundings
from voxweave.media.stopping import StopSignal
from voxweave.media.typeface import Typeface, typefaces
from voxweave.places import expanded

_FOLDERS = (
    "~/.local/share/fonts",
    "~/.fonts",
    "/usr/local/share/fonts",
    "/usr/share/fonts",
    "~/Library/Fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
)
_SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
_MOST_FILES = 20_000
_MOST_OPENED = 30
_FC_LIST_S = 30

# What a script's fonts are called, best first, as a file's name has it without spaces and dashes.
_CALLED = {
    "CJK": (
        "notosanscjk",
        "notosanssc",
        "notosansjp",
        "notosanskr",
        "notosanstc",
        "sourcehansans",
        "pingfang",
        "hiraginosans",
        "applesdgothic",
        "wqyzenhei",
        "wqymicrohei",
        "droidsansfallback",
        "unifont",
    ),
    "ARABIC": ("notosansarabic", "notonaskharabic", "notokufiarabic", "geezapro", "amiri", "dejavusans"),
    "HEBREW": ("notosanshebrew", "arialhebrew", "dejavusans"),
    "DEVANAGARI": ("notosansdevanagari", "kohinoordevanagari", "lohitdevanagari", "mangal"),
    "THAI": ("notosansthai", "notosansthailooped", "thonburi", "loma", "garuda"),
}
_ANYTHING = ("notosans", "dejavusans", "noto", "arialunicode", "unifont")
_EAST_ASIAN = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "IDEOGRAPHIC",
    "FULLWIDTH",
    "HALFWIDTH",
    "BOPOMOFO",
    "YI",
)
_UNLIKE_OURS = (
    "italic",
    "oblique",
    "condensed",
    "thin",
    "light",
    "black",
    "mono",
    "serif",
    "display",
    "demilight",
)


def script_of(char: str) -> str:
    """The script a letter belongs to, by its Unicode name; East Asian ones are one."""
    first = unicodedata.name(char, "UNNAMED").split()[0].split("-")[0]
    return "CJK" if first in _EAST_ASIAN else first


def faces_for(script: str, letters: str) -> Iterator[Typeface]:
    """Faces that may have the letters, best first; a bounded number of files is opened."""
    for path in sorted(font_files(), key=lambda path: _rank(path, script))[:_MOST_OPENED]:
        yield from sorted(
            typefaces(path), key=lambda face: (_foreign(face, letters), len(face.lacks(letters)))
        )


def faces_named(family: str) -> list[Typeface]:
    """The faces of a family, found by the names of its files; upright ones first."""
    start = _plain(family)
    files = [path for path in font_files() if _plain(path.stem).startswith(start)]
    ranked = sorted(files, key=lambda path: (_unlike(path), str(path)))[:_MOST_OPENED]
    return [face for path in ranked for face in typefaces(path) if face.family == family]


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")


def _unlike(path: Path) -> int:
    return sum(style in _plain(path.stem) for style in _UNLIKE_OURS)


def _rank(path: Path, script: str) -> tuple[int, int, int, str]:
    """How good a file promises to be: by its name's script, weight and style."""
    name = _plain(path.stem)
    wanted = (*_CALLED.get(script, ()), f"notosans{script.lower()}", f"noto{script.lower()}", *_ANYTHING)
    called = next((n for n, start in enumerate(wanted) if name.startswith(start)), len(wanted))
    weight = 0 if "semibold" in name else 1 if "bold" in name and "extra" not in name else 2
    return called, _unlike(path), weight, str(path)


def _foreign(face: Typeface, letters: str) -> int:
    """Which of a collection's regional faces suits: kana ask for Japanese, hangul for Korean."""
    names = {unicodedata.name(char, "").split(" ")[0] for char in letters}
    region = "JP" if names & {"HIRAGANA", "KATAKANA"} else "KR" if "HANGUL" in names else "SC"
    return 0 if face.family.endswith(region) else 1 if "Mono" not in face.family else 2


@cache
def font_files() -> tuple[Path, ...]:
    """Every font file of the system: as fontconfig lists them, else as the usual folders have them."""
    listed = _listed()
    found = listed or [path for folder in _FOLDERS for path in _walked(expanded(folder))]
    return tuple(dict.fromkeys(found[:_MOST_FILES]))


def _listed() -> list[Path]:
    program = shutil.which("fc-list")
    if program is None:
        return []
    around = Surroundings(env=_where_fonts_are_told())
    args = [program, "--format", "%{file}\n"]
    try:
        with Child(args, StopSignal(), around=around, limit_s=_FC_LIST_S) as child:
            answer = child.stdout.read()
            if child.wait():
                return []
    except (DependencyError, StorageError, OutOfTime):
        return []  # the folders are looked through instead
    paths = (Path(os.fsdecode(line)) for line in answer.splitlines())
    return sorted(path for path in paths if path.suffix.lower() in _SUFFIXES)


def _where_fonts_are_told() -> dict[str, str]:
    """What fontconfig reads of our environment."""
    return {name: value for name, value in os.environ.items() if name.startswith(("XDG_", "FONTCONFIG_"))}


def _walked(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(root, name) for name in sorted(files) if name.lower().endswith(_SUFFIXES))
