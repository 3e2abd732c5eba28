"""The fonts captions and titles are drawn with: ours, and the system's for scripts ours lack."""

import hashlib
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

from voxweave.core.letters import drawable
from voxweave.core.typefaces import CAPTION_FONT, Fallback, FontPlan
from voxweave.core.value import MediaFile
from voxweave.errors import DependencyError, StorageError
from voxweave.media.files import fingerprint, part_of
from voxweave.media.font_file import faces_in
from voxweave.media.system_fonts import faces_for, faces_named, script_of
from voxweave.media.typeface import Typeface, typefaces

_FILL_IN = (CAPTION_FONT, "VoxWeave Symbols", "VoxWeave Emoji")
_ARABIC = 0.84
_NAMED = 12
"""Letters a warning names before it only counts."""
# So that libass finds our fonts and no others, whatever the system has or lacks.
_SHARED = "/usr" if sys.platform == "linux" else "/"
_FONTCONFIG = """\
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="cwd">fonts</dir>
  <cachedir prefix="cwd">fonts/cache</cachedir>
</fontconfig>
"""


def fonts_folder() -> Path:
    """Where the fonts that ship with the package are."""
    return Path(__file__).resolve().parents[1] / "fonts"


def families() -> dict[str, Path]:
    """Our families and a file of each, the regular face where there is one."""
    return {face.family: face.path for face in reversed(_ours())}


def coverage(text: str, family: str) -> str:
    """The letters of the text that one of our families lacks, each once."""
    return _ours_named(family, bold=False).lacks(_letters(text))


def plan_fonts(
    text: str, family: str = CAPTION_FONT, *, bold: bool = True, file: MediaFile | None = None
) -> FontPlan:
    """Fonts for every letter of the text: the family, ours that fill in, then the system's.

    A family that is not ours is looked for on the system; ours stands in when it is nowhere. A `file`
    that was checked takes the family's place.
    """
    own = _nearest(faces_in(file), bold=bold) if file else None
    family = own.family if own else family
    main = own or _face(family, bold=bold) or _ours_named(CAPTION_FONT, bold=bold)
    letters = _letters(text)
    used: list[tuple[Typeface, str]] = []
    left = _fill(
        _with_kin(main.lacks(letters), letters),
        [_ours_named(name, bold=bold) for name in _FILL_IN if name != main.family],
        used,
    )
    for script, group in groupby(sorted(left, key=script_of), key=script_of):
        wanted = "".join(group)
        _fill(wanted, faces_for(script, wanted), used)
    plan = _plan(main, letters, used, bold=bold)
    return plan if main.family == family else plan.model_copy(update={"instead_of": family})


def warnings_of(plan: FontPlan) -> tuple[str, ...]:
    """What to tell the user: which system fonts stand in, and which letters nobody has."""
    ours = fonts_folder()
    borrowed = sorted({path.stem for path in plan.files if path.parent != ours})
    told = [f"there is no font {plan.instead_of!r} here; {plan.family} is used"] if plan.instead_of else []
    told += [f"captions use the system font {name} for letters ours do not have" for name in borrowed]
    if plan.missing:
        named = ", ".join(f"{char} (U+{ord(char):04X})" for char in plan.missing[:_NAMED])
        more = f" and {len(plan.missing) - _NAMED} more" if len(plan.missing) > _NAMED else ""
        told.append(f"no font here has {named}{more}; install one that does (Noto has them all)")
    return tuple(told)


def lay_fonts(plans: Iterable[FontPlan], folder: Path) -> dict[str, str]:
    """Put the plans' fonts into `folder`/fonts; the environment that shows libass no others.

    FFmpeg must run in `folder`, with `ass=...:fontsdir=fonts`.
    """
    place = folder / "fonts"
    files = dict.fromkeys(path for plan in plans for path in plan.files)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for number, path in enumerate(files):
            _lay(path, place, number)
        (folder / "fonts.conf").write_text(_FONTCONFIG)
    except OSError as error:
        raise StorageError(f"the fonts cannot be put into {place}: {error.strerror}") from error
    return {"FONTCONFIG_FILE": str((folder / "fonts.conf").absolute())}


def fonts_identity(plans: Iterable[FontPlan]) -> str:
    """A fingerprint of the fonts' bytes, so that another font makes another film."""
    digests = set()
    for path in {path for plan in plans for path in plan.files}:
        with path.open("rb") as file:
            digests.add(hashlib.file_digest(file, "sha256").digest())
    return hashlib.sha256(
        b"".join(sorted(digests))
    ).hexdigest()  # their places differ from machine to machine


def _lay(path: Path, place: Path, number: int) -> None:
    """Copy, whole or not at all; system fonts of a collection's size are linked where links work.

    Named by place and content: what lay there of a file that has changed since goes, or libass might choose it.
    """
    origin = hashlib.sha256(os.fsencode(path)).hexdigest()[:8]
    name = f"{origin}-{fingerprint(path, 'a font').sha256[:8]}{path.suffix.lower()}"
    for other in place.glob(f"[0-9]*-{origin}*"):
        if not other.name.endswith(name):
            other.unlink(missing_ok=True)
    target = place / f"{number:02}-{name}"
    if target.exists() or target.is_symlink():
        return
    if path.parent != fonts_folder() and path.resolve().is_relative_to(_SHARED):
        with suppress(OSError):
            target.symlink_to(path)
            return
    with part_of(target) as part:  # a sandbox shows nothing that a link elsewhere would lead to
        shutil.copyfile(path, part)


def _ours() -> list[Typeface]:
    return [face for path in sorted(fonts_folder().glob("*.ttf")) for face in typefaces(path)]


def _face(family: str, *, bold: bool) -> Typeface | None:
    """A face of the family, ours or the system's."""
    return _nearest([face for face in _ours() if face.family == family] or faces_named(family), bold=bold)


def _nearest(faces: Sequence[Typeface], *, bold: bool) -> Typeface | None:
    return next((face for face in faces if face.bold == bold), faces[0] if faces else None)


def _ours_named(family: str, *, bold: bool) -> Typeface:
    face = _face(family, bold=bold)
    if face is None:
        raise DependencyError(
            f"the font {family} is missing from {fonts_folder()}", hint="install VoxWeave again"
        )
    return face


def _letters(text: str) -> str:
    """Every letter that must be drawn, once, in order."""
    return "".join(sorted({char for char in drawable(text) if not _unseen(char)}))


def _unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F


def _with_kin(lacking: str, letters: str) -> str:
    """Letters of the same script go with one that is lacking, so that no word changes its face midway."""
    scripts = {script_of(char) for char in lacking if char.isalpha()} - {"LATIN"}
    return "".join(
        char for char in letters if char in lacking or char.isalpha() and script_of(char) in scripts
    )


def _fill(wanted: str, faces: Iterable[Typeface], used: list[tuple[Typeface, str]]) -> str:
    """Give letters to the first faces that have them; what is left over."""
    for face in faces:
        if not wanted:
            break
        left = face.lacks(wanted)
        if left != wanted:
            used.append((face, "".join(char for char in wanted if char not in left)))
            wanted = left
    return wanted


def _joined(char: str) -> float:
    """Arabic letters that join are narrower than alone: 0.73 to 0.83 of it, as measured in Noto's."""
    return _ARABIC if char.isalpha() and script_of(char) == "ARABIC" else 1.0


def _plan(main: Typeface, letters: str, used: Sequence[tuple[Typeface, str]], *, bold: bool) -> FontPlan:
    widths = {char: main.widths[char] for char in f"{letters} " if char in main.widths}
    for face, owned in used:
        widths |= {char: _joined(char) * face.widths[char] for char in owned}
    return FontPlan(
        family=main.family,
        bold=bold and main.bold,
        line_em=round(main.line_em, 4),
        descent_em=round(main.descent_em, 4),
        fallbacks=tuple(
            Fallback(
                family=face.family,
                letters=owned,
                line_em=round(face.line_em, 4),
                descent_em=round(face.descent_em, 4),
                bold=face.bold,
            )
            for face, owned in used
        ),
        widths={char: round(width, 4) for char, width in widths.items()},
        missing="".join(char for char in letters if char not in widths),
        files=tuple(dict.fromkeys([main.path, *(face.path for face, _ in used)])),
    )
