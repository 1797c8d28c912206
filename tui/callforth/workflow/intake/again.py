"""What becomes of a submission of somebody who is here already.

What came in earlier is merged with what the applicant has changed since, field by field, so that what the team has
edited meanwhile stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from callforth.index.reading import read_file
from callforth.model import person
from callforth.model.application import Answer, Application
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext import arrival, layout, merge
from callforth.workflow.intake import who
from callforth.workflow.intake.imported import Brought
from callforth.workflow.intake.items import CHANGED, DECIDED, INCOMPLETE, REFUSED, UNCHANGED, Item, Known
from callforth.workflow.intake.mapping import ANSWER, APPLICANT, Targets, stands_under
from callforth.workflow.intake.sent import Sent
from callforth.workflow.intake.values import is_in_other_zone
from callforth.workflow.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Stands:
    """What of an application a file speaks of, as `stands_under` names it.

    `there` has a column in the file; `moved` had one the last time, which is taken for something else now.
    """

    there: frozenset[str]
    moved: frozenset[str]


def stands(export: Export, targets: Targets, meeting: Meeting) -> Stands:
    """Return what the columns stand for; what the call keeps of the last import is in the meeting."""
    was = {one.column: one.to for one in meeting.imports if one.kind == export.kind}
    there = {stands_under(column.label, targets.to[column.key], meeting) for column in export.columns}
    before = {stands_under(one.label, was[one.key], meeting) for one in export.columns if one.key in was}
    return Stands(frozenset(there - {""}), frozenset(before - there - {""}))


def again(
    workspace: Workspace,
    meeting: str,
    one: Sent,
    known: Known,
    brought: Brought | None,
    columns: Stands,
    decided: bool,
    parts: Sequence[tuple[Sent, Known]],
    sure: bool = False,
) -> Item:
    """Return what becomes of a submission that came in earlier as the application it is `known` as.

    `brought` is the file as its applicant has sent it so far, None where that is not known. `parts` are all that were
    joined in that application, this one among them. A person who is `sure` has said that it is the same one's, and
    that what it says counts.
    """
    name = known.name
    path, base = layout.application(meeting, name), brought.raw if brought else None
    ours = read_file(workspace.root, path)
    now = application_file.parse(ours, path, meeting, name)
    was = application_file.parse(base or ours, path, meeting, name)
    unchanged = Item(one.row, UNCHANGED, name, path, ours, ours)
    if not sure and all(who.another(before.applicant, known.applicant) for before in (was, now)):
        why = f"has another name and another address than before; if it is the same person, say --same {one.row}={name}"
        return Item(one.row, REFUSED, name, path, ours, None, why)
    said = _as_sent(was, now, one, columns)
    received, source = was.received, was.source
    open_to_it = now.status is Status.RECEIVED or decided
    if brought:
        several = parts if " " in was.source else [(one, known)]
        right, known_by = _when_and_source(was, now, several, brought)
        if open_to_it:
            received, source = right, known_by
        elif right != received and said is None:
            why = f"it is {now.status} by now, and when it was sent is read otherwise ({right:%Y-%m-%d %H:%M} UTC)"
            return Item(one.row, REFUSED, name, path, ours, None, why, option=DECIDED)
    if said is None and (received, source) == (was.received, was.source):
        return unchanged
    said = said or (dict(was.applicant), list(application_file.answers(was.body)))
    if base is None:
        why = "the commit that imported it is not in this history, so nobody can tell who changed what"
        return Item(one.row, REFUSED, name, path, ours, None, why)
    if not one.complete:
        return Item(one.row, INCOMPLETE, name, path, why="was opened again and not sent")
    if not person.named(said[0]):
        return Item(one.row, INCOMPLETE, name, path, why="has neither a name nor an address any more")
    # As it would have come in: what the team has decided since is on our side of the merge alone.
    theirs = arrival.write(name, received, said[0], said[1], source)
    merged = merge.merge(path, base, ours, theirs)
    content = merged.content
    if sure:
        content = merge.resolve(merged, path, {clash.what: merge.THEIRS for clash in merged.clashes})
    elif merged.clashes:
        what = ", ".join(clash.what for clash in merged.clashes)
        why = f"the same was edited here since ({what}); --same {one.row}={name} takes what the row says"
        return Item(one.row, REFUSED, name, path, ours, None, why)
    if content == ours:
        return unchanged
    if not open_to_it:
        why = f"it is {now.status} by now, and what it says was changed"
        return Item(one.row, REFUSED, name, path, ours, None, why, option=DECIDED)
    after = application_file.parse(content or b"", path, meeting, name)
    return Item(one.row, CHANGED, name, path, ours, content, fields=_differing(now, after))


def _when_and_source(
    was: Application, now: Application, parts: Sequence[tuple[Sent, Known]], brought: Brought
) -> tuple[datetime, str]:
    """Return when it was sent, and by what it is known from now on: as it came in, unless that was read wrongly.

    A time may also have been none of its own, but that of the import. Where several were joined, it is that of the
    first one, and each is known by its own.
    """
    received, sources = was.received, was.source.split()
    for one, known in parts:
        wrong = known.anew or known.soft or brought.is_time_of_import(received)
        if (
            wrong
            and (len(sources) < 2 or known.source == sources[0])
            and one.received
            and now.received == received
            and not is_in_other_zone(received, one.received)
        ):
            received = one.received.astimezone(UTC).replace(microsecond=0)
    known_by = {
        known.source: one.source for one, known in parts if known.anew or (known.soft and received != was.received)
    }
    return received, " ".join(known_by.get(part, part) for part in sources)


def is_as_before(one: Sent, was: Application, columns: Stands) -> bool:
    """Tell whether a submission says what an application said when it came in."""
    return _as_sent(was, was, one, columns) is None


def joined(workspace: Workspace, meeting: str, one: Sent, name: str, decided: bool) -> Item:
    """Return what becomes of a submission that a person says is a newer version of the application `name`."""
    path = layout.application(meeting, name)
    ours = read_file(workspace.root, path)
    now = application_file.parse(ours, path, meeting, name)
    if now.status is not Status.RECEIVED and not decided:
        return Item(one.row, REFUSED, name, path, why=f"{name} is {now.status} by now", option=DECIDED)
    content = with_newer(ours, now, path, one)
    after = application_file.parse(content, path, meeting, name)
    return Item(one.row, CHANGED, name, path, ours, content, fields=_differing(now, after))


def with_newer(ours: bytes, now: Application, path: str, one: Sent) -> bytes:
    """Return an application's file with what a newer submission says over what it says `now`."""
    old = application_file.answers(now.body)
    answers = _by_question(old) | _by_question(one.answers)
    source = f"{now.source} {one.source}".strip()
    base = arrival.write(now.id, now.received, now.applicant, old, now.source)
    fields = {**now.applicant, **one.applicant}
    theirs = arrival.write(now.id, now.received, fields, list(answers.values()), source)
    return merge.resolve(merge.merge(path, base, ours, theirs), path, {}) or ours


def _as_sent(
    was: Application, now: Application, one: Sent, columns: Stands
) -> tuple[dict[str, str], list[Answer]] | None:
    """Return fields and answers as sent now, or None where they are as they were.

    What the file has a column for and the applicant emptied goes, and so does what a column was taken for by mistake,
    where the team has left it as it was. What came in under a heading that nothing has now stays: a column that
    vanished takes nothing with it. Of one that several submissions were joined in, nothing goes: it may be another's.
    """
    before, here = _said(was), _said(now)
    sent = {APPLICANT + key: text for key, text in one.applicant.items() if text}
    sent |= {ANSWER + answer.question: answer.text for answer in one.answers}
    gone = columns.there | {key for key in columns.moved if before.get(key) == here.get(key)}
    gone = frozenset() if " " in was.source else gone - sent.keys()
    after = {key: text for key, text in {**before, **sent}.items() if key not in gone}
    if after.keys() == before.keys() and all(text.strip() == before[key].strip() for key, text in after.items()):
        return None
    answers = _by_question(application_file.answers(was.body)) | _by_question(one.answers)
    fields = {**was.applicant, **one.applicant}
    return (
        {key: text for key, text in fields.items() if APPLICANT + key in after},
        [answer for key, answer in answers.items() if ANSWER + key in after],
    )


def _said(application: Application) -> dict[str, str]:
    fields = {APPLICANT + key: text for key, text in application.applicant.items()}
    return fields | {ANSWER + one.question: one.text for one in application_file.answers(application.body)}


def _by_question(answers: Iterable[Answer]) -> dict[str, Answer]:
    return {answer.question: answer for answer in answers}


def _differing(before: Application, after: Application) -> tuple[str, ...]:
    """Return the names of the fields, and the ids of the questions, that say something else."""
    was, now = _said(before), _said(after)
    was |= {"received": str(before.received), "source": before.source}
    now |= {"received": str(after.received), "source": after.source}
    keys = [key for key in {**was, **now} if was.get(key) != now.get(key)]
    return tuple(f"{_bare(key)}{'' if key in now else ' (emptied)'}" for key in keys)


def _bare(key: str) -> str:
    return key.removeprefix(APPLICANT).removeprefix(ANSWER)
