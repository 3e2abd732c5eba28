"""A proxy between us and a provider: set by the user, and never taken from the environment."""

from dataclasses import dataclass

import httpx

from voxweave.core.addresses import unlocked
from voxweave.core.redaction import learn, redacted
from voxweave.core.text import printable
from voxweave.errors import UsageError


@dataclass(frozen=True)
class Via:
    """Where the proxy is, and what opens it; a name and a password perhaps."""

    host: str
    port: int
    credentials: tuple[str, str] | None = None

    @property
    def address(self) -> str:
        """Its address, without what opens it."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def via(text: str) -> Via | None:
    """The proxy a setting names, none for an empty one; UsageError for what cannot be one."""
    if not text:
        return None
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        url = httpx.URL("")
    bare = url.path in ("", "/") and not url.query and not url.fragment
    if url.scheme != "http" or not url.host or not url.port or not bare:
        raise UsageError(
            f"{printable(redacted(unlocked(text)))!r} is no proxy",
            hint="as in http://proxy.example.com:3128; within a password / ? # @ are written %2F %3F %23 %40",
        )
    if not url.userinfo:
        return Via(url.host.lower(), url.port)
    learn(url.password)
    return Via(url.host.lower(), url.port, (url.username, url.password))
