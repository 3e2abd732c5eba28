"""What is told of a film's orders: how far they are, and afterwards what was reused and what was missing."""

import logging
import re
from collections.abc import Mapping, Sequence

from voxweave.core.logline import facts, order_facts
from voxweave.core.orders import Wanted
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.means import News
from voxweave.pipeline.ordering import Asked, Outcome

_LOG = logging.getLogger(__name__)
_SHARES = {"planned": 0.0, "sending": 0.02, "accepted": 0.05, "done": 0.9, "fetched": 1.0}
_ENDS = frozenset({"fetched", "fell", "parked", "reused"})
_TOLD = frozenset({"waiting", "unclear", "lost"})
_NUMBERS = re.compile(r"[0-9.,]+")
_TROUBLES = frozenset({"unclear", "unknown", "lost", "refused", "failed"})
_MOST_SHOWN = 12


class OrderNews:
    """Turns news of orders into progress, notices and lines of the log."""

    def __init__(self, desk: Desk, asked: Sequence[Asked]) -> None:
        self._desk = desk
        self._orders = sum(1 + (one.still is not None) for one in asked)
        self._scenes = {_plain(wanted): one.scene for one in reversed(asked) for wanted in _wishes(one)}
        self._shares: dict[str, float] = {}
        self._said: set[str] = set()

    def __call__(self, news: News) -> None:
        """One thing worth telling."""
        log_news(news, self._scenes.get(_plain(news.order.wanted)) if news.order else None)
        share = 1.0 if news.what in _ENDS else _SHARES.get(news.what, 0.05)
        if news.what == "running" and news.percent is not None:
            share = 0.05 + 0.008 * news.percent
        self._shares[news.key] = max(share, self._shares.get(news.key, 0.0))
        self._desk.teller.advance(min(1.0, sum(self._shares.values()) / self._orders))
        alike = _NUMBERS.sub("", f"{news.provider} {news.text}")
        if news.what in _TOLD and news.text and alike not in self._said:
            self._said.add(alike)
            self._desk.teller.notice(f"{news.provider}: {news.text}")


def log_news(news: News, scene: int | None = None) -> None:
    """A line of the log with all that is known of the order; its trouble in a word, and in the words told."""
    said = f": {news.text}" if news.text else ""
    if news.order is None:
        extra = facts(order=news.key, scene=scene, provider=news.provider, status=news.what)
    else:
        error = news.why or (news.what if news.what in _TROUBLES else "")
        extra = order_facts(news.order, scene=scene, attempt=news.attempt, error=error)
    _LOG.info("order %s%s", news.what, said, extra=extra)


def _wishes(one: Asked) -> Sequence[Wanted]:
    return (*one.choices, *((one.still,) if one.still else ()))


def _plain(wanted: Wanted) -> Wanted:
    """The wish without the picture it begins from, which is made later."""
    return wanted.model_copy(update={"picture": None})


def reuses(shown: Mapping[int, tuple[str, str]]) -> list[str]:
    """A line for each film whose clips are shown here as well; by scene, that film (or none) and who made it."""
    shelves: dict[tuple[str, str], list[int]] = {}
    for scene, (film, provider) in shown.items():
        if film:
            shelves.setdefault((film, provider), []).append(scene)
    return [
        f"{scenes_named(scenes)} reused: {provider} made {'it' if len(scenes) == 1 else 'them'} for {film};"
        " nothing is paid"
        for (film, provider), scenes in shelves.items()
    ]


def unled(outcomes: Sequence[Outcome]) -> list[str]:
    """A line for each reason why clips had no still to begin from."""
    shelves: dict[tuple[str, str], tuple[str, list[int]]] = {}
    for outcome in outcomes:
        if (fell := outcome.unled) is not None:
            shelves.setdefault((fell.provider, fell.why), (fell.text, []))[1].append(outcome.scene)
    return [
        f"{scenes_named(scenes)} ordered without a still of {provider} to begin from: {text}"
        for (provider, _), (text, scenes) in shelves.items()
    ]


def scenes_named(numbers: Sequence[int]) -> str:
    """Scenes in words; a film may have hundreds."""
    more = " and more" if len(numbers) > _MOST_SHOWN else ""
    return f"scene{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers[:_MOST_SHOWN]))}{more}"
