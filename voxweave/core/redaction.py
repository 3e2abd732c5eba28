"""Secrets and signed addresses taken out of any text: logs, errors, providers' answers."""

import re
from urllib.parse import quote

_SHORTEST = 8
"""Shorter "secrets" (`none`, `EMPTY`) stand for no key, and are parts of ordinary words."""

_KEY = "[key]"
_CUT = "[cut]"

_known: tuple[str, ...] = ()  # longest first; only ever grows, so that no secret is forgotten too early

PASSWORD = re.compile(
    r"(?<=:/{2})(?P<user>[^\s/?#@:]*):(?P<word>[^\s?]{0,400}|(?!\d{1,5}[/?#])\S{0,400})(?=@)"
)
"""A password in an address, wherever that stands. Any letter may be in it, though it should be written %2F or the
like: rather a path with an @ in it is cut than a password kept. Only a port's digits before a query are none."""
_UP_TO_SIGN = re.compile(r"(?<!\S)\S+@")  # of a word the part that may hold one
_ADDRESS = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]{1,12}:/{2})(?P<user>(?!…@)[^\s/?#@\"'<>]*@)?(?P<rest>[^\s?#\"'<>\\]*)"
    r"(?P<query>\?[^\s#\"'<>\\]*)?(?P<mark>#[^\s\"'<>\\]*)?",
    re.IGNORECASE,
)
# What stands after these words is a secret, whoever's it is: headers, JSON members, options, query parts.
_NAMED = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization|\b(?:set-)?cookie|\b(?:x-)?(?:goog-)?api[-_]?key|\b[a-z0-9_]*_key|"
    r"\b(?:access|auth|refresh|id)?[-_]?token|\bsecret|\bpassword|\bpasswd|"
    r"\bx-amz-(?:signature|credential|security-token)|\b(?:sig|signature|policy|key-pair-id)(?==))"
    r"(?P<between>[\"']?\s*[=:]\s*[\"']?)(?P<scheme>(?:bearer|basic|token)\s+)?"
    r"(?P<value>[^\s\"',;&)}\]]{6,})",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_SHAPED = re.compile(
    r"\b(?:sk|pk|rk|hf|gsk|xai|ghp|gho|github_pat)[-_]"  # vendors' marks,
    r"(?:[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]*[*.…]{3,}[A-Za-z0-9_-]*)"  # half hidden by themselves perhaps
    r"|\bAIza[A-Za-z0-9_-]{30,}|\bAKIA[A-Z0-9]{12,}"
    # A signed token: from the first eyJ of a word, since looking at each again takes the square of the time.
    r"|(?<![A-Za-z0-9_-])(?>[A-Za-z0-9_-]*?eyJ)[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"
    r"|\b[0-9a-f]{32}\.[A-Za-z0-9]{12,}\b"  # Z.ai's
)
_BLOB = re.compile(r"[A-Za-z0-9+/_-]{400,}={0,2}")  # a picture in an answer, not words


def learn(*secrets: str) -> None:
    """Remember secrets, so that `redacted` takes them out wherever they turn up from now on."""
    global _known  # noqa: PLW0603 - a secret that is known in one place only leaks from another
    forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
    _known = tuple(sorted({*_known, *forms}, key=lambda form: (-len(form), form)))


def redacted(text: str) -> str:
    """The text without known secrets, things shaped like one, or the queries of addresses."""
    for secret in _known:
        text = text.replace(secret, _KEY)
    text = _UP_TO_SIGN.sub(lambda found: PASSWORD.sub(_CUT, found[0]), text)
    text = _ADDRESS.sub(_bare_address, text)
    text = _NAMED.sub(r"\g<name>\g<between>" + _KEY, text)
    text = _BEARER.sub(rf"\1 {_KEY}", text)
    text = _SHAPED.sub(_KEY, text)
    return _BLOB.sub(lambda found: f"[{len(found[0])} characters]", text)


def without_known(words: bytes) -> bytes:
    """The words without known secrets, and otherwise as they are."""
    for secret in _known:
        words = words.replace(secret.encode(), _KEY.encode())
    return words


def masked(secret: str) -> str:
    """A key as it may be shown: enough to tell two apart, `sk-…1234`."""
    if len(secret) < 2 * _SHORTEST:
        return "…"
    head, dash, _ = secret.partition("-")
    return (head + dash if dash and len(head) <= 3 else "") + "…" + secret[-4:]


def _forms(secret: str) -> tuple[str, ...]:
    """As it is, and as it stands in an address."""
    return secret, quote(secret, safe="")


def _bare_address(found: re.Match[str]) -> str:
    query = f"?{_CUT}" if found["query"] else ""
    return f"{found['scheme']}{found['rest']}{query}"
