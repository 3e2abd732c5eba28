"""Our own client: where the key goes, what is refused, and what a slow or endless answer may cost."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.pace import within
from voxweave.errors import (
    AnswerUnclear,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    Stopped,
    UsageError,
)
from voxweave.media.stopping import StopSignal
from voxweave.providers.answers import NotThere
from voxweave.providers.download import Parcel, clip_fault, fetch
from voxweave.providers.http import Http, Question, Times
from voxweave.providers.http_guard import is_public

KEY = "sk-only-for-the-own-origin"
CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 400
Reply = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """A loopback server whose every answer is a function of the test's."""

    def __init__(self, reply: Reply) -> None:
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.asked.append({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}})
                self.rfile.read(int(self.headers.get("content-length") or 0))
                reply(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *args: Any) -> None:
                """Quiet."""

        self._httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._httpd.daemon_threads = True
        threading.Thread(target=self._httpd.serve_forever, args=(0.01,), daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._httpd.server_port}"

    def close(self) -> None:
        """Stop listening."""
        self._httpd.shutdown()
        self._httpd.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """A whole answer; names of headers with `_` for `-`."""
    handler.send_response(status)
    told = {
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    for name, text in told.items():
        handler.send_header(name, text)
    handler.end_headers()
    handler.wfile.write(body)


def to(status: int, location: str) -> Reply:
    """A redirect."""
    return lambda handler: send(handler, status, Location=location)


@contextmanager
def served(reply: Reply, **times: float) -> Iterator[tuple[Server, Http]]:
    """A server, and a client whose configured origin it is."""
    with (
        closing(Server(reply)) as server,
        closing(Http(f"{server.origin}/v1", StopSignal(), times=Times(**times))) as http,
    ):
        yield server, http


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fec0::1",
        "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
        "2002:7f00:1::", "2001:0:4136:e378:8000:63bf:80ff:fffe", "not an address",
        "192.0.0.192", "168.63.129.16", "192.88.99.1", "3fff::1",
        "::ffff:168.63.129.16", "64:ff9b::c000:c0", "2002:a83f:8110::",
    ],
)  # fmt: skip
def test_no_private_address_is_public(address: str) -> None:
    """Whatever form hides it, an address of one's own network is none of the open internet."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_public(address: str) -> None:
    """The guard refuses no honest place, IPv6 forms of IPv4 among them."""
    assert is_public(address)


@pytest.mark.parametrize(
    "base",
    [
        "",
        "example.com/v1",
        "ftp://example.com",
        "https://",
        "https://me:pw@example.com",
        "http://a b/",
        "http://a\r\nb",
    ],
)
def test_an_odd_base_url_is_a_usage_error(base: str) -> None:
    """What cannot be a base URL is said before anything is asked, without its password."""
    with pytest.raises(UsageError) as caught:
        Http(base, StopSignal())
    assert "pw" not in str(caught.value)


def test_a_question_carries_the_key_and_asks_for_plain_bytes() -> None:
    """JSON goes out with the key, JSON comes back whatever the status."""
    with served(lambda handler: send(handler, 418, b'{"tea": 1}')) as (server, http):
        answer = http.ask(Question("POST", "things", {"a": "ä"}, key=KEY))
    assert (418, {"tea": 1}) == (answer.status, answer.told())
    assert f"Bearer {KEY}" == server.asked[0]["authorization"]
    assert "identity" == server.asked[0]["accept-encoding"]
    assert "/v1/things" == server.asked[0]["path"]


def test_the_environment_sets_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not ours to send keys through."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with served(lambda handler: send(handler, 200, b"{}")) as (_, http):
        assert 200 == http.ask(Question("GET", "x")).status


def test_cookies_are_not_kept() -> None:
    """Nothing a server plants comes back to it."""
    with served(lambda handler: send(handler, 200, b"{}", Set_Cookie="a=b; Path=/")) as (server, http):
        http.ask(Question("GET", "x"))
        http.ask(Question("GET", "x"))
    assert "cookie" not in server.asked[1]


def test_no_connection_promises_that_nothing_was_sent() -> None:
    """A closed port is ProviderUnreachable, for a create call as well."""
    with closing(Server(lambda handler: None)) as server:
        origin = server.origin
    with pytest.raises(ProviderUnreachable):
        Http(origin, StopSignal()).ask(Question("POST", "x", {}, create=True))


@pytest.mark.parametrize(("create", "error"), [(True, AnswerUnclear), (False, ProviderFailed)])
def test_a_broken_answer_is_unclear_after_a_create_call_only(create: bool, error: type[Exception]) -> None:
    """The same broken line leaves a doubt where something was ordered, and none where something was asked."""

    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        handler.close_connection = True

    with served(half) as (_, http), pytest.raises(error, match="broke off"):
        http.ask(Question("POST", "x", {}, create=create))


@pytest.mark.parametrize(
    "headers", [{"Content_Length": "9999999"}, {"Content_Encoding": "gzip"}, {"Content_Encoding": "br"}]
)
def test_large_and_packed_answers_are_not_read(headers: dict[str, str]) -> None:
    """A megabyte that unfolds to gigabytes is refused by its name, a long one by its length."""
    reply: Reply = lambda handler: send(handler, 200, b"{}", **headers)  # noqa: E731
    with served(reply) as (_, http), pytest.raises(ProviderFailed, match="was not read"):
        http.ask(Question("GET", "x"))


def test_a_slow_body_ends_at_the_total_limit() -> None:
    """A byte now and then trips no read limit, but the total one."""

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            handler.wfile.write(b" ")
            time.sleep(0.05)

    with within(2), served(drip, status=0.4) as (_, http), pytest.raises(ProviderFailed):
        http.ask(Question("GET", "x"))


def test_a_stop_ends_a_silent_wait() -> None:
    """Nobody waits for a provider once the user has asked to end."""
    stop = StopSignal()
    asked_enough = threading.Event()
    with closing(Server(lambda handler: asked_enough.wait(60))) as server:
        threading.Timer(0.2, stop.set).start()
        with within(2), pytest.raises(Stopped):
            Http(server.origin, stop).ask(Question("GET", "x"))
        asked_enough.set()


def test_the_key_stays_at_home(tmp_path: Path) -> None:
    """A redirect to another origin, allowed by name, is followed without the key."""
    with (
        closing(Server(lambda handler: send(handler, 200, CLIP))) as store,
        closing(Server(to(302, f"{store.origin}/clip.mp4?signature=x"))) as server,
    ):
        http = Http(server.origin, StopSignal(), also=(store.origin,))
        fetch(http, Parcel(f"{server.origin}/content", KEY, fits=clip_fault), tmp_path / "a.mp4")
    assert "authorization" in server.asked[0]
    assert "authorization" not in store.asked[0]
    assert CLIP == (tmp_path / "a.mp4").read_bytes()


@pytest.mark.parametrize(
    "place",
    [
        "http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "https://localhost:{port}/", "https://0.0.0.0:{port}/",
        "https://2130706433:{port}/", "https://127.1:{port}/", "https://0x7f.1:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/", "https://[::1]:{port}/", "file:///etc/hostname", "ftp://127.0.0.1:{port}/",
        "data:video/mp4;base64,AAAA", "https://user:pw@127.0.0.1:{port}/", "clip.mp4", "", "//127.0.0.1:{port}/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("redirect", [False, True])
def test_private_places_are_refused_before_a_connection(tmp_path: Path, place: str, redirect: bool) -> None:
    """An answer or a redirect that leads into one's own network is refused in one line, and nothing is asked."""
    with closing(Server(lambda handler: send(handler, 200, CLIP))) as inner:
        wrong = place.format(port=inner.origin.rsplit(":", 1)[1])
        if redirect and wrong in ("", "clip.mp4"):
            pytest.skip("no place to go, or a path of the same origin")
        with served(to(302, wrong)) as (server, http), pytest.raises(RefusedError) as caught:
            address = f"{server.origin}/content" if redirect else wrong
            fetch(http, Parcel(address, KEY), tmp_path / "a.mp4")
    assert not inner.asked
    assert "pw" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_loop_of_redirects_ends(tmp_path: Path) -> None:
    """Five are followed, no more."""
    with served(to(302, "/again")) as (server, http), pytest.raises(RefusedError, match="on and on"):
        fetch(http, Parcel(f"{server.origin}/content"), tmp_path / "a.mp4")
    assert 6 == len(server.asked)


class Ranged:
    """A clip that breaks off at first; later requests are answered as `later` says."""

    def __init__(self, later: Reply | None = None, etag: str = '"one"') -> None:
        self.later, self.etag, self.tries = later, etag, 0

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.tries += 1
        if self.tries == 1:
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(CLIP)}\r\nETag: {self.etag}\r\n\r\n"
            handler.wfile.write(head.encode() + CLIP[:50_000])
            handler.close_connection = True
        elif self.later:
            self.later(handler)
        elif "range" not in handler.headers:
            send(handler, 200, CLIP, ETag=self.etag)
        else:
            start = int(handler.headers["range"].removeprefix("bytes=").removesuffix("-"))
            told = f"bytes {start}-{len(CLIP) - 1}/{len(CLIP)}"
            send(handler, 206, CLIP[start:], ETag=self.etag, Content_Range=told)


def twice(reply: Reply, final: Path) -> Server:
    """Fetch, fail, fetch again, as a host does."""
    with served(reply) as (server, http):
        parcel = Parcel(f"{server.origin}/content", fits=clip_fault)
        with pytest.raises(ProviderFailed):
            fetch(http, parcel, final)
        fetch(http, parcel, final)
    return server


def test_a_broken_download_goes_on_where_it_was(tmp_path: Path) -> None:
    """The second try asks for the rest, and only if the file is the same."""
    server = twice(Ranged(), tmp_path / "a.mp4")
    assert ("bytes=50000-", '"one"') == (server.asked[1]["range"], server.asked[1]["if-range"])
    assert CLIP == (tmp_path / "a.mp4").read_bytes()
    assert ["a.mp4"] == [path.name for path in tmp_path.iterdir()]


def test_a_weak_tag_is_no_promise(tmp_path: Path) -> None:
    """Without a strong tag the file is fetched anew."""
    server = twice(Ranged(etag='W/"one"'), tmp_path / "a.mp4")
    assert "range" not in server.asked[1]
    assert CLIP == (tmp_path / "a.mp4").read_bytes()


def test_a_whole_file_instead_of_the_rest_replaces_the_part(tmp_path: Path) -> None:
    """A server that ignores Range is taken at its word: 200 is the whole file."""
    other = CLIP[:12] + b"other" * 1000
    twice(Ranged(lambda handler: send(handler, 200, other, ETag='"two"')), tmp_path / "a.mp4")
    assert other == (tmp_path / "a.mp4").read_bytes()


@pytest.mark.parametrize(
    ("told", "etag"),
    [("bytes 0-99/100", '"one"'), (f"bytes {'5' * 5000}-1/2", '"one"'), (f"bytes 50000-{len(CLIP) - 1}/{len(CLIP) + 1}", '"one"'), ("", '"one"'),
     (f"bytes 50000-{len(CLIP) - 1}/{len(CLIP)}", '"two"')],
)  # fmt: skip
def test_parts_of_other_files_are_never_glued(tmp_path: Path, told: str, etag: str) -> None:
    """A part that starts, ends or is tagged otherwise is thrown away with what was there."""
    reply = Ranged(lambda handler: send(handler, 206, CLIP[50_000:], Content_Range=told, ETag=etag))
    with served(reply) as (server, http):
        parcel = Parcel(f"{server.origin}/content", fits=clip_fault)
        for _ in range(2):
            with pytest.raises(ProviderFailed):
                fetch(http, parcel, tmp_path / "a.mp4")
        reply.later = None
        fetch(http, parcel, tmp_path / "a.mp4")
    assert "range" not in server.asked[2]
    assert CLIP == (tmp_path / "a.mp4").read_bytes()


@pytest.mark.parametrize(
    "body", [b"", b'{"error": "not yet"}', b"<html>sign in</html>", b"#EXTM3U\n/etc/passwd"]
)
def test_what_is_no_clip_is_never_saved(tmp_path: Path, body: bytes) -> None:
    """The first bytes decide, whatever the status and the type said."""
    reply: Reply = lambda handler: send(handler, 200, body, Content_Type="video/mp4")  # noqa: E731
    with served(reply) as (server, http), pytest.raises(ProviderFailed, match="cannot be used"):
        fetch(http, Parcel(f"{server.origin}/content", fits=clip_fault), tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


def test_an_endless_clip_is_cut_and_removed(tmp_path: Path) -> None:
    """The cap counts bytes, not promises."""

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + CLIP[:16])
        try:
            while True:
                handler.wfile.write(bytes(65536))
        except OSError:
            handler.close_connection = True

    with served(endless) as (server, http), pytest.raises(RefusedError, match="more than 1 MB"):
        fetch(http, Parcel(f"{server.origin}/x", most_bytes=1 << 20, fits=clip_fault), tmp_path / "a.mp4")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotThere), (403, NotThere), (410, NotThere), (500, ProviderFailed)]
)
def test_what_is_not_there_is_told_by_its_status(tmp_path: Path, status: int, error: type[Exception]) -> None:
    """Who fetches decides what a missing clip means."""
    body = json.dumps({"error": {"message": "no"}}).encode()
    with (
        served(lambda handler: send(handler, status, body)) as (server, http),
        pytest.raises(error) as caught,
    ):
        fetch(http, Parcel(f"{server.origin}/x", KEY), tmp_path / "a.mp4")
    assert error is type(caught.value)
