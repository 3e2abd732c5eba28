"""Subtitle files as strangers make them: each is read as far as is honest, and what was mended is told."""

import pytest

from tests.data.make_subtitles import ODD, Odd
from voxweave.core.subtitles import read_subtitles
from voxweave.errors import InputError

READ = [odd for odd in ODD if not odd.refused]
REFUSED = [odd for odd in ODD if odd.refused]


def test_there_are_many() -> None:
    """Over 150 of them, no two of one name."""
    assert len({odd.name for odd in ODD}) == len(ODD) > 150


@pytest.mark.parametrize("odd", READ, ids=lambda odd: odd.name)
def test_an_odd_file_says_what_it_says(odd: Odd) -> None:
    """The cues are those a person would read, in order of time; each repair is in the report."""
    found = read_subtitles(odd.raw, suffix=odd.suffix)

    assert odd.cues == tuple((cue.span.start, cue.span.end, "|".join(cue.lines)) for cue in found.cues)
    assert len(found.repairs) >= len(odd.told)
    for words in odd.told:
        assert any(words in repair for repair in found.repairs), found.repairs
    if not odd.told:
        assert found.repairs == ()


@pytest.mark.parametrize("odd", REFUSED, ids=lambda odd: odd.name)
def test_what_is_no_subtitle_file_is_refused_in_one_line(odd: Odd) -> None:
    """The error names the reason on one line."""
    with pytest.raises(InputError) as caught:
        read_subtitles(odd.raw, suffix=odd.suffix)

    assert odd.refused in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_web_vtt_header_may_name_the_language() -> None:
    """`Language: en-GB` in the header is believed."""
    (odd,) = (odd for odd in ODD if odd.name == "vtt-header.vtt")

    assert read_subtitles(odd.raw, suffix=odd.suffix).language == "en-GB"
