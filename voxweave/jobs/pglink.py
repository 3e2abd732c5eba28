"""Connections to PostgreSQL, and what its troubles mean: which pass by themselves, and which need a person."""

import re
from typing import TYPE_CHECKING, Any

from voxweave.core.redaction import learn, redacted
from voxweave.core.text import printable
from voxweave.errors import DependencyError, StorageError, UsageError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

SCHEMA = "voxweave"
_SESSION = {
    "search_path": SCHEMA,
    "client_min_messages": "warning",
    "statement_timeout": "30s",
    # A program that is frozen within a fact holds up all others: the server ends it, and it begins again.
    "idle_in_transaction_session_timeout": "5s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_CONNECTION: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
_PASSING = (
    "08",  # connection lost
    "40",  # in the way of another transaction
    "57P",  # shut down, crashed, starting up
    "53300",  # too many connections
    "57014",  # a statement took too long: somebody frozen holds the book
    "55P03",
    "25P03",  # we were frozen within a fact
    "25006",  # a standby that is not in charge yet
)
# Refused connections carry no code, only words.
_FOR_A_PERSON = re.compile(
    r"authentication failed|no password|does not exist|pg_hba|permission denied|is not permitted"
    r"|does not support SSL|certificate|too many connections for role",
    re.IGNORECASE,
)
_HINTS = {
    "28": "mend the name or the password; PGPASSWORD and ~/.pgpass work too",
    "3D": "make it first, with createdb",
    "42501": "its owner opens it once, or grants CREATE on the database",
    "53100": "the server's disk is full; what was written before is kept",
}


def connected(url: str, *, name: str) -> "Connection":
    """A new connection that commits each statement by itself; psycopg's errors come as they are."""
    psycopg = _library()
    from psycopg.rows import dict_row

    given = _parts(url)
    options = " ".join(f"-c {key}={value}" for key, value in _SESSION.items())
    words = {"application_name": f"voxweave {name}", **_CONNECTION, **given}
    words["options"] = f"{options} {given.get('options', '')}".strip()
    # Nothing is prepared for later: a newer program may change a table under us.
    link: Connection = psycopg.connect(**words, autocommit=True, row_factory=dict_row, prepare_threshold=None)
    return link


def place_of(url: str) -> str:
    """Which server and database an address means, as it may be shown."""
    given = _parts(url)
    host = str(given.get("host") or given.get("hostaddr") or "the local socket")
    port = f":{given['port']}" if given.get("port") else ""
    base = f"/{given['dbname']}" if given.get("dbname") else ""
    return printable(f"{host}{port}{base}", most=200)


def passes(error: "psycopg.Error") -> bool:
    """Whether trouble goes away by itself: a restart, a cut line, a busy moment."""
    psycopg = _library()
    if error.sqlstate:
        return error.sqlstate.startswith(_PASSING)
    lost = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return lost and not _FOR_A_PERSON.search(str(error))


def spoken(error: "psycopg.Error", place: str, *, waited_s: float = 0.0) -> StorageError:
    """The same trouble in our words, without anything secret."""
    code = error.sqlstate or ("28" if "password" in str(error) else "")
    hint = next((text for start, text in _HINTS.items() if code.startswith(start)), "")
    lines = [line.strip() for line in redacted(str(error)).splitlines() if line.strip()]
    why = printable((lines or [type(error).__name__])[0].removeprefix("connection failed: "), most=300)
    if waited_s:
        return StorageError(
            f"the database at {place} did not answer for {waited_s:.0f} s ({why})",
            hint=hint or "start the database, or mend the way to it; then run again: nothing is lost",
        )
    return StorageError(f"the database at {place}: {why}", hint=hint)


def _parts(url: str) -> dict[str, Any]:
    """What an address says; its password is a secret from here on."""
    psycopg = _library()
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = dict(conninfo_to_dict(url))
    except psycopg.Error:
        raise UsageError(  # libpq's words show what it could not read, the password perhaps
            "the address of the database cannot be read",
            hint="postgresql://user@host:port/database, and %XX for odd letters of a password",
        ) from None
    learn(*(str(given[word]) for word in ("password", "sslpassword") if given.get(word)))
    return given


def _library() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise DependencyError(
            "a ledger in PostgreSQL needs psycopg", hint="pip install 'voxweave-film[cluster]'"
        ) from error
    return psycopg
