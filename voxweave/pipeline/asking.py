"""Orders of a job that nobody works on, asked about once."""

import logging
from pathlib import Path

from voxweave.core.logline import order_facts
from voxweave.core.orders import LIVE, Order
from voxweave.core.value import Value
from voxweave.errors import ProviderError, RefusedError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.job import Job, open_job
from voxweave.jobs.log import job_log
from voxweave.jobs.opening import has_orders, open_ledger, open_meter
from voxweave.jobs.sharing import open_sharing, settled
from voxweave.pipeline.chain import open_chain
from voxweave.pipeline.means import Means
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.watching import Watcher
from voxweave.providers.base import Supplier

_LOG = logging.getLogger(__name__)


class Asked(Value):
    """An order before and after its provider was asked; `trouble` says why nobody could tell, `note` what was odd."""

    before: Order
    now: Order
    trouble: str = ""
    note: str = ""


def ask_about(narration: Path, studio: Studio) -> tuple[Asked, ...]:
    """Ask each provider once about the orders it may still have, and fetch what is done; nothing is ordered."""
    sharing = open_sharing(studio.settings.artifacts, stop=studio.stop, tell=_LOG.warning)
    with (
        open_job(narration, studio.work, identity=studio.ffmpeg.build, sharing=sharing) as job,
        settled(sharing),
    ):
        return _asked_all(job, studio) if has_orders(job.folder) else ()


def _asked_all(job: Job, studio: Studio) -> tuple[Asked, ...]:
    kept, folder = studio.settings.ledger, job.folder
    with (
        open_ledger(folder, kept, stop=studio.stop) as ledger,
        open_meter(kept, stop=studio.stop) as meter,
        job_log(folder / "log", folder.name),
    ):
        open_ = [order for order in ledger.orders() if order.state in LIVE | {"done"} and order.remote_id]
        if not open_:
            return ()
        links = open_chain(studio, folder)
        sources = {link.name: link.source for link in links if isinstance(link.source.supplier, Supplier)}
        heard: dict[str, str] = {}
        means = Means(
            ledger,
            meter,
            Budget(),
            studio.stop,
            folder / "orders",
            tell=lambda news: heard.update({news.key: news.text}) if news.what == "waiting" else None,
            sharing=job.sharing,
        )
        watcher = Watcher(means, sources)
        asked = (_asked(order, watcher) for order in open_)
        return tuple(one.model_copy(update={"note": heard.get(one.now.key, "")}) for one in asked)


def _asked(order: Order, watcher: Watcher) -> Asked:
    try:
        now, trouble = watcher.advance(order.key), ""
    except (ProviderError, RefusedError, UsageError) as error:
        now, trouble = order, str(error)
    _LOG.info("asked on demand", extra=order_facts(now, error=trouble))
    return Asked(before=order, now=now, trouble=trouble)
