"""What may be spent, and who said so: nothing is ordered before this has been answered."""

from voxweave.core.quotes import Quote
from voxweave.core.text import counted
from voxweave.errors import RefusedError
from voxweave.jobs.budget import Budget
from voxweave.pipeline.studio import Studio

_CHEAPER = "make it with --provider art, with fewer clips (--clips N), or with --max-cost"
_WITHOUT = {
    "the clips": "put fewer prompts into the file, or allow less with --max-cost",
    "the prompts": "have them written by our own rules, with --writer plain",
    "the words": "leave out --recognizer to have them recognised here, or give a script with --script",
}


def agreed(quote: Quote, studio: Studio, *, what: str = "the pictures") -> Budget:
    """The budget of this run; RefusedError (exit 6) where nobody agreed to the sum.

    With a purse `max_cost` bounds all films that name it; without `max_cost` each is bound by what was agreed to.

    What was ordered before is paid for, and is no reason to ask.
    """
    settings = studio.settings
    most, unknown = settings.max_cost_usd, quote.new_usd is None
    purse = Budget(purse=settings.purse, shared=bool(settings.purse and most is not None))
    if most is not None and (not unknown or settings.yes):
        return purse.model_copy(update={"max_usd": most, "unpriced": settings.yes})
    if quote.new_usd == 0:
        return purse.model_copy(update={"max_usd": quote.spent_usd})
    if not settings.yes:
        _ask(quote, studio, what)
    whole = round(quote.spent_usd + quote.known_usd, 6)
    return purse.model_copy(update={"max_usd": whole if most is None else most, "unpriced": unknown})


def _ask(quote: Quote, studio: Studio, what: str) -> None:
    """Let whoever pays say yes; RefusedError with the sum and the flags where they do not, or nobody is there."""
    if studio.consent is None:
        whole = quote.spent_usd + quote.known_usd
        most = f"--max-cost {_up_to_cents(whole)}" if quote.new_usd is not None else "--yes"
        raise RefusedError(
            f"{what} would cost {quote.sum()} ({counted(quote.orders, 'order')}), and nobody agreed to it",
            hint=f"agree with {most}{' or --yes' if most != '--yes' else ', or give the price in your settings'}",
        )
    if not studio.consent(quote):
        raise RefusedError(
            f"nothing was ordered: {quote.sum()} was not agreed to",
            hint=_WITHOUT.get(what, _CHEAPER),
        )


def _up_to_cents(usd: float) -> str:
    return f"{-(-round(usd * 1_000_000) // 10_000) / 100:.2f}"
