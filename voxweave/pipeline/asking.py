"""Orders of a job that nobody works on, asked about once."""

import logging
from pathlib import Path

from voxweave.core.logline import order_facts
from voxweave.core.orders import LIVE, Order
from voxweave.core.value import Value
from voxweave.errors import ProviderError, RefusedError, UsageError
from voxweave.jobs.budget import Budget
from voxweave.jobs.job import open_job
from voxweave.jobs.log import job_log
from voxweave.jobs.opening import has_orders, open_ledger, open_meter
from voxweave.pipeline.chain import open_chain
from voxweave.pipeline.means import Means
from voxweave.pipeline.studio import Studio
from voxweave.pipeline.watching import Watcher
from voxweave.providers.base import Supplier

_LOG = logging.getLogger(__name__)


class Asked(Value):
    """An order before and after its provider was asked; `trouble` says why nobody could tell."""

    before: Order
    now: Order
    trouble: str = ""


def ask_about(narration: Path, studio: Studio) -> tuple[Asked, ...]:
    """Ask each provider once about the orders it may still have, and fetch what is done; nothing is ordered."""
    with open_job(narration, studio.work, identity=studio.ffmpeg.build) as job:
        if not has_orders(job.folder):
            return ()
        kept = studio.settings.ledger
        with (
            open_ledger(job.folder, kept, stop=studio.stop) as ledger,
            open_meter(kept, stop=studio.stop) as meter,
            job_log(job.folder / "log", job.folder.name),
        ):
            open_ = [order for order in ledger.orders() if order.state in LIVE | {"done"} and order.remote_id]
            if not open_:
                return ()
            links = open_chain(studio, job.folder)
            sources = {link.name: link.source for link in links if isinstance(link.source.supplier, Supplier)}
            watcher = Watcher(Means(ledger, meter, Budget(), studio.stop, job.folder / "orders"), sources)
            return tuple(_asked(order, watcher) for order in open_)


def _asked(order: Order, watcher: Watcher) -> Asked:
    try:
        now, trouble = watcher.advance(order.key), ""
    except (ProviderError, RefusedError, UsageError) as error:
        now, trouble = order, str(error)
    _LOG.info("asked on demand", extra=order_facts(now, error=trouble))
    return Asked(before=order, now=now, trouble=trouble)
