"""`voxweave clip -f`: a clip from each line of a file; what is made already is not ordered again."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli import tell_error
from voxweave.cli.history import Made, remembered
from voxweave.core.text import printable
from voxweave.errors import Exit, InputError, Stopped, VoxWeaveError

if TYPE_CHECKING:
    from voxweave.pipeline.listed import Purse
    from voxweave.pipeline.single import ClipMade

_MOST = 10_000
_MOST_BYTES = 4 << 20


@dataclass(frozen=True)
class Wish:
    """One line of a file, and the list it is of."""

    prompt: str
    listed: str
    left_usd: float | None
    """What of --max-cost is left for it; None where that was not said."""


Make = Callable[[Wish], "ClipMade"]


def prompts_in(file: Path) -> tuple[str, ...]:
    """A prompt a line, each once; empty lines and those that begin with # are left out."""
    from voxweave.media.files import content_of

    try:
        text = content_of(file, "a list of prompts", _MOST_BYTES, pipes=True).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{printable(str(file))} is not UTF-8", hint="save it as UTF-8 text") from error
    lines = [" ".join(line.split()) for line in text.splitlines()]
    found = tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not found or len(found) > _MOST:
        raise InputError(
            f"{printable(str(file))} holds {len(found)} prompts", hint=f"one a line, 1 to {_MOST} of them"
        )
    return found


def name_of(file: Path, asked: dict[str, object]) -> str:
    """What a list goes by: its file, and how its clips are to be; asked otherwise they are other clips."""
    told = json.dumps([str(file.absolute()), asked], sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def there_already(listed: str) -> dict[str, Made]:
    """Those of a list that lie where they were made, by their prompts."""
    return {
        made.source: made for made in remembered() if made.listed == listed and os.path.lexists(made.path)
    }


def make_each(
    prompts: Sequence[str], listed: str, make: Make, purse: "Purse"
) -> tuple[list["ClipMade"], Exit]:
    """Make them one by one; one that fails is told, and the others are made. The first failure's status."""
    begun = time.time()
    failed: list[tuple[str, Exit]] = []
    found: list[ClipMade] = []
    for prompt in prompts:
        left = max(purse.left_usd - _bound_since(begun, purse.ledger), 0.0) + purse.bound_usd.get(prompt, 0.0)
        try:
            found.append(make(Wish(prompt, listed, left)))
        except Stopped:
            raise
        except VoxWeaveError as error:
            failed.append((prompt, tell_error(error)))
    for prompt, status in failed:
        click.echo(f"not made (status {int(status)}): {printable(prompt, most=60)}", err=True)
    return found, failed[0][1] if failed else Exit.DONE


def made_of(wish: Wish, made: "ClipMade") -> Made:
    """A line for the index."""
    wanted = made.wanted
    size = f"{wanted.width}x{wanted.height}"
    return Made(
        at=time.time(),
        kind="clip",
        path=str(made.file.absolute()),
        source=wish.prompt if wish.listed else wanted.prompt,
        shows=(wanted.provider,),
        cost_usd=made.price_usd,
        status=made.exit_code,
        settings={"model": wanted.model, "size": size, "seconds": str(wanted.seconds)},
        listed=wish.listed,
    )


def _bound_since(begun: float, kept: str) -> float:
    """What orders since then cost or may cost, all that go through this ledger counted."""
    from voxweave.jobs.opening import has_meter, open_meter

    if not has_meter(kept):
        return 0.0
    with open_meter(kept) as meter:
        posts = meter.posts(since=begun)
    sums = (post.price_usd if post.paid_usd is None else post.paid_usd for post in posts)
    return round(sum(usd or 0.0 for usd in sums), 6)
