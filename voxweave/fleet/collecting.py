"""Finished films of a queue, fetched to where they were wanted."""

import json
from dataclasses import dataclass
from pathlib import Path

from voxweave.errors import InputError, VoxWeaveError
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, error_of
from voxweave.jobs.talks import Talk
from voxweave.media.files import fingerprint, part_of, write_atomically

_REPORT = ".report.json"


@dataclass(frozen=True)
class Collector:
    """Fetches what a worker left in the artifacts."""

    artifacts: Artifacts

    def collected(self, card: Card, talk: Talk) -> Card:
        """The card, once the film lies in its place with all that belongs to it; failed where it cannot."""
        if card.state not in ("done", "short"):
            return card
        try:
            for file, sha256 in _places(card.films[0], talk):
                self._fetch(sha256, file)
            _localise(card, talk)
        except (VoxWeaveError, OSError) as error:
            told = error_of(error)
            return card.model_copy(update={"state": "failed", "error": told, "exit_code": 8})
        return card

    def _fetch(self, sha256: str, into: Path) -> None:
        if _is(into, sha256):
            return
        with part_of(into) as part:
            self.artifacts.get_file(sha256, part)


def is_delivered(film: Path, talk: Talk) -> bool:
    """Whether what lies there is the film that the queue's workers made."""
    return any(file == film and _is(film, sha256) for file, sha256 in _places(film, talk))


def _places(film: Path, talk: Talk) -> list[tuple[Path, str]]:
    """What was made, and where it belongs; the film last: one that is there has all that belongs to it."""
    if not talk.answer:
        return []
    made = Path(str(json.loads(talk.parcel)["film"])).stem  # a worker's name for it may be plainer than ours
    found = {name.removeprefix(made): sha256 for name, sha256 in json.loads(talk.answer)["files"].items()}
    files = [(film.with_name(film.stem + Path(end).name), sha256) for end, sha256 in found.items()]
    return sorted(files, key=lambda pair: pair[0] == film)


def _is(file: Path, sha256: str) -> bool:
    try:
        return bool(sha256) and fingerprint(file).sha256 == sha256
    except InputError:
        return False


def _localise(card: Card, talk: Talk) -> None:
    """The report names files where they are here, not where a worker had them."""
    report = card.films[0].with_name(card.films[0].stem + _REPORT)
    if not report.is_file():
        return
    text, there = report.read_text("utf-8"), json.loads(talk.answer)["places"]
    here = {"narration": card.narration, "out": card.films[0].parent.absolute()}
    for name, place in here.items():
        text = text.replace(_inner(there[name]), _inner(str(place)))
    write_atomically(report, text)


def _inner(text: str) -> str:
    """A text as it stands between the quotes of JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]
