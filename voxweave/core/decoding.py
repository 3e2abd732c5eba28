"""Foreign bytes as text: what encoding they are in, or why they are no text."""

import codecs
import re
from typing import NamedTuple

from voxweave.core.code_pages import likely_page
from voxweave.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1a\x1b")
_FEW_CONTROLS, _MOST_CONTROLS = 8, 0.01
"""So many, and this share of the rest, are dirt in a text; more is no text."""
_NULS = 0.3
"""Every other byte of Latin text in UTF-16 is zero, and some of any text's."""
_LOOKED_AT = 4096
_PLAYLIST = re.compile(r"\s{0,64}#EXTM3U", re.IGNORECASE)
_WEB_PAGE = re.compile(r"\s{0,64}<(?:!doctype|html|\?xml|svg)", re.IGNORECASE)
_TIMED_XML = re.compile(r"<(?:\w{1,20}:)?(?:tt|sami|transcript|timedtext)[\s>]", re.IGNORECASE)


class Decoded(NamedTuple):
    """Text with plain newlines, and a note where its encoding had to be guessed."""

    text: str
    note: str = ""


def decoded(raw: bytes, name: str, *, most_bytes: int) -> Decoded:
    """The text of a file; InputError when it is too large, binary, a playlist or a web page."""
    if len(raw) > most_bytes:
        raise InputError(f"{name}: {len(raw) / 1e6:.1f} MB is too much (at most {most_bytes / 1e6:g} MB)")
    found = _by_mark(raw) or _without_mark(raw) or _guessed(raw, name)
    text = found.text.replace("\r\n", "\n").replace("\r", "\n")
    if _PLAYLIST.match(text):
        raise InputError(f"{name} is a playlist, not text that is spoken")
    if _TIMED_XML.search(text[:_LOOKED_AT]):
        raise InputError(f"{name} is XML with times (TTML, SAMI)", hint="save it as SRT or WebVTT")
    if _WEB_PAGE.match(text):
        raise InputError(f"{name} is a web page or XML", hint="save it as plain text, SRT or WebVTT")
    return Decoded(text, found.note)


def _by_mark(raw: bytes) -> Decoded | None:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return Decoded(raw[len(mark) :].decode(encoding, "replace"))
    return None


def _without_mark(raw: bytes) -> Decoded | None:
    """UTF-16 whose byte order mark was lost."""
    first = raw[:_LOOKED_AT]
    even, odd = first[::2].count(0), first[1::2].count(0)
    if max(even, odd) <= _NULS * len(first) / 2 or 2 * min(even, odd) > max(even, odd):
        return None
    encoding = "utf-16-be" if even > odd else "utf-16-le"
    return Decoded(raw.decode(encoding, "replace"), f"no byte order mark: read as {encoding.upper()}")


def _guessed(raw: bytes, name: str) -> Decoded:
    if len(raw) - len(raw.translate(None, _CONTROLS)) > _FEW_CONTROLS + _MOST_CONTROLS * len(raw):
        raise InputError(f"{name} is not text", hint="give SRT, WebVTT, ASS or plain text in UTF-8")
    try:
        return Decoded(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        lenient = raw.decode("utf-8", "replace")
        broken, whole = lenient.count("\ufffd"), sum(byte >= 0xC2 for byte in raw)
        if broken * 4 < whole:
            return Decoded(lenient, f"{broken} letters are broken (byte {error.start} is not UTF-8)")
        page = likely_page(raw)
        return Decoded(raw.decode(page.codec, "replace"), f"not UTF-8: read as {page.name}")
