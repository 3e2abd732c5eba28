"""What a line of the log may say besides its words; the log itself is in jobs/log.py."""

import hashlib
from collections.abc import Mapping

from voxweave.core.orders import Order

FIELDS = (
    *("order", "scene", "provider", "model", "remote_id", "request_id", "attempt", "status"),
    *("duration_ms", "cost_usd", "lane", "error", "prompt"),
)
"""The facts a line may have besides `at`, `level`, `from`, `job` and `event`."""

FACTS = "voxweave_facts"
"""Where a record carries them."""

_PROMPT_CHARS = 40
_FREE = ("planned", "refused", "failed")  # in these states an order binds no money


def facts(**named: object) -> dict[str, Mapping[str, object]]:
    """Facts by name, as a logger's `extra`; TypeError for a name the log has no place for.

    `logging.getLogger(__name__).info("accepted", extra=facts(order=key, provider="zai"))`
    """
    strange = set(named) - set(FIELDS)
    if strange:
        raise TypeError(f"the log has no field {', '.join(sorted(strange))}")
    return {FACTS: {name: named[name] for name in FIELDS if named.get(name) not in (None, "")}}


def order_facts(
    order: Order, *, scene: int | None = None, attempt: int | None = None, error: str = ""
) -> dict[str, Mapping[str, object]]:
    """All that is known of an order, as a logger's `extra`; `error` is the kind of trouble in a word.

    `attempt` is the try that failed, else how often this was ordered; the time is from sending to its last change.
    """
    sent, wanted, number = order.sent_at, order.wanted, order.key.rpartition("-")[2]
    bound_usd = 0.0 if order.state in _FREE else order.price_usd
    return facts(
        order=order.key,
        scene=scene,
        provider=wanted.provider,
        model=wanted.model,
        remote_id=order.remote_id,
        attempt=attempt or (int(number) if number.isdecimal() else None),
        status=order.state,
        duration_ms=None if sent is None else max(round((order.changed_at - sent) * 1000), 0),
        cost_usd=bound_usd if order.paid_usd is None else order.paid_usd,
        lane=order.lane,
        error=error,
        prompt=wanted.prompt,
    )


def shortened_prompt(text: str) -> str:
    """A prompt's beginning and a mark that tells two apart: narrations may be private."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    shown = text if len(text) <= _PROMPT_CHARS else text[:_PROMPT_CHARS] + "…"
    return f"{shown} ({digest})"
