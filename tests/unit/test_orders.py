"""The ledger: every rule about a paid order, and what a file says after anything."""

import multiprocessing
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.hands import Hands
from tests.fakes.kept import Kept
from voxweave.core.orders import Wanted
from voxweave.core.value import MediaFile
from voxweave.errors import RefusedError, StorageError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.opening import name_film, open_ledger
from voxweave.jobs.orders import Ledger

RICH = Budget(max_usd=1_000.0)


def wish(prompt: str = "a lake") -> Wanted:
    """One wish."""
    return Wanted(provider="p", model="m", prompt=prompt, seconds=4, width=320, height=180)


@pytest.fixture
def hands() -> Hands:
    """Clocks of this test."""
    return Hands()


@pytest.fixture
def ledger(kept: Kept, hands: Hands) -> Iterator[Ledger]:
    """An empty ledger, over either book."""
    with kept.orders(quiet_s=60, create_s=0, clock=hands.clock()) as ledger:
        yield ledger


def sent(ledger: Ledger, prompt: str = "a lake", price: float | None = 1.0) -> str:
    """An order whose request is on its way."""
    return ledger.claim(wish(prompt), price, budget=RICH, post="post").order.key


def test_a_wish_is_claimed_once(ledger: Ledger) -> None:
    """The second who asks is told to keep quiet, not to send."""
    first = ledger.claim(wish(), 1.0, budget=RICH)
    second = ledger.claim(wish(), 1.0, budget=RICH)
    assert (first.todo, first.order.state) == ("send", "sending")
    assert (second.todo, second.order.key) == ("quiet", first.order.key)


def test_what_is_to_do_follows_from_the_state(ledger: Ledger, tmp_path: Path) -> None:
    """From planned to fetched, and the way is kept."""
    told = [ledger.look(wish()).todo]
    key = sent(ledger)
    told.append(ledger.look(wish()).todo)
    ledger.accept(key, "id-1")
    told.append(ledger.look(wish()).todo)
    ledger.move(key, "running")
    told.append(ledger.look(wish()).todo)
    ledger.move(key, "done")
    told.append(ledger.look(wish()).todo)
    ledger.fetch(key, MediaFile(path=tmp_path / "clip.mp4", sha256="0"))
    told.append(ledger.look(wish()).todo)
    assert told == ["send", "quiet", "watch", "watch", "collect", "ended"]
    assert ledger.history(key) == ("sending", "accepted", "running", "done", "fetched")
    order = ledger.order(key)
    assert (order.remote_id, order.price_usd, order.paid_usd) == ("id-1", 1.0, 1.0)
    assert order.file == MediaFile(path=tmp_path / "clip.mp4", sha256="0")


def test_quiet_lasts_as_long_as_it_must(ledger: Ledger, hands: Hands) -> None:
    """A request may still be on the wire; only afterwards may anybody ask."""
    sent(ledger)
    hands.pass_s(45)
    assert ledger.look(wish()).wait_s == pytest.approx(15)
    hands.pass_s(15)
    assert ledger.look(wish()).todo == "ask"


def test_quiet_begins_with_the_doubt(kept: Kept, hands: Hands) -> None:
    """A client gave up after two minutes; the provider may accept a moment later. A killed one never said so."""
    with kept.orders(quiet_s=60, create_s=120, clock=hands.clock()) as ledger:
        key = sent(ledger)
        hands.pass_s(110)
        assert ledger.look(wish()).wait_s == pytest.approx(70)
        ledger.doubt(key, "timed out")
        assert ledger.look(wish()).wait_s == pytest.approx(60)


@pytest.mark.parametrize("jump_s", [-3_600.0, 3_600.0, -1e9])
def test_setting_the_clock_changes_no_wait(ledger: Ledger, hands: Hands, jump_s: float) -> None:
    """Within a boot ages go by the monotonic clock."""
    sent(ledger)
    hands.wall += jump_s
    hands.mono += 45
    assert ledger.look(wish()).wait_s == pytest.approx(15)


def test_after_a_reboot_with_a_clock_set_back_quiet_is_never_longer(kept: Kept, hands: Hands) -> None:
    """The wall clock is all there is then, and what lies in its future counts as now."""
    with kept.orders(quiet_s=60, create_s=0, clock=hands.clock("one")) as ledger:
        sent(ledger)
    hands.wall -= 7_200
    with kept.orders(quiet_s=60, create_s=0, clock=hands.clock("two")) as ledger:
        assert ledger.look(wish()).wait_s == 60


def test_a_final_state_is_final(ledger: Ledger) -> None:
    """A late or repeated word changes nothing."""
    key = sent(ledger)
    ledger.accept(key, "id-1")
    ledger.move(key, "failed", reason="no memory")
    assert ledger.move(key, "done").state == "failed"
    assert ledger.move(key, "running").reason == "no memory"


def test_an_id_is_never_forgotten(ledger: Ledger) -> None:
    """An answer that comes when the order was given up still counts; a second id is noted."""
    key = sent(ledger)
    ledger.move(key, "unknown", reason="cut")
    assert ledger.accept(key, "id-1").state == "accepted"
    again = ledger.accept(key, "id-2")
    assert again.remote_id == "id-1"
    assert "id-2" in again.reason


def test_a_person_adopts_or_buys_again(ledger: Ledger) -> None:
    """Both are possible for an order in doubt only, and both once."""
    key = sent(ledger)
    with pytest.raises(UsageError):
        ledger.rebuy(key)
    ledger.move(key, "unknown")
    assert ledger.adopt(key, "id-1").state == "accepted"
    with pytest.raises(UsageError):
        ledger.adopt(key, "id-2")
    with pytest.raises(UsageError):
        ledger.adopt("no such key", "id-2")
    other = sent(ledger, "a hill")
    ledger.move(other, "unknown")
    with pytest.raises(UsageError, match="another order"):
        ledger.adopt(other, "id-1")
    new = ledger.rebuy(other)
    assert ledger.rebuy(other) == new
    assert ledger.look(wish("a hill")).order == new
    assert [order.state for order in ledger.orders()] == ["accepted", "unknown", "planned"]


def test_the_budget_counts_all_that_may_cost(ledger: Ledger, tmp_path: Path) -> None:
    """Spent, under way, lost and unknown count; what was refused, failed or never sent does not."""
    fetched, running, unknown, lost, failed, refused, planned = (sent(ledger, name) for name in "abcdefg")
    for key in (fetched, running, lost, failed):
        ledger.accept(key, f"id-{key}")
    ledger.move(fetched, "done")
    ledger.fetch(fetched, MediaFile(path=tmp_path, sha256="0"))
    ledger.move(unknown, "unknown")
    ledger.move(lost, "lost")
    ledger.move(failed, "failed")
    ledger.move(refused, "refused")
    ledger.move(planned, "planned")
    totals = ledger.totals()
    assert (totals.spent_usd, totals.running_usd, totals.unknown_usd) == (2.0, 1.0, 1.0)
    ledger.claim(wish("h"), 0.5, budget=Budget(max_usd=4.5))
    with pytest.raises(RefusedError, match=r"\$4.50 of \$4.50"):
        ledger.claim(wish("i"), 0.01, budget=Budget(max_usd=4.5))
    assert ledger.look(wish("i")).todo == "send"


def test_sums_are_exact(ledger: Ledger) -> None:
    """Ten times ten cents is one dollar."""
    for n in range(10):
        ledger.claim(wish(f"{n}"), 0.1, budget=Budget(max_usd=1.0))
    with pytest.raises(RefusedError):
        ledger.claim(wish("more"), 0.000001, budget=Budget(max_usd=1.0))


def test_threads_never_overshoot(ledger: Ledger) -> None:
    """Twenty threads, three places in the budget: three requests."""
    claimed: list[str] = []

    def claim(n: int) -> None:
        try:
            claimed.append(ledger.claim(wish(f"{n}"), 1.0, budget=Budget(max_usd=3.0)).todo)
        except RefusedError:
            pass

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert claimed == ["send"] * 3


def _claim_all(folder: Path, kept: str, results: "multiprocessing.Queue[int]") -> None:
    with open_ledger(folder, kept) as ledger:
        won = 0
        for n in range(10):
            try:
                won += ledger.claim(wish(f"{n}"), 1.0, budget=Budget(max_usd=7.0)).todo == "send"
            except RefusedError:
                pass
        results.put(won)


def test_runs_side_by_side_never_overshoot(kept: Kept, tmp_path: Path) -> None:
    """Four programs open a new ledger at once and want the same ten orders: seven requests in all."""
    spawn = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[int] = spawn.Queue()
    if kept.ledger:
        name_film(tmp_path, "side-by-side")
    words = (tmp_path, kept.ledger, results)
    programs = [spawn.Process(target=_claim_all, args=words) for _ in range(4)]
    for program in programs:
        program.start()
    assert sum(results.get(timeout=60) for _ in programs) == 7
    for program in programs:
        program.join()


def test_what_is_no_ledger_is_said_and_left_alone(tmp_path: Path) -> None:
    """One line, and the file stays as it was."""
    file = tmp_path / "orders.sqlite3"
    file.write_bytes(b"not a database at all, but long enough to look at" * 20)
    before = file.read_bytes()
    with pytest.raises(StorageError, match=r"orders\.sqlite3") as met:
        Ledger(file)
    assert met.value.hint
    assert file.read_bytes() == before


def test_a_newer_ledger_is_not_touched(tmp_path: Path) -> None:
    """An older program does not know what the newer one wrote."""
    Ledger(tmp_path / "o").close()
    link = sqlite3.connect(tmp_path / "o")
    link.execute("PRAGMA user_version=99")
    link.close()
    with pytest.raises(StorageError, match="newer"):
        Ledger(tmp_path / "o")


def test_a_commit_is_on_disk_before_it_is_told(tmp_path: Path) -> None:
    """Write-ahead log, synchronous FULL."""
    with Ledger(tmp_path / "orders.sqlite3") as ledger:
        assert ledger._book.rows("PRAGMA synchronous")[0]["synchronous"] == 2
    link = sqlite3.connect(tmp_path / "orders.sqlite3")
    assert link.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    link.close()


def test_a_picture_counts_by_its_content(ledger: Ledger, tmp_path: Path) -> None:
    """A moved reference picture is the same wish; a changed one is another."""
    one = wish().model_copy(update={"picture": MediaFile(path=tmp_path / "a.png", sha256="1")})
    moved = wish().model_copy(update={"picture": MediaFile(path=tmp_path / "b.png", sha256="1")})
    other = wish().model_copy(update={"picture": MediaFile(path=tmp_path / "a.png", sha256="2")})
    assert ledger.look(one).order.key == ledger.look(moved).order.key
    assert ledger.look(one).order.key != ledger.look(other).order.key
