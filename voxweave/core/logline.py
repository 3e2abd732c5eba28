"""What a line of the log may say besides its words; the log itself is in jobs/log.py."""

import hashlib
from collections.abc import Mapping

FIELDS = (
    *("order", "scene", "provider", "model", "remote_id", "request_id", "attempt", "status"),
    *("duration_ms", "cost_usd", "error", "prompt"),
)
"""The facts a line may have besides `at`, `level`, `from`, `job` and `event`."""

FACTS = "voxweave_facts"
"""Where a record carries them."""

_PROMPT_CHARS = 40


def facts(**named: object) -> dict[str, Mapping[str, object]]:
    """Facts by name, as a logger's `extra`; TypeError for a name the log has no place for.

    `logging.getLogger(__name__).info("accepted", extra=facts(order=key, provider="zai"))`
    """
    strange = set(named) - set(FIELDS)
    if strange:
        raise TypeError(f"the log has no field {', '.join(sorted(strange))}")
    return {FACTS: {name: named[name] for name in FIELDS if named.get(name) not in (None, "")}}


def shortened_prompt(text: str) -> str:
    """A prompt's beginning and a mark that tells two apart: narrations may be private."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    shown = text if len(text) <= _PROMPT_CHARS else text[:_PROMPT_CHARS] + "…"
    return f"{shown} ({digest})"
