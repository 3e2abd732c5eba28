"""A film's inputs and settings, as they travel to another machine."""

from pathlib import Path

import pytest

from voxweave.errors import InputError, StorageError
from voxweave.fleet.parcels import SETTINGS, Parcel, line_of, pack, unpack
from voxweave.jobs.artifacts import Artifacts
from voxweave.settings import Settings, load


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    """A shared folder."""
    return Artifacts.open(str(tmp_path / "shared"))


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """A narration with words, pictures and a storyboard about it, under odd names."""
    pytest.importorskip("obstore", reason="NO OBSTORE: pip install 'voxweave-film[cluster]'")
    folder = tmp_path / "at home"
    (folder / "media").mkdir(parents=True)
    for name in ("talk Nº1.wav", "talk Nº1.srt", "cover.png", "media/2.png", "media/10.png", "media/.hidden"):
        (folder / name).write_bytes(name.encode())
    (folder / "story.toml").write_text(
        '[[scene]]\nstart = "0:00:00.000"\npicture = "media/2.png"\n[[scene]]\nstart = "0:00:02.000"\npicture = "art"\n'
    )
    return folder / "talk Nº1.wav"


def settings(folder: Path, **flags: object) -> Settings:
    """Settings as a command line has them."""
    named = {"cover": str(folder / "cover.png"), "media": str(folder / "media"), "fps": "29.97", **flags}
    return load(named, environ={}, job_file=None, user_file=None).settings


def arrived(parcel: Parcel, artifacts: Artifacts, folder: Path) -> Settings:
    """What the other machine reads of it."""
    folder.mkdir()
    unpack(Parcel.model_validate_json(parcel.to_json()), artifacts, folder)
    return load({}, environ={}, job_file=None, user_file=folder / SETTINGS).settings


def test_a_parcel_arrives_as_it_was_sent(talk: Path, artifacts: Artifacts, tmp_path: Path) -> None:
    """Voice, words beside it and media arrive byte by byte, and settings mean the same there."""
    sent = settings(talk.parent, captions="burn,sidecar", transition_s=0.5, seed=7)
    parcel = pack(talk, talk.with_suffix(".mp4"), sent, {}, artifacts)
    there = tmp_path / "there"
    got = arrived(parcel, artifacts, there)

    voice = there / parcel.narration
    assert voice.read_bytes() == talk.read_bytes()
    assert voice.with_suffix(".srt").read_bytes() == talk.with_suffix(".srt").read_bytes()
    assert sorted(file.name for file in Path(got.media).iterdir()) == ["10.png", "2.png"]
    assert Path(got.cover).read_bytes() == b"cover.png"
    assert Path(got.cover).is_relative_to(there)
    same = {"cover": "", "media": ""}
    assert got.model_copy(update=same) == sent.model_copy(update=same)


def test_a_storyboard_finds_its_pictures(talk: Path, artifacts: Artifacts, tmp_path: Path) -> None:
    """Pictures that a storyboard names by a path travel with it; what is drawn stays drawn."""
    story = {"storyboard": talk.with_name("story.toml")}
    parcel = pack(talk, talk.with_suffix(".mp4"), Settings(), story, artifacts)
    arrived(parcel, artifacts, tmp_path / "there")

    file = tmp_path / "there" / parcel.given["storyboard"]
    assert 'picture = "2.png"' in file.read_text()
    assert 'picture = "art"' in file.read_text()
    assert file.with_name("2.png").read_bytes() == b"media/2.png"
    assert "--storyboard" in line_of(parcel, tmp_path / "there")


def test_the_same_film_is_the_same_parcel_wherever_it_lies(
    talk: Path, artifacts: Artifacts, tmp_path: Path
) -> None:
    """Where files lie and what the machine has set for itself are no part of it; a changed input is."""
    moved = tmp_path / "moved"
    talk.parent.rename(moved)
    one = pack(moved / talk.name, tmp_path / "a" / "talk.mp4", settings(moved, workers=3), {}, artifacts)
    moved.rename(talk.parent)
    other = pack(talk, tmp_path / "b" / "talk.mp4", settings(talk.parent), {}, artifacts)
    talk.write_bytes(b"other words")

    assert one == other
    assert other != pack(talk, tmp_path / "b" / "talk.mp4", settings(talk.parent), {}, artifacts)


def test_what_cannot_be_read_is_not_sent(talk: Path, artifacts: Artifacts) -> None:
    """A narration that is not there is said before anything is put on a queue."""
    with pytest.raises(InputError, match=r"gone\.wav is missing"):
        pack(talk.with_name("gone.wav"), talk.with_suffix(".mp4"), Settings(), {}, artifacts)


@pytest.mark.parametrize("place", ["/etc/passwd", "../out", "in/../../out", ""])
def test_a_parcel_stays_in_its_folder(place: str, artifacts: Artifacts, tmp_path: Path) -> None:
    """No name in a parcel leads out of the folder it is unpacked in."""
    parcel = Parcel(narration="in/a.wav", film="a.mp4", files={place: "0" * 64}, given={}, settings={})

    with pytest.raises(StorageError, match="no place in its folder"):
        unpack(parcel, artifacts, tmp_path)
