"""Make the README's pictures anew: a short film of every style, and a frame of each on one sheet.

python scripts/gallery.py [STYLE...]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.settings.styles import styles

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SAMPLES = ("dust", "mycelium", "cables")
FFMPEG = str(find_ffmpeg().program)
VOXWEAVE = str(Path(sys.executable).with_name("voxweave"))
COLUMNS, WIDTH, HEIGHT = 3, 640, 360
QUALITY = [cv2.IMWRITE_JPEG_QUALITY, 86]


def main() -> None:
    """Films of the styles named, or of all; then the sheet."""
    names = sys.argv[1:] or list(styles())
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(names):
            frame = film_frame(Path(folder), name, SAMPLES[number % len(SAMPLES)])
            cv2.imwrite(
                str(IMAGES / f"{name}.jpg"),
                cv2.resize(frame, (960, 540), interpolation=cv2.INTER_AREA),
                QUALITY,
            )
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


def sheet(names: list[str]) -> np.ndarray:
    """The pictures in rows, each with its name in the corner."""
    tiles = [tile(name) for name in names]
    blank = np.full_like(tiles[0], 12)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows)


def tile(name: str) -> np.ndarray:
    """One style's picture at the sheet's size."""
    picture = cv2.resize(
        cv2.imread(str(IMAGES / f"{name}.jpg")), (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA
    )
    for colour, thickness in ((0, 0, 0), 4), ((255, 255, 255), 1):
        cv2.putText(picture, name, (14, 30), cv2.FONT_HERSHEY_SIMPLEX, 0.7, colour, thickness, cv2.LINE_AA)
    return picture


if __name__ == "__main__":
    main()
