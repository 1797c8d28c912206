"""The table 'forgery · expected · found' at the end of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

NAME = "tampering"

# What was done, which rules were wanted, which were found, and whether the test failed.
Row = tuple[str, Sequence[str], Sequence[str], bool]


def show(terminalreporter: Any, config: pytest.Config) -> None:
    """Print it: whole where these tests are most of what was run, else one line and what went wrong."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    rows = [row for report in reports for row in _rows(report)]
    if not rows:
        return
    wrong = [row for row in rows if row[3]]
    whole = config.option.verbose > 0 or 2 * len(rows) > len(reports)
    terminalreporter.section("tampering")
    for line in _lines(rows if whole else wrong):
        terminalreporter.write_line(line)
    forged = sum(bool(row[1]) for row in rows)
    end = f"; {len(wrong)} wrongly" if wrong else ", all as they should be"
    terminalreporter.write_line(f"{forged} forgeries found and {len(rows) - forged} sound histories passed{end}")


def _rows(report: Any) -> Iterator[Row]:
    for name, value in getattr(report, "user_properties", ()):
        if name == NAME:
            yield (*value, report.failed)


def _lines(rows: Sequence[Row]) -> Iterator[str]:
    for title, wanted, rules, failed in sorted(rows, key=lambda row: (not row[1], row[0])):
        expected = ", ".join(one.split(" ")[0] for one in wanted) or "nothing"
        mark = "WRONG  " if failed else ""
        yield f"{mark}{title[:78]:78}  {expected:34}  {', '.join(rules) or 'nothing'}"
