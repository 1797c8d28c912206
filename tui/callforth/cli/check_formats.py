"""How findings are written: for a person, as a forge's annotations, as data."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from callforth.model.text import counted
from callforth.plaintext import layout

if TYPE_CHECKING:
    from callforth.model.finding import Finding

FORMATS = ("text", "github", "gitlab", "json")


def text(found: Sequence[Finding]) -> list[str]:
    """Return a line for each finding; those of notes say that they are."""
    from callforth.cli import audit_tables

    return [f"{'' if one.grave else 'note: '}{audit_tables.finding(one)}" for one in found]


def result(found: Sequence[Finding]) -> str:
    """Return how much was found, in words."""
    grave = sum(one.grave for one in found)
    notes = f", {counted(len(found) - grave, 'note')}" if len(found) > grave else ""
    return f"{counted(grave, 'finding') if grave else 'nothing found'}{notes}"


def github(found: Sequence[Finding]) -> list[str]:
    """Return GitHub's workflow commands, which become annotations: an error or a notice for each finding."""
    return [_command(one) for one in found]


def _command(one: Finding) -> str:
    about = {"file": one.path, "line": str(one.line or ""), "title": one.rule}
    said = ",".join(f"{name}={_property(value)}" for name, value in about.items() if value)
    return f"::{'error' if one.grave else 'notice'} {said}::{_escaped(_says(one))}"


def _says(one: Finding) -> str:
    commit = f" (commit {one.commit[:12]})" if one.commit else ""
    about = f"{one.application}: " if one.application and one.application not in one.path else ""
    return f"{about}{one.says}; {one.remedy}{commit}"


def _escaped(said: str) -> str:
    # https://docs.github.com/actions/reference/workflow-commands-for-github-actions, as its toolkit does it.
    return said.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(said: str) -> str:
    return _escaped(said).replace(":", "%3A").replace(",", "%2C")


def gitlab(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return GitLab's code quality report: what it shows in a merge request, and in its changes.

    A fingerprint says what the same finding is in two reports: it depends neither on commits nor on lines.
    """
    seen: Counter[str] = Counter()
    report = []
    for one in found:
        path = one.path or (layout.application(one.meeting, one.application) if one.application else layout.CONFIG)
        same = "\0".join((one.rule, path, one.application, one.says))
        seen[same] += 1
        report.append(
            {
                "description": _says(one),
                "check_name": one.rule,
                "fingerprint": hashlib.sha256(f"{same}\0{seen[same]}".encode()).hexdigest(),
                "severity": "major" if one.grave else "info",
                "location": {"path": path, "lines": {"begin": max(one.line, 1)}},
            }
        )
    return report


def as_data(found: Sequence[Finding]) -> dict[str, Any]:
    """Return findings and notes as `--json` has them."""
    from callforth.cli import audit_tables

    return {
        "sound": not any(one.grave for one in found),
        "findings": [audit_tables.finding_json(one) for one in found if one.grave],
        "notes": [audit_tables.finding_json(one) for one in found if not one.grave],
    }
