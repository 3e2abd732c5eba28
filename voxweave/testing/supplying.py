"""Whether a provider takes orders, or paints, as the host relies on."""

import time
from pathlib import Path

from voxweave.core.orders import Offer, Told, Wanted
from voxweave.errors import (
    AnswerUnclear,
    InputError,
    ProviderBusy,
    ProviderError,
    ProviderFailed,
    ProviderUnreachable,
)
from voxweave.media.files import fingerprint
from voxweave.media.magic import recognise
from voxweave.media.scratch import scratch
from voxweave.media.stills import prepare_still
from voxweave.media.stopping import StopSignal
from voxweave.providers.accept import accept_clip
from voxweave.providers.base import Painter, Supplier
from voxweave.testing.kit import (
    Make,
    answered,
    brought,
    checked_offers,
    failing,
    made_as,
    of_kind,
    rule,
    toolkit,
    wishes,
)
from voxweave.testing.pictures import CANVAS

_POLL_S = 0.02
_NOBODY = "kit-0000-no-such-order"
_CLOCKS_S = 2.0


def check_supplier(
    make: Make,
    into: Path,
    *,
    nobody: Make | None = None,
    wanted: Wanted | None = None,
    deadline_s: float = 60.0,
) -> None:
    """Place two orders, see them through, and hold the provider to what the host relies on.

    `make` is called again and again: an order must be found by its id alone. `nobody` makes the
    provider where no server listens. AssertionError names the rule that is broken.
    """
    supplier = made_as(make, Supplier)
    offer = _first(supplier, "clip")
    rule(offer == _first(made_as(make, Supplier), "clip"), "the same is offered in every run")
    first, second = wishes(offer)
    first = wanted or first
    second = first.model_copy(update={"prompt": second.prompt}) if wanted else second
    began = time.time() - _CLOCKS_S
    ordered = [_ordered(supplier, one) for one in (first, second)]
    rule(ordered[0] != ordered[1], "every order has an id of its own")
    told = [_done(make, remote_id, deadline_s) for remote_id in ordered]
    _listed(made_as(make, Supplier), offer, first, (began, ordered[0], ordered[1]))
    for remote_id, one in zip(ordered, told, strict=True):
        _collected(make, remote_id, one, into / f"order-{ordered.index(remote_id)}", first.seconds)
    _stranger(made_as(make, Supplier))
    if nobody is not None:
        _unreachable(made_as(nobody, Supplier), first)


def check_painter(
    make: Make, into: Path, *, nobody: Make | None = None, wanted: Wanted | None = None
) -> None:
    """Ask for two pictures, and hold the provider to what the host relies on."""
    painter = made_as(make, Painter)
    offer = _first(painter, "still")
    rule(offer == _first(made_as(make, Painter), "still"), "the same is offered in every run")
    first, second = wishes(offer)
    into.mkdir(parents=True, exist_ok=True)
    one = _painted(painter, wanted or first, into)
    before = fingerprint(one)
    other = _painted(painter, second, into, kept=one)
    rule(other != one and fingerprint(one) == before, "a second picture leaves the first as it is")
    if nobody is not None:
        far = made_as(nobody, Painter)
        error = failing(lambda: far.picture(first, into))
        rule(
            isinstance(error, ProviderUnreachable),
            "where nobody listens picture() raises ProviderUnreachable",
        )


def _first(provider: Supplier | Painter, makes: str) -> Offer:
    offer = checked_offers(answered(provider.offers, "offers()"))[0]
    rule(offer.makes == makes, f"its first offer makes a {makes}")
    return offer


def _ordered(supplier: Supplier, wanted: Wanted) -> str:
    def once() -> str:
        try:
            return supplier.order(wanted)
        except ProviderFailed as error:  # here, before anybody asks it again
            raise AssertionError("order() never raises ProviderFailed: it would be sent again") from error

    remote_id = answered(once, "order()")
    rule(isinstance(remote_id, str) and remote_id, "order() gives an id that is not empty")
    rule(remote_id.isprintable() and len(remote_id) <= 400, "an id is printable, and 400 characters at most")
    return remote_id


def _done(make: Make, remote_id: str, deadline_s: float) -> Told:
    """What check() says at the end, each time of a provider that was made anew."""
    ends = time.monotonic() + deadline_s
    while True:
        supplier = made_as(make, Supplier)
        told = answered(lambda: supplier.check(remote_id), "check()")  # noqa: B023  called at once
        rule(isinstance(told, Told), "check() gives a Told")
        if told.state != "running":
            break
        rule(time.monotonic() < ends, f"an order is done within {deadline_s:g} s, or the kit is given more")
        time.sleep(min(told.poll_after_s or _POLL_S, 1.0))
    rule(told.state == "done", f"the order is done, and not {told.state}: {told.reason}")
    return told


def _listed(supplier: Supplier, offer: Offer, wanted: Wanted, seen: tuple[float, str, str]) -> None:
    began, mine, other = seen
    found = answered(lambda: supplier.find(wanted, began), "find()")
    if not offer.lists_orders:
        rule(found is None, "where lists_orders is False find() gives None")
        return
    if found is not None:  # some lists tell no words: all they can say is that nothing is new
        ids = of_kind(
            found,
            tuple,
            "where lists_orders is True find() gives a tuple of ids, or None where they cannot be told apart",
        )
        rule(mine in ids, "find() finds an order by what was wanted")
        rule(other not in ids, "find() leaves orders with other words alone")
    later = answered(lambda: supplier.find(wanted, time.time() + 3_600), "find()")
    rule(later == (), "find() gives none that were made before the moment asked for")


def _collected(make: Make, remote_id: str, told: Told, into: Path, seconds: float) -> None:
    """The clip, whole, in its folder; a second call in another run gives the same."""
    into.mkdir(parents=True, exist_ok=True)
    file = _clip(make, remote_id, told, into)
    accept_clip(toolkit().ffmpeg, file, seconds, StopSignal())
    again = _clip(make, remote_id, told, into)
    rule(again.read_bytes()[:64] == file.read_bytes()[:64], "a clip may be collected twice")


def _clip(make: Make, remote_id: str, told: Told, into: Path) -> Path:
    supplier = made_as(make, Supplier)
    file = brought(answered(lambda: supplier.collect(remote_id, told, into), "collect()"), into)
    with file.open("rb") as stream:
        rule(recognise(stream.fileno()).demuxer == "mov", "the clip begins like an MP4")
    return file


def _stranger(supplier: Supplier) -> None:
    """An id nobody gave: the provider may know nothing of it, and must not break."""
    told: list[Told] = []
    error = failing(lambda: told.append(supplier.check(_NOBODY)))
    rule(
        error or told[0].state in ("lost", "failed", "refused"),
        "an unknown order is neither done nor running",
    )


def _unreachable(supplier: Supplier, wanted: Wanted) -> None:
    error = failing(lambda: supplier.order(wanted))
    rule(isinstance(error, ProviderUnreachable), "where nobody listens order() raises ProviderUnreachable")
    error = failing(lambda: supplier.check(_NOBODY))
    fits = isinstance(error, ProviderError) and not isinstance(error, AnswerUnclear | ProviderBusy)
    rule(fits, "where nobody listens check() raises ProviderUnreachable or ProviderFailed")


def _painted(painter: Painter, wanted: Wanted, into: Path, kept: Path | None = None) -> Path:
    file = brought(
        answered(lambda: painter.picture(wanted, into), "picture()"), into, (kept,) if kept else ()
    )
    with scratch() as folder:
        try:
            prepare_still(toolkit().ffmpeg, fingerprint(file), CANVAS, folder, StopSignal())
        except InputError as error:
            raise AssertionError(f"the picture can be read: {error}") from error
    return file
