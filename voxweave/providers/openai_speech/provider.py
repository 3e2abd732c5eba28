"""The provider `openai-speech`: words from any `/audio/transcriptions` that speaks like OpenAI's."""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, Field

from voxweave.core.hearing import Heard, Prospect, Window
from voxweave.core.orders import Offer
from voxweave.errors import AnswerUnclear, DependencyError, ProviderFailed
from voxweave.providers.answers import CODES, Answer, judged
from voxweave.providers.base import Provider, Toolkit
from voxweave.providers.http import Http, Question
from voxweave.providers.keys import Keys
from voxweave.providers.models import Model, known_models
from voxweave.providers.multipart import Upload, form
from voxweave.providers.openai_speech.reading import heard_in
from voxweave.providers.openai_speech.sound import Packing, longest_s, upload_of
from voxweave.providers.options import WireOptions, is_local
from voxweave.providers.reaching import Reaching

_USUAL, _DIARIZES = "whisper-1", "gpt-4o-transcribe-diarize"
_FORMATS = ("verbose_json", "diarized_json", "json")
_WORDS = "timestamp_granularities[]"
_LONGEST_S = 1_400
"""What OpenAI's newer models take at most; ours are shorter anyway."""
_MOST_ANSWER = 16 << 20
_FORMAT_TROUBLE = re.compile(rb"response_format|verbose_json|diarized_json|timestamp_granularit")
_NO_FORM = (400, 415, 422, 501)


class OpenaiSpeech(Reaching, Provider):
    """Uploads a window and has its words at once."""

    class Options(WireOptions):
        """Where, which model, and how the sound is sent.

        `model` empty is whisper-1, or the model that tells speakers apart where they are asked for;
        `free` says that an address costs nothing, which is taken for granted of one's own machine.
        """

        base_url: str = "https://api.openai.com/v1"
        packing: Packing = "flac"
        most_mb: float = Field(default=25.0, gt=0.1, le=2_000)
        speakers: bool = False
        task: str = "transcribe"
        free: bool | None = None
        create_s: float = Field(default=600.0, ge=60, le=7200)

    options: Options
    kind: ClassVar[str] = "openai-speech"

    def __init__(self, options: BaseModel, tools: Toolkit) -> None:
        super().__init__(options, tools)
        chosen = self.options
        self._keys = Keys(chosen.key)
        self._http = Http(chosen.base_url, tools.stop, **chosen.way)
        self._model = _model(chosen)
        self._formats = _formats(self._model)

    @property
    def identity(self) -> str:
        """The protocol, where it is spoken, and with which model."""
        return f"openai-speech {self._http.base.host} {self._model.name}"

    def prospect(self, language: str, duration_ms: int) -> Prospect:  # noqa: ARG002  the role's
        """Whether it is worth asking, and what it costs; what the key opens is seen when it is asked."""
        trouble, hint = self._trouble()
        return Prospect(
            ready=not trouble,
            model=self._model.name,
            reason=trouble or f"sent to {self._http.base.host}",
            hint=hint,
            remote=True,
            offer=self._offer(),
        )

    def prepare(self) -> None:
        """Nothing is to be made ready here; DependencyError where it is known not to work."""
        trouble, hint = self._trouble()
        if trouble:
            raise DependencyError(trouble, hint=hint)

    def hear(self, window: Window) -> Heard:
        """The words of one window, asked for once; errors as of an order, since it may be billed."""
        upload = upload_of(self.tools.ffmpeg, window, self.options.packing, self.tools.stop)
        path = "audio/translations" if window.task == "translate" else "audio/transcriptions"
        try:
            return heard_in(self._keys.use(lambda key: self._asked(path, window, upload, key)), window)
        except AnswerUnclear as error:
            if self._free:  # nothing is paid twice at one's own server
                raise ProviderFailed(str(error)) from error
            raise

    def _asked(self, path: str, window: Window, upload: Upload, key: str) -> Mapping[str, Any]:
        """The answer in the richest form this server has."""
        while True:
            kind = self._formats[0]
            content, mime = form(self._fields(window, kind), upload)
            question = Question("POST", path, content=content, kind=mime, create=True)
            answer = self._http.ask(question.with_key(key, most_bytes=_MOST_ANSWER))
            if self._refused_form(answer):
                self._formats = self._formats[1:]
                continue
            if not 200 <= answer.status < 300 or answer.told().get("error"):
                raise judged(answer, create=True, codes=CODES)
            return answer.told()

    def _refused_form(self, answer: Answer) -> bool:
        """Whether the server knows no such form of answer, and another is left to be asked for."""
        refused = answer.status in _NO_FORM and _FORMAT_TROUBLE.search(answer.body[:4_000]) is not None
        return refused and len(self._formats) > 1

    def _fields(self, window: Window, kind: str) -> list[tuple[str, str]]:
        usual = {name: str(value) for name, value in self._model.usual.items() if name != "response_format"}
        fields = [("model", self._model.name), ("response_format", kind.partition("+")[0]), *usual.items()]
        if window.task == "transcribe" and window.language:
            fields.append(("language", window.language.lower().replace("_", "-").split("-")[0]))
        if kind.endswith("+words") and window.task == "transcribe":
            fields += [(_WORDS, "word"), (_WORDS, "segment")]
        return fields

    def _offer(self) -> Offer:
        shortest = min(longest_s(self.options.most_mb, self.options.packing), self._model.longest_s)
        return self._model.offer(makes="still", lengths_s=(), longest_s=shortest, free=self._free)

    @property
    def _free(self) -> bool:
        if self.options.free is not None:
            return self.options.free
        return is_local(str(self._http.base)) or self._model.offer().costs_nothing

    def _trouble(self) -> tuple[str, str]:
        """What is known to be in the way before anything is asked, and the way out."""
        host, model = self._http.base.host, self._model
        if model.gone and host in model.hosts:
            return (
                f"{model.name} is gone from {host} since {model.gone}",
                "set the provider's model to another",
            )
        if self._keys.none and not self._free:
            return "no key is set for it", "set OPENAI_API_KEY or VOXWEAVE_OPENAI_SPEECH_KEY"
        if self.options.task == "translate" and model.usual.get("response_format") in (
            "json",
            "diarized_json",
        ):
            return f"{model.name} does not translate", "use --speech-model whisper-1"
        return "", ""


def _model(chosen: OpenaiSpeech.Options) -> Model:
    """What is known of the model chosen; of another, that it probably speaks as Whisper's servers do."""
    name = chosen.model or (_DIARIZES if chosen.speakers else _USUAL)
    known = known_models(OpenaiSpeech.kind, chosen.models).get(name) or Model(name=name, at_once=2)
    unknown: dict[str, Any] = {"longest_s": _LONGEST_S, "per_hour": None, "per_day": None}
    return known.model_copy(
        update={key: value for key, value in unknown.items() if key not in known.model_fields_set}
    )


def _formats(model: Model) -> tuple[str, ...]:
    """Forms of answer to ask for, the richest first."""
    first = str(model.usual.get("response_format", "verbose_json"))
    rich = (f"{first}+words", first) if first == "verbose_json" else (first,)
    return (*rich, *(("json",) if first != "json" else ()))
