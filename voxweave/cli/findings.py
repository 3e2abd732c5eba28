"""What `voxweave doctor` says of one thing it looked at."""

from typing import Literal

from voxweave.core.value import Value


class Finding(Value):
    """One thing looked at; `mend` says what to do when it is not well."""

    name: str
    state: Literal["ok", "warn", "bad"]
    found: str
    mend: str = ""


def seen(name: str, found: str, mend: str = "") -> Finding:
    """A thing that is well unless there is something to mend; a film can be made all the same."""
    return Finding(name=name, state="warn" if mend else "ok", found=found, mend=mend)
