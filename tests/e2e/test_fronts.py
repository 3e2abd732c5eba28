"""What the command writes and says: storyboard, labels, card, thumbnail, report, events, several films."""

import json
import os
import re
import shutil
import stat
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import Ffmpeg
from tests.data.make_pictures import GREEN, GREY, RED, plain, save
from tests.e2e.command import leftovers, voxweave
from tests.e2e.conftest import SAMPLES, WORDS, Made, Make
from tests.e2e.reading import colours_at, look_at, pictures

TINY = ("--resolution", "64x64", "--captions", "none", "--no-thumbnail")
CUT = ("--scene-min-s", "2", "--scene-max-s", "5")


@pytest.fixture(scope="module")
def planned(spoken: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a narration and its storyboard."""
    folder = tmp_path_factory.mktemp("planned")
    shutil.copy(spoken, folder / "talk.mp3")
    (folder / "talk.txt").write_text(WORDS)
    told = voxweave("plan", "talk.mp3", *CUT, cwd=folder)
    assert told.status == 0, told.err
    (folder / "printed").write_text(told.out)
    return folder


def test_plan_prints_and_writes_the_storyboard(planned: Path) -> None:
    """A line for each scene on stdout, the same scenes as TOML a person can edit."""
    text = (planned / "talk.storyboard.toml").read_text()
    printed = (planned / "printed").read_text().splitlines()

    assert text.count("[[scene]]") == len(printed) == 3
    assert 'text = "Hey, welcome back to Signal Path,"' in text
    assert not list(planned.glob("*.mp4"))


def test_plan_keeps_an_edited_storyboard(planned: Path) -> None:
    """A second plan does not write over what a person may have edited."""
    before = (planned / "talk.storyboard.toml").read_bytes()
    told = voxweave("plan", "talk.mp3", *CUT, cwd=planned)

    assert told.status == 8
    assert (planned / "talk.storyboard.toml").read_bytes() == before


def test_an_edited_storyboard_is_followed(planned: Path) -> None:
    """Scenes removed, moved and given pictures: the film has them so, paths counting from the file's folder."""
    (planned / "edit").mkdir()
    save(planned / "edit" / "red.png", plain(RED))
    rows = ('start = "0:00:00.000"\npicture = "red.png"\n', 'start = "0:00:04.321"\n')
    (planned / "edit" / "mine.toml").write_text("".join(f"[[scene]]\n{row}\n" for row in rows))
    told = voxweave(
        "make", "talk.mp3", "-o", "edited.mp4", "--storyboard", "edit/mine.toml", *TINY, cwd=planned
    )
    scenes = json.loads((planned / "edited.report.json").read_text())["scenes"]

    assert told.status == 0, told.err
    assert [(scene["source"], scene["first_frame"]) for scene in scenes] == [("folder", 0), ("art", 130)]
    assert np.abs(colours_at(planned / "edited.mp4", 60)[32, 32].astype(int) - RED).max() < 40


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml [",
        '[[scene]]\nstart = "0:00:01.000"\n',
        '[[scene]]\nstart = "0:00:00.000"\n[[scene]]\nstart = "0:00:00.000"\n',
        '[[scene]]\nstart = "0:00:00.000"\n[[scene]]\nstart = "0:00:59.000"\n',
        '[[scene]]\nstart = "soon"\n',
        '[[scene]]\nstart = "0:00:00.000"\npicture = "missing.png"\n',
        '[[scene]]\nstart = "0:00:00.000"\nbegin = 1\n',
        "[[scene]]\nstart = 0\n",
        "scene = 1\n",
        "\x00",
    ],
)
def test_a_wrong_storyboard_is_one_line(planned: Path, text: str) -> None:
    """A storyboard that cannot be is refused with the file and the scene named, before any work."""
    (planned / "wrong.toml").write_text(text)
    told = voxweave(
        "make", "talk.mp3", "-o", "wrong.mp4", "--storyboard", "wrong.toml", *TINY, "-q", cwd=planned
    )

    assert (told.status, len(told.lines), told.out) == (3, 1, "")
    assert re.search(r"wrong\.toml|missing\.png", told.err)
    assert not (planned / "wrong.mp4").exists()


@pytest.fixture(scope="module")
def labelled(ffmpeg: Ffmpeg, sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A narration with tags and chapters, some of them odd."""
    folder = tmp_path_factory.mktemp("labelled")
    chapters = "".join(
        f"[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={end}\ntitle={title}\n"
        for start, end, title in ((0, 4000, "One"), (4000, 8000, "Two \\= \\; \\#"), (8000, 11000, "Three"))
    )
    (folder / "labels").write_text(
        f";FFMETADATA1\ntitle=A \\= talk\nartist=Ann\ndate=2026\nalbum=Talks\n{chapters}"
    )
    ffmpeg(
        "-i",
        sounds / "talk.wav",
        "-f",
        "ffmetadata",
        "-i",
        folder / "labels",
        "-map_metadata",
        "1",
        folder / "talk.m4a",
    )
    return folder / "talk.m4a"


@pytest.mark.parametrize("output", ["talk.mp4", "talk.mov", "talk.webm"])
def test_tags_and_chapters_are_carried_over(make: Make, labelled: Path, output: str) -> None:
    """Title, artist, date and every chapter of the narration are in the film."""
    made = make(labelled, *TINY, output=output)

    assert {name: made.seen.tags.get(name) for name in ("title", "artist")} == {
        "title": "A = talk",
        "artist": "Ann",
    }
    assert "2026" in str(made.seen.tags)
    assert [title for _, _, title in made.seen.chapters] == ["One", "Two = ; #", "Three"]
    assert [start for start, _, _ in made.seen.chapters] == pytest.approx([0, 4, 8], abs=0.002)


def test_flags_come_before_tags(make: Make, labelled: Path) -> None:
    """--title and --artist take the place of what the file says."""
    tags = make(labelled, *TINY, "--title", "Mine", "--artist", "Me").seen.tags

    assert (tags["title"], tags["artist"]) == ("Mine", "Me")


def test_the_title_card_comes_and_goes(make: Make, sounds: Path, tmp_path: Path) -> None:
    """The title stands in the picture for the first seconds, and then no more."""
    save(tmp_path / "grey.png", plain(GREY))
    flags = ("--media", tmp_path, "--captions", "none", "--no-progress-line", "--resolution", "640x360")
    made = make(sounds / "talk.wav", *flags, "--title", "The Title")
    before, during, after = pictures(made.film, [3, 75, 200])

    assert np.abs(during.astype(int) - int(np.median(during))).max() > 60
    for still in (before, after):
        assert np.abs(still.astype(int) - int(np.median(still))).max() <= 12


@pytest.fixture(scope="module")
def covered(ffmpeg: Ffmpeg, sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An MP3 that carries a green cover."""
    folder = tmp_path_factory.mktemp("covered")
    save(folder / "cover.jpg", plain(GREEN, 300, 300))
    ffmpeg(
        "-i", sounds / "talk.wav", "-i", folder / "cover.jpg", "-map", "0:a", "-map", "1:v", "-c:v", "copy",
        "-disposition:v", "attached_pic", folder / "talk.mp3",
    )  # fmt: skip
    return folder / "talk.mp3"


def _share(film: Path, number: int, colour: tuple[int, int, int]) -> float:
    return float((np.abs(colours_at(film, number).astype(int) - colour).max(axis=2) < 50).mean())


def test_cover_art_stands_beside_the_title(make: Make, covered: Path, tmp_path: Path) -> None:
    """The narration's own cover, or the one named, or none; gone with the title."""
    save(tmp_path / "red.png", plain(RED, 200, 200))
    flags = ("--title", "A title", "--captions", "none", "--resolution", "320x180")
    own, named, none = (
        make(covered, *flags, *more) for more in ((), ("--cover", tmp_path / "red.png"), ("--cover", "none"))
    )

    assert _share(own.film, 75, GREEN) > 0.03
    assert _share(named.film, 75, RED) > 0.03 > _share(named.film, 75, GREEN)
    assert _share(none.film, 75, GREEN) < 0.03
    assert _share(own.film, 250, GREEN) < 0.03


def test_the_thumbnail_is_a_picture_of_the_film(film: Made) -> None:
    """A PNG of the film's size; and none where none is wanted."""
    picture = cv2.imread(str(film.film.with_name("spoken.thumbnail.png")))

    assert picture is not None
    assert picture.shape == (180, 320, 3)
    assert film.film.with_name("spoken.thumbnail.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_the_report_tells_what_was_made(film: Made) -> None:
    """Scenes with their source, captions with their rules, loudness before and after, times and versions."""
    report = film.report

    assert report["scenes"][0]["text"] == "Hey, welcome back to Signal Path,"
    assert sum(scene["frames"] for scene in report["scenes"]) == film.seen.frames
    assert {scene["source"] for scene in report["scenes"]} == {"art"}
    assert set(report["times_s"]) >= {"probe", "transcribe", "sound", "render", "join", "verify"}
    assert set(report["versions"]) == {"voxweave", "ffmpeg", "python"}
    assert re.fullmatch("on|off: bubblewrap .+", report["sandbox"])
    assert report["captions"]["cues"] == report["captions"]["rules_kept"] + len(
        {finding["cue"] for finding in report["captions"]["rules_broken"]}
    )
    assert all(Path(film.film.parent, file).exists() for file in report["files"])


def test_files_have_the_rights_of_the_umask(film: Made) -> None:
    """What is written can be read by whom the user's umask lets read it."""
    umask = os.umask(0)
    os.umask(umask)

    assert stat.S_IMODE(film.film.stat().st_mode) == 0o666 & ~umask


def test_json_is_the_report_alone(sounds: Path, tmp_path: Path) -> None:
    """--json puts one object on stdout and all else on stderr; --quiet silences that."""
    shutil.copy(sounds / "blip.wav", tmp_path)
    told = voxweave("make", "blip.wav", *TINY, "--json", "-q", cwd=tmp_path)

    assert told.report["frames"] == 15
    assert told.err == ""
    assert told.report == json.loads((tmp_path / "blip.report.json").read_text())


def test_events_only_rise(sounds: Path, tmp_path: Path) -> None:
    """--events tells named stages in order, a share that never falls, and the film at the end."""
    shutil.copy(sounds / "short.wav", tmp_path)
    told = voxweave("make", "short.wav", *TINY, "--events", cwd=tmp_path)
    events = [json.loads(line) for line in told.out.splitlines()]
    stages = list(dict.fromkeys(event["stage"] for event in events))

    assert told.status == 0, told.err
    assert stages == ["probe", "transcribe", "plan", "illustrate", "sound", "render", "join", "verify"]
    assert all(before["done"] <= after["done"] for before, after in pairwise(events))
    assert (events[-1]["kind"], events[-1]["done"], events[-1]["text"]) == ("done", 1.0, "short.mp4")
    assert {event["film"] for event in events} == {"short.wav"}


def test_quiet_says_only_the_path(sounds: Path, tmp_path: Path) -> None:
    """--quiet leaves the path on stdout, and stderr empty."""
    shutil.copy(sounds / "blip.wav", tmp_path)
    told = voxweave("make", "blip.wav", *TINY, "-q", cwd=tmp_path)

    assert (told.status, told.out, told.err) == (0, f"{tmp_path / 'blip.mp4'}\n", "")


def test_several_narrations_on_one_line(sounds: Path, tmp_path: Path) -> None:
    """Each becomes a film in the folder named; one that cannot be is told and costs the others nothing."""
    for name in ("a.wav", "b.wav"):
        shutil.copy(sounds / "blip.wav", tmp_path / name)
    (tmp_path / "films").mkdir()
    told = voxweave("make", "a.wav", "missing.wav", "b.wav", "-o", "films", *TINY, "--json", cwd=tmp_path)
    reports = json.loads(told.out)

    assert told.status == 3
    assert [report.get("frames") for report in reports] == [15, None, 15]
    assert sorted(file.name for file in (tmp_path / "films").glob("*.mp4")) == ["a.mp4", "b.mp4"]
    assert leftovers(tmp_path) == []


def test_settings_beside_the_narration_hold_for_it(sounds: Path, tmp_path: Path) -> None:
    """voxweave.toml in the narration's folder sets what no flag or variable does."""
    shutil.copy(sounds / "blip.wav", tmp_path)
    (tmp_path / "voxweave.toml").write_text(
        'resolution = "96x64"\ncaptions = "none"\nfps = 24\nstyle = "minimal"\n'
    )
    told = voxweave("make", "blip.wav", "--json", "--style", "cinematic", cwd=tmp_path, VOXWEAVE_FPS="25")
    canvas = told.report["canvas"]

    assert (canvas["width"], canvas["height"], canvas["rate"]) == (96, 64, "25")
    assert told.report["style"] == "cinematic"


def test_the_work_folder_can_be_elsewhere(sounds: Path, tmp_path: Path) -> None:
    """--work keeps everything but the film and its companions out of the narration's folder."""
    shutil.copy(sounds / "blip.wav", tmp_path)
    told = voxweave("make", "blip.wav", *TINY, "--work", "elsewhere", "-q", cwd=tmp_path)

    assert told.status == 0, told.err
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "blip.mp4",
        "blip.report.json",
        "blip.wav",
        "elsewhere",
    ]


def test_clean_removes_what_was_kept(sounds: Path, tmp_path: Path) -> None:
    """Cleaning removes the work of a narration, and leaves the film."""
    shutil.copy(sounds / "blip.wav", tmp_path)
    voxweave("make", "blip.wav", *TINY, "-q", cwd=tmp_path)
    told = voxweave("clean", "blip.wav", cwd=tmp_path)

    assert told.status == 0, told.err
    assert not any((tmp_path / ".voxweave").glob("*/scenes"))
    assert (tmp_path / "blip.mp4").exists()


@pytest.mark.parametrize("sample", ["cables", "dust", "mycelium", "panaderia"])
def test_every_sample_becomes_a_film(make: Make, sample: str, bundled: Path) -> None:
    """Each of our narrations with its script: the right frames, captions on the voice, the loudness asked for; dust's break no rule, its cuts included."""
    text = (SAMPLES / f"{sample}.txt").read_text()
    made = make(
        SAMPLES / f"{sample}.mp3",
        "--resolution",
        "160x90",
        "--fps",
        "24",
        "--captions",
        "soft",
        "--no-thumbnail",
        txt=text,
    )

    assert made.seen.frames == made.report["frames"]
    assert len(made.report["scenes"]) >= 4
    assert " ".join(" ".join(cue[2].split()) for cue in made.seen.cues) == " ".join(text.split())
    assert made.report["sound"]["after"]["integrated_lufs"] == pytest.approx(-16, abs=0.6)
    assert made.report["captions"]["how"] == ("spread" if sample == "panaderia" else "alignment")
    assert made.seen.tags["title"]
    assert made.report["captions"]["rules_broken"] == [] or sample != "dust"


KINDS: dict[str, tuple[str, ...]] = {
    "talk.mp3": ("-b:a", "64k"),
    "talk.flac": (),
    "talk.m4a": (),
    "talk.aac": (),
    "talk.ogg": ("-c:a", "libvorbis"),
    "talk.opus": ("-c:a", "libopus"),
    "talk.aiff": (),
    "talk.caf": (),
    "talk.w64": (),
    "8k.wav": ("-ar", "8000", "-c:a", "pcm_u8"),
    "96k.wav": ("-ar", "96000", "-ac", "2", "-c:a", "pcm_s24le"),
    "192k.wav": ("-ar", "192000", "-c:a", "pcm_f32le"),
    "44k.wav": ("-ar", "44100", "-ac", "2"),
    "surround.wav": ("-af", "pan=5.1|FC=c0|FL=0.3*c0|FR=0.3*c0"),
    "surround.flac": ("-af", "pan=7.1|FC=c0|FL=0.3*c0|FR=0.3*c0|BL=0.1*c0"),
}
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=25:d=2", "-map", "0:a", "-map", "1:v", "-shortest")
FILMS: dict[str, tuple[str, ...]] = {
    "film.mp4": (*PICTURE, "-c:v", "libx264"),
    "film.mov": (*PICTURE, "-c:v", "mjpeg"),
    "film.mkv": (*PICTURE, "-c:v", "libx264", "-c:a", "flac"),
    "film.webm": (*PICTURE, "-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus"),
}


@pytest.mark.parametrize("name", [*KINDS, *FILMS])
def test_kinds_of_narration(make: Make, sounds: Path, ffmpeg: Ffmpeg, tmp_path: Path, name: str) -> None:
    """Any sound on our list, and the sound of a film: as many frames as the sound is long, at the same loudness."""
    ffmpeg("-i", sounds / "short.wav", *({**KINDS, **FILMS}[name]), "-t", "1.2", tmp_path / name)
    made = make(tmp_path / name, *TINY, output="out.mp4")
    blocks = 0.08 if name.endswith(("mp3", "aac", "m4a", "opus", "ogg", "webm", "mp4", "mov")) else 0.001

    assert made.seen.frames == made.report["frames"]
    assert made.seen.frames / 30 == pytest.approx(1.2, abs=0.02 + blocks)
    assert abs(float(made.seen.heard) - made.seen.frames / 30) <= 1 / 30 + 0.022
    assert made.report["sound"]["after"]["integrated_lufs"] == pytest.approx(-16, abs=0.8)


def test_a_film_of_the_same_name_is_not_written_over(sounds: Path, ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """talk.mp4 as a narration becomes talk.film.mp4, and stays what it was."""
    ffmpeg("-i", sounds / "blip.wav", *FILMS["film.mp4"], tmp_path / "talk.mp4")
    before = (tmp_path / "talk.mp4").read_bytes()
    told = voxweave("make", "talk.mp4", *TINY, "-q", cwd=tmp_path)

    assert (told.status, told.out) == (0, f"{tmp_path / 'talk.film.mp4'}\n")
    assert (tmp_path / "talk.mp4").read_bytes() == before
    assert look_at(tmp_path / "talk.film.mp4").frames == 15


def test_help_is_light() -> None:
    """--help imports no numpy, no SDK and no FFmpeg wrapper."""
    import subprocess
    import sys

    look = "import sys; from voxweave.cli import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    said = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stderr.split()

    assert not {
        "numpy",
        "cv2",
        "av",
        "ffmpeg",
        "pydub",
        "pysubs2",
        "imageio_ffmpeg",
        "rich",
        "pydantic",
    } & set(said)
