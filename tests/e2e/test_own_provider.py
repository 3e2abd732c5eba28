"""The tutorial on providers, followed step by step."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.command import environment, voxweave
from tests.fakes.provider import FakeProvider

PAGE = Path(__file__).parents[2] / "docs" / "writing-a-provider.md"
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
CODE, TEST = (body for kind, body in BLOCKS if kind == "python")
PROJECT, TABLE = (tomllib.loads(body) for kind, body in BLOCKS if kind == "toml")
GROUP = "voxweave.providers"


@pytest.fixture(scope="module")
def server(bundled: Path) -> Iterator[FakeProvider]:
    """A server that speaks as the page's service does."""
    with FakeProvider("zai", ffmpeg=bundled, job_seconds=0.05, clip_size="320x180") as fake:
        yield fake


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the package as pip would leave it there."""
    site = tmp_path / "site"
    project = PROJECT["project"]
    about = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir(parents=True)
    (site / "voxweave_clipworks.py").write_text(CODE)
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = (f"{name} = {where}" for name, where in project["entry-points"][GROUP].items())
    (about / "entry_points.txt").write_text("\n".join((f"[{GROUP}]", *points)))
    return site


def test_it_fits_on_a_screen() -> None:
    """The whole provider has fewer than sixty lines of code."""
    lines = [line for line in CODE.splitlines() if line.strip()]
    assert len(lines) < 60


def test_its_own_test_passes(site: Path, server: FakeProvider, tmp_path: Path) -> None:
    """The page's test, run as its reader would, against a server of one's own."""
    file = tmp_path / "test_clipworks.py"
    file.write_text(TEST.replace("http://127.0.0.1:8080/v1", server.reset().base_url))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH=str(site)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert 2 == len(server.truth()["orders"])


def test_a_film_comes_from_it(site: Path, server: FakeProvider, spoken: Path, tmp_path: Path) -> None:
    """Named in the chain it delivers, priced as it says, under a budget."""
    shutil.copy(spoken, tmp_path / "talk.mp3")
    told = {"PYTHONPATH": str(site), "CLIPWORKS_API_KEY": "sk-of-clipworks-1234"}
    at = ("--provider", "clipworks,art", "--base-url", server.reset().base_url, "--model", "cogvideox-3")
    haste = ("--poll-s", "0.05", "--resolution", "320x180", "--captions", "none")

    listed = json.loads(voxweave("providers", "list", "--json", cwd=tmp_path, **told).out)
    (mine,) = [one for one in listed if one["name"] == "clipworks"]
    assert ("voxweave-clipworks 0.1", ["sk-…1234 (CLIPWORKS_API_KEY)"]) == (mine["package"], mine["keys"])
    made = voxweave("make", "talk.mp3", *at, *haste, "--max-cost", "5", "--json", cwd=tmp_path, **told)
    assert made.status == 0, made.err
    assert {"clipworks"} == {scene["source"] for scene in made.report["scenes"]}
    assert {} == server.truth()["twice"]
    (film,) = json.loads(voxweave("history", "--json", cwd=tmp_path).out)
    spent = json.loads(voxweave("usage", "--json", cwd=tmp_path).out)
    assert ("film", ["clipworks"], 0) == (film["kind"], film["shows"], film["status"])
    assert film["cost_usd"] == pytest.approx(0.2 * len(server.truth()["orders"]))
    assert film["cost_usd"] == pytest.approx(sum(one["actual_usd"] for one in spent))


def test_its_table_is_understood(site: Path, tmp_path: Path) -> None:
    """The settings the page shows are ones it takes."""
    file = tmp_path / ".config" / "voxweave" / "voxweave.toml"
    file.parent.mkdir(parents=True)
    file.write_text("".join(body for kind, body in BLOCKS if kind == "toml" and "[providers." in body))
    shown = voxweave("providers", "show", "clipworks", cwd=tmp_path, PYTHONPATH=str(site))
    assert f'model = "{TABLE["providers"]["clipworks"]["model"]}"\n' in shown.out, shown.err
