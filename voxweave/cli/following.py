"""Films on a queue, followed until they have ended and lie in their places."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from voxweave.errors import Exit
from voxweave.fleet.collecting import Collector
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, CardError
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.cli.fleet import Talks
    from voxweave.jobs.talks import Talk

_POLL_S = 1.0
_ALONE_S = 15.0
"""How long a film waits for a worker that renders as its sender does, before another may have it."""
_ENDS = ("done", "short", "failed", "cancelled", "stopped")
_OURS = ("folder", "narration", "films", "cwd")
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
    hear: Hearing
    stop: StopSignal
    _alone_since: dict[str, float] = field(default_factory=dict)
    _noted: set[str] = field(default_factory=set)

    def followed(self, cards: Sequence[Card]) -> tuple[Card, ...]:
        """The cards as they are once all have ended; one film may be wanted in several places."""
        collector = Collector(Artifacts.open(self.talks.fleet.artifacts, stop=self.stop))
        now = list(cards)
        for card in filter(_unsent, cards):
            self.hear.tell(card)
        left = {card.id for card in cards if not _unsent(card)}
        while left:
            live = set(self.talks.live())
            talks = self.talks.table.talks(sorted(left))
            known = {talk.card.id for talk in talks}
            now = [self._forgotten(card) if card.id in left - known else card for card in now]
            left &= known
            for talk in talks:
                ended = talk.card.state in _ENDS
                now = [self._seen(card, talk, collector if ended else None) for card in now]
                left -= {talk.card.id} if ended else set()
                self._see_to(talk, live)
            self.hear.beat()
            if left:
                self.stop.wait(_POLL_S)
        return tuple(now)

    def _seen(self, card: Card, talk: "Talk", collector: Collector | None) -> Card:
        """The card as the queue knows it; fetched and told where it has ended, told where it changed."""
        if card.id != talk.card.id or _unsent(card):
            return card
        told = talk.card.model_copy(update=here(card))
        seen = collector.collected(told, talk) if collector else told
        if collector or seen != card:
            self.hear.tell(seen)
        return seen

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
