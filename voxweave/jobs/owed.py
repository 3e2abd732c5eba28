"""What could not be shared while the shared store was away: no film fails for that, and it is made up for."""

import json
import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from voxweave.core.text import counted
from voxweave.core.value import MediaFile, Value
from voxweave.errors import StorageBusy, StorageError
from voxweave.jobs.artifacts import Artifacts, Unreadable
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.media.files import write_atomically

_LOG = logging.getLogger(__name__)
_AGAIN_S = 10.0
"""A store that is away is not tried for every result: each try may cost seconds."""


class Parcel(Value):
    """Files to be shared, and the note that speaks of them, if any; one that `stays` replaces none."""

    note: str = ""
    text: str = ""
    files: tuple[MediaFile, ...] = ()
    stays: bool = False


def send(artifacts: Artifacts, parcel: Parcel, *, patient: bool = True) -> None:
    """Share it: the files first and the note last, so that no note speaks of what is not there."""
    if parcel.stays and artifacts.has_note(parcel.note, patient=patient):
        return
    for media in parcel.files:
        try:
            changed = (
                not media.path.is_file() or artifacts.put_file(media.path, patient=patient) != media.sha256
            )
        except Unreadable as error:
            _LOG.warning("%s is not shared: %s", parcel.note, error)
            return
        if changed:
            _LOG.warning("%s is not shared: %s has changed since", parcel.note, media.path.name)
            return
    if parcel.note:
        artifacts.put_note(parcel.note, parcel.text, patient=patient)


_Debt = tuple[Parcel, Callable[[], None]]


class Owed:
    """Shares what it can at once, and the rest when the store is back; `tell` hears of both, once.

    What is left at the end of a run lies in the folder it is to `remember`, for the next.
    """

    def __init__(self, artifacts: Artifacts, tell: Callable[[str], None]) -> None:
        self._artifacts, self._tell = artifacts, tell
        self._lock = threading.Lock()
        self._left: list[_Debt] = []
        self._leaving: list[_Debt] = []
        """What some thread is about to send."""
        self._folder: Path | None = None
        self._told = False
        self._next = 0.0

    def remember(self, folder: Path) -> None:
        """Keep here what is left at the end, and take up what an earlier run had left."""
        self._folder = folder
        for file in folder.glob("*.json"):
            try:
                parcel = Parcel.model_validate(json.loads(file.read_bytes()))
            except (OSError, ValueError, ValidationError):  # another version's
                file.unlink(missing_ok=True)
                continue
            self._keep(parcel, partial(file.unlink, missing_ok=True))

    def publish(self, parcel: Parcel, done: Callable[[], None] = lambda: None) -> None:
        """Share it now without waiting, or later; `done` is called when it is there."""
        if time.monotonic() < self._next:
            self._keep(parcel, done)
            return
        try:
            send(self._artifacts, parcel, patient=False)
        except StorageError as error:
            self._keep(parcel, done)
            self.away(error)
        except BaseException:  # a stop: it is owed all the same
            self._keep(parcel, done)
            raise
        else:
            done()
            self._make_up(patient=False)

    def away(self, error: StorageError) -> None:
        """Say, once, that the shared store cannot be used and work goes on without it."""
        with self._lock:
            told, self._told = self._told, True
            self._next = time.monotonic() + _AGAIN_S
        _LOG.debug("the shared store is left aside: %s", error)
        if not told:
            self._tell(f"{error}; work goes on here, and what is made is shared when it answers again")

    def settle(self) -> None:
        """Share what is left, waiting for the store if need be; what cannot be is said, and left to the next run."""
        if self._left:
            self._tell(f"sharing what is left to share: {counted(len(self._left), 'result')}")
            self._artifacts.try_again()
        try:
            self._make_up(patient=True)
        finally:
            self.leave()
        if self._left:
            what = counted(len(self._left), "result")
            self._tell(f"not in {self._artifacts.shown} yet: {what}; the next run of this film shares them")

    def leave(self) -> None:
        """Note what is left for the next run; that it cannot be noted is said, and fails nothing."""
        with self._lock:
            debts = [*self._left, *self._leaving]
        left = {f"{fingerprint_of(parcel)[:24]}.json": parcel for parcel, _ in debts}
        if self._folder is None or not left:
            return
        try:
            self._folder.mkdir(exist_ok=True)
            for name, parcel in left.items():
                if not (self._folder / name).exists():
                    write_atomically(self._folder / name, parcel.to_json())
            for file in self._folder.glob("*.json"):
                if file.name not in left:
                    file.unlink(missing_ok=True)
        except (OSError, StorageError) as error:
            self._tell(f"what is left to share cannot be noted for the next run: {error}")

    def _keep(self, parcel: Parcel, done: Callable[[], None]) -> None:
        with self._lock:
            self._left.append((parcel, done))

    def _make_up(self, *, patient: bool) -> None:
        """Send what is left. Where the store is away all else waits; what it refuses keeps nothing else from it."""
        with self._lock:
            left, self._left = self._left, []
            taken = tuple(left)
            self._leaving += taken
        refused: list[_Debt] = []
        count = 0
        try:
            while left:
                parcel, done = left[0]
                try:
                    send(self._artifacts, parcel, patient=patient)
                except StorageBusy as error:
                    _LOG.warning("not shared: %s", error)
                    break
                except StorageError as error:
                    _LOG.warning("%s is not shared: %s", parcel.note, error)
                    refused.append(left.pop(0))
                else:
                    done()
                    count += 1
                    left.pop(0)
        finally:  # a stop ends it anywhere, and nothing owed is forgotten
            ours = {id(debt) for debt in taken}  # another thread may be sending one just like it
            with self._lock:
                self._left = [*left, *refused, *self._left]
                self._leaving = [debt for debt in self._leaving if id(debt) not in ours]
        if count and not left:
            self._tell(f"{self._artifacts.shown} answers again: {counted(count, 'result')} shared late")
