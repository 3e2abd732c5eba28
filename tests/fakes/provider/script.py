"""Which scenario meets which request: a list of names, or chances that a seed decides."""

import random
import threading
from dataclasses import dataclass

from tests.fakes.provider.fault import Fault
from tests.fakes.provider.faults import FAULTS
from tests.fakes.provider.settings import Settings

OFTEN = {"poll_fault": ("poll_500", "poll_reset", "poll_html"), "content_cut": ("content_truncated",)}
"""Chances that stand for one of several scenarios."""


@dataclass
class _Turn:
    """An entry of the script with the times it still has."""

    fault: Fault | None
    left: int
    only: str


class Script:
    """Entries are `name`, `name*3`, `name*` (for ever), each with `@word` for prompts with that word only.

    The entries of a stage are used up in order, one per request of that stage; `create_ok`, `poll_ok`,
    `content_ok`, `list_ok` and `job_ok` let one pass. Scenarios that say "forever" or "burst" know their own times.
    """

    def __init__(self, settings: Settings) -> None:
        self._turns: dict[str, list[_Turn]] = {}
        self._errors = settings.errors
        self._seed = settings.seed
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()
        for entry in settings.script:
            self._add(entry)

    def _add(self, entry: str) -> None:
        rest, _, only = entry.partition("@")
        name, star, times = rest.partition("*")
        stage, _, tail = name.partition("_")
        if tail == "ok":
            fault, usual = None, 1
        else:
            fault = FAULTS[name]
            stage, usual = fault.stage, fault.times
        left = usual if not star else int(times or 0)
        self._turns.setdefault(stage, []).append(_Turn(fault, left or -1, only))

    def next(self, stage: str, prompt: str = "") -> Fault | None:
        """The fault this request meets."""
        with self._lock:
            self._seen[stage] = self._seen.get(stage, 0) + 1
            for turn in self._turns.get(stage, []):
                if turn.left == 0 or turn.only not in prompt:
                    continue
                turn.left -= 1
                return turn.fault
            return self._chance(stage, self._seen[stage])

    def _chance(self, stage: str, number: int) -> Fault | None:
        """The same request number meets the same fate under the same seed."""
        dice = random.Random(f"{self._seed}:{stage}:{number}")
        for name, share in self._errors.items():
            found = FAULTS[dice.choice(OFTEN.get(name, (name,)))]
            if found.stage == stage and dice.random() < share:
                return found
        return None
