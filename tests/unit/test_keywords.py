"""What a scene is about."""

import pytest

from voxweave.core.keywords import keywords, subjects


def said(text: str, language: str = "") -> list[str]:
    """The keywords of a film of one scene."""
    return [keyword.text for keyword in keywords([text], language)[0]]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The wind pours down between the mountains.", ["wind pours", "mountains"]),
        (
            "en",
            "It climbed a strand of glass as thin as a hair.",
            ["climbed", "strand of glass", "thin", "hair"],
        ),
        ("es", "Desde fuera solo se ve una ventana empañada.", ["ventana empañada"]),
        ("fr", "L'eau de la rivière descend vers Paris.", ["eau", "rivière descend", "Paris"]),
        ("de", "Die Stadt schläft, und es brennt noch Licht.", ["Stadt schläft", "brennt", "Licht"]),
        ("it", "Dell'acqua resta nella vecchia fontana.", ["acqua resta", "vecchia fontana"]),
        ("pt", "O barco ainda não voltou, e o mar está calmo.", ["barco", "voltou", "mar", "calmo"]),
    ],
)
def test_small_words_carry_no_picture(language: str, text: str, expected: list[str]) -> None:
    """Articles, pronouns and the like are left out, each language by its own list."""
    assert said(text, language) == expected


def test_a_language_that_is_not_told_is_recognised() -> None:
    """Without a tag the small words say which language it is."""
    text = "Desde fuera solo se ve una ventana empañada."

    assert said(text) == said(text, "es-MX")


def test_a_name_is_kept_together() -> None:
    """Capitals within a sentence, and small words between them, make one name."""
    assert said("There sat Ada King of Lovelace, alone.", "en") == ["sat", "Ada King of Lovelace", "alone"]


def test_a_sentence_s_first_word_is_a_name_only_if_it_is_one_elsewhere() -> None:
    """What only its place made large is written small."""
    first, second = keywords(["Storms came to Lisbon.", "Lisbon slept."], "en")

    assert [(word.text, word.name) for word in first] == [("storms", False), ("Lisbon", True)]
    assert [word.text for word in second] == ["Lisbon slept"]


def test_rare_words_weigh_more() -> None:
    """A word that every scene has says least of this one."""
    scenes = ["the river, the lantern", "the river, the bridge", "the river, the heron"]

    for scene in keywords(scenes, "en"):
        river, own = scene
        assert own.weight > river.weight


def test_the_lightest_are_left_out_and_order_is_kept() -> None:
    """Only so many are kept, as they were spoken."""
    scenes = ["a river, a heron, a lantern, a river"] + ["a river"] * 5

    assert [word.text for word in keywords(scenes, "en", most=2)[0]] == ["heron", "lantern"]


def test_a_film_is_about_what_its_scenes_share() -> None:
    """Subjects are met in more than one scene; names come first."""
    found = keywords(
        ["we saw Marta by the sea", "then Marta slept", "the sea was calm", "a crab"], "en", most=99
    )

    assert subjects(found) == ("Marta", "sea")


def test_scenes_without_words_have_no_keywords() -> None:
    """Silence, figures and fillers give nothing, and no film of them has a subject."""
    found = keywords(["", "  ...", "and so it was", "1984 42"], "en")

    assert found == ((), (), (), ())
    assert subjects(found) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("寒い冬の朝、海の上に霧が立つ。", ["寒い冬の朝", "海の上に霧が立つ"]),
        ("Наступила зима, и река покрылась льдом.", ["наступила зима", "река покрылась льдом"]),
    ],
)
def test_languages_without_a_list_still_give_their_phrases(text: str, expected: list[str]) -> None:
    """Other languages, and those that write no spaces, are cut at their punctuation."""
    assert said(text) == expected
