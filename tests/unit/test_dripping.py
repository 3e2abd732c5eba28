"""Peers that never quite answer: what they may cost is limited as a whole, by our client and by the SDK's."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tests.pace import within
from voxweave.errors import AnswerUnclear, ProviderFailed, ProviderUnreachable, Stopped
from voxweave.media.stopping import StopSignal
from voxweave.providers.http import Http, Question, Times
from voxweave.providers.openai_videos.sdk import Sdk

LIMITS = Times(connect=0.3, status=0.3, create=0.3)
DRIPS = (b"HTTP/1.1 200 OK\r\nX-A: ", b"a"), (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")
"""What is sent first, and then again and again: one endless header, and one hint after the other."""


@pytest.fixture(params=DRIPS, ids=("header", "hints"))
def dripping(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server's origin; it sends a little every 50 ms, for 5 s."""
    first, again = request.param
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_drip, args=(server, first, again), daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/v1"


def _drip(server: socket.socket, first: bytes, again: bytes) -> None:
    try:
        asked, _ = server.accept()
        with asked:
            asked.recv(65536)
            asked.sendall(first)
            for _ in range(100):
                asked.sendall(again)
                time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda url: Http(url, StopSignal(), times=LIMITS).ask(Question("GET", "models")), ProviderFailed),
        (lambda url: Sdk(url, LIMITS).models("k"), ProviderFailed),
        (lambda url: Sdk(url, LIMITS).create({"prompt": "x"}, "k"), AnswerUnclear),
    ],
    ids=("ours", "sdk", "create"),
)
def test_what_comes_before_a_body_ends_at_the_total_limit(
    dripping: str, ask: Callable[[str], object], kind: type[Exception]
) -> None:
    """Bytes that trip no read limit trip the total one, headers and hints as well as bodies."""
    Sdk(dripping, LIMITS)._client("k")  # imports the SDK, which takes longer
    with within(2), pytest.raises(kind):
        ask(dripping)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The origin of a name with 400 addresses, at none of which anybody takes a call."""
    with ExitStack() as open_:
        server = open_.enter_context(socket.create_server(("0.0.0.0", 0), backlog=0))  # noqa: S104
        port = server.getsockname()[1]
        for _ in range(3):  # who waits to be taken keeps the others out, without a word
            waiting = open_.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        found = [(2, 1, 6, "", (f"127.0.{n // 200}.{n % 200 + 1}", port)) for n in range(400)]
        real = socket.getaddrinfo
        known = lambda host, *a, **k: found if host == "many.example" else real(host, *a, **k)  # noqa: E731
        monkeypatch.setattr(socket, "getaddrinfo", known)
        yield f"http://many.example:{port}/v1"


def test_many_silent_addresses_share_the_time_of_one(silent: str) -> None:
    """However many a name has, the limit for a connection is that for all of them."""
    with within(2), pytest.raises(ProviderUnreachable):
        Http(silent, StopSignal(), times=LIMITS).ask(Question("GET", "x"))


def test_a_stop_ends_the_dialling(silent: str) -> None:
    """No further address is dialled once the user has asked to end."""
    stop = StopSignal()
    threading.Timer(0.1, stop.set).start()
    with within(2), pytest.raises(Stopped):
        Http(silent, stop, times=Times(connect=4)).ask(Question("GET", "x"))
