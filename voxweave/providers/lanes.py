"""Lanes of a provider as a user's table declares them: what is sent for one, what it costs, how long it may take."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from voxweave.core.orders import STANDARD, Lane, Price
from voxweave.providers.options import WireOptions

_OF_THE_WISH = frozenset({
    "prompt", "negative_prompt", "model", "size", "seconds", "duration", "aspect_ratio", "resolution", "quality", "seed",
    "input_reference", "image", "image_url", "audio_reference", "n", "fps", "with_audio",
})  # fmt: skip
"""Fields that decide what is made: a clip bought slowly stands for one bought in the usual way."""


class LaneTable(BaseModel):
    """A lane: the fields a create call has for it, its price or its part of the usual one, and its limit of time."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    sends: dict[str, str | int | float | bool] = Field(min_length=1)
    price_factor: float = Field(default=1.0, ge=0, le=10)
    per_clip: float | None = Field(default=None, ge=0)
    per_second: float | None = Field(default=None, ge=0)
    per_second_at: dict[int, float] = {}
    dated: str = ""
    wait_s: float = Field(default=86_400.0, gt=0, le=2_592_000)

    @field_validator("sends")
    @classmethod
    def _changes_no_clip(cls, value: dict[str, Any]) -> dict[str, Any]:
        for name in value:
            if name.lower() in _OF_THE_WISH:
                raise PydanticCustomError(
                    "lane", "{name} decides what is made: no lane may send it", {"name": name}
                )
        return value

    def lane(self, name: str) -> Lane:
        """It as an offer tells of it."""
        return Lane(name=name, factor=self.price_factor, price=self._price, wait_s=self.wait_s)

    @property
    def _price(self) -> Price | None:
        return Price.known(
            self.per_clip,
            self.per_second,
            per_second_at=self.per_second_at,
            dated=self.dated,
            source="your own table",
        )


class LaneOptions(WireOptions):
    """Options of a provider whose orders may go another way; which they go is for the whole run to say."""

    lane: str = STANDARD
    lanes: dict[Literal["slow"], LaneTable] = Field(default_factory=dict)

    @property
    def offered_lanes(self) -> tuple[Lane, ...]:
        """The lanes there are."""
        return tuple(table.lane(name) for name, table in self.lanes.items())

    @property
    def lane_fields(self) -> dict[str, str | int | float | bool]:
        """What a create call has besides, in the lane that is taken."""
        return next((dict(table.sends) for name, table in self.lanes.items() if name == self.lane), {})
