"""Several hosts on one machine: run as root by `unshare --net --mount`, prints what became of two films.

The hub holds the database, the store and the provider; each worker is a host of its own behind a cable, and one
cable is pulled in the middle of the work and put back later.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fakes.bucket import KEYS
from tests.fakes.fleet import Following, Hand, Town, town, until
from tests.fakes.provider import FakeProvider
from voxweave.cli.fleet import Fleet
from voxweave.cli.fleet_films import FilmWanted

HUB, LOOPBACK = "10.77.0.1", "127.0.0.1"
HOSTS = ("alder", "birch")


def run(*words: str) -> None:
    """A program that has to work."""
    subprocess.run(words, check=True, capture_output=True, timeout=20)


def lay_cables() -> None:
    """A switch with the hub at it, and each host at the end of a cable."""
    Path("/run/netns").mkdir(parents=True, exist_ok=True)
    run("mount", "-t", "tmpfs", "none", "/run/netns")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "switch", "type", "bridge")
    run("ip", "address", "add", f"{HUB}/24", "dev", "switch")
    run("ip", "link", "set", "switch", "up")
    for number, host in enumerate(HOSTS, start=2):
        run("ip", "netns", "add", host)
        run("ip", "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", host)
        run("ip", "link", "set", host, "master", "switch", "up")
        for words in (
            f"address add 10.77.0.{number}/24 dev eth0",
            "link set eth0 up",
            "link set lo up",
        ):
            run("ip", "-n", host, *words.split())


@contextmanager
def open_to_all(port: int) -> Iterator[None]:
    """What listens on the hub's loopback is heard at its address as well."""
    door = socket.create_server((HUB, port))

    def serve() -> None:
        while True:
            try:
                near, _ = door.accept()
                far = socket.create_connection((LOOPBACK, port))
            except OSError:
                return
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_pass_on, args=(one, other), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        door.close()


def _pass_on(near: socket.socket, far: socket.socket) -> None:
    try:
        while part := near.recv(1 << 16):
            far.sendall(part)
        far.shutdown(socket.SHUT_WR)
    except OSError:
        near.close()
        far.close()


@dataclass
class Province(Town):
    """A town whose workers live on hosts of their own."""

    @property
    def fleet(self) -> Fleet:
        """Where all meet: at the hub."""
        return Fleet(self.postgres.url.replace(LOOPBACK, HUB), self.artifacts.replace(LOOPBACK, HUB))

    def film(self, name: str, *, seconds: float = 12.0, ordered: bool = True, **more: object) -> FilmWanted:
        """Orders go to the hub as well."""
        return super().film(name, seconds=seconds, ordered=ordered, **{**more, "base_url": self.shop})

    @property
    def shop(self) -> str:
        """The provider, as the hosts reach it."""
        return self.provider.base_url.replace(LOOPBACK, HUB)


def main() -> None:
    """Two films on two hosts, one of which is cut off for a while."""
    folder, ffmpeg = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ.update(KEYS)
    lay_cables()
    with town(folder, ffmpeg, also=HUB, job_seconds=1.0) as built:
        here = Province(**{name: getattr(built, name) for name in built.__dataclass_fields__})
        with open_to_all(here.line.port), open_to_all(here.provider.port):
            print(json.dumps(told(here, ffmpeg)))  # noqa: T201
        here.send_home()


def told(here: Province, ffmpeg: Path) -> dict[str, object]:
    """What became of the films."""
    alder, birch = (here.worker(host=host) for host in HOSTS)
    films = [here.film("boat"), here.film("lake")]
    sent = Following(here, films)
    sent.start()
    sent.reach("illustrate")
    owner = _owner(here)
    cut, other = (alder, birch) if owner == alder.worker else (birch, alder)
    cable = HOSTS[0] if cut is alder else HOSTS[1]
    run("ip", "link", "set", cable, "down")
    gone_s = until(lambda: f"{cut.worker} is gone" in other.said, 60)
    time.sleep(2)
    run("ip", "link", "set", cable, "up")
    ended = sent.ended(limit_s=300)
    truth = here.provider.truth()
    with FakeProvider("vllm_omni", ffmpeg=ffmpeg, clip_size="320x180") as quiet:
        same = [film.film.read_bytes() == here.at_home(film, quiet) for film in films]
    return {
        "states": [card.state for card in ended],
        "same": same,
        "twice": truth["twice"],
        "orders": truth["orders_created"],
        "gone_s": gone_s,
        "alive": [hand.program.poll() is None for hand in (alder, birch)],
        "said": [_last(alder), _last(birch)],
    }


def _owner(here: Town) -> str:
    rows = here.postgres.ask(
        "SELECT split_part(owner, '#', 1) FROM voxweave.talks WHERE state='running' ORDER BY 1 LIMIT 1"
    )
    return str(rows[0][0])


def _last(hand: Hand) -> str:
    return hand.said[-600:]


if __name__ == "__main__":
    main()
