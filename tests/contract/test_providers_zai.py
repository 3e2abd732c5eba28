"""The provider `zai` against its wire format, its codes and its faults."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.contract.ordering_one import KEY, delivered, made, played, waited, wanted
from tests.fakes.provider.running import FakeProvider
from voxweave.errors import AnswerUnclear, KeyRefused, ProviderBusy, RefusedError, UsageError, VoxWeaveError
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.providers.base import Supplier
from voxweave.providers.zai import Zai


@pytest.fixture(scope="module")
def server() -> Iterator[FakeProvider]:
    """One server for all."""
    with FakeProvider(
        "zai", ffmpeg=find_ffmpeg().program, hang_s=1.2, job_seconds=0.1, retry_after_s=0.05
    ) as fake:
        yield fake


def test_a_clip_comes_whole(server: FakeProvider, tmp_path: Path) -> None:
    """Ordered with what the model takes and nothing else, fetched without the key's going along."""
    supplier = made(Zai, played(server))
    assert isinstance(supplier, Supplier)
    clip = delivered(supplier, wanted(supplier), tmp_path)
    order = server.truth()["orders"][0]
    assert 5 == round(clip.seconds)
    assert {"model": "cogvideox-3", "size": "1280x720", "duration": 5, "with_audio": False}.items() <= order[
        "fields"
    ].items()
    assert "watermark_enabled" not in order["fields"]
    assert order["fields"]["request_id"].startswith("voxweave-")
    assert supplier.find(wanted(supplier), 0) is None


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [("create_moderated", RefusedError), ("create_429_quota", RefusedError), ("create_429_none", ProviderBusy),
     ("create_401", KeyRefused), ("create_404", RefusedError), ("create_500_after_job", AnswerUnclear),
     ("create_409_after_job", AnswerUnclear), ("create_hang_after_job", AnswerUnclear), ("create_html", AnswerUnclear),
     ("create_bad_id", AnswerUnclear), ("create_huge_json", AnswerUnclear), ("create_gzip_bomb", AnswerUnclear),
     ("create_redirect_307", RefusedError), ("create_echo_key", RefusedError)],
)  # fmt: skip
def test_a_create_call_is_sent_once_and_its_end_is_told(
    server: FakeProvider, scenario: str, kind: type[VoxWeaveError]
) -> None:
    """Their codes of digits say whether to wait, to pay, or to ask a person."""
    supplier = made(Zai, played(server, scenario))
    with pytest.raises(kind) as caught:
        supplier.order(wanted(supplier))
    truth = server.truth()
    assert 1 == len([ask for ask in truth["log"] if ask["method"] == "POST"])
    assert not truth["canary"]
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "scenario",
    ["poll_429", "poll_500_burst", "poll_hang", "poll_reset", "poll_html", "poll_array", "poll_gzip_bomb",
     "poll_huge_json", "poll_other_id", "vanish_once", "unknown_status", "status_flap", "content_truncated",
     "content_403_expired_once"],
)  # fmt: skip
def test_transient_faults_end_nothing(server: FakeProvider, scenario: str, tmp_path: Path) -> None:
    """One order, and its clip."""
    supplier = made(Zai, played(server, scenario))
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    assert 1 == server.truth()["orders_created"]


@pytest.mark.parametrize("scenario", ["fails", "fails_null", "cancelled"])
def test_a_failure_is_told(server: FakeProvider, scenario: str) -> None:
    """FAIL says no reason, so we say that."""
    supplier = made(Zai, played(server, scenario))
    told = waited(supplier, supplier.order(wanted(supplier)))
    assert ("failed", "it gave no reason") == (told.state, told.reason)


@pytest.mark.parametrize(
    "scenario",
    [f"url_{what}" for what in ("internal", "metadata", "userinfo", "file", "data", "ftp", "crlf", "relative", "null", "missing", "cdn_port")],
)  # fmt: skip
def test_an_address_that_leads_astray_is_refused(server: FakeProvider, scenario: str, tmp_path: Path) -> None:
    """The answer's address is input: nothing inside is asked, no key goes anywhere, nothing is saved."""
    supplier = made(Zai, played(server, scenario))
    remote_id = supplier.order(wanted(supplier))
    told = waited(supplier, remote_id)
    with pytest.raises(RefusedError):
        supplier.collect(remote_id, told, tmp_path)
    assert not server.truth()["canary"]
    assert not list(tmp_path.iterdir())


def test_a_store_of_one_s_own_can_be_allowed(server: FakeProvider, tmp_path: Path) -> None:
    """A private store named in the settings is asked, without the key."""
    played(server, "url_cdn_port")
    supplier = made(Zai, server, downloads_from=[server.canary])
    remote_id = supplier.order(wanted(supplier))
    told = waited(supplier, remote_id)
    supplier = made(Zai, server, downloads_from=["/".join(told.address.split("/")[:3])])
    assert supplier.collect(remote_id, told, tmp_path).stat().st_size
    assert KEY not in str(server.truth()["canary"])


def test_a_prompt_is_cut_at_a_word_within_512_characters(server: FakeProvider) -> None:
    """They count characters and refuse the 513th."""
    supplier = made(Zai, played(server))
    supplier.order(wanted(supplier, prompt="морской берег, " * 100))
    prompt = server.truth()["orders"][0]["prompt"]
    assert 490 < len(prompt) <= 512
    assert prompt.endswith(("морской", "берег"))


def test_a_picture_goes_along_as_a_data_url(server: FakeProvider, tmp_path: Path) -> None:
    """Of the clip's own size, small, and by no address of ours."""
    place = tmp_path / "face.png"
    place.write_bytes(cv2.imencode(".png", np.full((333, 999, 3), 90, np.uint8))[1].tobytes())
    supplier = made(Zai, played(server))
    supplier.order(wanted(supplier, picture=fingerprint(place)))
    assert str(server.truth()["orders"][0]["fields"]["image_url"]).startswith("data:image/jpeg;base64,")


def test_a_model_that_needs_a_picture_says_so(server: FakeProvider) -> None:
    """Before anything is asked."""
    supplier = made(Zai, played(server), model="vidu2-image")
    with pytest.raises(UsageError, match="needs a picture"):
        supplier.order(wanted(supplier))


@pytest.mark.parametrize(("place", "flash"), [("z.ai", False), ("bigmodel", True)])
def test_each_host_offers_its_own_models(server: FakeProvider, place: str, flash: bool) -> None:
    """The chosen one first; what only BigModel has is not offered at Z.ai."""
    offers = made(Zai, server, base_url=place).offers()
    assert ("cogvideox-3", 1, 512) == (offers[0].model, offers[0].limits.at_once, offers[0].longest_prompt)
    assert flash is ("cogvideox-flash" in [offer.model for offer in offers])
