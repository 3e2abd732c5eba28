"""What a user may set for the recognizer `whisper`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from voxweave.core.hearing import Task
from voxweave.places import cache_folder, expanded

HUB = "https://huggingface.co"

Folder = Annotated[Path, AfterValidator(expanded)]


def _our_cache() -> Path:
    return cache_folder() / "models"


def _hub_cache() -> Path:
    return expanded("~") / ".cache" / "huggingface" / "hub"


class WhisperOptions(BaseModel):
    """Which model, where models are kept, and how they are run.

    `model` is a name (`base`), a repository of the hub (`someone/their-model`) or a folder; empty takes the
    best that is here, else the best this machine should have. `hub_cache` is where other programs keep what
    they fetched from the hub; it is read, never written.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = ""
    folder: Folder = Field(default_factory=_our_cache)
    hub: str = HUB
    hub_cache: Folder = Field(default_factory=_hub_cache)
    offline: bool = False
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int = Field(default=0, ge=0, le=256)
    beam: int = Field(default=5, ge=1, le=20)
    task: Task = "transcribe"
