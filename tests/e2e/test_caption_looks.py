"""Looks, preview and check as a user runs them; burned, soft and beside the film from one plan."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pysubs2
import pytest

from tests.e2e.command import voxweave
from tests.e2e.conftest import WORDS, Made, Make
from tests.e2e.reading import look_at, pictures
from voxweave.errors import Exit

BAD = "1\n00:00:00,200 --> 00:00:00,400\nFar too much to read in so short a time, whoever reads it\n"


@pytest.fixture(scope="module")
def made(make: Make, spoken: Path) -> Made:
    """A film with its captions in every way at once, in a look that lights words."""
    ways = ("--captions", "burn,soft,sidecar", "--caption-files", "srt,vtt,ass")
    return make(
        spoken, *ways, "--caption-look", "karaoke", "--resolution", "640x360", "--no-progress-line", txt=WORDS
    )


def beside(made: Made, kind: str) -> list[tuple[int, int, str]]:
    """The cues of a file beside the film, as start, end and text."""
    file = pysubs2.load(str(made.film.with_suffix(f".en.{kind}")))
    return [(event.start, event.end, event.plaintext) for event in file]


def test_every_way_has_the_same_words_and_times(made: Made) -> None:
    """SRT, WebVTT, ASS and the soft track say the same; only ASS rounds to a hundredth of a second."""
    srt, vtt, ass = (beside(made, kind) for kind in ("srt", "vtt", "ass"))
    soft = [(round(1000 * start), round(1000 * end), text) for start, end, text in made.seen.cues]

    assert len(srt) >= 3
    assert srt == vtt
    for others in (ass, soft):
        assert [text for _, _, text in others] == [text for _, _, text in srt]
        for one, other in zip(srt, others, strict=True):
            assert one[:2] == pytest.approx(other[:2], abs=5)


def test_burned_captions_keep_the_times_of_the_files(made: Made) -> None:
    """The picture has letters where the files have a cue, and none in the gap between two."""
    srt = beside(made, "srt")
    rate = Fraction(30)
    middles = [round(rate * (start + end) / 2000) for start, end, _ in srt[1:3]]

    for frame in pictures(made.film, middles):
        box = frame[280:340, 100:540].astype(int)
        assert (box > 180).mean() > 0.02


def test_a_made_film_passes_its_own_check(made: Made) -> None:
    """What `make` delivers has no finding, on its frames neither; the report says so, too."""
    folder = made.film.parent
    told = voxweave(
        "captions", "check", made.film.with_suffix(".en.srt"), "--video", made.film,
        "--caption-look", "karaoke", "--strict", "--json", cwd=folder,
    )  # fmt: skip

    assert told.status == 0, told.out
    assert told.report["flaws"] == []
    assert made.report["captions"]["drawn"] == []
    assert "with the letters in the picture" in told.report["measured"][0]


def test_a_bad_file_is_told_line_by_line(tmp_path: Path, made: Made) -> None:
    """Each finding has cue, time, rule, value and limit; only --strict makes it a failure."""
    (tmp_path / "bad.srt").write_text(BAD + "\n2\n00:01:00,000 --> 00:01:02,000\nLate\n")
    told = voxweave("captions", "check", "bad.srt", "--video", made.film, cwd=tmp_path)
    strict = voxweave("captions", "check", "bad.srt", "--strict", "--profile", "bbc", cwd=tmp_path)

    assert (told.status, strict.status) == (0, 9)
    assert any(line.split()[:4] == ["1", "0:00:00.200", "shortest", "200"] for line in told.out.splitlines())
    assert "past the end" in told.out
    assert "findings" in told.err
    assert "bbc" in strict.err


@pytest.mark.parametrize("name", ["gone.srt", "sound.srt", "odd.json"])
def test_what_cannot_be_read_is_refused(tmp_path: Path, spoken: Path, name: str) -> None:
    """Status 3 and one line, without a traceback."""
    shutil.copy(spoken, tmp_path / "sound.srt")
    (tmp_path / "odd.json").write_text("[1, 2]")

    told = voxweave("captions", "check", name, cwd=tmp_path)

    assert (told.status, len(told.lines)) == (3, 1)


def test_a_preview_is_a_still_and_five_seconds(tmp_path: Path, spoken: Path) -> None:
    """Named for narration and look, of the film's size, with its sound; nothing else is left beside them."""
    shutil.copy(spoken, tmp_path / "talk.mp3")
    (tmp_path / "talk.txt").write_text(WORDS)
    size = ("--resolution", "480x270")

    told = voxweave("captions", "preview", "--look", "neon", "talk.mp3", *size, "-q", cwd=tmp_path)

    assert told.status == 0, told.err
    assert told.out.split() == ["talk.neon.png", "talk.neon.mp4"]
    seen = look_at(tmp_path / "talk.neon.mp4")
    assert (seen.size, seen.frames) == ((480, 270), 150)
    assert float(seen.heard) == pytest.approx(5, abs=0.1)
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {".voxweave", "talk.mp3", "talk.txt", "talk.neon.png", "talk.neon.mp4"}
    (still,) = pictures(tmp_path / "talk.neon.mp4", [75])
    assert np.ptp(still[200:255, 100:380]) > 100


@pytest.mark.parametrize("name", ["talk.neon.png", "talk.neon.mp4"])
def test_a_preview_replaces_no_other_file(tmp_path: Path, name: str) -> None:
    """What lies under its name is kept, unless an earlier preview wrote it or `--overwrite` is said."""
    (tmp_path / "talk.mp3").write_bytes(b"never read")
    (tmp_path / name).write_bytes(b"somebody's own")

    told = voxweave("captions", "preview", "--look", "neon", "talk.mp3", cwd=tmp_path)

    assert (told.status, f"{name} is there already" in told.err) == (Exit.STORAGE, True), told.err
    assert (tmp_path / name).read_bytes() == b"somebody's own"


def test_looks_are_listed_and_shown(tmp_path: Path) -> None:
    """Names with a sentence each; a look's TOML is the start of one's own."""
    listed = json.loads(voxweave("captions", "looks", "--json", cwd=tmp_path).out)
    shown = voxweave("captions", "look", "hype", cwd=tmp_path)
    (tmp_path / "mine.toml").write_text(shown.out.replace("#ffd60a", "#00ff66"))

    assert {"classic", "boxed", "karaoke", "pop", "underline", "neon", "minimal", "hype"} <= set(listed)
    assert voxweave("captions", "look", "mine.toml", cwd=tmp_path).status == 0
    wrong = voxweave("captions", "look", "klassic", cwd=tmp_path)
    assert (wrong.status, "did you mean classic?" in wrong.err) == (2, True)
