"""How many processor cores this program may use."""

import os


def cores() -> int:
    """Those it may run on, which may be fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
