"""Which blows a pass of the torture strikes."""

from collections.abc import Sequence

from tests.fault.blows import blows, in_turn, read_all

LINES = [
    *(f"{number} file read #7" for number in range(1, 40)),
    "40 file link /a/b",
    *(f"{number} socket send #9" for number in range(41, 46)),
    *(f"{number} pipe write #8" for number in range(46, 50)),
    *(f"{number} file write! #7" for number in range(50, 52)),
]


def _met(lines: Sequence[str], turn: int) -> set[str]:
    return {str(blow) for blow in in_turn(lines, turn=turn)}


def test_a_pass_strikes_each_call_and_each_sort_meets_each_fault() -> None:
    """No call is left out, no fault of its sort either, and as many turns as there are faults strike every blow."""
    calls, struck = read_all(LINES), in_turn(LINES)

    assert {call.number for call in calls} == {blow.call.number for blow in struck}
    for call in calls:
        mine = {(blow.fault, blow.victim) for blow in struck if blow.call.sort == call.sort}
        assert set(call.faults) == mine
    most = max(len(call.faults) for call in calls)
    assert {str(blow) for blow in blows(LINES)} == set().union(*(_met(LINES, turn) for turn in range(most)))


def test_a_call_is_known_by_its_sort_and_its_turn() -> None:
    """What other threads did before it does not matter: the second write to a file is that in any run."""
    last = read_all(LINES)[-1]

    assert ("file write", 2) == (last.sort, last.nth)
