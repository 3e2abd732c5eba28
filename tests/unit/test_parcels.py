"""A film's inputs and settings, as they travel to another machine."""

from pathlib import Path

import pytest

from voxweave.errors import InputError, StorageError
from voxweave.fleet.parcels import SETTINGS, Parcel, Variant, line_of, pack, unpack
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
    """Voice, words beside it and media arrive byte by byte, and settings mean the same there; who runs it decides its sandbox."""
    sent = settings(
        talk.parent, captions="burn,sidecar", transition_s=0.5, seed=7, sandbox="off", order_deadline_s=1_200
    )
    parcel = pack(talk, [Variant(talk.with_suffix(".mp4"), sent)], {}, artifacts)
    there = tmp_path / "there"
    got = arrived(parcel, artifacts, there)

    voice = there / parcel.narration
    assert voice.read_bytes() == talk.read_bytes()
    assert voice.with_suffix(".srt").read_bytes() == talk.with_suffix(".srt").read_bytes()
    assert sorted(file.name for file in Path(got.media).iterdir()) == ["10.png", "2.png"]
    assert Path(got.cover).read_bytes() == b"cover.png"
    assert Path(got.cover).is_relative_to(there)
    assert got.sandbox == "auto"
    assert "order_deadline_s" in got.model_fields_set  # as long as the usual, and meant all the same
    same = {"cover": "", "media": "", "sandbox": "auto"}
    assert got.model_copy(update=same) == sent.model_copy(update=same)


def test_a_storyboard_finds_its_pictures(talk: Path, artifacts: Artifacts, tmp_path: Path) -> None:
    """Pictures that a storyboard names by a path travel with it; what is drawn stays drawn."""
    story = {"storyboard": talk.with_name("story.toml")}
    parcel = pack(talk, [Variant(talk.with_suffix(".mp4"), Settings())], story, artifacts)
    arrived(parcel, artifacts, tmp_path / "there")

    file = tmp_path / "there" / parcel.given["storyboard"]
    assert 'picture = "2.png"' in file.read_text()
    assert 'picture = "art"' in file.read_text()
    assert file.with_name("2.png").read_bytes() == b"media/2.png"
    assert "--storyboard" in line_of(parcel, tmp_path / "there")


def test_a_storyboard_is_read_as_make_reads_it(talk: Path, artifacts: Artifacts) -> None:
    """With the mark that some editors put in front; what is no file of words is one line."""
    story = talk.with_name("story.toml")
    story.write_bytes(b"\xef\xbb\xbf" + story.read_bytes())
    variants = [Variant(talk.with_suffix(".mp4"), Settings())]
    assert pack(talk, variants, {"storyboard": story}, artifacts).given["storyboard"]

    with pytest.raises(InputError, match=r"media is a folder"):
        pack(talk, variants, {"storyboard": talk.with_name("media")}, artifacts)


def test_the_same_film_is_the_same_parcel_wherever_it_lies(
    talk: Path, artifacts: Artifacts, tmp_path: Path
) -> None:
    """Where files lie and what the machine has set for itself are no part of it; a changed input is."""
    moved = tmp_path / "moved"
    talk.parent.rename(moved)
    at_a = Variant(tmp_path / "a" / "talk.mp4", settings(moved, workers=3))
    one = pack(moved / talk.name, [at_a], {}, artifacts)
    moved.rename(talk.parent)
    at_b = Variant(tmp_path / "b" / "talk.mp4", settings(talk.parent))
    other = pack(talk, [at_b], {}, artifacts)
    talk.write_bytes(b"other words")

    assert one == other
    assert other != pack(talk, [at_b], {}, artifacts)


def test_what_cannot_be_read_is_not_sent(talk: Path, artifacts: Artifacts) -> None:
    """A narration that is not there is said before anything is put on a queue."""
    with pytest.raises(InputError, match=r"gone\.wav is missing"):
        pack(talk.with_name("gone.wav"), [Variant(talk.with_suffix(".mp4"), Settings())], {}, artifacts)


def test_films_of_several_presets_travel_together(talk: Path, artifacts: Artifacts, tmp_path: Path) -> None:
    """One line makes them there; each has the settings it was sent with, though the presets are known here alone."""
    own = tmp_path / "own.toml"
    (talk.parent / "other").mkdir()
    (talk.parent / "other" / "3.png").write_bytes(b"3")
    own.write_text(
        f'resolution = "720p"\nfont = "DejaVu Sans"\n[presets.tall]\naspect = "9:16"\nmedia = "{talk.parent / "other"}"\n'
        '[presets.exact]\nresolution = "320x180"\nformat = "webm"\nfont = ""\ncaptions = "soft"\n'
    )
    sent = [
        load({"preset": name, "seed": 7}, environ={}, job_file=None, user_file=own).settings
        for name in ("tall", "exact")
    ]
    films = [Variant(talk.with_suffix(f".{one.preset}.{one.container()}"), one) for one in sent]
    parcel = pack(talk, films, {}, artifacts)
    there = tmp_path / "there"
    arrived(parcel, artifacts, there)
    got = [
        load({"preset": one.preset}, environ={}, job_file=None, user_file=there / SETTINGS).settings
        for one in sent
    ]
    line = line_of(parcel, there)

    assert [part.film for part in parcel.parts] == ["talk Nº1.tall.mp4", "talk Nº1.exact.webm"]
    assert line[line.index("-o") + 1 :][:1] == (f"{there / 'out'}/",)
    assert line[line.index("--preset") + 1] == "tall,exact"
    assert Path(got[0].media, "3.png").read_bytes() == b"3"
    same = {"media": "", "format": ""}
    assert [one.model_copy(update=same) for one in got] == [one.model_copy(update=same) for one in sent]
    turned = parcel.model_copy(update={"parts": parcel.parts[::-1]})
    assert turned.decides != parcel.decides  # orders are made for the first one's shape


@pytest.mark.parametrize("place", ["/etc/passwd", "../out", "in/../../out", ""])
def test_a_parcel_stays_in_its_folder(place: str, artifacts: Artifacts, tmp_path: Path) -> None:
    """No name in a parcel leads out of the folder it is unpacked in."""
    parcel = Parcel(narration="in/a.wav", film="a.mp4", files={place: "0" * 64}, given={}, settings={})

    with pytest.raises(StorageError, match="no place in its folder"):
        unpack(parcel, artifacts, tmp_path)
