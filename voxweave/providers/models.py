"""What is known of models from outside: lengths, sizes, prices and end dates, as dated data one may override."""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from pydantic import ConfigDict, Field, ValidationError

from voxweave.core.orders import Limits, Offer, Price
from voxweave.core.value import Value
from voxweave.errors import UsageError
from voxweave.resources import resource

Overrides = Mapping[str, Mapping[str, Any]]
"""By model: what the user's settings say of it."""


class Model(Value):
    """One model as `config/providers.toml` knows it; what is left out is not known, or has no limit.

    `sends` are fields of a request the model takes beyond prompt and model; `usual` are values for them.
    `gone` is the day it ended on the hosts named, for good. `per_second_at` are prices by the short side
    of the picture; `per_million_in` and `_out` by tokens read and written. `takes_sound`: the voice may drive the picture, where the server has a field for it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = ""
    lengths_s: tuple[int, ...] = ()
    longest_s: int = 10
    sizes: tuple[str, ...] = ()
    any_size: bool = False
    per_clip: float | None = None
    per_second: float | None = None
    per_second_at: Mapping[int, float] = {}
    per_quality: Mapping[str, float] = {}
    per_million_in: float | None = Field(default=None, ge=0)
    per_million_out: float | None = Field(default=None, ge=0)
    dated: str = ""
    source: str = ""
    longest_prompt: int = Field(default=2_000, ge=50)
    takes_picture: bool = False
    takes_sound: bool = False
    needs_picture: bool = False
    at_once: int | None = 3
    per_minute: int | None = None
    per_hour: int | None = 10
    per_day: int | None = 100
    sends: tuple[str, ...] = ()
    usual: Mapping[str, str | int | float | bool] = {}
    hosts: tuple[str, ...] = ()
    retires: str = ""
    gone: str = ""

    @property
    def price(self) -> Price | None:
        """Its price, where one is known."""
        return Price.known(
            self.per_clip,
            self.per_second,
            per_second_at=self.per_second_at,
            dated=self.dated,
            source=self.source,
        )

    def tokens_usd(self, tokens_in: int, tokens_out: int) -> float | None:
        """What so many tokens of a language model cost; None where that is not known."""
        if self.per_million_in is None or self.per_million_out is None:
            return None
        return round((tokens_in * self.per_million_in + tokens_out * self.per_million_out) / 1e6, 6)

    @property
    def priced(self) -> bool:
        """Whether anything is known of what it costs."""
        return self.price is not None or self.tokens_usd(1, 1) is not None

    @property
    def limits(self) -> Limits:
        """How many orders of it are taken."""
        return Limits(
            at_once=self.at_once,
            per_minute=self.per_minute,
            per_hour=self.per_hour,
            per_day=self.per_day,
        )

    def offer(self, **more: Any) -> Offer:
        """It as something to order; `more` is what the server adds to it."""
        plain: dict[str, Any] = {
            "model": self.name,
            "lengths_s": self.lengths_s,
            "longest_s": max(self.lengths_s, default=self.longest_s),
            "sizes": () if self.any_size else self.sizes,
            "price": self.price,
            "limits": self.limits,
            "longest_prompt": self.longest_prompt,
            "takes_picture": self.takes_picture,
            "needs_picture": self.needs_picture,
            "retires": self.retires or self.gone,
        }
        return Offer(**{**plain, **more})


def known_models(provider: str, overrides: Overrides | None = None) -> dict[str, Model]:
    """What is known of a provider's models, in the order of the file; a user's own words win."""
    plain: dict[str, dict[str, Any]] = {name: dict(told) for name, told in _shipped(provider).items()}
    for name, told in (overrides or {}).items():
        shipped = dict(plain.get(name, {}))
        if "per_second" in told:
            shipped.pop("per_second_at", None)
        plain[name] = {**shipped, **told}
    return {name: _model(provider, name, told) for name, told in plain.items()}


def _model(provider: str, name: str, told: Mapping[str, Any]) -> Model:
    try:
        return Model.model_validate({"dated": _dated(), **told, "name": name})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"provider {provider}, model {name}: {where}: {first['msg']}") from error


def _shipped(provider: str) -> Mapping[str, Mapping[str, Any]]:
    return cast(Mapping[str, Mapping[str, Any]], _file().get(provider, {}))


def _dated() -> str:
    return str(_file().get("dated", ""))


@cache
def _file() -> Mapping[str, Any]:
    with resource("providers.toml").open("rb") as file:
        return tomllib.load(file)
