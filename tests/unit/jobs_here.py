"""Jobs of narrations in a folder and a state of the test's own."""

from pathlib import Path

import pytest

from voxweave.jobs.cards import Card, Work, keep_card, new_card
from voxweave.jobs.index import Index


@pytest.fixture(autouse=True)
def apart(alone: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder beside its state."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


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
