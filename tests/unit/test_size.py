"""The house rules on size, measured."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

PACKAGE = Path(__file__).parents[2] / "voxweave"
MODULES = sorted(PACKAGE.rglob("*.py"))
MODULE_LINES, LONGEST, USUAL, MEDIAN, PARAMETERS = 400, 40, 25, 8, 5

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Path) -> Iterator[Function]:
    """Every function of a module, methods and inner ones too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines from `def` to the last statement, without decorators and docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 1
    return (function.end_lineno or 0) - body[0].lineno + 1 + (function.body[0].lineno - function.lineno)


def takes_options(function: Function) -> bool:
    """A command of the terminal: its parameters are the flags it takes."""
    return any("click" in ast.unparse(decorator) for decorator in function.decorator_list)


ALL = [(module, function) for module in MODULES for function in functions(module)]


def _named(module: Path, function: Function) -> str:
    return f"{module.relative_to(PACKAGE)}:{function.lineno} {function.name}"


def test_modules_are_short() -> None:
    """No module is longer than the gate."""
    long = {
        str(module.relative_to(PACKAGE)): count
        for module in MODULES
        if (count := len(module.read_text().splitlines())) > MODULE_LINES
    }

    assert long == {}


def test_functions_are_short() -> None:
    """None over forty lines, nine of ten within twenty-five, half of them within eight."""
    lengths = sorted(length(function) for _, function in ALL)
    long = [
        _named(module, function)
        for module, function in ALL
        if length(function) > LONGEST and not takes_options(function)
    ]

    assert long == []
    assert lengths[len(lengths) * 9 // 10] <= USUAL
    assert median(lengths) <= MEDIAN


def test_functions_take_few_parameters() -> None:
    """Up to five that are not keyword-only, `self` and what a command takes left out."""
    many = [
        _named(module, function)
        for module, function in ALL
        if not takes_options(function)
        and sum(one.arg not in ("self", "cls") for one in (*function.args.posonlyargs, *function.args.args))
        > PARAMETERS
    ]

    assert many == []


def test_everything_public_is_explained() -> None:
    """Every module, class and function others may use has a docstring."""
    silent = [
        str(module.relative_to(PACKAGE))
        for module in MODULES
        if ast.get_docstring(ast.parse(module.read_text())) is None
    ]

    assert silent == []


@pytest.mark.parametrize("word", ["utils", "helpers", "misc", "common"])
def test_no_module_is_a_drawer(word: str) -> None:
    """A module is named for what it is about."""
    assert not [module for module in MODULES if module.stem == word]
