"""Make the fonts in voxweave/fonts from their free originals: `python scripts/fonts.py`.

Needs npm on the path and fontTools. Each original is cut down to the scripts we promise, gets our
own family name (so that no font of the same name on a system stands in for it, and reserved names
stay with their owners) and one line height for all.
"""

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

HERE = Path(__file__).resolve().parents[1] / "voxweave" / "fonts"
SCRIPTS = (
    (0x0020, 0x02FF),  # Latin, IPA, spacing accents
    (0x0300, 0x036F),  # combining accents
    (0x0370, 0x052F),  # Greek, Cyrillic
    (0x1E00, 0x1FFF),  # Vietnamese, polytonic Greek
    (0x2000, 0x214F),  # punctuation, super- and subscripts, currencies, letter-like
    (0x2150, 0x22FF),  # fractions, arrows, mathematics
    (0x25A0, 0x27BF),  # shapes, stars, ticks
    (0xFB00, 0xFB06),
    (0xFFFD, 0xFFFD),
)
EMOJI = ((0x0020, 0x0020), (0x200D, 0x200D), (0x2190, 0x1FFFF))
NOTES = ((0x2669, 0x266F),)
FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk"]
# One line height for all families, so that an ASS font size means the same in each: 1.2 em.
ASCENT, DESCENT = 0.96, 0.24


@dataclass(frozen=True)
class Face:
    """One file to make: whose drawing it is, and what it is called here."""

    family: str
    bold: bool
    package: str
    weight: str
    ranges: tuple[tuple[int, int], ...] = SCRIPTS

    @property
    def file(self) -> str:
        """The name in voxweave/fonts."""
        return f"{self.family.replace(' ', '')}-{'Bold' if self.bold else 'Regular'}.ttf"


def pair(family: str, package: str, regular: str, bold: str) -> tuple[Face, Face]:
    """The two faces of one family."""
    return Face(family, False, package, regular), Face(family, True, package, bold)


FACES = (
    *pair("VoxWeave Sans", "inter", "500Medium", "600SemiBold"),
    *pair("VoxWeave Display", "manrope", "600SemiBold", "800ExtraBold"),
    *pair("VoxWeave Light", "manrope", "300Light", "500Medium"),
    *pair("VoxWeave Condensed", "oswald", "500Medium", "700Bold"),
    *pair("VoxWeave Serif", "playfair-display", "500Medium", "700Bold"),
    *pair("VoxWeave Tech", "tektur", "500Medium", "700Bold"),
    *pair("VoxWeave Mono", "jetbrains-mono", "500Medium", "700Bold"),
    *pair("VoxWeave Rounded", "nunito", "600SemiBold", "800ExtraBold"),
    *pair("VoxWeave Wide", "unbounded", "500Medium", "700Bold"),
    *pair("VoxWeave Hand", "shantell-sans", "500Medium", "700Bold"),
    Face("VoxWeave Symbols", True, "noto-sans-symbols", "700Bold", NOTES),
    Face("VoxWeave Emoji", True, "noto-emoji", "600SemiBold", EMOJI),
)


def fetch(package: str, into: Path) -> Path:
    """The unpacked originals of one typeface."""
    folder = into / package
    if folder.exists():
        return folder
    command = ["npm", "pack", "--silent", f"@expo-google-fonts/{package}"]
    archive = subprocess.run(command, cwd=into, check=True, capture_output=True, text=True).stdout.strip()
    with tarfile.open(into / archive) as tar:
        tar.extractall(folder, filter="data")
    return folder


def cut(font: TTFont, ranges: tuple[tuple[int, int], ...]) -> None:
    """Keep the letters we promise, and what places accents and kerns pairs."""
    options = Options(layout_features=FEATURES, hinting=False, notdef_outline=True, name_IDs=[0, 13, 14])
    options.drop_tables += ["DSIG", "MATH", "SVG ", "STAT"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in ranges for code in range(first, last + 1)])
    subsetter.subset(font)


def rename(font: TTFont, face: Face) -> None:
    """Give it our name; the copyright and the licence stay."""
    style = "Bold" if face.bold else "Regular"
    script_name = f"{face.family.replace(' ', '')}-{style}"
    names = {1: face.family, 2: style, 3: f"{script_name};1", 4: f"{face.family} {style}", 6: script_name}
    for number, text in (names | {5: "Version 1.000"}).items():
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = 700 if face.bold else 400
    font["OS/2"].fsSelection = 0x20 if face.bold else 0x40
    font["head"].macStyle = int(face.bold)


def level(font: TTFont) -> None:
    """Set the line height all our families share."""
    em = font["head"].unitsPerEm
    rise, fall = round(ASCENT * em), round(DESCENT * em)
    os2, hhea = font["OS/2"], font["hhea"]
    os2.usWinAscent, os2.usWinDescent = rise, fall
    os2.sTypoAscender, os2.sTypoDescender, os2.sTypoLineGap = rise, -fall, 0
    hhea.ascent, hhea.descent, hhea.lineGap = rise, -fall, 0


def make(face: Face, cache: Path) -> int:
    """Write one face and its licence; the bytes written."""
    folder = fetch(face.package, cache)
    original = next(folder.rglob(f"*_{face.weight}.ttf"))
    font = TTFont(original, recalcTimestamp=False)
    cut(font, face.ranges)
    rename(font, face)
    level(font)
    font.save(HERE / face.file)
    licence = next(folder.rglob("LICENSE_FONT")).read_text()
    (HERE / f"OFL-{face.package}.txt").write_text(licence)
    return (HERE / face.file).stat().st_size


def main() -> None:
    """Make every face."""
    HERE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        total = sum(make(face, Path(cache)) for face in FACES)
    sys.stdout.write(f"{len(FACES)} fonts, {total:,} bytes\n")


if __name__ == "__main__":
    main()
