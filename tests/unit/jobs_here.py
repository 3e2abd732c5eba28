"""Jobs of narrations in a folder and a state of the test's own."""

import os
from pathlib import Path

import pytest

from voxweave.jobs.cards import Card, Work, keep_card, new_card
from voxweave.jobs.index import Index


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder and a state of its own, and no settings of the machine's."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in [name for name in os.environ if name.startswith("VOXWEAVE_") or "_API_KEY" in name]:
        monkeypatch.delenv(name)


def listed(
    name: str = "talk", *rest: str, line: tuple[str, ...] = (), work: Path | None = None, **changes: object
) -> Card:
    """A job of a narration here, in the index."""
    words = Work(line or ("make", str(Path(f"{name}.mp3").absolute()), *rest), Path.cwd())
    card = new_card(Path(f"{name}.mp3"), work, words).model_copy(update=changes)
    keep_card(card, lasting=False)
    with Index() as index:
        index.note(card)
    return card
