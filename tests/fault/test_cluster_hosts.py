"""Several hosts: what a pulled cable costs."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.fleet import GONE_S, SCENES

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of two films on two hosts, one of which was cut off for a while."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    alone = ["unshare", "--net", "--mount"]
    if os.geteuid() or not shutil.which("ip") or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("NO HOSTS OF OUR OWN: needs root, unshare and ip (apt-get install iproute2)")
    folder = tmp_path_factory.mktemp("hosts")
    line = [*alone, sys.executable, "-m", "tests.fault.own_hosts", str(folder), str(bundled)]
    done = subprocess.run(line, cwd=_ROOT, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_a_pulled_cable_costs_no_film_and_no_order(told: dict[str, Any]) -> None:
    """The films of the host that is cut off are made elsewhere, byte by byte as at home, and nothing is ordered twice."""
    assert ["done", "done"] == told["states"]
    assert [True, True] == told["same"]
    assert ({}, 2 * SCENES) == (told["twice"], told["orders"])


def test_a_host_that_is_cut_off_is_noticed_and_comes_back(told: dict[str, Any]) -> None:
    """Its lease ends with its line, others take over, and it works on when the cable is in again."""
    assert told["gone_s"] < 2 * GONE_S
    assert [True, True] == told["alive"]
