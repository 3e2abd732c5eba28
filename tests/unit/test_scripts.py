"""Reading what is spoken from plain text and Markdown."""

import pytest

from voxweave.core.scripts import read_script
from voxweave.errors import InputError

MARKDOWN = """---
author: somebody
---
# The **Great** Dust

Hello *world*, this is `code` and a [link](http://x.y/z) with snake_case.
It goes on __and__ on; 5 \\* 3 * 2 = 30.

[music fades in]

> A quote
> of two lines.

- first [aside] thing
1. second thing

```
never spoken
```

Chapter two
===========

![a picture](x.png) Last <b>words</b> &amp; more. <!-- a
remark -->
"""


def test_markdown_is_read_as_it_is_spoken() -> None:
    """Marks, front matter, code, pictures, remarks and stage directions are not words; the title is apart."""
    script = read_script(MARKDOWN.encode(), suffix=".md")

    assert script.title == "The Great Dust"
    assert [
        "Hello world, this is code and a link with snake_case. It goes on and on; 5 * 3 * 2 = 30.",
        "A quote of two lines.",
        "first [aside] thing",
        "second thing",
        "Chapter two",
        "Last words & more.",
    ] == [" ".join(paragraph) for paragraph in script.paragraphs]
    assert script.starts[:3] == (0, 22, 27)


def test_plain_text_is_left_as_it_is() -> None:
    """In a text file nothing is markup, and blank lines part paragraphs."""
    script = read_script(b"# One *two*\nthree.\n\n(four) five", suffix=".txt")

    assert script.paragraphs == (("#", "One", "*two*", "three."), ("(four)", "five"))


def test_chinese_is_read_letter_by_letter() -> None:
    """Each letter is a word of its own, with the marks that belong to it."""
    assert (("你", "好，", "世", "界。"),) == read_script("你好，世界。".encode(), suffix=".txt").paragraphs


@pytest.mark.parametrize("raw", [b"", b" \n \n", b"---\n***\n", b"[applause]", b"a " * 300_001, bytes(4000)])
def test_a_script_without_words_is_refused(raw: bytes) -> None:
    """Nothing to say, too much to say, or no text at all: one line."""
    with pytest.raises(InputError):
        read_script(raw, suffix=".md")
