"""What is pinned for tests and for the image is what the project asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_ROOT = Path(__file__).parents[2]
_PINS = {
    "tests.txt": ("test", "dev", "asr", "asr-test", "cluster", "keyring"),
    "image.txt": ("asr", "cluster", "keyring"),
}
_PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)


def _asked(extras: tuple[str, ...]) -> list[Requirement]:
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    found = map(Requirement, lines)
    return [one for one in found if canonicalize_name(one.name) != canonicalize_name(project["name"])]


@pytest.mark.parametrize("file", _PINS)
def test_all_that_is_asked_for_is_pinned_with_hashes(file: str) -> None:
    """Each dependency stands in the file at a version that fits; a forgotten renewal is seen here."""
    text = (_ROOT / ".ci" / file).read_text()
    found = _PIN.findall(text)
    pins = {canonicalize_name(name): version for name, version, _ in found}
    wrong = [
        str(asked)
        for asked in _asked(_PINS[file])
        if pins.get(canonicalize_name(asked.name)) is None
        or not asked.specifier.contains(pins[canonicalize_name(asked.name)])
    ]
    assert not wrong, f"scripts/lock renews {file}"
    assert len(found) == len(re.findall(r"^[A-Za-z0-9]\S*", text, re.MULTILINE)), "a pin without a hash"
    assert "://" not in text
