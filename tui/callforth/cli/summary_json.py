"""What a branch would change, as data."""

from __future__ import annotations

from typing import Any

from callforth.model.decision import Actor
from callforth.workflow.seat_shares import Share
from callforth.workflow.summary import Agreed, Changed, Decided, Reviewed, Summary, Why


def summary_json(found: Summary, names: bool) -> dict[str, Any]:
    """Return what `summary --json` prints; with `names`, also who applied."""
    return {
        "base": found.base,
        "began": found.began,
        "head": found.head,
        "commits": found.commits,
        "meetings": [_changed(one, names) for one in found.meetings],
        "others": list(found.others),
        "agreed": [_agreed(one) for one in found.agreed],
    }


def _changed(one: Changed, names: bool) -> dict[str, Any]:
    return {
        "meeting": one.meeting.id,
        "seats": one.meeting.seats,
        "taken": {"before": one.taken[0], "after": one.taken[1]},
        "decisions": [_decided(decided, names) for decided in one.decided],
        "statuses": {status.value: {"before": was, "after": now} for status, was, now in one.statuses},
        "balance": [_share(share) for share in one.shares],
        "reviews": [_reviewed(by, one.meeting.blind) for by in one.reviewed],
        "tags": [
            {"application": tagged.application, **_named(tagged.name, names), "tags": list(tagged.tags)}
            for tagged in one.tagged
        ],
        "came": list(one.came),
        "edited": list(one.edited),
        "told": list(one.told),
        "removed": list(one.removed),
        "unusable": list(one.unusable),
        "repaired": list(one.repaired),
        "call": list(one.call),
    }


def _decided(one: Decided, names: bool) -> dict[str, Any]:
    return {
        "application": one.application,
        **_named(one.name, names),
        "from": one.before.value,
        "to": one.after.value,
        "steps": [_step(step) for step in one.steps],
    }


def _step(step: Why) -> dict[str, Any]:
    return {
        "commit": step.commit,
        "at": step.at.isoformat(),
        "by": _person(step.by),
        "from": step.before.value,
        "to": step.after.value,
        "reason": step.reason,
        "over_seats": step.over_seats or None,
    }


def _share(one: Share) -> dict[str, Any]:
    return {
        "field": one.field,
        "value": one.value,
        "before": one.before,
        "after": one.after,
        "least": one.least,
        "most": one.most,
    }


def _reviewed(by: Reviewed, blind: bool) -> dict[str, Any]:
    return {
        "reviewer": by.reviewer,
        "reviews": by.reviews,
        "recommend": None if blind else dict(by.recommend),
        "conflicts": by.conflicts,
        "blank": by.blank,
        "unusable": list(by.unusable),
        "gone": by.gone,
    }


def _agreed(one: Agreed) -> dict[str, Any]:
    return {
        "commit": one.commit,
        "by": _person(one.author),
        "committer": _person(one.committer),
        "decisions": [{"commit": id, "application": name or None} for id, name in one.decisions],
    }


def _person(one: Actor) -> dict[str, str]:
    return {"name": one.name, "email": one.email}


def _named(name: str, names: bool) -> dict[str, str]:
    return {"name": name} if names else {}
