"""Where the film goes, and what it may not replace."""

import os
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.film import Canvas
from voxweave.errors import OutputExists, StorageError, UsageError
from voxweave.pipeline.outputs import bytes_needed, check_outputs, outputs_for, spare


@pytest.mark.parametrize(
    ("source", "output", "film"),
    [
        ("talk.mp3", None, "talk.mp4"),
        ("talk.v2.mp3", None, "talk.v2.mp4"),
        ("talk", None, "talk.mp4"),
        ("talk.mp3", "film.mp4", "film.mp4"),
        ("talk.mp3", "film", "film.mp4"),
        ("talk.mp3", "folder", "folder/talk.mp4"),
    ],
)
def test_names(tmp_path: Path, source: str, output: str | None, film: str) -> None:
    """Beside the narration, as named, or in the folder named; companions have the film's own stem."""
    (tmp_path / "folder").mkdir()
    found = outputs_for(tmp_path / source, tmp_path / output if output else None, "mp4")
    stem = (tmp_path / film).with_suffix("").name

    assert found.film == tmp_path / film
    assert (found.report.name, found.thumbnail.name) == (f"{stem}.report.json", f"{stem}.thumbnail.png")
    assert found.sidecar("") == (tmp_path / film).with_name(f"{stem}.und.srt")


def test_a_film_as_narration_is_not_its_own_output(tmp_path: Path) -> None:
    """talk.mp4 becomes talk.film.mp4."""
    (tmp_path / "talk.mp4").write_text("a film")

    assert outputs_for(tmp_path / "talk.mp4", None, "mp4").film.name == "talk.film.mp4"


def test_a_film_that_is_there_is_kept(tmp_path: Path) -> None:
    """A file or even a link to nothing is not replaced without being told to."""
    found = outputs_for(tmp_path / "talk.mp3", None, "mp4")
    check_outputs(found, (), overwrite=False)
    found.film.symlink_to("nothing")

    with pytest.raises(OutputExists, match=r"talk\.mp4 is there already"):
        check_outputs(found, (), overwrite=False)
    check_outputs(found, (), overwrite=True)


def test_no_input_is_replaced(tmp_path: Path) -> None:
    """Neither by the film nor by what lies beside it, through hard links and symbolic ones."""
    given = tmp_path / "given"
    given.write_text("words")
    found = outputs_for(tmp_path / "talk.mp3", None, "mp4")
    for place, link in ((found.film, os.link), (found.report, os.symlink), (found.thumbnail, os.link)):
        link(given, place)
        with pytest.raises(UsageError, match="is an input of this film"):
            check_outputs(found, (given,), overwrite=True)
        place.unlink()
    spare([found.film], [given])


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Told before any work."""
    with pytest.raises(StorageError, match="does not exist"):
        check_outputs(outputs_for(tmp_path / "no" / "talk.mp3", None, "mp4"), (), overwrite=False)


def test_the_room_a_film_needs() -> None:
    """More for more pixels and for longer sound, and never nothing."""
    small, large = (Canvas(width=side, height=side, rate=Fraction(30)) for side in (64, 1080))

    assert bytes_needed(small, Fraction(1)) > 1 << 20
    assert bytes_needed(large, Fraction(60)) > 20 << 20
    assert bytes_needed(small, Fraction(3600)) > 3600 * 24_000
