"""Damaged fonts are none; what we ask about the system's own hears no key."""

import struct
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables.DefaultTable import DefaultTable

from voxweave.errors import InputError
from voxweave.media.font_file import checked_font
from voxweave.media.fonts import fonts_folder
from voxweave.media.system_fonts import font_files
from voxweave.media.typeface import typefaces

_GROUPS = struct.pack(">HHIIIIII", 12, 0, 28, 0, 1, 0, 0x7FFFFFFF, 0)
_RANGES = struct.pack(">7H", 4, 0, 0, 80, 0, 0, 0) + b"\xff\xff" * 40 + bytes(2) + bytes(80)
_ONE = struct.pack(">HHHHI", 0, 1, 3, 10, 12)


@pytest.mark.parametrize(
    ("tag", "raw"),
    [
        ("head", b""),
        ("OS/2", b"\0\1"),
        ("hmtx", b"\0"),
        ("post", b"\0\2\0\0" + bytes(28) + b"\xff\xff"),
        ("cmap", _ONE + _GROUPS),
        ("cmap", _ONE + _RANGES),
    ],
)
def test_a_damaged_font_is_none(tag: str, raw: bytes, tmp_path: Path) -> None:
    """Cut tables, an em of nothing, and billions of letters in few bytes: refused, not a bug and not for ever."""
    with TTFont(fonts_folder() / "VoxWeaveSerif-Bold.ttf") as font:
        if raw:
            font[tag] = DefaultTable(tag)
            font[tag].data = raw
        else:
            font["head"].unitsPerEm = 0
        font.save(tmp_path / "mine.ttf", reorderTables=False)
    assert typefaces(tmp_path / "mine.ttf") == ()


@pytest.mark.parametrize("family", ["Serif, Bold", "Two\nlines", "A}{\\fs9", "\x85"])
def test_a_font_that_a_style_cannot_name_is_none(family: str, tmp_path: Path) -> None:
    """A family's name with commas, new lines or braces would shift the fields of subtitles."""
    with TTFont(fonts_folder() / "VoxWeaveSerif-Bold.ttf") as font:
        font["name"].setName(family, 1, 3, 1, 0x409)
        font.save(tmp_path / "mine.ttf")

    with pytest.raises(InputError, match="comma or the like"):
        checked_font(tmp_path / "mine.ttf")


def test_fontconfig_is_told_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets what it needs of our environment, and nothing else."""
    program = tmp_path / "fc-list"
    program.write_text(f"#!/bin/sh\nexport -p > '{tmp_path}/given'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("VOXWEAVE_OPENAI_KEY", "sk-secret")
    monkeypatch.setenv("XDG_DATA_HOME", "/kept")
    font_files.cache_clear()
    font_files()
    font_files.cache_clear()
    given = (tmp_path / "given").read_text()
    assert "sk-secret" not in given
    assert "/kept" in given
