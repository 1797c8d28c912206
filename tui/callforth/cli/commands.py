"""Which commands there are, in the order in which one meets them, and where each is made.

A command's module is imported when that command is run: the whole command line costs a third of a start. What `--help`
says of each in a few words stands here, so that it needs none of them. The habit is click's own (its documentation,
"Lazily Loading Subcommands").
"""

from __future__ import annotations

from importlib import import_module

import click

_SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Announce, and take applications in": {
        "demo": ("start", "Practise on a made-up call with a believable history."),
        "init": ("start", "Make a new workspace, with you as its organiser."),
        "meeting": ("meeting", "Announce a meeting, and look over its call."),
        "site": ("site", "Write calls as a web site."),
        "serve": ("serve", "Serve a call's page and its form."),
        "import": ("importing", "Take applications in from a form's export, a table or mail."),
    },
    "Look": {
        "meetings": ("read", "List the meetings, with seats and statuses."),
        "list": ("read", "List a meeting's applications."),
        "show": ("read", "Show one application: who, the answers, its history."),
        "log": ("read", "Show every decision and tag, newest first."),
    },
    "Review": {
        "review": ("review", "Say what you think of applications; hand them out."),
    },
    "Decide": {
        "shortlist": ("decide", "Put on the shortlist: worth a closer look."),
        "accept": ("decide", "Offer a seat."),
        "waitlist": ("decide", "Put next in line for a seat."),
        "decline": ("decide", "Give no seat."),
        "confirm": ("decide", "The applicant said yes to the seat."),
        "withdraw": ("decide", "The applicant said no, or cancelled."),
        "reopen": ("decide", "Take a withdrawn application up again."),
        "attend": ("decide", "The participant came to the meeting."),
        "miss": ("decide", "The participant did not come to the meeting."),
        "tag": ("decide", "Add tags (+a) and take tags away (-b)."),
        "undo": ("decide", "Take back your own last decision or tagging."),
    },
    "Work together": {
        "sync": ("sync", "Exchange work with the team: fetch, merge, push."),
        "propose": ("propose", "Decide by pull request."),
        "summary": ("propose", "Write what a branch would change, as Markdown."),
        "check": ("check", "Check that all files can be used, and what a branch would bring."),
        "audit": ("audit", "Who decided what, when and why; and proof of it."),
    },
}
_HIDDEN = {"merge-driver": "merge_driver"}
_MODULES = {name: module for named in _SECTIONS.values() for name, (module, _) in named.items()} | _HIDDEN


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order of `--help`."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None where there is none of that name."""
        if cmd_name not in _MODULES:
            return None
        made: tuple[click.Command, ...] = import_module(f"callforth.cli.{_MODULES[cmd_name]}").COMMANDS
        return next(command for command in made if command.name == cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find what was typed. Raises `click.UsageError`, with the name that may have been meant."""
        name = str(args[0])
        if name not in _MODULES and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, _MODULES, n=1)
            meant = f"; did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"there is no command '{name}'{meant}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        for section, named in _SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, said) for name, (_, said) in named.items()], col_max=max(map(len, _MODULES)))
