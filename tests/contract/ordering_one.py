"""One order from beginning to end, as a host takes it: asking again where that is safe."""

import time
from pathlib import Path
from typing import Any

from tests.fakes.provider.running import FakeProvider
from voxweave.core.orders import Told, Wanted
from voxweave.media.ffmpeg import find_ffmpeg
from voxweave.media.stopping import StopSignal
from voxweave.providers.accept import Accepted, accept_clip
from voxweave.providers.ask import Patience, ask
from voxweave.providers.base import Provider, Supplier, Toolkit

KEY = "sk-contract-0123456789"
HASTE = Patience(retries=7, first_s=0.01, longest_s=2.0)
_DEADLINE_S = 8.0


def made(kind: type[Provider], fake: FakeProvider, **options: Any) -> Any:
    """The provider, pointed at the fake."""
    told = {"base_url": fake.base_url, "key": KEY, "status_s": 1.0, "transfer_s": 3.0, **options}
    return kind(kind.Options.model_validate(told), Toolkit(find_ffmpeg(), StopSignal(), lambda share: None))


def wanted(supplier: Supplier, **more: Any) -> Wanted:
    """A clip of the first offer."""
    offer = supplier.offers()[0]
    plain = {
        "provider": "x",
        "model": offer.model,
        "prompt": "a boat on a lake",
        "width": 1280,
        "height": 720,
    }
    return Wanted.model_validate({**plain, "seconds": (offer.lengths_s or (4,))[0], **more})


def waited(supplier: Supplier, remote_id: str) -> Told:
    """What an order came to, or how far it was at the deadline."""
    end = time.monotonic() + _DEADLINE_S
    while True:
        told = ask(lambda: supplier.check(remote_id), StopSignal(), patience=HASTE)
        if told.state != "running" or time.monotonic() > end:
            return told
        time.sleep(0.02)


def delivered(supplier: Supplier, want: Wanted, into: Path) -> Accepted:
    """The clip of one order, checked from end to end; a damaged one is fetched again."""
    remote_id = ask(lambda: supplier.order(want), StopSignal(), patience=HASTE)
    told = waited(supplier, remote_id)
    assert told.state == "done", told

    def whole() -> Accepted:
        file = supplier.collect(remote_id, told, into)
        try:
            return accept_clip(find_ffmpeg(), file, want.seconds, StopSignal())
        except Exception:
            file.unlink()
            raise

    return ask(whole, StopSignal(), patience=HASTE)


def played(fake: FakeProvider, *scenarios: str, **switches: Any) -> FakeProvider:
    """The same server, with nothing in memory, and this to happen."""
    fake.reset()
    fake.script(*scenarios, **switches)
    return fake
