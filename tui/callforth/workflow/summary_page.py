"""A summary in words, as Markdown for the text of a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from callforth.model.meeting import Meeting
from callforth.model.team import FORGES
from callforth.model.text import counted
from callforth.plaintext.forge_text import escape, table
from callforth.workflow.seat_shares import Share
from callforth.workflow.summary import Agreed, Changed, Decided, Reviewed, Summary, Why

_MOST_IDS = 40
_MOST_PATHS = 30


def page(found: Summary, names: bool = False) -> str:
    """Return a summary as Markdown; applicants are named only with `names`."""
    parts = [part for one in found.meetings for part in _meeting(one, names)]
    if found.agreed:
        parts += ["### Agreement with decisions", "\n".join(map(_agreed, found.agreed))]
    if found.others:
        parts += ["### Other files", _listed([f"`{_code(path)}`" for path in found.others], _MOST_PATHS, "\n- ", "- ")]
    if not parts:
        parts = ["This changes nothing that callforth knows of."]
    head = f"{counted(found.commits, 'commit')} to {found.base[:12]}, at {found.head[:12]}."
    return "\n\n".join([*parts, f"<sub>{head} Written by `callforth summary`.</sub>"]) + "\n"


def title(found: Summary) -> str:
    """Return a summary in one line, as plain text: `Decisions for oslo-2022: 3 accepted, 1 declined`."""
    said = [f"{one.meeting.id}: {', '.join(words)}" for one in found.meetings if (words := _in_words(one))]
    if not said and found.agreed:
        return f"Agreement with {counted(_decisions_agreed(found), 'decision')}"
    if not said:
        return f"{counted(len(found.others), 'file')} changed" if found.others else "No change"
    what = "Decisions for " if any(one.decided for one in found.meetings) else ""
    what = what or ("Reviews for " if any(one.reviewed for one in found.meetings) else "Changes for ")
    return what + "; ".join(said)


def _decisions_agreed(found: Summary) -> int:
    return len({id for one in found.agreed for id, _ in one.decisions})


def _agreed(one: Agreed) -> str:
    said = [f"{id[:12]} ({application})" if application else id[:12] for id, application in one.decisions]
    by = escape(one.author.name)
    if one.committer.email.casefold() not in (one.author.email.casefold(), *FORGES):
        by += f", committed by {escape(one.committer.name)}"
    decisions = counted(len(said), "decision")
    return f"- {one.commit[:12]} agrees with {decisions}: {_listed(said, _MOST_IDS, ', ')}, by {by}"


def _in_words(one: Changed) -> list[str]:
    decided = Counter(decision.after for decision in one.decided)
    words = [f"{count} {status}" for status, count in decided.items()]
    reviews = sum(by.reviews + by.conflicts for by in one.reviewed)
    blank = sum(by.blank for by in one.reviewed)
    return [
        *words,
        *([counted(reviews, "review")] if reviews else []),
        *([f"{blank} to review"] if blank and not reviews else []),
        *([f"{len(one.tagged)} tagged"] if one.tagged else []),
        *([f"{len(one.came)} new"] if one.came else []),
        *([f"{len(one.edited)} edited"] if one.edited else []),
        *([f"{len(one.removed)} removed"] if one.removed else []),
        *([f"{len(one.repaired)} repaired"] if one.repaired else []),
        *(["the call"] if one.call else []),
    ]


def _meeting(one: Changed, names: bool) -> Iterator[str]:
    yield f"## {escape(one.meeting.title)} ({one.meeting.id})"
    if one.decided:
        yield "### Decisions"
        yield _decisions(one.decided, names)
    if one.decided or one.call:
        yield _seats(one)
    moved = [share for share in one.shares if share.before != share.after or share.breaks_quota]
    if moved and (one.decided or one.came or one.removed or any(share.before != share.after for share in moved)):
        yield "Seats held, where that changes, or a quota is not kept:"
        yield table(
            ("field", "value", "before", "after", "quota"),
            [(escape(s.label), escape(s.value), str(s.before), str(s.after), _quota(s)) for s in moved],
        )
    if one.reviewed:
        yield "### Reviews"
        yield _reviews(one.meeting, one.reviewed)
    if one.tagged:
        yield "### Tags"
        rows = [(_who(t.application, t.name, names), escape(" ".join(t.tags))) for t in one.tagged]
        yield table(("application", "tags"), rows)
    yield from _rest(one)


def _rest(one: Changed) -> Iterator[str]:
    for what, ids in (
        ("New applications", one.came),
        ("**Answers or fields of applicants edited**", one.edited),
        ("Told of a decision", one.told),
        ("**Applications removed**", one.removed),
        ("**Applications that cannot be read any more**", one.unusable),
        ("Applications that can be read again", one.repaired),
    ):
        if ids:
            yield f"{what}: {_listed(ids, _MOST_IDS, ', ')}"
    if one.call:
        yield "**The call is changed**: " + "; ".join(map(escape, one.call))


def _decisions(decided: Sequence[Decided], names: bool) -> str:
    rows = [
        (
            _who(one.application, one.name, names),
            f"{one.before} → **{one.after}**",
            "<br>".join(filter(None, map(_why, one.steps))) or ("" if one.steps else "*no record says so*"),
            ", ".join(dict.fromkeys(escape(step.by.name) for step in one.steps)),
        )
        for one in decided
    ]
    return table(("application", "decision", "why", "by"), rows)


def _why(step: Why) -> str:
    over = f" (over the seats: {escape(step.over_seats)})" if step.over_seats else ""
    return escape(step.reason) + over


def _seats(one: Changed) -> str:
    seats, (before, after) = one.meeting.seats, one.taken
    over = f" **That is {after - seats} over.**" if after > seats else ""
    standing = ", ".join(
        f"{status} {was}" if was == now else f"{status} {was} → {now}" for status, was, now in one.statuses
    )
    return f"Seats taken: {before} → {after} of {seats}.{over}  \nApplications: {standing}."


def _quota(share: Share) -> str:
    limits = [
        *([f"at least {share.least}"] if share.least is not None else []),
        *([f"at most {share.most}"] if share.most is not None else []),
    ]
    said = ", ".join(limits)
    return f"**{said}**" if share.breaks_quota else said


def _reviews(meeting: Meeting, reviewed: Sequence[Reviewed]) -> str:
    """Return who wrote how many reviews; what they recommend only where reviews are not blind."""
    head = ("reviewer", "reviews", *(() if meeting.blind else ("recommend",)), "conflicts", "to fill in", "taken away")
    rows = [
        (
            one.reviewer,
            str(one.reviews),
            *(() if meeting.blind else (", ".join(f"{n} {word}" for word, n in one.recommend.items()),)),
            str(one.conflicts),
            str(one.blank),
            str(one.gone),
        )
        for one in reviewed
    ]
    broken = [f"{id} ({one.reviewer})" for one in reviewed for id in one.unusable]
    more = f"\n\n**Reviews that cannot be read**: {_listed(broken, _MOST_IDS, ', ')}" if broken else ""
    return table(head, rows) + more


def _who(id: str, name: str, names: bool) -> str:
    return f"{id} {escape(name)}" if names and name != id else id


def _listed(items: Sequence[str], most: int, between: str, first: str = "") -> str:
    more = f"{between}and {len(items) - most} more" if len(items) > most else ""
    return first + between.join(items[:most]) + more


def _code(path: str) -> str:
    return path.replace("`", "'")
