"""The provider `openai-images`: a still for a scene, from any `/images/generations` that speaks like OpenAI's."""

import base64
import binascii
import hashlib
import math
from pathlib import Path
from typing import Any, ClassVar

from pydantic import BaseModel

from voxweave.core.orders import Offer, Price, Wanted
from voxweave.errors import AnswerUnclear, DependencyError, ProviderError
from voxweave.media.files import write_atomically
from voxweave.providers.answers import CODES, ZAI_CODES, Answer, judged
from voxweave.providers.ask import ask
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.download import Parcel, fetch, picture_fault
from voxweave.providers.http import Http, Question
from voxweave.providers.keys import Keys
from voxweave.providers.lanes import LaneOptions
from voxweave.providers.models import Model, known_models
from voxweave.providers.options import is_local
from voxweave.providers.reaching import Reaching

_MOST_ANSWER = 64 << 20  # a 4K PNG in base64
_MOST_PICTURE = 40 << 20
_STEP = 16
_WIDEST = 3
_LARGEST = (3840, 2160)
_OBLONG, _FULL_HD = 1.5, 2.0  # times the area of the square its price is published for
_COMMON = ("1024x1024", "1536x1024", "1024x1536")
_SUFFIXES = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


class OpenaiImages(Reaching, Provider):
    """Asks for a picture and has it at once; a slow camera makes a shot of it."""

    class Options(LaneOptions):
        """Where, which model, and how fine."""

        base_url: str = "https://api.openai.com/v1"
        model: str = "gpt-image-2"
        quality: str = "medium"

    options: Options
    kind: ClassVar[str] = "openai-images"

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        chosen = self.options
        self._models = known_models(self.kind, chosen.models)
        needs = (
            ""
            if is_local(chosen.base_url) or self._model(chosen.model).offer().costs_nothing
            else "OPENAI_API_KEY"
        )
        self._keys = Keys(chosen.key, needs=needs)
        self._http = Http(chosen.base_url, tools.stop, **chosen.way)

    @property
    def identity(self) -> str:
        """The protocol, where it is spoken, and how fine the pictures are."""
        return f"openai-images {self._http.base.host} {self.options.quality}"

    def offers(self) -> tuple[Offer, ...]:
        """The chosen model, as stills of any length."""
        model = self._model(self.options.model)
        self._refuse_retired(model)
        more: dict[str, Any] = {"makes": "still", "lengths_s": (), "longest_s": 3600, "takes_picture": False}
        lanes = self.options.offered_lanes
        return (model.offer(**more, price=self._price(model), sizes=_offered(model), lanes=lanes),)

    def picture(self, wanted: Wanted, into: Path) -> Path:
        """One picture in `into`, named by what was wanted."""
        model = self._model(wanted.model or self.options.model)
        self._refuse_retired(model)
        asked = Question("POST", "images/generations", self._body(wanted, model), create=True)
        answer = self._keys.use(lambda key: self._made(asked, key))
        name = hashlib.sha256(wanted.model_dump_json().encode()).hexdigest()[:24]
        return self._kept(answer, into / name)

    def _made(self, asked: Question, key: str) -> Answer:
        answer = self._http.ask(asked.with_key(key, most_bytes=_MOST_ANSWER))
        if not 200 <= answer.status < 300 or answer.told().get("error"):
            raise judged(answer, create=True, codes={**CODES, **ZAI_CODES})
        return answer

    def _kept(self, answer: Answer, stem: Path) -> Path:
        """The picture of an answer, in itself or by its address, on disk."""
        found = answer.told().get("data")
        first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
        packed, address = first.get("b64_json"), first.get("url")
        if isinstance(packed, str) and packed:
            return _written(_unpacked(packed), stem)
        if isinstance(address, str) and address:
            return self._fetched(address, stem)
        raise AnswerUnclear("the provider made a picture and did not send it")

    def _fetched(self, address: str, stem: Path) -> Path:
        """The picture at an address; by now it is paid for, so only fetching it is tried again."""
        parcel = Parcel(address, most_bytes=_MOST_PICTURE, fits=picture_fault, heard=self.tools.advance)
        stop = self.tools.stop
        try:
            found = ask(lambda: fetch(self._http, parcel, stem.with_suffix(".picture")), stop)
        except ProviderError as error:
            raise AnswerUnclear(f"the provider made a picture that cannot be fetched: {error}") from error
        return found.rename(stem.with_suffix(_suffix(found.read_bytes()[:8])))

    def _body(self, wanted: Wanted, model: Model) -> dict[str, Any]:
        own: dict[str, Any] = {
            "quality": self.options.quality,
            "n": 1,
            **model.usual,
            "size": nearest_size(model, wanted.width, wanted.height),
        }
        fields = {name: own[name] for name in model.sends if name in own}
        return {
            "model": model.name,
            "prompt": wanted.prompt.strip()[: model.longest_prompt],
            **fields,
            **self.options.lane_fields,
        }

    def _model(self, name: str) -> Model:
        return self._models.get(name) or Model(name=name, sizes=_COMMON, sends=("size", "n"), per_hour=100)

    def _price(self, model: Model) -> Price | None:
        """What a picture of the chosen quality costs at most, where that is known."""
        if model.price is None:
            return None
        if self.options.quality not in model.per_quality:
            return model.price
        larger = _FULL_HD if model.any_size else _OBLONG
        each = model.per_quality[self.options.quality] * larger
        return model.price.model_copy(update={"per_clip": round(each, 6)})

    def _refuse_retired(self, model: Model) -> None:
        host = self._http.base.host
        if model.gone and host in model.hosts:
            raise DependencyError(
                f"{model.name} is gone from {host} since {model.gone}",
                hint="set the provider's model to gpt-image-2",
            )


def nearest_size(model: Model, width: int, height: int) -> str:
    """The size to ask for: the canvas in steps of 16 where any is taken, else the listed one nearest in shape."""
    if not model.any_size:
        return min(model.sizes or _COMMON, key=lambda size: _distance(size, width, height))
    wide, high = _within(width, height)
    return f"{_stepped(wide)}x{_stepped(high)}"


def _within(width: int, height: int) -> tuple[float, float]:
    """The shape within the widest that is drawn, at the largest size that is drawn."""
    ratio = min(max(width / height, 1 / _WIDEST), _WIDEST)
    long_side, short_side = _LARGEST if ratio >= 1 else _LARGEST[::-1]
    scale = min(1.0, long_side / width, short_side / height)
    high = min(height, width / ratio) * scale
    return high * ratio, high


def _stepped(side: float) -> int:
    """The next step up, so that cutting to the canvas loses a few lines rather than adding some."""
    return max(_STEP, math.ceil(round(side, 3) / _STEP) * _STEP)


def _distance(size: str, width: int, height: int) -> float:
    wide, _, high = size.partition("x")
    return abs(math.log(int(wide) / int(high)) - math.log(width / height))


def _offered(model: Model) -> tuple[str, ...]:
    return () if model.any_size else model.sizes


def _unpacked(packed: str) -> bytes:
    try:
        return base64.b64decode(packed, validate=True)
    except binascii.Error as error:
        raise AnswerUnclear("the provider made a picture and sent it damaged") from error


def _written(picture: bytes, stem: Path) -> Path:
    fault = picture_fault(picture[:16])
    if fault:
        raise AnswerUnclear(f"the provider's picture cannot be used: {fault}")
    final = stem.with_suffix(_suffix(picture[:8]))
    write_atomically(final, picture)
    return final


def _suffix(head: bytes) -> str:
    return next((suffix for start, suffix in _SUFFIXES.items() if head.startswith(start)), ".webp")
