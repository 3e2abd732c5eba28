"""A film as it is asked for from a queue, and the card it goes by."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from voxweave.core.text import printable
from voxweave.errors import VoxWeaveError
from voxweave.settings import Settings

if TYPE_CHECKING:
    from voxweave.fleet.parcels import Variant
    from voxweave.jobs.cards import Card, Priority
    from voxweave.jobs.talks import Talks as TalkTable

_ID_CHARS = 12


@dataclass(frozen=True)
class FilmWanted:
    """A film as it is asked for; `film` is where it shall lie on this machine.

    `others` are the films of the same narration for further presets: one machine makes them all, so that what they
    share is ordered once.
    """

    narration: Path
    film: Path
    settings: Settings
    others: "tuple[Variant, ...]" = ()
    files: Mapping[str, Path] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    batch: str = ""
    priority: "Priority" = "normal"
    overwrite: bool = False

    @property
    def variants(self) -> "tuple[Variant, ...]":
        """All its films."""
        from voxweave.fleet.parcels import Variant

        return (Variant(self.film, self.settings), *self.others)

    @property
    def places(self) -> tuple[Path, ...]:
        """Where they shall lie."""
        return tuple(one.film.absolute() for one in self.variants)


def refused(film: FilmWanted, error: VoxWeaveError) -> "Card":
    """The card of a film that never got onto the queue."""
    from voxweave.jobs.cards import error_of

    card = card_of(film, str(film.film.absolute()))
    told = {"state": "failed", "exit_code": int(error.exit_code), "error": error_of(error)}
    return card.model_copy(update=told)


def card_of(film: FilmWanted, decides: str) -> "Card":
    """A film's card; its id is a digest of all that decides the film."""
    from voxweave.jobs.cards import Card, later, without_passwords
    from voxweave.jobs.job import job_folder

    now = later("")
    return Card(
        id=hashlib.sha256(decides.encode()).hexdigest()[:_ID_CHARS],
        name=printable(film.narration.stem, most=60),
        folder=job_folder(film.narration, None),
        narration=film.narration.absolute(),
        films=film.places,
        arguments=without_passwords(film.arguments),
        cwd=Path.cwd(),
        batch=printable(film.batch),
        priority=film.priority,
        created_at=now,
        updated_at=now,
    )


def check_place(film: FilmWanted, card: "Card", table: "TalkTable") -> None:
    """OutputExists where the place of one of its films, or of its captions, is taken by anything else."""
    from voxweave.fleet.collecting import is_delivered, place_taken

    wanted = () if film.overwrite else [(one, place) for one in film.variants for place in _places(one)]
    there = [(one.film.absolute(), place) for one, place in wanted if os.path.lexists(place)]
    known = table.talks([card.id]) if there else ()
    for own, place in there:
        if not any(is_delivered(place, own, card, talk) for talk in known):
            raise place_taken(place)


def _places(variant: "Variant") -> list[Path]:
    """Where a film will lie and its captions beside it, as far as their language is known before it is made."""
    film, settings = variant.film.absolute(), variant.settings
    beside = settings.caption_files if settings.language and "sidecar" in settings.captions else ()
    return [film, *(film.with_name(f"{film.stem}.{settings.language}.{kind}") for kind in beside)]
