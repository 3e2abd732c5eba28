"""The states of a job, by name."""

from typing import Literal, get_args

State = Literal["waiting", "running", "stopped", "failed", "short", "done", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
"""As they are sorted; `short` is a film that lacks something it was asked for."""
