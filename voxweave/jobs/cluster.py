"""The engine that hands work to many machines: DBOS on PostgreSQL. Nobody else imports it.

What it is asked for is little, so that another could take its place: put work into a queue once by its name,
run it on one worker, keep its answer, and give it to another worker when that one is gone.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from voxweave.core.redaction import redacted
from voxweave.errors import DependencyError, StorageError
from voxweave.jobs.fingerprints import code_identity, fingerprint_of, source_identity
from voxweave.jobs.pglink import passes, place_of, spoken

if TYPE_CHECKING:
    import psycopg
    from dbos import DBOS, DBOSClient, WorkflowStatus

Kind = Literal["talk", "scene"]

QUEUES: Mapping[Kind, str] = {"talk": "talks", "scene": "scenes"}
SCENES_AT_ONCE = 4
"""What one worker takes of the scenes; the engine keeps one number for all of them, so a larger machine runs several."""
_TALKS_AT_ONCE = 2
"""What one worker takes of the films where nobody said: while one waits for its orders, another is planned or joined."""
_APP, _SCHEMA = "voxweave", "voxweave_engine"
_POLL_S = 1.0
_KEPT_S = 3600.0
"""How long the engine's rows of scenes are kept: the scenes themselves lie in the artifacts."""
_PAGE = 500
_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


def version_of(build: str) -> str:
    """What workers must share to render alike: our code, and behind it the FFmpeg's build and what draws for us."""
    return f"{source_identity()}-{fingerprint_of(build, code_identity())[:8]}"


def client_of(url: str) -> "DBOSClient":
    """The engine seen from outside; it connects when it is asked something, and an outage is an error at once."""
    dbos = _library()
    return dbos.DBOSClient(  # type: ignore[no-any-return]
        system_database_url=_address(url),
        dbos_system_schema=_SCHEMA,
        serializer=dbos.DBOSPortableJSONSerializer(),
        application_name=_APP,
        lazy=True,
        retry_connection_errors=False,
    )


def migrate(url: str) -> None:
    """Make the engine's tables where they are not there yet."""
    _library().DBOS.migrate(_address(url), schema=_SCHEMA)


@dataclass(frozen=True)
class Duties:
    """What a worker can do: each gets the words that were put, and gives its answer."""

    talk: Callable[[str, int], str]
    scene: Callable[[str, str], str]
    talks_at_once: int | None = None
    """So many films at once, for all workers from now on; None leaves it as it is."""


class Engine:
    """A worker's place at the queues: takes work of its own version until it leaves. One in a process."""

    def __init__(self, url: str, *, worker: str, version: str) -> None:
        self.worker, self.version = worker, version
        self._dbos = _library().DBOS
        self._url = url
        self._turn = threading.Lock()
        self._hands: Counter[str] = Counter()
        self._idle: set[str] = set()

    def start(self, duties: Duties) -> int:
        """Begin to take work, each piece in a thread of its own; how many films each worker takes at once."""
        dbos = _library()
        self._dbos(
            config={
                "name": _APP,
                "system_database_url": _address(self._url),
                "dbos_system_schema": _SCHEMA,
                "application_version": self.version,
                "executor_id": self.worker,
                "serializer": dbos.DBOSPortableJSONSerializer(),
                "sys_db_pool_size": 4,
                "use_listen_notify": False,
                "log_level": "CRITICAL",
            }
        )
        _silence()
        self._registered(duties)
        self._dbos.listen_queues([*QUEUES.values()])
        self._dbos.launch()
        self._widen("scene", SCENES_AT_ONCE)
        return self._widen("talk", duties.talks_at_once)

    def _widen(self, kind: Kind, width: int | None) -> int:
        """How much of a queue each worker takes: the engine keeps one number for all, and reads it at each look.

        Who says none changes none: a worker that is begun anew must not undo what was said at another.
        """
        queue = self._dbos.register_queue(
            QUEUES[kind],
            worker_concurrency=width or _TALKS_AT_ONCE,
            polling_interval_sec=_POLL_S,
            on_conflict="always_update" if width else "never_update",
        )
        return int(queue.worker_concurrency or 0)

    def _registered(self, duties: Duties) -> None:
        """Each duty as one step, so that its answer is kept; a step's failure is its work's."""
        talk_step = self._dbos.step(name="talk_step")(_named(duties.talk, "talk_step"))
        scene_step = self._dbos.step(name="scene_step")(_named(duties.scene, "scene_step"))

        def talk(talk_id: str, run: int) -> str:
            with self._at_hand():
                return str(talk_step(talk_id, run))

        def scene(key: str, order: str) -> str:
            with self._at_hand():
                return str(scene_step(key, order))

        for work in (talk, scene):
            # Every takeover counts as an attempt for the engine: a fleet that is restarted often is no poison.
            self._dbos.workflow(name=work.__name__, max_recovery_attempts=None)(work)

    def others(self) -> set[str]:
        """Workers of whatever version that have work in hand."""
        rows = self._dbos.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {row.executor_id for row in rows if row.executor_id} - {self.worker}

    def take_from(self, worker: str) -> int:
        """Put the work of one that is gone back into its queues; how much it was."""
        return sum(resumed(self._dbos, row.workflow_id, row.queue_name) for row in self._pending(worker))

    def take_up(self) -> int:
        """Put back what is ours by the table, and was in no hand here at this look and the last; how much it was.

        The answer to its claim got lost on the way: nobody else takes it while we live.
        """
        idle = {row.workflow_id: row.queue_name for row in self._pending(self.worker)}
        with self._turn:
            idle = {name: queue for name, queue in idle.items() if not self._hands[name]}
        lost = idle.keys() & self._idle
        self._idle = idle.keys() - lost
        return sum(resumed(self._dbos, name, idle[name]) for name in lost)

    def _pending(self, worker: str) -> "list[WorkflowStatus]":
        return self._dbos.list_workflows(  # type: ignore[no-any-return]
            status="PENDING", executor_id=worker, load_input=False, load_output=False
        )

    @contextmanager
    def _at_hand(self) -> Iterator[None]:
        name = self._dbos.workflow_id
        with self._turn:
            self._hands[name] += 1
        try:
            yield
        finally:
            with self._turn:
                self._hands[name] -= 1
                self._hands += Counter()  # forgets what is at nought

    def tidy(self) -> int:
        """Delete the rows of scenes that were over an hour ago; how many."""
        names = old_scenes(self._dbos, (datetime.now(UTC) - timedelta(seconds=_KEPT_S)).isoformat())
        if names:
            self._dbos.delete_workflows(names)
        return len(names)


def old_scenes(engine: "type[DBOS] | DBOSClient", before: str) -> list[str]:
    """A page of the scenes that were over before that moment, seen from within or from outside."""
    rows = engine.list_workflows(
        name="scene",
        status=list(_OVER),
        completed_before=before,
        limit=_PAGE,
        load_input=False,
        load_output=False,
    )
    return [row.workflow_id for row in rows]


def resumed(engine: "type[DBOS] | DBOSClient", name: str, queue: str | None) -> bool:
    """Whether work waits in its queue again; false where its row was tidied away since it was looked at."""
    from dbos import error

    try:
        engine.resume_workflow(name, queue_name=queue)
    except error.DBOSNonExistentWorkflowError:
        return False
    return True


@contextmanager
def bearing_outages() -> Iterator[None]:
    """Pass over the database's being away; whoever calls comes again."""
    try:
        yield
    except Exception as error:
        found = trouble(error)
        if not isinstance(error, StorageError) and (found is None or not passes(found)):
            raise
        logging.getLogger(__name__).debug("the database is away: %s", redacted(str(error)))


@contextmanager
def in_our_words(url: str) -> Iterator[None]:
    """Say as a StorageError what PostgreSQL said, ours or the engine's way: who begins while it goes is no bug."""
    try:
        yield
    except Exception as error:
        found = None if isinstance(error, StorageError) else trouble(error)
        if found is None:
            raise
        raise spoken(found, place_of(url)) from error


def trouble(error: Exception) -> "psycopg.Error | None":
    """What PostgreSQL said, within an error of the engine's; None for one that is not the database's."""
    import psycopg
    from sqlalchemy.exc import DBAPIError
    from sqlalchemy.exc import TimeoutError as NoConnection

    if isinstance(error, NoConnection):
        return psycopg.OperationalError("no connection is free")
    cause = error.orig if isinstance(error, DBAPIError) else error
    return cause if isinstance(cause, psycopg.Error) else None


def _named(duty: Callable[..., str], name: str) -> Callable[..., str]:
    def run(*words: Any) -> str:
        return duty(*words)

    run.__name__ = run.__qualname__ = name
    return run


def _address(url: str) -> str:
    """The engine wants the usual beginning of an address."""
    return "postgresql://" + url.partition("://")[2]


def _silence() -> None:
    """Its tracebacks at every cancel and outage would tear any display; what matters we tell ourselves."""
    logging.getLogger("dbos").setLevel(logging.CRITICAL + 1)


def _library() -> Any:
    try:
        import dbos
    except ImportError as error:
        raise DependencyError(
            "a queue of many machines needs dbos", hint="pip install 'voxweave-film[cluster]'"
        ) from error
    _silence()
    return dbos
