"""The fonts that ship with us, and those that stand in."""

from fractions import Fraction
from pathlib import Path

import pytest

from tests.conftest import Mount
from voxweave.core.captions import ass_text
from voxweave.core.film import Canvas
from voxweave.core.looks import look_for
from voxweave.core.speech import Cue
from voxweave.core.time import Span
from voxweave.core.typefaces import Fallback, FontPlan
from voxweave.errors import StorageError
from voxweave.media.fonts import (
    coverage,
    families,
    fonts_folder,
    fonts_identity,
    lay_fonts,
    plan_fonts,
    warnings_of,
)
from voxweave.media.typeface import typefaces

PROMISED = {
    "Latin": "The quick brown fox jumps; ÀÉÎÕÜ æøåßłőžşțığ ½ “„«»” – — … € £ ₴",
    "Greek": "Ελληνικά: ΆΈΉΊΌΎΏ ΐΰϊϋ ςσ",
    "Cyrillic": "Русский Українська ҐґЄєІіЇї Српски ЂђЋћЏџ Қазақша ӘәҒғҚқҢңӨөҰұҮүҺһ",
    "Vietnamese": "Tiếng Việt: ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư",
}
NOBODYS = "\U0001f8ff\U0007ffff"


@pytest.mark.parametrize("script", PROMISED)
def test_captions_have_every_promised_letter(script: str) -> None:
    """Latin, Greek, Cyrillic and Vietnamese need no font of the system."""
    assert coverage(PROMISED[script], "VoxWeave Sans") == ""
    assert plan_fonts(PROMISED[script]).fallbacks == ()


@pytest.mark.parametrize(
    "family", [name for name in families() if name not in ("VoxWeave Symbols", "VoxWeave Emoji")]
)
def test_title_faces_have_latin_and_vietnamese(family: str) -> None:
    """Every title face writes Latin and Vietnamese; what else it lacks comes from our own text face."""
    assert coverage(PROMISED["Vietnamese"], family) == ""
    plan = plan_fonts(PROMISED["Greek"] + PROMISED["Cyrillic"], family)
    assert {fallback.family for fallback in plan.fallbacks} <= {"VoxWeave Sans"}


def test_fonts_are_small_and_licensed() -> None:
    """All fonts together stay under 6 MB, and each original's licence lies beside them."""
    assert sum(path.stat().st_size for path in fonts_folder().glob("*.ttf")) < 6_000_000
    assert all("SIL OPEN FONT LICENSE" in path.read_text() for path in fonts_folder().glob("OFL-*.txt"))


def test_all_faces_have_one_line_height() -> None:
    """Sizes in ASS count line heights; ours is 1.2 em in every family."""
    faces = [face for path in fonts_folder().glob("*.ttf") for face in typefaces(path)]

    assert {1.2} == {round(face.line_em, 2) for face in faces}


def test_notes_and_emoji_come_from_our_own_fonts() -> None:
    """Musical notes and emoji are drawn without any system font."""
    plan = plan_fonts("♪ la 🎙")

    assert [("VoxWeave Symbols", "♪"), ("VoxWeave Emoji", "🎙")] == [
        (fallback.family, fallback.letters) for fallback in plan.fallbacks
    ]
    assert plan.missing == ""


def test_a_letter_nobody_has_is_named() -> None:
    """The warning names the letter and its number."""
    plan = plan_fonts(f"a{NOBODYS}")

    assert plan.missing == NOBODYS
    assert "U+7FFFF" in warnings_of(plan)[0]


def test_a_script_changes_its_face_as_a_whole() -> None:
    """Where a title face lacks one Greek letter, all Greek letters come from the text face."""
    plan = plan_fonts("Ω μέγα Omega", "VoxWeave Serif")

    (only,) = plan.fallbacks
    assert ("VoxWeave Sans", set("Ωμέγα")) == (only.family, set(only.letters))


def test_an_unknown_family_is_replaced_and_told() -> None:
    """A font that is nowhere does not stop the film."""
    plan = plan_fonts("abc", "No Such Font")

    assert ("VoxWeave Sans", "No Such Font") == (plan.family, plan.instead_of)
    assert warnings_of(plan) == ("there is no font 'No Such Font' here; VoxWeave Sans is used",)


def test_other_fonts_stand_in_run_by_run() -> None:
    """Letters of another font are bracketed by a change of font, sized so that the letters match."""
    canvas = Canvas(width=1920, height=1080, rate=Fraction(25))
    plan = FontPlan(fallbacks=(Fallback(family="Thai Sans", letters="กั", line_em=1.5),))
    look = look_for(canvas, plan).model_copy(update={"em_px": 50.0})
    cue = Cue(span=Span(start=0, end=1000), lines=("a กั b",))

    text = ass_text((cue,), canvas=canvas, look=look, frames=(0, 25))

    run = r"a {\fnThai Sans\fs75\b0}กั{\fnVoxWeave Sans\fs60\b1} b"
    assert run in text


def test_libass_is_shown_the_plans_fonts_only(tmp_path: Path) -> None:
    """The job's folder has the fonts in use, and a configuration that names no other place."""
    plan = plan_fonts("abc ♪")

    environment = lay_fonts([plan, plan], tmp_path)

    assert len(list((tmp_path / "fonts").glob("*.ttf"))) == 2
    assert Path(environment["FONTCONFIG_FILE"]).read_text().count("<dir") == 1
    assert fonts_identity([plan]) != fonts_identity([plan_fonts("abc")])


def test_a_font_is_laid_whole_or_not_at_all(mounted: Mount) -> None:
    """A disk that fills up leaves no half of one, which the next run would draw with."""
    disk = mounted("size=64k")
    with pytest.raises(StorageError):
        lay_fonts([plan_fonts("abc")], disk)
    assert [] == list((disk / "fonts").iterdir())


def test_a_font_that_was_replaced_is_laid_anew(tmp_path: Path) -> None:
    """Under the same name as before; of what it was nothing is left for libass to choose."""
    own = tmp_path / "Own.ttf"
    laid = set()
    for ours in sorted(fonts_folder().glob("*.ttf"))[:2]:
        own.write_bytes(ours.read_bytes())
        lay_fonts([FontPlan(files=(own,))], tmp_path)
        (found,) = (tmp_path / "fonts").glob("*.ttf")
        assert own.read_bytes() == found.read_bytes()
        laid.add(found)
    assert 2 == len(laid)
