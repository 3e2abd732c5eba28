"""The provider `openai-images` against the wire format: a picture now, paid once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest

from tests.contract.ordering_one import KEY, made, played
from tests.fakes.provider.running import FakeProvider
from voxweave.core.orders import Wanted
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    KeyRefused,
    ProviderBusy,
    RefusedError,
    VoxWeaveError,
)
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.providers.base import Painter
from voxweave.providers.openai_images import OpenaiImages

WANTED = Wanted(
    provider="openai-images", model="gpt-image-2", prompt="a lake", seconds=6, width=1920, height=1080
)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeProvider]:
    """One server for all."""
    with FakeProvider("openai", ffmpeg=find_ffmpeg().program, hang_s=1.2, retry_after_s=0.05) as fake:
        yield fake


@pytest.mark.parametrize(
    ("model", "size"),
    [("gpt-image-2", "1920x1088"), ("gpt-image-1.5", "1536x1024"), ("their-own", "1536x1024")],
)
def test_a_picture_of_the_nearest_size_comes(
    server: FakeProvider, model: str, size: str, tmp_path: Path
) -> None:
    """Steps of 16 where any size is taken, the nearest shape where only some are."""
    painter = made(OpenaiImages, played(server), model=model)
    assert isinstance(painter, Painter)
    assert "still" == painter.offers()[0].makes
    file = painter.picture(WANTED.model_copy(update={"model": model}), tmp_path)
    asked = server.truth()["pictures"]
    assert [size] == [picture["fields"]["size"] for picture in asked]
    assert cv2.imread(str(file)) is not None
    assert [file] == list(tmp_path.iterdir())


def test_a_picture_may_come_by_address(tmp_path: Path) -> None:
    """Z.ai's form: an address, fetched without the key."""
    with FakeProvider("zai", ffmpeg=find_ffmpeg().program) as fake:
        painter = made(OpenaiImages, fake, model="glm-image")
        file = painter.picture(WANTED.model_copy(update={"model": "glm-image"}), tmp_path)
        assert ["1728x960"] == [picture["fields"]["size"] for picture in fake.truth()["pictures"]]
    assert cv2.imread(str(file)) is not None
    assert file.suffix in (".png", ".jpg", ".webp")


FAULTS: list[tuple[str, type[VoxWeaveError]]] = [
    ("400", RefusedError), ("moderated", RefusedError), ("429_quota", RefusedError), ("401", KeyRefused),
    ("429_none", ProviderBusy), ("503", ProviderBusy), ("500_after_job", AnswerUnclear),
    ("hang_after_job", AnswerUnclear), ("close_after_job", AnswerUnclear), ("bad_json", AnswerUnclear),
    ("empty", AnswerUnclear), ("echo_key", RefusedError),
]  # fmt: skip


@pytest.mark.parametrize(("scenario", "kind"), FAULTS)
def test_a_picture_is_asked_for_once_and_its_end_is_told(
    server: FakeProvider, scenario: str, kind: type[VoxWeaveError], tmp_path: Path
) -> None:
    """It is paid for like a clip, so the same rules hold."""
    painter = made(OpenaiImages, played(server, f"picture_{scenario}"))
    with pytest.raises(kind) as caught:
        painter.picture(WANTED, tmp_path)
    assert 1 == len([ask for ask in server.truth()["log"] if ask["method"] == "POST"])
    assert KEY not in str(caught.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("model", "day"), [("dall-e-3", "2026-05-12"), ("gpt-image-1", "2026-10-23")])
def test_models_that_ended_are_told_before_anything_is_asked(
    server: FakeProvider, model: str, day: str
) -> None:
    """At OpenAI's own host; a gateway may have a model of that name."""
    with pytest.raises(DependencyError, match=f"since {day}"):
        made(OpenaiImages, server, base_url="https://api.openai.com/v1", model=model).offers()
    assert made(OpenaiImages, server, model=model).offers()


@pytest.mark.parametrize(("quality", "price"), [("low", 0.018), ("medium", 0.068), ("high", 0.266)])
def test_the_quality_decides_the_price(server: FakeProvider, quality: str, price: float) -> None:
    """A full-HD picture has twice the area of the square the price is published for."""
    told: Any = made(OpenaiImages, server, quality=quality).offers()[0].price
    assert price == told.per_clip
