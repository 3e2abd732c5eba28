"""Windows of speech that a service hears for money: each is an order, agreed to beforehand and kept once paid."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from voxweave.core.estimate import Estimate
from voxweave.core.hearing import Heard, Window
from voxweave.core.orders import LIVE, Offer, Order, Wanted
from voxweave.core.quotes import Quote, Share
from voxweave.core.text import counted, printable
from voxweave.core.time import clock
from voxweave.core.value import MediaFile
from voxweave.errors import (
    AnswerUnclear,
    KeyRefused,
    ProviderBusy,
    ProviderFailed,
    ProviderUnreachable,
    RefusedError,
    StorageError,
    VoxWeaveError,
)
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.limits import Meter
from voxweave.jobs.log import job_log
from voxweave.jobs.opening import open_ledger, open_meter
from voxweave.jobs.orders import Ledger
from voxweave.media.files import write_atomically
from voxweave.pipeline.buying import Buyer
from voxweave.pipeline.choosing import Choice
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.desk import Desk
from voxweave.pipeline.means import Means, News, Pace
from voxweave.pipeline.order_news import log_news
from voxweave.pipeline.sources import Fell, Source
from voxweave.providers.ask import Patience

Hear = Callable[[Window], Heard]

_WINDOW_S = 20.0
_HERE = LIVE | {"done", "fetched"}
_DOUBTFUL = ("unknown", "lost")
_OVER = ("sending", "refused", "failed", *_DOUBTFUL)
"""What is not sent again by itself; nobody waits any more for the answer to what is found as `sending`."""
_ERRORS: dict[str, type[VoxWeaveError]] = {
    "refused": RefusedError,
    "budget": RefusedError,
    "limit": RefusedError,
    "key": KeyRefused,
    "busy": ProviderBusy,
    "unreachable": ProviderUnreachable,
}


class Typist:
    """A recognizer that is paid by the window; what it hands over is a file of words."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        self._windows: dict[str, Window] = {}

    def offers(self) -> tuple[Offer, ...]:
        """The one model."""
        return (self._choice.offer.model_copy(update={"makes": "still"}),)

    def expect(self, wanted: Wanted, window: Window) -> None:
        """This is the window an order is for."""
        self._windows[wanted.prompt] = window

    def picture(self, wanted: Wanted, into: Path) -> Path:
        """The words of a window, as JSON in `into`."""
        heard = self._choice.recognizer.hear(self._windows[wanted.prompt])
        file = into / f"{fingerprint_of(wanted)[:24]}.json"
        write_atomically(file, heard.to_json())
        return file


@contextmanager
def dictation(desk: Desk, choice: Choice, windows: Sequence[Window]) -> Iterator[Hear]:
    """A way to have each window heard, after the sum was told and agreed to; RefusedError where it was not."""
    folder = desk.job.folder
    wanted = {window.span.start: wanted_for(choice, window) for window in windows}
    with _books(desk, choice) as (ledger, meter), job_log(folder / "log", folder.name):
        _check_doubts(ledger, tuple(wanted.values()))
        quote = quote_for(choice, windows, ledger)
        desk.tell_all(quote.lines())
        budget = agreed(quote, desk.studio, what="the words")
        pace = Pace(patience=Patience(first_s=desk.studio.settings.retry_s))
        means = Means(
            ledger=ledger,
            meter=meter,
            budget=budget,
            stop=desk.studio.stop,
            folder=folder / "orders",
            pace=pace,
            tell=lambda news: _told(desk, news),
            sharing=desk.job.sharing,
        )
        typist = Typist(choice)
        source = Source(choice.name, typist, account=fingerprint_of(choice.recognizer_identity)[:16])
        buyer = Buyer(means, {choice.name: source})

        def hear(window: Window) -> Heard:
            typist.expect(wanted[window.span.start], window)
            media = _bought(buyer, ledger, wanted[window.span.start])
            return words_in(media.path)

        yield hear


def words_in(file: Path) -> Heard:
    """Words that were paid for; StorageError where they cannot be read, and no second order for that."""
    try:
        return Heard.model_validate_json(file.read_bytes())
    except ValueError as error:
        raise StorageError(
            f"the words in {printable(str(file), most=400)} are paid for, but not as this release writes them",
            hint="go on with the release that kept them, or name another --recognizer",
        ) from error


def quoted_words(desk: Desk, choice: Choice, windows: Sequence[Window]) -> Quote:
    """What hearing these windows would add; nothing is sent."""
    with _books(desk, choice) as (ledger, _):
        return quote_for(choice, windows, ledger)


def paid_for(desk: Desk, choice: Choice, windows: Sequence[Window]) -> float | None:
    """What the windows cost over all runs, those in doubt included; None where a price is not known."""
    keys = {fingerprint_of(wanted_for(choice, window))[:16] for window in windows}
    with _books(desk, choice) as (ledger, _):
        orders = [order for order in ledger.orders() if order.key.rpartition("-")[0] in keys]
    prices = [order.price_usd for order in orders if order.state in (*_HERE, *_DOUBTFUL)]
    known = [price for price in prices if price is not None]
    return round(sum(known), 6) if len(known) == len(prices) else None


def wanted_for(choice: Choice, window: Window) -> Wanted:
    """The order of a window: what decides which words come back, whenever it is asked again."""
    span = f"{clock(window.span.start)}-{clock(window.span.end)}"
    what = f"words {span} {window.language or 'any language'} {window.task} ({choice.recognizer_identity})"
    return Wanted(
        provider=choice.name,
        model=choice.offer.model,
        prompt=what,
        seconds=max(1, math.ceil(window.span.duration / 1000)),
        width=0,
        height=0,
        sound=window.sound,
    )


def quote_for(choice: Choice, windows: Sequence[Window], ledger: Ledger) -> Quote:
    """All windows as orders; those heard before, and those that a person has to speak of, apart."""
    wanted = [wanted_for(choice, window) for window in windows]
    states = [_state(ledger, one) for one in wanted]
    fresh = [one for one, state in zip(wanted, states, strict=True) if state not in ("fetched", *_OVER)]
    price = choice.offer.price
    sums = [None if price is None else price.of(one.seconds) for one in fresh]
    known = round(sum(each for each in sums if each is not None), 6)
    totals = ledger.totals()
    whole = Estimate(
        model=choice.offer.model,
        orders=len(wanted),
        shared=0,
        rest=0,
        seconds=sum(one.seconds for one in wanted),
        lengths=_lengths(wanted),
        price=price,
        total_usd=None if price is None else round(sum(price.of(one.seconds) for one in wanted), 6),
        takes_s=_WINDOW_S * len(fresh),
    )
    return Quote(
        shares=(Share(provider=choice.name, estimate=whole, free=choice.offer.free),),
        scenes=0,
        orders=len(fresh),
        already=states.count("fetched"),
        ended=sum(state in _OVER for state in states),
        new_usd=None if None in sums else known,
        known_usd=known,
        spent_usd=totals.bound_usd,
        notes=(f"{whole.model} ends on {choice.offer.retires}",) if choice.offer.retires else (),
    )


def _lengths(wanted: Sequence[Wanted]) -> dict[int, int]:
    lengths: dict[int, int] = {}
    for one in wanted:
        lengths[one.seconds] = lengths.get(one.seconds, 0) + 1
    return lengths


def _state(ledger: Ledger, wanted: Wanted) -> str:
    order = ledger.last(wanted)
    return order.state if order else "planned"


@contextmanager
def _books(desk: Desk, choice: Choice) -> Iterator[tuple[Ledger, Meter]]:
    settings = desk.studio.settings
    create_s = float(getattr(getattr(choice.recognizer, "options", None), "create_s", 120.0))
    kept, stop = settings.ledger, desk.studio.stop
    with (
        open_ledger(desk.job.folder, kept, quiet_s=settings.quiet_s, create_s=create_s, stop=stop) as ledger,
        open_meter(kept, stop=stop) as meter,
    ):
        yield ledger, meter


def _check_doubts(ledger: Ledger, wanted: Sequence[Wanted]) -> None:
    """AnswerUnclear where an earlier run may have paid for what never came: only a person sends that again."""
    last = [_given_up(ledger, order) for one in wanted if (order := ledger.last(one)) is not None]
    doubtful = [order for order in last if order.state in _DOUBTFUL]
    if doubtful:
        raise _in_doubt(doubtful, doubtful[0].reason)


def _given_up(ledger: Ledger, order: Order) -> Order:
    if order.state != "sending":
        return order
    return ledger.move(order.key, "unknown", reason="the run ended before its answer came")


def _bought(buyer: Buyer, ledger: Ledger, wanted: Wanted) -> MediaFile:
    """The file of words; one that is in doubt ends the run, since its answer cannot be fetched later."""
    got = buyer.buy(wanted)
    if not isinstance(got, Fell):
        return got
    if got.why in _DOUBTFUL:
        raise _in_doubt([ledger.order(got.key)], got.text.partition("; voxweave orders")[0])
    kind = _ERRORS.get(got.why, ProviderFailed)
    hint = f"voxweave orders rebuy {got.key} asks again" if got.why == "refused" and got.key else ""
    raise kind(f"{got.provider}: {got.text}", hint=hint or "run again; what was heard is kept")


def _in_doubt(orders: Sequence[Order], reason: str) -> AnswerUnclear:
    """What is not known, and the two commands that end it; it costs budget until then, and after."""
    windows = f"{counted(len(orders), 'window')} of words"
    ways = " and ".join(f"voxweave orders rebuy {order.key}" for order in orders)
    return AnswerUnclear(
        f"{orders[0].wanted.provider}: {windows} may have been paid for and never came ({reason})",
        hint=f"voxweave orders list names them; {ways} agrees to pay again, and the next run sends it once",
    )


def _told(desk: Desk, news: News) -> None:
    log_news(news)
    if news.what == "waiting" and news.text:
        desk.teller.notice(f"{news.provider}: {news.text}")
