"""What settings come to: how many scenes are encoded side by side."""

import os

from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.pipeline.studio import Studio
from voxweave.settings import Settings
from voxweave.settings.styles import load_style


def studio(**settings: object) -> Studio:
    """A studio with these settings."""
    chosen = Settings.model_validate(settings)
    return Studio(chosen, find_ffmpeg(), load_style(chosen.style), StopSignal(), lambda _: None)


def test_a_chip_that_is_not_there_keeps_no_core_idle() -> None:
    """Where software steps in for a chip, scenes are encoded on all cores, as they are without one."""
    cores = len(os.sched_getaffinity(0))

    assert studio().workers == cores
    assert studio(encoder="nvenc").workers in (cores, 2)


def test_a_number_of_workers_that_was_named_holds() -> None:
    """Whoever names a number knows the machine."""
    assert studio(workers=7).workers == 7
    assert studio(workers=7, encoder="hardware").workers == 7
