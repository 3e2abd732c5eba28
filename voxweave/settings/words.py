"""What can be set about the words: who hears them, and how captions read and look."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from voxweave.core.hearing import Task
from voxweave.core.text import printable
from voxweave.settings.model import split, word
from voxweave.settings.rendering import RENDERING_ACCEPTED, RenderSettings

WORD_ACCEPTED = {
    **RENDERING_ACCEPTED,
    "recognizer": "auto, none or a name from `voxweave providers list` that hears words",
    "speech_model": "a model's name or folder",
    "task": "transcribe or translate (into English)",
    "speakers": "true or false",
    "offline": "true or false",
    "reflow": "true or false",
    "caption_profile": "netflix, bbc, social or karaoke",
    "caption_look": "a name from `voxweave captions looks` or a look's TOML file",
    "caption_color": "a colour such as #ffd400",
    "caption_highlight": "a colour such as #ffd400",
    "caption_size": "a share of the usual size from 0.5 to 2",
    "caption_position": "auto, bottom, middle or top",
    "caption_files": "srt, vtt and ass in any mix",
}
"""In an error's and the help's words."""

Profile = Literal["netflix", "bbc", "social", "karaoke"]
Position = Literal["auto", "bottom", "middle", "top"]
CaptionFile = Literal["srt", "vtt", "ass"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_COLOUR = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6})")


def _colour(value: object) -> object:
    """`#FD0` and `#ffdd00` as the long form in small letters."""
    text = str(value).strip().lower()
    if text and not _COLOUR.fullmatch(text):
        raise ValueError("no colour")
    return "#" + "".join(2 * digit for digit in text[1:]) if len(text) == 4 else text


class WordSettings(RenderSettings):
    """What can be set about words and captions."""

    recognizer: Annotated[str, BeforeValidator(word)] = Field(
        default="auto", description="Who hears the words where neither subtitles nor a script tell them"
    )
    speech_model: str = Field(
        default="", description="Model of the recognizer; without it the best one that is here"
    )
    task: Annotated[Task, BeforeValidator(word)] = Field(
        default="transcribe", description="Words as spoken, or translated into English by the recognizer"
    )
    speakers: bool = Field(default=False, description="Who speaks, where the recognizer can tell")
    offline: bool = Field(default=False, description="Download no model")
    reflow: bool = Field(default=False, description="Given subtitles laid out anew by the caption rules")
    caption_profile: Annotated[Profile, BeforeValidator(word)] = Field(
        default="netflix", description="Rules the captions keep: line length, reading speed, gaps"
    )
    caption_look: str = Field(default="", description="Look of the captions; without it the profile's own")
    caption_color: Annotated[str, BeforeValidator(_colour)] = Field(
        default="", description="Colour of the letters; without it the look's own"
    )
    caption_highlight: Annotated[str, BeforeValidator(_colour)] = Field(
        default="", description="Colour of the word being spoken; without it the look's own"
    )
    caption_size: float = Field(default=1.0, ge=0.5, le=2, description="Size of the letters")
    caption_position: Annotated[Position, BeforeValidator(word)] = Field(
        default="auto", description="Where captions stand; auto leaves it to the look and the frame's shape"
    )
    caption_files: Annotated[tuple[CaptionFile, ...], BeforeValidator(split)] = Field(
        default=("srt",), min_length=1, description="Kinds of the file beside the film that sidecar writes"
    )

    @field_validator("recognizer")
    @classmethod
    def _named(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("no such name")
        return value

    @field_validator("speech_model")
    @classmethod
    def _one_name(cls, value: str) -> str:
        if value != printable(value, most=400):
            raise ValueError("not a name")
        return value
