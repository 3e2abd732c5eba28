"""The table of promises names tests and scripts that are there."""

import re
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_TABLE = (_ROOT / "docs" / "promises.md").read_text()


def test_every_promise_names_tests_that_exist() -> None:
    """Each row has a test, and each test and script that is named is there."""
    rows = re.findall(r"^\| (P\d+) \| [^|]+ \|([^|]+)\|([^|]*)\|$", _TABLE, re.MULTILINE)
    assert [f"P{number}" for number in range(1, 13)] == [row[0] for row in rows]
    missing = []
    for _, tests, scripts in rows:
        named = re.findall(r"`([^`]+)`", tests)
        assert named
        for name in named:
            file, _, function = name.partition("::")
            path = _ROOT / "tests" / file
            if not path.is_file() or (function and f"def {function}(" not in path.read_text()):
                missing.append(name)
        missing += [name for name in re.findall(r"`([^`]+)`", scripts) if not (_ROOT / name).is_file()]
    assert not missing
