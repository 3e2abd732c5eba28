"""Whatever happens in whatever order: money is counted once, and a wait makes sense."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes.hands import Hands
from voxweave.core.orders import Limits, State, Wanted
from voxweave.core.value import MediaFile
from voxweave.errors import RefusedError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.limits import Account, Meter
from voxweave.jobs.orders import Ledger
from voxweave.providers.ask import retry_after_s

STATES: tuple[State, ...] = ("planned", "running", "done", "refused", "failed", "lost", "unknown")
STEPS = st.tuples(
    st.sampled_from(("claim", "accept", "move", "fetch", "adopt", "rebuy")),
    st.integers(0, 3),
    st.sampled_from(STATES),
    st.integers(1, 5),
)


def wish(n: int) -> Wanted:
    """One of a few wishes."""
    return Wanted(provider="p", model="m", prompt=f"{n}", seconds=4, width=320, height=180)


def step(ledger: Ledger, what: str, n: int, state: State, cents: int) -> bool:
    """One thing done to an order; whether a request left."""
    key = ledger.look(wish(n)).order.key
    if what == "claim":
        return ledger.claim(wish(n), cents / 100, budget=Budget(max_usd=0.1)).todo == "send"
    if what == "accept" and ledger.order(key).state == "sending":
        ledger.accept(key, f"id-{key}")
    elif what == "move":
        ledger.move(key, state)
    elif what == "fetch":
        ledger.fetch(key, MediaFile(path=Path("/clip"), sha256="0"))
    elif what == "adopt":
        ledger.adopt(key, f"mine-{key}")
    elif what == "rebuy":
        ledger.rebuy(key)
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_no_sequence_spends_more_than_allowed(steps: list[tuple[str, int, State, int]]) -> None:
    """After every step spent, running and unknown together stay within the budget."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "o") as ledger:
        for what, n, state, cents in steps:
            try:
                step(ledger, what, n, state, cents)
            except (RefusedError, UsageError):
                continue
            totals = ledger.totals()
            assert round(totals.spent_usd + totals.running_usd + totals.unknown_usd, 6) <= 0.1
            for order in ledger.orders():
                assert order.state != "fetched" or order.file


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 200), min_size=1, max_size=25),
    st.integers(1, 4),
    st.integers(1, 8),
)
def test_whoever_waits_as_told_is_let_in(pauses: list[float], minute: int, hour: int) -> None:
    """A wait is never longer than the window, and enough; no window ever holds more than allowed."""
    hands = Hands()
    limits = Limits(at_once=None, per_minute=minute, per_hour=hour, per_day=None)
    who, taken = Account("p"), []
    with tempfile.TemporaryDirectory() as folder, Meter(Path(folder) / "u", clock=hands.clock()) as meter:
        for pause in pauses:
            hands.pass_s(pause)
            place = meter.take(who, limits, film="f", key="k")
            assert 0 <= place.wait_s <= 3_601
            if not place.post:
                hands.pass_s(place.wait_s + 0.001)
                assert meter.take(who, limits, film="f", key="k").post
            taken.append(hands.mono)
    for at in taken:
        assert sum(at <= other < at + 60 for other in taken) <= minute
        assert sum(at <= other < at + 3_600 for other in taken) <= hour


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_retry_after_is_a_sane_wait(seconds: str, millis: str) -> None:
    """Nothing, or between now and a day."""
    found = retry_after_s({"Retry-After": seconds, "retry-after-ms": millis})
    assert found is None or 0 <= found <= 86_400
