"""What can be set, and which values each setting accepts."""

import re
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from voxweave.core.encoding import CODECS, Codec, Container
from voxweave.core.film import Canvas
from voxweave.core.text import printable
from voxweave.core.time import parse_rate
from voxweave.core.value import Value
from voxweave.errors import UsageError

HEIGHTS = {"480p": 480, "720p": 720, "1080p": 1080, "1440p": 1440, "4k": 2160}
"""The short side of the picture, in pixels."""

Aspect = Literal["16:9", "9:16", "1:1", "4:5", "4:3"]

ASPECTS: dict[Aspect, tuple[int, int]] = {
    "16:9": (16, 9),
    "9:16": (9, 16),
    "1:1": (1, 1),
    "4:5": (4, 5),
    "4:3": (4, 3),
}

RATES = (*map(Fraction, (24, 25, 30, 50, 60)), *(Fraction(n * 1000, 1001) for n in (24, 30, 60)))

FILM_ACCEPTED = {
    "preset": "a name from `voxweave presets list`",
    "resolution": "480p, 720p, 1080p, 1440p, 4k or even WIDTHxHEIGHT, 64 to 8192 a side",
    "aspect": "16:9, 9:16, 1:1, 4:5 or 4:3",
    "fps": "24, 25, 30, 50, 60, 23.976, 29.97 or 59.94",
    "format": "mp4, mov or webm",
    "codec": "auto, h264 or hevc (mp4, mov), av1 (mp4, webm) or vp9 (webm)",
    "style": "a name from `voxweave styles list` or a style's TOML file",
    "seed": "a whole number from 0 to 4294967295",
    "title": "text",
    "artist": "text",
    "cover": "a picture file or none",
    "media": "a folder",
    "media_order": "name or spread",
    "media_sound": "drop, duck or keep",
    "loudness": "off or LUFS from -30 to -8",
    "captions": "burn, soft and sidecar in any mix, or none",
    "language": "a language tag such as en, es-MX or zh-Hant",
    "scene_min_s": "seconds from 1 to 60, no more than scene_max_s",
    "scene_max_s": "seconds from 2 to 120, no less than scene_min_s",
    "ffmpeg": "bundled, system, or the path of a program or its folder",
    "sandbox": "auto, on or off",
    "workers": "a whole number from 0 to 64",
    "work": "a folder",
    "font": "a font family's name, or a .ttf or .otf file",
    "thumbnail": "true or false",
    "progress_line": "true or false",
}
"""In an error's and the help's words; settings/orders.py has the rest."""

_SIZE = re.compile(r"(\d{2,4})[x×](\d{2,4})")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}")
_CAPTIONS = ("burn", "soft", "sidecar", "none")

_RATE = re.compile(r"\d{2}(\.\d{1,3})?|\d{5}/1001")


def word(value: object) -> object:
    """A word in small letters."""
    return value.strip().lower() if isinstance(value, str) else value


def _rate(value: object) -> object:
    if not _RATE.fullmatch(text := str(value).strip()):  # Fraction("1e999999999") would never come back
        raise ValueError("no such rate")
    return parse_rate(text)


def split(value: object) -> object:
    """Words with commas between, each once."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        return parts  # the field's own type says no
    return tuple(dict.fromkeys(str(part).strip().lower() for part in parts))


class FilmSettings(Value):
    """What can be set about the film itself."""

    model_config = ConfigDict(hide_input_in_errors=True, allow_inf_nan=False)

    preset: str = Field(default="", description="A bundle of settings for one destination")
    resolution: Annotated[str, BeforeValidator(word)] = Field(
        default="1080p", description="Size of the picture: its short side, or both sides"
    )
    aspect: Annotated[Aspect, BeforeValidator(word)] = Field(
        default="16:9", description="Shape of the picture"
    )
    fps: Annotated[Fraction, BeforeValidator(_rate)] = Field(
        default=Fraction(30), description="Frames a second; the decimals mean the exact NTSC rates"
    )
    format: Annotated[Container | Literal[""], BeforeValidator(word)] = Field(
        default="", description="Container of the film; without it the output's suffix decides, else mp4"
    )
    codec: Annotated[Codec | Literal["auto"], BeforeValidator(word)] = Field(
        default="auto", description="Video codec"
    )
    style: str = Field(default="cyberpunk", description="The look of the pictures")
    seed: int = Field(
        default=0, ge=0, le=2**32 - 1, description="Another number draws other pictures in the same style"
    )
    title: str = Field(
        default="", description="Title on the card and in the file; without it the narration's own tag"
    )
    artist: str = Field(default="", description="Artist in the file; without it the narration's own tag")
    cover: str = Field(
        default="", description="Cover art on the title card; without it the picture in the narration"
    )
    media: str = Field(
        default="", description="Pictures and clips that fill the scenes in place of drawn art"
    )
    media_order: Annotated[Literal["name", "spread"], BeforeValidator(word)] = Field(
        default="name", description="Own media in the order of their names, or spread over the film"
    )
    media_sound: Annotated[Literal["drop", "duck", "keep"], BeforeValidator(word)] = Field(
        default="drop", description="The clips' own sound: dropped, ducked under the voice, or kept"
    )
    loudness: str = Field(default="-16", description="Loudness of the film in LUFS, or off to leave it alone")
    captions: Annotated[tuple[str, ...], BeforeValidator(split)] = Field(
        default=("burn",), description="Captions in the picture, as a track, as a file beside the film"
    )
    language: str = Field(
        default="", description="Language spoken; without it taken from the subtitles or the words"
    )
    scene_min_s: float = Field(default=4.0, ge=1, le=60, description="Shortest scene in seconds")
    scene_max_s: float = Field(default=20.0, ge=2, le=120, description="Longest scene in seconds")
    ffmpeg: str = Field(default="bundled", min_length=1, description="The FFmpeg to run")
    sandbox: Annotated[Literal["auto", "on", "off"], BeforeValidator(word)] = Field(
        default="auto", description="Read others' files in a sandbox: where one works, always, or never"
    )
    workers: int = Field(default=0, ge=0, le=64, description="Scenes rendered at once; 0 means one a core")
    work: str = Field(
        default="", description="Where work in progress is kept; without it .voxweave beside the narration"
    )
    font: str = Field(default="", description="Font of the captions; without it the look's own")
    thumbnail: bool = Field(default=True, description="A picture of the film beside it, as PNG")
    progress_line: bool = Field(default=True, description="A discreet line showing how far the film is")

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_numbers(cls, value: object, about: object) -> object:
        name = getattr(about, "field_name", "")
        if isinstance(value, bool) and cls.model_fields[name].annotation is not bool:
            raise ValueError("neither true nor false")
        return value

    @field_validator("resolution")
    @classmethod
    def _size(cls, value: str) -> str:
        if value not in HEIGHTS:
            match = _SIZE.fullmatch(value)
            sides = [int(side) for side in match.groups()] if match else [0]
            if any(side % 2 or not 64 <= side <= 8192 for side in sides):
                raise ValueError("no such size")
            value = "x".join(map(str, sides))
        return value

    @field_validator("fps")
    @classmethod
    def _offered(cls, value: Fraction) -> Fraction:
        if value not in RATES:
            raise ValueError("no such rate")
        return value

    @field_validator("loudness", mode="before")
    @classmethod
    def _level(cls, value: object) -> str:
        word = str(value).strip().lower()
        if word == "off":
            return word
        level = float(word)
        if not -30 <= level <= -8:
            raise ValueError("out of range")
        return f"{level:g}"

    @field_validator("captions")
    @classmethod
    def _ways(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(way not in _CAPTIONS for way in value) or ("none" in value and len(value) > 1):
            raise ValueError("not a mix of the words")
        return value

    @field_validator("language")
    @classmethod
    def _tag(cls, value: str) -> str:
        if value and not _LANGUAGE.fullmatch(value):
            raise ValueError("not a language tag")
        return value

    @field_validator("title", "artist")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return printable(value)

    @model_validator(mode="after")
    def _together(self) -> Self:
        if self.scene_min_s > self.scene_max_s:
            raise clash("scene_min_s", f"scene_max_s is {self.scene_max_s:g}")
        if self.format and self.codec not in ("auto", *CODECS[self.format]):
            raise clash("codec", f"format is {self.format}")
        return self

    @property
    def canvas(self) -> Canvas:
        """Size and rate of the film; WIDTHxHEIGHT states its own shape."""
        if self.resolution in HEIGHTS:
            width, height = _sides(HEIGHTS[self.resolution], ASPECTS[self.aspect])
        else:
            width, height = map(int, self.resolution.split("x"))
        return Canvas(width=width, height=height, rate=self.fps)

    @property
    def loudness_lufs(self) -> float | None:
        """The loudness to reach, or None to leave it as it is."""
        return None if self.loudness == "off" else float(self.loudness)

    def container(self, suffix: str = "") -> Container:
        """The container of a film whose name ends in `suffix`; UsageError if the two disagree."""
        named = suffix.lower().lstrip(".")
        chosen = self.format or named or ("webm" if self.codec in CODECS["webm"] else "mp4")
        if chosen not in CODECS:
            raise UsageError(f"no film can be written as .{printable(named)}", hint="use .mp4, .mov or .webm")
        if named and named != chosen:
            raise UsageError(
                f"format {chosen} does not fit a name ending in .{printable(named)}", hint="leave one out"
            )
        self.video_codec(chosen)
        return chosen

    def video_codec(self, container: Container) -> Codec:
        """What `codec` means in a container; UsageError if it cannot go there."""
        codec = CODECS[container][0] if self.codec == "auto" else self.codec
        if codec not in CODECS[container]:
            raise UsageError(
                f"codec {codec} does not go into {container}",
                hint=f"{container} takes {' or '.join(CODECS[container])}",
            )
        return codec


def clash(key: str, why: str) -> PydanticCustomError:
    """A setting that cannot be beside another."""
    return PydanticCustomError("clash", "{why}", {"key": key, "why": why})


def _sides(short: int, shape: tuple[int, int]) -> tuple[int, int]:
    across, down = shape
    long = 2 * round(Fraction(short * max(shape), 2 * min(shape)))
    return (long, short) if across >= down else (short, long)
