"""Which state of an order may follow which, what each needs next, and how its money counts."""

from typing import Literal

from voxweave.core.orders import FINAL, LIVE, State

UNDER_WAY: frozenset[State] = LIVE | {"unknown"}
BILLED: frozenset[State] = LIVE | {"done", "fetched", "lost", "unknown"}
IN_TOTALS = {"unknown": "unknown"} | dict.fromkeys(("sending", "accepted", "running", "done"), "running")
MAY_BECOME: dict[State, frozenset[State]] = {
    "planned": frozenset({"sending", "accepted"}),
    "sending": frozenset({"planned", "accepted", "refused", "failed", "unknown", "fetched"}),
    "accepted": FINAL | {"running", "done"},
    "running": FINAL | {"done"},
    "done": frozenset({"fetched", "lost"}),
    # Its file was deleted; the provider may still have it, or has no ids.
    "fetched": frozenset({"done", "lost"}),
    "unknown": frozenset({"accepted"}),
    "lost": frozenset({"accepted"}),
    "refused": frozenset(),
    "failed": frozenset(),
}

Todo = Literal["send", "quiet", "ask", "watch", "collect", "ended"]
TODO: dict[State, Todo] = {
    "planned": "send",
    "sending": "ask",
    "accepted": "watch",
    "running": "watch",
    "done": "collect",
}
