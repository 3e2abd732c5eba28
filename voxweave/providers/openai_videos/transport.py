"""The SDK's way to the network: no redirects, nothing packed, every answer counted and timed.

A module of its own, since it needs httpx2, which comes with the SDK and costs as long to import.
"""

import time
from collections.abc import Iterator
from typing import cast

import httpx2

from voxweave.providers.http import MOST_JSON, TooMuch
from voxweave.providers.http_guard import trust
from voxweave.providers.proxies import Via


class CappedTransport(httpx2.BaseTransport):
    """httpx2's own transport, whose answers end at 2 MB and at the request's time limit."""

    def __init__(self, proxy: Via | None = None) -> None:
        # A connection the server closes as we use it again would leave a paid call in doubt.
        limits = httpx2.Limits(max_connections=64, max_keepalive_connections=0)
        through = httpx2.Proxy(proxy.address, auth=proxy.credentials) if proxy else None
        self._inner = httpx2.HTTPTransport(trust_env=False, limits=limits, proxy=through, verify=trust())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send, and hand back an answer that counts itself."""
        request.headers["Accept-Encoding"] = "identity"
        most_s = (request.extensions.get("timeout") or {}).get("read") or 600.0
        end = time.monotonic() + most_s
        answer = self._inner.handle_request(request)
        packed = answer.headers.get("content-encoding", "identity").strip().lower()
        if packed not in ("", "identity"):
            answer.close()
            raise TooMuch("it came packed")
        return httpx2.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_Counted(cast(httpx2.SyncByteStream, answer.stream), end),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()


class _Counted(httpx2.SyncByteStream):
    """A body that may neither be endless nor take for ever."""

    def __init__(self, inner: httpx2.SyncByteStream, end: float) -> None:
        self._inner, self._end = inner, end

    def __iter__(self) -> Iterator[bytes]:
        count = 0
        for chunk in self._inner:
            count += len(chunk)
            if count > MOST_JSON:
                raise TooMuch(f"it is more than {MOST_JSON >> 20} MB")
            if time.monotonic() > self._end:
                raise TooMuch("it took too long to arrive")
            yield chunk

    def close(self) -> None:
        self._inner.close()
