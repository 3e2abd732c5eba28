"""Connections that go only where they may: every address is tested at the moment it is dialled.

httpx has no door for this, so its transport stands here anew, on httpcore (faults M9).
"""

import ipaddress
import math
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import certifi
import httpcore
import httpx

from voxweave.errors import RefusedError
from voxweave.media.stopping import StopSignal
from voxweave.providers.proxies import Via

Place = tuple[str, int]
"""A host's name, lower case, and a port."""

_SLICE_S = 0.25  # how long a stop may wait for a silent provider
_KEPT = 0  # a connection the server closes as we use it again would leave a paid call in doubt
_CONNECTIONS = 64
_DIALLED = 8  # of a name's addresses; hundreds of silent ones would take their time one by one
_WRITTEN = (
    4 << 10
)  # at once: the limit holds for each piece the peer takes, however small, and is looked at between

PORTS = {"http": 80, "https": 443}
_INNER = (".local", ".localhost", ".internal", ".lan", ".home.arpa")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CLOSED = tuple(
    map(
        ipaddress.ip_network,
        (
            "::/96", "64:ff9b:1::/48", "fec0::/10",  # old or local forms
            "3fff::/20",  # for documents
            "192.0.0.0/24", "192.88.99.0/24",  # of protocols, 192.0.0.192 of a cloud's machines
            "168.63.129.16/32",  # where another cloud's machines ask for themselves
        ),
    )
)  # fmt: skip
"""What Python calls global, in some versions at least."""


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the open internet, whatever form of IPv6 it is wrapped in."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(
        inner.is_global
        and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)
        and not any(inner in network for network in _CLOSED)
        for inner in _unwrapped(found)
    )


def is_inner_name(host: str) -> bool:
    """Whether a host's name is one of an own machine or network, as far as its spelling tells."""
    name = host.rstrip(".").lower()
    return "." not in name or name.endswith(_INNER)


def _unwrapped(
    found: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, ...]:
    """The IPv4 addresses within an IPv6 one, else itself."""
    if isinstance(found, ipaddress.IPv4Address):
        return (found,)
    if found in _NAT64:
        return (ipaddress.IPv4Address(int(found) & 0xFFFFFFFF),)
    for inner in (found.ipv4_mapped, found.sixtofour):
        if inner is not None:
            return (inner,)
    return found.teredo or (found,)


class Watch:
    """What ends a wait before its own limit: a stop, or the total time the thread has given itself."""

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop
        self._limits = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """A limit for all this thread reads and writes in the block; slow bodies never trip httpx's own."""
        self._limits.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self._limits.end = math.inf

    def left_s(self) -> float:
        """Seconds left of the total; Stopped once someone asked to end."""
        self._stop.check()
        return float(getattr(self._limits, "end", math.inf) - time.monotonic())


class _Stream(httpcore.NetworkStream):
    """A connection that looks up from a silent peer now and then."""

    def __init__(self, inner: httpcore.NetworkStream, watch: Watch) -> None:
        self._inner, self._watch = inner, watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        while True:
            left = min(self._watch.left_s(), end - time.monotonic())
            if left <= 0:
                raise httpcore.ReadTimeout("no answer in time")
            try:
                return self._inner.read(max_bytes, min(_SLICE_S, left))
            except httpcore.ReadTimeout:
                continue  # a slice has passed; the limit is looked at above

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _WRITTEN):
            left = self._left_s(timeout, httpcore.WriteTimeout("no time left to send"))
            self._inner.write(buffer[start : start + _WRITTEN], left)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._left_s(timeout, httpcore.ConnectTimeout("no connection in time"))
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._watch)

    def _left_s(self, timeout: float | None, late: Exception) -> float | None:
        """What is left of the limit, or of the total where that is less."""
        left = min(self._watch.left_s(), math.inf if timeout is None else timeout)
        if left <= 0:
            raise late
        return left if left < math.inf else None

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    """Resolves a name once, tests every address it has, and dials the tested ones."""

    def __init__(self, private: frozenset[Place], watch: Watch) -> None:
        self._private, self._watch = private, watch
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore's own signature
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        self._watch.left_s()
        addresses = _addresses(host, port)
        if _place(host, port) not in self._private and not all(map(is_public, addresses)):
            raise _no_public(host, port)
        return _Stream(self._first(addresses[:_DIALLED], port, timeout), self._watch)

    def _first(self, addresses: tuple[str, ...], port: int, timeout: float | None) -> httpcore.NetworkStream:
        """The first that answers; each is given its share of the time there is, so that none takes it all."""
        failure: Exception = httpcore.ConnectError("the name has no address")
        end = time.monotonic() + (math.inf if timeout is None else timeout)
        for number, address in enumerate(addresses):
            left = min(self._watch.left_s(), end - time.monotonic()) / (len(addresses) - number)
            if left <= 0:
                raise httpcore.ConnectTimeout("no connection in time")
            try:
                return self._plain.connect_tcp(address, port, left if left < math.inf else None)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def _addresses(host: str, port: int) -> tuple[str, ...]:
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host} is not known") from error
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def _place(host: str, port: int) -> Place:
    return host.strip("[]").lower(), port


def _no_public(host: str, port: int) -> RefusedError:
    return RefusedError(
        f"the provider's answer leads to {host}:{port}, which is no public address",
        hint="if the place is yours, name it in the provider's downloads_from",
    )


class _Body(httpx.SyncByteStream):
    """An answer's body as it arrives."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        yield from self._stream

    def close(self) -> None:
        self._stream.close()


class GuardedTransport(httpx.BaseTransport):
    """httpx's way to the network, by guarded connections; failures come as httpcore's own errors.

    `private` are the places that may have any address: the configured ones. A proxy dials in our
    place, so that what it is asked for is tested here, by name and by what that means from here.
    """

    def __init__(self, private: frozenset[Place], watch: Watch, proxy: Via | None = None) -> None:
        self._private, self._proxied = private, proxy is not None
        self._pool = _pool(private, watch, proxy)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send by a guarded connection."""
        url = request.url
        if self._proxied:
            self._test(url.host, url.port or PORTS[url.scheme])
        asked = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        got = self._pool.handle_request(asked)
        return httpx.Response(
            got.status, headers=got.headers, stream=_Body(got.stream), extensions=got.extensions
        )

    def _test(self, host: str, port: int) -> None:
        """RefusedError for what leads inside; a name that only the proxy may know is left to it."""
        if _place(host, port) in self._private:
            return
        try:
            inside = not all(map(is_public, _addresses(host, port)))
        except httpcore.ConnectError:
            inside = is_inner_name(host)
        if inside:
            raise _no_public(host, port)

    def close(self) -> None:
        """Close its connections."""
        self._pool.close()


def _pool(private: frozenset[Place], watch: Watch, proxy: Via | None) -> httpcore.ConnectionPool:
    common: dict[str, Any] = {
        "ssl_context": trust(),
        "max_connections": _CONNECTIONS,
        "max_keepalive_connections": _KEPT,
    }
    if proxy is None:
        return httpcore.ConnectionPool(network_backend=_Backend(private, watch), **common)
    backend = _Backend(frozenset({(proxy.host, proxy.port)}), watch)
    return httpcore.HTTPProxy(proxy.address, proxy.credentials, network_backend=backend, **common)


@cache
def trust() -> ssl.SSLContext:
    """The system's authorities and certifi's: bare images have none of their own."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
