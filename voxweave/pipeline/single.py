"""One clip from a prompt, without a narration: ordered like a film's, and never paid twice."""

import re
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from voxweave.core.estimate import Estimate, clip_time_s, finish_s
from voxweave.core.orders import Wanted, replaced
from voxweave.core.quotes import Quote, Share
from voxweave.core.text import printable
from voxweave.core.value import MediaFile, Value
from voxweave.errors import (
    Exit,
    ProviderError,
    RefusedError,
    StorageBusy,
    StorageError,
    UsageError,
    VoxWeaveError,
)
from voxweave.jobs.budget import Budget
from voxweave.jobs.fingerprints import fingerprint_of
from voxweave.jobs.job import held, make_folder
from voxweave.jobs.limits import user_file
from voxweave.jobs.log import job_log
from voxweave.jobs.opening import has_orders, open_ledger, open_meter, read_ledger
from voxweave.jobs.orders import Ledger
from voxweave.media.files import check_writable, part_of, write_atomically
from voxweave.pipeline.chain import Link, open_chain
from voxweave.pipeline.clip_news import ClipNews, clip_event
from voxweave.pipeline.clip_wish import ClipRequest, picture_of, wish_for
from voxweave.pipeline.consent import agreed
from voxweave.pipeline.lanes import check_lane, lane_notes
from voxweave.pipeline.means import Means, News, pace_of
from voxweave.pipeline.ordering import Asked, Outcome, order_scenes
from voxweave.pipeline.sources import Fell
from voxweave.pipeline.studio import Studio

_MOST_ALIKE = 10_000
_DELIVERED = "delivered"
"""A mark in the clip's folder: the same words are a new order from then on."""
_ELSEWHERE = "choose another with -o"


class ClipMade(Value):
    """The clip, or still, and where it is from; `fell` says why the first choice did not deliver."""

    file: Path
    wanted: Wanted
    price_usd: float | None
    lane: str = ""
    fell: tuple[Fell, ...] = ()

    @property
    def exit_code(self) -> int:
        """0, or 9 when another than the first choice delivered."""
        return Exit.PARTIAL if self.fell else Exit.DONE


class OpenOrder(Value):
    """What a clip's orders of earlier runs cost or may cost, and whether the next run goes on with one."""

    bound_usd: float = 0.0
    begun: bool = False


def make_clip(request: ClipRequest, studio: Studio) -> ClipMade:
    """Order it, wait for it, and give it a name by the time in the folder asked for."""
    if not request.prompt.strip():
        raise UsageError("the prompt is empty", hint="say what is to be seen")
    if not studio.suppliers:
        raise UsageError("a clip is ordered from a provider", hint="name one with --provider")
    picture = picture_of(request)
    _ready(request.folder)
    make_folder(_clips(), hint=_ELSEWHERE)
    tell = ClipNews(studio)
    links = open_chain(studio, _clips(), heard=tell.heard)
    check_lane(studio, links)
    choices = [wish_for(request, link, studio, picture) for link in links]
    wished = [choice for choice in choices if choice is not None]
    down = tuple(link.down for link in links if link.down)
    if not wished:
        raise _all_fell(down)
    with (
        _own_folder(request.prompt, wished, studio) as folder,
        _book(folder, links, studio) as book,
    ):
        outcome = _ordered(wished, links, _Desk(studio, folder, book), tell=tell)
        if outcome.file is None or outcome.wanted is None:
            raise _all_fell((*down, *outcome.fell))
        order = book.last(outcome.wanted)
        file = _named(outcome.file, request.folder.absolute())
        write_atomically(folder / _DELIVERED, str(time.time()))
        studio.tell(clip_event("done", 1.0, printable(str(file))))
        told = {"price_usd": order.paid_usd, "lane": order.lane} if order else {"price_usd": None}
        return ClipMade(file=file, wanted=outcome.wanted, fell=(*down, *outcome.fell), **told)


def _ready(folder: Path) -> None:
    """Nothing is ordered for a place that cannot be written to."""
    make_folder(folder, hint=_ELSEWHERE)
    check_writable(folder, need_bytes=64 << 20)


def _clips() -> Path:
    """Where single clips' orders are kept."""
    return user_file().parent / "clips"


@contextmanager
def _own_folder(prompt: str, wished: Sequence[Wanted], studio: Studio) -> Iterator[Path]:
    """The folder of this clip's orders: one that was left half-way, else a new one."""
    for number in range(1, _MOST_ALIKE):
        folder = _numbered(prompt, wished, number)
        make_folder(folder, hint=_ELSEWHERE)
        with ExitStack() as stack:
            try:
                stack.enter_context(held(folder / "lock", "the clip"))
            except StorageBusy:  # another run works on it; who asks twice at once gets two
                continue
            if not _ended(folder, studio.settings.ledger):
                yield folder
                return
    raise StorageError(f"{printable(str(folder.parent))} is full of clips with these words")


def _numbered(prompt: str, wished: Sequence[Wanted], number: int) -> Path:
    stem = re.sub(r"[^\w.-]+", "-", printable(prompt, most=30)).strip("-.") or "prompt"
    return _clips() / f"clip-{stem}-{fingerprint_of(tuple(wished))[:8]}-{number}"


def open_order(request: ClipRequest, wished: Sequence[Wanted], kept: str) -> OpenOrder:
    """What an earlier run of this clip left half-way: it costs, or may."""
    for number in range(1, _MOST_ALIKE):
        folder = _numbered(request.prompt, wished, number)
        if not folder.exists():
            break
        if has_orders(folder) and not _ended(folder, kept):
            with read_ledger(folder, kept) as ledger:
                return OpenOrder(bound_usd=ledger.totals().bound_usd, begun=_begun(ledger))
    return OpenOrder()


def _begun(book: Ledger) -> bool:
    """Whether something was ordered that this run goes on with, or must leave to a person."""
    orders = book.orders()
    past = replaced(orders)
    return any(
        order.state not in ("planned", "refused", "failed") for order in orders if order.key not in past
    )


def _ended(folder: Path, kept: str) -> bool:
    """Whether nothing more can come of it: its clip is delivered, or every order was turned down."""
    if (folder / _DELIVERED).exists():
        return True
    if not has_orders(folder):
        return False
    with read_ledger(folder, kept) as ledger:
        orders = ledger.orders()
    return bool(orders) and all(order.state in ("refused", "failed") for order in orders)


def _book(folder: Path, links: Sequence[Link], studio: Studio) -> Ledger:
    longest_s, settings = max(link.create_s for link in links), studio.settings
    return open_ledger(
        folder, settings.ledger, quiet_s=settings.quiet_s, create_s=longest_s, stop=studio.stop
    )


@dataclass(frozen=True)
class _Desk:
    """What one clip is ordered with."""

    studio: Studio
    folder: Path
    book: Ledger


def _ordered(
    wished: Sequence[Wanted], links: Sequence[Link], desk: _Desk, *, tell: Callable[[News], None]
) -> Outcome:
    """The clip from the first that delivers, within what was agreed to."""
    studio, book, settings = desk.studio, desk.book, desk.studio.settings
    sources = [link.source for link in links]
    budget = _agreed(wished[0], links, studio, book)
    with open_meter(settings.ledger, stop=studio.stop) as meter:
        means = Means(
            ledger=book,
            meter=meter,
            budget=budget,
            stop=studio.stop,
            folder=desk.folder / "files",
            pace=pace_of(settings),
            tell=tell,
        )
        with job_log(desk.folder / "log", desk.folder.name):
            return order_scenes([Asked(scene=1, choices=tuple(wished))], means, sources)[0]


def _agreed(wanted: Wanted, links: Sequence[Link], studio: Studio, book: Ledger) -> Budget:
    """What may be spent: as the settings say, or as whoever pays agreed just now."""
    link = next(link for link in links if link.name == wanted.provider)
    try:
        return agreed(_quote(wanted, link, book), studio)
    except RefusedError as error:
        if studio.consent is None:
            raise
        raise RefusedError(str(error)) from error  # its hint speaks of films


def _quote(wanted: Wanted, link: Link, book: Ledger) -> Quote:
    """What it would come to; nothing more where an earlier run ordered it."""
    offer, price = link.offer, link.source.price(wanted)
    begun = _begun(book)
    part = Estimate(
        model=wanted.model,
        orders=1,
        shared=0,
        rest=0,
        seconds=wanted.seconds,
        lengths={wanted.seconds: 1},
        price=offer.price if offer else None,
        total_usd=price,
        takes_s=finish_s(1, link.source.allowed(wanted), clip_time_s(offer)),
        lane=offer.lane if offer else "",
    )
    share = Share(provider=link.name, estimate=part, free=bool(offer and offer.free))
    return Quote(
        shares=(share,),
        scenes=1,
        orders=1,
        already=int(begun),
        new_usd=0.0 if begun else price,
        known_usd=0.0 if begun else price or 0.0,
        spent_usd=book.totals().bound_usd,
        notes=tuple(lane_notes([link])),
    )


def _named(media: MediaFile, folder: Path) -> Path:
    """The file under a name by the local time; never one that is there already."""
    source = media.path
    stem = time.strftime("voxweave_%Y%m%d_%H%M%S")
    for number in count(1):
        final = folder / f"{stem}{f'-{number}' if number > 1 else ''}{source.suffix}"
        try:
            final.touch(exist_ok=False)
        except FileExistsError:
            continue
        try:
            with part_of(final) as part:
                shutil.copyfile(source, part)
        except BaseException:
            final.unlink(missing_ok=True)
            raise
        return final
    raise StorageError(f"{printable(str(folder))} has no name left")


def _all_fell(fell: Sequence[Fell]) -> VoxWeaveError:
    """Why there is no clip, in the first choice's words and with its exit status."""
    first = fell[0]
    words = "; ".join(f"{one.provider}: {one.text}" for one in fell)
    if first.why in ("refused", "budget", "limit"):
        return RefusedError(words)
    return ProviderError(words, hint="the same command goes on" if first.key else "")
