"""`voxweave cache` where a store is shared: both are shown, and only who is sure takes from all machines."""

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from voxweave.cli import run
from voxweave.cli.fleet import Fleet
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.shared import SharedStore
from voxweave.jobs.shared_upkeep import holding, throw_away

KEYS = [f"{n:032x}" for n in range(1, 10)]
DAY_S = 86_400.0


@pytest.fixture
def common(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shared folder that the settings name."""
    monkeypatch.setenv("VOXWEAVE_ARTIFACTS", str(tmp_path / "common"))
    monkeypatch.setenv("VOXWEAVE_CACHE", str(tmp_path / "kept"))
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path / "common"


@pytest.fixture
def artifacts(common: Path) -> Artifacts:
    """A clip, two scenes with the same bytes, and a result, in a folder."""
    artifacts = Artifacts.open(str(common))
    store = SharedStore(common.parent / "kept", artifacts)
    for kind, key, text in (("clip", 0, "a clip"), ("scene", 1, "one"), ("scene", 2, "one")):
        file = common.parent / "file.mp4"
        file.write_text(text)
        store.put(kind, KEYS[key], file, {})
    artifacts.put_note("steps/probe/abc.json", "{}")
    return artifacts


def aged(common: Path, pattern: str, days: float) -> None:
    """Written so long ago."""
    for file in common.glob(pattern):
        os.utime(file, (time.time() - days * DAY_S,) * 2)


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> tuple[str, str]:
    """What the command said."""
    assert status == run(["cache", *words])
    out, err = capsys.readouterr()
    return out, err


def test_both_are_shown(artifacts: Artifacts, common: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Counts and sizes by kind, files that serve two notes counted once; as JSON, too."""
    out, _ = told(capsys, "show")
    assert out.splitlines()[-5:] == [
        f"shared: {common}",
        "clip  1 file, 0.0 MB",
        "scene  2 files, 0.0 MB",
        "steps  1",
        "2 files, 0.0 MB in all",
    ]
    found: dict[str, Any] = json.loads(told(capsys, "show", "--json")[0])["shared"]
    assert {"clip": (1, 6), "scene": (2, 6), "steps": (1, None)} == {
        share["kind"]: (share["count"], share["bytes"]) for share in found["kinds"]
    }
    assert (str(common), 2, 9) == (found["store"], found["files"], found["bytes"])
    assert "shared" not in told(capsys, "show", "--artifacts", "")[0]


def test_nothing_is_taken_from_all_without_their_word(
    artifacts: Artifacts, common: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Clean and limit are for this machine; --shared says what it would take until somebody is sure."""
    told(capsys, "clean")
    told(capsys, "limit", "0")
    _, err = told(capsys, "clean", "--shared", status=2)
    assert "this takes 2 files, 0.0 MB in" in err
    assert "--for-all-machines" in err
    told(capsys, "clean", "--for-all-machines", status=2)
    told(capsys, "clean", "--shared", "--for-all-machines", "--artifacts", "", status=2)
    assert 2 == len(list(artifacts.files()))

    _, err = told(capsys, "clean", "--shared", "--for-all-machines")
    assert "removed from the shared store 2 files" in err
    assert [] == [file for file in common.rglob("*") if file.is_file()]


def test_what_is_young_stays_whole(artifacts: Artifacts, common: Path) -> None:
    """Old notes go, and old files unless a younger note names them; so does what a killed writer left."""
    aged(common, "blobs/*/*", 9)
    aged(common, "kept/clip/*/*", 9)
    aged(common, f"kept/clip/{KEYS[0]}.json", 9)
    aged(common, f"kept/scene/{KEYS[1]}.json", 9)
    left = common / "blobs" / "aa" / f"{'a' * 64}#1"
    left.parent.mkdir()
    left.write_text("half")
    aged(common, "blobs/aa/*", 9)

    assert [6] == [file.size for file in throw_away(artifacts, older_than_s=5 * DAY_S)]
    assert {"scene": 1, "steps": 1} == {share.kind: share.count for share in holding(artifacts).kinds}
    assert not left.exists()
    other = SharedStore(common.parent / "other", artifacts)
    assert other.get("scene", KEYS[2]) is not None
    assert other.get("clip", KEYS[0]) is None


def test_an_address_is_shown_without_its_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Config show, config get, and the error for an address that is none: whoever looks over a shoulder learns nothing."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VOXWEAVE_ARTIFACTS", "s3://KEYID:very/secret@films/x")
    for words in (["config", "show"], ["config", "show", "--json"], ["config", "get", "artifacts"]):
        assert 0 == run(words)
        out = "".join(capsys.readouterr())
        assert "very/secret" not in out
        assert "KEYID:" in out
    monkeypatch.setenv("VOXWEAVE_ARTIFACTS", "s3://KEYID:very/secret@films/x?what=1")
    assert 2 == run(["config", "show"])
    out = "".join(capsys.readouterr())
    assert "artifacts (VOXWEAVE_ARTIFACTS)" in out
    assert "very/secret" not in out


def test_a_narration_s_folder_does_not_say_what_is_shared_where(tmp_path: Path) -> None:
    """A folder from a stranger must not send our films to a stranger's store."""
    (tmp_path / "voxweave.toml").write_text('artifacts = "/srv/else"')
    from voxweave.errors import UsageError
    from voxweave.settings import load

    with pytest.raises(UsageError, match="cannot be set beside a narration"):
        load({}, environ={}, job_file=tmp_path / "voxweave.toml", user_file=None)
    assert (
        f"{tmp_path}/common"
        == load({}, environ={}, job_file=None, user_file=_own(tmp_path, "common")).settings.artifacts
    )
    assert (
        "s3://films"
        == load({}, environ={}, job_file=None, user_file=_own(tmp_path, "s3://films")).settings.artifacts
    )


def _own(folder: Path, artifacts: str) -> Path:
    file = folder / "own.toml"
    file.write_text(f'artifacts = "{artifacts}"')
    return file


def test_a_store_s_name_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody's home is a name like any other, for a queue's workers as well; one with a zero byte is refused."""
    monkeypatch.chdir(tmp_path)
    assert f"{tmp_path}/~nobody99/x" == Fleet("postgresql://host/queue", "~nobody99/x").artifacts
    _, err = told(capsys, "show", "--artifacts", "a\0b", status=2)
    assert "artifacts: a b names no folder" in err


def test_what_others_put_there_stays(
    artifacts: Artifacts, common: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files of somebody else in the same folder are neither shown nor taken, whatever their names hold."""
    foreign = [
        common / name
        for name in ("notes.txt", "Song #1.mp3", "a/b.txt", "blobs/x#y", "blobs/aa/c", "kept/d e/f")
    ]
    for file in foreign:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("ours")
        os.utime(file, (time.time() - 9 * DAY_S,) * 2)
    out, _ = told(capsys, "show")
    assert "2 files, 0.0 MB in all" == out.splitlines()[-1]

    told(capsys, "clean", "--shared", "--for-all-machines")
    assert sorted(foreign) == sorted(file for file in common.rglob("*") if file.is_file())
