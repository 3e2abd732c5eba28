"""A batch under way: which film is begun when, and what is kept of how it went."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from voxweave.cli.batch_others import Others, now
from voxweave.cli.crowd import Board, Crowd, Row
from voxweave.cli.display import span
from voxweave.cli.reads import proof_of
from voxweave.cli.wanted import Wanted
from voxweave.core.job_states import OVER, state_after
from voxweave.core.text import printable
from voxweave.errors import Exit, VoxWeaveError
from voxweave.fleet.crew import WORKERS, Crew, Ended, Errand, Told
from voxweave.fleet.ends import AtWork, claimed, free_card, remember_end, settle, verdict
from voxweave.jobs.cards import Card, CardError, Priority, State, Work, card_in, error_of
from voxweave.jobs.proofs import digest_of, intend, ours_to_replace, proved_before
from voxweave.media.stopping import StopSignal

_BEAT_S = 0.25
NOT_AGREED = "nobody agreed to it"
"""What a run says that would cost money, and found nobody to ask."""


@dataclass
class Entry:
    """A film of the batch, and what became of it."""

    wanted: Wanted
    row: Row
    card: Card | None = None
    status: int | None = None
    error: CardError | None = None
    seconds: float | None = None

    @property
    def cost_usd(self) -> float | None:
        """What its orders came to; None where nobody knows."""
        card = self.card or card_in(self.wanted.job)
        return card.cost_usd if card else 0.0

    def facts(self) -> dict[str, object]:
        """The film for programs."""
        return {
            "place": self.wanted.place,
            "narration": str(self.wanted.narration),
            "films": [str(film) for film in self.wanted.films],
            "job": self.row.job,
            "state": self.row.state,
            "up_to_date": self.row.up_to_date,
            "by_another": self.row.by_another,
            "percent": round(100 * self.row.share, 1),
            "exit_code": self.status,
            "seconds": self.seconds,
            "cost_usd": self.cost_usd,
            "error": self.error.model_dump() if self.error else None,
        }

    def line(self) -> str:
        """How it went, for people."""
        row, took = self.row, f" ({span(self.seconds)})" if self.seconds else ""
        films = ", ".join(printable(str(film), most=1000) for film in self.wanted.films)
        if row.state == "done":
            return f"{row.title}: done, {films}{took}"
        why = None if row.state == "stopped" else self.error
        told = f"{why.message.rstrip('.')}{'; ' if why.hint else ''}{why.hint}" if why else ""
        words = {"short": f"short of what was asked, {films}{took}", "failed": f"failed ({self.status})"}
        return f"{row.title}: {words.get(row.state, row.state)}{': ' if told else ''}{told}"


@dataclass(frozen=True)
class Named:
    """What a batch goes by, and how urgent its films are."""

    name: str
    priority: Priority | None = None


@dataclass
class BatchRun:
    """Begins the films of a batch as there is room, and takes down how each ends."""

    named: Named
    entries: Sequence[Entry]
    board: Board
    crew: Crew
    crowd: Crowd
    stop: StopSignal
    _waiting: list[Entry] = field(default_factory=list)
    _under_way: dict[Path, Entry] = field(default_factory=dict)
    _refused: dict[tuple[object, ...], CardError] = field(default_factory=dict)
    _others: Others = field(default_factory=Others)

    def run(self) -> Iterator[Entry]:
        """Make what is missing; each film comes as it ends."""
        self._waiting = [entry for entry in self.entries if entry.row.state == "waiting"]
        while self._waiting or self.crew.busy or self._others.any:
            yield from self._begin_some()
            if self.stop.is_set() and not self.crew.busy:
                return
            for news in self.crew.news(_BEAT_S):
                if isinstance(news, Told):
                    self._hear(news)
                else:
                    yield self._end(news)
            yield from self._made_by_others()
            self.crowd.beat()

    def _begin_some(self) -> Iterator[Entry]:
        for entry in list(self._waiting):
            if not self.crew.has_room:
                return
            job = entry.wanted.job
            if self.crew.works_on(job) or self._others.work_on(job):  # another film of the same narration
                continue
            self._waiting.remove(entry)
            error = self._refused.get(_payers(entry)) or self._begin(entry)
            if error is not None:
                entry.error = error
                yield self._close(entry, "failed", Exit[error.code.upper()])

    def _begin(self, entry: Entry) -> CardError | None:
        """Start its run; what kept it from starting."""
        wanted = entry.wanted
        try:
            if wanted.narration.is_file():  # what is not there gets no folder
                entry.card = self._claimed(wanted)
                intend(wanted.job, proof_of(wanted))
            line = with_leave(wanted).arguments
            chosen = {WORKERS: str(workers)} if (workers := wanted.settings[0].workers) else {}
            environ = {**wanted.secrets, **chosen}
            self.crew.start(Errand(wanted.job, wanted.title, line, Path.cwd(), environ))
        except AtWork as error:
            return self._beside(entry, error)
        except VoxWeaveError as error:
            if entry.card is not None:
                entry.card = settle(entry.card, error.exit_code, error_of(error))
            return error_of(error)
        self._under_way[wanted.job] = entry
        entry.row.state, entry.row.begun_at = "running", self.board.now()
        self.crowd.begun(entry.row)
        return None

    def _beside(self, entry: Entry, error: AtWork) -> CardError | None:
        """Wait for the other run where it makes this very film; one that ended since leaves the film to us."""
        card = now(entry.wanted)
        if card is None or card.state != "running":
            self._waiting.append(entry)
        elif self._others.wait_for(entry, card):
            self.crowd.awaits(entry.row)
        else:
            return error_of(error)
        return None

    def _claimed(self, wanted: Wanted) -> Card:
        """The film's card as ours."""
        named = self.named
        work = Work(wanted.arguments, Path.cwd(), batch=named.name, priority=named.priority)
        return claimed(lambda: free_card(wanted.narration, wanted.work, work))

    def _made_by_others(self) -> Iterator[Entry]:
        """Count what others made of our films; what they left off is ours to make."""
        for entry, card in self._others.news():
            if card is None:
                self._waiting.append(entry)
                continue
            entry.card, entry.error = card, card.error
            yield self._close(entry, card.state, card.exit_code or Exit.DONE)

    def _hear(self, told: Told) -> None:
        entry = self._under_way.get(told.errand.job)
        if entry is None:  # its last words may come after its end
            return
        entry.row.hear(told.event)
        self.crowd.told(entry.row, told.event)

    def _end(self, ended: Ended) -> Entry:
        entry = self._under_way.pop(ended.errand.job)
        entry.seconds = round(self.board.now() - entry.row.begun_at, 2)
        status, error = verdict(ended)
        state = state_after(status)
        if entry.card is not None:
            entry.card = settle(entry.card, status, error)
            state, error = _of_card(entry.card, state, error)
        entry.error = error
        if error is not None and status == Exit.REFUSED and NOT_AGREED in error.message:
            error = entry.error = _for_a_batch(entry, error)
            self._refused[_payers(entry)] = error
        remember_end(entry.wanted.job, digest_of(entry.wanted.arguments), status)
        return self._close(entry, state, status)

    def _close(self, entry: Entry, state: State, status: int) -> Entry:
        entry.row.state, entry.status = state, status
        self.crowd.ended(entry.row, entry.line())
        return entry


def finished(wanted: Wanted) -> bool:
    """Whether the film is there, made by this line from what is there now."""
    return proved_before(wanted.job, proof_of(wanted))


def with_leave(wanted: Wanted) -> Wanted:
    """The film with leave to replace one of our own that fell short; another's stays where it is."""
    if "--overwrite" in wanted.arguments or not ours_to_replace(wanted.job, digest_of(wanted.arguments)):
        return wanted
    return wanted.with_flags("--overwrite")


def exit_status(entries: Sequence[Entry]) -> int:
    """0 where all is done, 9 where something is there and something lacks, else the first failure's."""
    return status_of([(entry.row.state, entry.status) for entry in entries])


def status_of(ends: Sequence[tuple[State, int | None]]) -> int:
    """The same of films' states and their exit statuses."""
    states = {state for state, _ in ends}
    if states <= {"done"}:
        return Exit.DONE
    if states & {"done", "short"}:
        return Exit.PARTIAL
    return next((status for _, status in ends if status), Exit.STOPPED)


def _of_card(card: Card, state: State, error: CardError | None) -> tuple[State, CardError | None]:
    """What the run wrote into its card is nearer the truth than its last words."""
    return (card.state, card.error or error) if card.state in OVER else (state, error)


def _for_a_batch(entry: Entry, error: CardError) -> CardError:
    """The way out, where one sum is said for all films."""
    if entry.wanted.settings[0].max_cost:
        return error
    hint = "allow a sum for the whole batch with --max-cost DOLLARS, or agree to any with --yes"
    return error.model_copy(update={"hint": hint})


def _payers(entry: Entry) -> tuple[object, ...]:
    """Who would be paid for a film: where nobody agreed to one sum, nobody will to the next."""
    first = entry.wanted.settings[0]
    if first.yes or first.max_cost:
        return (entry.wanted.place,)
    return (first.provider, first.model, first.base_url, first.recognizer, first.writer)
