"""Providers behind a proxy: every request goes through it, and what may not be asked is not asked of it either."""

from pathlib import Path

import pytest

from tests.contract.asking import Start, self_signed
from tests.contract.ordering_one import KEY, delivered, made, wanted
from tests.fakes.provider import FakeProvider
from tests.fakes.proxy import FakeProxy
from voxweave.core.orders import Told
from voxweave.errors import ProviderUnreachable, RefusedError, UsageError
from voxweave.media.stopping import StopSignal
from voxweave.providers.base import Provider, Reachable
from voxweave.providers.http import Http, Question
from voxweave.providers.moderator import Moderator
from voxweave.providers.openai_images import OpenaiImages
from voxweave.providers.openai_videos.provider import OpenaiVideos
from voxweave.providers.writer import Writer
from voxweave.providers.zai import Zai

WORD = "open-this-7"


def test_orders_looks_and_downloads_go_through_it(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them, in the SDK's client and in ours; the environment's proxy is nobody's business."""
    fake = start("openai", clip_real=True, job_seconds=0.05)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with FakeProxy() as proxy:
        supplier = made(OpenaiVideos, fake, proxy=proxy.address)
        assert delivered(supplier, wanted(supplier), tmp_path).frames
    requests = fake.truth()["requests"]
    assert sum(requests.values()) == len(proxy.asked)
    assert {"models", "create", "poll", "content"} == set(requests)
    assert all(fake.origin in line for line in proxy.asked)


@pytest.mark.parametrize("kind", [Zai, OpenaiImages, Writer, Moderator])
def test_every_provider_takes_one(start: Start, kind: type[Provider]) -> None:
    """The setting is the same for all."""
    with FakeProxy() as proxy:
        provider = made(kind, start("zai" if kind is Zai else "openai"), proxy=proxy.address)
        assert isinstance(provider, Reachable)
        assert provider.reach()
    assert 1 == len(proxy.asked)


@pytest.mark.parametrize("refuses", [403, 407, 502])
def test_a_tunnel_that_is_refused_sent_nothing(start: Start, refuses: int) -> None:
    """No order is in doubt: the proxy said no before the provider heard of it."""
    start("openai")
    with FakeProxy(refuses=refuses) as proxy:
        http = Http("https://localhost:9/v1", StopSignal(), proxy=proxy.address)
        with pytest.raises(ProviderUnreachable, match=str(refuses)):
            http.ask(Question("POST", "videos", {}, create=True))
        sdk = OpenaiVideos(
            OpenaiVideos.Options.model_validate(
                {"base_url": "https://localhost:9/v1", "proxy": proxy.address, "model": "m", "key": KEY}
            ),
            made(OpenaiVideos, start("openai")).tools,
        )
        with pytest.raises(ProviderUnreachable):
            sdk.order(wanted(sdk))
    assert ["CONNECT localhost:9"] * 2 == proxy.asked


def test_nobody_at_the_proxy_sent_nothing(start: Start) -> None:
    """The same as nobody at the provider."""
    with pytest.raises(ProviderUnreachable):
        made(OpenaiVideos, start("openai"), proxy="http://127.0.0.1:9").offers()


def test_a_proxy_may_want_a_password(start: Start) -> None:
    """It is given to the proxy alone, and stands in no line of ours."""
    fake = start("openai")
    with FakeProxy(user="anna", password=WORD) as proxy:
        assert made(OpenaiVideos, fake, proxy=proxy.address).offers()
        with pytest.raises(RefusedError, match="407"):
            supplier = made(OpenaiVideos, fake, proxy=proxy.bare, model="sora-2")
            supplier.order(wanted(supplier))
    assert not any("proxy-authorization" in order["headers"] for order in fake.truth()["orders"])
    with pytest.raises(UsageError) as caught:
        made(OpenaiVideos, fake, proxy=f"ftp://anna:{WORD}@localhost:21")
    assert WORD not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("to", ["internal", "localhost", "zero", "decimal", "mapped", "metadata", "cdn"])
def test_no_way_inside_is_asked_of_a_proxy(start: Start, to: str, tmp_path: Path) -> None:
    """An address that leads inside is refused here: the proxy does not even hear of it."""
    fake = start("openai", [f"content_redirect_{to}"] * 3, job_seconds=0)
    with FakeProxy() as proxy:
        supplier = made(OpenaiVideos, fake, proxy=proxy.address)
        remote_id = supplier.order(wanted(supplier))
        with pytest.raises(RefusedError):
            supplier.collect(remote_id, Told(state="done"), tmp_path)
    assert all(fake.origin in line for line in proxy.asked)
    assert not fake.truth()["canary"]


@pytest.mark.parametrize(
    ("host", "refused"),
    [("10.0.0.7", True), ("intranet", True), ("store.internal", True), ("[::1]", True), ("no-such.example", False)],
)  # fmt: skip
def test_a_name_only_the_proxy_knows_is_left_to_it(host: str, refused: bool) -> None:
    """Behind a proxy names of the open internet may be unknown here; inner ones and numbers are judged here."""
    with FakeProxy(refuses=403) as proxy:
        http = Http("https://api.example.com/v1", StopSignal(), proxy=proxy.address)
        kind = RefusedError if refused else Exception
        with pytest.raises(kind) as caught, http.opened(f"https://{host}/clip.mp4", {}, ""):
            pass
    assert refused is isinstance(caught.value, RefusedError)
    assert ([] if refused else [f"CONNECT {host}:443"]) == proxy.asked


def test_a_tunnel_leads_to_the_certificate(tmp_path: Path) -> None:
    """TLS is ours from end to end: a certificate nobody signed is refused behind a proxy as well."""
    certificate, key = self_signed(tmp_path)
    with FakeProvider(tls=(certificate, key)) as fake, FakeProxy() as proxy:
        base = f"https://localhost:{fake.port}/v1"
        http = Http(base, StopSignal(), proxy=proxy.address)
        with pytest.raises(ProviderUnreachable, match="certificate"):
            http.ask(Question("GET", "models"))
        assert {} == fake.truth()["requests"]
    assert [f"CONNECT localhost:{fake.port}"] == proxy.asked


@pytest.mark.parametrize(
    "text",
    ["proxy:3128", "https://p:3128", "http://p", "http://p:3128/x", "socks5://p:1", "http://", "http://p:0"],
)
def test_what_is_no_proxy_is_a_usage_error(start: Start, text: str) -> None:
    """Said when the provider is made, with how one is written."""
    with pytest.raises(UsageError, match="is no proxy"):
        made(OpenaiVideos, start("openai"), proxy=text)
