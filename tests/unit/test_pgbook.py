"""The book in PostgreSQL: made once, written once each, and plain about what is wrong."""

import threading
import time
from contextlib import closing

import pytest

from tests.fakes.postgres import Postgres, Wire
from tests.pace import within
from voxweave.core.orders import Limits, Wanted
from voxweave.errors import Stopped, StorageError, UsageError, VoxWeaveError
from voxweave.jobs import opening
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Account
from voxweave.jobs.opening import (
    LIMITS,
    ORDERS,
    film_ledger,
    films_with,
    known_films,
    open_meter,
)
from voxweave.jobs.pgbook import PgBook, Shape
from voxweave.jobs.pglink import place_of, reach
from voxweave.media.stopping import StopSignal

RICH = Budget(max_usd=1_000.0)
NOTES = Shape("notes", "CREATE TABLE IF NOT EXISTS notes (word TEXT NOT NULL)", version=1)
ADD = "INSERT INTO notes (word) VALUES (?)"


def wish(prompt: str = "a lake") -> Wanted:
    """One wish."""
    return Wanted(provider="p", model="m", prompt=prompt, seconds=4, width=320, height=180)


def words(book: PgBook) -> list[str]:
    """What stands in a book of notes, in turn."""
    return [row["word"] for row in book.rows("SELECT word FROM notes")]


@pytest.fixture
def base(postgres: Postgres) -> str:
    """A database that nobody has opened yet."""
    return postgres.base("fresh")


def test_whoever_comes_first_makes_it_once(base: str) -> None:
    """Six programs' worth of threads open a new database at once, and all of them work."""
    troubles: list[VoxWeaveError] = []

    def come() -> None:
        try:
            with open_meter(base) as meter, film_ledger("f", base) as ledger:
                ledger.look(wish())
                meter.posts()
        except VoxWeaveError as error:
            troubles.append(error)

    threads = [threading.Thread(target=come) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    with film_ledger("f", base) as ledger:
        assert [order.state for order in ledger.orders()] == ["planned"]


def test_a_newer_ledger_is_not_touched(base: str) -> None:
    """An older program does not know what the newer one wrote."""
    with closing(PgBook(base, ORDERS)) as book:
        book.write(lambda link: link.execute("UPDATE books SET version=99"))
    with pytest.raises(StorageError, match="newer"):
        film_ledger("f", base)


def test_a_fact_that_fails_leaves_nothing(base: str) -> None:
    """And the book goes on with the next."""

    def half(link: object) -> None:
        link.execute(ADD, ("half",))  # type: ignore[attr-defined]
        raise UsageError("no")

    with closing(PgBook(base, NOTES)) as book:
        with pytest.raises(UsageError):
            book.write(half)
        book.write(lambda link: link.execute(ADD, ("100 % whole?",)))
        assert words(book) == ["100 % whole?"]


@pytest.mark.parametrize("where", ["before", "after"])
def test_a_lost_answer_neither_loses_nor_doubles_a_fact(
    postgres: Postgres, base: str, wire: Wire, where: str
) -> None:
    """The line is cut as the COMMIT leaves: whether it arrived or not, the fact is there once."""
    with closing(PgBook(postgres.at(wire.port, "fresh"), NOTES)) as book:
        for n in range(5):
            wire.lose(where)
            assert book.write(lambda link, n=n: link.execute(ADD, (str(n),)) and n) == n
        assert wire.lost == 5
        assert words(book) == ["0", "1", "2", "3", "4"]


def test_a_claim_whose_answer_was_lost_is_sent_once(postgres: Postgres, wire: Wire) -> None:
    """Who claimed it may send it; anybody else keeps quiet; its history knows of one sending."""
    postgres.clear()
    url = postgres.at(wire.port)
    with film_ledger("f", url) as ledger, film_ledger("f", postgres.url) as other, open_meter(url) as meter:
        wire.lose("after")
        free = Limits(at_once=None, per_hour=None, per_day=None)
        post = meter.take(Account("p"), free, film="f", key="k").post
        wire.lose("after")
        claim = ledger.claim(wish(), 1.0, budget=RICH, post=post)
        assert claim.todo == "send"
        assert other.claim(wish(), 1.0, budget=RICH).todo == "quiet"
        wire.lose("after")
        assert ledger.accept(claim.order.key, "id-1").state == "accepted"
        assert ledger.history(claim.order.key) == ("sending", "accepted")
        assert len(meter.posts()) == 1
        assert wire.lost == 3


def test_lines_that_are_cut_are_drawn_anew(postgres: Postgres, base: str, wire: Wire) -> None:
    """Idle or not, whoever asks next gets an answer."""
    with closing(PgBook(postgres.at(wire.port, "fresh"), NOTES)) as book:
        book.write(lambda link: link.execute(ADD, ("one",)))
        wire.cut()
        assert words(book) == ["one"]
        wire.cut()
        book.write(lambda link: link.execute(ADD, ("two",)))
        assert words(book) == ["one", "two"]


def test_a_frozen_program_does_not_hold_up_the_others(base: str) -> None:
    """Within a fact for more than five seconds, it is ended; thawed, it begins again, once."""
    begun, thawed = threading.Event(), threading.Event()

    def slow(link: object) -> None:
        link.execute(ADD, ("slow",))  # type: ignore[attr-defined]
        begun.set()
        thawed.wait(120)

    with closing(PgBook(base, NOTES)) as one, closing(PgBook(base, NOTES)) as two:
        frozen = threading.Thread(target=one.write, args=(slow,))
        frozen.start()
        assert begun.wait(60)
        two.write(lambda link: link.execute(ADD, ("quick",)))
        assert not thawed.is_set() and frozen.is_alive()
        thawed.set()
        frozen.join()
        assert sorted(words(two)) == ["quick", "slow"]


def test_one_that_stays_away_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    """After the patience, with one line that says what to do; a password is in none."""
    began = time.monotonic()
    with pytest.raises(StorageError, match=r"127\.0\.0\.1:1/base did not answer") as met:
        PgBook("postgresql://me:hunter22@127.0.0.1:1/base", NOTES, patience_s=0.6)
    assert time.monotonic() - began > 0.6
    assert "nothing is lost" in met.value.hint
    assert "hunter22" not in f"{met.value} {met.value.hint}"


def test_a_first_contact_in_vain_is_given_up_soon_without_the_password() -> None:
    """An address that may be wrong is not waited for as one that has answered is; host and port are named."""
    with pytest.raises(StorageError, match=r"127\.0\.0\.1:1/films cannot be reached") as caught:
        reach("postgresql://me:hush@127.0.0.1:1/films", within_s=0.1)

    assert caught.value.exit_code == 8
    assert "hush" not in f"{caught.value} {caught.value.hint}"


def test_a_stop_ends_the_wait(postgres: Postgres) -> None:
    """At once, however long the patience is."""
    stop = StopSignal()
    threading.Timer(0.3, stop.set).start()
    with within(2), pytest.raises(Stopped):
        PgBook("postgresql://me@127.0.0.1:1/base", NOTES, stop=stop)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("voxweave@{here}/no_such_base", "does not exist"),
        ("stranger@{here}/postgres", "does not exist"),
        ("voxweave@127.0.0.1:99999/postgres", "invalid port number"),
        ("voxweave@127.0.0.1:abc/postgres", 'invalid integer value "abc"'),
        ("voxweave@{here}/postgres?hostaddr=here", "could not parse"),
        ("voxweave@{here}/postgres?connect_timeout=soon", "connect_timeout|invalid"),
        ("voxweave@{here}/postgres?sslmode=foo", "invalid sslmode"),
        ("voxweave@{here}/postgres?gssencmode=foo", "invalid gssencmode"),
        ("voxweave@{here}/postgres?target_session_attrs=foo", "invalid target_session_attrs"),
        ("voxweave@{here}/postgres?client_encoding=foo", "invalid value for parameter"),
        ("voxweave@{here}/postgres?options=-c%20foo%3D1", "unrecognized configuration parameter"),
        ("voxweave@{here}/postgres?service=foo", "definition of service"),
        ("voxweave@{here}/postgres?channel_binding=require", "channel binding"),
        ("voxweave@{here}/postgres?require_auth=foo", "invalid require_auth"),
        ("voxweave@{here}/postgres?require_auth=scram-sha-256", "authentication method"),
        ("voxweave@two..dots/postgres", "cannot be read"),
        ("%FF@{here}/postgres", "cannot be read"),
    ],
)
def test_what_needs_a_person_is_said_at_once(postgres: Postgres, url: str, why: str) -> None:
    """A database or a role that is not there does not come by waiting, nor does an address mend itself."""
    with within(5), pytest.raises((StorageError, UsageError), match=why):
        open_meter("postgresql://" + url.format(here=f"127.0.0.1:{postgres.port}"))


@pytest.mark.parametrize("end", ["", "?options=-c%20synchronous_commit%3Doff"])
def test_what_was_answered_is_on_the_disk(postgres: Postgres, base: str, end: str) -> None:
    """Whatever a role, a database or an address says of commits: an order is paid for once it is answered."""
    postgres.ask("ALTER ROLE voxweave SET synchronous_commit = off")
    try:
        with closing(PgBook(base + end, NOTES)) as book:
            assert [row["synchronous_commit"] for row in book.rows("SHOW synchronous_commit")] == ["on"]
    finally:
        postgres.ask("ALTER ROLE voxweave RESET synchronous_commit")


def test_an_address_is_read_and_shown_without_its_password() -> None:
    """One that cannot be read is refused without being repeated."""
    assert (
        place_of("postgresql://me:hunter22@db.example:5433/films?password=hunter22")
        == "db.example:5433/films"
    )
    with pytest.raises(UsageError) as met:
        place_of("postgresql://me:hunter22@[db/films")
    assert "hunter22" not in f"{met.value} {met.value.__cause__}"


def test_everybody_goes_by_the_servers_clock(postgres: Postgres) -> None:
    """Two programs write down the same time, whatever their own clocks say."""
    with closing(PgBook(postgres.url, LIMITS)) as one, closing(PgBook(postgres.url, LIMITS)) as two:
        moments = [book.write(lambda _, book=book: book.clock().now()) for book in (one, two)]
    assert moments[0].boot == moments[1].boot
    assert 0 <= moments[1].mono - moments[0].mono < 1
    assert moments[0].wall == pytest.approx(time.time(), abs=5)


def test_films_do_not_see_each_other(postgres: Postgres) -> None:
    """Equal wishes of two films are two orders under one key, each with a budget of its own."""
    postgres.clear()
    tight = Budget(max_usd=1.0)
    with film_ledger("one", postgres.url) as one, film_ledger("two", postgres.url) as two:
        key = one.claim(wish(), 1.0, budget=tight).order.key
        assert two.claim(wish(), 1.0, budget=tight).todo == "send"
        one.accept(key, "id-1")
        assert [order.state for order in two.orders()] == ["sending"]
        assert one.history(key) == ("sending", "accepted")
    assert films_with(key, postgres.url) == {"one": "accepted", "two": "sending"}


def test_the_films_that_ordered_are_known(postgres: Postgres) -> None:
    """The oldest first, as the limits have them."""
    postgres.clear()
    free = Limits(at_once=None, per_hour=None, per_day=None)
    with open_meter(postgres.socket_url) as meter:
        for film in ("one", "two", "one"):
            meter.take(Account("p"), free, film=film, key="k")
    assert known_films(postgres.url) == ("one", "two")
    assert opening.has_meter(postgres.url)
