"""Transitions, encoders, sizes, several outputs, and films that are up to date."""

import json
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.data.make_pictures import plain, save
from tests.e2e.command import started, voxweave
from tests.e2e.conftest import Made, Make
from tests.e2e.room import CUT, QUICK, SMALL, Room
from tests.e2e.room import SCENES as SCENE_COUNT
from tests.fakes.provider import FakeProvider

PLAIN = ("--captions", "none", "--no-thumbnail", "--no-progress-line", "--title", "")
SCENES = ("--scene-min-s", "2", "--scene-max-s", "4")
TINY = ("--resolution", "160x90", "--fps", "24")


LIGHT, GREY = 230, 110
"""The two pictures' brightness."""


@pytest.fixture
def album(tmp_path: Path) -> Path:
    """A light picture and a grey one."""
    folder = tmp_path / "album"
    folder.mkdir()
    save(folder / "a.png", plain((LIGHT, LIGHT, LIGHT)))
    save(folder / "b.png", plain((GREY, GREY, GREY)))
    return folder


def _brightness(film: Path) -> list[int]:
    """Of the middle of every frame."""
    with av.open(str(film)) as opened:
        frames = opened.decode(opened.streams.video[0])
        return [int(frame.to_ndarray(format="gray")[45, 80]) for frame in frames]


def _cuts(made: Made) -> list[int]:
    return [scene["first_frame"] for scene in made.report["scenes"]][1:]


@pytest.mark.parametrize("kind", ["crossfade", "dip", "wipe"])
def test_a_transition_stands_on_the_cut_and_keeps_every_frame(
    make: Make, spoken: Path, album: Path, kind: str
) -> None:
    """The cut's frame still shows the old picture, 0.4 s later the new one is alone; no frame is lost."""
    made = make(spoken, "--media", album, "--transition", kind, *PLAIN, *SCENES, *TINY)
    seen = _brightness(made.film)

    assert made.seen.frames == made.report["frames"] == len(seen)
    assert _cuts(made)
    for cut in _cuts(made):
        assert abs(seen[cut] - seen[cut - 1]) < 8
        assert abs(abs(seen[cut - 1] - seen[cut + 10]) - (LIGHT - GREY)) < 16
        assert (min(seen[cut : cut + 10]) < 30) == (kind == "dip")


def test_without_a_word_scenes_are_cut(make: Make, spoken: Path, album: Path) -> None:
    """A look without a transition of its own cuts: the old picture is gone on the cut's frame."""
    made = make(spoken, "--media", album, *PLAIN, *SCENES, *TINY)
    seen = _brightness(made.film)

    assert all(abs(seen[cut] - seen[cut - 1]) > 100 for cut in _cuts(made))


@pytest.mark.parametrize("codec", ["hevc", "av1"])
def test_a_film_seeks_to_every_scene(make: Make, spoken: Path, codec: str) -> None:
    """Each scene begins with a keyframe from which a player starts at once, in the newer codecs, too."""
    made = make(spoken, "--codec", codec, "--quality", "draft", *PLAIN, *SCENES, *TINY)
    firsts = [scene["first_frame"] for scene in made.report["scenes"]]

    assert codec in made.seen.picture.codec.replace("dav1d", "av1")
    with av.open(str(made.film)) as film:
        stream = film.streams.video[0]
        assert stream.time_base is not None
        for first in firsts:
            film.seek(round(first / 24 / stream.time_base), stream=stream, backward=True, any_frame=False)
            frame = next(film.decode(stream))
            assert frame.pts is not None
            assert round(frame.pts * stream.time_base * 24) == first


def test_decode_times_rise_across_joints(make: Make, spoken: Path) -> None:
    """No packet goes back in time where scenes are joined."""
    made = make(spoken, "--quality", "best", *PLAIN, *SCENES, *TINY)

    assert all(one < two for one, two in pairwise(made.seen.picture.decodes))


def test_a_film_stays_within_its_size(make: Make, spoken: Path, album: Path) -> None:
    """`max_size` and `max_bitrate` hold; what cannot fit is refused before the work."""
    noise = np.random.default_rng(4).integers(0, 255, (720, 1280, 3), dtype=np.uint8)
    save(album / "a.png", noise)
    limits = ("--max-size", "900k", "--max-bitrate", "100k")
    made = make(spoken, "--media", album, *limits, *PLAIN, *SCENES)
    folder = made.film.parent
    told = voxweave("make", "spoken.mp3", "--max-size", "250k", "-o", "no.mp4", cwd=folder)

    assert 100_000 < made.film.stat().st_size <= 900_000
    assert made.report["verified"]["picture_bytes"] * 8 / 9.8 <= 100_000
    assert told.status == 2
    assert "does not fit into 0.25 MB" in told.err
    assert not (folder / "no.mp4").exists()


def test_a_chip_that_is_not_there_is_no_reason_to_fail(make: Make, spoken: Path) -> None:
    """Asked for a chip's encoder where none works, the processor does it and it is said."""
    made = make(spoken, "--encoder", "vaapi", *PLAIN, *SCENES, *TINY)

    assert "pictures are encoded by libx264: no vaapi encoder of h264 works here" in made.told.err


def test_several_presets_in_one_run(spoken: Path, tmp_path: Path) -> None:
    """One film for each preset, each in its own shape and under its own name; what they share is done once."""
    (tmp_path / "talk.mp3").write_bytes(spoken.read_bytes())
    told = voxweave(
        "make", "talk.mp3", "--preset", "shorts,square", "--preview", "--json", *PLAIN, cwd=tmp_path
    )
    reports = json.loads(told.out)
    steps = [file.name for file in (tmp_path / ".voxweave").glob("*/steps/probe-*.json")]

    assert told.status == 0, told.err
    assert [(report["canvas"]["width"], report["canvas"]["height"]) for report in reports] == [
        (540, 960),
        (540, 540),
    ]
    assert (tmp_path / "talk.shorts.preview.mp4").exists()
    assert (tmp_path / "talk.square.preview.mp4").exists()
    assert len(steps) == 1


def test_a_film_that_is_up_to_date_is_left_alone(make: Make, spoken: Path) -> None:
    """The same command again makes nothing and succeeds; any change asks for --overwrite, which makes it anew."""
    made = make(spoken, *PLAIN, *SCENES, *TINY)
    folder, was = made.film.parent, made.film.stat().st_mtime_ns
    same = ("make", spoken.name, "-o", made.film.name, *PLAIN, *SCENES, *TINY)
    again = voxweave(*same, "--json", cwd=folder)
    assert made.film.stat().st_mtime_ns == was
    changed = voxweave(*same, "--seed", "5", cwd=folder)
    anew = voxweave(*same, "--overwrite", "--workers", "1", cwd=folder)

    assert again.status == 0, again.err
    assert "nothing has changed" in again.err
    assert all(scene["reused"] for scene in again.report["scenes"])
    assert again.report["up_to_date"]
    assert changed.status == 8
    assert "--overwrite" in changed.err
    assert anew.status == 0
    assert made.film.stat().st_mtime_ns > was


def test_a_film_somebody_touched_is_not_taken_for_ours(make: Make, spoken: Path) -> None:
    """Another file under the film's name is never called up to date."""
    made = make(spoken, *PLAIN, *SCENES, *TINY)
    made.film.write_bytes(b"mine now")
    same = ("make", spoken.name, "-o", made.film.name, *PLAIN, *SCENES, *TINY)
    told = voxweave(*same, cwd=made.film.parent)

    assert told.status == 8
    assert made.film.read_bytes() == b"mine now"


def test_scenes_that_are_ready_do_not_wait_for_orders(fake: Callable[..., FakeProvider], room: Room) -> None:
    """While a slow server makes the last clip, the scenes whose clips are there are encoded."""
    server = fake("vllm_omni", clip_size="320x180", job_seconds=2.0)
    room.setting("[providers.openai]\nat_once = 1\n")
    flags = ("--provider", "openai", "--base-url", server.base_url, "--transition", "crossfade")
    run = started("make", "spoken.mp3", *SMALL, *CUT, *QUICK, *flags, cwd=room.folder)
    early = 0
    while run.poll() is None:
        arrived = len(list(room.folder.glob(".voxweave/*/orders/*.mp4")))
        encoded = len(list(room.folder.glob(".voxweave/*/scenes/*.mp4")))
        early = max(early, encoded if arrived < SCENE_COUNT else 0)
        time.sleep(0.02)
    _, said = run.communicate()
    assert run.returncode == 0, said
    report = json.loads((room.folder / "spoken.report.json").read_text())

    assert [scene["source"] for scene in report["scenes"]] == ["openai"] * SCENE_COUNT
    assert not any(scene["reused"] for scene in report["scenes"])
    assert early >= 1


def test_scenes_are_shared_between_films_within_a_limit(spoken: Path, tmp_path: Path) -> None:
    """The same narration elsewhere encodes nothing anew; the limit throws scenes away, and then it does."""
    made = []
    for name in ("one", "two", "three"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "talk.mp3").write_bytes(spoken.read_bytes())
        if name == "three":
            left = voxweave("cache", "limit", "0", cwd=folder, **_home(tmp_path))
            assert "removed" in left.err
        told = voxweave("make", "talk.mp3", "--json", *PLAIN, *SCENES, *TINY, cwd=folder, **_home(tmp_path))
        made.append([scene["reused"] for scene in told.report["scenes"]])

    assert not any(made[0])
    assert all(made[1])
    assert not any(made[2])


def test_an_edit_taken_back_encodes_nothing(spoken: Path, tmp_path: Path) -> None:
    """The job keeps the scenes of its film alone, and the store has those of before."""
    (tmp_path / "talk.mp3").write_bytes(spoken.read_bytes())
    line = ("make", "talk.mp3", "--json", "--overwrite", *PLAIN, *SCENES, *TINY)
    seeds = ("1", "2", "1")
    told = [voxweave(*line, "--seed", seed, cwd=tmp_path, **_home(tmp_path)) for seed in seeds]
    kept = list(tmp_path.glob(".voxweave/talk-*/scenes/*.mp4"))

    assert [all(scene["reused"] for scene in one.report["scenes"]) for one in told] == [False, False, True]
    assert len(kept) == len(told[0].report["scenes"])


def _home(folder: Path) -> dict[str, str]:
    """One user's cache for all runs."""
    return {"XDG_CACHE_HOME": str(folder / "cache")}
