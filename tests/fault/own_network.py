"""A network with nobody else in it: run as root by `unshare -n -m`, prints what became of each address.

The loopback holds a public address, the metadata service's and our own; a name server of ours answers.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path

from tests.contract.asking import self_signed
from tests.e2e.command import environment, voxweave
from tests.fakes.names import Names
from tests.fakes.provider import FakeProvider

PUBLIC, METADATA, OWN = "93.184.215.14", "169.254.169.254", "127.0.0.1"
KEY = "sk-network-0123456789abcdef"
_PORT = 443
LEADS = {
    "public": "https://cdn.test/clip.mp4",
    "two answers": "https://two-faced.test/clip.mp4",
    "turns": "https://turncoat.test/clip.mp4",
    "metadata": f"https://{METADATA}/latest/meta-data/",
    "named metadata": "https://metadata.test/latest/meta-data/",
    "decimal": "https://2130706433/clip.mp4",
    "octal": "https://0177.0.0.1/clip.mp4",
    "short": "https://127.1/clip.mp4",
    "mapped": "https://[::ffff:127.0.0.1]/clip.mp4",
    "nat64": "https://[64:ff9b::7f00:1]/clip.mp4",
    "sixtofour": "https://[2002:7f00:1::]/clip.mp4",
}
NAMES = {
    "cdn.test": [[PUBLIC]],
    "two-faced.test": [[PUBLIC, OWN]],
    "turncoat.test": [[PUBLIC], [OWN]],
    "metadata.test": [[METADATA]],
}


class Listener:
    """Speaks TLS at one address, and keeps what it was asked."""

    def __init__(self, address: str, clip: bytes, secrets: ssl.SSLContext) -> None:
        self.came: list[str] = []
        self._clip, self._secrets = clip, secrets
        self._door = socket.create_server((address, _PORT))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            line, _ = self._door.accept()
            try:
                with self._secrets.wrap_socket(line, server_side=True) as talk:
                    self.came.append(talk.recv(4096).decode("latin-1"))
                    talk.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: ")
                    talk.sendall(b"%d\r\nConnection: close\r\n\r\n" % len(self._clip) + self._clip)
            except OSError as error:
                self.came.append(f"no TLS: {error}")


def main() -> None:
    """Order a clip for each address that it is said to lie at."""
    folder, ffmpeg = Path(sys.argv[1]), sys.argv[2]
    resolv = folder / "resolv.conf"
    resolv.write_text("nameserver 127.0.0.1\n")
    subprocess.run(["mount", "--bind", resolv, "/etc/resolv.conf"], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for address in (PUBLIC, METADATA):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    names = ",".join(f"DNS:{name}" for name in NAMES)
    certificate, key = self_signed(folder, names)
    secrets = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secrets.load_cert_chain(certificate, key)
    clip = folder / "clip.mp4"
    line = [ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x176:d=6", "-pix_fmt", "yuv420p", clip]
    subprocess.run([str(word) for word in line], check=True)
    doors = {address: Listener(address, clip.read_bytes(), secrets) for address in (PUBLIC, METADATA, OWN)}
    served = Names(NAMES)
    found = {}
    with FakeProvider("zai", ffmpeg=ffmpeg) as fake:
        for case, leads_to in LEADS.items():
            fake.reset("url_elsewhere", leads_to=leads_to, job_seconds=0.1)
            place = folder / case.replace(" ", "-")
            place.mkdir()
            before = {address: len(door.came) for address, door in doors.items()}
            flags = ("--provider", "zai", "--base-url", fake.base_url, "--yes", "--poll-s", "0.05")
            told = voxweave(
                "clip", "a red boat", *flags, cwd=place, ZAI_API_KEY=KEY, SSL_CERT_FILE=str(certificate)
            )
            came = {address: door.came[before[address] :] for address, door in doors.items()}
            found[case] = {"status": told.status, "came": came, "said": told.err[-400:]}
    print(json.dumps({"found": found, "asked": served.asked, "home": environment(folder)["HOME"]}))  # noqa: T201
    os._exit(0)


if __name__ == "__main__":
    main()
