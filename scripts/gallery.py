"""Make the README's pictures anew: a short film of every style, a frame of each on one sheet; the caption looks.

python scripts/gallery.py [STYLE...] [captions]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.settings.looks import looks
from voxweave.settings.styles import styles

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLES = ("dust", "mycelium", "cables")
FFMPEG = str(find_ffmpeg().program)
VOXWEAVE = str(Path(sys.executable).with_name("voxweave"))
COLUMNS, WIDTH, HEIGHT = 3, 640, 360
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 86]
SMALL = [cv2.IMWRITE_JPEG_QUALITY, 74]
LOOKS = "captions"
BEHIND = ("ocean", "paper", "aurora", "cinematic", "cosmos", "ink", "cyberpunk", "ember", "educational")
"""The style each look stands on in the sheet of looks."""


def main() -> None:
    """Films of the styles named, or of all; then the sheets."""
    with tempfile.TemporaryDirectory() as folder:
        if not sys.argv[1:] or LOOKS in sys.argv[1:]:
            cv2.imwrite(str(IMAGES / f"{LOOKS}.jpg"), looks_sheet(Path(folder)), SMALL)
        if sys.argv[1:] != [LOOKS]:
            style_sheet(Path(folder), [name for name in sys.argv[1:] if name != LOOKS] or list(styles()))


def style_sheet(folder: Path, names: list[str]) -> None:
    """A picture of each style named, and all that there are on one sheet."""
    for number, name in enumerate(names):
        frame = film_frame(folder, name, SAMPLES[number % len(SAMPLES)])
        small = cv2.resize(frame, (960, 540), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(IMAGES / f"{name}.jpg"), small, QUALITY)
        print(name)
    cv2.imwrite(str(IMAGES / "styles.jpg"), sheet(sorted(styles())), QUALITY)


def film_frame(folder: Path, style: str, sample: str) -> np.ndarray:
    """A frame of a real film of the sample's first seconds, from its second scene."""
    cut, film, still = folder / f"{style}.mp3", folder / f"{style}.mp4", folder / f"{style}.png"
    ffmpeg("-t", "22", "-i", ROOT / "samples" / f"{sample}.mp3", "-map", "0:a", "-c", "copy", cut)
    script = (ROOT / "samples" / f"{sample}.txt").read_text()
    cut.with_suffix(".txt").write_text(" ".join(script.split()[:72]))
    subprocess.run([VOXWEAVE, "make", cut, "--style", style, "--quiet", "--cover", "none"], check=False)
    ffmpeg("-ss", "16", "-i", film, "-frames:v", "1", still)
    return cv2.imread(str(still))


def ffmpeg(*args: object) -> None:
    """Run it, and stop at any trouble."""
    subprocess.run([FFMPEG, "-v", "error", "-y", *map(str, args)], check=True)


def looks_sheet(folder: Path) -> np.ndarray:
    """Each look as a preview draws it, the part of the frame around the words."""
    talk = folder / "talk.mp3"
    ffmpeg("-t", "14", "-i", ROOT / "samples" / "cables.mp3", "-map", "0:a", "-c", "copy", talk)
    script = (ROOT / "samples" / "cables.txt").read_text()
    talk.with_suffix(".txt").write_text(" ".join(script.split()[:44]))
    tiles = []
    for number, name in enumerate(looks()):
        style = BEHIND[number % len(BEHIND)]
        flags = ["--look", name, "--style", style, "--no-progress-line", "--quiet"]
        subprocess.run([VOXWEAVE, "captions", "preview", talk, *flags], check=True)
        still = cv2.imread(str(folder / f"talk.{name}.png"))
        across, down = round(0.74 * still.shape[1]), round(0.74 * still.shape[0])
        left = (still.shape[1] - across) // 2
        tiles.append(labelled(still[-down:, left : left + across], name))
        print(name)
    return rows_of(tiles)


def sheet(names: list[str]) -> np.ndarray:
    """The pictures in rows, each with its name in the corner."""
    return rows_of([labelled(cv2.imread(str(IMAGES / f"{name}.jpg")), name) for name in names])


def rows_of(tiles: list[np.ndarray]) -> np.ndarray:
    """Tiles side by side in rows."""
    blank = np.full_like(tiles[0], 12)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows)


def labelled(picture: np.ndarray, name: str) -> np.ndarray:
    """A picture at the sheet's size, with its name."""
    picture = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    for colour, thickness in ((0, 0, 0), 4), ((255, 255, 255), 1):
        cv2.putText(picture, name, (14, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, thickness, cv2.LINE_AA)
    return picture


if __name__ == "__main__":
    main()
