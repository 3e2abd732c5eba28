"""The README keeps its word."""

import re
import shlex
from pathlib import Path

import click
import pytest

from voxweave.cli import voxweave as command
from voxweave.settings.styles import styles

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
OURS = [line for line in LINES if line.startswith("voxweave ")]


@pytest.mark.parametrize("line", OURS)
def test_its_commands_are_understood(line: str) -> None:
    """Each command the README shows has the names and options the program knows."""
    words = shlex.split(line.split("|", maxsplit=1)[0].split(">", maxsplit=1)[0], comments=True)[1:]
    group = click.Context(command)
    name, found, rest = command.resolve_command(group, words)
    while isinstance(found, click.Group):
        name, found, rest = found.resolve_command(click.Context(found), rest)

    assert found is not None
    assert found.make_context(name, rest).params is not None


def test_its_two_commands_install_and_run() -> None:
    """The first two blocks are the ones a stranger types: make a film of a sample, pass the tests."""
    assert "pip install . && voxweave make samples/dust.mp3" in BLOCKS[0]
    assert "pip install -e '.[test]' && python -m pytest" in BLOCKS[1]
    assert (ROOT / "samples" / "dust.mp3").exists()


def test_its_pictures_are_there() -> None:
    """Every picture it shows is in the repository, one of each style among them."""
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size > 10_000, path
    for style in styles():
        assert (ROOT / "docs" / "images" / f"{style}.jpg").exists()


def test_its_exit_statuses_are_the_program_s() -> None:
    """The table of exit statuses names every status there is."""
    from voxweave.errors import Exit

    told = {
        int(number)
        for row in re.findall(r"^\| ([\d, ]+) \|", README, re.MULTILINE)
        for number in row.split(",")
    }

    assert told == {int(status) for status in Exit}
