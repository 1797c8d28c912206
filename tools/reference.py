"""Writes docs/reference.md from the code, so that it cannot say anything else: `make reference`.

A test compares the file with what this makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from callforth.cli.main import cli
from callforth.model.status import Status, reason_due
from callforth.screens.actions import ACTIONS, GROUPS

TARGET = Path(__file__).resolve().parent.parent / "docs" / "reference.md"

_HEAD = """# Reference

Made from the code by `make reference`; do not edit.

- [Commands](#commands)
- [Keys](#keys)
- [Statuses](#statuses)

Exit codes: 0 done; 1 a check found something; 2 wrong usage; 3 refused by a rule; 4 the workspace or a file in it is
unusable; 5 git or a remote failed; 130 cancelled. With `--json`, an error is `{"error": {"code", "says"}}` on stdout.

## Commands
"""


def render() -> str:
    """Return the whole reference as Markdown."""
    return _HEAD + "".join(_command(name, command) for name, command in _commands()) + _keys() + _statuses()


def _commands() -> list[tuple[str, click.Command]]:
    return [("callforth", cli), *_below(cli, "callforth")]


def _below(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from _below(command, f"{path} {name}")


def _command(name: str, command: click.Command) -> str:
    context = click.Context(
        command, info_name=name, terminal_width=100, max_content_width=100, help_option_names=["-h", "--help"]
    )
    return f"\n### {name}\n\n```\n{command.get_help(context).rstrip()}\n```\n"


def _keys() -> str:
    lines = ["\n## Keys\n"]
    for group in GROUPS:
        lines += [f"\n### {group}\n", "| key | does |", "|---|---|"]
        lines += [
            f"| {' '.join(f'`{key}`' for key in action.shown_keys.split(' '))} | {action.help} |"
            for action in ACTIONS
            if action.group == group
        ]
    return "\n".join(lines) + "\n"


def _statuses() -> str:
    head = "| status | letter | holds a seat | may become (* needs a reason) |"
    lines = ["\n## Statuses\n", head, "|---|---|---|---|"]
    for status in Status:
        ways = ", ".join(f"{to}{'*' if reason_due(status, to) else ''}" for to in status.may_become)
        lines.append(f"| {status} | {status.letter} | {'yes' if status.holds_seat else ''} | {ways} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TARGET.write_text(render(), encoding="utf-8")
    print(f"wrote {TARGET.name}")
