"""The command group, and the one place where errors become a sentence and an exit code."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from callforth import __version__
from callforth.cli.commands import Commands
from callforth.cli.common import Context, workspace_option
from callforth.cli.ending import ending, open_streams, say
from callforth.cli.interface import open_interface

_HELP = """Run an open call for participants: plain text, git, every decision a commit.

Without a command, callforth opens its interface on the workspace you stand in.
Ids may be shortened while they are unique. Data goes to stdout, everything else to stderr.

\b
Exit codes: 0 done; 1 a check found something; 2 wrong usage; 3 refused by a rule;
4 the workspace or a file in it is unusable; 5 git or a remote failed.

\b
Examples:
  callforth demo                          practise on a made-up call
  callforth                               work on the call you stand in
  callforth list --where 'status:received country:PT'
  callforth accept k7m2qx -m 'Runs dialogue circles; first from Portugal.'
"""


@click.group(
    cls=Commands, invoke_without_command=True, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(__version__, "-V", "--version", message="callforth %(version)s")
@click.option("--theme", metavar="NAME", help="Colours: dark, light, high-contrast or ansi.")
@workspace_option
@click.pass_context
def cli(ctx: click.Context, theme: str | None) -> None:
    """Open the interface where no command was given."""
    if ctx.invoked_subcommand is None:
        sys.exit(open_interface(ctx.ensure_object(Context).folder, theme))


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its code; nothing but a sentence reaches the user."""
    words = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in words
    if not open_streams():
        closed = "standard output is closed, so nothing was done; send it to /dev/null instead"
        sys.exit(say("usage", closed, 2, as_json))
    try:
        result = cli.main(args=words, prog_name="callforth", standalone_mode=False)
        sys.stdout.flush()
        code = result if isinstance(result, int) else 0
    except click.UsageError as error:
        where = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        code = say("usage", f"{error.format_message().rstrip('.')}{where}", 2, as_json)
    except click.ClickException as error:
        code = say("usage", error.format_message(), 2, as_json)
    except click.Abort:
        code = ending(KeyboardInterrupt(), as_json)
    except SystemExit:
        raise
    except BaseException as error:
        code = ending(error, as_json)
    sys.exit(code)
