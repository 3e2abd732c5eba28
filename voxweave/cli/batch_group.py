"""`voxweave batch` as a group: what names none of its commands is made."""

import click

_RUN = "run"


class BatchGroup(click.Group):
    """`run` is left out as a rule; a folder that is called as a command is given as ./status."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words, with the command that is meant in front: what begins with a flag is not ours to read."""
        is_ours = args[:1] and args[0] in (*self.commands, *ctx.help_option_names)
        return super().parse_args(ctx, args if is_ours else [_RUN, *args])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is meant, also for who asks without parsing."""
        return super().resolve_command(ctx, args if args[0] in self.commands else [_RUN, *args])

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Both ways: to make a batch, and to ask after one."""
        formatter.write_usage(ctx.command_path, "[OPTIONS] FOLDER|LIST")
        formatter.write_usage(ctx.command_path, "status|cancel [OPTIONS] NAME|FOLDER|LIST", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The flags of the command that is left out, then the commands."""
        self.commands[_RUN].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)
