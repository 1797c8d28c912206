"""What happened to one application, in sentences for a terminal, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from callforth.cli.render import wrap
from callforth.model.decision import Actor
from callforth.model.review import Review
from callforth.model.status import Status
from callforth.workflow.audit.explain import READABLE, UNREADABLE, Explanation, Told

_DID = {
    Status.SHORTLISTED: "shortlisted it",
    Status.ACCEPTED: "accepted it",
    Status.WAITLISTED: "put it on the waiting list",
    Status.DECLINED: "declined it",
    Status.CONFIRMED: "noted that the applicant confirmed",
    Status.WITHDRAWN: "noted that the applicant withdrew",
    Status.RECEIVED: "took it up again",
    Status.ATTENDED: "noted that the participant attended",
    Status.ABSENT: "noted that the participant did not come",
}
_RECOMMENDS = {"accept": "accept", "waitlist": "put on the waiting list", "decline": "decline"}


def lines(found: Explanation) -> Iterator[str]:
    """Iterate over an explanation's lines, folded to the terminal's width."""
    called = f"{found.meeting} ({found.title})" if found.title else found.meeting
    yield wrap(f"Application {found.application} to {called}")
    count = len(found.steps)
    of = f"{count} step{'' if count == 1 else 's'}, oldest first."
    if found.removed:
        yield wrap(f"It was removed from the workspace; this is what history says. {of}")
    else:
        yield wrap(f"It is {found.status} now. {of}" if found.status else f"Its file cannot be read now. {of}")
    known = 0
    for number, step in enumerate(found.steps, 1):
        yield ""
        yield wrap(f"{number}. {_when(step.entry.at)}: {_who(step.entry.by)} {_did(step)}.")
        for line in (*_further(step), *_version(step, known), *_opinions(step), *_unrecorded(step)):
            yield wrap(line, "   ")
        yield f"   (commit {step.entry.commit[:12]})"
        known = max(known, step.version)


def _did(step: Told) -> str:
    entry = step.entry
    if entry.before is None or entry.after is None:
        return _came_or_went(step)
    if entry.reverts and (entry.is_decision or entry.is_tagging):
        return f"took back {_taken_back(step)}{_change(entry.before, entry.after)}"
    if entry.is_decision:
        return f"{_DID[entry.after]}{_change(entry.before, entry.after)}"
    if entry.tags:
        return f"changed its tags ({_tags(entry.tags)})"
    if step.changed:
        # No more than the message says: what the applicant's form said by then is in no history.
        return "changed the file, by an import as the commit's message says" if _imports(step) else "changed the file"
    return "noted what the applicant was told" if step.informed else "changed only how the file is written"


def _came_or_went(step: Told) -> str:
    entry = step.entry
    if READABLE in step.changed:
        return f"put right a file that could not be read; the status is {entry.after}"
    if UNREADABLE in step.changed:
        return "left a file that cannot be read"
    if entry.after is not None:
        return f"took it in as {entry.after}"
    return "removed it" if entry.before is not None or not step.arrived else "took in a file that cannot be read"


def _taken_back(step: Told) -> str:
    undone, by = step.undone, step.entry.by
    if undone is None:
        return "something else than what history shows of this application"
    what = "tagging" if undone.before is undone.after else "decision"
    if not by.email:  # redacted: whose it was is not told
        return f"the {what} of {_when(undone.at)}"
    if undone.by.email.casefold() == by.email.casefold():
        return f"their own {what} of {_when(undone.at)}"
    return f"the {what} of {_who(undone.by)} of {_when(undone.at)}"


def _change(before: Status, after: Status) -> str:
    return "" if before is after else f": from {before} to {after}"


def _further(step: Told) -> Iterator[str]:
    """Iterate over what else is to be said of a step, a paragraph each."""
    entry = step.entry
    if entry.reason:
        yield f"Why: {entry.reason}"
    elif entry.is_decision:
        yield "No reason was given."
    if entry.tags and entry.is_decision:
        yield f"Tags changed with it: {_tags(entry.tags)}."
    if entry.batch and entry.is_decision:
        yield "It was decided in one go with others."
    if entry.over_seats:
        yield f"All seats were taken; it was said that this goes over them ({entry.over_seats})."
    if step.changed and UNREADABLE not in step.changed:
        yield f"What changed: {', '.join(step.changed)}."
    if step.informed:
        yield f"Noted of letters: {step.informed}."


def _version(step: Told, known: int) -> Iterator[str]:
    """Iterate over what is to be said of the answers; `known` versions of them came before."""
    if not step.version:
        return
    version = f"version {step.version} of the answers"
    if step.entry.before is None:
        yield f"It came in with {version}."
    elif step.changed:
        yield f"This made {version}." if step.version > known else f"So it is {version} again."
    elif step.entry.is_decision:
        yield f"That was on {version}."


def _opinions(step: Told) -> Iterator[str]:
    if step.opinions is None:
        return
    if not step.opinions:
        yield "There was no review yet."
    for opinion in step.opinions:
        yield f"{opinion.reviewer[:1].upper()}{opinion.reviewer[1:]} {_verdict(opinion.review)}."


def _unrecorded(step: Told) -> Iterator[str]:
    if not step.entry.recorded and step.entry.before is not None and not _imports(step):
        yield "The commit's message does not record this; only the file shows it."


def _imports(step: Told) -> bool:
    """Tell whether a step is said to have brought what an export said; what came by the form is on record itself."""
    return bool(step.entry.imported) and step.entry.before is not None and not step.entry.recorded


def _verdict(review: Review | None) -> str:
    if review is None:
        return "left a review that cannot be read"
    if review.conflict:
        return "did not judge, for a conflict of interest"
    said = _RECOMMENDS.get(review.recommend)
    scores = ", ".join(f"{criterion} {score:g}" for criterion, score in review.scores.items())
    return f"{f'recommended to {said}' if said else 'abstained'}{f' ({scores})' if scores else ''}"


def _tags(tags: tuple[str, ...]) -> str:
    return ", ".join(f"{'added' if tag[0] == '+' else 'removed'} {tag[1:]}" for tag in tags)


def _who(by: Actor) -> str:
    return f"{by.name} <{by.email}>" if by.email else by.name


def _when(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Return `audit explain --json`."""
    return {
        "application": found.application,
        "meeting": found.meeting,
        "title": found.title or None,
        "status": found.status.value if found.status else None,
        "removed": found.removed,
        "versions": found.versions,
        "steps": [_step_json(step) for step in found.steps],
    }


def _step_json(step: Told) -> dict[str, Any]:
    entry, undone, opinions = step.entry, step.undone, step.opinions
    return {
        "commit": entry.commit,
        "at": entry.at.isoformat(),
        "by": _who_json(entry.by),
        "from": entry.before.value if entry.before else None,
        "to": entry.after.value if entry.after else None,
        "tags": list(entry.tags),
        "reason": entry.reason,
        "recorded": entry.recorded,
        "batch": entry.batch or None,
        "over_seats": entry.over_seats or None,
        "undoes": {
            "commit": undone.commit,
            "at": undone.at.isoformat(),
            "by": _who_json(undone.by),
            "from": undone.before.value if undone.before else None,
            "to": undone.after.value if undone.after else None,
        }
        if undone
        else None,
        "version": step.version or None,
        "changed": list(step.changed),
        "informed": step.informed or None,
        "reviews": None
        if opinions is None
        else [
            {
                "reviewer": one.reviewer,
                "recommend": (one.review.recommend or None) if one.review else None,
                "scores": dict(one.review.scores) if one.review else {},
                "conflict": one.review.conflict if one.review else False,
                "readable": one.review is not None,
            }
            for one in opinions
        ],
    }


def _who_json(by: Actor) -> dict[str, str | None]:
    return {"name": by.name, "email": by.email or None}
