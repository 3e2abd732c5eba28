"""How a text is laid out by each profile and in several languages, as files a person can read."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from voxweave.core.alignment import spread
from voxweave.core.captions import srt_text
from voxweave.core.cue_rules import check, rules_for
from voxweave.core.cues import lay_out
from voxweave.core.film import Canvas
from voxweave.core.letters import columns
from voxweave.core.profiles import Profile
from voxweave.core.scripts import read_script
from voxweave.core.speech import Word
from voxweave.core.time import Span

GOLDEN = Path(__file__).parent / "captions"
CALM_CPS = 13
TEXTS = {
    "en": "Nobody in the valley could say when the old mill had stopped. Some remembered the summer of 1962, when "
    "Dr. Anna Keller walked 12 kilometres along the river, because the bridge was gone and the ferry had not "
    "come. She didn't knock. She sat down on the steps, took off her shoes, and waited for the wheel to turn.",
    "de": "Niemand im Tal konnte sagen, wann die alte Mühle stehen geblieben war. Manche dachten an den Sommer, als "
    "Frau Doktor Keller 12 Kilometer am Fluss entlang ging, weil die Brücke fort war und die Fähre nicht kam.",
    "ru": "Никто в долине не мог сказать, когда остановилась старая мельница. Некоторые помнили лето, когда доктор "
    "Анна Келлер прошла 12 километров вдоль реки, потому что моста не было, а паром так и не пришёл.",
    "ja": "谷の人は誰も、古い水車がいつ止まったのか知らなかった。橋が流された夏、先生は川沿いを十二キロも歩いてきた。",
    "zh": "山谷里没有人知道老磨坊是什么时候停下来的。有人还记得那个夏天，桥被冲走了，医生沿着河走了十二公里。",
    "th": "ไม่มีใครในหุบเขารู้ว่าโรงสีเก่าหยุดหมุนเมื่อไร บางคนยังจำฤดูร้อนที่สะพานถูกน้ำพัดไปและหมอเดินเลียบแม่น้ำมาสิบสองกิโลเมตร",
    "ar": "لم يعرف أحد في الوادي متى توقفت الطاحونة القديمة. يتذكر بعضهم صيفا سارت فيه الطبيبة على طول النهر.",
}
WIDE, TALL, SQUARE = (
    Canvas(width=width, height=height, rate=Fraction(30))
    for width, height in ((1920, 1080), (1080, 1920), (1080, 1080))
)
LAYOUTS: dict[str, tuple[str, Profile, Canvas]] = {
    "netflix": ("en", "netflix", WIDE),
    "netflix-tall": ("en", "netflix", TALL),
    "bbc": ("en", "bbc", WIDE),
    "social": ("en", "social", TALL),
    "karaoke": ("en", "karaoke", SQUARE),
    **{language: (language, "netflix", WIDE) for language in TEXTS if language != "en"},
}
CUT = 170
"""In the pause after the first sentence, for some; elsewhere for others."""


def spoken(language: str) -> tuple[Word, ...]:
    """The words of a text at a calm pace, with a rest after each sentence."""
    parts = re.split(r"(?<=[^r][.。]) ?(?=.)", TEXTS[language])
    words: list[Word] = []
    now = 300
    for part in parts:
        (texts,) = read_script(part.encode(), suffix=".txt").paragraphs
        length = columns(part) * 1000 // CALM_CPS
        words += spread(texts, [Span(start=now, end=now + length)], duration_ms=now + length)
        now += length + 600
    return tuple(words)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layout_is_the_one_agreed_on(name: str) -> None:
    """A change of what is laid out shows as a change of the file beside this test."""
    language, profile, canvas = LAYOUTS[name]
    rules = rules_for(canvas, language, profile=profile)

    cues = lay_out(spoken(language), rules=rules, cuts=[CUT])

    assert srt_text(cues) == (GOLDEN / f"layout-{name}.srt").read_text("utf-8")
    if language != "ja":  # read at 4 letters a second, nobody speaks so slowly
        assert check(cues, rules, [CUT]) == ()
