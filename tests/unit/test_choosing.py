"""Who recognises the words is chosen in a stated order, and the choice is told with its reason."""

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from voxweave.core.hearing import Heard, Prospect, Window
from voxweave.core.orders import Offer, Price
from voxweave.errors import DependencyError, UsageError
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.choosing import Choice, NoRecognizer, choices_for
from voxweave.pipeline.studio import open_studio
from voxweave.providers import registry
from voxweave.providers.base import Provider, Toolkit
from voxweave.settings import Settings

INSTALL = "pip install 'voxweave-film[asr]'"
READY = Prospect(ready=True, model="base", reason="the largest that fits")
FETCHED = Prospect(ready=False, model="small", reason="small for this machine", download_bytes=484_000_000)
LACKING = Prospect(ready=False, reason="faster-whisper is not installed", hint=INSTALL)
POOR = Prospect(ready=True, model="en-US", poor=True)
CLOUD = Prospect(ready=True, model="whisper-1", remote=True, offer=Offer(model="whisper-1", longest_s=25))


class _Fake(Provider):
    """A recognizer that says of itself what a test wants."""

    says: ClassVar[Prospect]

    class Options(BaseModel):
        """What the host hands on."""

        model: str = ""
        offline: bool = False
        speakers: bool = False

    def prospect(self, language: str, duration_ms: int) -> Prospect:
        return self.says

    def prepare(self) -> None:
        """Nothing to do."""

    def hear(self, window: Window) -> Heard:
        return Heard(language="en", phrases=())


class Local(_Fake):
    """On this machine."""


class Backup(_Fake):
    """On this machine, badly."""


class Cloud(_Fake):
    """Elsewhere."""


class Odd(_Fake):
    """Breaks when it is asked."""

    def prospect(self, language: str, duration_ms: int) -> Prospect:
        raise ZeroDivisionError


class Deaf(Provider):
    """No recognizer at all."""


Choose = Callable[..., list[Choice]]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Choose:
    """Choose among these, under these settings."""
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)

    def chosen(*, poor: bool = False, told: dict[type[Provider], Prospect], **settings: Any) -> list[Choice]:
        kinds: list[type[Provider]] = [*told, Deaf]
        for kind, says in told.items():
            kind.says = says  # type: ignore[attr-defined]
        points = {
            kind.__name__.lower(): EntryPoint(
                kind.__name__.lower(), f"{__name__}:{kind.__name__}", registry.GROUP
            )
            for kind in kinds
        }
        monkeypatch.setattr(registry, "_found", lambda: points)
        studio = open_studio(Settings(**settings), stop=StopSignal(), tell=lambda event: None)
        kit = Toolkit(studio.ffmpeg, studio.stop, lambda share: None)
        return choices_for(studio, "en", 60_000, kit=kit, poor=poor)

    return chosen


def test_what_is_here_comes_first(choose: Choose) -> None:
    """Ready before a download, both before poor text; a service is never chosen."""
    found = choose(poor=True, told={Backup: POOR, Cloud: CLOUD, Local: READY})
    assert ["local", "backup"] == [one.name for one in found]
    assert "words recognised by local base: the largest that fits" == found[0].line


def test_a_download_is_told_with_its_size(choose: Choose) -> None:
    """Before anything is fetched."""
    (found,) = choose(told={Local: FETCHED, Backup: POOR})
    assert "words recognised by local small, downloaded first (484 MB): small for this machine" == found.line


@pytest.mark.parametrize("how", ["setting", "1", "TRUE"])
def test_offline_nothing_is_downloaded(choose: Choose, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """As set, or as the hub's own programs are told; who stands in says why."""
    if how != "setting":
        monkeypatch.setenv("HF_HUB_OFFLINE", how)
    (found,) = choose(poor=True, told={Local: FETCHED, Backup: POOR}, offline=how == "setting")
    assert "backup" == found.name
    assert "whose text is poor: local: small for this machine" in found.line
    assert found.recognizer.options.offline  # type: ignore[attr-defined]


def test_poor_text_is_for_those_who_ask_for_text(choose: Choose) -> None:
    """A film is rather made without captions; the way out is the install line."""
    with pytest.raises(NoRecognizer, match="faster-whisper is not installed") as caught:
        choose(told={Local: LACKING, Backup: POOR, Cloud: CLOUD})
    assert INSTALL == caught.value.hint


def test_with_nothing_installed_the_way_out_is_told(choose: Choose) -> None:
    """Even then."""
    with pytest.raises(DependencyError, match="no recognizer is installed") as caught:
        choose(told={})
    assert INSTALL == caught.value.hint


def test_who_is_named_does_it(choose: Choose) -> None:
    """A service too, with the model named for it; the line says that it was named."""
    (found,) = choose(
        told={Local: READY, Cloud: CLOUD}, recognizer="cloud", speech_model="large", speakers=True
    )
    assert ("cloud", True) == (found.name, found.paid)
    assert ("large", True) == (found.recognizer.options.model, found.recognizer.options.speakers)  # type: ignore[attr-defined]
    assert "words recognised by cloud whisper-1: named with --recognizer" == found.line
    assert 25_000 == found.longest_ms


def test_who_is_named_and_cannot_says_why(choose: Choose) -> None:
    """With the install line, or how a download would be allowed."""
    with pytest.raises(NoRecognizer, match="local cannot recognise words here: faster-whisper") as caught:
        choose(told={Local: LACKING}, recognizer="local")
    assert INSTALL == caught.value.hint
    with pytest.raises(NoRecognizer, match="nothing may be downloaded") as caught:
        choose(told={Local: FETCHED}, recognizer="local", offline=True)
    assert "leave out --offline" == caught.value.hint
    for name in ("nobody", "deaf"):
        with pytest.raises(UsageError, match=f"no recognizer '{name}'") as wrong:
            choose(told={Local: READY}, recognizer=name)
        assert "installed: local" == wrong.value.hint


def test_a_model_that_nobody_knows_is_no_reason_for_poor_words(choose: Choose) -> None:
    """The mistake is told, unless somebody is ready with a model of that name."""
    wrong = Prospect(ready=False, mistaken=True, reason="no speech model is called 'bse'", hint="base?")
    for more in ({}, {"recognizer": "local"}):
        with pytest.raises(UsageError, match="local: no speech model is called 'bse'") as caught:
            choose(poor=True, told={Local: wrong, Backup: POOR, Cloud: CLOUD}, speech_model="bse", **more)
        assert "base?" == caught.value.hint
    (found,) = choose(told={Local: wrong, Backup: READY}, speech_model="bse")
    assert "backup" == found.name


def test_a_strangers_bug_stops_nobody_else(choose: Choose) -> None:
    """What breaks while it is asked could not recognise anything."""
    (found,) = choose(told={Odd: READY, Local: READY})
    assert "local" == found.name


@pytest.mark.parametrize(
    ("offer", "paid"),
    [
        (None, True),
        (Offer(model="x", free=True), False),
        (Offer(model="x", price=Price(per_second=0.1, dated="2026-11-20")), True),
        (Offer(model="x", price=Price(dated="2026-11-20")), False),
        (Offer(model="x", price=Price(per_second_at={480: 0.0, 1080: 0.5}, dated="2026-11-20")), True),
        (Offer(model="x", price=Price(per_second=0.5, per_second_at={480: 0.0}, dated="2026-11-20")), True),
        (Offer(model="x", price=Price(per_second=4e-7, dated="2026-11-20")), True),
    ],
)
def test_a_service_costs_unless_it_says_not(choose: Choose, offer: Offer | None, paid: bool) -> None:
    """A price nobody told is asked about; what is in doubt keeps no other window waiting."""
    says = Prospect(ready=True, remote=True, offer=offer)
    (found,) = choose(told={Cloud: says}, recognizer="cloud")
    assert (paid, None) == (found.paid, found.offer.limits.at_once)
