"""`python -m tests.fakes.provider --port 0 --flavour vllm_omni --script create_429_seconds,fails*2`."""

import argparse
import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from tests.fakes.provider.clips import Clips
from tests.fakes.provider.flavours import FLAVOURS
from tests.fakes.provider.server import listen
from tests.fakes.provider.service import Service
from tests.fakes.provider.settings import Settings


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.fakes.provider", description="A provider that is not one.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--flavour", choices=sorted(FLAVOURS), default="openai")
    parser.add_argument("--script", default="", help="scenarios, with commas between them")
    parser.add_argument("--job-seconds", type=float, default=0.2)
    parser.add_argument("--errors", action="store_true", help="the usual shares of trouble")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--ffmpeg", default="", help="the program that makes clips; without it they are stubs"
    )
    parser.add_argument("--clip", type=Path, help="one clip for all jobs")
    parser.add_argument("--settings", type=json.loads, default={}, help="any other switches, as JSON")
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    return parser.parse_args()


def _settings(options: argparse.Namespace) -> Settings:
    settings = Settings(flavour=options.flavour, job_seconds=options.job_seconds, seed=options.seed)
    told: dict[str, Any] = {"script": [name for name in options.script.split(",") if name]}
    if options.errors:
        told["errors"] = True
    settings.change({**told, **options.settings})
    return settings


def _watch(end: threading.Event) -> None:
    """Whoever started us holds the other end of our standard input."""
    sys.stdin.read()
    end.set()


def main() -> None:
    """Listen until a signal, or until whoever started us has gone."""
    options = _options()
    service = Service(_settings(options), Clips(options.ffmpeg, options.clip))
    main_port, canary = listen(service, options.port, options.tls)
    end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end.set())
    sys.stdout.write(
        json.dumps({"port": main_port.port, "canary_port": canary.port, "origin": service.origin}) + "\n"
    )
    sys.stdout.flush()
    if options.with_parent:
        threading.Thread(target=_watch, args=(end,), daemon=True).start()
    end.wait()
    service.stopping.set()


if __name__ == "__main__":
    main()
