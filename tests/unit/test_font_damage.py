"""Damaged fonts are none; what we ask about the system's own hears no key."""

import resource
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


def _names(count: int) -> bytes:
    """Records that all share one string."""
    ids = [1, *[300] * (count - 1)]
    records = [struct.pack(">6H", 3, 1, 0x409, name, 20 if name == 1 else 65535, 0) for name in ids]
    return struct.pack(">3H", 0, count, 6 + 12 * count) + b"".join(records) + b"\0A" * 40_000


def _tables(count: int, size: int) -> bytes:
    """Tables of letters that overlap, each as long as the whole."""
    first = 4 + 8 * count
    places = [struct.pack(">HHI", 0 if n else 3, 4 if n else 10, first + 20 * n) for n in range(count)]
    heads = [struct.pack(">HHIIII", 10, 0, size - 20 * n, 0, 32, 0) for n in range(count)]
    return struct.pack(">HH", 0, count) + b"".join(places + heads) + bytes(size)


def _collection(font: bytes, count: int) -> bytes:
    """One font, offered many times."""
    moved, by = bytearray(font), 12 + 4 * count
    for at in range(20, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16):
        struct.pack_into(">I", moved, at, struct.unpack_from(">I", font, at)[0] + by)
    return b"ttcf" + struct.pack(">II", 1 << 16, count) + struct.pack(">I", by) * count + moved


@pytest.mark.parametrize("tag", ["name", "cmap", "ttcf"])
def test_a_font_that_takes_the_memory_takes_that_of_another_program(tag: str, tmp_path: Path) -> None:
    """Small files that unfold to hundreds of megabytes: refused, and our own memory stays as it was."""
    mine = tmp_path / "mine.ttf"
    with TTFont(fonts_folder() / "VoxWeaveSerif-Bold.ttf") as font:
        if tag != "ttcf":
            font[tag] = DefaultTable(tag)
            font[tag].data = _names(5400) if tag == "name" else _tables(200, 4 << 20)
        font.save(mine, reorderTables=False)
    if tag == "ttcf":
        mine.write_bytes(_collection(mine.read_bytes(), 2000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=r"mine\.ttf is a damaged font"):
        checked_font(mine)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000
