"""`voxweave clip`: one clip from a prompt, without a narration."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from voxweave.cli.clips import Wish, made_of, make_each, name_of, prompts_in, there_already
from voxweave.cli.history import remember
from voxweave.cli.options import settings_for, some_settings
from voxweave.cli.running import Run, Voice, say_path
from voxweave.core.text import printable
from voxweave.errors import Exit, UsageError

if TYPE_CHECKING:
    from voxweave.pipeline.single import ClipMade

_SETTINGS = (
    "provider", "base_url", "max_cost", "yes", "lane", "aspect", "resolution", "seed",
    "order_deadline_s", "poll_s", "quiet_s", "retry_s", "ffmpeg", "sandbox",
)  # fmt: skip

_HELP = """Order one clip of what PROMPT says, or of each line of a file, wait for it, and write it with the time in its name.

It comes from the first provider of --provider that delivers. Before anything is paid for you are asked, or say
--max-cost or --yes. Stopped half-way, the same command goes on and pays nothing twice. With -f one that fails
does not stop the others, --max-cost is for all of them, and the same command makes what is missing.
"""


@click.command(help=_HELP)
@click.argument("prompt", required=False)
@click.option("-f", "--file", "listed", metavar="FILE", help="A prompt a line; in the place of PROMPT.")
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
    prompt: str | None,
    listed: str | None,
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
    if as_json and events:
        raise UsageError("--json and --events both want stdout", hint="use one of them")
    if (prompt is None) == (listed is None):
        raise UsageError(
            "a clip is made of a PROMPT, or of each line of a file", hint="say one, or name it with -f"
        )
    voice = Voice(quiet=quiet, verbose=verbose, json=as_json, events=events)
    how = {"picture": reference or "", "size": size, "seconds": seconds, "folder": Path(output)}
    maker = _Maker({**flags, "model": model}, own, voice, how)
    return maker.one(prompt) if listed is None else maker.each(Path(listed))


@dataclass(frozen=True)
class _Maker:
    """What holds for every clip of one command line."""

    flags: Mapping[str, object]
    own: str | None
    voice: Voice
    how: Mapping[str, Any]

    def one(self, prompt: str | None) -> int:
        """Make one clip, and say where it is."""
        made = self.made(Wish(prompt or "", listed="", left_usd=None))
        if self.voice.json:
            click.echo(json.dumps(made.model_dump(mode="json"), indent=2))
        return made.exit_code

    def each(self, file: Path) -> int:
        """Make one of each line, and say what is missing."""
        prompts = prompts_in(file)
        kept = {name: value for name, value in self.flags.items() if name not in ("max_cost", "yes")}
        listed = name_of(file, {**kept, **self.how})
        there = there_already(listed)
        missing = [prompt for prompt in prompts if prompt not in there]
        spent_usd = sum(made.cost_usd or 0.0 for made in there.values())
        made, failed = self._missing(missing, listed, spent_usd) if missing else ([], Exit.DONE)
        before = f", {len(there)} of them before" if there else ""
        if not self.voice.quiet:
            there_now = len(prompts) - len(missing) + len(made)
            click.echo(f"{there_now} of {len(prompts)} clips are made{before}", err=True)
        short = next((one.exit_code for one in made if one.exit_code), Exit.DONE)
        if self.voice.json:
            click.echo(json.dumps([one.model_dump(mode="json") for one in made], indent=2))
        return failed or short

    def _missing(
        self, prompts: Sequence[str], listed: str, spent_usd: float
    ) -> tuple[list["ClipMade"], Exit]:
        """Those that are not there yet, once their sum was agreed to."""
        from voxweave.pipeline.clip_wish import ClipRequest
        from voxweave.pipeline.listed import agreed_list

        with self._run(self.flags).working(Path()) as (studio, _):
            requests = [ClipRequest(prompt=prompt, **self.how) for prompt in prompts]
            purse = agreed_list(requests, studio, spent_usd=spent_usd)
        maker = replace(self, flags={**self.flags, "yes": purse.unpriced or None})
        return make_each(prompts, listed, maker.made, purse)

    def _run(self, flags: Mapping[str, object]) -> Run:
        return Run(flags, self.own, self.voice, files={})

    def _within(self, left_usd: float) -> Mapping[str, object]:
        """What is left of a list's sum bounds its next clip, unless a purse bounds it together with others."""
        settings = settings_for(Path(), self.flags, self.own).settings
        if settings.purse and settings.max_cost:
            return self.flags
        return {**self.flags, "max_cost": f"{left_usd:.6f}", "purse": ""}

    def made(self, wish: Wish) -> "ClipMade":
        """A clip, delivered and remembered."""
        from voxweave.pipeline.clip_wish import ClipRequest
        from voxweave.pipeline.single import make_clip

        flags = self.flags if wish.left_usd is None else self._within(wish.left_usd)
        request = ClipRequest(prompt=wish.prompt, **self.how)
        with self._run(flags).working(Path()) as (studio, _):
            made = make_clip(request, studio)
        remember(made_of(wish, made))
        for fell in made.fell:
            words = printable(fell.text, most=400)
            click.echo(f"voxweave: {fell.provider} did not deliver: {words}", err=True)
        if not (self.voice.json or self.voice.events):
            say_path(made.file)
        return made
