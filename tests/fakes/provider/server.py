"""The listeners: one that plays the service, one where nobody should be sent."""

import re
import ssl
import sys
import threading
import traceback
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fakes.provider import speech, talk, videos
from tests.fakes.provider.faults import FAULTS
from tests.fakes.provider.flavours import ZAI, Flavour
from tests.fakes.provider.sending import clip_answer
from tests.fakes.provider.service import Service
from tests.fakes.provider.wire import Answer, Ask, Line, as_json

HOST = "127.0.0.1"
Route = Callable[..., Answer]
ROUTES: tuple[tuple[str, str, str, Route], ...] = (
    ("POST", "/videos", "create", videos.create),
    ("GET", "/videos", "list", videos.listing),
    ("GET", "/videos/models", "abilities", talk.abilities),
    ("GET", "/videos/([^/]+)", "poll", videos.poll),
    ("DELETE", "/videos/([^/]+)", "delete", videos.delete),
    ("GET", "/videos/([^/]+)/content", "content", videos.content),
    ("POST", "/images/(?:generations|edits)", "picture", talk.picture),
    ("POST", "/chat/completions", "chat", talk.chat),
    ("POST", "/moderations", "moderate", talk.moderate),
    ("POST", "/audio/(?:transcriptions|translations)", "transcribe", speech.transcribe),
    ("GET", "/models", "models", talk.models),
)
ZAI_ROUTES: tuple[tuple[str, str, str, Route], ...] = (
    ("POST", "/videos/generations", "create", videos.create),
    ("GET", "/async-result/([^/]+)", "poll", videos.poll),
    ("POST", "/images/generations", "picture", talk.picture),
    ("POST", "/chat/completions", "chat", talk.chat),
)
FILES: tuple[tuple[str, str, str, Route], ...] = (
    ("GET", r"/files/([^/]+)\.mp4", "content", videos.stored),
    ("GET", r"/files/([^/]+)\.png", "still", talk.stored_picture),
)
ONLY_CREATE = {"list", "poll", "delete", "content"}


def answered(service: Service, ask: Ask) -> Answer:
    """The answer of the service, and its place in the truth."""
    name, call = _route(service, ask)
    service.pause()
    answer = call()
    service.truth.request(ask, name, answer.status)
    service.pause()
    return answer


def _route(service: Service, ask: Ask) -> tuple[str, Callable[[], Answer]]:
    flavour = service.flavour
    bases = (*flavour.bases, "/v1")
    tables = [(base, ROUTES, flavour) for base in bases] + [
        (ZAI.bases[0], ZAI_ROUTES, ZAI),
        ("", FILES, flavour),
    ]
    known = False
    for base, table, manner in tables:
        for method, pattern, name, call in table:
            match = re.fullmatch(base + pattern, ask.path)
            if match is None or _not_there(manner, base, name, pattern):
                continue
            if method == ask.method:
                return name, partial(call, service, ask, manner, *match.groups())
            known = True
    return "none", lambda: flavour.error(
        405 if known else 404, "Method Not Allowed" if known else "Not Found"
    )


def _not_there(flavour: Flavour, base: str, name: str, pattern: str) -> bool:
    """Whether this server has no such route: no videos under another's base, and no jobs where create waits."""
    foreign = pattern.startswith("/videos") and base not in flavour.bases
    return foreign or (flavour.waits and name in ONLY_CREATE and pattern.startswith("/videos"))


def controlled(service: Service, ask: Ask) -> Answer | None:
    """The switches of the fake itself."""
    if ask.path == "/__truth__":
        return as_json(service.truth.told(service.jobs))
    if ask.path == "/__scenarios__":
        return as_json({name: fault.stage for name, fault in FAULTS.items()})
    told = ask.fields
    if ask.path == "/__reset__":
        return _switched(service.reset, told)
    if ask.path == "/__script__":
        return _switched(service.change, told)
    if ask.path == "/__restart__":
        service.jobs.restart()
        return as_json({"done": True})
    return None


def _switched(switch: Callable[[dict[str, Any]], None], told: dict[str, Any]) -> Answer:
    try:
        switch(told)
    except (KeyError, ValueError, TypeError) as error:
        return as_json({"error": f"not a setting or a scenario: {error}"}, 400)
    return as_json({"done": True})


def watched(service: Service, ask: Ask) -> Answer:
    """The canary: it writes down who came; under `/cdn/` it is a storage that takes no keys."""
    service.truth.canary(ask)
    found = re.fullmatch(r"/cdn/([^/]+)\.mp4", ask.path)
    job = service.jobs.find(found[1]) if found else None
    if job is None:
        return Answer(200, b"canary", {"Content-Type": "text/plain"})
    if "authorization" in ask.headers:
        return Answer(
            400, b"<Error>Only one auth mechanism allowed</Error>", {"Content-Type": "application/xml"}
        )
    return clip_answer(service, ask, job)


class _Exchange(BaseHTTPRequestHandler):
    """Reads a request, and writes the answer in the way the answer says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Listener"

    def _serve(self) -> None:
        answer = self.server.play(self._ask()).with_headers(x_request_id="req_fake", Server="")
        line = Line(self.connection, self.server.service.settings.hang_s)
        try:
            if answer.deliver is None:
                line.write(answer.head() + (b"" if self.command == "HEAD" else answer.body))
            else:
                self.close_connection = True
                answer.deliver(line, answer)
        except OSError:
            self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Every method is served alike, under the names that the base class looks for."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _ask(self) -> Ask:
        split = urlsplit(self.path)
        headers = {name.lower(): text for name, text in self.headers.items()}
        return Ask(self.command, split.path, dict(parse_qsl(split.query)), headers, self._body(headers))

    def _body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(headers.get("content-length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def log_message(self, *_words: Any) -> None:
        """Nothing is printed: the truth remembers."""


class Listener(ThreadingHTTPServer):
    """A port and what it plays."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, service: Service, play: Callable[[Ask], Answer], port: int = 0) -> None:
        self.service = service
        self.play = play
        super().__init__((HOST, port), _Exchange)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, *_words: Any) -> None:
        """Clients that go away in the middle are what this is for."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            self.service.truth.bug(traceback.format_exc())
            traceback.print_exc()


def listen(service: Service, port: int = 0, tls: tuple[str, str] | None = None) -> tuple[Listener, Listener]:
    """Start both listeners, each in a thread."""

    def controls(ask: Ask) -> Answer | None:
        return controlled(service, ask) if ask.path.startswith("/__") else None

    main = Listener(service, lambda ask: controls(ask) or answered(service, ask), port)
    canary = Listener(service, lambda ask: controls(ask) or watched(service, ask))
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        main.socket = context.wrap_socket(main.socket, server_side=True)
    service.origin = f"http{'s' if tls else ''}://{HOST}:{main.port}"
    service.canary = f"http://{HOST}:{canary.port}"
    for listener in (main, canary):
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return main, canary
