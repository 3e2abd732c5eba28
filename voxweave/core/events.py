"""What a run tells while it works, and how stages add up to one bar."""

from collections.abc import Mapping
from typing import Literal

from voxweave.core.value import Value

Stage = Literal["probe", "transcribe", "plan", "illustrate", "sound", "render", "join", "verify"]

WEIGHTS: dict[Stage, int] = {
    "probe": 4,
    "transcribe": 4,
    "plan": 1,
    "illustrate": 3,
    "sound": 1,
    "render": 79,
    "join": 2,
    "verify": 6,
}
"""Share of the whole bar each stage owns, in percent; measured on narrations of 1 to 60 minutes."""

ORDERED: dict[Stage, int] = {**WEIGHTS, "illustrate": 59, "render": 23}
"""The same where pictures are ordered: waiting for a provider is most of the time."""

HEARD: dict[Stage, int] = {**WEIGHTS, "transcribe": 30, "render": 53}
"""Where the words are recognised first."""

WORDS_ONLY: dict[Stage, int] = {**dict.fromkeys(WEIGHTS, 0), "probe": 10, "transcribe": 90}
"""Where no film is made of them."""

GROUPS: dict[Stage, str] = {
    "probe": "initializing",
    "transcribe": "initializing",
    "plan": "initializing",
    "illustrate": "rendering",
    "sound": "encoding",
    "render": "rendering",
    "join": "encoding",
    "verify": "encoding",
}
"""The three coarse steps some watchers know."""


class Event(Value):
    """One thing worth telling; `done` is the share of the whole film, from 0 to 1.

    `progress` comes often and only rises; `notice` is a line for the user (a warning, a repair, a
    choice made for them); `done` is the last event of a film and carries the path in `text`.
    """

    kind: Literal["progress", "notice", "done"]
    film: str
    stage: Stage
    group: str
    done: float
    eta_s: float | None = None
    text: str = ""


class Bands:
    """Turns each stage's own share into one that never falls."""

    def __init__(self, *, ordering: bool = False) -> None:
        self._weights = ORDERED if ordering else WEIGHTS
        self._done = 0.0

    def weigh(self, weights: Mapping[Stage, int]) -> None:
        """Other shares from here on; what was told before stands."""
        self._weights = dict(weights)

    def whole(self, stage: Stage, share: float) -> float:
        """The share of the whole film, given how far one stage is."""
        names = list(self._weights)
        before = sum(self._weights[name] for name in names[: names.index(stage)])
        now = (before + self._weights[stage] * min(max(share, 0.0), 1.0)) / 100
        self._done = max(self._done, now)
        return self._done


def clip_percent(percent: float) -> float:
    """A provider's own percent within the 20 to 90 that a single clip's generation owns."""
    return 20 + 0.7 * min(max(percent, 0.0), 100.0)
