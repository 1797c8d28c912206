"""A report on one meeting: gathered from what is committed, and written as HTML, Markdown, CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime

from callforth.index.questions import UnknownMeeting
from callforth.model.finding import Finding
from callforth.plaintext import csv_cells, layout, page_html, page_markdown
from callforth.workflow.audit import seals
from callforth.workflow.audit.committed import NothingCommitted, head_of
from callforth.workflow.audit.figures import Report, Sealed, figures
from callforth.workflow.audit.report_data import data, lines
from callforth.workflow.audit.report_page import page
from callforth.workflow.ledger import Progress, ledger
from callforth.workflow.moment import after
from callforth.workflow.workspace import Workspace

_WRITERS: dict[str, Callable[[Report], str]] = {
    "html": lambda report: page_html.render(page(report)),
    "md": lambda report: page_markdown.render(page(report)),
    "csv": lambda report: csv_cells.write(lines(report)),
    "json": lambda report: json.dumps(data(report), ensure_ascii=False, indent=2) + "\n",
}
FORMATS = tuple(_WRITERS)


def report(workspace: Workspace, meeting: str, findings: Sequence[Finding], progress: Progress | None = None) -> Report:
    """Return the report on a meeting as it is committed; `findings` are those of the whole workspace.

    Raises `NothingCommitted`, `FileUnusable` where the committed call is broken, `GitFailed`.
    """
    head = head_of(workspace)
    path = layout.call(meeting)
    # Whatever is decided while this is read: a report is of one state.
    with closing(after(workspace, head, (f"{layout.APPLICATIONS}/{meeting}", path))) as then:
        then.catalog.refresh()
        try:
            call = then.catalog.meeting(meeting)
        except UnknownMeeting:
            raise NothingCommitted(f"{path} is not committed, so there is nothing to audit; commit it first") from None
        entries = list(ledger(then, meeting=meeting, progress=progress))
        return figures(call, then.catalog.rows(meeting), entries, findings, head, sealed(workspace))


def write(report: Report, form: str) -> bytes:
    """Return a report as a file of one of `FORMATS`, in UTF-8."""
    return _WRITERS[form](report).encode(errors="replace")


def sealed(workspace: Workspace) -> list[Sealed]:
    """Return the seals that are there, in order, as their tags say; whether that is so, is for `verify` to find."""
    read, _ = seals.read(workspace.repository)
    return [Sealed(seal.tag.name, _moment(seal.tag.at), seal.digest, seal.lines) for seal in read]


def _moment(seconds: int) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # a tag may say anything
        return datetime.fromtimestamp(0, UTC)
