"""Keys in a row: the next one takes over where one is dead or unpaid."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import SecretStr

from voxweave.core.redaction import learn
from voxweave.errors import KeyRefused, RefusedError, UsageError, VoxWeaveError
from voxweave.providers.answers import NotThere, OutOfCredit

Result = TypeVar("Result")


class Keys:
    """The keys of one provider; the one that worked last goes first. None at all is one empty key.

    `needs` names the variable that a key must stand in, where nothing works without.
    """

    def __init__(self, keys: Sequence[SecretStr], *, needs: str = "") -> None:
        self._needs = needs
        self._keys = tuple(dict.fromkeys(filter(None, map(_plain, keys)))) or ("",)
        self._first = 0
        self._lock = threading.Lock()
        learn(*filter(None, self._keys))

    @property
    def none(self) -> bool:
        """Whether no key was given."""
        return self._keys == ("",)

    def check(self) -> None:
        """KeyRefused where a key is needed and none was given; nothing is asked."""
        if self._needs and self.none:
            raise KeyRefused(
                f"it needs a key, and none is set in {self._needs}",
                hint=f"set {self._needs}; for a server that wants none, any word will do",
            )

    def use(self, call: Callable[[str], Result]) -> Result:
        """What the call gives with the first key that opens; never another key because of a rate limit.

        An order another key's account made is not there for this one, so NotThere asks on as well.
        """
        self.check()
        refused: KeyRefused | None = None
        missing: NotThere | None = None
        for place in self._order():
            try:
                result = call(self._keys[place])
            except KeyRefused as error:
                refused = error if refused is None or isinstance(error, OutOfCredit) else refused
            except NotThere as error:
                missing = missing or error
            else:
                with self._lock:
                    self._first = place
                return result
        raise missing or self._final(refused)

    def _order(self) -> tuple[int, ...]:
        with self._lock:
            first = self._first
        return tuple((first + step) % len(self._keys) for step in range(len(self._keys)))

    def _final(self, refused: KeyRefused | None) -> VoxWeaveError:
        if refused is None:  # there is always one key, if only the empty one
            raise RuntimeError("no key was tried")
        if isinstance(refused, OutOfCredit):
            return RefusedError(str(refused), hint=refused.hint)
        if self.none:
            return KeyRefused(f"a key is needed: {refused}", hint="set the provider's key in the environment")
        return refused


def _plain(key: SecretStr) -> str:
    """The key as it goes on the wire."""
    text = key.get_secret_value().strip()
    if not text.isascii() or not text.isprintable() or " " in text:
        raise UsageError(
            "a key holds characters no key has", hint="copy it again, without quotes or line breaks"
        )
    return text
