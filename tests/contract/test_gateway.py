"""The LiteLLM proxy, in the manner of its version 1.106.2: what it hides, breaks and wants is understood."""

import json
from pathlib import Path

import httpx
import pytest

from tests.contract.asking import Start, client, form, ordered
from tests.contract.ordering_one import delivered, made, waited, wanted
from tests.fakes.provider import FakeProvider
from tests.pace import within
from voxweave.errors import AnswerUnclear, KeyRefused, ProviderBusy, RefusedError, VoxWeaveError
from voxweave.providers.answers import Answer, complaint, judged
from voxweave.providers.gateways import behind
from voxweave.providers.openai_videos.provider import OpenaiVideos

REFUSAL = {"error": {"message": "no", "type": "x", "param": None, "code": "moderation_blocked"}}


def gateway(fake: FakeProvider, **options: object) -> OpenaiVideos:
    """Our provider, told whom it speaks with."""
    provider = made(OpenaiVideos, fake, dialect="litellm", **options)
    assert isinstance(provider, OpenaiVideos)
    return provider


def sentence(hidden: str, status: int = 400) -> Answer:
    """An error as the proxy writes it around an answer of the service behind it."""
    message = f"litellm.BadRequestError: OpenAIException - {hidden}\n\nLiteLLM: model group 'm' failed."
    told = {"error": {"message": message, "type": "invalid_request_error", "code": str(status)}}
    return Answer(status, {}, json.dumps(told).encode())


def test_the_fake_is_as_the_proxy_is(start: Start) -> None:
    """Its ids, its list, its answers to no key, a wrong one, a strange id and DELETE, and clips that are packed."""
    fake = start("litellm", keys={"sk-good": "ok"}, job_seconds=0)
    with client(fake, "sk-good") as line, client(fake, "sk-bad") as bad:
        job = ordered(fake, line)
        later = line.get(f"/videos/{job}").json()["id"]
        packed = line.get(f"/videos/{job}/content", headers={"Range": "bytes=0-9"})
        plain = line.get(f"/videos/{job}/content", headers={"Accept-Encoding": "identity"})
        statuses = [
            line.get(f"/videos/{later}").status_code,
            line.get("/videos/video_nothere").status_code,
            line.delete(f"/videos/{job}").status_code,
            bad.post("/videos", files=form(fake)).json()["error"]["type"],
            httpx.get(f"{fake.base_url}/models", trust_env=False).text,
        ]
        listed = line.get("/videos")
    assert statuses == [500, 500, 405, "no_db_connection", "Internal Server Error"]
    assert (400, True) == (listed.status_code, "LLM Provider NOT provided" in listed.text)
    assert (200, "gzip") == (packed.status_code, packed.headers["content-encoding"])
    assert (200, None) == (plain.status_code, plain.headers.get("content-encoding"))
    assert packed.content == plain.content


def test_without_a_key_nothing_is_ordered(start: Start) -> None:
    """The proxy would break down, and an order would be in doubt: it is said before, and nothing is asked."""
    fake = start("litellm")
    with pytest.raises(KeyRefused, match="wants a key, and none is set"):
        gateway(fake, key="", model="our-alias").offers()
    assert {} == fake.truth()["requests"]


def test_a_wrong_key_is_told_as_one(start: Start) -> None:
    """A proxy without a database says 400 and that it has none."""
    fake = start("litellm", keys={"sk-good": "ok"})
    provider = gateway(fake, model="our-alias")
    with pytest.raises(KeyRefused):
        provider.order(wanted(provider))


@pytest.mark.parametrize(
    ("scenario", "kind", "words"),
    [
        ("create_429_quota", RefusedError, "exceeded your current quota"),
        ("create_moderated", RefusedError, "moderation"),
        ("create_429_none", ProviderBusy, "Rate limit reached"),
        ("create_400", RefusedError, "the provider said 400"),
        ("create_500", AnswerUnclear, "the provider said 500"),
    ],
)
def test_what_the_service_behind_it_said_counts(
    start: Start, scenario: str, kind: type[VoxWeaveError], words: str
) -> None:
    """Quota and policy are refusals, a rate limit may pass; the line holds that service's words, not the envelope."""
    fake = start("litellm", [scenario])
    provider = gateway(fake)
    want = wanted(provider)
    with pytest.raises(kind, match=words) as caught:
        provider.order(want)
    assert "litellm." not in str(caught.value)
    assert 1 == fake.truth()["requests"]["create"]


def test_a_failed_order_hidden_in_an_error_ends_at_the_first_look(start: Start) -> None:
    """The job stands in the message of a 500: nobody waits until the proxy has broken down long enough."""
    fake = start("litellm", ["fails"], job_seconds=0)
    provider = gateway(fake)
    with within(3):
        told = waited(provider, provider.order(wanted(provider)))
    assert ("failed", "The render did not come to an end") == (told.state, told.reason)
    assert 1 == fake.truth()["requests"]["poll"]


def test_a_clip_comes_through_it(start: Start, tmp_path: Path) -> None:
    """Whole and unpacked, though the proxy packs what may be packed and knows no ranges."""
    fake = start("litellm", ["content_truncated"], clip_real=True, job_seconds=0.05)
    provider = gateway(fake)
    assert delivered(provider, wanted(provider), tmp_path).frames
    assert 1 == fake.truth()["orders_created"]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "OpenAIException - " + json.dumps(REFUSAL),  # nobody's sentence
        "litellm.X: Y - {",
        "litellm.X: Y - [1]",
        "litellm.X: Y - " + '{"a":' * 5_000,
        "litellm.X: " + "y" * 500 + " - " + json.dumps(REFUSAL),
        "litellm.X: Y - " + json.dumps({"error": "x" * 20_000}),
    ],
)
def test_what_hides_nothing_hides_nothing(message: str) -> None:
    """Other words, half an object, nests without end, too far in or too long: read as the plain text it is."""
    assert {} == behind(message)


def test_a_refusal_hidden_under_any_status_is_one() -> None:
    """A plain no of the service behind it clears the doubt that a 500 leaves; a 500 of its own does not."""
    assert isinstance(judged(sentence(json.dumps(REFUSAL), 500), create=True), RefusedError)
    own = json.dumps({"error": {"message": "broken", "code": "server_error"}})
    assert isinstance(judged(sentence(own, 500), create=True), AnswerUnclear)


def test_the_line_is_the_inner_one_and_safe() -> None:
    """Cut, on one line, without what looks like a key, like any stranger's words."""
    hidden = {
        "error": {"message": "bad\x1b[31m key sk-proj-abcdefghijklmnopqrstuv", "code": "invalid_api_key"}
    }
    said = complaint(sentence(json.dumps(hidden)).told())
    assert ("invalid_api_key", True) == (said.code, said.hidden)
    assert said.message.isprintable()
    assert "abcdefghijklm" not in said.message
