"""A script given to us, plain text or Markdown: the words that are spoken, as they are written."""

import html
import re
from collections.abc import Iterator, Sequence

from voxweave.core.decoding import decoded
from voxweave.core.letters import cleaned, pieces, spaceless
from voxweave.core.value import Value
from voxweave.errors import InputError

MOST_BYTES = 2_000_000
MOST_WORDS = 300_000
_MOST_WORD = 500
_NAME = "the script"
_MARKDOWN = (".md", ".markdown", ".mdown")

# Every repeat is bounded, or ends at a letter its neighbour cannot begin with: no text takes longer
# than its length explains.
_FENCE = re.compile(r"[ ]{0,3}(```|~~~)")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}(?=[ \t])")
_UNDERLINE = re.compile(r"[ ]{0,3}(?:=+|-+)[ \t]*")
_QUOTE = re.compile(r"\A(?:[ ]{0,3}>[ ]?){1,9}")
_BULLET = re.compile(r"\A[ \t]{0,12}(?:[-*+]|\d{1,4}[.)])[ \t]{1,9}(?:\[[ xX]\][ \t])?")
_DEFINITION = re.compile(r"[ ]{0,3}\[[^\]\n]{1,200}\]:[ \t]{0,9}\S")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,500}\)|\[[^\[\]\n]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]\n]{1,500})\](?:\([^()\n]{0,500}\)|\[[^\[\]\n]{0,200}\])")
_ADDRESS = re.compile(r"<(?:https?://|mailto:)([^<>\s]{1,500})>")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,500}>")
# Marks of emphasis stand on a word's edge; within a word, or alone, they are meant.
_EMPHASIS = re.compile(r"(?<![\w\\])(?:[*_]{1,3}|~~)(?=\S)|(?<=[^\s\\])(?:[*_]{1,3}|~~)(?!\w)|`{1,3}")
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>~|<])")
# Bounded, as Python refuses to read a number of thousands of digits.
_ENTITY = re.compile(r"&(?:#\d{1,7}(?!\d)|#[xX][0-9A-Fa-f]{1,6}(?![0-9A-Fa-f])|[A-Za-z][A-Za-z0-9]{1,31});?")
_DIRECTION = re.compile(r"\[[^\[\]]{1,2000}\][.!?…]?")


class Script(Value):
    """What is spoken: paragraphs of words as written, and the title its first heading gives."""

    title: str = ""
    paragraphs: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All words in order."""
        return tuple(word for paragraph in self.paragraphs for word in paragraph)

    @property
    def starts(self) -> tuple[int, ...]:
        """The number of the word that begins each paragraph."""
        counts = [0]
        for paragraph in self.paragraphs[:-1]:
            counts.append(counts[-1] + len(paragraph))
        return tuple(counts)


def read_script(raw: bytes, *, suffix: str) -> Script:
    """Read a script; the first heading of a Markdown file is its title and is not spoken.

    A paragraph all in brackets is a stage direction and is left out. InputError when no word is left.
    """
    text, note = decoded(raw, _NAME, most_bytes=MOST_BYTES)
    markdown = suffix.lower() in _MARKDOWN
    text = re.sub(r"\n{3,}", "\n\n", text)
    title, paragraphs = _markdown(text) if markdown else ("", _plain(text))
    spoken = tuple(words for paragraph in paragraphs if (words := _words(paragraph)))
    _sensible(spoken)
    return Script(title=title, paragraphs=spoken, notes=(note,) if note else ())


def _sensible(paragraphs: Sequence[Sequence[str]]) -> None:
    count = sum(map(len, paragraphs))
    if count == 0:
        raise InputError(f"{_NAME} has no words", hint="give the text that is spoken")
    if count > MOST_WORDS:
        raise InputError(f"{_NAME} has {count:,} words (at most {MOST_WORDS:,})")


def _plain(text: str) -> list[str]:
    """Paragraphs between blank lines; a text with none has one on each line."""
    blocks = re.split(r"\n[ \t]*\n", text)
    return blocks if len(blocks) > 1 else text.split("\n")


def _words(paragraph: str) -> tuple[str, ...]:
    line = cleaned(paragraph)
    if _DIRECTION.fullmatch(line):
        return ()
    if not any(char.isalnum() for char in line):
        return ()
    return tuple(part for word in line.split() for part in _parts(word))


def _parts(word: str) -> list[str]:
    """Chinese and Japanese letter by letter, so that each gets a time; other words whole."""
    if any(map(spaceless, word)):
        return pieces(word, _MOST_WORD)
    return [word[start : start + _MOST_WORD] for start in range(0, len(word), _MOST_WORD)]


def _markdown(text: str) -> tuple[str, list[str]]:
    """The first heading, and the paragraphs without marks."""
    lines = _without_front_matter(_without_comments(text).split("\n"))
    titles: list[str] = []
    blocks = list(_blocks(lines, titles))
    title = cleaned(_unmarked(titles[0])) if titles else ""
    return title, [_unmarked(block) for block in blocks]


def _without_comments(text: str) -> str:
    first, *rest = text.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in rest)


def _without_front_matter(lines: list[str]) -> list[str]:
    if lines and lines[0].strip() in ("---", "+++"):
        fence = lines[0].strip()
        end = next((n for n, line in enumerate(lines[1:200], start=1) if line.strip() == fence), None)
        return lines[end + 1 :] if end else lines
    return lines


def _blocks(lines: Sequence[str], titles: list[str]) -> Iterator[str]:
    """Paragraphs of Markdown lines; the first heading goes to `titles`, code and rules nowhere."""
    block: list[str] = []
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if fence or mark:
            fence = _fenced(fence, mark)
            continue
        heading = _heading(line, block)
        if heading or not line.strip() or _silent(line) or _BULLET.match(_QUOTE.sub("", line)):
            yield " ".join(block)
            block = []
        if heading and titles:
            yield heading
        elif heading:
            titles.append(heading)
        elif line.strip() and not _silent(line):
            block.append(_line(line))
    yield " ".join(block)


def _heading(line: str, block: list[str]) -> str:
    """The heading a line is, or makes of the line before it by underlining; empty for none."""
    if match := _HEADING.match(line):
        return line[match.end() :].strip(" \t#")
    if block and _UNDERLINE.fullmatch(line) and ("=" in line or len(block) == 1):
        return block.pop()
    return ""


def _fenced(fence: str, mark: re.Match[str] | None) -> str:
    """The fence we are in after this line: code is not spoken."""
    if not fence:
        return mark[1] if mark else ""
    return "" if mark and mark[1] == fence else fence


def _silent(line: str) -> bool:
    """Rules, link definitions, lines that shape a table."""
    if _DEFINITION.match(line):
        return True
    marks = set(line) - {" ", "\t"}
    drawn = marks in ({"*"}, {"-"}, {"_"}, {"="}) and len(line.strip()) > 1
    return drawn or (marks <= set("-:|") and "--" in line)


def _line(line: str) -> str:
    """A line without the marks it begins with, and without a table's bars."""
    bare = _BULLET.sub("", _QUOTE.sub("", line))
    return bare.strip().strip("|").replace(" | ", ", ") if bare.lstrip().startswith("|") else bare


def _unmarked(text: str) -> str:
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    text = _TAG.sub(" ", _ADDRESS.sub(r"\1", text))
    plain = _ESCAPE.sub(r"\1", _EMPHASIS.sub("", text))
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), plain)
