"""The contract kit: our own providers pass it, and providers that break a rule are told which."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from tests.conftest import Ffmpeg
from tests.contract.asking import MODELS
from tests.contract.ordering_one import KEY
from tests.fakes.clerk import OFFER
from tests.fakes.drawings import features
from tests.fakes.provider import FakeProvider
from voxweave.core.film import Canvas
from voxweave.core.orders import Offer, Told, Wanted
from voxweave.core.pictures import Picture, Still
from voxweave.core.timeline import Shot
from voxweave.errors import ProviderFailed
from voxweave.media.files import fingerprint
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.registry import provider_class
from voxweave.settings.styles import load_style
from voxweave.testing import check_illustrator, check_painter, check_supplier

CLOSED = "http://127.0.0.1:9/v1"
Make = Callable[[Toolkit], Provider]


def at(name: str, base_url: str, **options: Any) -> Make:
    """A provider of ours as the host makes it, pointed at an address."""
    kind = provider_class(name)
    told = {"base_url": base_url, "key": KEY, "status_s": 2.0, "transfer_s": 5.0, **options}
    return lambda tools: kind(kind.Options.model_validate(told), tools)


@pytest.fixture(scope="module")
def fake(bundled: Path) -> Iterator[FakeProvider]:
    """A server whose clips are real."""
    with FakeProvider(ffmpeg=bundled, job_seconds=0.05) as server:
        yield server


@pytest.mark.parametrize("flavour", ["vllm_omni", "sglang", "new_api"])
def test_our_orders_keep_the_contract(fake: FakeProvider, flavour: str, tmp_path: Path) -> None:
    """`openai`, with servers that list orders and one that does not."""
    server = fake.reset(flavour=flavour)
    options = {"model": MODELS.get(flavour, "sora-2"), "dialect": flavour}
    check_supplier(at("openai", server.base_url, **options), tmp_path, nobody=at("openai", CLOSED, **options))
    assert 2 == len(server.truth()["orders"])


def test_zai_keeps_the_contract(fake: FakeProvider, tmp_path: Path) -> None:
    """`zai`, whose orders are known by their ids alone."""
    server = fake.reset(flavour="zai")
    check_supplier(at("zai", server.base_url), tmp_path, nobody=at("zai", CLOSED))


def test_our_pictures_keep_the_contract(fake: FakeProvider, tmp_path: Path) -> None:
    """`openai-images`, whose pictures come with the answer."""
    server = fake.reset(flavour="openai")
    check_painter(at("openai-images", server.base_url), tmp_path, nobody=at("openai-images", CLOSED))


def test_our_art_keeps_the_contract(tmp_path: Path) -> None:
    """`art`: each frame is drawn from its number alone, in every run."""
    kind = provider_class("art")
    film = {"style": load_style("aurora"), "film_frames": 100, "voice": fingerprint(features(tmp_path))}
    check_illustrator(lambda tools: kind(kind.Options.model_validate(film), tools), tmp_path / "into")


class Sloppy(Provider):
    """Orders in memory, as a stranger might write them; each fault is one of its options."""

    class Options(BaseModel):
        """What it does wrong."""

        fault: str = ""

    options: Options
    made: ClassVar[dict[str, str]] = {}

    def offers(self) -> tuple[Offer, ...]:
        return () if self.options.fault == "nothing" else (OFFER,)

    def order(self, wanted: Wanted) -> str:
        if self.options.fault == "asks anew":
            raise ProviderFailed("try again")
        if self.options.fault == "breaks":
            raise ZeroDivisionError
        remote_id = "one" if self.options.fault == "one id" else f"job-{len(self.made)}"
        self.made[remote_id] = wanted.prompt
        return remote_id

    def check(self, remote_id: str) -> Told:
        known = remote_id in self.made or self.options.fault == "knows all"
        return Told(state="done" if known else "lost")

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        if self.options.fault == "finds all":
            return tuple(self.made)
        mine = (key for key, prompt in self.made.items() if prompt == wanted.prompt and since < time.time())
        return tuple(mine)

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        file = into / "clip.mp4"
        shutil.copy(self.tools.ffmpeg.program if self.options.fault == "no clip" else Path(CLIP[0]), file)
        if self.options.fault == "litters":
            (into / "log.txt").touch()
        return file


CLIP: list[Path] = []


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, ffmpeg: Ffmpeg) -> Path:
    """A clip of four seconds."""
    file = tmp_path_factory.mktemp("clip") / "clip.mp4"
    ffmpeg("-f", "lavfi", "-i", "testsrc2=size=128x72:rate=12:duration=4", "-pix_fmt", "yuv420p", file)
    CLIP[:] = [file]
    return file


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("nothing", "at least one"),
        ("asks anew", "never raises ProviderFailed"),
        ("breaks", "VoxWeave's errors only, not ZeroDivisionError"),
        ("one id", "an id of its own"),
        ("finds all", "leaves orders with other words alone"),
        ("no clip", "begins like an MP4"),
        ("litters", "nothing else is left there: log.txt"),
        ("knows all", "neither done nor running"),
    ],
)
def test_a_broken_rule_is_named(clip: Path, fault: str, words: str, tmp_path: Path) -> None:
    """Whoever breaks a rule reads which."""
    Sloppy.made.clear()
    with pytest.raises(AssertionError, match=words):
        check_supplier(lambda tools: Sloppy(Sloppy.Options(fault=fault), tools), tmp_path)


def test_a_sound_stranger_passes(clip: Path, tmp_path: Path) -> None:
    """One that keeps all rules passes, whoever wrote it."""
    Sloppy.made.clear()
    check_supplier(lambda tools: Sloppy(Sloppy.Options(), tools), tmp_path)


class Slides(Provider):
    """The same still for every shot; `other` gives another each time."""

    class Options(BaseModel):
        """A picture, and whether it changes."""

        file: Path
        other: bool = False

    options: Options
    calls: ClassVar[list[int]] = []

    def illustrate(self, shot: Shot, canvas: Canvas, into: Path) -> Picture:
        self.calls.append(1)
        turned = self.options.other and len(self.calls) % 2
        return Still(media=fingerprint(self.options.file), move="hold" if turned else "push-in")


def test_pictures_are_the_same_in_every_run(ffmpeg: Ffmpeg, tmp_path: Path) -> None:
    """An illustrator that changes its mind would spoil what was encoded before."""
    file = tmp_path / "slide.png"
    ffmpeg("-f", "lavfi", "-i", "color=red:size=64x36", "-frames:v", "1", file)
    check_illustrator(lambda tools: Slides(Slides.Options(file=file), tools), tmp_path / "into")
    with pytest.raises(AssertionError, match="the same picture in every run"):
        check_illustrator(
            lambda tools: Slides(Slides.Options(file=file, other=True), tools), tmp_path / "into"
        )
