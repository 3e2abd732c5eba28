"""Prints the faces of an open font; runs as a program of its own, under limits.

`python -I font_child.py FILE FOLDER...`: what a stranger's font does to its reader, it does here. The folders
hold VoxWeave and fontTools (-I hides a user's own packages).
"""

import json
import sys
from pathlib import Path


def main(file: str, *folders: str) -> int:
    """Print each face with all its letters; none for what cannot be read."""
    sys.path[:0] = folders
    from voxweave.media.typeface import read_faces

    json.dump([{**vars(face), "path": ""} for face in read_faces(Path(file))], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
