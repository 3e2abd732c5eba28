"""What a list or a folder asks for, and how its mistakes are told."""

from pathlib import Path

import pytest

from voxweave.errors import InputError, UsageError
from voxweave.pipeline.lineup import Listed, from_csv, from_toml, read_list, sounds_in

SETTINGS = ["style", "fps", "captions", "thumbnail", "max_cost"]


def test_a_csv_names_a_film_a_line() -> None:
    """Columns are files and settings in any order; empty cells and empty lines say nothing."""
    text = 'narration,Style,output\na.mp3,ink,"films/a, first.mp4"\n\nb.mp3,,\n'

    assert from_csv(text, "talks.csv", SETTINGS) == (
        Listed(
            place="talks.csv, line 2",
            narration="a.mp3",
            output="films/a, first.mp4",
            settings={"style": "ink"},
        ),
        Listed(place="talks.csv, line 4", narration="b.mp3"),
    )


@pytest.mark.parametrize("mark", [";", "\t"])
def test_spreadsheets_write_other_marks_between_cells(mark: str) -> None:
    """Semicolons and tabs part cells as well as commas, as the first line shows."""
    (found,) = from_csv(f"narration{mark}style\r\na.mp3{mark}ink\r\n", "talks.csv", SETTINGS)

    assert (found.narration, found.settings) == ("a.mp3", {"style": "ink"})


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("narration,stlye\n", "talks.csv, line 1: nothing is called 'stlye'", "did you mean style?"),
        ("narration,,style\n", "talks.csv, line 1: nothing is called column 2, which has no name", "allowed: "),
        ("style,style\n", "talks.csv, line 1: style stands there twice", "leave one out"),
        ("style\nink\n", "talks.csv, line 1: there is no column narration", "the first line names columns"),
        ("narration,style\na.mp3,ink,x\n", "talks.csv, line 2 has 3 cells, and there are 2 columns", "quotes"),
        ("narration,style\n,ink\n", "talks.csv, line 2 names no narration", "every film"),
        ('narration\n"a.mp3\n', "talks.csv, line 2 is not CSV", "quotes"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_csv_names_its_line(text: str, said: str, hint: str) -> None:
    """One line with the file, the line and what is allowed."""
    with pytest.raises(UsageError) as caught:
        from_csv(text, "talks.csv", SETTINGS)

    assert str(caught.value).startswith(said)
    assert hint in caught.value.hint


def test_a_toml_has_a_table_for_each_film_and_settings_for_all_above() -> None:
    """Values keep their kinds, lists are words with commas, and a film's own win over those for all."""
    lines = [
        *('style = "ink"', "fps = 25", ""),
        *("[[film]]", 'narration = "a.mp3"', 'captions = ["burn", "soft"]'),
        *("[[film]]", 'narration = "b.mp3"', 'style = "ocean"', "thumbnail = false"),
    ]
    text = "\n".join(lines)
    first, second = from_toml(text, "talks.toml", SETTINGS)

    assert first == Listed(
        place="talks.toml, line 4",
        narration="a.mp3",
        settings={"style": "ink", "fps": 25, "captions": "burn,soft"},
    )
    assert (second.place, second.settings) == (
        "talks.toml, line 7",
        {"style": "ocean", "fps": 25, "thumbnail": False},
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[film]]\nnarration = "a"\nstlye = "ink"\n', "talks.toml, line 3: nothing is called 'stlye'"),
        ('narration = "a"\n[[film]]\n', "talks.toml, line 1: nothing is called 'narration'"),
        ('[[film]]\nstyle = "ink"\n', "talks.toml, line 1 names no narration"),
        ("[[film]]\nnarration = 7\n", "talks.toml, line 2: narration is not text"),
        ('[[film]]\nnarration = "a"\n[film.style]\nx = 1\n', "talks.toml, line 1: style is neither"),
        ('film = ["a.mp3"]\n', "talks.toml, film 1 is not a table"),
        ('film = "a.mp3"\n', "talks.toml: film is not a list of tables"),
        ("[[film]\n", "talks.toml is not TOML: "),
    ],
)
def test_a_mistake_in_a_toml_names_its_line(text: str, said: str) -> None:
    """One line with the file and the line, or the film where no line is known."""
    with pytest.raises(UsageError) as caught:
        from_toml(text, "talks.toml", SETTINGS)

    assert str(caught.value).startswith(said)


def test_a_folder_gives_its_sound_files_in_order(tmp_path: Path) -> None:
    """Numbers count as numbers; films, texts, hidden files and folders are no narrations."""
    for name in ("ep10.mp3", "ep2.WAV", "ep1.m4a", "ep1.mp4", "ep1.txt", ".ep3.mp3"):
        (tmp_path / name).touch()
    (tmp_path / "old.mp3").mkdir()

    assert [one.narration for one in sounds_in(tmp_path)] == ["ep1.m4a", "ep2.WAV", "ep10.mp3"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("talks", None, "is missing"),
        ("talks.txt", b"", "talks.txt is neither a folder nor a list"),
        ("talks.csv", b"narration\n\xff\n", "talks.csv, line 2: not UTF-8"),
        ("talks.csv", b"narration\n", "talks.csv names 0 films"),
        ("talks.toml", None, "is missing"),
    ],
)
def test_a_file_that_is_no_list_is_told(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """What cannot be read is one line."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises((UsageError, InputError)) as caught:
        read_list(tmp_path / name, SETTINGS)

    assert said in str(caught.value)


def test_a_list_that_would_be_read_for_ever_is_refused() -> None:
    """Thousands of tables within tables on one line are told of, and not read."""
    with pytest.raises(UsageError, match="line 1 has over 200 points"):
        from_toml("a" + ".a" * 20_000 + " = 1", "talks.toml", SETTINGS)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    """A folder without sound says what sound is."""
    with pytest.raises(InputError, match="holds no sound file"):
        sounds_in(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('max_cost = 5\n[[film]]\nnarration = "a"\n', "talks.toml: max_cost stands above the films"),
        (
            '[[film]]\nnarration = "a"\nmax_cost = 5\nmax-cost = 6\n',
            "talks.toml, line 4: max_cost stands there twice",
        ),
        (
            '[[film]]\nnarration = "a"\nstyle = "\\u0000"\n',
            "talks.toml, line 3: style holds a NUL character",
        ),
    ],
)
def test_what_would_mean_something_else_is_refused(text: str, said: str) -> None:
    """One sum for each film in place of one for all, one of two values, and names that no file has."""
    with pytest.raises(UsageError) as caught:
        from_toml(text, "talks.toml", SETTINGS)

    assert str(caught.value) == said


def test_a_list_is_read_no_further_than_a_list_may_go(tmp_path: Path) -> None:
    """A file of many gigabytes is refused by its first megabytes."""
    with (tmp_path / "talks.csv").open("wb") as file:
        file.truncate(1 << 42)

    with pytest.raises(InputError, match="too long for a list"):
        read_list(tmp_path / "talks.csv", SETTINGS)
