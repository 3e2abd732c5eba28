"""Where a provider's answers may lead, and whom we believe to be the provider."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.contract.asking import self_signed
from tests.e2e.command import Told, voxweave
from tests.fakes.provider import FakeProvider
from tests.fault.alone import told_alone
from tests.fault.own_network import KEY, LEADS, OWN, PUBLIC

_OPEN = ("public", "turns")
"""What is public when it is dialled; all others lead inside, one way or another."""


@pytest.fixture(scope="module")
def met(bundled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What became of a clip at each address, in a network of our own."""
    return told_alone("tests.fault.own_network", tmp_path_factory.mktemp("network"), bundled, limit_s=180)


@pytest.mark.parametrize("case", LEADS)
def test_clips_come_from_the_open_internet_alone(met: dict[str, Any], case: str) -> None:
    """No spelling, no name and no second answer brings us to our own machine or to the metadata service."""
    found = met["found"][case]
    reached = [address for address, came in found["came"].items() if came]
    assert ([PUBLIC] if case in _OPEN else []) == reached
    assert (0 if case in _OPEN else 5) == found["status"], found["said"]
    assert KEY not in json.dumps(found)


def test_a_name_is_looked_up_once(met: dict[str, Any]) -> None:
    """What was tested is what is dialled: a name that turns inward at its second question never hears one."""
    assert 1 == met["asked"].count("turncoat.test")
    assert not met["found"]["turns"]["came"][OWN]


def _ordered(folder: Path, base: str, trusted: Path) -> Told:
    folder.mkdir()
    flags = ("--provider", "openai", "--base-url", base, "--yes", "--poll-s", "0.05", "--retry-s", "0.02")
    return voxweave("clip", "a red boat", *flags, cwd=folder, OPENAI_API_KEY=KEY, SSL_CERT_FILE=str(trusted))


@pytest.mark.parametrize(("days", "host"), [(1, "localhost"), (-1, "localhost"), (1, "127.0.0.1")])
def test_only_a_certificate_in_force_for_that_name_is_believed(
    bundled: Path, tmp_path: Path, days: int, host: str
) -> None:
    """One that is trusted, in force and of that name is; an expired one and another's are not, and no key is sent."""
    certificate, key = self_signed(tmp_path, days=days)
    with FakeProvider(tls=(certificate, key), ffmpeg=bundled, job_seconds=0.1) as fake:
        told = _ordered(tmp_path / "run", fake.base_url.replace("127.0.0.1", host), certificate)
        good = days == 1 and host == "localhost"
        assert ((0, 1) if good else (5, 0)) == (told.status, fake.truth()["orders_created"]), told.err
        assert good or "certificate" in told.err
        assert KEY not in told.err


def test_nobody_signed_it_and_nobody_is_asked(bundled: Path, tmp_path: Path) -> None:
    """A certificate that no authority signed is refused, and no switch turns that off."""
    certificate, key = self_signed(tmp_path)
    other, _ = self_signed(_made(tmp_path / "other"))
    with FakeProvider(tls=(certificate, key), ffmpeg=bundled) as fake:
        told = _ordered(tmp_path / "run", fake.base_url.replace("127.0.0.1", "localhost"), other)
        assert (5, 0) == (told.status, fake.truth()["orders_created"])
        assert "certificate" in told.lines[-1]


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
