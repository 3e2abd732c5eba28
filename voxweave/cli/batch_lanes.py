"""The lane of a batch's orders, checked once for all films before any of them begins."""

from collections.abc import Iterable

from voxweave.cli.wanted import Wanted
from voxweave.core.orders import STANDARD
from voxweave.media.stopping import StopSignal
from voxweave.settings import Settings


def check_lanes(films: Iterable[Wanted]) -> None:
    """UsageError where nobody who would be paid for a film has its lane; who is asked alike is asked once."""
    asked: dict[tuple[object, ...], Settings] = {}
    for wanted in films:
        for one in wanted.settings:
            if one.lane != STANDARD:
                asked.setdefault((one.provider, one.model, one.base_url, one.reference), one)
    if not asked:
        return
    from voxweave.pipeline.lanes import check_lane
    from voxweave.pipeline.studio import open_studio

    for settings in asked.values():
        check_lane(open_studio(settings, stop=StopSignal(), tell=lambda _: None))
