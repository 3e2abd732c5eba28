"""The states of a job, by name."""

from collections.abc import Mapping
from typing import Literal, get_args

from voxweave.errors import Exit

State = Literal["waiting", "running", "stopped", "failed", "short", "done", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
"""As they are sorted; `short` is a film that lacks something it was asked for."""
AT_WORK: tuple[State, ...] = ("waiting", "running")
CANCELLABLE: tuple[State, ...] = (*AT_WORK, "stopped")
ENDED: frozenset[State] = frozenset({"failed", "short", "done", "cancelled"})
OVER: frozenset[State] = ENDED | {"stopped"}
"""Nobody works on it any more, or is about to."""

_OF_STATUS: Mapping[int, State] = {
    Exit.DONE: "done",
    Exit.PARTIAL: "short",
    Exit.STOPPED: "stopped",
    Exit.TERMINATED: "stopped",
}


def state_after(status: int) -> State:
    """What a job is once its run came to this exit status."""
    return _OF_STATUS.get(status, "failed")
