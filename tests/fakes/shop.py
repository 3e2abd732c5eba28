"""A small shop on loopback that takes orders over HTTP and remembers them, and a supplier that speaks to it."""

import http.client
import json
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from voxweave.core.orders import Limits, Offer, Price, Told, Wanted
from voxweave.errors import AnswerUnclear, ProviderBusy, ProviderFailed, ProviderUnreachable

AT_ONCE = 3


class Shop:
    """Counts what was really ordered; slow on both sides of an order, and faulty if wanted."""

    def __init__(self, *, work_s: float = 0.3, slow_s: float = 0.15, faults: bool = True) -> None:
        self.made: dict[str, tuple[str, float]] = {}
        self.most_at_once = 0
        self._work_s, self._slow_s, self._faults = work_s, slow_s, faults
        self._random = random.Random(7)
        self._lock = threading.Lock()
        self._server = _Counter(self)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def orders(self) -> Counter[str]:
        """How many orders were made for each prompt."""
        with self._lock:
            return Counter(prompt for prompt, _ in self.made.values())

    def meets(self, share: float) -> bool:
        with self._lock:
            return self._faults and self._random.random() < share

    def make(self, prompt: str) -> str:
        """An order, after a while (at times a long one), and a while before its answer leaves."""
        late_s = 1.0 if self.meets(0.25) else 0.0
        time.sleep(self._random.uniform(0.01, self._slow_s) + late_s)
        with self._lock:
            remote = f"shop-{len(self.made)}"
            self.made[remote] = (prompt, time.time())
            self.most_at_once = max(self.most_at_once, sum(map(self.working, self.made)))
        time.sleep(self._random.uniform(0.01, self._slow_s))
        return remote

    def working(self, remote: str) -> bool:
        return time.time() - self.made[remote][1] < self._work_s


class _Door(BaseHTTPRequestHandler):
    """Every answer, and the faults on the way; a handler that says nothing cuts the connection."""

    server: "_Counter"

    def do_POST(self) -> None:
        prompt = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["prompt"]
        shop = self.server.shop
        if shop.meets(0.08):
            self._answer(503, {})
        elif not shop.meets(0.04):  # else it is cut before anything was made
            remote = shop.make(prompt)
            if not shop.meets(0.06):  # else it is cut, though the order is made
                self._answer(200, {"id": remote})

    def do_GET(self) -> None:
        shop = self.server.shop
        what, _, name = self.path.strip("/").partition("/")
        if shop.meets(0.05):
            self._answer(500, {})
        elif what == "find":
            made = list(shop.made.items())
            self._answer(200, [key for key, (prompt, _) in made if prompt == unquote(name)])
        elif name not in shop.made:
            self._answer(404, {})
        else:
            self._answer(200, {"working": shop.working(name), "clip": shop.made[name][0]})

    def _answer(self, status: int, body: Any) -> None:
        plain = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(plain)))
            self.end_headers()
            self.wfile.write(plain)
        except OSError:
            pass  # the customer was killed

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""


class _Counter(ThreadingHTTPServer):
    """The server, and whose it is."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(("127.0.0.1", 0), _Door)
        self.shop = shop


class Customer:
    """Speaks to the shop; a prompt with `fails` in it fails there."""

    def __init__(self, port: int, *, lists: bool) -> None:
        self._port = port
        self._offer = Offer(
            model="m",
            price=Price(per_clip=1.0, dated="2026-11-20"),
            limits=Limits(at_once=AT_ONCE, per_hour=None, per_day=None),
            lists_orders=lists,
        )

    def offers(self) -> tuple[Offer, ...]:
        return (self._offer,)

    def order(self, wanted: Wanted) -> str:
        try:
            status, body = self._speak("POST", "/orders", json.dumps({"prompt": wanted.prompt}))
        except ConnectionRefusedError as error:
            raise ProviderUnreachable("nobody is there") from error
        except (OSError, http.client.HTTPException) as error:
            raise AnswerUnclear(f"no answer: {error}") from error
        if status == 503:
            raise ProviderBusy("full")
        return str(body["id"])

    def check(self, remote_id: str) -> Told:
        body = self._asked(f"/orders/{remote_id}")
        if body is None:
            return Told(state="lost")
        if body["working"]:
            return Told(state="running")
        return Told(state="failed" if "fails" in body["clip"] else "done", reason="it fails")

    def find(self, wanted: Wanted, since: float) -> tuple[str, ...] | None:
        return tuple(self._asked(f"/find/{quote(wanted.prompt)}")) if self._offer.lists_orders else None

    def collect(self, remote_id: str, told: Told, into: Path) -> Path:
        file = into / "clip.txt"
        file.write_text(self._asked(f"/orders/{remote_id}")["clip"])
        return file

    def _asked(self, path: str) -> Any:
        try:
            status, body = self._speak("GET", path)
        except (OSError, http.client.HTTPException) as error:
            raise ProviderFailed(f"no answer: {error}") from error
        if status == 500:
            raise ProviderFailed("trouble")
        return None if status == 404 else body

    def _speak(self, verb: str, path: str, body: str | None = None) -> tuple[int, Any]:
        link = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        try:
            link.request(verb, path, body)
            answer = link.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            link.close()
