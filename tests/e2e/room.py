"""A folder to make films in with pictures from providers: the command as a user runs it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.command import Told, voxweave

SMALL = ("--resolution", "320x180")
WORDS = (
    "Hey, welcome back to Signal Path, the show that takes the cover off everyday machines and looks inside! "
    "I'm so glad you're here, because today we are going underwater."
)
"""What is said in the first 9.8 s of samples/cables.mp3."""
TINY = ("--resolution", "256x144", "--no-thumbnail", "--captions", "none")
"""Where pictures are what is tested: nothing else is made."""
FEW = 2
FEW_WORDS = WORDS.partition("!")[0] + "!"
"""Two scenes: what is said in its first 7.2 s."""
KEY = "sk-e2e-0123456789abcdef"
SCENES = 3
QUICK = ("--poll-s", "0.05", "--retry-s", "0.02", "--quiet-s", "0.2", "--overwrite")
CUT = ("--scene-min-s", "2", "--scene-max-s", "5")


@dataclass(frozen=True)
class Room:
    """A folder with one narration of three scenes, which is also the user's home."""

    folder: Path

    def make(self, *flags: str | Path, status: int = 0, **extra: str) -> tuple[dict[str, Any], Told]:
        """Make the film; its report and what was said."""
        told = voxweave(
            "make",
            "spoken.mp3",
            *TINY,
            *CUT,
            *QUICK,
            *flags,
            cwd=self.folder,
            **{"OPENAI_API_KEY": KEY, "ZAI_API_KEY": KEY, **extra},
        )
        assert told.status == status, told.err
        file = self.folder / "spoken.report.json"
        return json.loads(file.read_text()) if file.exists() else {}, told

    def setting(self, text: str) -> None:
        """The user's own file."""
        file = self.folder / ".config" / "voxweave" / "voxweave.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
