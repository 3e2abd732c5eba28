"""Films on many machines: sent to a queue, followed, collected; and a worker's place at it."""

from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from voxweave.cli.fleet_films import FilmWanted, card_of, check_place, refused
from voxweave.cli.options import settings_for
from voxweave.core.job_states import AT_WORK
from voxweave.core.text import printable
from voxweave.errors import InputError, StorageBusy, StorageError, UsageError
from voxweave.media.stopping import StopSignal
from voxweave.places import expanded

if TYPE_CHECKING:
    from voxweave.cli.batch import Manner
    from voxweave.cli.following import Hearing
    from voxweave.cli.wanted import Wanted
    from voxweave.jobs.artifacts import Artifacts
    from voxweave.jobs.board import Board
    from voxweave.jobs.cards import Card
    from voxweave.jobs.talks import Talk
    from voxweave.jobs.talks import Talks as TalkTable

_INSTEAD = {
    "running": "voxweave jobs watch ID --queue URL shows how far it is",
    "waiting": "voxweave jobs workers --queue URL shows who could take it",
    "done": "send it with --overwrite to have it made anew",
}
_LIVE_S, _SURELY_GONE_S = 5.0, 15.0


@dataclass(frozen=True)
class Fleet:
    """Where many machines meet: the queue's database and the artifacts' store."""

    queue: str
    artifacts: str = ""

    def __post_init__(self) -> None:
        if self.artifacts and "://" not in self.artifacts:  # a worker's programs run elsewhere
            object.__setattr__(self, "artifacts", str(expanded(self.artifacts).absolute()))

    def check(self) -> None:
        """UsageError for addresses that cannot be meant, StorageError soon where no database answers."""
        _check(self)
        self.reach()

    def reach(self) -> None:
        """StorageError soon where no database answers: an address that is wrong need not be waited for."""
        from voxweave.jobs.pglink import reach

        reach(self.queue)


def submit(
    films: Sequence[FilmWanted], fleet: Fleet, *, stop: StopSignal | None = None
) -> "tuple[Card, ...]":
    """Put films on the queue; one that is there already is not made twice, one that failed is tried again.

    A film that cannot be sent has a card that failed, and costs the others nothing.
    """
    from voxweave.jobs.artifacts import Artifacts

    _check(fleet)
    artifacts = Artifacts.open(fleet.artifacts, stop=stop)
    with Talks(fleet, stop=stop) as talks:
        version = talks.version(films[0].settings.ffmpeg if films else "bundled")
        return tuple(_sent(film, version, talks, artifacts) for film in films)


def follow(cards: "Sequence[Card]", fleet: Fleet, *, hear: "Hearing", stop: StopSignal) -> "tuple[Card, ...]":
    """The cards once all have ended, each told at every change; finished films lie in their places by then."""
    from voxweave.cli.following import Follower
    from voxweave.jobs.artifacts import Artifacts

    with Talks(fleet, stop=stop) as talks:
        artifacts = Artifacts.open(fleet.artifacts, stop=stop)
        return Follower(talks, artifacts, hear, stop).followed(cards)


def submit_batch(queue: str, films: "Sequence[Wanted]", manner: "Manner", *, detach: bool) -> int:
    """What `voxweave batch --queue` does; the exit status."""
    from voxweave.cli.fleet_batch import made_elsewhere

    return made_elsewhere(queue, films, manner, detach=detach)


class Talks:
    """The films on a queue, as lists and commands see them."""

    def __init__(self, fleet: Fleet, *, stop: StopSignal | None = None) -> None:
        self.fleet, self._stop = fleet, stop
        self._open = ExitStack()

    def __enter__(self) -> Self:
        from voxweave.jobs.talks import Talks as Table

        self.table: TalkTable = self._open.enter_context(Table(self.fleet.queue, stop=self._stop))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def cancel(self, card: "Card", *, wait_s: float = 15.0) -> "Card":
        """The film is not wanted; comes back when its work has ended, and nothing more is ordered for it."""
        stop = self._stop or StopSignal()
        talk = self.table.cancel(card.id)
        self.board.cancel(talk.workflow, talk=card.id)
        waited = 0.0
        while talk.owner and waited < wait_s:
            stop.wait(0.25)
            waited += 0.25
            talk = self.table.talk(card.id)
            if talk.worker not in {
                one.worker for one in self.table.workers() if one.silent_s < _SURELY_GONE_S
            }:
                break
        return talk.card

    def retry(self, card: "Card") -> "Card":
        """The film is made again, from what there is of it, by workers that are there now; UsageError unless it ended."""
        from voxweave.cli.jobs_runs import NOT_AGAIN, RETRIED

        talk = self.table.talk(card.id)
        if talk.card.state not in RETRIED:
            raise UsageError(
                NOT_AGAIN[talk.card.state].format(name=card.name), hint=_INSTEAD[talk.card.state]
            )
        version = self.version(settings_for(Path.cwd(), {}, None).settings.ffmpeg)
        return self.begun(self.table.put(replace(talk, version=version), again=True)).card

    def put(self, film: FilmWanted, version: str, artifacts: "Artifacts") -> "Card":
        """One film on the queue."""
        from voxweave.cli.following import here
        from voxweave.fleet.parcels import pack
        from voxweave.jobs.talks import Talk

        parcel = pack(film.narration, film.variants, film.files, artifacts)
        card = card_of(film, parcel.decides)
        check_place(film, card, self.table)
        talk = self.table.put(Talk(card, 1, version, parcel.to_json()), again=film.overwrite)
        if talk.card.state in AT_WORK:
            with suppress(StorageBusy):  # it is in the table: workers bring what the engine does not know
                self.begun(talk)
        return talk.card.model_copy(update=here(card))

    def version(self, ffmpeg: str) -> str:
        """The version of the work we put: our own, or that of workers with our code and other programs."""
        from voxweave.jobs.cluster import version_of
        from voxweave.jobs.fingerprints import source_identity
        from voxweave.media.ffmpeg import find_ffmpeg

        own = version_of(find_ffmpeg(ffmpeg).build)
        live = self.live()
        like = [version for version in live if version.startswith(f"{source_identity()}-")]
        return own if own in live or not like else max(like, key=like.count)

    def live(self) -> list[str]:
        """The versions of the workers that are there."""
        return [one.version for one in self.table.workers() if one.silent_s < _LIVE_S]

    def rehome(self, talk: "Talk") -> bool:
        """Let a film that nobody here renders as it was sent be made by workers with our code and another FFmpeg."""
        like = [
            version for version in self.live() if version.partition("-")[0] == talk.version.partition("-")[0]
        ]
        moved = self.table.move(talk.card.id, talk.run, max(like, key=like.count)) if like else None
        if moved is not None:
            self.begun(moved)
        return moved is not None

    def begun(self, talk: "Talk") -> "Talk":
        """The film, its work in the queue."""
        self.board.put_film(talk)
        return talk

    @property
    def board(self) -> "Board":
        """The queues."""
        from voxweave.jobs.board import Board, prepare

        if not hasattr(self, "_put"):
            prepare(self.fleet.queue)
            self._put: Board = self._open.enter_context(Board(self.fleet.queue, stop=self._stop))
        return self._put


def run_worker(queue: str, artifacts: str | None, *, at_once: int | None = None) -> int:
    """Work at the queue until we are told to stop; the exit status. `at_once` is said for all its workers."""
    from voxweave.cli.stations import work_here

    fleet = Fleet(queue, artifacts or settings_for(Path.cwd(), {}, None).settings.artifacts)
    fleet.check()
    return work_here(fleet, talks=at_once)


def _check(fleet: Fleet) -> None:
    from voxweave.jobs.artifacts import Artifacts

    if not fleet.queue.startswith(("postgresql://", "postgres://")):
        raise UsageError(
            f"{printable(fleet.queue.partition('://')[0])} is no queue",
            hint="--queue postgresql://user@host:5432/database",
        )
    if not fleet.artifacts:
        raise UsageError(
            "the machines need a store they all reach",
            hint="--artifacts s3://bucket/prefix, or a shared folder",
        )
    Artifacts.open(fleet.artifacts)


def _sent(film: FilmWanted, version: str, talks: Talks, artifacts: "Artifacts") -> "Card":
    """The film's card; of one that cannot be sent a card that says why: its inputs, its place, or what is away now."""
    from voxweave.jobs.job import make_folder

    try:
        make_folder(film.film.parent, hint="choose another with -o")
    except StorageError as error:
        return refused(film, error)
    try:
        return talks.put(film, version, artifacts)
    except (InputError, StorageError, UsageError) as error:
        return refused(film, error)
