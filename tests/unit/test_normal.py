"""Words brought to one form: what is written and what is heard compare in any language."""

import pytest

from voxweave.core.normal import comparable, folded, units


def told(words: list[str], language: str = "") -> list[str]:
    """The units' texts."""
    return [unit.text for unit in units(words, language)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("CAFÉ,", "cafe"),
        ("Straße", "strasse"),
        ("«Ёлка»", "елка"),
        ("naïve…", "naive"),
        ("ﬁre", "fire"),
        ("Ａ１", "a1"),
        ("コーヒー", "こーひー"),
        ("مُحَمَّد", "محمد"),
    ],
)
def test_what_sounds_the_same_folds_the_same(one: str, other: str) -> None:
    """Case, accents, marks, widths and the two kana are one."""
    assert folded(one) == folded(other)


@pytest.mark.parametrize(("one", "other"), [("की", "का"), ("が", "か"), ("น้ำ", "นำ้ย")])
def test_marks_that_are_sounds_stay(one: str, other: str) -> None:
    """Vowel signs and voicing marks tell words apart."""
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("written", "spoken", "language"),
    [
        (["1984"], ["neunzehnhundertvierundachtzig"], "de"),
        (["21"], ["einundzwanzig"], "de"),
        (["1984"], ["mil", "novecientos", "ochenta", "y", "cuatro"], "es-MX"),
        (["16"], ["dieciséis"], "es"),
        (["1998"], ["mille", "neuf", "cent", "quatre-vingt", "dix-huit"], "fr"),
        (["71"], ["soixante", "et", "onze"], "fr"),
        (["1975"], ["millenovecentosettantacinque"], "it"),
        (["28"], ["ventotto"], "it"),
        (["2003"], ["dois", "mil", "e", "três"], "pt-BR"),
        (["1,250", "km"], ["one", "thousand", "two", "hundred", "fifty", "kilometres"], "en"),
        (["12.500"], ["doce", "mil", "quinientos"], "es"),
        (["kto-to"], ["kto", "to"], "pl"),
        (["l’eau"], ["l", "'eau"], "fr"),
        (["今天早上"], ["今", "天", "早上"], "zh"),
        (["GPU", "Dr."], ["gpu", "doctor"], "en"),
    ],
)
def test_written_and_heard_are_the_same(written: list[str], spoken: list[str], language: str) -> None:
    """Figures as words, compounds in parts, signs one by one."""
    assert told(written, language) == told(spoken, language)


def test_figures_of_other_languages_stay_figures() -> None:
    """Where we do not know the words, the number itself is the unit, and says so."""
    (unit,) = units(["1990"], "ru")

    assert "1990" == unit.text
    assert unit.numeric


@pytest.mark.parametrize("language", ["en", "de", "ru"])
@pytest.mark.parametrize("figures", ["7" * 5000, "1" + ",000" * 1500, "$1" + ",000" * 1500 + "kg"], ids=len)
def test_thousands_of_figures_are_no_number(figures: str, language: str) -> None:
    """A word of any length has its units."""
    assert told([figures], language)


def test_marks_give_no_units() -> None:
    """Dashes, ornaments and emoji are not spoken."""
    assert [] == told(["—", "***", "…", "🙂"])


def test_each_unit_knows_its_word() -> None:
    """A word of several units keeps its place."""
    assert [0, 0, 0, 1] == [unit.word for unit in units(["1950", "fin"], "es")]


def test_other_letters_cannot_be_compared() -> None:
    """Hindi heard in Urdu's letters is no other text, only another writing."""
    assert not comparable(["सुबह", "होते"], ["سبہ", "ہوتے"])
    assert comparable(["東京", "です"], ["とうきょう", "です"])
    assert comparable(["Привет", "YouTube"], ["привет"])
    assert comparable([], ["x"])
