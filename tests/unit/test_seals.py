"""Seals: a file of ours is used again only while it holds what it held."""

from pathlib import Path

import pytest

from voxweave.media.seals import intact, seal


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A file as it is once it has its name."""
    file, part = tmp_path / "scene.mp4", tmp_path / "scene.part"
    part.write_bytes(bytes(range(256)) * 40)
    seal(part, file)
    part.rename(file)
    return file


def test_whole_is_intact(sealed: Path) -> None:
    """What nobody touched is as it was."""
    assert intact(sealed)


def test_one_bit_is_noticed(sealed: Path) -> None:
    """A single bit that the disk turned breaks the seal."""
    data = bytearray(sealed.read_bytes())
    data[5000] ^= 1
    sealed.write_bytes(data)

    assert not intact(sealed)


@pytest.mark.parametrize("length", [0, 10_239])
def test_cut_short_is_noticed(sealed: Path, length: int) -> None:
    """So is a file that lost its end, or everything."""
    sealed.write_bytes(sealed.read_bytes()[:length])

    assert not intact(sealed)


def test_without_a_seal_nothing_is_vouched_for(sealed: Path) -> None:
    """A file nobody sealed, and a seal without its file, count as absent."""
    sealed.with_suffix(".sha256").unlink()
    assert not intact(sealed)
    assert not intact(sealed.with_name("other.mp4"))
