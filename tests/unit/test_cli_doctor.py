"""What the doctor finds, and what it prescribes."""

import json
from pathlib import Path

import pytest

from tests.unit.alone import alone  # noqa: F401  for all tests here
from voxweave.cli import run
from voxweave.cli.checkup import examine, told
from voxweave.cli.findings import Finding
from voxweave.media.ffmpeg import find_ffmpeg


def broken_ffmpeg(tmp_path: Path, version: str, listing: str) -> str:
    """A program that answers like an FFmpeg but can do nothing."""
    program = tmp_path / "ffmpeg"
    script = f"""#!/bin/sh
case "$*" in
  -version) echo "ffmpeg version {version} Copyright"; exit 0 ;;
  *-filters|*-encoders) echo "{listing}"; exit 0 ;;
esac
echo "cannot" >&2; exit 1
"""
    program.write_text(script)
    program.chmod(0o755)
    return str(program)


def test_a_machine_that_is_well_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """With the bundled FFmpeg nothing is bad, a frame goes through, and the exit status is 0."""
    assert run(["doctor", "--json"]) == 0

    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert found["trial"]["found"] == "a frame was drawn, captioned, encoded and decoded"
    assert {found[name]["state"] for name in ("ffmpeg", "libass", "encoders", "fonts", "settings")} == {"ok"}


def test_each_illness_has_a_cure(tmp_path: Path) -> None:
    """An old FFmpeg without libass and encoders is found out part by part, each with how to mend it."""
    findings = {one.name: one for one in examine(None, broken_ffmpeg(tmp_path, "5.1.9", "V..... libx264 x"))}

    assert {name: findings[name].state for name in ("ffmpeg", "libass", "encoders", "trial")} == {
        "ffmpeg": "warn",
        "libass": "bad",
        "encoders": "bad",
        "trial": "bad",
    }
    assert "aac (the sound of MP4 and MOV)" in findings["encoders"].found
    assert all(findings[name].mend for name in ("ffmpeg", "libass", "encoders", "trial"))


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ("5.1.9-0+deb12u1", "warn"),
        ("5.1.10", "ok"),
        ("6.0.1", "warn"),
        ("6.1.6", "ok"),
        ("7.0.3", "warn"),
        ("7.1.4", "warn"),
        ("7.1.5", "ok"),
        ("8.0", "warn"),
        ("8.1.2", "warn"),
        ("8.1.3", "ok"),
        ("n9.0.2-17-g2a571b6068", "ok"),
        ("N-119999-gabcdef", "ok"),
    ],
)
def test_known_flaws_are_told_by_the_version(tmp_path: Path, version: str, state: str) -> None:
    """Each line of releases has its first one without the flaws in reading foreign files."""
    assert find_ffmpeg(broken_ffmpeg(tmp_path, version, ""), "off").flawed == (state == "warn")


OLD = 'case "$*" in *--ro-bind-fd*) echo "bwrap: Unknown option" >&2; exit 1;; *) echo ffmpeg;; esac'


@pytest.mark.parametrize(
    ("bwrap", "wanted", "state", "words"),
    [
        ("", "auto", "warn", "bubblewrap (bwrap) is not installed"),
        ("exit 1", "auto", "warn", "bubblewrap does not work here"),
        ("exit 1", "on", "bad", "with sandbox = on nothing is read"),
        (OLD, "auto", "warn", "what is read there could be written to"),
        ("echo ffmpeg", "auto", "ok", "are read in bubblewrap"),
        ("echo ffmpeg", "off", "warn", "switched off by the setting sandbox = off"),
    ],
)
def test_the_sandbox_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bwrap: str, wanted: str, state: str, words: str
) -> None:
    """Not installed, not allowed to work, too old, or switched off: what is missing, and what mends it."""
    place = tmp_path / "bin"
    place.mkdir()
    if bwrap:
        (place / "bwrap").write_text(f"#!/bin/sh\n{bwrap}\n")
        (place / "bwrap").chmod(0o755)
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.setenv("VOXWEAVE_SANDBOX", wanted)
    (found,) = (one for one in examine(None, broken_ffmpeg(tmp_path, "9.0", "")) if one.name == "sandbox")

    assert (state, True) == (found.state, words in found.found), found
    assert bool(found.mend) == (state != "ok")


def test_too_old_or_missing_is_status_4(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An FFmpeg that is not there, or older than we can use, ends with 4."""
    assert run(["doctor", "--ffmpeg", "/nowhere/ffmpeg"]) == 4
    assert run(["doctor", "--ffmpeg", broken_ffmpeg(tmp_path, "4.4.2", "")]) == 4
    assert "too old" in capsys.readouterr().out


def test_bad_settings_do_not_keep_the_doctor_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A settings file with an error is a finding among the others."""
    (tmp_path / "voxweave.toml").write_text("fps = 17\n")

    assert run(["doctor"]) == 4
    out = capsys.readouterr().out
    assert "bad   settings" in out and "mend: accepted: 24, 25" in out and "ok    ffmpeg" in out


def test_findings_read_as_aligned_lines() -> None:
    """State, name, what was found, and under it how to mend it; then a sum."""
    lines = told(
        [Finding(name="a", state="ok", found="x"), Finding(name="long", state="warn", found="y", mend="z")]
    )

    assert list(lines) == [
        "ok    a     x",
        "warn  long  y",
        "            mend: z",
        "0 to mend, 1 to know of",
    ]


@pytest.mark.parametrize(
    ("model", "words"), [("bse", "no speech model is called 'bse'"), ("", "sphinx en-US")]
)
def test_who_would_recognise_words_is_told(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    words: str,
) -> None:
    """With the model and what it takes to have one; services apart, as they are asked only when named."""
    monkeypatch.setenv("VOXWEAVE_SPEECH_MODEL", model)
    for name in ("XDG_CACHE_HOME", "HF_HUB_CACHE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert run(["doctor", "--json"]) == 0
    found = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert words in found["recognition"]["found"]
    assert "openai-speech" in found["by services"]["found"]
    assert ("warn", True) == (found["recognition"]["state"], bool(found["recognition"]["mend"]))
