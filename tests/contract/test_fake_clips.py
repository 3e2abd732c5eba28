"""The fake provider hands out clips that are cut, endless, elsewhere or of another kind, as it is told."""

import ssl
from pathlib import Path
from typing import Any

import av
import httpx
import pytest

from tests.contract.asking import (
    BROKEN,
    FAST,
    HANGS_S,
    KEY,
    PATIENCE_S,
    TIMEOUT,
    outcome,
    placed,
    self_signed,
)
from tests.fakes.provider import FakeProvider
from tests.fakes.provider.clips import STUB

CLIPS: dict[str, Any] = {
    "content_truncated": "RemoteProtocolError",
    "content_chunk_cut": "RemoteProtocolError",
    "content_truncated_nolen": (200, len(STUB) // 2),
    "content_truncated_wronglen": (200, len(STUB) // 2),
    "content_truncated_playable": (200, len(STUB) * 6 // 10),
    "content_html": (200, None),
    "content_empty": (200, 0),
    "content_204": (204, 0),
    "content_hang": TIMEOUT,
    "content_stall": TIMEOUT,
    "content_403_expired_once": (403, None),
    "content_429": (429, None),
    "content_410": (410, None),
    "content_redirect_ok": (302, 0),
}


@pytest.mark.parametrize("name", CLIPS)
def test_clips_arrive_broken(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """Cut, silent, empty, something else or gone."""
    provider.reset(name, **FAST)
    path = f"/videos/{placed(line)}/content"
    try:
        answer = line.get(path, timeout=HANGS_S if CLIPS[name] == TIMEOUT else PATIENCE_S)
    except BROKEN as error:
        assert CLIPS[name] == type(error).__name__
        return
    status, length = CLIPS[name]
    assert status == answer.status_code
    assert length in {None, len(answer.content)}


@pytest.mark.parametrize("name", ["content_endless", "content_huge_len", "content_slowloris"])
def test_some_clips_have_no_end(name: str, provider: FakeProvider, line: httpx.Client) -> None:
    """Bytes keep coming, fast or slow, until the client goes; the fake goes on."""
    provider.reset(name, **FAST)
    path = f"/videos/{placed(line)}/content"
    with line.stream("GET", path) as answer:
        taken = answer.iter_raw()
        assert all(next(taken) for _ in range(20))
    assert STUB == line.get(path).content


def test_shapes_are_not_as_asked(provider: FakeProvider, line: httpx.Client, tmp_path: Path) -> None:
    """Sound alone, no sound, another rate, another size, half the length: each a real file."""
    names = (
        "content_audio_only",
        "content_silent",
        "content_other_fps",
        "content_other_size",
        "content_short",
    )
    provider.reset(
        *names, **{**FAST, "clip_real": True, "clip_size": "128x72", "clip_frames_off": 0, "clip_seconds": 1}
    )
    job = placed(line)
    seen = []
    for name in names:
        path = tmp_path / f"{name}.mp4"
        path.write_bytes(line.get(f"/videos/{job}/content").content)
        with av.open(str(path)) as clip:
            video = clip.streams.video[0] if clip.streams.video else None
            seen.append((video and (video.width, video.frames), len(clip.streams.audio)))

    assert [(None, 1), ((128, 24), 0), ((128, 16), 1), ((320, 24), 1), ((128, 12), 1)] == seen


def test_ranges_are_kept_ignored_or_of_another_clip(provider: FakeProvider, line: httpx.Client) -> None:
    """A clip that was cut can be gone on with; or the service starts over, or glues something else on."""
    provider.reset(**FAST)
    path = f"/videos/{placed(line)}/content"
    tag = line.get(path).headers["etag"]
    rest = {"Range": "bytes=1000-", "If-Range": tag}
    good = line.get(path, headers=rest)
    stale = line.get(path, headers={**rest, "If-Range": '"another"'})

    assert (206, STUB[1000:], f"bytes 1000-{len(STUB) - 1}/{len(STUB)}") == (
        good.status_code,
        good.content,
        good.headers["content-range"],
    )
    assert (200, STUB) == (stale.status_code, stale.content)
    provider.script("content_range_ignored")
    assert "RemoteProtocolError" == outcome(line, path)
    assert 200 == line.get(path, headers=rest).status_code
    provider.script("content_range_changes")
    assert "RemoteProtocolError" == outcome(line, path)
    other = line.get(path, headers=rest)
    assert (206, True) == (other.status_code, other.headers["etag"] != tag)


def test_the_canary_remembers_who_came(provider: FakeProvider, line: httpx.Client) -> None:
    """Redirects and addresses lead there, and it keeps the headers it was given."""
    provider.reset("content_redirect_internal", "url_internal", **FAST)
    job = placed(line)
    target = line.get(f"/videos/{job}/content").headers["location"]
    assert target == line.get(f"/videos/{job}").json()["url"] == f"{provider.canary}/clip.mp4"
    assert b"canary" == line.get(target).content
    assert [f"Bearer {KEY}"] == [each["headers"]["authorization"] for each in provider.truth()["canary"]]


def test_a_store_elsewhere_takes_no_key(provider: FakeProvider, line: httpx.Client) -> None:
    """A clip at another origin is there for who sends no key, and refused to who does."""
    provider.reset("url_cdn_port", **FAST)
    address = line.get(f"/videos/{placed(line)}").json()["url"]

    assert 400 == line.get(address).status_code
    assert STUB == httpx.get(address, trust_env=False).content


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("url_file", "file:///etc/hostname"),
        ("url_relative", "clips/clip.mp4"),
        ("url_null", None),
        ("url_missing", "left out"),
        ("url_metadata", "http://169.254.169.254/latest/meta-data/"),
    ],
)
def test_addresses_can_be_anything(
    name: str, address: str | None, provider: FakeProvider, line: httpx.Client
) -> None:
    """A clip is said to be where it cannot be fetched, in Z.ai's manner too."""
    provider.reset(name, flavour="zai", **FAST)
    told = line.post(
        f"{provider.base_url}/videos/generations", json={"prompt": "A boat", "model": "cogvideox-3"}
    ).json()
    found = line.get(f"{provider.base_url}/async-result/{told['id']}").json()["video_result"][0]

    assert address == found.get("url", "left out")


def test_a_certificate_of_its_own_is_not_trusted(tmp_path: Path) -> None:
    """A client that checks certificates connects to a name it trusts, and to no other."""
    certificate, key = self_signed(tmp_path)
    with FakeProvider(tls=(certificate, key)) as secure:
        trusted = ssl.create_default_context(cafile=str(certificate))
        named = secure.base_url.replace("127.0.0.1", "localhost")
        assert 200 == httpx.get(f"{named}/models", trust_env=False, verify=trusted).status_code
        for address, trust in ((named, True), (secure.base_url, trusted)):
            with pytest.raises(httpx.ConnectError, match="certificate"):
                httpx.get(f"{address}/models", trust_env=False, verify=trust)
