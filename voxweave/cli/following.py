"""Films on a queue, followed until they have ended and lie in their places."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from voxweave.core.job_states import OVER
from voxweave.errors import Exit, StorageBusy
from voxweave.fleet.collecting import Collector
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, CardError
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.cli.fleet import Talks
    from voxweave.jobs.talks import Talk

_POLL_S = 1.0
_AWAY = "the store"
_ALONE_S = 15.0
"""How long a film waits for a worker that renders as its sender does, before another may have it."""
_OURS = ("folder", "narration", "films", "arguments", "cwd")
"""What a card says of the machine it was sent from."""


@dataclass(frozen=True)
class Hearing:
    """Who is told: `tell` of every change of a card, `note` of what people should know; `beat` is called each second."""

    tell: Callable[[Card], None]
    note: Callable[[str], None] = lambda _: None
    beat: Callable[[], None] = lambda: None


@dataclass
class Follower:
    """Looks at films each second."""

    talks: "Talks"
    artifacts: Artifacts
    hear: Hearing
    stop: StopSignal
    _alone_since: dict[str, float] = field(default_factory=dict)
    _noted: set[str] = field(default_factory=set)
    _waiting: set[str] = field(default_factory=set)
    _fetched: set[tuple[str, tuple[Path, ...]]] = field(default_factory=set)

    def followed(self, cards: Sequence[Card]) -> tuple[Card, ...]:
        """The cards as they are once all have ended; one film may be wanted in several places."""
        collector = Collector(self.artifacts)
        now = list(cards)
        for card in filter(_unsent, cards):
            self.hear.tell(card)
        left = {card.id for card in cards if not _unsent(card)}
        while left:
            self._waiting.clear()
            live = set(self.talks.live())
            talks = {talk.card.id: talk for talk in self.talks.table.talks(left, brief=True)}
            now = [self._seen(card, talks, collector) if card.id in left else card for card in now]
            for talk in talks.values():
                self._see_to(talk, live)
            left = {name for name, talk in talks.items() if talk.card.state not in OVER} | self._waiting
            self.hear.beat()
            if left:
                self.stop.wait(_POLL_S)
        return tuple(now)

    def _seen(self, card: Card, talks: "Mapping[str, Talk]", collector: Collector) -> Card:
        """The card as the queue knows it; fetched and told where it has ended, told where it changed."""
        if _unsent(card) or (card.id, card.films) in self._fetched:
            return card
        if card.id not in talks:
            return self._forgotten(card)
        told = talks[card.id].card.model_copy(update=here(card))
        if told.state not in OVER:
            if told != card:
                self.hear.tell(told)
            return told
        whole = self.talks.table.talks([card.id])
        if not whole:  # a moment ago it was
            return self._forgotten(card)
        try:
            seen = collector.collected(told, whole[0])
        except StorageBusy as error:
            return self._left_there(card, error)
        self._fetched.add((card.id, card.films))
        self.hear.tell(seen)
        return seen

    def _left_there(self, card: Card, error: StorageBusy) -> Card:
        """The card as it was: a film that is made and cannot be fetched just now is looked for again."""
        self._waiting.add(card.id)
        if _AWAY not in self._noted:
            self._noted.add(_AWAY)
            self.hear.note(f"{error}; films that are made are fetched when it does")
        return card

    def _forgotten(self, card: Card) -> Card:
        """The card of a film that somebody made the queue forget: nobody will ever end it."""
        error = CardError(code="storage", message="the queue knows it no more", hint="run this command again")
        gone = card.model_copy(update={"state": "failed", "exit_code": int(Exit.STORAGE), "error": error})
        self.hear.tell(gone)
        return gone

    def _see_to(self, talk: "Talk", live: set[str]) -> None:
        """A film that no worker is there for goes to those that are nearest, or people are told."""
        if talk.card.state != "waiting" or talk.version in live:
            self._alone_since.pop(talk.card.id, None)
            return
        since = self._alone_since.setdefault(talk.card.id, monotonic())
        if monotonic() - since < _ALONE_S or self.talks.rehome(talk):
            return
        if talk.version not in self._noted:
            self._noted.add(talk.version)
            self.hear.note(f"films wait for a worker of version {talk.version}; none is there")


def here(card: Card) -> dict[str, object]:
    """What a card says of the machine it was sent from, which the queue's may say of another."""
    return {name: getattr(card, name) for name in _OURS}


def _unsent(card: Card) -> bool:
    """Whether it never got onto the queue."""
    return card.state == "failed" and card.exit_code is not None and not card.completed_at
