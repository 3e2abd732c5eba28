"""Every expected failure has its status."""

import pytest

from voxweave import errors
from voxweave.errors import Exit, Stopped, VoxWeaveError

STATUS = {
    "UsageError": 2,
    "InputError": 3,
    "DependencyError": 4,
    "ProviderError": 5,
    "ProviderBusy": 5,
    "ProviderUnreachable": 5,
    "ProviderFailed": 5,
    "AnswerUnclear": 5,
    "KeyRefused": 5,
    "RefusedError": 6,
    "MediaError": 7,
    "OutOfTime": 7,
    "StorageError": 8,
    "StorageBusy": 8,
    "OutputExists": 8,
    "Stopped": 130,
}


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """Each class has the status it is documented with."""
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, VoxWeaveError)
    }
    kinds.pop("VoxWeaveError")

    assert {name: int(kind.exit_code) for name, kind in kinds.items()} == STATUS
    for name, status in STATUS.items():
        line = next(line for line in str(errors.__doc__).splitlines() if f"─ {name} " in line)
        assert line.split(name)[1].split()[0] == str(status)


def test_an_error_carries_what_to_do_next() -> None:
    """Message and hint are two things."""
    error = errors.InputError("it is empty", hint="give another")

    assert (str(error), error.hint) == ("it is empty", "give another")


@pytest.mark.parametrize("code", [Exit.STOPPED, Exit.TERMINATED])
def test_a_stop_knows_its_signal(code: Exit) -> None:
    """Ctrl-C ends with 130, SIGTERM with 143."""
    assert Stopped(exit_code=code).exit_code == code


def test_what_took_too_long_is_no_fault_of_what_it_worked_on() -> None:
    """Nobody who turns a failure into "this file is bad" or "it cannot do that" catches it by the way."""
    blaming = (errors.InputError, errors.MediaError, errors.ProviderError, errors.DependencyError)

    assert not issubclass(errors.OutOfTime, blaming)
    assert errors.OutOfTime.retryable
