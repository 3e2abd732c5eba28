"""What can be set about pictures from providers, and the whole of the settings."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from voxweave.core.text import printable
from voxweave.settings.model import clash, split, word
from voxweave.settings.sharing import SHARING_ACCEPTED, SharingSettings

ACCEPTED = {
    **SHARING_ACCEPTED,
    "provider": "names from `voxweave providers list` with commas between, the first choice first",
    "model": "the name of a model",
    "base_url": "an address that begins with http:// or https://, or a name the provider knows",
    "max_cost": "US dollars from 0 to 100000",
    "yes": "true or false",
    "lane": "standard or slow",
    "clips": "a whole number from 0 to 10000",
    "mix": "a share from 0 to 1",
    "prompt": "text",
    "prompt_mode": "add or replace",
    "writer": "plain or llm",
    "moderation": "off or endpoint",
    "unchecked": "hold, order or stop",
    "clip_sound": "drop, duck or keep",
    "clip_audio": "off or drive",
    "reference": "a picture, a folder of pictures, or a name from `voxweave providers list` that makes stills",
    "cache": "a folder, or off",
    "cache_gb": "gigabytes from 0 to 10000",
    "order_deadline_s": "seconds from 0.01 to 86400",
    "poll_s": "seconds from 0.01 to 600",
    "quiet_s": "seconds from 0.01 to 86400",
    "retry_s": "seconds from 0.01 to 600",
}
"""In an error's and the help's words."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_MOST_USD = 100_000
_MOST_PROMPT = 4_000


class Settings(SharingSettings):
    """All that can be set; a flag, a `VOXWEAVE_` variable and a TOML key go by the same words."""

    provider: Annotated[tuple[str, ...], BeforeValidator(split)] = Field(
        default=("art",),
        description="Where pictures come from: the next takes over where one does not deliver",
    )
    model: str = Field(
        default="", description="Model of the first provider that takes orders; without it the provider's own"
    )
    base_url: str = Field(
        default="", description="Address of the first provider that takes orders; without it its usual one"
    )
    max_cost: str = Field(
        default="",
        description="The most a film's orders may cost; without it nothing, unless you agree to the sum",
    )
    yes: bool = Field(default=False, description="Agree to the estimated sum, and to prices not known")
    lane: Annotated[Literal["standard", "slow"], BeforeValidator(word)] = Field(
        default="standard", description="Orders in the usual way, or where they may take longer and cost less"
    )
    clips: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="So many clips, spread and looped over the film; 0 means one a scene",
    )
    mix: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="Share of the scenes to order, the weightiest; the rest go to the next",
    )
    prompt: str = Field(default="", description="Your own words for every prompt; without it ours alone")
    prompt_mode: Annotated[Literal["add", "replace"], BeforeValidator(word)] = Field(
        default="add", description="Your words beside ours, or in their place"
    )
    writer: Annotated[Literal["plain", "llm"], BeforeValidator(word)] = Field(
        default="plain", description="Who writes the prompts: our own rules, or a language model"
    )
    moderation: Annotated[Literal["off", "endpoint"], BeforeValidator(word)] = Field(
        default="off", description="Prompts checked by a moderation endpoint before anything is ordered"
    )
    unchecked: Annotated[Literal["hold", "order", "stop"], BeforeValidator(word)] = Field(
        default="hold",
        description="Where that endpoint fails: order nothing for its scenes, order all the same, or stop",
    )
    clip_sound: Annotated[Literal["drop", "duck", "keep"], BeforeValidator(word)] = Field(
        default="drop", description="Sound of ordered clips: dropped, ducked under the voice, or kept"
    )
    clip_audio: Annotated[Literal["off", "drive"], BeforeValidator(word)] = Field(
        default="off",
        description="Each scene's piece of the narration sent along, so that the voice drives the picture",
    )
    reference: str = Field(
        default="",
        description="What ordered clips begin from: one picture, one for each scene, or stills made first",
    )
    cache: str = Field(
        default="",
        description="Where ordered pictures are kept for other films; without it the user's cache folder",
    )
    cache_gb: float = Field(
        default=20.0,
        ge=0,
        le=10_000,
        description="The most that is kept for other films; what was not used for longest goes",
    )
    order_deadline_s: float = Field(
        default=1200.0,
        ge=0.01,
        le=86_400,
        description="How long an order is waited for; the next run collects it",
    )
    poll_s: float = Field(
        default=5.0, ge=0.01, le=600, description="First pause between questions about an order"
    )
    quiet_s: float = Field(
        default=60.0, ge=0.01, le=86_400, description="Pause before an order in doubt is looked up"
    )
    retry_s: float = Field(
        default=2.0, ge=0.01, le=600, description="First pause before a failed question is repeated"
    )

    _tables: Mapping[str, Mapping[str, Any]] = PrivateAttr(default_factory=dict)

    @field_validator("provider")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or not all(_NAME.fullmatch(name) for name in value):
            raise ValueError("not a list of names")
        return value

    @field_validator("max_cost", mode="before")
    @classmethod
    def _money(cls, value: object) -> str:
        text = str(value).strip().removeprefix("$")
        if not text:
            return ""
        sum_usd = float(text)
        if not 0 <= sum_usd <= _MOST_USD:
            raise ValueError("out of range")
        return f"{sum_usd:.6f}".rstrip("0").rstrip(".")

    @field_validator("model", "base_url")
    @classmethod
    def _plain(cls, value: str) -> str:
        if value != printable(value, most=400) or " " in value:
            raise ValueError("not one plain word")
        return value

    @field_validator("prompt")
    @classmethod
    def _words(cls, value: str) -> str:
        return printable(value, most=_MOST_PROMPT)

    @model_validator(mode="after")
    def _one_way_to_save(self) -> Self:
        if self.clips and self.mix < 1:
            raise clash("mix", f"clips is {self.clips}")
        return self

    @property
    def max_cost_usd(self) -> float | None:
        """The most a film may cost, where someone said."""
        return float(self.max_cost) if self.max_cost else None

    def table(self, provider: str) -> Mapping[str, Any]:
        """What the user's file says of a provider."""
        return self._tables.get(provider, {})

    @property
    def tables(self) -> Mapping[str, Mapping[str, Any]]:
        """All the user's file says of providers."""
        return self._tables

    def with_tables(self, tables: Mapping[str, Mapping[str, Any]]) -> Self:
        """The same settings, knowing the tables of the user's file."""
        known = self.model_copy()
        known._tables = dict(tables)  # noqa: SLF001  its own kind
        return known
