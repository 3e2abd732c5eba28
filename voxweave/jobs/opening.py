"""Where orders, limits and purses are written down, as the settings have it: in files here, or in PostgreSQL."""

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
from voxweave.jobs.pgbook import PgBook, Shape
from voxweave.media.files import write_atomically
from voxweave.media.stopping import StopSignal

FILM = "film"
"""The file of a job folder that names the film in a ledger many machines share."""

ORDERS = Shape("orders", order_rows.PG_SCHEMA, version=1)
LIMITS = Shape("limits", post_rows.PG_SCHEMA, version=post_rows.VERSION)
_MOVED = "orders.moved.sqlite3"
_NAME = re.compile(r"[\w.@+-]{1,200}")


def open_ledger(
    folder: Path,
    ledger: str = "",
    *,
    quiet_s: float = QUIET_S,
    create_s: float = CREATE_S,
    stop: StopSignal | None = None,
) -> Ledger:
    """The ledger of a job folder's film: its own file, or with an address as its film there.

    UsageError where the film's orders stand elsewhere: two ledgers of one film would pay for everything twice.
    """
    if not ledger:
        if (folder / FILM).exists():
            raise _elsewhere(folder)
        return Ledger(folder / orders.FILE, quiet_s=quiet_s, create_s=create_s)
    film = film_of(folder)
    if (folder / orders.FILE).exists():
        _move_in(folder, ledger, film)
    return film_ledger(film, ledger, quiet_s=quiet_s, create_s=create_s, stop=stop)


def film_ledger(
    film: str,
    ledger: str,
    *,
    quiet_s: float = QUIET_S,
    create_s: float = CREATE_S,
    stop: StopSignal | None = None,
) -> Ledger:
    """The ledger of a film as `Meter.films` names it."""
    if not ledger:
        return Ledger(Path(film), quiet_s=quiet_s, create_s=create_s)
    book = PgBook(ledger, ORDERS, film=film, stop=stop)
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
    """The name of a job folder's film among all machines; one that has none is given one, and keeps it."""
    file = folder / FILM
    try:
        name = file.read_text().strip()
    except FileNotFoundError:
        return name_film(folder, f"{folder.name}-{secrets.token_hex(4)}")
    except (OSError, ValueError) as error:
        raise StorageError(f"{printable(str(file))} cannot be read: {error}") from error
    if not _NAME.fullmatch(name):
        raise StorageError(
            f"{printable(str(file))} names no film", hint="voxweave orders list shows the names there are"
        )
    return name


def name_film(folder: Path, name: str) -> str:
    """Say under which name a job folder's film orders: whoever takes over its work elsewhere says the same."""
    name = re.sub(r"[^\w.@+-]+", "-", printable(name, most=200)).strip("-") or "film"
    make_folder(folder)
    write_atomically(folder / FILM, name + "\n")
    return name


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
