"""The SDK's way to the network: our own client's guarded connections, every answer counted and timed.

A module of its own, since it needs httpx2, which comes with the SDK and costs as long to import.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import httpcore
import httpx
import httpx2

from voxweave.media.stopping import StopSignal
from voxweave.providers.http import MOST_JSON, place_of, raw_chunks
from voxweave.providers.http_guard import GuardedTransport, Watch
from voxweave.providers.proxies import Via


class CappedTransport(httpx2.BaseTransport):
    """Answers of one origin, read whole: they end at 2 MB and at the request's time limit, whatever drips in."""

    def __init__(self, base: httpx.URL, proxy: Via | None = None) -> None:
        self._watch = Watch(StopSignal())  # never set: a create call is not cut short
        self._inner = GuardedTransport(frozenset({place_of(base)}), self._watch, proxy)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, and hand back an answer with its body."""
        request.headers["Accept-Encoding"] = "identity"
        most_s = (request.extensions.get("timeout") or {}).get("read") or 600.0
        sent = httpx.Request(
            request.method,
            str(request.url),
            headers=request.headers.raw,
            stream=cast(httpx.SyncByteStream, request.stream),
            extensions=request.extensions,
        )
        with _its_errors(), self._watch.within(most_s):
            answer = self._inner.handle_request(sent)
            try:
                body = b"".join(raw_chunks(answer, MOST_JSON))
            finally:
                answer.close()
        return httpx2.Response(answer.status_code, headers=answer.headers.raw, content=body)

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()


@contextmanager
def _its_errors() -> Iterator[None]:
    """Speak of the network's failures in the SDK's words, which have the same names."""
    try:
        yield
    except (
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.ConnectionNotAvailable,
        httpcore.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx2, type(error).__name__, httpx2.TransportError)(str(error)) from error
