"""Line breaks by sense, in ten languages and in scripts without spaces."""

import pytest

from voxweave.core.breaks import break_cost, ends_sentence, leans
from voxweave.core.leaning import TABLES, likely_language, small_words
from voxweave.core.letters import clusters, columns
from voxweave.core.phrases import phrase_starts
from voxweave.core.wrapping import split_text, wrap


def lines(text: str, language: str, most: int = 42) -> tuple[str, ...]:
    """A text as lines."""
    return wrap(split_text(text, most, language), most, language)


@pytest.mark.parametrize(
    ("language", "broken"),
    [
        ("en", "Everybody in the village had heard/of the old mill behind the river"),
        ("es", "Todos en el pueblo habían oído hablar/del viejo molino detrás del río"),
        ("fr", "Tout le monde au village connaissait/le vieux moulin derrière la rivière"),
        ("de", "Jeder im Dorf hatte schon einmal gehört/von der alten Mühle hinter dem Fluss"),
        ("it", "Tutti nel paese avevano sentito parlare/del vecchio mulino dietro il fiume"),
        ("pt", "Todos na aldeia tinham ouvido falar/do velho moinho atrás do rio"),
        ("nl", "Iedereen in het dorp had wel gehoord/van de oude molen achter de rivier"),
        ("ru", "Все в деревне давно слышали/о старой мельнице за широкой рекой"),
        ("uk", "Усі в селі давно чули про старий млин/за широкою рікою біля лісу"),
        ("pl", "Wszyscy we wsi słyszeli/już o starym młynie za szeroką rzeką"),
    ],
)
def test_lines_break_where_a_reader_would(language: str, broken: str) -> None:
    """No line ends with an article, a preposition or a conjunction, in any of the ten languages."""
    found = lines(broken.replace("/", " "), language)

    assert broken.split("/") == list(found)
    assert not leans(found[0].split()[-1], language)


@pytest.mark.parametrize("language", sorted(TABLES))
def test_no_small_word_ends_a_line(language: str) -> None:
    """Wherever a small word stands, the line breaks before it or well after it."""
    for small in sorted(small_words(language).blamed):
        for before in range(1, 7):
            words = ["abcde"] * before + [small] + ["fghij"] * (8 - before)
            ends = [line.split()[-1] for line in lines(" ".join(words), language)[:-1]]
            assert small not in ends


@pytest.mark.parametrize(
    ("word", "following"),
    [
        ("Amelia", "Earhart"), ("Dr.", "Jones"), ("J.", "Smith"), ("Queen", "Anne"), ("Frau", "Schneider"),
        ("12", "kilometres"), ("3", "km"), ("10", "000"), ("Apollo", "11"), ("page", "7"), ("5", "million"),
        ("we", "sailed"), ("don't", "know"), ("has", "seen"), ("l'", "eau"), ("qu'une", "fenêtre"),
    ],
)  # fmt: skip
def test_what_belongs_together_costs_more_to_part(word: str, following: str) -> None:
    """Names, titles, numbers with units, a verb with its subject or auxiliary: dearer than two plain words."""
    assert break_cost(word, following) > break_cost("green", "hills")


def test_punctuation_comes_first() -> None:
    """A sentence's end is cheapest, then a clause, a comma, a new phrase, two words."""
    pairs = [
        ("end.", "Then"),
        ("thing;", "then"),
        ("so,", "then"),
        ("hill", "and"),
        ("hill", "green"),
        ("the", "hill"),
    ]
    costs = [break_cost(*pair) for pair in pairs]

    assert costs == sorted(set(costs))


def test_small_words_are_not_blamed_before_a_stop() -> None:
    """`to` may end a sentence, and words that end clauses are not blamed anywhere."""
    assert leans("of", "en")
    assert not leans("of?", "en")
    assert not leans("on", "en")
    assert not leans("die", "en")
    assert not leans("of", "fi")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The cat sat on the mat and it was a very good mat", "en"),
        ("El gato se sentó en la alfombra y era una alfombra muy buena", "es"),
        ("Кот сидел на коврике и это был очень хороший коврик", "ru"),
        ("猫がマットの上に座った", ""),
    ],
)
def test_the_language_is_told_by_its_small_words(text: str, language: str) -> None:
    """A text has most of its small words from its own language; without any it is unknown."""
    assert language == likely_language(text.split())


def test_japanese_breaks_between_phrases() -> None:
    """A line of a script without spaces ends where a phrase does, never before a particle."""
    text = "何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している"

    for most in (42, 50, 56):
        starts = phrase_starts(text, "ja") or frozenset()
        at = 0
        for line in lines(text, "ja", most):
            assert at in starts
            assert columns(line) <= most
            at += len(line)


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("我们决定去公园散步", "zh", "公园"),
        ("我們決定去公園散步", "zh-TW", "公園"),
        ("เราตัดสินใจไปเดินเล่นที่สวนสาธารณะ", "th", "สาธารณะ"),
    ],
)
def test_words_of_scripts_without_spaces_are_whole(text: str, language: str, word: str) -> None:
    """Chinese and Thai words are not torn while there is room."""
    for most in range(2 * len(word), columns(text)):
        if all(columns(part) <= most for part in text.split(word)):
            assert any(word in line for line in lines(text, language, most))


def test_clusters_stay_whole_in_scripts_no_segmenter_knows() -> None:
    """Khmer, Lao and Burmese break between letters with their signs, Burmese finals with their syllable."""
    for text in ("ថ្ងៃនេះអាកាសធាតុល្អណាស់យើងសម្រេចចិត្ត", "ມື້ນີ້ອາກາດດີຫຼາຍພວກເຮົາຈຶ່ງໄປຍ່າງ", "ကျွန်တော်တို့ပန်းခြံမှာလမ်းလျှောက်"):
        found = lines(text, "", 12)
        assert text == "".join(found)
        assert len(found) > 1
        starts = {sum(map(len, clusters(text)[:n])) for n in range(len(clusters(text)))}
        assert all(sum(map(len, found[:n])) in starts for n in range(len(found)))
    assert all(not line.startswith("န်") for line in lines("မြန်မာ" * 6, "my", 8))


@pytest.mark.parametrize(
    "text", ["مرحبا بالعالم كيف حالك اليوم يا صديقي", "נסענו אל הים ביום חם מאוד", "जब शहर अभी भी सोता है तब"]
)
def test_letters_stay_in_the_order_they_are_read(text: str) -> None:
    """Right-to-left and combining scripts are broken between words, in logical order."""
    found = lines(text, "", 16)

    assert text.split() == " ".join(found).split()
    assert len(found) > 1


@pytest.mark.parametrize("stop", ["。", "！", "？", "…"])
def test_wide_punctuation_counts(stop: str) -> None:
    """The full-width stops and commas of Chinese and Japanese end sentences and clauses too."""
    assert ends_sentence(f"天{stop}", "桥")
    assert ("有人还记得那个夏天，", "桥被冲走了。医生走了。") == lines(
        "有人还记得那个夏天，桥被冲走了。医生走了。", "zh", 24
    )
