"""Clips and stills that were ordered before, in whatever film: found again instead of bought again."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from voxweave.core.orders import Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import StorageError
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.sharing import Sharing
from voxweave.jobs.store import CHEAP, Damaged, Facts, Kept, Store, user_store
from voxweave.pipeline.sources import Source
from voxweave.places import expanded
from voxweave.settings import Settings

KIND = "clip"
OFF = "off"
_GIGABYTE = 1_000_000_000


class Reused(Value):
    """A clip or still of an earlier order, and the film it was ordered for."""

    media: MediaFile
    film: str
    made_at: float


class Shelf:
    """What may be reused by one run; any thread may ask.

    The first place is the film's own, so that a film goes on showing what it reused when the user's
    store has thrown it away. Without places nothing is reused.
    """

    def __init__(
        self, places: Sequence[Store] = (), *, film: str = "", tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self._places, self._film, self._tell = tuple(places), film, tell
        self._found: dict[str, Reused] = {}
        self._origins: dict[str, str] = {}
        self._said: set[str] = set()
        self._lock = threading.Lock()
        """Of what is noted here alone: hashing, fetching and sending take their time."""
        self._turns: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def find(self, source: Source | None, wanted: Wanted) -> Reused | None:
        """What was made for exactly this wish, checked to the last byte and safe in the film's own folder."""
        key = _key(source, wanted)
        if not key:
            return None
        with self._turn_of(key):
            with self._lock:
                found = self._found.get(key)
            if found is not None:
                return found
            kept = self._kept(key)
            if kept is None:
                return None
            film = printable(str(kept.facts.get("film", "")), most=120)
            found = Reused(media=kept.file, film=film, made_at=kept.made_at)
            with self._lock:
                self._found[key] = found
                self._origins[fingerprint_of(wanted)] = film or "another film"
            return found

    def origin(self, wanted: Wanted) -> str:
        """The film whose clip was found for this wish in this run; empty where none was."""
        with self._lock:
            return self._origins.get(fingerprint_of(wanted), "")

    def keep(self, source: Source | None, wanted: Wanted, media: MediaFile, price_usd: float | None) -> None:
        """Keep what was delivered for other films; a store that takes nothing costs no film."""
        key = _key(source, wanted)
        if not key:
            return
        facts: Facts = {
            "film": self._film,
            "provider": wanted.provider,
            "model": wanted.model,
            "seconds": wanted.seconds,
            "size": f"{wanted.width}x{wanted.height}",
            "price_usd": price_usd,
        }
        with self._turn_of(key):
            for place in self._places[1:]:
                try:
                    place.put(KIND, key, media.path, facts)
                except StorageError as error:
                    self._say(f"nothing is kept for other films: {error}")

    def keep_within(self, most_bytes: int) -> None:
        """Throw away what was not used for longest, as far as there is too much of it."""
        for place in self._places[1:]:
            try:
                place.keep_within(most_bytes, first=CHEAP)
            except StorageError as error:
                self._say(f"the clips kept for other films cannot be tidied: {error}")

    def _kept(self, key: str) -> Kept | None:
        for place in self._places:
            try:
                kept = place.get(KIND, key)
                if kept is not None and place is not self._places[0]:
                    kept = self._places[0].put(KIND, key, kept.file.path, kept.facts)
            except Damaged as error:
                self._say(f"{error}: it is thrown away, and ordered again")
                continue
            except StorageError as error:
                self._say(f"nothing is reused: {error}")
                continue
            if kept is not None:
                return kept
        return None

    def _turn_of(self, key: str) -> threading.Lock:
        """One thread at a time for one wish."""
        with self._lock:
            return self._turns[key]

    def _say(self, line: str) -> None:
        with self._lock:
            if line not in self._said:
                self._said.add(line)
                self._tell(line)


def shelf_for(store: Store | None, folder: Path, *, film: str, tell: Callable[[str], None]) -> Shelf:
    """What a film in this folder may reuse."""
    return Shelf((Store(folder / "reused"), store), film=film, tell=tell) if store else Shelf()


def store_for(settings: Settings, sharing: Sharing | None = None) -> Store | None:
    """The store of the settings: this machine's, and behind it the one that several share; None where it is off."""
    root = store_folder(settings)
    if root is None:
        return None
    return sharing.store(root) if sharing else Store(root)


def store_folder(settings: Settings) -> Path | None:
    """The user's store; None where nothing is to be reused."""
    if settings.cache == OFF:
        return None
    return expanded(settings.cache).absolute() if settings.cache else user_store()


def most_bytes(settings: Settings) -> int:
    """How much the store may hold."""
    return round(settings.cache_gb * _GIGABYTE)


def _key(source: Source | None, wanted: Wanted) -> str:
    """A name for the wish and who makes it; empty where nobody can tell what would make it."""
    if source is None or not source.maker or not wanted.model:
        return ""
    return fingerprint_of(source.maker, wanted)
