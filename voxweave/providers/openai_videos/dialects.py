"""What tells one server of the `/v1/videos` protocol from another, as far as it matters to us."""

import base64
import binascii
from typing import Literal

from voxweave.core.value import Value
from voxweave.errors import UsageError

_SORA_SIZES = ("1280x720", "720x1280", "1792x1024", "1024x1792")


class Dialect(Value):
    """How a server wants to be spoken to; the defaults are what most of them take.

    `hides_failures`: a failed order looks like a broken server for ever. `waits`: a create call
    answers when the clip is there. `needs_key`: without any it breaks down instead of saying so. `open_server`: anybody runs it on a machine of their own, keeping
    its orders in memory. `pictures_for`: models, by how their names begin, that take a picture.
    """

    name: str
    body: Literal["multipart", "json"] = "multipart"
    length: Literal["seconds", "duration"] = "seconds"
    content: str = "content"
    lists: bool = True
    deletes: bool = True
    hides_failures: bool = False
    waits: bool = False
    needs_key: bool = False
    open_server: bool = False
    seeds: bool = False
    sizes: tuple[str, ...] = ()
    pictures_for: tuple[str, ...] = ("",)
    sound: str = ""

    def takes_picture(self, model: str) -> bool:
        """Whether this model takes a reference picture here."""
        return any(model.lower().startswith(start) for start in self.pictures_for)


AUTO = Dialect(name="auto")
"""What every asynchronous server of the protocol understands."""

DIALECTS: dict[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        AUTO,
        Dialect(name="openai"),
        Dialect(name="vllm_omni", open_server=True, seeds=True, sound="audio_reference"),
        Dialect(name="sglang", open_server=True, seeds=True),
        Dialect(name="fastvideo", open_server=True, seeds=True),
        Dialect(name="aquiles", open_server=True, sizes=_SORA_SIZES, pictures_for=("ltx-2", "minimax-h3")),
        Dialect(name="litellm", lists=False, deletes=False, hides_failures=True, needs_key=True),
        Dialect(name="new_api", lists=False, deletes=False),
        Dialect(
            name="dynamo",
            body="json",
            lists=False,
            deletes=False,
            waits=True,
            open_server=True,
            pictures_for=(),
        ),
        Dialect(
            name="openrouter",
            body="json",
            length="duration",
            content="content?index=0",
            lists=False,
            deletes=False,
            pictures_for=(),
        ),
    )
}

_HOSTS = {"openrouter.ai": "openrouter"}
_OWNERS = {"vllm": "vllm_omni", "sglang": "sglang", "fastvideo": "fastvideo"}
_ID_STARTS = {"video_gen_": "vllm_omni", "task_": "new_api", "gen-vid-": "openrouter"}


def named(name: str, host: str) -> Dialect:
    """The dialect a setting means; `auto` looks at the host's name."""
    plain = name.lower().replace("-", "_")
    if plain not in DIALECTS:
        raise UsageError(f"there is no dialect {name!r}", hint=f"known: {', '.join(DIALECTS)}")
    return DIALECTS[_HOSTS.get(host, "auto")] if plain == "auto" else DIALECTS[plain]


def of_owner(owner: str) -> Dialect:
    """The dialect of a server that says in its list of models who serves them."""
    return next((DIALECTS[_OWNERS[start]] for start in _OWNERS if owner.lower().startswith(start)), AUTO)


def of_id(remote_id: str) -> Dialect:
    """The dialect an order's id tells, which holds in the next run as well."""
    for start, name in _ID_STARTS.items():
        if remote_id.startswith(start):
            return DIALECTS[name]
    return DIALECTS["litellm"] if _packed(remote_id) else AUTO


def same_order(asked: str, answered: str) -> bool:
    """Whether an answer speaks of the order asked for; LiteLLM packs its ids anew in every answer.

    A failed order it may show as the service behind it did, under the id packed into its own.
    """
    inner = _unpacked(asked)
    return asked == answered or (bool(inner) and inner in (answered, _unpacked(answered)))


def _packed(remote_id: str) -> bool:
    """Whether LiteLLM made the id."""
    return bool(_unpacked(remote_id))


def _unpacked(remote_id: str) -> str:
    """The id that LiteLLM packed together with a provider and a model; empty for any other."""
    text = remote_id.removeprefix("video_").rstrip("=")
    try:
        inner = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return ""
    if not inner.startswith(b"litellm:"):
        return ""
    return inner.decode("utf-8", "replace").rpartition("video_id:")[2] or remote_id
