"""How the fake provider's own tests ask it."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.provider import FakeProvider

KEY = "sk-a-known-text-of-a-key"
MODELS = {"vllm_omni": "Wan-AI/Wan2.2-T2V-A14B-Diffusers", "litellm": "our-alias"}
Start = Callable[..., FakeProvider]
FORM = {
    "prompt": (None, "A boat"),
    "seconds": (None, "4"),
    "size": (None, "1280x720"),
    "model": (None, "sora-2"),
}
FAST: dict[str, Any] = {
    "clip_real": False,
    "job_seconds": 0,
    "slow_s": 0.3,
    "retry_after_s": 0.1,
    "hang_s": 5,
}
PATIENCE_S = 60
HANGS_S = 0.3
TIMEOUT = "ReadTimeout"
BROKEN = (httpx.TransportError, httpx.StreamError)


def client(fake: FakeProvider, key: str = KEY) -> httpx.Client:
    """A client that knows the address and a key, and nothing else."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=fake.base_url, headers=headers, trust_env=False, timeout=PATIENCE_S)


def form(fake: FakeProvider, prompt: str = "A boat", **more: str) -> dict[str, tuple[None, str]]:
    """The request that every server with jobs takes."""
    fields = {
        "prompt": prompt,
        "seconds": "4",
        "size": "1280x720",
        "model": MODELS.get(fake.flavour, "sora-2"),
        **more,
    }
    return {name: (None, text) for name, text in fields.items()}


def ordered(fake: FakeProvider, line: httpx.Client, prompt: str = "A boat") -> str:
    """The id of a new job."""
    answer = line.post("/videos", files=form(fake, prompt))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def placed(line: httpx.Client) -> str:
    """The id of a new job in the original's manner."""
    return str(line.post("/videos", files=FORM).json()["id"])


def outcome(line: httpx.Client, path: str = "", *, hangs: bool = False) -> Any:
    """A status, or the name of what went wrong on the wire."""
    wait = HANGS_S if hangs else PATIENCE_S
    try:
        found = line.get(path, timeout=wait) if path else line.post("/videos", files=FORM, timeout=wait)
    except BROKEN as error:
        return type(error).__name__
    return found.status_code


def self_signed(folder: Path, names: str = "DNS:localhost", *, days: int = 1) -> tuple[Path, Path]:
    """A certificate for localhost, or other names, that nobody signed but itself, and its key; -1 days: expired."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("NO OPENSSL: certificates cannot be made (apt-get install openssl)")
    key, asked, certificate = (folder / f"{name}.pem" for name in ("key", "asked", "certificate"))
    words = f"req -newkey rsa:2048 -nodes -subj /CN=fake -addext subjectAltName={names} -keyout {key} -out {asked}"
    signs = f"x509 -req -in {asked} -signkey {key} -days {days} -copy_extensions copy -out {certificate}"
    for line in (words, signs):
        subprocess.run([openssl, *line.split()], check=True, capture_output=True, timeout=30)
    return certificate, key
