"""Finished films of a queue, fetched to where they were wanted."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from voxweave.core.text import printable
from voxweave.errors import Exit, OutputExists, StorageBusy, StorageError, VoxWeaveError
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, error_of
from voxweave.jobs.talks import Talk
from voxweave.media.files import holds, part_of, write_atomically

_REPORT = ".report.json"
_REPLACED = (_REPORT, ".thumbnail.png")
"""What any run replaces: it is no work of anybody's hand."""


@dataclass(frozen=True)
class Collector:
    """Fetches what a worker left in the artifacts."""

    artifacts: Artifacts

    def collected(self, card: Card, talk: Talk) -> Card:
        """The card, once its films lie in their places with all that belongs to them; failed where they cannot.

        StorageBusy while the store is away: the film is none the worse, and what was fetched is not fetched again.
        Of several films those that came out are fetched, though another failed. What lies in the place of one of its
        files is replaced only where the card's line says so.
        """
        if card.state not in ("done", "short", "failed"):
            return card
        try:
            for film in card.films:
                self._collect(film, card, talk)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            odd = f"the queue tells of this film as another release does: {error!r}"
            return _failed(card, StorageError(odd, hint="collect it with that release"))
        except StorageBusy:
            raise
        except (VoxWeaveError, OSError) as error:
            return _failed(card, error)
        return card

    def _collect(self, film: Path, card: Card, talk: Talk) -> None:
        places = _places(film, card, talk)
        if "--overwrite" not in card.arguments:
            for file, sha256 in places:
                _check_free(file, sha256)
        for file, sha256 in places:
            self._fetch(sha256, file)
        _localise(film, card, talk)

    def _fetch(self, sha256: str, into: Path) -> None:
        if holds(into, sha256):
            return
        with part_of(into) as part:
            self.artifacts.get_file(sha256, part)


def is_delivered(place: Path, film: Path, card: Card, talk: Talk) -> bool:
    """Whether what lies there is the film that the queue's workers made, or belongs to it; `card` says which it is."""
    return any(file == place and holds(file, sha256) for file, sha256 in _places(film, card, talk))


def place_taken(file: Path) -> OutputExists:
    """Something else lies where a film, or what belongs to one, is to lie."""
    return OutputExists(
        f"{printable(file.name)} is there already",
        hint="replace it with --overwrite, move it away, or name another film with -o",
    )


def _check_free(file: Path, sha256: str) -> None:
    if os.path.lexists(file) and not file.name.endswith(_REPLACED) and not holds(file, sha256):
        raise place_taken(file)


def _failed(card: Card, error: Exception) -> Card:
    code = error.exit_code if isinstance(error, OutputExists) else Exit.STORAGE
    return card.model_copy(update={"state": "failed", "error": error_of(error), "exit_code": int(code)})


def _places(film: Path, card: Card, talk: Talk) -> list[tuple[Path, str]]:
    """What was made of a film, and where it belongs; itself last: one that is there has all that belongs to it.

    Nothing where it was not made, though others of its narration were.
    """
    if not talk.answer:
        return []
    made = _names(talk)[card.films.index(film)]  # a worker's name for it may be plainer than ours
    stem, files = Path(made).stem, json.loads(talk.answer)["files"]
    if made not in files:
        return []
    found = {name.removeprefix(stem): sha256 for name, sha256 in files.items() if name.startswith(f"{stem}.")}
    places = [(film.with_name(film.stem + Path(end).name), sha256) for end, sha256 in found.items()]
    return sorted(places, key=lambda pair: pair[0] == film)


def _names(talk: Talk) -> list[str]:
    """What the worker called the films."""
    parcel = json.loads(talk.parcel)
    return [part["film"] for part in parcel.get("parts", ())] or [parcel["film"]]


def _localise(film: Path, card: Card, talk: Talk) -> None:
    """The report names files where they are here, not where a worker had them."""
    report = film.with_name(film.stem + _REPORT)
    if not talk.answer or not report.is_file():
        return
    text, there = report.read_text("utf-8"), json.loads(talk.answer)["places"]
    here = {"narration": card.narration, "out": film.parent.absolute()}
    for name, place in here.items():
        text = text.replace(_inner(there[name]), _inner(str(place)))
    write_atomically(report, text)


def _inner(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
