"""What every stage is handed besides its values."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voxweave.media.ffmpeg import Ffmpeg
from voxweave.media.stopping import StopSignal


@dataclass(frozen=True)
class Tools:
    """Programs, the job's folder, a stop signal, and a way to tell how far it is (0 to 1)."""

    ffmpeg: Ffmpeg
    stop: StopSignal
    folder: Path
    advance: Callable[[float], None]
