"""Tests that have a network to themselves."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).parents[2]
_ALONE = ("unshare", "--net", "--mount")


def told_alone(program: str, *args: Path, limit_s: float) -> dict[str, Any]:
    """What a module of ours prints as JSON, run as root with a network and mounts of its own; skips without them."""
    if os.geteuid() or not shutil.which("ip") or subprocess.run([*_ALONE, "true"], check=False).returncode:
        pytest.skip("NO NETWORK OF OUR OWN: needs root, unshare and ip (apt-get install iproute2)")
    line = [*_ALONE, sys.executable, "-m", program, *map(str, args)]
    done = subprocess.run(line, cwd=_ROOT, capture_output=True, text=True, timeout=limit_s, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found
