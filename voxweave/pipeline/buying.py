"""The whole life of one wish at one provider: what to do next is always asked of the ledger."""

from collections.abc import Sequence

from voxweave.core.orders import LIVE, Order, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import (
    DependencyError,
    InputError,
    MediaError,
    ProviderError,
    ProviderFailed,
    RefusedError,
    UsageError,
)
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.orders import Claim
from voxweave.media.files import holds
from voxweave.pipeline.means import Means, News
from voxweave.pipeline.sending import Sender
from voxweave.pipeline.sources import Fell, Source, Why, why
from voxweave.pipeline.watching import Watcher

_SENDS = 3
"""So often is one wish sent in a run, when each time it turned out that nothing arrived or was kept."""
_UNDERWAY = LIVE | {"done", "fetched"}


class Buyer:
    """Sees wishes through; any thread may call it."""

    def __init__(self, means: Means, sources: dict[str, Source]) -> None:
        self._means = means
        self._sources = sources
        self._watcher = Watcher(means, sources)
        self._sender = Sender(means, self._watcher)
        means.settle()

    def buy(self, wanted: Wanted) -> MediaFile | Fell:
        """The clip or still, reused or ordered if need be; or why there is none from this provider."""
        if not self.underway(wanted):
            reused = self._reused(wanted)
            if reused is not None:
                return reused
        order = self._means.ledger.look(wanted).order
        try:
            end = self._lived(wanted)
        except (ProviderError, RefusedError, DependencyError, InputError, MediaError, UsageError) as error:
            text = f"{error}; {error.hint}" if error.hint else str(error)
            now = self._means.ledger.look(wanted).order
            end = self._doubtful(now, text) or _fell(now, why(error), text)
        if isinstance(end, Fell):
            self._means.say(self.last(wanted) or order, "fell", end.text, why=end.why)
        else:
            self._kept(wanted, end)
        return end

    def underway(self, wanted: Wanted) -> bool:
        """Whether money may have gone into this, and something has come or may come of it."""
        order = self._means.ledger.last(wanted)
        return order is not None and order.state in _UNDERWAY

    def last(self, wanted: Wanted) -> Order | None:
        """The newest order of this, if there ever was one."""
        return self._means.ledger.last(wanted)

    def any_up(self, names: Sequence[str]) -> bool:
        """Whether one of these providers is still asked for something new in this run."""
        return any(name in self._sources and self._sources[name].down is None for name in names)

    def price(self, wanted: Wanted) -> float:
        """What it would add to the film's cost now, as far as anybody knows."""
        source = self._sources.get(wanted.provider)
        if source is None or self.underway(wanted) or self._means.shelf.find(source, wanted):
            return 0.0
        return source.price(wanted) or 0.0

    def earlier(self, wanted: Wanted, went: str = "went on to the next provider") -> Fell:
        """Why a choice was passed over for what an earlier run had ordered."""
        order = self._means.ledger.last(wanted)
        reason = f": {order.reason}" if order and order.reason else ""
        return Fell(
            provider=wanted.provider,
            why="earlier",
            text=printable(f"an earlier run {went}{reason}", most=400),
            key=order.key if order else "",
        )

    def _reused(self, wanted: Wanted) -> MediaFile | None:
        """What an earlier order of just this made, for whatever film; nothing is sent, and nothing paid."""
        found = self._means.shelf.find(self._sources.get(wanted.provider), wanted)
        if found is None:
            return None
        key = fingerprint_of(wanted)[:16]
        self._means.tell_one(News(provider=wanted.provider, key=key, what="reused", text=found.film))
        return found.media

    def _kept(self, wanted: Wanted, media: MediaFile) -> None:
        order = self._means.ledger.last(wanted)
        paid = order.paid_usd if order else None
        self._means.shelf.keep(self._sources.get(wanted.provider), wanted, media, paid)

    def _lived(self, wanted: Wanted) -> MediaFile | Fell:
        """Step after step, until it is here or nothing more can come."""
        if wanted.provider not in self._sources:
            raise UsageError(f"no provider {printable(wanted.provider)} was set up")
        source, sends = self._sources[wanted.provider], 0
        while True:
            claim = self._means.ledger.look(wanted)
            if claim.todo == "send":
                sends += 1
                if sends > _SENDS:
                    raise ProviderFailed(f"{source.name} kept none of {_SENDS} orders")
            end = self._stepped(source, claim, fresh=sends > 0)
            if end is not None:
                return end

    def _stepped(self, source: Source, claim: Claim, *, fresh: bool) -> MediaFile | Fell | None:
        """One step; None while there is a next."""
        order = claim.order
        match claim.todo:
            case "send":
                if source.down is not None:
                    return source.down.model_copy(update={"key": order.key})
                self._sender.send(source, order)
            case "quiet" if source.lists(order.wanted):
                self._means.say(order, "waiting", f"it is looked up in {claim.wait_s:.0f} s")
                self._means.stop.wait(claim.wait_s)
            case "quiet" | "ask":
                self._sender.look_up(source, order)
            case "watch":
                return self._watcher.watch(order, fresh=fresh)
            case "collect":
                self._watcher.collect(order.key)
            case "ended":
                return self._ended(source, order)
        return None

    def _ended(self, source: Source, order: Order) -> MediaFile | Fell | None:
        if order.state == "fetched":
            if order.file and holds(order.file.path, order.file.sha256):
                return order.file
            brought = order.file and self._means.brought(order.file, self._watcher.place(order))
            if brought:
                return brought
            reused = self._reused(order.wanted)
            if reused is not None:
                return reused
            self._means.ledger.move(
                order.key, "done" if order.remote_id else "lost", reason="its file is gone"
            )
            return None
        if order.state == "lost" and source.offer(order.wanted).free:
            self._means.ledger.rebuy(order.key)
            return None
        return self._doubtful(order, order.reason) or _fell(order, _WHYS[order.state], _with_way_out(order))

    def _doubtful(self, order: Order, text: str) -> Fell | None:
        """In doubt whatever the error at hand: the line says who can end it."""
        if order.state == "sending":
            return _fell(order, "unknown", f"{text}; the next run looks it up")
        if order.state == "unknown":
            ways = f"voxweave orders adopt {order.key} ID, or voxweave orders rebuy {order.key}"
            return _fell(order, "unknown", f"it may have been ordered, and paid for ({text}); {ways}")
        return None


_WHYS: dict[str, Why] = {"refused": "refused", "failed": "failed", "lost": "lost"}


def _with_way_out(order: Order) -> str:
    reason = order.reason or order.state
    return (
        f"{reason}; voxweave orders rebuy {order.key} pays for another" if order.state == "lost" else reason
    )


def _fell(order: Order, why: Why, text: str) -> Fell:
    return Fell(provider=order.wanted.provider, why=why, text=printable(text, most=400), key=order.key)
