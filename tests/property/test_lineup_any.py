"""Whatever stands in a list, it is either films or one line that says what is wrong."""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voxweave.errors import UsageError
from voxweave.pipeline.lineup import Listed, from_csv, from_toml

SETTINGS = ["style", "fps", "captions"]
WORDS = st.sampled_from([
    *("[[film]]", "narration", "style", "fps", "a.mp3", "25", "true", "1979-05-27", "ü", " "),
    *("=", '"', "'", '"""', "[", "]", "{", "}", "\n", "\r\n", ",", ";", "\t", "#", "\\", "\x00"),
])  # fmt: skip


@pytest.mark.parametrize("parse", [from_csv, from_toml])
@given(text=st.lists(WORDS, max_size=24).map("".join) | st.text(max_size=80))
def test_any_text_is_films_or_one_line(parse: Callable[..., tuple[Listed, ...]], text: str) -> None:
    """No traceback; every film has a narration, and settings that exist."""
    with contextlib.suppress(UsageError):
        for listed in parse(text, "talks", SETTINGS):
            assert listed.narration
            assert set(listed.settings) <= set(SETTINGS)


CELL = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12).filter(
    lambda text: text == text.strip()
)


@given(films=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5), mark=st.sampled_from(",;\t"))
def test_what_is_written_as_csv_is_read_back(films: list[tuple[str, str]], mark: str) -> None:
    """Quoted cells may hold anything, and each film knows its line."""
    quoted = [[f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in film] for film in films]
    text = "\n".join([f"narration{mark}style", *(mark.join(cells) for cells in quoted)])

    found = from_csv(text, "talks", SETTINGS)

    assert [(one.narration, one.settings["style"]) for one in found] == films
    assert [one.place for one in found] == [f"talks, line {at}" for at in range(2, len(films) + 2)]
