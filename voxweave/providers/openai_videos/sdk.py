"""The official SDK, asked for answers as they are: no retries, no redirects, its errors in our words."""

import threading
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import AnswerUnclear, DependencyError, ProviderFailed, ProviderUnreachable
from voxweave.providers.answers import Answer
from voxweave.providers.http import Times, TooMuch
from voxweave.providers.noting import noted
from voxweave.providers.proxies import Via, via

if TYPE_CHECKING:
    from openai import OpenAI

_NO_KEY = "none"  # the SDK insists on one; the header is left out
_PARTS = ("prompt", "model", "size", "seconds", "input_reference")


class Sdk:
    """`/v1/videos` and `/v1/models` of one base URL; a client of the SDK for each key."""

    def __init__(self, base_url: str, times: Times, proxy: str = "") -> None:
        self._base_url, self._times, self._proxy = base_url, times, via(proxy)
        base = httpx.URL(base_url)
        self._where = f"{base.host}{base.path.rstrip('/')}"
        self._clients: dict[str, OpenAI] = {}
        self._lock = threading.Lock()

    def create(self, fields: Mapping[str, Any], key: str, *, as_json: bool = False) -> Answer:
        """Send an order once; fields the SDK does not know go along as they are."""
        known: dict[str, Any] = {name: fields[name] for name in _PARTS if name in fields}
        more = {name: value for name, value in fields.items() if name not in known}
        headers = {**_bare(key), **({"Content-Type": "application/json"} if as_json else {})}
        limit = _limit(self._times.create, self._times.connect)
        return self._asked(
            "POST videos",
            lambda: self._videos(key).create(
                **known, extra_body=more or None, extra_headers=headers, timeout=limit
            ),
            create=True,
        )

    def retrieve(self, remote_id: str, key: str) -> Answer:
        """Ask how far an order is."""
        return self._asked(
            f"GET videos/{remote_id}", lambda: self._videos(key).retrieve(remote_id, extra_headers=_bare(key))
        )

    def listed(self, after: str, key: str) -> Answer:
        """A page of orders, the newest first."""
        page: dict[str, Any] = {"after": after} if after else {}
        return self._asked(
            "GET videos",
            lambda: self._videos(key).list(limit=100, order="desc", extra_headers=_bare(key), **page),
        )

    def delete(self, remote_id: str, key: str) -> Answer:
        """Ask the server to forget an order."""
        return self._asked(
            f"DELETE videos/{remote_id}",
            lambda: self._videos(key).delete(remote_id, extra_headers=_bare(key)),
        )

    def models(self, key: str) -> Answer:
        """What the server serves."""
        return self._asked(
            "GET models", lambda: self._client(key).models.with_raw_response.list(extra_headers=_bare(key))
        )

    def _asked(self, what: str, call: Callable[[], Any], *, create: bool = False) -> Answer:
        """The answer, and a line of the log."""
        method, _, path = what.partition(" ")
        return noted(method, f"{self._where}/{path}", lambda: _asked(call, create=create))

    def _videos(self, key: str) -> Any:
        client = self._client(key)
        # Marked deprecated since 3.1, for OpenAI's own host; others go on serving them.
        warnings.filterwarnings("ignore", message="The Sora API", category=DeprecationWarning)
        return client.videos.with_raw_response

    def _client(self, key: str) -> "OpenAI":
        with self._lock:
            if key not in self._clients:
                limit = _limit(self._times.status, self._times.connect)
                self._clients[key] = _made(self._base_url, key, limit, self._proxy)
            return self._clients[key]


def _made(base_url: str, key: str, limit: Any, proxy: Via | None) -> "OpenAI":
    """A client that takes nothing from the environment that would change where and as whom it asks."""
    openai = _loaded()
    from voxweave.providers.openai_videos.transport import CappedTransport

    return openai.OpenAI(  # type: ignore[no-any-return]
        api_key=key or _NO_KEY,
        base_url=base_url,
        organization="",
        project="",
        max_retries=0,
        timeout=limit,
        default_headers=dict.fromkeys(("OpenAI-Organization", "OpenAI-Project"), openai.Omit()),
        http_client=openai.DefaultHttpxClient(
            transport=CappedTransport(httpx.URL(base_url), proxy),
            follow_redirects=False,
            trust_env=False,
            timeout=limit,
        ),
    )


def _bare(key: str) -> dict[str, Any]:
    """Without a key the header is left out, which the SDK wants to be told in every call."""
    return {} if key else {"Authorization": _loaded().Omit()}


def _asked(call: Callable[[], Any], *, create: bool = False) -> Answer:
    """The answer, whatever its status; errors only where there is none that can be read."""
    openai = _loaded()
    import httpx2  # comes with it

    never_sent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)
    unclear = AnswerUnclear if create else ProviderFailed
    try:
        return _answer(call().http_response)
    except openai.APIStatusError as error:
        return _answer(error.response)
    except openai.APIConnectionError as error:
        if isinstance(error.__cause__, never_sent):
            raise ProviderUnreachable(f"no connection to the provider: {_reason(error)}") from error
        raise unclear(f"the provider's answer broke off: {_reason(error)}") from error
    except (TooMuch, httpx2.HTTPError) as error:
        raise unclear(f"the provider's answer was not read: {_reason(error)}") from error


def _answer(response: Any) -> Answer:
    headers = {name.lower(): text for name, text in response.headers.items()}
    return Answer(response.status_code, headers, response.content)


def _limit(seconds: float, connect: float) -> Any:
    _loaded()
    import httpx2

    return httpx2.Timeout(seconds, connect=connect)


def _loaded() -> Any:
    try:
        import openai  # 1.8 s, so only once something is asked
    except ImportError as error:
        raise DependencyError("the openai package is missing", hint="pip install 'openai>=3.1,<4'") from error
    return openai


def _reason(error: BaseException) -> str:
    cause = error.__cause__ or error
    return printable(redacted(str(cause) or type(cause).__name__))
