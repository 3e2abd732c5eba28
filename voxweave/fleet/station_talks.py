"""A film from the queue, made by a child of a worker: fetched, made, told of, and sent back by content."""

import json
import shutil
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from voxweave.core.events import Event
from voxweave.core.redaction import redacted
from voxweave.core.text import printable
from voxweave.errors import Exit, StorageBusy, StorageError, VoxWeaveError
from voxweave.fleet.crew import Crew, Ended, Errand, Told
from voxweave.fleet.ends import cut_short, verdict
from voxweave.fleet.parcels import Parcel, line_of, unpack
from voxweave.jobs.artifacts import Artifacts
from voxweave.jobs.cards import Card, card_in, error_of
from voxweave.jobs.job import job_folder, make_folder
from voxweave.jobs.opening import name_film
from voxweave.jobs.talks import Talk, Talks, take_of
from voxweave.media.stopping import StopSignal

if TYPE_CHECKING:
    from voxweave.fleet.station import Post

Answer = TypeVar("Answer")

_TELL_S, _AGAIN_S = 1.0, 5.0
_TRIES = 3
"""As often a film is begun whose run is killed: what kills it may be the film itself."""


class _Lost(Exception):
    """The film is not ours any more: cancelled, or taken over while we were frozen."""


@dataclass
class TalkMaker:
    """Makes films in a folder; any thread may ask, each for another film."""

    post: "Post"
    talks: Talks
    artifacts: Artifacts
    folder: Path
    worker: str
    stop: StopSignal
    say: Callable[[str], None] = lambda _: None
    rest_s: float = 10.0

    def make(self, talk_id: str, run: int) -> str:
        """The state the film came to, as far as we know.

        Each take has a name and a folder of its own: we may be given again what another thread still holds, once
        we were thought dead, and that one ends when it hears that the film is not its own any more.
        """
        take = take_of(self.worker)
        talk = self._surely(lambda: self.talks.begin(talk_id, run, take))
        if talk is None:
            return "not wanted"
        folder = self.folder / f"{talk_id}-{run}-{take.removeprefix(self.worker)[1:]}"
        try:
            ended, answer = self._made(talk, folder)
        except _Lost:
            self._surely(lambda: self.talks.let_go(talk_id, run, take))
            return "left"
        except Exception as error:  # even a bug's: a film that nobody ends would be waited for for ever
            self.stop.check()
            tell_bug(error, self.say)
            status = error.exit_code if isinstance(error, VoxWeaveError) else Exit.BUG
            ended, answer = talk.card.ended(status, error_of(error)), ""
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if not self._surely(lambda: self.talks.end(talk_id, take, ended, answer)):
            self._surely(lambda: self.talks.let_go(talk_id, run, take))
        return ended.state

    def _surely(self, fact: Callable[[], Answer]) -> Answer:
        """Write it down, however long the database is away; a worker that leaves leaves it to others."""
        said = False
        while True:
            try:
                return fact()
            except StorageError as error:
                if not said:
                    self.say(f"{printable(redacted(str(error)))}; trying again every {_AGAIN_S:.0f} s")
                said = True
                self.stop.wait(_AGAIN_S)

    def _made(self, talk: Talk, folder: Path) -> tuple[Card, str]:
        parcel = Parcel.model_validate_json(talk.parcel)
        make_folder(folder / "out")
        self._patiently(talk, lambda: unpack(parcel, self.artifacts, folder))
        narration = folder / parcel.narration
        job = job_folder(narration, folder / "work")
        name_film(job, f"{Path(parcel.film).stem[:60]}-{talk.card.id}")
        ended = self._run_through(
            talk, Errand(job, talk.card.name, line_of(parcel, folder), folder, self._environ(talk, folder))
        )
        made = sorted((folder / "out").iterdir())
        files = {file.name: self._patiently(talk, partial(self.artifacts.put_file, file)) for file in made}
        places = {"out": str(folder / "out"), "narration": str(narration)}
        return ended, json.dumps({"files": files, "places": places})

    def _run_through(self, talk: Talk, errand: Errand) -> Card:
        """The card of a run that came to its own end; one that was cut short is gone on with by another."""
        tries = 1
        while True:
            card = self._patiently(talk, lambda: self._run(talk, errand))
            cut = cut_short(card)
            if not cut or (cut == "killed" and tries >= _TRIES):
                return card
            tries += cut == "killed"
            self._rest(talk, card.error.message if card.error else "its run was stopped by somebody else")

    def _patiently(self, talk: Talk, question: Callable[[], Answer]) -> Answer:
        """The answer, however long what all machines share is away; as long as the film is ours."""
        while True:
            try:
                return question()
            except StorageBusy as error:
                self._rest(talk, str(error))
                self.artifacts.try_again()

    def _rest(self, talk: Talk, why: str) -> None:
        """A pause before the next try; the film is held meanwhile."""
        self.say(f"{printable(talk.card.name)}: {printable(redacted(why))}; trying again")
        until = time.monotonic() + self.rest_s
        while time.monotonic() < until:
            if not self._told(talk, {}):
                raise _Lost
            self.stop.wait(min(_TELL_S, self.rest_s))

    def _run(self, talk: Talk, errand: Errand) -> Card:
        """The card as the child left it."""
        with self.stop.branch() as stop, Crew(stop, at_once=1, workers=self.post.scenes) as crew:
            crew.start(errand)
            ended = self._followed(talk, crew, stop)
        self.stop.check()
        return _ended(talk.card, card_in(errand.job), ended)

    def _followed(self, talk: Talk, crew: Crew, stop: StopSignal) -> Ended:
        """Tell how far the child is, each second; end it where the film is not ours any more."""
        heard = _Heard(max(1, len(talk.card.films)))
        spoke, ours = 0.0, True
        while True:
            for news in crew.news(_TELL_S / 2):
                if isinstance(news, Ended):
                    if not ours:
                        raise _Lost
                    return news
                if isinstance(news, Told):
                    heard.hear(news.event)
            if ours and time.monotonic() - spoke >= _TELL_S:
                spoke = time.monotonic()
                ours = self._told(talk, heard.told)
                if not ours:
                    stop.set(Exit.TERMINATED)

    def _told(self, talk: Talk, told: dict[str, object]) -> bool:
        """Whether the film is still to be made by us; nobody knows while the database is away."""
        try:
            return self.talks.tell(talk.card.id, talk.owner, told)
        except StorageError:
            return True

    def _environ(self, talk: Talk, folder: Path) -> dict[str, str]:
        """What the run must know; its job is none of this machine's own, and stands in no list here."""
        return {
            "XDG_STATE_HOME": str(folder / "state"),
            "VOXWEAVE_QUEUE": self.post.queue,
            "VOXWEAVE_ARTIFACTS": self.post.artifacts,
            "VOXWEAVE_LEDGER": self.post.ledger,
            "VOXWEAVE_TALK": f"{talk.card.id}/{talk.card.priority}",
        }


@dataclass
class _Heard:
    """How far a run is that makes so many films, one after the other."""

    films: int
    made: int = 0
    told: dict[str, object] = field(default_factory=dict)

    def hear(self, event: Event) -> None:
        """Take what it says."""
        self.made += event.kind == "done"
        if event.kind == "progress":
            share = (self.made + event.done) / self.films
            self.told = {"stage": event.stage, "percent": min(99, int(100 * share))}


def tell_bug(error: BaseException, say: Callable[[str], None]) -> None:
    """Where a bug is; the card of its film has one line of it. What was expected is no bug."""
    if not isinstance(error, VoxWeaveError):
        say(redacted("".join(traceback.format_exception(error))).rstrip())


def _ended(card: Card, found: Card | None, news: Ended) -> Card:
    """Our card with what the child's says of its end; of one that wrote none its status and last words tell."""
    status, error = verdict(news)
    if found is not None and found.exit_code == status:
        return card.ended(status, found.error, cost_usd=found.cost_usd)
    return card.ended(status, error)
