"""The provider `openai` against every kind of server it must speak with, and against all their faults."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.contract.asking import self_signed
from tests.contract.ordering_one import KEY, delivered, made, played, waited, wanted
from tests.fakes.provider.running import FakeProvider
from voxweave.core.orders import Told
from voxweave.core.value import MediaFile
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    KeyRefused,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    UsageError,
    VoxWeaveError,
)
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.files import fingerprint
from voxweave.providers.base import Supplier
from voxweave.providers.openai_videos.provider import OpenaiVideos

FLAVOURS = (
    "openai",
    "vllm_omni",
    "sglang",
    "fastvideo",
    "aquiles",
    "litellm",
    "new_api",
    "dynamo",
    "openrouter",
)
TOLD = {"dynamo": "dynamo", "openrouter": "openrouter"}
"""What cannot be guessed must be said: these two take another body."""


@pytest.fixture(scope="module")
def server() -> Iterator[FakeProvider]:
    """One server in OpenAI's own words, for all faults."""
    with FakeProvider(
        "openai", ffmpeg=find_ffmpeg().program, hang_s=2.0, slow_s=0.5, job_seconds=0.1
    ) as fake:
        yield fake


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_clip_comes_from_every_kind_of_server(flavour: str, tmp_path: Path) -> None:
    """Ordered once, watched, downloaded and whole, with the model read from the server."""
    with FakeProvider(flavour, ffmpeg=find_ffmpeg().program, job_seconds=0.1) as fake:
        supplier = made(OpenaiVideos, fake, dialect=TOLD.get(flavour, "auto"))
        assert isinstance(supplier, Supplier)
        clip = delivered(supplier, wanted(supplier), tmp_path)
        truth = fake.truth()
    assert (1280, 720, True) == (clip.width, clip.height, clip.has_sound)
    assert 1 == truth["orders_created"]
    assert ["a boat on a lake"] == [order["prompt"] for order in truth["orders"]]
    assert not truth["canary"]


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_failed_order_is_told_as_one(flavour: str) -> None:
    """Shown as a job, as an error, or hidden behind a broken gateway, a failure ends the waiting."""
    with FakeProvider(flavour, ["fails"], job_seconds=0.1) as fake:
        supplier = made(OpenaiVideos, fake, dialect=TOLD.get(flavour, "auto"), broken_s=0)
        told = waited(supplier, supplier.order(wanted(supplier)))
    assert "failed" == told.state
    assert told.reason


@pytest.mark.parametrize("flavour", ["vllm_omni", "sglang", "fastvideo", "aquiles"])
def test_a_server_that_forgot_is_told_as_lost(flavour: str) -> None:
    """Open servers keep orders in memory: after a restart they know none, and a fourth question is enough."""
    with FakeProvider(flavour, job_seconds=30) as fake:
        supplier = made(OpenaiVideos, fake)
        remote_id = supplier.order(wanted(supplier))
        fake.restart()
        assert "lost" == waited(supplier, remote_id).state


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        *((f"create_{status}", RefusedError) for status in (400, 404, 410, 422)),
        *(
            (f"create_{what}", RefusedError)
            for what in ("moderated", "echo_key", "429_quota", "redirect_canary")
        ),
        *((f"create_{status}", KeyRefused) for status in (401, 403)),
        *(
            (f"create_429_{form}", ProviderBusy)
            for form in ("seconds", "date", "ms", "none", "garbage", "negative")
        ),
        *((f"create_503{form}", ProviderBusy) for form in ("", "_retry_after")),
        *((f"create_{status}_after_job", AnswerUnclear) for status in (500, 502, 504, 408, 409)),
        *((f"create_{end}_after_job", AnswerUnclear) for end in ("hang", "reset", "close", "drop", "cut")),
        *((f"create_{form}", AnswerUnclear) for form in ("bad_json", "empty", "204", "array", "html")),
        *((f"create_{form}", AnswerUnclear) for form in ("missing_id", "null_id", "bad_id", "long_id")),
        *((f"create_{form}", AnswerUnclear) for form in ("huge_json", "gzip_bomb", "hang_mid_body")),
        *((f"create_{form}", AnswerUnclear) for form in ("500", "hang", "reset", "close")),
    ],
)
def test_a_create_call_is_sent_once_and_its_end_is_told(
    server: FakeProvider, scenario: str, kind: type[VoxWeaveError]
) -> None:
    """Refused, busy or unclear: never sent twice by us, never a key in the line, and found again if it was accepted."""
    supplier = made(OpenaiVideos, played(server, scenario))
    want, since = wanted(supplier), time.time()
    with pytest.raises(kind) as caught:
        supplier.order(want)
    truth = server.truth()
    assert 1 == len([ask for ask in truth["log"] if ask["method"] == "POST"])
    assert KEY not in f"{caught.value} {caught.value.hint}"
    assert not truth["canary"]
    if kind is AnswerUnclear:
        assert [order["id"] for order in truth["orders"]] == list(supplier.find(want, since) or ())
    else:
        assert not truth["orders"]


@pytest.mark.parametrize(
    "scenario", ["create_slow", "create_nulls", "create_types", "create_extra", "create_completed"]
)
def test_an_odd_answer_with_an_id_is_an_order(server: FakeProvider, scenario: str, tmp_path: Path) -> None:
    """Late, half empty, of wrong types or done already: the id is what counts."""
    supplier = made(OpenaiVideos, played(server, scenario))
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    assert 1 == server.truth()["orders_created"]


@pytest.mark.parametrize(
    "scenario",
    [
        *(f"poll_{what}" for what in ("429", "500", "500_burst", "502", "503", "hang", "reset", "close", "html")),
        *(f"poll_{what}" for what in ("bad_json", "empty", "array", "null", "gzip_bomb", "huge_json", "other_id")),
        "vanish_once", "unknown_status", "status_processing", "status_backwards", "progress_150", "progress_negative",
        "progress_null", "progress_text", "progress_nan", "progress_fraction", "expires_past", "size_missing",
        "size_other", "seconds_null",
    ],
)  # fmt: skip
def test_no_transient_fault_of_a_question_ends_an_order(
    server: FakeProvider, scenario: str, tmp_path: Path
) -> None:
    """The order goes on, and its clip comes, at one job."""
    supplier = made(OpenaiVideos, played(server, scenario))
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    assert 1 == server.truth()["orders_created"]


@pytest.mark.parametrize(
    ("scenario", "state"),
    [("fails", "failed"), ("fails_null", "failed"), ("fails_text", "failed"), ("fails_ansi", "failed"),
     ("fails_400", "failed"), ("fails_moderated", "refused"), ("cancelled", "failed"), ("expired", "lost"),
     ("vanishes", "lost")],
)  # fmt: skip
def test_an_end_is_told_in_our_words(server: FakeProvider, scenario: str, state: str) -> None:
    """Each way to end has its state, and a reason that fits on a line."""
    supplier = made(OpenaiVideos, played(server, scenario))
    told = waited(supplier, supplier.order(wanted(supplier)))
    assert state == told.state
    assert 0 < len(told.reason) <= 200
    assert told.reason.isprintable()


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [("poll_500_forever", ProviderFailed), ("poll_401_midway", KeyRefused), ("id_changes", ProviderFailed)],
)
def test_lasting_trouble_is_an_error_and_no_end(
    server: FakeProvider, scenario: str, kind: type[Exception]
) -> None:
    """The order stays as it is, for another day or another key."""
    supplier = made(OpenaiVideos, played(server, scenario))
    with pytest.raises(kind):
        waited(supplier, supplier.order(wanted(supplier)))


@pytest.mark.parametrize(
    "scenario",
    [
        *(
            f"content_{what}"
            for what in ("truncated", "chunk_cut", "reset", "truncated_nolen", "truncated_wronglen")
        ),
        *(
            f"content_{what}"
            for what in ("truncated_playable", "length_too_long", "html", "html_as_mp4", "json_error")
        ),
        *(
            f"content_{what}"
            for what in ("empty", "204", "png", "playlist", "audio_only", "silent", "other_fps")
        ),
        *(
            f"content_{what}"
            for what in ("other_size", "short", "stall", "404_early", "429", "500", "500_burst")
        ),
        *(
            f"content_{what}"
            for what in ("403_expired_once", "range_changes", "range_ignored", "redirect_ok")
        ),
    ],
)
def test_a_bad_download_is_fetched_again(server: FakeProvider, scenario: str, tmp_path: Path) -> None:
    """What came broken is noticed, and the whole clip comes of the same order."""
    supplier = made(OpenaiVideos, played(server, scenario))
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    assert 1 == server.truth()["orders_created"]
    assert 1 == len(list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("scenario", "kind"),
    [
        *((f"content_{what}", RefusedError) for what in ("403_expired", "410", "huge_len", "gzip_bomb")),
        *(
            (f"content_redirect_{to}", RefusedError)
            for to in ("cdn", "loop", "internal", "localhost", "zero")
        ),
        *((f"content_redirect_{to}", RefusedError) for to in ("decimal", "mapped", "metadata", "file")),
        ("content_401", KeyRefused),
        ("content_404", ProviderFailed),
    ],
)
def test_what_cannot_be_fetched_is_one_line(
    server: FakeProvider, scenario: str, kind: type[VoxWeaveError], tmp_path: Path
) -> None:
    """Gone, too large, or led to where nobody should go: nothing is saved, nothing inside is asked."""
    supplier = made(OpenaiVideos, played(server, *[scenario] * 20))
    remote_id = supplier.order(wanted(supplier))
    told = waited(supplier, remote_id)
    with pytest.raises(kind) as caught:
        supplier.collect(remote_id, told, tmp_path)
    assert not server.truth()["canary"]
    assert not list(tmp_path.iterdir())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("scenario", "found"),
    [("list_404", None), ("list_405", None), ("list_empty", ()), ("list_500", ProviderFailed)],
)
def test_a_list_that_cannot_be_read_promises_nothing(server: FakeProvider, scenario: str, found: Any) -> None:
    """No list is told apart from an empty one, and from one that broke."""
    supplier = made(OpenaiVideos, played(server, scenario))
    want = wanted(supplier)
    if found is ProviderFailed:
        with pytest.raises(ProviderFailed):
            supplier.find(want, time.time())
    else:
        assert found == supplier.find(want, time.time())


def test_only_orders_like_this_one_since_then_are_found(server: FakeProvider) -> None:
    """By prompt, length and the server's own clock, through all pages."""
    supplier = made(OpenaiVideos, played(server, job_seconds=0.1))
    want = wanted(supplier)
    ids = [supplier.order(want.model_copy(update={"prompt": f"scene {n}"})) for n in range(25)]
    twin = want.model_copy(update={"prompt": "scene 3", "seconds": 8})
    assert (ids[3],) == supplier.find(want.model_copy(update={"prompt": "scene 3"}), time.time() - 60)
    assert (supplier.order(twin),) == supplier.find(twin, time.time() - 60)
    assert () == supplier.find(want.model_copy(update={"prompt": "scene 3"}), time.time() + 60)


def test_a_dead_key_gives_way_to_the_next(server: FakeProvider, tmp_path: Path) -> None:
    """Each question and the download go on with the key that opens."""
    played(server, keys={"sk-dead-0123456789": "dead", "sk-poor-0123456789": "unpaid", KEY: "ok"})
    supplier = made(OpenaiVideos, server, key=("sk-dead-0123456789", "sk-poor-0123456789", KEY))
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    with pytest.raises(RefusedError):
        made(OpenaiVideos, server, model="sora-2", key="sk-poor-0123456789").order(wanted(supplier))
    server.script(keys={})


def test_no_key_sends_no_credentials(
    server: FakeProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A self-hosted server is asked without a key, whatever the environment holds."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-the-environment")
    supplier = made(OpenaiVideos, played(server), key=())
    assert delivered(supplier, wanted(supplier), tmp_path).frames
    truth = server.truth()
    assert "of-the-environment" not in str(truth)
    assert all("authorization" not in order["headers"] for order in truth["orders"])


def test_a_reference_picture_has_the_clip_s_own_size(server: FakeProvider, tmp_path: Path) -> None:
    """Whatever the picture's shape, what is sent has the size that is asked for: OpenAI's kind refuses any other."""
    place = tmp_path / "face.png"
    place.write_bytes(cv2.imencode(".png", np.full((333, 999, 3), 90, np.uint8))[1].tobytes())
    supplier = made(OpenaiVideos, played(server))
    picture: MediaFile = fingerprint(place)
    supplier.order(wanted(supplier, picture=picture))
    assert 1 == server.truth()["orders_created"]


def test_several_models_want_a_choice(server: FakeProvider) -> None:
    """The one model served is taken; of several, none is guessed."""
    supplier = made(OpenaiVideos, played(server, models=["a", "b"]))
    with pytest.raises(UsageError, match="a, b"):
        supplier.offers()
    server.script(models=[])


def test_a_closed_port_promises_that_nothing_was_sent() -> None:
    """The SDK's own connection error is told as what it is."""
    with FakeProvider("openai") as fake:
        supplier = made(OpenaiVideos, fake, model="sora-2")
        want = wanted(supplier)
    with pytest.raises(ProviderUnreachable):
        supplier.order(want)


@pytest.mark.parametrize("host", ["https://api.openai.com/v1", "https://mine.openai.azure.com/openai/v1"])
def test_retired_models_are_told_before_anything_is_asked(server: FakeProvider, host: str) -> None:
    """The line says since when they are gone, and what works."""
    supplier = made(OpenaiVideos, server, base_url=host, model="sora-2")
    for asked in (
        supplier.offers,
        lambda: supplier.order(wanted(made(OpenaiVideos, server, model="sora-2"))),
    ):
        with pytest.raises(DependencyError, match="since 2026-09-24") as caught:
            asked()
        assert "base_url" in caught.value.hint


def test_a_wrong_dialect_is_hinted_at() -> None:
    """A server that takes JSON only refuses our form; the way out is in the hint."""
    with FakeProvider("dynamo") as fake:
        supplier = made(OpenaiVideos, fake)
        with pytest.raises(RefusedError) as caught:
            supplier.order(wanted(supplier))
    assert "dialect" in caught.value.hint


def test_sound_is_handed_over_where_it_is_taken(tmp_path: Path) -> None:
    """A capability of the server and a choice of the user: without both, none is offered and none is sent."""
    voice = tmp_path / "voice.wav"
    voice.write_bytes(b"RIFF\x24\0\0\0WAVE" + bytes(64))
    with FakeProvider("vllm_omni") as fake:
        for sound in (True, False):
            supplier = made(OpenaiVideos, fake, dialect="vllm_omni", sound=sound)
            assert sound is supplier.offers()[0].takes_sound
            supplier.order(wanted(supplier, sound=fingerprint(voice), seed=7))
        orders = fake.truth()["orders"]
    assert [True, False] == ["audio_reference" in order["fields"] for order in orders]
    assert {"7"} == {order["fields"]["seed"] for order in orders}


def test_an_own_server_is_free_and_a_gateway_is_not() -> None:
    """What runs on one's own network and says what it is costs nothing; anything else has a price or asks."""
    with FakeProvider("vllm_omni") as fake:
        own = made(OpenaiVideos, fake, dialect="vllm_omni").offers()[0]
        gateway = made(OpenaiVideos, fake, dialect="litellm").offers()[0]
    assert (True, 0.0) == (own.free, own.price and own.price.of(10))
    assert (False, None) == (gateway.free, gateway.price)


def test_an_unknown_dialect_is_a_usage_error(server: FakeProvider) -> None:
    """The line names those there are."""
    with pytest.raises(UsageError, match="klingon") as caught:
        made(OpenaiVideos, server, dialect="klingon")
    assert "vllm_omni" in caught.value.hint


def test_an_order_can_be_forgotten(server: FakeProvider) -> None:
    """Where the server deletes; where it does not, that is no failure."""
    supplier = made(OpenaiVideos, played(server))
    assert supplier.forget(supplier.order(wanted(supplier)))
    assert not supplier.forget("task_1")
    assert issubclass(KeyRefused, ProviderError)


def test_a_certificate_of_its_own_is_not_trusted(tmp_path: Path) -> None:
    """Neither the SDK nor our own client goes on, and nothing was sent."""
    certificate, key = self_signed(tmp_path)
    with FakeProvider(tls=(certificate, key)) as fake:
        supplier = made(OpenaiVideos, fake, model="sora-2")
        want = wanted(supplier)
        with pytest.raises(ProviderUnreachable, match="certificate"):
            supplier.order(want)
        with pytest.raises(ProviderUnreachable, match="certificate"):
            supplier.collect("video_1", Told(state="done"), tmp_path)
