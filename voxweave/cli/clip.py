"""`voxweave clip`: one clip from a prompt, without a narration."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from voxweave.cli.history import Made, remember
from voxweave.cli.options import some_settings
from voxweave.cli.running import Run, Voice, say_path
from voxweave.core.text import printable
from voxweave.errors import UsageError

if TYPE_CHECKING:
    from voxweave.pipeline.single import ClipMade

_SETTINGS = (
    "provider", "base_url", "max_cost", "yes", "aspect", "resolution", "seed",
    "order_deadline_s", "poll_s", "quiet_s", "retry_s", "ffmpeg",
)  # fmt: skip

_HELP = """Order one clip of what PROMPT says, wait for it, and write it with the time in its name.

It comes from the first provider of --provider that delivers. Before anything is paid for you are asked, or say
--max-cost or --yes. Stopped half-way, the same command goes on and pays nothing twice.
"""


@click.command(help=_HELP)
@click.argument("prompt")
@click.option("-r", "--reference", metavar="PICTURE", help="A picture to begin from.")
@click.option(
    "-m", "--model", metavar="NAME", help="Model of the first provider; without it the provider's own."
)
@click.option("-s", "--size", metavar="WxH", default="", help="Default: the offered one nearest to --aspect.")
@click.option("-d", "--seconds", type=int, metavar="S", help="Default: the shortest offered.")
@click.option("-o", "--output", metavar="FOLDER", default=".", help="Where it goes. Default: here.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")
@click.option("-v", "--verbose", count=True, help="What is asked of whom; -vv says more.")
@click.option("--json", "as_json", is_flag=True, help="What was made on stdout as JSON.")
@click.option("--events", is_flag=True, help="What happens on stdout as JSON lines.")
@some_settings(*_SETTINGS)
@click.pass_obj
def clip(
    own: str | None,
    /,
    prompt: str,
    reference: str | None,
    model: str | None,
    size: str,
    seconds: int | None,
    output: str,
    quiet: bool,
    verbose: int,
    as_json: bool,
    events: bool,
    **flags: object,
) -> int:
    from voxweave.pipeline.clip_wish import ClipRequest
    from voxweave.pipeline.single import make_clip

    if as_json and events:
        raise UsageError("--json and --events both want stdout", hint="use one of them")
    voice = Voice(quiet=quiet, verbose=verbose, json=as_json, events=events)
    request = ClipRequest(
        prompt=prompt,
        picture=Path(reference) if reference else None,
        size=size,
        seconds=seconds,
        folder=Path(output),
    )
    with Run({**flags, "model": model}, own, voice, files={}).working(Path()) as (studio, _):
        made = make_clip(request, studio)
    _tell(made, voice)
    return made.exit_code


def _tell(made: "ClipMade", voice: Voice) -> None:
    wanted = made.wanted
    remember(
        Made(
            at=time.time(),
            kind="clip",
            path=str(made.file.absolute()),
            source=wanted.prompt,
            shows=(wanted.provider,),
            cost_usd=made.price_usd,
            status=made.exit_code,
            settings={"model": wanted.model, "size": f"{wanted.width}x{wanted.height}", "seconds": str(wanted.seconds)},
        )
    )  # fmt: skip
    for fell in made.fell:
        click.echo(f"voxweave: {fell.provider} did not deliver: {printable(fell.text, most=400)}", err=True)
    if voice.json:
        click.echo(json.dumps(made.model_dump(mode="json"), indent=2))
    elif not voice.events:
        say_path(made.file)
