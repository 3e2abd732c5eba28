"""`voxweave estimate` and `voxweave usage`, and the question a paid run asks once."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from voxweave.cli.options import settings_for, settings_options
from voxweave.cli.running import Run, Voice
from voxweave.core.text import printable
from voxweave.errors import Exit

if TYPE_CHECKING:
    from voxweave.cli.display import Display
    from voxweave.jobs.usage import Spending

_COLUMNS = ("day", "provider", "film", "orders", "estimated", "actual", "open")


class Sum(Protocol):
    """What is to be agreed to, in lines."""

    def lines(self) -> tuple[str, ...]:
        """The last line is the sum."""


def asking(display: "Display") -> Callable[[Sum], bool] | None:
    """Asks on the terminal, once, with the sum; None where nobody sits at one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(quote: Sum) -> bool:
        display.close()  # a bar would draw over the question
        try:
            for line in quote.lines():
                click.echo(printable(line, most=400), err=True)
            return click.confirm("Order these, and pay for them?", err=True)
        finally:
            display.open()

    return ask


@click.command(
    help="What the pictures of a NARRATION would cost and how long they take. Nothing is ordered or made, and no words are recognised."
)
@click.argument("narration", metavar="NARRATION")
@click.option("--storyboard", metavar="FILE", help="A storyboard written by voxweave plan, edited or not.")
@click.option("--subtitles", metavar="FILE", help="SRT, WebVTT or ASS subtitles of the narration.")
@click.option("--script", metavar="FILE", help="The words of the narration as .txt or .md.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@settings_options
@click.pass_obj
def estimate(
    own: str | None,
    /,
    narration: str,
    storyboard: str | None,
    subtitles: str | None,
    script: str | None,
    as_json: bool,
    **flags: object,
) -> int:
    files = {"storyboard": storyboard, "subtitles": subtitles, "script": script}
    given = {name: Path(file) for name, file in files.items() if file}
    quote = Run(flags, own, Voice(quiet=as_json), files=given).estimate(narration)
    if as_json:
        click.echo(json.dumps(quote.model_dump(mode="json"), indent=2))
        return Exit.DONE
    for line in quote.lines():
        click.echo(printable(line, most=400))
    return Exit.DONE


@click.command(help="What was spent: by day, provider and film, the estimate beside what it came to.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_obj
def usage(own: str | None, as_json: bool) -> int:
    found = spendings(settings_for(Path(), {}, own).settings.ledger)
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
        return Exit.DONE
    if not found:
        click.echo("nothing was ordered yet", err=True)
        return Exit.DONE
    for line in table(found):
        click.echo(line)
    return Exit.DONE


def spendings(ledger: str) -> "tuple[Spending, ...]":
    """All that was spent by this user on this machine, or by all who share the ledger."""
    from voxweave.jobs.opening import has_meter, open_meter
    from voxweave.jobs.usage import usage as summed

    if not has_meter(ledger):
        return ()
    with open_meter(ledger) as meter:
        return summed(meter.posts())


def table(found: "Sequence[Spending]") -> list[str]:
    """Rows for a person, a total for each provider, and one for all."""
    rows = [_COLUMNS, *(_row(one) for one in found)]
    providers = list(dict.fromkeys(one.provider for one in found))
    rows += [
        _total(f"all {name}", [one for one in found if one.provider == name])
        for name in providers
        if len(providers) > 1
    ]
    rows.append(_total("all", found))
    widths = [max(len(row[at]) for row in rows) for at in range(len(_COLUMNS))]
    lines = ["  ".join(_laid(row, widths)).rstrip() for row in rows]
    unpriced = sum(one.unpriced for one in found)
    if unpriced:
        lines.append(f"{unpriced} of these orders had no known price, and count as nothing")
    return lines


def _row(one: "Spending") -> tuple[str, ...]:
    sums = (one.estimated_usd, one.actual_usd, one.open_usd)
    names = (one.day, printable(one.provider, most=30), printable(one.film, most=40))
    return (*names, str(one.orders), *map(_usd, sums))


def _total(name: str, found: "Iterable[Spending]") -> tuple[str, ...]:
    kept = list(found)
    sums = (
        sum(one.estimated_usd for one in kept),
        sum(one.actual_usd for one in kept),
        sum(one.open_usd for one in kept),
    )
    return ("", name, "", str(sum(one.orders for one in kept)), *map(_usd, sums))


def _usd(sum_usd: float) -> str:
    return f"${sum_usd:.2f}"


def _laid(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Words to the left, numbers to the right."""
    return [
        cell.ljust(width) if at < 3 else cell.rjust(width)
        for at, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
