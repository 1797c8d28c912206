"""A report as data: the stable keys of its JSON, and the same figures line by line for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from callforth.model.decision import Actor, Entry
from callforth.model.finding import Finding
from callforth.model.status import Status
from callforth.plaintext.csv_cells import Value
from callforth.workflow.audit.figures import Report, Reversal

Line = tuple[str, int | str | None, str, str, Value]


def data(report: Report) -> dict[str, Any]:
    """Return what the JSON of a report says; the keys are those of docs/reports.md."""
    meeting, seats, wait = report.meeting, report.seats, report.wait
    return {
        "meeting": meeting.id,
        "title": meeting.title,
        "commit": report.head,
        "newest": _when(report.newest),
        "sound": not report.findings,
        "funnel": dict(report.funnel),
        "statuses": _counts(report.standing),
        "gone": [{"application": g.application, "at": _when(g.at), "by": _who(g.by)} for g in report.gone],
        "seats": {
            "seats": seats.seats,
            "accepted": seats.accepted,
            "confirmed": seats.confirmed,
            "free": seats.free,
        },
        "decisions": report.decisions,
        "unrecorded": report.unrecorded,
        "weeks": [
            {"monday": week.monday.isoformat(), "decisions": week.decisions, "to": _counts(week.to)}
            for week in report.weeks
        ],
        "days_to_first_decision": {
            "decided": wait.decided,
            "waiting": wait.waiting,
            "lower_quartile": wait.lower,
            "median": wait.median,
            "upper_quartile": wait.upper,
            "longest": wait.longest,
        },
        "by": [
            {"by": _who(one.by), "decisions": one.decisions, "to": _counts(one.to), "undone": one.undone}
            for one in report.deciders
        ],
        "reversals": [_reversal(reversal) for reversal in report.reversals],
        "reasons": [{"to": r.to.value, "decisions": r.decisions, "said": r.said} for r in report.reasons],
        "reason_missing": [_decision(entry) for entry in report.unexplained],
        "balance": [
            {
                "field": balance.field,
                "label": balance.label,
                "applications": balance.of,
                "values": [asdict(share) for share in balance.shares],
            }
            for balance in report.balances
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "notes": [_finding(finding) for finding in report.notes],
        "seals": [
            {"seal": seal.name, "at": _when(seal.at), "digest": seal.digest, "lines": seal.lines}
            for seal in report.sealed
        ],
    }


def lines(report: Report) -> Iterator[Line]:
    """Iterate over a report's CSV: section, number, item, figure, value; the first line names these.

    `number` counts from 1 within what the JSON has as an array, and `item` is what that one is called.
    """
    yield "section", "number", "item", "figure", "value"
    for section, value in data(report).items():
        if section == "balance":
            for balance in value:
                yield from _items(f"balance by {balance['field']}", balance["values"])
        elif isinstance(value, list):
            yield from _items(section, value)
        else:
            yield from ((section, None, "", figure, one) for figure, one in _flat("", value))


def _items(section: str, items: Iterable[dict[str, Any]]) -> Iterator[Line]:
    for number, item in enumerate(items, 1):
        (_, first), *others = item.items()
        name = f"{first['name']} <{first['email']}>" if isinstance(first, dict) else str(first)
        for key, value in others:
            yield from ((section, number, name, figure, one) for figure, one in _flat(key, value))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Value]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{name} {key}".strip(), inner)
    else:
        # A spreadsheet has no true and false that all of them read alike.
        yield name, ("yes" if value else "no") if isinstance(value, bool) else value


def _counts(pairs: Iterable[tuple[Status, int]]) -> dict[str, int]:
    return {status.value: count for status, count in pairs}


def _reversal(reversal: Reversal) -> dict[str, Any]:
    undoes = reversal.undoes
    return {
        **_decision(reversal.entry),
        "undo": reversal.is_undo,
        "reverts": reversal.entry.reverts or None,
        "decided": {"at": _when(undoes.at), "by": _who(undoes.by)} if undoes else None,
        "reason": reversal.entry.reason,
    }


def _decision(entry: Entry) -> dict[str, Any]:
    return {
        "application": entry.application,
        "from": entry.before.value if entry.before else None,
        "to": entry.after.value if entry.after else None,
        "at": _when(entry.at),
        "by": _who(entry.by),
        "commit": entry.commit,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "application": finding.application or None,
        "path": finding.path or None,
        "line": finding.line or None,
        "commit": finding.commit or None,
        "says": finding.says,
        "remedy": finding.remedy,
    }


def _who(actor: Actor | None) -> dict[str, str] | None:
    return {"name": actor.name, "email": actor.email} if actor else None


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
