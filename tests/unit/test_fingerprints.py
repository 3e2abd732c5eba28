"""Names for values: the same for the same, another for anything else."""

import os
from pathlib import Path

from voxweave.core.time import Span
from voxweave.core.value import MediaFile, Value
from voxweave.jobs.fingerprints import code_identity, fingerprint_of

ONE, OTHER = (MediaFile(path=Path("/a/talk.wav"), sha256=letter * 64) for letter in "ab")


class Pair(Value):
    """A value with values in it."""

    media: MediaFile
    spans: tuple[Span, ...]


def test_equal_values_have_equal_fingerprints() -> None:
    """Made anew, a value has the fingerprint it had; the order of names in a mapping is nothing."""
    assert fingerprint_of(Span(start=1, end=2), "x") == fingerprint_of(Span(start=1, end=2), "x")
    assert fingerprint_of({"a": 1, "b": 2}) == fingerprint_of({"b": 2, "a": 1})


def test_any_change_shows() -> None:
    """However deep a change lies, it makes another fingerprint."""
    pair = Pair(media=ONE, spans=(Span(start=1, end=2),))
    changed = [
        pair.model_copy(update={"spans": (Span(start=1, end=3),)}),
        pair.model_copy(update={"spans": ()}),
        pair.model_copy(update={"media": OTHER}),
    ]

    assert len({fingerprint_of(one) for one in (pair, *changed)}) == 4
    assert fingerprint_of(1, 2) != fingerprint_of((1, 2))
    assert fingerprint_of("1") != fingerprint_of(1)


def test_a_file_counts_by_its_content() -> None:
    """A job folder that was moved is as good as before."""
    moved = ONE.model_copy(update={"path": Path("/elsewhere/talk.wav")})

    assert fingerprint_of(Pair(media=ONE, spans=())) == fingerprint_of(Pair(media=moved, spans=()))


def test_names_that_are_no_text_do_no_harm() -> None:
    """A path whose bytes are not UTF-8 can be part of a value."""
    odd = MediaFile(path=Path(os.fsdecode(b"/a/\xff.wav")), sha256="a" * 64)

    assert fingerprint_of(odd) == fingerprint_of(ONE)
    assert len(fingerprint_of(str(odd.path))) == 32


def test_the_code_has_an_identity() -> None:
    """One name for all our code, the same whenever it is asked for."""
    assert code_identity() == code_identity()
    assert len(code_identity()) == 16
