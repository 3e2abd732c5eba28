"""Films of a batch that another run makes just now: the same film is waited for, any other is a refusal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.keeping import Line
from voxweave.cli.reads import proof_of
from voxweave.cli.wanted import Wanted, film_of
from voxweave.core.text import printable
from voxweave.errors import UsageError
from voxweave.jobs.cards import ENDED, Card, card_in, making, seen, without_passwords
from voxweave.jobs.proofs import digest_of
from voxweave.settings import Settings

if TYPE_CHECKING:
    from voxweave.cli.batch_run import Entry

_GIVEN = ("subtitles", "script", "storyboard")


@dataclass
class Others:
    """The films that others make, each with the line it is made by."""

    _entries: dict[int, "tuple[Entry, str]"] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether one is waited for."""
        return bool(self._entries)

    def work_on(self, job: Path) -> bool:
        """Whether a film of this job is waited for."""
        return any(entry.wanted.job == job for entry, _ in self._entries.values())

    def wait_for(self, entry: "Entry", card: Card) -> bool:
        """Wait for the run that this card tells of; false where it makes another film."""
        if not is_same(entry.wanted, card):
            return False
        self._entries[id(entry)] = entry, digest_of(card.arguments)
        entry.row.by_another = True
        entry.row.follow(card)
        return True

    def news(self) -> "Iterator[tuple[Entry, Card | None]]":
        """The films whose wait is over: with the card that tells how it ended, or None where it is ours to make."""
        for entry, line in list(self._entries.values()):
            card = now(entry.wanted)
            same = card is not None and digest_of(card.arguments) == line
            if card is not None and same and card.state == "running":
                entry.row.follow(card)
                continue
            del self._entries[id(entry)]
            entry.row.by_another, entry.row.last = False, None
            yield entry, card if card is not None and same and card.state in ENDED else None


def now(wanted: Wanted) -> Card | None:
    """The card of a film's job as it is to be seen."""
    card = card_in(wanted.job)
    return seen(card) if card is not None else None


def is_same(wanted: Wanted, card: Card) -> bool:
    """Whether a job's line makes just this film: by its words, else by all that they come to."""
    if says_the_same(wanted, card):
        return True
    try:
        other = _wanted_by(card)
    except (UsageError, click.ClickException):  # another release's line, or settings that are gone
        return False
    if other.given != wanted.given:  # to a proof all files are alike, and one that is missing is none
        return False
    return proof_of(other).model_copy(update={"line": ""}) == proof_of(wanted).model_copy(update={"line": ""})


def says_the_same(wanted: Wanted, card: Card) -> bool:
    """Whether a job's line makes just this film by its words; it is by them that a roll knows its cards."""
    return digest_of(card.arguments) == digest_of(without_passwords(wanted.arguments))


def _wanted_by(card: Card) -> Wanted:
    from voxweave.cli.make import make

    config, words = making(card)
    named = make.make_context("make", words).params
    if len(named["narrations"]) != 1:
        raise UsageError(f"{printable(card.name)} is made with others")
    flags = {key: named[key] for key in Settings.model_fields if named.get(key) is not None}
    files = {name: Path(named[name]) for name in _GIVEN if named.get(name)}
    return film_of(named["narrations"][0], Line(flags, config, named["output"], files))
