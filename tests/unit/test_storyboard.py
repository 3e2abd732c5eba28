"""The storyboard and the file in which a person edits it."""

import pytest

from voxweave.core.cuts import SceneRules
from voxweave.core.speech import Transcript, Word
from voxweave.core.storyboard import board, from_toml, moved, to_toml, with_pictures
from voxweave.core.time import Span
from voxweave.errors import InputError

WORDS = tuple(
    Word(text=text, span=Span(start=start, end=start + 800))
    for text, start in (("One", 0), ("two.", 1_000), ("Three", 6_000), ("four.", 7_000), ("Five.", 12_000))
)
STORY = board(
    14_000,
    Transcript(words=WORDS),
    pauses=[Span(start=1_900, end=5_900), Span(start=7_900, end=11_900)],
    rules=SceneRules(shortest_ms=2_000, longest_ms=7_000),
)


def test_scenes_have_the_words_said_in_them() -> None:
    """Each scene carries the words that begin in it."""
    assert [scene.text for scene in STORY.scenes] == ["One two.", "Three four.", "Five."]
    assert [(scene.number, scene.span.start, scene.span.end) for scene in STORY.scenes] == [
        (1, 0, 3_900),
        (2, 3_900, 9_900),
        (3, 9_900, 14_000),
    ]


@pytest.mark.parametrize(
    ("starts", "found"),
    [
        ((4_000, 9_000), (0, 4_000, 9_000)),
        ((9_000, 9_000), (0, 9_000, 9_900)),
        ((12_000, 9_000), (0, 3_900, 9_000)),
        ((0, 14_000), (0, 3_900, 9_900)),
    ],
)
def test_scenes_moved_stay_apart(starts: tuple[int, ...], found: tuple[int, ...]) -> None:
    """A scene that would begin with the one before it, or after the next, stays; what we write can be read."""
    story = moved(STORY, starts)

    assert tuple(scene.span.start for scene in story.scenes) == found
    assert from_toml(to_toml(story, "talk"), 14_000, name="board.toml") == story


def test_the_file_says_how_to_edit_it() -> None:
    """Comments first, then a table for each scene."""
    text = to_toml(STORY, "talk.mp3")

    assert text.startswith("# The storyboard of talk.mp3\n")
    assert '[[scene]]\nstart = "0:00:03.900"\npicture = "art"\ntext = "Three four."\n' in text


def test_pictures_in_turn_or_spread() -> None:
    """Two pictures over three scenes: the first again, or each its stretch."""
    assert [scene.picture for scene in with_pictures(STORY, ["a", "b"], spread=False).scenes] == [
        "a",
        "b",
        "a",
    ]
    assert [scene.picture for scene in with_pictures(STORY, ["a", "b"], spread=True).scenes] == [
        "a",
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x =", "board.toml is not TOML"),
        ("", r"no \[\[scene\]\]"),
        ("scene = []", r"no \[\[scene\]\]"),
        ("scene = [1, 2]", r"no \[\[scene\]\]"),
        ('[[scene]]\nstart = "0:01"', "the first scene begins at 0:00:01.000"),
        (
            '[[scene]]\nstart = "0:00"\n[[scene]]\nstart = "0:05"\n[[scene]]\nstart = "0:05"',
            "scene 3 begins at 0:00:05.000, not after",
        ),
        ('[[scene]]\nstart = "0:00"\n[[scene]]\nstart = "0:14"', "after the narration's end"),
        ('[[scene]]\nstart = "0:00"\n[[scene]]\nstart = "soon"', "scene 2: not a time: 'soon'"),
        ('[[scene]]\nstart = "0:00"\nlength = 3', "'length'"),
        ("[[scene]]\nstart = 3", "'start'"),
        ("[[scene]]\n", "'start'"),
    ],
)
def test_what_cannot_be_is_named(text: str, said: str) -> None:
    """The file, the scene and what is wrong with it."""
    with pytest.raises(InputError, match=said):
        from_toml(text, 14_000, name="board.toml")


@pytest.mark.parametrize("said", ["one. " * 300, "..." * 300 + "'\"\\", '"""' + "." * 300 + "\n#"])
def test_any_words_come_back(said: str) -> None:
    """What we wrote ourselves is read again, however many points the words have."""
    (first, *rest) = STORY.scenes
    told = STORY.model_copy(update={"scenes": (first.model_copy(update={"text": said}), *rest)})
    again = from_toml(to_toml(told, "talk.mp3"), 14_000, name="board.toml")
    assert again.scenes[0].span == first.span


@pytest.mark.parametrize("start", ["", '"x". ', "x = '''y''''\n", 'x = {y = """z"""", ', 'x = "\\\\"\n'])
def test_points_that_nest_are_counted(start: str) -> None:
    """Strings before them do not hide them."""
    with pytest.raises(InputError, match="over 200 points"):
        from_toml(start + "a." * 300 + 'a = "1"', 14_000, name="board.toml")
