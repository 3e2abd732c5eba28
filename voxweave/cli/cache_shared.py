"""The shared store's part of `voxweave cache`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from voxweave.core.text import printable
from voxweave.errors import UsageError

if TYPE_CHECKING:
    from voxweave.jobs.artifacts import Artifacts

_PATIENCE_S = 5.0
"""A person who looks waits less than a film does."""


def shared_facts(address: str) -> dict[str, object]:
    """What lies there, for programs."""
    from voxweave.jobs.shared_upkeep import holding

    artifacts = _opened(address)
    return {"store": artifacts.shown, **holding(artifacts).model_dump()}


def shared_lines(address: str) -> Iterator[str]:
    """What lies in the shared store, in lines for people."""
    from voxweave.jobs.shared_upkeep import holding

    artifacts = _opened(address)
    yield f"shared: {printable(artifacts.shown, most=1000)}"
    found = holding(artifacts)
    for share in found.kinds:
        yield f"{share.kind}  {share.count if share.bytes is None else told_size(share.count, share.bytes)}"
    yield f"{told_size(found.files, found.bytes)} in all"


def clean_shared(address: str, *, older_than_s: float, sure: bool) -> str:
    """Take it from all machines; UsageError until somebody is sure. How much went."""
    from voxweave.jobs.shared_upkeep import holding, throw_away

    if not address:
        raise UsageError("no shared store is set", hint="name it with --artifacts")
    artifacts = _opened(address)
    if not sure:
        found = holding(artifacts)
        old = f"what is older than {older_than_s / 86_400:g} days of " if older_than_s else ""
        raise UsageError(
            f"this takes {old}{told_size(found.files, found.bytes)} in {artifacts.shown} from every machine, "
            "and from films that are still being made there",
            hint="if that is what you want: --shared --for-all-machines",
        )
    gone = throw_away(artifacts, older_than_s=older_than_s)
    return told_size(len(gone), sum(file.size for file in gone))


def told_size(count: int, size: int) -> str:
    """How many files, and how large."""
    return f"{count} file{'' if count == 1 else 's'}, {size / 1e6:.1f} MB"


def _opened(address: str) -> "Artifacts":
    from voxweave.jobs.artifacts import Artifacts

    return Artifacts.open(address, patience_s=_PATIENCE_S)
