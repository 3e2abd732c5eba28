"""Several hosts: what a pulled cable costs."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes.fleet import GONE_S, SCENES
from tests.fault.alone import told_alone


@pytest.fixture(scope="module")
def told(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of two films on two hosts, one of which was cut off for a while."""
    pytest.importorskip("dbos", reason="NO DBOS: pip install 'voxweave-film[cluster]'")
    return told_alone("tests.fault.own_hosts", tmp_path_factory.mktemp("hosts"), bundled, limit_s=400)


def test_a_pulled_cable_costs_no_film_and_no_order(told: dict[str, Any]) -> None:
    """The films of the host that is cut off are made elsewhere, byte by byte as at home, and nothing is ordered twice."""
    assert ["done", "done"] == told["states"]
    assert [True, True] == told["same"]
    assert ({}, 2 * SCENES) == (told["twice"], told["orders"])


def test_a_host_that_is_cut_off_is_noticed_and_comes_back(told: dict[str, Any]) -> None:
    """Its lease ends with its line, others take over, and it works on when the cable is in again."""
    assert told["gone_s"] < 2 * GONE_S
    assert [True, True] == told["alive"]
