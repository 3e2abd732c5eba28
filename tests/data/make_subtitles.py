"""Odd subtitle files, and what comes out of each; run it with a folder to write them there."""

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

Lines = tuple[int, int, str]
"""Begin and end in milliseconds, and the lines parted by a bar."""
Expected = tuple[Lines, ...]


class Odd(NamedTuple):
    """One file: what is expected of it, and what its report must say or why it is refused."""

    name: str
    raw: bytes
    cues: Expected = ()
    told: tuple[str, ...] = ()
    refused: str = ""

    @property
    def suffix(self) -> str:
        """Of its name."""
        return Path(self.name).suffix


TWO: Expected = ((1000, 2500, "Hello there,|friend."), (3000, 4000, "Good-bye."))
A, B = "00:00:01,000 --> 00:00:02,500", "00:00:03,000 --> 00:00:04,000"
SRT = f"1\n{A}\nHello there,\nfriend.\n\n2\n{B}\nGood-bye.\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:02.500\nHello there,\nfriend.\n\n00:03.000 --> 00:04.000\nGood-bye.\n"
EVENTS = "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
SAID = "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,"
LATER = "Dialogue: 0,0:00:03.00,0:00:04.00,Default,,0,0,0,,Good-bye.\n"
ASS = f"[Script Info]\n\n{EVENTS}{SAID}Hello there,\\Nfriend.\n{LATER}"


def _one(text: str, timing: str = A) -> bytes:
    return f"1\n{timing}\n{text}\n".encode()


def _says(text: str, start: int = 1000, end: int = 2500) -> Expected:
    return ((start, end, text),)


def _coded(codec: str, *lines: str) -> tuple[bytes, Expected]:
    """An SRT file in an old code page, and its cues."""
    blocks = (f"{n}\n00:00:0{n},000 --> 00:00:0{n},900\n{line}\n" for n, line in enumerate(lines, start=1))
    cues = tuple((n * 1000, n * 1000 + 900, line) for n, line in enumerate(lines, start=1))
    return "\n".join(blocks).encode(codec), cues


def _encodings() -> Iterator[Odd]:
    for name, raw in (
        ("bom-utf8", codecs.BOM_UTF8 + SRT.encode()),
        ("bom-utf16-le", codecs.BOM_UTF16_LE + SRT.encode("utf-16-le")),
        ("bom-utf16-be", codecs.BOM_UTF16_BE + SRT.encode("utf-16-be")),
        ("bom-utf32", codecs.BOM_UTF32_LE + SRT.encode("utf-32-le")),
        ("crlf", SRT.replace("\n", "\r\n").encode()),
        ("cr", SRT.replace("\n", "\r").encode()),
        ("mixed-newlines", SRT.replace("\n", "\r\n", 4).encode()),
        ("nul", b"\x00" + SRT.encode() + b"\x1a"),
        ("bom-inside", SRT.replace("Hello", "\ufeffHello").encode()),
    ):
        yield Odd(f"{name}.srt", raw, TWO)
    yield Odd("utf16-le-lost-mark.srt", SRT.encode("utf-16-le"), TWO, ("UTF-16-LE",))
    yield Odd("utf16-be-lost-mark.srt", SRT.encode("utf-16-be"), TWO, ("UTF-16-BE",))
    broken = _one("caf\N{LATIN SMALL LETTER E WITH ACUTE} " * 5).replace(b"\xc3\xa9", b"\xc3", 1)
    yield Odd("broken-utf8.srt", broken, _says("caf\ufffd" + " café" * 4), ("1 letters are broken",))
    for codec, page, lines in (
        ("cp1252", "Windows-1252", ("Où êtes-vous allés hier ?", "Über den Dächern, ¿mañana?")),
        ("cp1250", "Windows-1250", ("Cześć, jak się masz?", "Dziś jest piękna pogoda.")),
        ("cp1251", "Windows-1251", ("Привет, как дела?", "Сегодня хорошая погода.")),
        ("koi8-r", "KOI8-R", ("Привет, как дела?", "Сегодня хорошая погода.")),
        ("cp1253", "Windows-1253", ("Γεια σου, τι κάνεις;", "Σήμερα έχει καλό καιρό.")),
        ("cp1254", "Windows-1254", ("Bugün hava çok güzel, değil mi?", "Şimdi gidiyoruz.")),
        ("cp1255", "Windows-1255", ("שלום, מה שלומך?", "היום מזג האוויר יפה.")),
        ("cp1256", "Windows-1256", ("مرحبا، كيف حالك؟", "الطقس جميل اليوم.")),
        ("cp874", "Windows-874", ("สวัสดี คุณสบายดีไหม", "วันนี้อากาศดีมาก")),
        ("shift_jis", "Shift-JIS", ("こんにちは、元気ですか。", "今日はいい天気ですね。")),
        ("euc_jp", "EUC-JP", ("こんにちは、元気ですか。", "今日はいい天気ですね。")),
        ("gbk", "GBK", ("你好，你今天怎么样？", "今天天气很好，我们去公园吧。")),
        ("big5", "Big5", ("你好，你今天怎麼樣？", "今天天氣很好，我們去公園吧。")),
        ("euc_kr", "EUC-KR", ("안녕하세요, 잘 지내세요?", "오늘은 날씨가 좋네요.")),
    ):
        raw, cues = _coded(codec, *lines)
        yield Odd(f"{codec}.srt", raw, cues, (page,))


def _layouts() -> Iterator[Odd]:
    two = (
        ("no-numbers", f"{A}\nHello there,\nfriend.\n\n{B}\nGood-bye."),
        ("wrong-numbers", SRT.replace("1\n00", "77\n00").replace("2\n00", "x\n00")),
        ("no-blank-lines", SRT.replace("\n\n", "\n")),
        ("many-blank-lines", SRT.replace("\n\n", "\n\n\n\n")),
        ("blank-line-in-text", SRT.replace("there,\n", "there,\n\n")),
        ("leading-blank-lines", "\n\n\n" + SRT),
        ("points-for-commas", SRT.replace(",000", ".000").replace(",500", ".500")),
        ("colons-for-commas", SRT.replace(",000", ":000").replace(",500", ":500")),
        ("no-fraction", SRT.replace(",000", "").replace("02,500", "02,5")),
        ("no-hours", SRT.replace("00:00:", "00:")),
        ("short-numbers", SRT.replace("00:00:0", "0:0:")),
        ("spaced-times", SRT.replace("00:00:01,000", "00: 00: 01, 000")),
        ("short-arrow", SRT.replace("-->", "->")),
        ("no-space-at-arrow", SRT.replace(" --> ", "-->")),
        ("coordinates", SRT.replace("02,500", "02,500 X1:100 X2:200 Y1:1 Y2:2")),
        ("trailing-spaces", SRT.replace("\n", "  \n")),
        ("no-last-newline", SRT.rstrip()),
    )
    for name, text in two:
        cues = TWO
        if name == "wrong-numbers":
            cues = ((1000, 2500, "Hello there,|friend.|x"), TWO[1])
        yield Odd(f"{name}.srt", text.encode(), cues)
    yield Odd("vtt-in-srt.srt", VTT.encode(), TWO)
    yield Odd("srt-in-vtt.vtt", SRT.encode(), TWO)
    yield Odd("ass-in-srt.srt", ASS.encode(), TWO)


def _times() -> Iterator[Odd]:
    yield Odd(
        "reversed.srt", _one("Hi", "00:00:05,000 --> 00:00:02,000"), _says("Hi", 5000, 5833), ("ends before",)
    )
    yield Odd(
        "no-length.srt",
        _one("Hi", "00:00:05,000 --> 00:00:05,000"),
        _says("Hi", 5000, 5833),
        ("ends before",),
    )
    yield Odd(
        "negative-start.srt",
        _one("Hi", "-00:00:01,000 --> 00:00:02,000"),
        _says("Hi", 0, 2000),
        ("begins before",),
    )
    yield Odd("negative.srt", SRT.encode() + _one("Hi", "-0:0:2 --> -0:0:1"), TWO, ("lies before",))
    yield Odd("nan.srt", SRT.encode() + b"\n3\nNaN --> 00:00:09,000\nHi\n", TWO, ("line 11: its times",))
    yield Odd(
        "huge-hour.srt", SRT.encode() + b"9" * 400 + b":00:00,000 --> x\nHi\n", TWO, ("times cannot be read",)
    )
    late = _one("Hi", "999:00:00,000 --> 999:00:01,000")
    yield Odd("thousand-hours.srt", late, _says("Hi", 3_596_400_000, 3_596_401_000))
    yield Odd(
        "overlap.srt",
        _one("a", "0:01 --> 0:06") + _one("\nb", "0:04 --> 0:08"),
        ((1000, 4000, "a"), (4000, 8000, "b")),
        ("1 cue overlapping",),
    )
    yield Odd(
        "two-voices.srt",
        _one("a", "0:01 --> 0:04") + _one("\nb", "0:01 --> 0:03"),
        ((1000, 4000, "a|b"),),
        ("1 cue at the time of another",),
    )
    yield Odd(
        "out-of-order.srt",
        _one("b", "0:05 --> 0:06") + _one("\na", "0:01 --> 0:02"),
        ((1000, 2000, "a"), (5000, 6000, "b")),
        ("1 cue out of order",),
    )
    yield Odd(
        "inside.srt",
        _one("a", "0:01 --> 0:09") + _one("\nb", "0:03 --> 0:05"),
        ((1000, 3000, "a"), (3000, 5000, "b")),
        ("overlapping",),
    )
    yield Odd("twice.srt", _one("a", "0:01 --> 0:02") * 2, ((1000, 2000, "a"),))


def _texts() -> Iterator[Odd]:
    for name, text, shown in (
        ("tags", "<b>Hello</b> <i>there</i> <u>you</u>", "Hello there you"),
        ("font", '<font size="8000" color="#fff">Hi</font>', "Hi"),
        ("override", r"{\an8}{\b1}Hi", "Hi"),
        ("br", "One<br>two<br />three", "One|two|three"),
        ("entities", "R&amp;D &lt;3 &#39;x&#39; &nbsp;&quot;y&quot;", "R&D <3 'x' \"y\""),
        ("lone-ampersand", "Q&A & more", "Q&A & more"),
        ("not-markup", "a < b > c -> d {e} & 50%", "a < b > c -> d {e} & 50%"),
        ("percent", "%{localtime} %s 50%", "%{localtime} %s 50%"),
        ("two-languages", "Good morning\nGuten Morgen", "Good morning|Guten Morgen"),
        ("speakers", "- Hi.\n- Hello.", "- Hi.|- Hello."),
        ("music", "♪ la la ♪", "♪ la la ♪"),
        ("number-text", "Count:\n42", "Count:|42"),
        ("tabs", "a\t\tb", "a b"),
        ("zero-width", "a\u200bb\u202ec", "abc"),
        ("right-to-left", "مرحبا بالعالم", "مرحبا بالعالم"),
        ("emoji", "👩‍🚀 ok", "👩‍🚀 ok"),
        ("nested", "<b>" * 300 + "x" + "</b>" * 100, "x"),
    ):
        yield Odd(f"{name}.srt", _one(text), _says(shown))
    yield Odd("long-text.srt", _one("x" * 600), _says("x" * 500), ("more than 500 letters",))
    crowd = b"".join(_one(f"{n}\n", "0:01 --> 0:02") for n in range(12))
    yield Odd("crowd.srt", crowd, _says("|".join("01234567"), 1000, 2000), ("more than 8 cues at once",))


def _webvtt() -> Iterator[Odd]:
    head = "WEBVTT - a title\nKind: captions\nLanguage: en-GB\n\n"
    for name, text in (
        ("header", head + VTT[8:]),
        ("settings", VTT.replace("02.500", "02.500 line:0 position:20%,line-left align:start size:50%")),
        ("style", VTT.replace("WEBVTT\n", "WEBVTT\n\nSTYLE\n::cue { color: red }\n")),
        ("region", VTT.replace("WEBVTT\n", "WEBVTT\n\nREGION\nid:bill\nwidth:40%\n")),
        ("note", VTT.replace("\n\n00:03", "\n\nNOTE\nnot --shown\n\n00:03")),
        ("names", VTT.replace("00:01.000", "intro\n00:01.000")),
        (
            "voices",
            VTT.replace("Hello", "<v.loud Roger Bingham>Hello</v>").replace("Good", "<c.red.big>Good</c>"),
        ),
        (
            "word-times",
            VTT.replace("there", "<00:00:01.500>there").replace("friend", "<00:00:02.000><c>friend</c>"),
        ),
        ("ruby", VTT.replace("friend", "<ruby>friend<rt></rt></ruby>")),
        ("entities", VTT.replace("Hello there", "Hello&nbsp;there&lrm;&shy;")),
        ("hls-map", VTT.replace("WEBVTT\n", "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n")),
    ):
        expected = TWO if name != "entities" else ((1000, 2500, "Hello there\u200e,|friend."), TWO[1])
        yield Odd(f"vtt-{name}.vtt", text.encode(), expected)
    yield Odd("vtt-no-header.vtt", VTT[8:].encode(), TWO)


def _ass() -> Iterator[Odd]:
    styled = r"{\b1\t(0,1,\fs900)\blur20\pos(1,2)}Hello{\r} there,\Nfriend."
    for name, text in (
        ("plain", ASS),
        ("styled", ASS.replace("Hello there,\\Nfriend.", styled)),
        ("layers", ASS.replace(LATER, f"{SAID}{styled}\n{LATER}")),
        (
            "drawing",
            ASS + SAID.replace("01.00", "05.00").replace("02.50", "06.00") + "{\\p1}m 0 0 l 9 9{\\p0}\n",
        ),
        ("comment", ASS.replace(LATER, f"Comment: 0,0:00:01.00,0:00:09.00,Default,,0,0,0,,no\n{LATER}")),
        ("fonts", ASS.replace("[Events]", "[Fonts]\nfontname: ../../x.ttf\n!!!\n\n[Events]")),
        ("tiny-playres", ASS.replace("[Script Info]", "[Script Info]\nPlayResX: 1\nPlayResY: 1")),
        ("no-info", ASS.replace("[Script Info]\n\n", "")),
        ("notes-first", "; made by hand\n" + ASS),
        ("ssa", ASS.replace("Layer,", "Marked,").replace("Dialogue: 0,", "Dialogue: Marked=0,")),
        ("karaoke", ASS.replace("Hello there", r"{\k50}Hel{\kf20}lo {\ko10}there")),
        ("indented", ASS.replace("Dialogue", "  Dialogue")),
        ("soft-break", ASS.replace("Hello there", r"Hello\nthere")),
        ("hard-space", ASS.replace("Hello there", r"Hello\hthere")),
    ):
        yield Odd(f"ass-{name}.ass", text.encode(), TWO)
    other = "[Script Info]\n[Events]\nFormat: Start, End, Text\nDialogue: 0:00:01.00,0:00:02.50,Hello there,\\Nfriend.\n"
    yield Odd("ass-other-fields.ass", (other + "Dialogue: 0:00:03.00,0:00:04.00,Good-bye.\n").encode(), TWO)
    yield Odd(
        "ass-bad-time.ass",
        (ASS + SAID.replace("0:00:01.00", "soon") + "x\n").encode(),
        TWO,
        ("times cannot be read",),
    )
    odd = ("0 : 00 : 01.00", "00:02.50", "0:00:3", "0:00:04:50", "0:100:01.00", "100:00:00.00")
    moments = (1000, 2500, 3000, 4500, 6_001_000, 360_000_000)
    said = "".join(f"Dialogue: 0,{start},200:00:00.00,Default,,0,0,0,,x{n}\n" for n, start in enumerate(odd))
    spans = zip(moments, (*moments[1:], 720_000_000), strict=True)
    cues = tuple((start, end, f"x{n}") for n, (start, end) in enumerate(spans))
    yield Odd("ass-odd-times.ass", (EVENTS + said).encode(), cues, ("5 cues overlapping",))
    yield Odd("ass-bomb.ass", (ASS + SAID + "{\\t(\\fs9)}" * 400 + "x\n").encode(), TWO, ("too many",))


def _others() -> Iterator[Odd]:
    sbv = "0:00:01.000,0:00:02.500\nHello there,\nfriend.\n\n0:00:03.000,0:00:04.000\nGood-bye.\n"
    yield Odd("youtube.sbv", sbv.encode(), TWO)
    viewer = "00:00:01.00,00:00:02.50\nHello there,[br]friend.\n\n00:00:03.00,00:00:04.00\nGood-bye.\n"
    yield Odd("subviewer.sub", viewer.encode(), TWO)
    yield Odd(
        "microdvd.sub",
        b"{1}{1}25\n{25}{63}Hello there,|friend.\n{75}{100}{y:i}Good-bye.\n",
        ((1000, 2520, "Hello there,|friend."), TWO[1]),
    )
    yield Odd("microdvd-no-rate.sub", b"{24}{48}/Hi\n", _says("Hi", 1001, 2002), ("no frame rate",))
    yield Odd("microdvd-open-end.sub", b"{0}{0}25.000\n{25}{}Hi\n", _says("Hi", 1000, 1833))
    yield Odd("mpl2.txt", b"[10][25]Hello there,|friend.\n[30][40]/Good-bye.\n", TWO)
    lrc = "[ar:Somebody]\n[offset:+500]\n\n[00:01.50]Hello <00:01.70>there\n[00:03.00]\n[00:03.50][00:06.50]Again\n"
    yield Odd(
        "song.lrc", lrc.encode(), ((1000, 2500, "Hello there"), (3000, 6000, "Again"), (6000, 6833, "Again"))
    )
    ttml = (
        '<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml"><body><p begin="1s">Hi</p></body></tt>'
    )
    for name, raw, reason in (
        ("film.ttml", ttml.encode(), "XML with times"),
        ("film.smi", b"<SAMI><BODY><SYNC Start=1000><P>Hi</SAMI>", "XML with times"),
        ("page.srt", b"<!DOCTYPE html><html>Hi</html>", "web page"),
        ("hls.srt", b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "playlist"),
        ("words.json", b'{"words": [{"start": NaN}]}', "no cues"),
        ("deep.json", b"[" * 200_000, "200,000 letters"),
        ("prose.srt", b"Just a text\nof two lines\n", "no cues"),
        ("empty.srt", b"", "no cues"),
        ("blank.vtt", b"WEBVTT\n\n", "no cues"),
        ("no-text.srt", f"1\n{A}\n\n2\n{B}\n".encode(), "no cues"),
        ("vobsub.sub", bytes(range(256)) * 20, "not text"),
        ("program.srt", b"\x7fELF\x02\x01\x01" + bytes(range(32)) * 30, "not text"),
        ("one-line.srt", _one("x" * 2001), "line 3 has 2,001 letters"),
        ("digits.srt", b"1" * 50_000 + b" --> 2\nHi\n", "letters"),
        ("too-large.srt", b"x" * 5_000_001, "5.0 MB"),
        ("too-many.srt", b"00:01 --> 00:02\nx\n\n" * 20_001, "20,001 cues"),
    ):  # fmt: skip
        yield Odd(name, raw, refused=reason)


def _bombs() -> Iterator[Odd]:
    """Little that would be much to draw, to match, or to number."""
    for name, text in (
        ("fonts-8000", '<font size="8000">' * 20 + "Hi" + "</font>" * 20),
        ("ass-in-text", r"{\fs9999}{\t(0,1,\fscx9999)}{\blur99}Hi"),
        ("scripted", "<script>alert(1)</script>Hi".replace("alert(1)", "")),
        ("commands", "Hi %{pts} %{eif:1:d} $(touch x) `id`"),
        ("drawn", r"{\p1}m 0 0 l 9 9{\p0}Hi"),
        ("nul-inside", "H\x00i"),
        ("escape-codes", "\x1b[31mHi\x1b]0;x\x07"),
        ("back-to-front", "\u202eiH\u202c \u2066x\u2069"),
        ("marks-on-marks", "H" + "\u0301" * 60 + "i"),
        ("tag-without-end", "<b <i <u Hi"),
        ("override-without-end", "{\\an8 {\\b1 Hi"),
    ):
        shown = {
            "commands": text, "escape-codes": "[31mHi]0;x", "back-to-front": "iH\u202c \u2066x\u2069", "marks-on-marks": "H" + "\u0301" * 60 + "i",
            "tag-without-end": text, "override-without-end": text, "drawn": "m 0 0 l 9 9Hi",
        }.get(name, "Hi")  # fmt: skip
        yield Odd(f"bomb-{name}.srt", _one(text), _says(shown))
    lines = "\n".join(["<b>" * 600] * 84)
    yield Odd("bomb-tags-50000.srt", _one(f"{lines}\nHi"), _says("Hi"))
    crowd = b"".join(_one(f"{n}\n", "0:01 --> 0:02") for n in range(3000))
    yield Odd(
        "bomb-crowd-3000.srt", crowd, _says("|".join("01234567"), 1000, 2000), ("more than 8 cues at once",)
    )
    yield Odd("bomb-ass-brackets.ass", ("[" * 5000 + "\n" + ASS).encode(), TWO)
    long = b"x" * 2_000_000
    for name, raw, reason in (
        ("line-of-2-mb.srt", _one("") + long, "2,000,000 letters"),
        ("line-of-2-mb.vtt", b"WEBVTT\n\n" + long, "2,000,000 letters"),
        ("digits-then-arrow.srt", b"1" * 1900 + b" --> " + b"1" * 90 + b"\nHi\n", "no cues"),
        ("colons.srt", b"0:" * 990 + b" --> 1\nHi\n", "no cues"),
        ("arrows.srt", b"-->" * 600 + b"\n", "no cues"),
        ("ass-one-line.ass", (EVENTS + SAID + "x" * 300_000 + "\n").encode(), "no cues"),
        ("comment.srt", _one("<!-- x -->Hi"), "times cannot be read"),
        ("ass-no-fields.ass", b"[Script Info]\n[Events]\nFormat:\nDialogue:\n", "no cues"),
        ("concat.srt", b"ffconcat version 1.0\nfile '/etc/passwd'\n", "no cues"),
        ("dash.vtt", b'<?xml version="1.0"?><MPD/>', "web page or XML"),
        ("entities.ttml", b'<?xml version="1.0"?><!DOCTYPE tt [<!ENTITY a "aaaa">]><tt><p>&a;</p></tt>', "XML with times"),
    ):  # fmt: skip
        yield Odd(f"bomb-{name}", raw, refused=reason)


ODD = (*_encodings(), *_layouts(), *_times(), *_texts(), *_webvtt(), *_ass(), *_others(), *_bombs())

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for odd in ODD:
        (folder / odd.name).write_bytes(odd.raw)
