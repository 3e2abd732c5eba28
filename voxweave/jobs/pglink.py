"""Connections to PostgreSQL, and what its troubles mean: which pass by themselves, and which need a person."""

import hashlib
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from voxweave.core.redaction import learn, redacted
from voxweave.core.text import printable
from voxweave.errors import DependencyError, StorageBusy, StorageError, UsageError

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[dict[str, Any]]

SCHEMA = "voxweave"
_SESSION = {
    "client_min_messages": "warning",
    "statement_timeout": "30s",
    # A program that is frozen within a fact holds up all others: the server ends it, and it begins again.
    "idle_in_transaction_session_timeout": "5s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# Neither an address, a role nor a database has these otherwise: a COMMIT that was answered may not be forgotten.
_FIRM = {"search_path": SCHEMA, "synchronous_commit": "on"}
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
_REACHED_WITHIN_S, _AGAIN_S = 10.0, 0.5
# Refused connections carry no code, only words.
_FOR_A_PERSON = re.compile(
    r"authentication failed|no password|does not exist|pg_hba|permission denied|is not permitted"
    r"|does not support SSL|certificate|too many connections for role"
    # What an address says amiss, a pooler that keeps no session's settings, a way in that the server has not:
    r"|invalid |could not parse|unrecognized|unsupported|definition of service|channel binding|authentication method",
    re.IGNORECASE,
)
_HINTS = {
    "28": "mend the name or the password; PGPASSWORD and ~/.pgpass work too",
    "3D": "make it first, with createdb",
    "42501": "its owner opens it once, or grants CREATE on the database",
    "53100": "the server's disk is full; what was written before is kept",
}

_SPOKEN = {"password": "28", 'FATAL:  role "': "28", 'FATAL:  database "': "3D"}


def connected(url: str, *, name: str) -> "Connection":
    """A new connection that commits each statement by itself; psycopg's errors come as they are."""
    psycopg = _library()
    from psycopg.rows import dict_row

    given = _parts(url)
    words = {"application_name": f"voxweave {name}", **_CONNECTION, **given}
    words["options"] = f"{_options(_SESSION)} {given.get('options', '')} {_options(_FIRM)}"
    # Nothing is prepared for later: a newer program may change a table under us.
    settled = {"autocommit": True, "row_factory": dict_row, "prepare_threshold": None}
    try:
        link: Connection = psycopg.connect(**words, **settled)
    except UnicodeError:  # a host's name has two dots together
        raise _unreadable() from None
    return link


def reach(url: str, *, within_s: float = _REACHED_WITHIN_S) -> None:
    """StorageError within some seconds where nobody answers there: who comes for the first time may have a wrong address.

    Whoever was answered once waits much longer; see Patience and PgBook.
    """
    psycopg, place = _library(), place_of(url)
    until = time.monotonic() + within_s
    while True:
        try:
            connected(url, name="first").close()
        except psycopg.Error as error:
            if not passes(error):
                raise spoken(error, place) from error
            if time.monotonic() > until:
                raise StorageBusy(
                    f"the database at {place} cannot be reached ({_why(error)})",
                    hint="check the host and port of its address, or start it; then run again",
                ) from error
            time.sleep(_AGAIN_S)
        else:
            return


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
    said = str(error)  # at the door they carry no code
    code = error.sqlstate or next((code for word, code in _SPOKEN.items() if word in said), "")
    hint = next((text for start, text in _HINTS.items() if code.startswith(start)), "")
    why = _why(error)
    if waited_s:
        return StorageBusy(
            f"the database at {place} did not answer for {waited_s:.0f} s ({why})",
            hint=hint or "start the database, or mend the way to it; then run again: nothing is lost",
        )
    return StorageError(f"the database at {place}: {why}", hint=hint)


def _why(error: "psycopg.Error") -> str:
    """What the server or the library said first."""
    lines = [line.strip() for line in redacted(str(error)).splitlines() if line.strip()]
    return printable((lines or [type(error).__name__])[0].removeprefix("connection failed: "), most=300)


def _options(settings: Mapping[str, str]) -> str:
    return " ".join(f"-c {key}={value}" for key, value in settings.items())


def lock_number(name: str) -> int:
    """A name as the number of an advisory lock."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def _parts(url: str) -> dict[str, Any]:
    """What an address says; its password is a secret from here on."""
    psycopg = _library()
    from psycopg.conninfo import conninfo_to_dict

    try:
        given = dict(conninfo_to_dict(url))
    except (psycopg.Error, ValueError):  # %FF is no letter
        raise _unreadable() from None  # libpq's words show what it could not read, the password perhaps
    learn(*(str(given[word]) for word in ("password", "sslpassword") if given.get(word)))
    return given


def _unreadable() -> UsageError:
    return UsageError(
        "the address of the database cannot be read",
        hint="postgresql://user@host:port/database, and %XX for odd letters of a password",
    )


def _library() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise DependencyError(
            "a ledger in PostgreSQL needs psycopg", hint="pip install 'voxweave-film[cluster]'"
        ) from error
    return psycopg
