"""Kept files that several machines share: the local store first, then the shared one."""

import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from voxweave.errors import StorageError
from voxweave.jobs.artifacts import KEPT, Artifacts, Missing, Wrong, opened, sealed
from voxweave.jobs.owed import Owed, Parcel, send
from voxweave.jobs.store import SUFFIX, Damaged, Facts, Kept, Note, Store

Found = TypeVar("Found")

_LOG = logging.getLogger(__name__)
_MISSED_S = 20.0
"""A clip is looked for several times before it is ordered: for the sum, for its price, and at last."""


class SharedStore(Store):
    """A store whose entries other machines find, too; its limit and its cleaning are for this machine alone.

    Without `owed` an outage is a StorageError; with it the shared store is only a convenience.
    """

    def __init__(self, root: Path, artifacts: Artifacts, owed: Owed | None = None) -> None:
        super().__init__(root)
        self._artifacts, self._owed = artifacts, owed
        self._missed: dict[str, float] = {}

    def get(self, kind: str, key: str) -> Kept | None:
        """The entry from here, or fetched and kept here; Damaged when a copy was harmed and there is no other."""
        damaged: Damaged | None = None
        try:
            kept = super().get(kind, key)
        except Damaged as error:
            kept, damaged = None, error
        if kept is None and not self._missed_lately(_name(kind, key)):
            kept = self._unless_away(lambda: self._brought(kind, key))
        if kept is None and damaged is not None:
            raise damaged
        return kept

    def has(self, kind: str, key: str) -> bool:
        """Whether there is an entry, here or shared; its file is not looked at."""
        return super().has(kind, key) or bool(
            self._unless_away(lambda: self._artifacts.has_note(_name(kind, key)))
        )

    def put(self, kind: str, key: str, file: Path, facts: Facts) -> Kept | None:
        """Keep the file here and share it; what is there already stays."""
        kept = super().put(kind, key, file, facts)
        if kept is None:
            return None
        note = Note(
            name=kept.file.path.name,
            sha256=kept.file.sha256,
            size=kept.size,
            made_at=kept.made_at,
            facts=kept.facts,
        )
        parcel = Parcel(
            note=_name(kind, key), text=sealed(json.loads(note.to_json())), files=(kept.file,), stays=True
        )
        if self._owed is None:
            send(self._artifacts, parcel)
        else:
            self._owed.publish(parcel)
        return kept

    def _brought(self, kind: str, key: str) -> Kept | None:
        note = self._note(kind, key)
        if note is None:
            return None
        with self._fetching(note) as file:
            try:
                self._artifacts.get_file(note.sha256, file)
                if file.stat().st_size != note.size:
                    raise Wrong("the note speaks of another file")
            except Missing:
                self._artifacts.drop_note(_name(kind, key))
                return None
            except Wrong as error:
                self._artifacts.drop_note(_name(kind, key))
                raise Damaged(f"a {kind} in the shared store was damaged") from error
            return self._kept(kind, key, file, note.facts, made_at=note.made_at)

    def _missed_lately(self, name: str) -> bool:
        """Whether it was not there a moment ago; where a film depends on it, it is looked for every time."""
        return self._owed is not None and time.monotonic() - self._missed.get(name, -_MISSED_S) < _MISSED_S

    def _note(self, kind: str, key: str) -> Note | None:
        text = self._artifacts.note(_name(kind, key))
        if text is None:
            self._missed[_name(kind, key)] = time.monotonic()
            return None
        try:
            return Note.model_validate(opened(text))
        except (ValueError, ValidationError):
            _LOG.warning("the shared store's note of %s %s was damaged; it is thrown away", kind, key)
            self._artifacts.drop_note(_name(kind, key))
            return None

    @contextmanager
    def _fetching(self, note: Note) -> Iterator[Path]:
        """A name to fetch a file to, gone afterwards; what an attempt left beside it is found by the next."""
        suffix = Path(note.name).suffix
        with self._spoken(), self._common_part(note.sha256[:32]) as folder:
            file = folder / f"{secrets.token_hex(6)}{suffix if SUFFIX.fullmatch(suffix) else ''}"
            try:
                yield file
            finally:
                file.unlink(missing_ok=True)

    def _unless_away(self, question: Callable[[], Found]) -> Found | None:
        """The answer; where the store is only a convenience, None when it is away."""
        try:
            return question()
        except Damaged:
            raise
        except StorageError as error:
            if self._owed is None:
                raise
            self._owed.away(error)
            return None


def _name(kind: str, key: str) -> str:
    return f"{KEPT}/{kind}/{key}.json"
