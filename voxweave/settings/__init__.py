"""One frozen model of what can be set, and where each value came from."""

from voxweave.settings.orders import ACCEPTED, Settings
from voxweave.settings.origins import CONFIG, NAME, Loaded, from_folder, load, user_file
from voxweave.settings.presets import Preset, presets, user_presets
from voxweave.settings.tables import meant

__all__ = [
    "ACCEPTED",
    "CONFIG",
    "NAME",
    "Loaded",
    "Preset",
    "Settings",
    "from_folder",
    "load",
    "meant",
    "presets",
    "user_file",
    "user_presets",
]
