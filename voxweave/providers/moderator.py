"""Asks any endpoint that speaks OpenAI's moderation whether prompts may be ordered."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from voxweave.core.prompts import Flag, Prompt
from voxweave.core.text import printable
from voxweave.errors import DependencyError, ProviderFailed
from voxweave.providers.answers import judged
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.http import Http, Question
from voxweave.providers.keys import Keys
from voxweave.providers.options import WireOptions
from voxweave.providers.reaching import Reaching

_BATCH = 32
_ABSENT = (404, 405, 501)


class Moderator(Reaching, Provider):
    """A check of prompts before money is spent on them; never of the narration itself."""

    class Options(WireOptions):
        """Where it is asked; OpenAI's own costs nothing."""

        base_url: str = "https://api.openai.com/v1"
        model: str = "omni-moderation-latest"

    options: Options

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        self._http = Http(self.options.base_url, tools.stop, **self.options.way)
        self._keys = Keys(self.options.key)

    @property
    def identity(self) -> str:
        """The model."""
        return f"moderator {self.options.model}"

    def flagged(self, prompts: Sequence[Prompt]) -> tuple[Flag, ...]:
        """The scenes whose prompts are not let pass, and their categories; equal prompts are asked once."""
        texts = list(dict.fromkeys(prompt.text for prompt in prompts))
        found: dict[str, tuple[str, ...]] = {}
        for first in range(0, len(texts), _BATCH):
            batch = texts[first : first + _BATCH]
            found |= dict(zip(batch, self._judged(batch), strict=True))
        verdicts = ((prompt.scene, found[prompt.text]) for prompt in prompts)
        return tuple(Flag(scene=scene, categories=categories) for scene, categories in verdicts if categories)

    def _judged(self, texts: list[str]) -> list[tuple[str, ...]]:
        """The categories of each text; none where it passes."""
        told = self._keys.use(lambda key: self._asked(texts, key))
        rows = told.get("results")
        if not isinstance(rows, list) or len(rows) != len(texts):
            raise ProviderFailed("the moderation check did not answer for each prompt")
        return [tuple(_categories(row)) for row in rows]

    def _asked(self, texts: list[str], key: str) -> dict[str, Any]:
        body = {"model": self.options.model, "input": texts}
        answer = self._http.ask(Question("POST", "moderations", body, key=key))
        if answer.status in _ABSENT:
            raise DependencyError(
                f"{self._http.base.host} offers no moderation check",
                hint="name another address, or turn it off",
            )
        if answer.status != 200:
            raise judged(answer, create=False)
        return answer.told()


def _categories(row: object) -> Iterator[str]:
    """What a result holds against a text; a flag without a reason is one all the same."""
    if not isinstance(row, dict) or not isinstance(row.get("flagged"), bool):
        raise ProviderFailed("the moderation check's answer cannot be read")
    if not row["flagged"]:
        return
    listed = row.get("categories")
    against = [name for name, hit in listed.items() if hit is True] if isinstance(listed, dict) else []
    yield from (printable(str(name), most=60) for name in sorted(against) or ["unnamed"])
