"""Where orders, limits and purses are written down, as the settings have it: in files here, or in PostgreSQL.

A run that holds the job opens its ledger with `open_ledger`, which may name the film and move its orders; whoever only
looks, while a run may be at work, with `read_ledger`.
"""

import re
import secrets
from contextlib import closing
from pathlib import Path

from voxweave.core.text import printable
from voxweave.errors import StorageError, UsageError
from voxweave.jobs import order_rows, orders, post_rows
from voxweave.jobs.job import make_folder
from voxweave.jobs.limits import BLIND_S, Meter, user_file
from voxweave.jobs.orders import CREATE_S, QUIET_S, Ledger
from voxweave.jobs.pgbook import PATIENCE_S, PgBook, Shape
from voxweave.media.files import write_atomically
from voxweave.media.stopping import StopSignal

FILM = "film"
"""The file of a job folder that names the film in a ledger many machines share."""

ORDERS = Shape("orders", order_rows.PG_SCHEMA, version=order_rows.VERSION)
LIMITS = Shape("limits", post_rows.PG_SCHEMA, version=post_rows.VERSION)
_MOVED = "orders.moved.sqlite3"
LOOK_S = 5.0
"""How long who only looks waits for a database that is away."""
_NAME = re.compile(r"[\w.@+-]{1,200}")


def open_ledger(
    folder: Path,
    ledger: str = "",
    *,
    quiet_s: float = QUIET_S,
    create_s: float = CREATE_S,
    stop: StopSignal | None = None,
) -> Ledger:
    """The ledger of a film, for the run that holds its job: the folder's own file, or with an address as its film there.

    A film that has no name there is given one, and the orders of its own file move in: under a run at work that
    would have its next orders made twice. UsageError where the film's orders stand elsewhere: two ledgers of one film
    would pay for everything twice.
    """
    if not ledger:
        if (folder / FILM).exists():
            raise _elsewhere(folder)
        return Ledger(folder / orders.FILE, quiet_s=quiet_s, create_s=create_s)
    film = film_of(folder) if (folder / FILM).exists() else _named(folder)
    if (folder / orders.FILE).exists():
        _move_in(folder, ledger, film)
    return film_ledger(film, ledger, quiet_s=quiet_s, create_s=create_s, stop=stop)


def read_ledger(folder: Path, ledger: str = "", *, patience_s: float = LOOK_S) -> Ledger:
    """The ledger of a film as it is, for who holds no job: nothing is named, moved or made.

    UsageError where nothing was ordered, or where the orders stand elsewhere.
    """
    if (folder / orders.FILE).is_file():
        return Ledger(folder / orders.FILE)
    film = film_of(folder)
    if not ledger:
        raise _elsewhere(folder)
    return film_ledger(film, ledger, patience_s=patience_s)


def film_ledger(
    film: str,
    ledger: str,
    *,
    quiet_s: float = QUIET_S,
    create_s: float = CREATE_S,
    stop: StopSignal | None = None,
    patience_s: float = PATIENCE_S,
) -> Ledger:
    """The ledger of a film as `Meter.films` names it."""
    if not ledger:
        return Ledger(Path(film), quiet_s=quiet_s, create_s=create_s)
    book = PgBook(ledger, ORDERS, film=film, stop=stop, patience_s=patience_s)
    return Ledger(book, film=film, quiet_s=quiet_s, create_s=create_s)


def open_meter(ledger: str = "", *, blind_s: float = BLIND_S, stop: StopSignal | None = None) -> Meter:
    """The limits and purses that all films of a user share, or with an address all that use it."""
    return Meter(PgBook(ledger, LIMITS, stop=stop) if ledger else None, blind_s=blind_s)


def has_orders(folder: Path) -> bool:
    """Whether a job folder's film has a ledger, here or elsewhere."""
    return (folder / orders.FILE).is_file() or (folder / FILM).is_file()


def has_meter(ledger: str = "") -> bool:
    """Whether anything may have been ordered yet."""
    return bool(ledger) or user_file().exists()


def known_films(ledger: str = "") -> tuple[str, ...]:
    """All that ever ordered, the oldest first; without those whose file is gone."""
    if not has_meter(ledger):
        return ()
    with open_meter(ledger) as meter:
        films = meter.films()
    return films if ledger else tuple(film for film in films if Path(film).is_file())


def films_with(key: str, ledger: str = "") -> dict[str, str]:
    """The films that have an order of this key, and its state."""
    if ledger:
        with closing(PgBook(ledger, ORDERS)) as book:
            rows = book.rows("SELECT film, state FROM film_orders WHERE key=? ORDER BY rowid", key)
            return {row["film"]: row["state"] for row in rows}
    found: dict[str, str] = {}
    for film in known_films():
        with Ledger(Path(film)) as one:
            states = [order.state for order in one.orders() if order.key == key]
        if states:
            found[film] = states[0]
    return found


def film_of(folder: Path) -> str:
    """The name of a job folder's film among all machines; UsageError where it has none yet."""
    file = folder / FILM
    try:
        name = file.read_text().strip()
    except FileNotFoundError as error:
        raise UsageError(f"nothing was ordered for {printable(folder.name)}") from error
    except (OSError, ValueError) as error:
        raise StorageError(f"{printable(str(file))} cannot be read: {error}") from error
    if not _NAME.fullmatch(name):
        raise StorageError(
            f"{printable(str(file))} names no film", hint="voxweave orders list shows the names there are"
        )
    return name


def film_there(folder: Path, ledger: str) -> str:
    """How the ledger that is set calls a job folder's film; UsageError where its orders stand elsewhere."""
    file = folder / orders.FILE
    if not file.is_file():
        film = film_of(folder)
        if not ledger:
            raise _elsewhere(folder)
        return film
    if ledger:
        raise UsageError(
            f"the orders of {printable(folder.name)} stand in a file of its own, not in the ledger that is set",
            hint="the next make of its narration takes them along",
        )
    return str(file)


def name_film(folder: Path, name: str) -> str:
    """Say under which name a job folder's film orders: whoever takes over its work elsewhere says the same."""
    name = re.sub(r"[^\w.@+-]+", "-", printable(name, most=200)).strip("-") or "film"
    make_folder(folder)
    write_atomically(folder / FILM, name + "\n")
    return name


def _named(folder: Path) -> str:
    """A film's own name, which no other has."""
    return name_film(folder, f"{folder.name}-{secrets.token_hex(4)}")


def _move_in(folder: Path, ledger: str, film: str) -> None:
    """Take along what a film ordered before it was given this ledger; its file stays under another name."""
    file = folder / orders.FILE
    with Ledger(file) as old, film_ledger(film, ledger) as new:
        new.take_over(*old.whole())
    file.rename(folder / _MOVED)


def _elsewhere(folder: Path) -> UsageError:
    return UsageError(
        f"what was ordered for {printable(folder.name)} stands in a ledger that many machines share",
        hint=f"set ledger to its address, or delete {printable(str(folder / FILM), most=400)} to order all anew",
    )
