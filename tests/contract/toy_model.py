"""A speech model of a few bytes for a fake hub to hold, and a wire to fetch it by."""

import hashlib
import random
from pathlib import Path
from typing import Any

from voxweave.media.stopping import StopSignal
from voxweave.providers.whisper.catalog import Model, ModelFile
from voxweave.providers.whisper.hub import Wire

REPO, REVISION = "tests/whisper-toy", "ab" * 20
WEIGHTS = random.Random(7).randbytes(300_000)
FILES = {
    "config.json": b"{}\n",
    "tokenizer.json": b'{"a": 1}',
    "vocabulary.txt": b"a\nb\n",
    "model.bin": WEIGHTS,
}
TOY = Model(
    name="toy",
    repo=REPO,
    revision=REVISION,
    files={
        name: ModelFile(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest()) for name, raw in FILES.items()
    },
)
PLACE = TOY.place


def lay(folder: Path) -> Path:
    """The same folder with the toy model in it, and a repository that holds none."""
    (folder / REPO).mkdir(parents=True)
    for name, raw in FILES.items():
        (folder / REPO / name).write_bytes(raw)
    (folder / "tests" / "poem").mkdir()
    (folder / "tests" / "poem" / "README.md").write_text("no model")
    return folder


def wire_to(origin: str, **more: Any) -> Wire:
    """A wire nobody listens to unless the test does."""
    usual = {"stop": StopSignal(), "advance": lambda share: None, "pause_s": 0.05}
    return Wire(origin, **{**usual, **more})
