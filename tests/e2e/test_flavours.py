"""A film from every kind of server and service there is: the command as a user runs it, on a small canvas."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.asking import self_signed
from tests.e2e.command import voxweave
from tests.e2e.reading import look_at
from tests.e2e.room import FEW as SCENES
from tests.e2e.room import KEY, TINY, Room
from tests.fakes.provider import FakeProvider
from tests.fakes.proxy import FakeProxy

HASTE = ("--poll-s", "0.05", "--retry-s", "0.02", "--quiet-s", "0.1")


def dialect(name: str) -> str:
    """The user's own file, where the kind of server must be said."""
    return f'[providers.openai]\ndialect = "{name}"\n'


@pytest.mark.parametrize(
    ("flavour", "provider", "setting", "flags", "price"),
    [
        ("openai", "openai", "", ("--max-cost", "2.40"), None),
        ("vllm_omni", "openai", "", (), 0.0),
        ("sglang", "openai", "", (), 0.0),
        ("fastvideo", "openai", "", (), 0.0),
        ("aquiles", "openai", dialect("aquiles"), (), 0.0),
        ("litellm", "openai", "", ("--yes",), None),
        ("litellm", "openai", dialect("litellm"), ("--yes",), None),
        ("new_api", "openai", "", ("--max-cost", "2.40"), None),
        ("dynamo", "openai", dialect("dynamo"), (), 0.0),
        ("openrouter", "openai", dialect("openrouter"), ("--yes",), None),
        ("zai", "zai", "", ("--max-cost", "0.40"), 0.2),
    ],
)
def test_a_film_of_clips(
    fake: Callable[..., FakeProvider],
    small_room: Room,
    flavour: str,
    provider: str,
    setting: str,
    flags: tuple[str, ...],
    price: float | None,
) -> None:
    """Every scene shows a clip ordered once; the film is as exact as ever, and no key lies in its folder."""
    server, room = fake(flavour, clip_size="256x144", clip_sound=False), small_room
    room.setting(setting)
    report, told = room.make("--provider", provider, "--base-url", server.base_url, *TINY, *flags)
    truth = server.truth()
    assert [provider] * SCENES == [scene["source"] for scene in report["scenes"]]
    if price is not None or "--yes" in flags:
        assert [price] * SCENES == [scene["price_usd"] for scene in report["scenes"]]
    assert (SCENES, {}, []) == (truth["orders_created"], truth["twice"], truth["canary"])
    assert report["frames"] == look_at(room.folder / "spoken.mp4").frames
    assert f"{SCENES} orders" in told.err
    kept = [file for file in room.folder.rglob("*") if file.is_file()]
    assert [] == [file for file in kept if KEY.encode() in file.read_bytes()]


def test_a_gateway_that_hides_its_jobs_failures_ends_in_a_film(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """LiteLLM shows a failed order as a broken server for ever: that scene is drawn at once, the other is there."""
    server = fake("litellm", "fails", clip_size="256x144")
    small_room.setting(dialect("litellm"))
    report, _ = small_room.make(
        "--provider", "openai", "--base-url", server.base_url, *TINY, "--yes", status=9
    )
    assert ["art", "openai"] == sorted(scene["source"] for scene in report["scenes"])
    assert any("The render did not come to an end" in line for line in report["shortfalls"])
    assert SCENES == server.truth()["orders_created"]


def test_a_gateway_without_a_key_is_told_before_anything_is_asked(
    fake: Callable[..., FakeProvider], small_room: Room
) -> None:
    """One line, no request, and the film is drawn (status 9)."""
    server = fake("litellm")
    small_room.setting(dialect("litellm") + 'model = "our-alias"\n')
    report, told = small_room.make(
        "--provider", "openai", "--base-url", server.base_url, *TINY, status=9, OPENAI_API_KEY=""
    )
    assert ["art"] * SCENES == [scene["source"] for scene in report["scenes"]]
    assert "wants a key, and none is set" in told.err
    assert {} == server.truth()["requests"]


def test_a_clip_comes_through_a_proxys_tunnel(bundled: Path, tmp_path: Path) -> None:
    """The SDK's client and ours both speak TLS through it, trusting what the system trusts; its password stays ours."""
    certificate, key = self_signed(tmp_path, "DNS:localhost,IP:127.0.0.1")
    word = "open-this-7"
    room = Room(tmp_path)
    with (
        FakeProvider(tls=(certificate, key), ffmpeg=bundled, clip_size="256x144", job_seconds=0.05) as server,
        FakeProxy(user="anna", password=word) as proxy,
    ):
        base = f"https://127.0.0.1:{server.port}/v1"
        room.setting(f'[providers.openai]\nbase_url = "{base}"\nproxy = "{proxy.address}"\n')
        told = voxweave(
            *("clip", "a lighthouse", "--provider", "openai", "--max-cost", "2", "--poll-s", "0.05"),
            cwd=tmp_path,
            OPENAI_API_KEY=KEY,
            SSL_CERT_FILE=str(certificate),
        )
        assert told.status == 0, told.err
        asked = sum(server.truth()["requests"].values())
    assert [f"CONNECT 127.0.0.1:{server.port}"] * asked == proxy.asked
    kept = [file for file in tmp_path.rglob("*") if file.is_file() and file.name != "voxweave.toml"]
    assert [] == [file for file in kept if word.encode() in file.read_bytes()]


def test_an_order_in_doubt_is_never_sent_again_by_itself(
    fake: Callable[..., FakeProvider], tmp_path: Path
) -> None:
    """SGLang's list tells no prompts: an order nobody answered for stays in doubt, free or not, until a person speaks."""
    server = fake("sglang", "create_drop_after_job", clip_size="256x144")
    flags = ("--provider", "openai", "--base-url", server.base_url, *HASTE)
    for _ in range(2):
        told = voxweave("clip", "a lighthouse", *flags, cwd=tmp_path)
        assert (5, True) == (told.status, "voxweave orders rebuy" in told.err), told.err
        assert 1 == server.truth()["orders_created"]
    key = next(word for word in told.err.split() if word.endswith(("-1,", "-1")))
    voxweave("orders", "rebuy", key.rstrip(",)"), cwd=tmp_path)
    told = voxweave("clip", "a lighthouse", *flags, cwd=tmp_path)
    assert (0, 2) == (told.status, server.truth()["orders_created"]), told.err


def test_an_order_that_never_arrived_is_sent_again(fake: Callable[..., FakeProvider], tmp_path: Path) -> None:
    """An empty list is proof enough, with prompts or without."""
    server = fake("sglang", "create_reset", clip_size="256x144")
    flags = ("--provider", "openai", "--base-url", server.base_url, *HASTE)
    told = voxweave("clip", "a lighthouse", *flags, cwd=tmp_path)
    truth = server.truth()
    assert (0, 1, 2) == (told.status, truth["orders_created"], truth["requests"]["create"]), told.err
