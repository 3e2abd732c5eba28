"""The cheapest real call to a service: its list of models."""

from voxweave.providers.answers import NotThere, judged
from voxweave.providers.http import Http, Question
from voxweave.providers.keys import Keys

_NONE = (404, 405, 501)


class Reaching:
    """For providers with an address and keys: says whether both are right."""

    _http: Http
    _keys: Keys

    def ready(self) -> None:
        """KeyRefused where it cannot be asked without a key, and has none; nothing is sent."""
        self._keys.check()

    def reach(self) -> str:
        """One real call that orders nothing; what it told, in a few words."""
        try:
            return self._keys.use(self._models_told)
        except NotThere:
            return "it answers; it keeps no list of models"

    def _models_told(self, key: str) -> str:
        answer = self._http.ask(Question("GET", "models").with_key(key))
        if answer.status in _NONE:
            return "it answers; it keeps no list of models"
        if not 200 <= answer.status < 300:
            raise judged(answer, create=False)
        listed = answer.told().get("data")
        models = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        names = ", ".join(str(one.get("id", ""))[:80] for one in models[:3])
        return (
            f"it answers; {len(models)} model{'' if len(models) == 1 else 's'}{f': {names}' if names else ''}"
        )
