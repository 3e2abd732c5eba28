"""Asking again: how often, how long, and what never."""

import threading
import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from tests.pace import within
from voxweave.errors import (
    AnswerUnclear,
    KeyRefused,
    ProviderBusy,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    Stopped,
)
from voxweave.media.stopping import StopSignal
from voxweave.providers.ask import Calm, Patience, ask, retry_after_s

QUICK = Patience(first_s=0.01)


class Script:
    """A question that meets one error after the other, then is answered."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked = 0

    def __call__(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


@pytest.mark.parametrize("kind", [ProviderBusy, ProviderUnreachable, ProviderFailed])
def test_one_try_and_three_more(kind: Callable[[str], Exception]) -> None:
    """Three faults are lived through; the fourth is raised."""
    script = Script(*[kind("no")] * 3)
    assert ask(script, StopSignal(), patience=QUICK) == "answer"
    script = Script(*[kind("no")] * 4)
    with pytest.raises(Exception, match="no"):
        ask(script, StopSignal(), patience=QUICK)
    assert script.asked == 4


@pytest.mark.parametrize(
    "error", [RefusedError("no"), KeyRefused("no"), AnswerUnclear("no"), ValueError("no")], ids=repr
)
def test_what_is_not_safe_or_of_no_use_is_asked_once(error: Exception) -> None:
    """Refusals stay refusals, and an unclear create call may have been paid for."""
    script = Script(error)
    with pytest.raises(type(error)):
        ask(script, StopSignal(), patience=QUICK)
    assert script.asked == 1


def test_pauses_grow_from_two_to_eight_seconds() -> None:
    """Each a quarter off at most, so that not all come back at once."""
    for jitter, expected in ((0.75, [1.5, 3.0, 6.0]), (1.25, [2.5, 5.0, 10.0])):
        patience = Patience(jitter=lambda low, high, pick=jitter: pick)
        assert [patience.pause(n, ProviderFailed("no")) for n in (1, 2, 3)] == expected
        assert patience.pause(4, ProviderFailed("no")) is None


def test_a_wait_we_are_told_is_kept_and_never_shortened() -> None:
    """At least as long as told, and a little later."""
    told = ProviderBusy("busy", wait_s=30)
    assert all(30 <= (Patience().pause(1, told) or 0) <= 30.5 for _ in range(50))


def test_a_wait_too_long_is_not_waited() -> None:
    """The error goes up with its time, so that others may take over."""
    script = Script(ProviderBusy("busy", wait_s=3_600))
    with within(1), pytest.raises(ProviderBusy) as met:
        ask(script, StopSignal())
    assert met.value.wait_s == 3_600
    assert script.asked == 1


def test_a_stop_ends_the_wait() -> None:
    """Nobody waits eight seconds for a program that was told to end."""
    stop = StopSignal()
    threading.Timer(0.1, stop.set).start()
    with within(1), pytest.raises(Stopped):
        ask(Script(ProviderFailed("no")), stop, patience=Patience(first_s=30))


def test_a_busy_provider_is_left_alone_by_all() -> None:
    """One thread is told to wait; the others do not storm meanwhile."""
    calm, stop = Calm(), StopSignal()
    first = threading.Thread(
        target=ask,
        args=(busy := Script(ProviderBusy("busy", wait_s=0.3)), stop),
        kwargs={"patience": QUICK, "calm": calm},
    )
    began = time.monotonic()
    first.start()
    while not busy.asked:
        time.sleep(0.01)
    time.sleep(0.05)
    ask(Script(), stop, patience=QUICK, calm=calm)
    assert time.monotonic() - began > 0.3
    first.join()


def test_whoever_waits_says_why() -> None:
    """The user hears of it."""
    said: list[str] = []
    ask(Script(ProviderBusy("too many", wait_s=0.01)), StopSignal(), patience=QUICK, tell=said.append)
    assert said == ["too many; asking again in 0 s"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "3"}, 3.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After-Ms": "250"}, 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9.0),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "9" * 5_000}, None),
        ({"Retry-After": "999999999"}, 86_400.0),
        ({"Retry-After": "٣"}, None),
        (
            {"Retry-After": "Fri, 20 Nov 2026 10:00:30 GMT", "Date": "Fri, 20 Nov 2026 10:00:00 GMT"},
            30.0,
        ),
        ({"Retry-After": "Fri, 20 Nov 2026 10:00:00 GMT", "Date": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "Fri, 99 Nov 2026 10:00:00 GMT"}, None),
    ],
)
def test_every_form_of_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds, a date by the server's own clock; nonsense is nothing."""
    assert retry_after_s(headers) == seconds


def test_a_date_without_the_servers_own_goes_by_ours() -> None:
    """Half a minute from now."""
    found = retry_after_s({"Retry-After": formatdate(time.time() + 30, usegmt=True)})
    assert found is not None
    assert 27 < found <= 30
