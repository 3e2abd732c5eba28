"""Which of the old code pages a text was written in, judged by the letters that come out."""

import unicodedata
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

_MOST_BYTES = 16_000
"""Lines with foreign letters looked at: a few words tell, a whole book tells no more."""
_LIKELY = 0.42
_DOUBT = 0.04
"""So much better another page must suit than the most usual one."""
_FLAT = 0.8
"""A share taken from a Cyrillic or Greek text that has no capital at all."""
_FEW = 8
_SIGNS = frozenset("“”„‘’‚…–—«»¿¡°€£§·•№、。，！？「」『』（）：；・ー〜～　\u00a0\u200e\u200f")

_HANGUL = (
    "이다는에을를가의은로고하지도한기나서사리자어시아대그인라스들전것해수만있니요안여오게내네데까우거면야부정"
)
_SIMPLIFIED = (
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所"
    "然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长"
    "把机十第公此已工使情明性知全三又关点正外将两高间由问很最重并物手应向头文体美相见被利什二等或新己制身果加西月"
    "话合回特代内信表化老给世位次度门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活更别打女"
    "变四神总何电数安少报才结反受目太量再感建做接必场件计管期市直命山金指许保形便空决马科五眼书非听白光放像难且"
    "王完设色路记住告求边死张交万取望觉今让带吗吧呢啊谢请怎谁爱"
)
_TRADITIONAL = (
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所"
    "然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日者意無力它與長"
    "把機十第公此已工使情明性知全三又關點正外將兩高間由問很最重並物手應向頭文體美相見被利什二等或新己制身果加西月"
    "話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處走義各入幾口認條平系氣題活更別打女"
    "變四神總何電數安少報才結反受目太量再感建做接必場件計管期市直命山金指許保形便空決馬科五眼書非聽白光放像難且"
    "王完設色路記住告求邊死張交萬取望覺今讓帶嗎吧呢啊謝請怎誰愛"
)


Suits = Callable[[str, str], float]
"""How well a letter suits a page, by itself and the two before it."""


class Page(NamedTuple):
    """A code page: its codec, its name for people, and how well letters that come out suit it."""

    codec: str
    name: str
    suits: Suits


def likely_page(raw: bytes) -> Page:
    """The page a text that is not UTF-8 was most likely written in; Windows-1252 where nothing tells."""
    sample = b"\n".join(line for line in raw.splitlines() if not line.isascii())[:_MOST_BYTES]
    ranked = [(_worth(sample, page) - bool(order) * _DOUBT, -order) for order, page in enumerate(PAGES)]
    worth, order = max(ranked)
    return PAGES[-order] if worth >= _LIKELY else PAGES[0]


def _worth(sample: bytes, page: Page) -> float:
    """How well a text decoded from a page suits it, from about -2 to 1."""
    text = sample.decode(page.codec, "replace")
    marks = list(_marks(text, page))
    if not marks:
        return 0.0
    cased = [char for char in text if ord(char) > 127 and char.isalpha() and char.lower() != char.upper()]
    flat = len(cased) > _FEW and page.codec not in _LATIN and not any(char.isupper() for char in cased)
    return sum(marks) / len(marks) * (_FLAT if flat else 1.0)


def _marks(text: str, page: Page) -> Iterator[float]:
    before = "  "
    for char in text:
        if ord(char) > 127 and char not in _SIGNS:
            yield _mark(char, before, page)
        before = before[1] + char


def _mark(char: str, before: str, page: Page) -> float:
    if char == "\ufffd" or unicodedata.category(char) in ("Cc", "Co", "Cn"):
        return -2.0
    return page.suits(char, before)


def _latin(common: str, rare: str = "") -> Suits:
    """Letters of a language that has most of its letters from ASCII: never several others in a row."""

    def suits(char: str, before: str) -> float:
        run = sum(ord(one) > 127 and one.isalpha() for one in before)
        if not char.isalpha() or run > 1:
            return -1.0
        if char.isupper() and before[1].islower():
            return -0.5
        worth = 1.0 if char.lower() in common else 0.6 if char.lower() in rare else 0.1
        return worth - 0.2 * run

    return suits


def _cased(script: str, common: str) -> Suits:
    """Letters of a script with capitals, which begin words."""

    def suits(char: str, before: str) -> float:
        if script not in unicodedata.name(char, "") or not char.isalpha() or _ascii(before[1]):
            return -1.0
        if char.isupper():
            return -0.5 if before[1].islower() else 0.5
        return 1.0 if char in common else 0.6

    return suits


def _plain(script: str, common: str) -> Suits:
    """Letters and signs of a script without capitals."""

    def suits(char: str, before: str) -> float:
        if not unicodedata.name(char, "").startswith(script) or _ascii(before[1]):
            return -1.0
        if unicodedata.category(char) == "Mn" and not before[1].isalpha():
            return -1.0
        return 0.9 if char in common else 0.5

    return suits


def _ascii(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _wide(weights: dict[str, float], common: str = "") -> Suits:
    """Letters of two bytes: kana, Hangul or Han, each with its weight."""

    def suits(char: str, _before: str) -> float:
        if char in common:
            return 1.0
        kind = unicodedata.name(char, "").split(" ")[0]
        return weights.get(kind, -0.5)

    return suits


_HAN = "CJK"
_LATIN = ("cp1252", "cp1250", "cp1254")
PAGES: Final = (
    Page("cp1252", "Windows-1252", _latin("àâäáãåæçèéêëíîïñóôöòøùúûüß", "œõìð")),
    Page("cp1254", "Windows-1254", _latin("ğışçöü", "âîi̇")),
    Page("cp1250", "Windows-1250", _latin("ąćęłńóśźżáčďéěíňřšťúůýžőűäöüôľţşșâ", "ă")),
    Page("cp1251", "Windows-1251", _cased("CYRILLIC", "оеаинтсрвлкмдпуяі")),
    Page("koi8-r", "KOI8-R", _cased("CYRILLIC", "оеаинтсрвлкмдпуяі")),
    Page("cp1253", "Windows-1253", _cased("GREEK", "αοιετσνηυρκπμλςάέίό")),
    Page("cp1255", "Windows-1255", _plain("HEBREW", "יוהלאמרתבשםןנחכד")),
    Page("cp1256", "Windows-1256", _plain("ARABIC", "اليمنرتوبدعكسفه")),
    Page("cp874", "Windows-874", _plain("THAI", "านรอกเงมยลวดทสตะปบคหแ่้ีัิ")),
    Page(
        "cp932", "Shift-JIS", _wide({"HIRAGANA": 1.0, "KATAKANA": 0.8, "KATAKANA-HIRAGANA": 0.8, _HAN: 0.4})
    ),
    Page("euc_jp", "EUC-JP", _wide({"HIRAGANA": 1.0, "KATAKANA": 0.8, "KATAKANA-HIRAGANA": 0.8, _HAN: 0.4})),
    Page("gb18030", "GBK", _wide({_HAN: 0.3}, _SIMPLIFIED)),
    Page("big5", "Big5", _wide({_HAN: 0.3}, _TRADITIONAL)),
    Page("cp949", "EUC-KR", _wide({"HANGUL": 0.45, _HAN: 0.1}, _HANGUL)),
)
