"""The provider `openai`: orders clips from any server of the `/v1/videos` protocol, self-hosted or paid."""

import base64
import hashlib
import json
import threading
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from pydantic import BaseModel, Field

from voxweave.core.orders import Limits, Offer, Price, Told, Wanted
from voxweave.core.value import MediaFile
from voxweave.errors import (
    AnswerUnclear,
    DependencyError,
    KeyRefused,
    ProviderFailed,
    RefusedError,
    UsageError,
)
from voxweave.media.files import content_of
from voxweave.providers.answers import (
    Answer,
    NotThere,
    complaint,
    judged,
    meaning_of,
    spoken_complaint,
    usable_id,
)
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.download import Parcel, clip_fault, fetch
from voxweave.providers.http import Http
from voxweave.providers.keys import Keys
from voxweave.providers.lanes import LaneOptions
from voxweave.providers.misses import Misses
from voxweave.providers.models import Model, known_models
from voxweave.providers.openai_videos import dialects
from voxweave.providers.openai_videos.job import is_job, read_job
from voxweave.providers.openai_videos.listing import listed_since, matching
from voxweave.providers.openai_videos.sdk import Sdk
from voxweave.providers.openai_videos.unwrapping import unwrapped
from voxweave.providers.options import is_local
from voxweave.providers.reaching import Reaching
from voxweave.providers.reference import exact_picture

_LOST_AFTER = 3  # in a row: a single 404 has been seen to pass
_FAILED_AFTER = 8  # in a row, where a gateway shows a failed order as a broken server for ever
_MOST_SOUND = 10 << 20
_GONE = (403, 410)
_MISREAD = (400, 415, 422)
_WORKS = (
    "set base_url to a server that has /v1/videos (vLLM-Omni, SGLang, a gateway), or use zai or openai-images"
)


class OpenaiVideos(Reaching, Provider):
    """Speaks `/v1/videos`; what servers do differently is a Dialect."""

    class Options(LaneOptions):
        """Where, which model, and how the server wants to be spoken to."""

        base_url: str = "https://api.openai.com/v1"
        dialect: str = "auto"
        longest_s: int = 10
        sound: bool = False
        """Hand the scene's sound over, where the server takes one."""
        free: bool | None = None
        """Whether orders cost nothing; by default only on an own network, with a dialect of open servers."""
        broken_s: float = Field(default=30.0, ge=0)
        """How long a gateway that hides failures must break down over an order until it is taken for failed."""
        extra: dict[str, str | int | float] = Field(default_factory=dict)
        """Further fields of a create call, for servers that take them."""

    options: Options
    kind: ClassVar[str] = "openai"

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        chosen = self.options
        self._known = known_models(self.kind, chosen.models)
        self._keys = Keys(chosen.key, needs="" if self._open else "OPENAI_API_KEY")
        self._http = Http(chosen.base_url, tools.stop, **chosen.way)
        self._sdk = Sdk(str(self._http.base), chosen.times, chosen.proxy)
        self._dialect = dialects.named(chosen.dialect, self._http.base.host)
        self._lock = threading.Lock()
        self._served: tuple[str, ...] | None = None
        self._ready: dict[str, Told] = {}
        self._misses = Misses()

    @property
    def identity(self) -> str:
        """The protocol and where it is spoken: the same model elsewhere makes another clip."""
        return f"openai-videos {self._http.base.host}"

    def offers(self) -> tuple[Offer, ...]:
        """The model set, else the one the server serves; asks the server once where none is set."""
        name = self.options.model
        self._refuse_retired(name)
        self._refuse_keyless()
        return (self._offer(name or self._served_model()),)

    def order(self, wanted: Wanted) -> str:
        """Send once and give the remote id."""
        model = wanted.model or self.options.model
        self._refuse_retired(model)
        fields = self._fields(wanted, model or self._served_model())
        answer = self._keys.use(lambda key: self._created(fields, key))
        told = answer.told()
        remote_id = usable_id(told)
        if not remote_id:
            raise AnswerUnclear("the provider took the order and gave no id that can be used")
        self._remember(remote_id, answer)
        return remote_id

    def check(self, remote_id: str) -> Told:
        """How far an order is."""
        if remote_id in self._ready:
            return self._ready[remote_id]
        try:
            told = self._keys.use(lambda key: self._looked(remote_id, key))
        except NotThere as missing:
            if missing.status != 404 or self._misses.add(remote_id)[0] < _LOST_AFTER:
                raise
            return Told(state="lost", reason=str(missing))
        self._misses.forget(remote_id)
        return told

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        """Ids of orders with this prompt made since; None where no list is kept, or none with prompts."""
        if not self._dialect.lists:
            return None
        try:
            jobs = self._keys.use(
                lambda key: tuple(listed_since(lambda after: self._sdk.listed(after, key), since))
            )
        except (NotThere, RefusedError):  # no such route: no list
            return None
        return matching(jobs, wanted, self._prompt(wanted))

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        """Download the clip to a file of our own naming in `into`."""
        final = into / f"{hashlib.sha256(remote_id.encode()).hexdigest()[:24]}.mp4"
        if final.exists():  # renamed only when whole
            return final
        try:
            return self._fetched(remote_id, told, final)
        except NotThere as early:
            told = self.check(remote_id)
            if told.state == "running":
                raise ProviderFailed(f"the clip is not there yet: {early}") from early
        if told.state == "done":
            try:
                return self._fetched(remote_id, told, final)
            except NotThere as missing:
                if missing.status not in _GONE:
                    raise
        raise RefusedError("the clip is paid for and gone at the provider", hint="order the scene again")

    def forget(self, remote_id: str) -> bool:
        """Ask the server to delete an order; whether it did."""
        if not (self._dialect.deletes and dialects.of_id(remote_id).deletes):
            return False
        return self._keys.use(lambda key: self._sdk.delete(remote_id, key)).status in (200, 204)

    def _created(self, fields: dict[str, Any], key: str) -> Answer:
        answer = self._sdk.create(fields, key, as_json=self._dialect.body == "json")
        if 200 <= answer.status < 300:
            return answer
        error = judged(answer, create=True)
        if (
            self._dialect.name == "auto"
            and answer.status in _MISREAD
            and meaning_of(complaint(answer.told())) is None
        ):
            error.hint = f"{error.hint}; or set the provider's dialect: {', '.join(dialects.DIALECTS)}"
        raise error

    def _fields(self, wanted: Wanted, model: str) -> dict[str, Any]:
        """The parts of a create call that every server takes, and those this one is known to take."""
        dialect = self._dialect
        fields: dict[str, Any] = {"prompt": self._prompt(wanted), "size": f"{wanted.width}x{wanted.height}"}
        fields[dialect.length] = wanted.seconds if dialect.body == "json" else str(wanted.seconds)
        if model:
            fields["model"] = model
        if wanted.seed is not None and dialect.seeds:
            fields["seed"] = str(wanted.seed)
        if wanted.picture and dialect.takes_picture(model):
            size = (wanted.width, wanted.height)
            picture = exact_picture(self.tools.ffmpeg, wanted.picture, size, self.tools.stop)
            fields["input_reference"] = ("reference.jpg", picture, "image/jpeg")
        elif self._known.get(model, Model()).needs_picture:
            raise UsageError(f"{model} needs a picture to begin from", hint="name one with --reference")
        if wanted.sound and self._takes_sound(model):
            fields[dialect.sound] = json.dumps({"audio_url": _sound_address(wanted.sound)})
        return {**fields, **self.options.extra, **self.options.lane_fields}

    def _prompt(self, wanted: Wanted) -> str:
        longest = self._known.get(wanted.model, Model()).longest_prompt
        return wanted.prompt.strip()[:longest].rstrip()

    def _remember(self, remote_id: str, answer: Answer) -> None:
        """Keep what a create call tells that no later question would: servers that answer when they are done."""
        told = answer.told()
        if self._dialect.waits or isinstance(told.get("data"), list):
            self._ready[remote_id] = read_job(answer)
        if self._dialect.name == "auto":
            self._dialect = dialects.of_id(remote_id)

    def _looked(self, remote_id: str, key: str) -> Told:
        answer = unwrapped(self._sdk.retrieve(remote_id, key))
        told = answer.told()
        if is_job(told) and (answer.status < 300 or read_job(answer).state in ("failed", "refused")):
            if "id" in told and not dialects.same_order(remote_id, str(told["id"])):
                raise ProviderFailed("the provider answered about another order")
            return read_job(answer)
        if answer.status < 300:
            raise ProviderFailed("the provider's answer was not read: it is no JSON that tells of an order")
        if self._hidden_failure(remote_id, answer):
            return Told(state="failed", reason=complaint(told).message)
        raise judged(answer, create=False)

    def _hidden_failure(self, remote_id: str, answer: Answer) -> bool:
        hides = self._dialect.hides_failures or dialects.of_id(remote_id).hides_failures
        if not hides or answer.status != 500 or spoken_complaint(answer.told()).code != "500":
            return False  # a broken line or another gateway's page: nothing of the order's own
        times, seconds = self._misses.add(remote_id)
        return times >= _FAILED_AFTER and seconds >= self.options.broken_s

    def _fetched(self, remote_id: str, told: Told, final: Path) -> Path:
        """The clip from the server's own route, else from where the job says it lies."""
        if self._dialect.waits:
            return self._elsewhere(told.address, final)
        content = (self._dialect if self._dialect.name != "auto" else dialects.of_id(remote_id)).content
        address = str(self._http.under(f"videos/{quote(remote_id, safe='')}/{content}"))
        try:
            return self._keys.use(lambda key: fetch(self._http, self._parcel(address, key), final))
        except NotThere:
            if not told.address:
                raise
        return self._elsewhere(told.address, final)

    def _elsewhere(self, address: str, final: Path) -> Path:
        if not address:
            raise RefusedError("the clip is done, and the provider gave no address for it")
        return fetch(self._http, self._parcel(address), final)

    def _parcel(self, address: str, key: str = "") -> Parcel:
        return Parcel(address, key, fits=clip_fault, heard=self.tools.advance)

    def _served_model(self) -> str:
        """The one model served; empty where the server keeps no list of them."""
        with self._lock:
            if self._served is None:
                self._served = self._keys.use(self._models)
        if len(self._served) > 1:
            shown = ", ".join(self._served[:8])
            raise UsageError(
                f"the provider serves several models: {shown}", hint="set the provider's model to one"
            )
        return next(iter(self._served), "")

    def _models(self, key: str) -> tuple[str, ...]:
        answer = self._sdk.models(key)
        listed = answer.told().get("data")
        if answer.status in (404, 405) or (answer.status == 200 and not isinstance(listed, list)):
            return ()
        if answer.status != 200:
            raise judged(answer, create=False)
        models = [model for model in listed or () if isinstance(model, dict) and model.get("id")]
        if self._dialect.name == "auto" and len(models) == 1:
            self._dialect = dialects.of_owner(str(models[0].get("owned_by") or ""))
        return tuple(str(model["id"])[:200] for model in models)

    def _offer(self, name: str) -> Offer:
        known = self._known.get(name) or Model(name=name, longest_s=self.options.longest_s)
        dialect = self._dialect
        more: dict[str, Any] = {
            "takes_picture": known.takes_picture or dialect.takes_picture(name),
            "takes_sound": self._takes_sound(name),
            "lists_orders": dialect.lists,
            "lanes": self.options.offered_lanes,
        }
        if dialect.sizes and not known.sizes:
            more["sizes"] = dialect.sizes
        if self._free:
            more |= {"free": True, "price": Price(dated="", source="a server of one's own")}
            more |= {"limits": Limits(at_once=known.at_once, per_hour=None, per_day=None)}
        return known.offer(**more)

    def _takes_sound(self, name: str) -> bool:
        """Whether the server has a field for it, and the model is known or said to follow it."""
        known = self._known.get(name)
        return bool(self._dialect.sound) and (self.options.sound or bool(known and known.takes_sound))

    @property
    def _free(self) -> bool:
        if self.options.free is not None:
            return self.options.free
        return self._dialect.open_server and is_local(self.options.base_url)

    @property
    def _open(self) -> bool:
        """Whether it may well answer who has no key: an own server, or a model that costs nothing."""
        chosen = self.options
        known = self._known.get(chosen.model)
        free = chosen.free or (known is not None and known.offer().costs_nothing)
        return bool(free) or is_local(chosen.base_url)

    def _refuse_keyless(self) -> None:
        """Said before the first order: without a key such a gateway breaks down, which looks like an order in doubt."""
        if self._dialect.needs_key and self._keys.none:
            raise KeyRefused(
                f"the gateway at {self._http.base.host} wants a key, and none is set",
                hint="set the provider's key in the environment",
            )

    def _refuse_retired(self, model: str) -> None:
        """OpenAI's own host has no such route any more, whatever the model; said before anything is asked."""
        host = self._http.base.host
        for known in self._known.values():
            ours = any(host == one or host.endswith(f".{one}") for one in known.hosts)
            if known.gone and ours and (host == "api.openai.com" or model.startswith(known.name)):
                raise DependencyError(
                    f"{model or known.name}: video is gone from {host} since {known.gone}, and nothing took its place",
                    hint=_WORKS,
                )


def _sound_address(sound: MediaFile) -> str:
    """A piece of narration as a data URL."""
    body = content_of(sound.path, "a sound that drives a picture", _MOST_SOUND)
    kind = {".mp3": "audio/mpeg", ".flac": "audio/flac", ".ogg": "audio/ogg"}.get(
        sound.path.suffix, "audio/wav"
    )
    return f"data:{kind};base64,{base64.b64encode(body).decode()}"
