"""`voxweave batch` as a group: what names none of its commands is made."""

import click

_RUN = "run"


class BatchGroup(click.Group):
    """`run` is left out as a rule; a folder that is called as a command is given as ./status."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words, with the command that is meant in front."""
        named = args[:1]
        if not named or (named[0] not in self.commands and named[0] not in ctx.help_option_names):
            args = [_RUN, *args]
        return super().parse_args(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways: to make a batch, and to ask after one."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] FOLDER|LIST")
        formatter.write_usage(ctx.command_path, "status|cancel [OPTIONS] NAME|FOLDER|LIST", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flags of the command that is left out, then the commands."""
        self.commands[_RUN].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
