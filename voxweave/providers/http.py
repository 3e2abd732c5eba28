"""One way to ask a provider, and to fetch what it made; redirects, limits and keys are ours to mind."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpcore
import httpx

from voxweave.core.addresses import unlocked
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import (
    AnswerUnclear,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    UsageError,
    VoxWeaveError,
)
from voxweave.media.stopping import StopSignal
from voxweave.providers.answers import DIGITS, Answer
from voxweave.providers.http_guard import PORTS, GuardedTransport, Place, Watch
from voxweave.providers.noting import note, noted
from voxweave.providers.proxies import via

MOST_JSON = 2 << 20
_HOPS = 5
_SENT = 64 << 10
_ODD = re.compile(r"[\x00-\x20\x7f-\x9f\\]")
_NOT_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ProxyError)
_BROKEN = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ConnectionNotAvailable,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
)
_NAME = {"User-Agent": "voxweave", "Accept-Encoding": "identity"}
# httpx's own client would add cookies and log whole addresses; its transport, requests and answers do without.


@dataclass(frozen=True)
class Times:
    """Seconds: for a question in all, for a silent peer, and for a create call, which is never cut short."""

    connect: float = 10.0
    status: float = 30.0
    create: float = 120.0
    transfer: float = 120.0


@dataclass(frozen=True)
class Question:
    """A request for JSON; `create` marks the one that may cost money.

    `content` is a body written already, of the kind named.
    """

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    key: str = ""
    create: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    most_bytes: int = MOST_JSON
    content: bytes = b""
    kind: str = ""

    def with_key(self, key: str, *, most_bytes: int = MOST_JSON) -> "Question":
        """The same, asked with this key."""
        return replace(self, key=key, most_bytes=most_bytes)


class TooMuch(Exception):
    """More bytes than we take, or packed ones, which may unfold to any size."""


def base_address(text: str) -> httpx.URL:
    """A configured base URL; UsageError for what cannot be one, such as a password with a stroke in it."""
    url = _parsed(text)
    if url is None or "@" in text:
        raise UsageError(
            f"{printable(redacted(unlocked(text)))!r} is no base URL",
            hint="as in https://api.example.com/v1, without a user, a password or an @",
        )
    return url


def place_of(url: httpx.URL) -> Place:
    """Host and port, the default one made plain."""
    return url.host.lower(), url.port or PORTS[url.scheme]


class Http:
    """Asks one configured origin, and fetches from anywhere public; used from many threads.

    `also` names further origins, on private addresses perhaps, that clips may come from; `proxy` a
    proxy that every request goes through.
    """

    def __init__(
        self,
        base_url: str,
        stop: StopSignal,
        *,
        times: Times = Times(),
        also: tuple[str, ...] = (),
        proxy: str = "",
    ) -> None:
        self.base = base_address(base_url)
        self.times, self.stop = times, stop
        self._trusted = {self._origin(self.base), *(self._origin(base_address(one)) for one in also)}
        self.watch = Watch(stop)
        places = frozenset(place for _, place in self._trusted)
        self._transport = GuardedTransport(places, self.watch, via(proxy))

    def ask(self, question: Question) -> Answer:
        """The answer, whatever its status; errors only where there is none that can be read."""
        url = self.under(question.path)
        return noted(question.method, f"{url.host}{url.path}", lambda: self._answered(question, url))

    def _answered(self, question: Question, url: httpx.URL) -> Answer:
        most_s = self.times.create if question.create else self.times.status
        headers = {"Accept": "application/json", **question.headers, **self._credentials(url, question.key)}
        content = question.content or None
        if question.body is not None:
            content = json.dumps(question.body, ensure_ascii=False).encode()
        if content is not None:
            headers["Content-Type"] = question.kind or "application/json"
        sent = self._request(question.method, url, headers, content=content, read_s=most_s)
        with spoken(create=question.create), self.watch.within(most_s):
            answer = self._transport.handle_request(sent)
            try:
                body = b"".join(raw_chunks(answer, question.most_bytes))
            finally:
                answer.close()
        return Answer(answer.status_code, _plain_headers(answer), body)

    def under(self, path: str) -> httpx.URL:
        """An address below the base URL; `path` has no host of its own."""
        return httpx.URL(str(self.base).rstrip("/") + "/" + path.lstrip("/"))

    @contextmanager
    def opened(self, address: str, headers: Mapping[str, str], key: str) -> Iterator[httpx.Response]:
        """The answer to a GET of any allowed address, its redirects followed and each checked."""
        url = self._allowed(address)
        for _ in range(_HOPS + 1):
            told = {**headers, **self._credentials(url, key)}
            began = time.monotonic()
            answer = self._transport.handle_request(self._request("GET", url, told))
            # The host alone: some stores have their signature in the path.
            note("GET", f"{url.host} (a file)", began, status=answer.status_code)
            try:
                if answer.status_code not in (301, 302, 303, 307, 308):
                    yield answer
                    return
                url = self._allowed(_next(url, answer.headers.get("location", "")))
            finally:
                answer.close()
        raise RefusedError(f"the provider's address leads on and on (more than {_HOPS} redirects)")

    def close(self) -> None:
        """Close its connections."""
        self._transport.close()

    def _request(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        *,
        content: bytes | None = None,
        read_s: float | None = None,
    ) -> httpx.Request:
        """A request with nothing in it that is not said here: no cookies, no defaults, no environment."""
        limit = httpx.Timeout(read_s or self.times.status, connect=self.times.connect)
        told = {"Accept": "*/*", **_NAME, **headers}
        body: bytes | Iterator[bytes] | None = content
        if content is not None and len(content) > _SENT:
            told["Content-Length"] = str(len(content))
            body = _sliced(content)
        return httpx.Request(method, url, headers=told, content=body, extensions={"timeout": limit.as_dict()})

    def _credentials(self, url: httpx.URL, key: str) -> dict[str, str]:
        """The key, for the configured origin alone: same scheme, host and port."""
        own = self._origin(url) == self._origin(self.base)
        return {"Authorization": f"Bearer {key}"} if key and own else {}

    def _allowed(self, address: str | httpx.URL) -> httpx.URL:
        url = _parsed(str(address))
        if url is None:
            raise RefusedError(f"the provider gave an address that cannot be fetched: {_short(address)}")
        if url.scheme != "https" and self._origin(url) not in self._trusted:
            raise RefusedError(
                f"the provider gave an address without https: {_short(address)}",
                hint="if the place is yours, name it in the provider's downloads_from",
            )
        return url

    @staticmethod
    def _origin(url: httpx.URL) -> tuple[str, Place]:
        return url.scheme, place_of(url)


def _sliced(content: bytes) -> Iterator[bytes]:
    """A large body piece by piece, so that a stop is noticed while it is sent."""
    for start in range(0, len(content), _SENT):
        yield content[start : start + _SENT]


def raw_chunks(answer: httpx.Response, most_bytes: int) -> Iterator[bytes]:
    """The body as sent, counted; TooMuch past the cap, by its own claim already."""
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    claimed = answer.headers.get("content-length", "")
    if packed not in ("", "identity"):
        raise TooMuch(f"it came packed ({printable(packed, most=20)})")
    if DIGITS.fullmatch(claimed) and int(claimed) > most_bytes:
        raise TooMuch(f"it is {int(claimed) >> 20} MB, {most_bytes >> 20} are taken")
    count = 0
    for chunk in answer.iter_raw():
        count += len(chunk)
        if count > most_bytes:
            raise TooMuch(f"it is more than {most_bytes >> 20} MB")
        yield chunk


@contextmanager
def spoken(*, create: bool = False) -> Iterator[None]:
    """Speak of the network's failures in our words; what may have been accepted is said to be so."""
    try:
        yield
    except VoxWeaveError:
        raise
    except _NOT_SENT as error:
        raise ProviderUnreachable(f"no connection to the provider: {_reason(error)}") from error
    except TooMuch as error:
        raise _unclear(f"the provider's answer was not read: {error}", create=create) from error
    except _BROKEN as error:
        raise _unclear(f"the provider's answer broke off: {_reason(error)}", create=create) from error


def _unclear(line: str, *, create: bool) -> VoxWeaveError:
    return AnswerUnclear(line) if create else ProviderFailed(line)


def _reason(error: Exception) -> str:
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()
    return printable(redacted(f"{name}: {error}" if str(error) else name))


def _parsed(text: str) -> httpx.URL | None:
    """An http or https address with a host, without credentials or control characters."""
    if _ODD.search(text):
        return None
    try:
        url = httpx.URL(text)
        fits = url.scheme in PORTS and url.host and not url.userinfo and url.port != 0
    except (httpx.InvalidURL, ValueError, UnicodeError):
        return None
    return url if fits else None


def _next(url: httpx.URL, location: str) -> str:
    """Where a redirect leads; joined by hand, since it may be relative."""
    if not location or _ODD.search(location):
        return ""
    try:
        return str(url.join(location))
    except (httpx.InvalidURL, ValueError):
        return ""


def _short(address: str | httpx.URL) -> str:
    return printable(redacted(str(address)), most=80) or "an empty one"


def _plain_headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): text for name, text in answer.headers.items()}
