"""The orientation in a photo's EXIF, whatever its bytes."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave.media.exif import orientation


def exif_block(turn: int, order: str = ">") -> bytes:
    """A TIFF structure that holds an orientation after another entry."""
    mark = b"MM\0*" if order == ">" else b"II*\0"
    width = struct.pack(order + "HHII", 0x100, 4, 1, 640)
    entry = struct.pack(order + "HHIHH", 0x112, 3, 1, turn, 0)
    return mark + struct.pack(order + "IH", 8, 2) + width + entry + bytes(4)


def as_jpeg(block: bytes) -> bytes:
    """The start of a JPEG with a JFIF mark, padding, and the block."""
    app0 = b"\xff\xe0" + struct.pack(">H", 7) + b"JFIF\0"
    body = b"Exif\0\0" + block
    return b"\xff\xd8" + app0 + b"\xff\xff\xe1" + struct.pack(">H", len(body) + 2) + body + b"\xff\xda"


def as_png(block: bytes) -> bytes:
    """The start of a PNG with the block in a chunk."""
    head = struct.pack(">I", 13) + b"IHDR" + bytes(17)
    return b"\x89PNG\r\n\x1a\n" + head + struct.pack(">I", len(block)) + b"eXIf" + block + bytes(4)


def as_webp(block: bytes) -> bytes:
    """The start of a WebP with an odd chunk and the block."""
    odd = b"VP8X" + struct.pack("<I", 3) + bytes(4)
    return b"RIFF" + bytes(4) + b"WEBP" + odd + b"EXIF" + struct.pack("<I", len(block)) + block


WRAPPERS = (as_jpeg, as_png, as_webp, bytes)


@pytest.mark.parametrize("wrap", WRAPPERS)
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("turn", range(1, 9))
def test_each_orientation_is_found(wrap, order: str, turn: int) -> None:  # type: ignore[no-untyped-def]
    """All eight are read from JPEG, PNG, WebP and TIFF, in both byte orders."""
    assert turn == orientation(wrap(exif_block(turn, order)))


@pytest.mark.parametrize("wrap", WRAPPERS)
def test_a_turn_that_does_not_exist_is_none(wrap) -> None:  # type: ignore[no-untyped-def]
    """Only 1 to 8 mean something."""
    assert [1, 1, 1] == [orientation(wrap(exif_block(turn))) for turn in (0, 9, 65535)]


@given(st.binary(max_size=400), st.sampled_from(WRAPPERS), st.booleans())
def test_no_bytes_make_it_fail(noise: bytes, wrap, behind: bool) -> None:  # type: ignore[no-untyped-def]
    """Any bytes, within a file or alone, give an orientation."""
    content = wrap(exif_block(6)[:20] + noise) if behind else wrap(noise)
    assert orientation(content) in range(1, 9)


@given(st.integers(0, 200), st.integers(0, 255), st.sampled_from(WRAPPERS))
def test_a_changed_byte_does_no_harm(place: int, byte: int, wrap) -> None:  # type: ignore[no-untyped-def]
    """A file damaged or cut anywhere gives an orientation."""
    content = bytearray(wrap(exif_block(6)))
    place %= len(content)
    content[place] = byte
    assert orientation(bytes(content)) in range(1, 9)
    assert orientation(bytes(content[:place])) in range(1, 9)
