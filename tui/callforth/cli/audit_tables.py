"""The ledger and findings as a person reads them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from callforth.cli import render
from callforth.model.text import clean_line
from callforth.plaintext import csv_cells, page_markdown
from callforth.workflow.audit.canon import kind

if TYPE_CHECKING:
    from callforth.model.decision import Entry
    from callforth.model.finding import Finding

_HEAD = ("at", "commit", "by", "meeting", "application", "kind", "from", "to", "tags", "reason", "recorded")


def write(entries: Sequence[Entry], form: str) -> None:
    """Write the ledger's entries to stdout, as `table`, `csv` or `md`."""
    if form == "table":
        for line in render.table(
            (
                (e.application, f"{e.at:%Y-%m-%d %H:%M}", e.commit[:7], e.by.name, _did(e), " ".join(e.reason.split()))
                for e in entries
            ),
            (6, 16, 7, 18, 40, 400),
        ):
            click.echo(line)
        return
    rows = tuple(_row(entry) for entry in entries)
    text = csv_cells.write([_HEAD, *rows]) if form == "csv" else f"{page_markdown.table(_HEAD, rows, len(_HEAD))}\n"
    sys.stdout.buffer.write(text.encode())


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.at.isoformat(),
        entry.commit,
        entry.by.email,
        entry.meeting,
        entry.application,
        kind(entry),
        entry.before or "",
        entry.after or "",
        " ".join(entry.tags),
        " ".join(entry.reason.split()),
        "yes" if entry.recorded else "no",
    )


def _did(entry: Entry) -> str:
    if entry.reviewer:
        return f"review by {entry.reviewer}"
    return render.what(entry)


def finding_json(one: Finding) -> dict[str, object]:
    """Return a finding as `--json` has it."""
    said = asdict(one)
    del said["grave"]
    return said


def finding(one: Finding) -> str:
    """Return a finding as one line: where, which rule, what, and what to do."""
    place = f"{one.path}:{one.line}" if one.line else one.path or one.application
    where = " ".join(part for part in (one.commit[:12], place) if part)
    return clean_line(f"{where}: {one.rule}: {one.says}; {one.remedy}".removeprefix(": "))
