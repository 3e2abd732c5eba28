"""A single clip: how far it is, and what it begins from."""

from pathlib import Path

import pytest

from tests.unit.test_supply import CLIPS, link
from voxweave.core.events import Event
from voxweave.errors import InputError, UsageError
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.clip_news import ClipNews
from voxweave.pipeline.clip_wish import ClipRequest, picture_of, wish_for
from voxweave.pipeline.means import News
from voxweave.pipeline.studio import Studio, open_studio
from voxweave.settings import Settings


@pytest.fixture
def told() -> list[Event]:
    """What was told."""
    return []


@pytest.fixture
def studio(told: list[Event]) -> Studio:
    """One that listens."""
    return open_studio(Settings(), stop=StopSignal(), tell=told.append)


def test_generation_owns_20_to_90_of_the_bar(studio: Studio, told: list[Event]) -> None:
    """Accepted is 20, done is 90, a provider's own percent lies between them, and nothing ever falls."""
    tell = ClipNews(studio)
    steps: list[tuple[str, float | None, float]] = [
        ("sending", None, 5), ("accepted", None, 20), ("running", None, 20), ("running", 0.0, 20),
        ("running", 50.0, 55), ("running", 20.0, 55), ("waiting", None, 55), ("running", 100.0, 90),
        ("running", 250.0, 90), ("done", None, 90), ("fetched", 100.0, 98),
    ]  # fmt: skip
    for what, percent, shown in steps:
        tell(News(provider="zai", key="k", what=what, percent=percent))
        progress = [event for event in told if event.kind == "progress"]
        assert pytest.approx(shown / 100) == progress[-1].done, what
    assert ["zai: waiting"] == [event.text for event in told if event.kind == "notice"]


def test_a_download_owns_90_to_98_of_the_bar(studio: Studio, told: list[Event]) -> None:
    """A step is told, not each piece; what begins again after a fault takes nothing back."""
    tell = ClipNews(studio)
    tell(News(provider="zai", key="k", what="done"))
    for share in (0.0, 0.01, 0.02, 0.5, 0.505, 0.1, 1.0):
        tell.heard(share)
    tell(News(provider="zai", key="k", what="fetched"))
    assert [90, 94, 98, 98] == [round(100 * event.done) for event in told]


@pytest.mark.parametrize("name", ["http://example.com/a.png", "HTTPS://example.com/a.png", "data://x"])
def test_an_address_is_no_picture(name: str) -> None:
    """Nothing is fetched from it; the line says what to do."""
    with pytest.raises(UsageError, match="is an address") as caught:
        picture_of(ClipRequest(prompt="a boat", picture=name))
    assert "download" in caught.value.hint


def test_a_picture_is_a_file(tmp_path: Path) -> None:
    """None asked for is none; one that is not there is an input error."""
    assert picture_of(ClipRequest(prompt="a boat")) is None
    with pytest.raises(InputError, match="missing"):
        picture_of(ClipRequest(prompt="a boat", picture=str(tmp_path / "a.png")))


def test_what_a_model_needs_is_said_before_it_is_asked(studio: Studio) -> None:
    """A model that only moves pictures wants one."""
    needy = link("zai", CLIPS.model_copy(update={"takes_picture": True, "needs_picture": True}))
    with pytest.raises(UsageError, match="needs a picture") as caught:
        wish_for(ClipRequest(prompt="a boat"), needy, studio, None)
    assert "-r" in caught.value.hint
