"""Make a film through the LiteLLM proxy: a real gateway between VoxWeave and our fake of a service behind it.

    python -m venv PLACE && PLACE/bin/pip install 'litellm[proxy]'
    python scripts/gateway.py PLACE/bin/litellm [--behind openai|vllm_omni] [--script SCENARIO,...]

Shows what tests/fakes/provider only plays: where the proxy's manner departs from our fake of it, this
tells. With `--script create_drop_after_job` the service accepts an order and the line drops: the proxy
orders again by itself, and with `--retries 0` it does not. All of it stays on 127.0.0.1 and ends with
the script; the sums of money are made up.
"""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.fakes.provider import FakeProvider  # noqa: E402
from voxweave.media.ffmpeg import find_ffmpeg  # noqa: E402

ALIAS = "clips"
KEY = "sk-gateway-7f3a90c41be852d6"  # opens a proxy that lives for this script
CUT_S = 12
PATIENCE_S = 180
FFMPEG = find_ffmpeg().program


@dataclass(frozen=True)
class Behind:
    """A service behind the proxy: how the proxy calls it, and which clips it makes."""

    model: str
    size: str
    lengths_s: tuple[int, ...]


SERVICES = {
    "openai": Behind("openai/sora-2", "1280x720", (4, 8, 12)),
    "vllm_omni": Behind("hosted_vllm/Wan-AI/Wan2.2-T2V-A14B-Diffusers", "320x192", (4, 5, 6, 8)),
}


def main() -> int:
    """The fake, the proxy before it, and the film; the status of `voxweave make`."""
    told = options()
    script = [name for name in told.script.split(",") if name]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fake = FakeProvider(told.behind, script, ffmpeg=FFMPEG, job_seconds=told.job_seconds)
        with fake, proxy(told.litellm, folder, told, fake.base_url) as base_url:
            done = make(folder, SERVICES[told.behind], base_url, told.flag)
            sys.stdout.write(done.stderr)
            show(folder, fake.truth())
        if told.log:
            shutil.copy(folder / "proxy.log", told.log)
    print("status", done.returncode)
    return done.returncode


def options() -> argparse.Namespace:
    """What was asked for."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("litellm", type=Path, help="the proxy's program")
    parser.add_argument("--behind", choices=sorted(SERVICES), default="openai", help="the service's manner")
    parser.add_argument("--script", default="", help="scenarios of the fake, with commas between them")
    parser.add_argument("--job-seconds", type=float, default=1.0, help="how long the fake works at a clip")
    parser.add_argument("--retries", type=int, help="the proxy's own; without it, what it does by itself")
    parser.add_argument("--log", type=Path, help="where to keep what the proxy said")
    parser.add_argument(
        "--flag", action="append", default=[], help="one more flag of voxweave make, as --flag=--clips=2"
    )
    told = parser.parse_args()
    if not told.litellm.is_file():
        parser.error(
            f"{told.litellm} is not there: pip install 'litellm[proxy]' in an environment of its own"
        )
    return told


@contextmanager
def proxy(program: Path, folder: Path, told: argparse.Namespace, upstream: str) -> Iterator[str]:
    """The proxy, running; the address under which it speaks `/v1/videos`."""
    file = folder / "proxy.yaml"
    file.write_text(json.dumps(config(SERVICES[told.behind].model, upstream, told.retries)))  # JSON is YAML
    port = free_port()
    command: list[str | Path] = [program.absolute(), "--config", file]
    command += ["--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    # Its table of prices comes from the package, not from the network.
    environ = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "HOME": str(folder)}
    with (folder / "proxy.log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=folder, env=environ, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(running, port, folder / "proxy.log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        end(running)


def config(model: str, upstream: str, retries: int | None) -> dict[str, Any]:
    """What the proxy reads: one model, and how often a call that failed is sent again."""
    entry = {"model": model, "api_base": upstream, "api_key": "sk-of-the-service"}
    told: dict[str, Any] = {
        "model_list": [{"model_name": ALIAS, "litellm_params": entry}],
        "general_settings": {"master_key": KEY},
    }
    return told if retries is None else {**told, "router_settings": {"num_retries": retries}}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(running: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until it answers."""
    until = time.monotonic() + PATIENCE_S
    while running.poll() is None and time.monotonic() < until:
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as line:
            try:
                line.request("GET", "/health/liveliness")
                if line.getresponse().status == 200:
                    return
            except (OSError, HTTPException):
                pass
        time.sleep(0.5)
    raise SystemExit(f"the proxy did not start:\n{log.read_text(errors='replace')[-4000:]}")


def end(running: subprocess.Popen[bytes]) -> None:
    """End the proxy with all it started: its session holds nothing else."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(running.pid, number)
            running.wait(timeout=10)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def make(folder: Path, behind: Behind, base_url: str, flags: list[str]) -> subprocess.CompletedProcess[str]:
    """A film of a sample's first seconds, whose scenes are ordered through the proxy."""
    cut, settings = folder / "talk.mp3", folder / "voxweave.toml"
    sample = ROOT / "samples" / "cables.mp3"
    ffmpeg("-t", str(CUT_S), "-i", sample, "-map", "0:a", "-c", "copy", cut)
    script = sample.with_suffix(".txt").read_text().split()
    cut.with_suffix(".txt").write_text(" ".join(script[:34]))
    settings.write_text(
        f'[providers.openai]\ndialect = "litellm"\nmodel = "{ALIAS}"\nbroken_s = 3\n'
        f'[providers.openai.models.{ALIAS}]\nper_second = 0.01\nsizes = ["{behind.size}"]\n'
        f"lengths_s = {list(behind.lengths_s)}\n"
    )
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("VOXWEAVE_", "XDG_"))}
    mine = {"HOME": str(folder), "VOXWEAVE_CONFIG": str(settings), "VOXWEAVE_OPENAI_KEY": KEY}
    command: list[str | Path] = [sys.executable, "-m", "voxweave", "make", cut, "--provider", "openai,art"]
    command += ["--base-url", base_url, "--max-cost", "2", "--resolution", "320x180", "--poll-s", "0.5"]
    command += ["--scene-min-s", "2", "--scene-max-s", "5", *flags]
    environ = {**kept, **mine}
    return subprocess.run(
        command,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def ffmpeg(*args: str | Path) -> None:
    """Run it, and stop at any trouble."""
    subprocess.run([FFMPEG, "-v", "error", "-y", *args], check=True)


def show(folder: Path, truth: dict[str, Any]) -> None:
    """Which scene came from where, and what the service behind the proxy saw."""
    file = folder / "talk.report.json"
    report = json.loads(file.read_text()) if file.exists() else {"scenes": [], "money": None}
    for number, scene in enumerate(report["scenes"], start=1):
        print(f"scene {number}: {scene['source']}", scene.get("price_usd"), *scene.get("fell") or ())
    print("money:", json.dumps(report["money"]))
    for order in truth["orders"]:
        print("ordered:", order["seconds"], "s", order["size"], order["state"], order["encoding"])
    print("twice:", sum(count - 1 for count in truth["twice"].values()))
    for name in ("orders_created", "requests", "faults", "canary", "bugs"):
        print(f"{name}:", json.dumps(truth[name]))


if __name__ == "__main__":
    sys.exit(main())
