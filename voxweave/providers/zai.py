"""The provider `zai`: clips from Z.ai, and from BigModel, its Chinese twin with keys of its own."""

import base64
import hashlib
import uuid
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel

from voxweave.core.orders import Offer, Told, Wanted
from voxweave.core.text import printable
from voxweave.core.value import MediaFile
from voxweave.errors import AnswerUnclear, ProviderFailed, RefusedError, UsageError
from voxweave.providers.answers import ZAI_CODES, Answer, NotThere, complaint, judged, meaning_of, usable_id
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.download import Parcel, clip_fault, fetch
from voxweave.providers.http import Http, Question
from voxweave.providers.keys import Keys
from voxweave.providers.lanes import LaneOptions
from voxweave.providers.misses import Misses
from voxweave.providers.models import Model, known_models
from voxweave.providers.reaching import Reaching
from voxweave.providers.reference import exact_picture

HOSTS = {
    "z.ai": "https://api.z.ai/api/paas/v4",
    "bigmodel": "https://open.bigmodel.cn/api/paas/v4",
}

_STATES = {"SUCCESS": "done", "FAIL": "failed"}
_AT_WORK = ("PROCESSING", "QUEUED", "PENDING", "RUNNING")
_LONGEST_PROMPT = 512
_LOST_AFTER = 3  # in a row: a single 404 has been seen to pass
_GONE = (401, 403, 404, 410)


class Zai(Reaching, Provider):
    """Orders by `videos/generations`, asks by `async-result`; there is no list and no way back."""

    class Options(LaneOptions):
        """Which of the two hosts, which model, and what a clip is like."""

        base_url: str = "z.ai"
        model: str = "cogvideox-3"
        watermark: bool | None = None
        """BigModel marks clips visibly unless an account has signed a disclaimer; None leaves it to them."""
        quality: str = ""

    options: Options
    kind: ClassVar[str] = "zai"

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        chosen = self.options
        base = HOSTS.get(chosen.base_url.lower(), chosen.base_url)
        self._keys = Keys(chosen.key, needs="ZAI_API_KEY")
        self._http = Http(base, tools.stop, **chosen.way)
        self._models = known_models(self.kind, chosen.models)
        self._misses = Misses()

    @property
    def identity(self) -> str:
        """The service, whichever model."""
        return f"zai {self._http.base.host}"

    def offers(self) -> tuple[Offer, ...]:
        """The chosen model first, then the others this host has."""
        host = self._http.base.host
        here = [model for model in self._models.values() if not _only_elsewhere(model, host)]
        here.sort(key=lambda model: model.name != self.options.model)
        if not here or here[0].name != self.options.model:
            here = [Model(name=self.options.model, longest_prompt=_LONGEST_PROMPT)]
        return tuple(model.offer(lanes=self.options.offered_lanes) for model in here)

    def order(self, wanted: Wanted) -> str:
        """Send once and give the task's id."""
        body = self._body(wanted)
        question = Question("POST", "videos/generations", body, create=True)
        answer = self._keys.use(lambda key: self._taken(question, key))
        told = answer.told()
        if told.get("task_status") == "FAIL":
            raise _failed(told)
        task = usable_id(told)
        if not task:
            raise AnswerUnclear("the provider took the order and gave no id that can be used")
        return task

    def check(self, remote_id: str) -> Told:
        """How far a task is; nothing tells its progress."""
        question = Question("GET", f"async-result/{quote(remote_id, safe='')}")
        try:
            told = self._keys.use(lambda key: self._asked(question, key)).told()
        except NotThere as missing:
            if missing.status != 404 or self._misses.add(remote_id)[0] < _LOST_AFTER:
                raise
            return Told(state="lost", reason=str(missing))
        self._misses.forget(remote_id)
        if "id" in told and str(told["id"]) != remote_id:
            raise ProviderFailed("the provider answered about another order")
        return _read(told)

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:  # noqa: ARG002  the role's
        """None: no list of tasks is kept for us."""
        return None

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        """Download the clip from where the result says; asked anew once, since such addresses age."""
        final = into / f"{hashlib.sha256(remote_id.encode()).hexdigest()[:24]}.mp4"
        if final.exists():  # renamed only when whole
            return final
        if told.address:
            try:
                return self._fetched(told.address, final)
            except NotThere:
                pass  # asked anew below
        address = self.check(remote_id).address
        if not address:
            raise RefusedError("the clip is paid for, and the provider gives no address for it")
        try:
            return self._fetched(address, final)
        except NotThere as missing:
            if missing.status in _GONE:
                raise RefusedError(
                    "the clip is paid for and gone at the provider", hint="order the scene again"
                ) from missing
            raise

    def _fetched(self, address: str, final: Path) -> Path:
        return fetch(self._http, Parcel(address, fits=clip_fault, heard=self.tools.advance), final)

    def _taken(self, question: Question, key: str) -> Answer:
        answer = self._http.ask(question.with_key(key))
        told = answer.told()
        if not 200 <= answer.status < 300 or (told.get("error") and not told.get("id")):
            raise _judged(answer, create=True)
        return answer

    def _asked(self, question: Question, key: str) -> Answer:
        answer = self._http.ask(question.with_key(key))
        told = answer.told()
        if answer.status != 200:
            raise _judged(answer, create=False)
        if not isinstance(told.get("task_status"), str):
            raise ProviderFailed("the provider's answer was not read: it tells of no task")
        return answer

    def _body(self, wanted: Wanted) -> dict[str, Any]:
        """A create call's fields, each only where the model takes it."""
        model = self._models.get(wanted.model or self.options.model, Model(sends=("size", "duration")))
        own: dict[str, Any] = {
            **model.usual,
            "size": f"{wanted.width}x{wanted.height}",
            "duration": wanted.seconds,
            "aspect_ratio": _aspect(wanted),
            **({"quality": self.options.quality} if self.options.quality else {}),
        }
        body = {name: own[name] for name in model.sends if name in own}
        body |= {"model": wanted.model or self.options.model, "prompt": _prompt(wanted.prompt, model)}
        body["request_id"] = f"voxweave-{uuid.uuid4().hex}"
        if self.options.watermark is not None:
            body["watermark_enabled"] = self.options.watermark
        if wanted.picture and model.takes_picture:
            body["image_url"] = self._picture(wanted.picture, (wanted.width, wanted.height))
        elif model.needs_picture:
            raise UsageError(f"{model.name} needs a picture to begin with", hint="choose cogvideox-3")
        return {**body, **self.options.lane_fields}

    def _picture(self, picture: MediaFile, size: tuple[int, int]) -> str:
        made = exact_picture(self.tools.ffmpeg, picture, size, self.tools.stop)
        return f"data:image/jpeg;base64,{base64.b64encode(made).decode()}"


def _prompt(prompt: str, model: Model) -> str:
    """The prompt in the characters they count, cut at a word's end."""
    most = min(model.longest_prompt, _LONGEST_PROMPT)
    text = prompt.strip()
    return text if len(text) <= most else text[: most + 1].rsplit(" ", 1)[0][:most].rstrip(" ,;")


def _aspect(wanted: Wanted) -> str:
    ratios = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0}
    return min(ratios, key=lambda name: abs(ratios[name] - wanted.width / wanted.height))


def _only_elsewhere(model: Model, host: str) -> bool:
    """Whether the model is on another of the two hosts; an address of one's own may stand for either."""
    known = any(host in base for base in HOSTS.values())
    return bool(model.hosts) and known and host not in model.hosts


def _judged(answer: Answer, *, create: bool) -> Exception:
    return judged(answer, create=create, codes=ZAI_CODES)


def _read(told: dict[str, Any]) -> Told:
    """A result, whose fields may all be missing."""
    match _STATES.get(str(told.get("task_status")).upper()):
        case "done":
            return Told(state="done", percent=100.0, address=_address(told.get("video_result")))
        case "failed":
            said = complaint(told)
            refused = meaning_of(said, ZAI_CODES) == "policy"
            return Told(state="refused" if refused else "failed", reason=said.message or "it gave no reason")
        case _:
            word = str(told.get("task_status"))
            return Told(state="running", odd="" if word.upper() in _AT_WORK else printable(word, most=60))


def _address(results: Any) -> str:
    first = results[0] if isinstance(results, list) and results else None
    found = first.get("url") if isinstance(first, dict) else None
    return found if isinstance(found, str) else ""


def _failed(told: dict[str, Any]) -> RefusedError:
    said = complaint(told)
    return RefusedError(f"the provider turned the order down: {said.message or 'it gave no reason'}")
