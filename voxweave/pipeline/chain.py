"""The providers of a film's chain that take orders, ready to be asked."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from voxweave.core.film import Canvas
from voxweave.core.orders import STANDARD, Limits, Offer, Told, Wanted
from voxweave.core.text import printable
from voxweave.errors import ProviderError, UsageError
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.media.files import write_atomically
from voxweave.pipeline.sources import Fell, Source, guarded, why
from voxweave.pipeline.studio import Studio
from voxweave.providers.accept import accept_clip
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import Keyed, Painter, Provider, Supplier, Toolkit
from voxweave.providers.lanes import LaneOptions
from voxweave.providers.registry import make_provider, provider_class
from voxweave.settings.keys import keys_for

_LIMITS = ("at_once", "per_minute", "per_hour", "per_day")
_NO_MATTER = frozenset(
    {
        *(
            "key",
            "model",
            "models",
            "base_url",
            "downloads_from",
            "free",
            "sound",
            "longest_s",
            "lane",
            "lanes",
        ),
        *("status_s", "transfer_s", "create_s", "broken_s"),
    }
)
"""Options that change nothing in what is made, or stand in the wish itself."""
_OFFERS: TypeAdapter[tuple[Offer, ...]] = TypeAdapter(tuple[Offer, ...])
_STEP = 16
_CLIP_SIDE, _LEAST_SIDE, _MOST_SIDE = 720, 720, 2160
"""The short side of a clip where any size is taken; of a still, at least and at most."""


@dataclass(frozen=True)
class Link:
    """One provider of the chain: what is ordered of it, or why it cannot be asked in this run."""

    name: str
    source: Source
    offer: Offer | None
    create_s: float
    size: tuple[int, int] | None = None
    down: Fell | None = None

    def sized(self, canvas: Canvas) -> tuple[int, int]:
        """The size to order: the one set, else the offered one nearest to the canvas."""
        return self.size or size_for(canvas, self.offer)


class Inspecting:
    """A supplier whose clips are decoded to their end before they count as here."""

    def __init__(self, inner: Supplier, tools: Toolkit) -> None:
        self.inner, self._tools = inner, tools

    def offers(self) -> tuple[Offer, ...]:
        """What it can make."""
        return self.inner.offers()

    def order(self, wanted: Wanted) -> str:
        """Send once and give the remote id."""
        return self.inner.order(wanted)

    def check(self, remote_id: str) -> Told:
        """How far an order is."""
        return self.inner.check(remote_id)

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        """Remote ids of orders like this one."""
        return self.inner.find(wanted, since)

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        """The clip; one that is damaged is deleted, so that it is fetched again."""
        file = self.inner.collect(remote_id, told, into)
        try:
            accept_clip(self._tools.ffmpeg, file, 0.0, self._tools.stop)
        except ProviderError:
            file.unlink(missing_ok=True)
            raise
        return file


def open_chain(
    studio: Studio,
    folder: Path | None = None,
    *,
    spends: bool = True,
    heard: Callable[[float], None] = lambda _: None,
) -> tuple[Link, ...]:
    """A link for each provider that may take orders, the first choice first; nothing is ordered.

    Who lacks a key takes none, but where nothing is spent its prices are told all the same.
    `heard` is told how much of a download is there.

    `folder` keeps what each offered: one that is down today may still have delivered yesterday.
    """
    names = studio.suppliers
    links = (_link(studio, name, folder, first=name == names[0], heard=heard) for name in names)
    return tuple(_opened(link) if spends else link for link in links)


def painter_link(studio: Studio, name: str, links: Sequence[Link], folder: Path | None) -> Link:
    """The provider that makes stills for others to begin from: the one in the chain, or one beside it."""
    if not hasattr(provider_class(name), "picture"):
        raise UsageError(
            f"the provider {printable(name)} makes no stills to begin from",
            hint="give --reference a picture, a folder of pictures, or a provider such as openai-images",
        )
    found = next((link for link in links if link.name == name), None)
    return found or _opened(_link(studio, name, folder))


def wire_options(studio: Studio, name: str) -> dict[str, Any]:
    """What the user's file says of a provider, and its keys."""
    told = dict(studio.settings.table(name))
    if "key" in _fields(name):
        told["key"] = tuple(key.secret for key in keys_for(name, environ=os.environ))
    return told


def toolkit(studio: Studio, heard: Callable[[float], None] = lambda _: None) -> Toolkit:
    """What a provider is handed; how far it is comes from its orders, and of a download from itself."""
    return Toolkit(studio.ffmpeg, studio.stop, heard)


def size_for(canvas: Canvas, offer: Offer | None) -> tuple[int, int]:
    """The offered size whose shape, then whose area, is nearest to the canvas; else its shape at a usual size."""
    if offer is not None and offer.sizes:
        sizes = [_sides(size) for size in offer.sizes]
        return min(sizes, key=lambda size: _distance(size, canvas))
    short = min(canvas.width, canvas.height)
    side = _CLIP_SIDE
    if offer is not None and offer.makes == "still":
        side = min(max(short, _LEAST_SIDE), _MOST_SIDE)
    scale = side / short
    return _stepped(canvas.width * scale), _stepped(canvas.height * scale)


def _link(
    studio: Studio,
    name: str,
    folder: Path | None,
    *,
    first: bool = False,
    heard: Callable[[float], None] = lambda _: None,
) -> Link:
    told = wire_options(studio, name)
    size = _chosen_size(name, told.pop("size", None))
    chosen = {limit: told.pop(limit) for limit in _LIMITS if limit in told}
    if first:
        told |= _flags(studio, name)
    told |= _lane(studio, name, told)
    maker = _made(name, told, toolkit(studio, heard))
    supplier = maker if isinstance(maker, Painter) else Inspecting(maker, toolkit(studio))
    source = Source(name, supplier, account=_account(maker, told), maker=_maker(maker))
    source.lane = "" if studio.settings.lane == STANDARD else studio.settings.lane
    create_s = float(getattr(getattr(maker, "options", None), "create_s", 120.0))
    offered = (name, source.account, told.get("model", ""), *([source.lane] if source.lane else []))
    kept = f"offers-{fingerprint_of(*offered)[:16]}.json"
    try:
        offers = _offers(studio, source, folder / kept if folder else None)
    except ProviderError as error:
        return Link(name, source, None, create_s, down=_fallen(name, error))
    source.limits = _limits(name, offers[0].limits, chosen) if chosen else None
    ordered = size or size_for(studio.settings.canvas, offers[0])
    return Link(name, source, _priced(offers[0], source.limits, ordered), create_s, size=size)


def _opened(link: Link) -> Link:
    """The link, or why nothing can be asked of it without a key; no request leaves to find that out."""
    keyed = link.source.supplier
    keyed = keyed.inner if isinstance(keyed, Inspecting) else keyed
    try:
        if link.down is None and isinstance(keyed, Keyed):
            guarded(link.name, keyed.ready)()
    except ProviderError as error:
        return replace(link, offer=None, down=_fallen(link.name, error))
    return link


def _fallen(name: str, error: ProviderError) -> Fell:
    return Fell(provider=name, why=why(error), text=printable(str(error), most=400))


def _priced(offer: Offer, limits: Limits | None, size: tuple[int, int]) -> Offer:
    """The offer under the limits that hold, at the price of the size that is ordered."""
    price = offer.price.at(min(size)) if offer.price else None
    return offer.model_copy(update={"limits": limits or offer.limits, "price": price})


def _offers(studio: Studio, source: Source, file: Path | None) -> tuple[Offer, ...]:
    """What it offers; what it offered last time where it cannot be asked now."""
    patience = Patience(first_s=studio.settings.retry_s)
    try:
        offers = ask(source.offered, studio.stop, patience=patience, calm=source.calm)
    except ProviderError:
        offers = _last_offers(file) if file else ()
        if not offers:
            raise
        source.remember(offers)
        return offers
    if file is not None:
        write_atomically(file, _OFFERS.dump_json(offers).decode())
    return offers


def _last_offers(file: Path) -> tuple[Offer, ...]:
    """What it offered last time; nothing where that was not kept, or by another release or hand."""
    try:
        return _OFFERS.validate_json(file.read_bytes())
    except (OSError, ValueError):
        return ()


def _made(name: str, told: Mapping[str, Any], tools: Toolkit) -> Any:
    kind = provider_class(name)
    if not hasattr(kind, "offers"):
        raise UsageError(
            f"the provider {printable(name)!r} makes no pictures", hint="voxweave providers list"
        )
    role: type[Any] = Painter if hasattr(kind, "picture") else Supplier
    return make_provider(name, role, options=told, tools=tools)


def _flags(studio: Studio, name: str) -> dict[str, str]:
    """Address and model as given for the first provider of the chain."""
    given = {"base_url": studio.settings.base_url, "model": studio.settings.model}
    wanted = {key: value for key, value in given.items() if value}
    for key in wanted:
        if key not in _fields(name):
            raise UsageError(f"the provider {printable(name)} takes no {key}", hint="leave it out")
    return wanted


def _lane(studio: Studio, name: str, told: Mapping[str, Any]) -> dict[str, str]:
    """The lane of the whole run, for who knows lanes; a stranger's option of this name is the stranger's."""
    if not issubclass(provider_class(name).Options, LaneOptions):
        return {}
    if "lane" in told:
        raise UsageError(
            f"provider {name}: lane is set for the whole run, not in a provider's table",
            hint='use --lane, or write lane = "slow" above all tables of your own file',
        )
    return {"lane": studio.settings.lane}


def _fields(name: str) -> Mapping[str, Any]:
    kind: type[Provider] = provider_class(name)
    return kind.Options.model_fields


def _account(maker: Any, told: Mapping[str, Any]) -> str:
    """A digest of where it is asked and with which key; it tells neither."""
    keys = [key.get_secret_value() for key in told.get("key", ())]
    return fingerprint_of(str(told.get("base_url", "")), str(getattr(maker, "identity", "")), keys)[:16]


def _maker(maker: Any) -> str:
    """A digest of who it is and of the options that decide what it makes; the wish has the rest."""
    options = getattr(maker, "options", None)
    told = options.model_dump(exclude=set(_NO_MATTER)) if options is not None else {}
    told = to_jsonable_python(told, fallback=repr)  # a stranger's options may hold anything
    where = str(getattr(options, "base_url", ""))
    return fingerprint_of(str(getattr(maker, "identity", "")), where, told)


def _limits(name: str, offered: Limits, chosen: Mapping[str, Any]) -> Limits:
    try:
        return Limits.model_validate({**offered.model_dump(), **chosen})
    except ValueError as error:
        raise UsageError(
            f"provider {name}: {', '.join(chosen)} cannot be as they are set", hint="whole numbers from 1"
        ) from error


def _chosen_size(name: str, size: object) -> tuple[int, int] | None:
    if size is None:
        return None
    try:
        width, height = _sides(str(size))
    except ValueError as error:
        raise UsageError(f"provider {name}: size is WIDTHxHEIGHT, as in 832x480") from error
    return width, height


def _sides(size: str) -> tuple[int, int]:
    wide, _, high = size.partition("x")
    return int(wide), int(high)


def _stepped(side: float) -> int:
    return max(_STEP, round(side / _STEP) * _STEP)


def _distance(size: tuple[int, int], canvas: Canvas) -> tuple[float, int]:
    shape, wanted = size[0] / size[1], canvas.width / canvas.height
    return round(max(shape / wanted, wanted / shape), 2), abs(
        size[0] * size[1] - canvas.width * canvas.height
    )
