"""A film's scenes on the queue: sent as orders with files by content, and fetched when somebody has made them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from voxweave.core.travelling import files_in, placeless
from voxweave.core.value import Value
from voxweave.errors import StorageError
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.board import Board, Work
from voxweave.jobs.cards import PRIORITIES, Priority
from voxweave.jobs.cluster import version_of
from voxweave.media.files import part_of
from voxweave.media.seals import seal
from voxweave.media.stopping import StopSignal

_POLL_S = 0.5
_PATIENCE_S = 180.0
"""A film whose pictures are paid for waits longer for the store than other things do."""


class SceneQueue:
    """Hands scenes to workers of our version; any thread may ask."""

    def __init__(
        self, url: str, artifacts: str, *, build: str, stop: StopSignal, talk: str = "", priority: str = ""
    ) -> None:
        self._artifacts = Artifacts.open(artifacts, stop=stop, patience_s=_PATIENCE_S)
        self._board = Board(url, stop=stop)
        self._version = version_of(build)
        self._talk = talk
        self._priority: Priority = next((name for name in PRIORITIES if name == priority), "normal")
        self._sent: set[str] = set()
        self._turn = threading.Lock()

    def offer(self, orders: Mapping[str, Value]) -> None:
        """Hand these scenes out, by their keys; one that was handed out before is not made twice."""
        for key, order in orders.items():
            for media in files_in(order):
                self._send(media.path, media.sha256)
            words = (key, placeless(order).to_json())
            self._board.put([Work(_name(key), "scene", words, self._version, self._priority, self._talk)])

    def made(
        self, orders: Mapping[str, Value], place: Callable[[str], Path], stop: StopSignal
    ) -> Iterator[tuple[str, bool]]:
        """Each key once its scene lies at its place, sealed; or false where none of the others could make it."""
        self.offer(orders)
        left = dict(orders)
        while left:
            seen = self._board.look([_name(key) for key in left])
            for key in list(left):
                task = seen.get(_name(key))
                if task is None:  # another film had the same scene, and its row was tidied away
                    self.offer({key: left[key]})
                elif task.state == "cancelled":  # for another film's sake
                    self._board.revive([task.name], "scene")
                elif task.state in ("done", "failed"):
                    del left[key]
                    yield key, task.state == "done" and self._fetched(task.answer, place(key))
                stop.check()
            if left:
                stop.wait(_POLL_S)
        self._board.forget([_name(key) for key in orders])

    def _send(self, file: Path, sha256: str) -> None:
        """A film's voice and fonts go along with every scene: they are sent once."""
        with self._turn:
            if sha256 in self._sent:
                return
        self._artifacts.put_file(file)
        with self._turn:
            self._sent.add(sha256)

    def _fetched(self, sha256: str, into: Path) -> bool:
        try:
            with part_of(into) as part:
                part.unlink()  # a claim on the name; what is fetched comes under its own and is renamed
                self._artifacts.get_file(sha256, part)
                seal(part, into)
        except StorageError:  # thrown away, or harmed: it is made here
            return False
        return True


def _name(key: str) -> str:
    return f"scene-{key}"
