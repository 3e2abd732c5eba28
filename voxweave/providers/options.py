"""What every provider on the network lets a user set."""

import ipaddress
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from voxweave.providers.http import Times, base_address
from voxweave.providers.http_guard import is_inner_name


def _several(keys: Any) -> Any:
    """One key, or several with commas or lines between."""
    if isinstance(keys, SecretStr):
        keys = keys.get_secret_value()
    if isinstance(keys, str):
        return tuple(key for key in keys.replace(",", "\n").split() if key)
    return keys


class WireOptions(BaseModel):
    """Where the provider is, what opens it, and how long we wait."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    base_url: str = ""
    model: str = ""
    key: Annotated[tuple[SecretStr, ...], BeforeValidator(_several)] = ()
    models: dict[str, dict[str, Any]] = {}
    """By name: what `config/providers.toml` should say of a model, above all prices."""
    downloads_from: tuple[str, ...] = ()
    """Further origins clips may come from, on private addresses or without https: a store of one's own."""
    proxy: str = ""
    """A proxy all its requests go through, as in http://proxy.example.com:3128; never the environment's."""
    status_s: float = Field(default=30.0, gt=0, le=600)
    transfer_s: float = Field(default=120.0, gt=0, le=7200)
    create_s: float = Field(default=120.0, ge=60, le=7200)

    @property
    def way(self) -> dict[str, Any]:
        """How our client reaches it: its limits of time, further origins, a proxy."""
        return {"times": self.times, "also": self.downloads_from, "proxy": self.proxy}

    @property
    def times(self) -> Times:
        """The limits of time, for our client."""
        return Times(status=self.status_s, create=self.create_s, transfer=self.transfer_s)


def is_local(base_url: str) -> bool:
    """Whether the address is one's own machine or network, as far as its spelling tells."""
    host = base_address(base_url).host
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return is_inner_name(host)
