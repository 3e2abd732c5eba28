"""Addresses of shared stores and databases: taken apart, and shown without what opens them."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from pydantic import Field

from voxweave.core.redaction import PASSWORD
from voxweave.core.value import Value

_USER = re.compile(
    r"(?P<scheme>^[a-z][a-z0-9+.-]*:/{2})(?P<user>[^:@?]*)(?::(?P<word>[^?]*))?@", re.IGNORECASE
)
_QUERY = re.compile(
    r"(?P<name>[?&][^=&]*(?:password|secret|token|key|credential)[^=&]*=)(?P<word>[^&]*)", re.IGNORECASE
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:/{2}", re.IGNORECASE)
_HIDDEN = "…"
_QUERIED = re.compile(r"(?P<name>[?&][^=&]*=)(?P<word>[^&]*)")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.IGNORECASE)
_KNOWN = ("endpoint", "region")


class StorePlace(Value):
    """Where a shared store lies: a folder, or a bucket and what it takes to reach it."""

    folder: Path | None = None
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    key_id: str = Field(default="", repr=False)
    secret: str = Field(default="", repr=False)


def store_place(address: str) -> StorePlace:
    """`s3://bucket/prefix?endpoint=…&region=…`, `file:///folder` or a folder; ValueError for anything else."""
    if address.startswith("s3://"):
        return _bucket(address)
    if address.startswith("file://"):
        split = urlsplit(address)
        if split.netloc not in ("", "localhost") or not split.path:
            raise ValueError("a folder's address has three strokes, as in file:///srv/films")
        return StorePlace(folder=Path(unquote(split.path, errors="surrogateescape")))
    if "://" in address or not address:
        raise ValueError("neither s3:// nor a folder")
    return StorePlace(folder=Path(address))


def hidden(address: str) -> str:
    """The address without passwords and keys, for people and logs."""
    shown = _USER.sub(lambda found: f"{found['scheme']}{_who(found)}@", address)
    shown = PASSWORD.sub(rf"\g<user>:{_HIDDEN}", shown)
    shown = _QUERY.sub(lambda found: found["name"] + _HIDDEN, shown)
    return _QUERIED.sub(lambda found: _plainly(found, f":{_HIDDEN}"), shown)


def unlocked(address: str) -> str:
    """What may be shown of an address that cannot be read, whatever the password in it does to its form."""
    scheme = _SCHEME.match(address)
    start = scheme.end() if scheme else 0
    at = address.rfind("@", start)
    return address if at < 0 else f"{address[:start]}{_HIDDEN}{address[at:]}"


def secrets_in(address: str) -> tuple[str, ...]:
    """The passwords and keys in an address, as they stand there and in plain letters."""
    user = _USER.match(address)
    words = [user["word"]] if user and user["word"] else []
    words += [found["word"] for pattern in (PASSWORD, _QUERY) for found in pattern.finditer(address)]
    return tuple(dict.fromkeys(form for word in words if word for form in (word, unquote(word))))


def without_secrets(address: str) -> str:
    """The address as it may be written down and used again: passwords and keys left out, also of one within it."""
    for secret in sorted(secrets_in(address), key=len, reverse=True):
        address = address.replace(f":{secret}@", "@").replace(f"={secret}", "=")
    return _QUERIED.sub(_plainly, PASSWORD.sub(r"\g<user>", address))


def _plainly(found: re.Match[str], instead: str = "") -> str:
    """An address in another's query, which %3A and %40 may hide, with this in its password's place."""
    inner = unquote(found["word"])
    bare = PASSWORD.sub(rf"\g<user>{instead}", inner)
    return (
        found[0]
        if bare == inner
        else found["name"] + quote(bare, safe=":/@").replace(quote(_HIDDEN), _HIDDEN)
    )


def _who(found: re.Match[str]) -> str:
    return f"{found['user']}:{_HIDDEN}" if found["word"] is not None else found["user"]


def _bucket(address: str) -> StorePlace:
    user = _USER.match(address)
    rest = address[user.end() :] if user else address.removeprefix("s3://")
    path, _, query = rest.partition("?")
    bucket, _, prefix = path.partition("/")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    if not _BUCKET.fullmatch(bucket) or set(asked) - set(_KNOWN):
        raise ValueError("no bucket, or something after ? that is neither endpoint nor region")
    endpoint = asked.get("endpoint", "")
    if endpoint and not re.match(r"https?://[^/]", endpoint):
        raise ValueError("an endpoint begins with http:// or https://")
    return StorePlace(
        bucket=bucket,
        prefix=unquote(prefix).strip("/"),
        endpoint=endpoint.rstrip("/"),
        region=asked.get("region", ""),
        key_id=unquote(user["user"]) if user else "",
        secret=unquote(user["word"] or "") if user else "",
    )
