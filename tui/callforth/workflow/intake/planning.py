"""What an import would do, before it does it.

Each submission becomes an application of the meeting, or is found to be one that came in earlier: by the id that the
form program gave it, else by who sent it and when. What came in then is known from the commit that imported it, so an
application that the team has edited since is merged with what the applicant has changed, field by field.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from callforth.errors import UsageError
from callforth.index.reading import read_file
from callforth.model import ids, person
from callforth.model.application import Answer, Application
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.text import clean_line
from callforth.plaintext import application as application_file
from callforth.plaintext import arrival, layout, merge
from callforth.plaintext.document import FileUnusable
from callforth.workflow.intake import duplicates, imported
from callforth.workflow.intake.duplicates import Duplicate
from callforth.workflow.intake.mapping import ANSWER, EXTRA, IGNORE, Targets, check_who
from callforth.workflow.intake.sent import Sent, read
from callforth.workflow.workspace import Workspace

NEW, CHANGED, UNCHANGED, REFUSED, INCOMPLETE = "new", "changed", "unchanged", "refused", "incomplete"
LEFT_OUT = "left out"
WORDS = (NEW, CHANGED, UNCHANGED, REFUSED, INCOMPLETE, LEFT_OUT)


class WrongMeeting(UsageError):
    """The file holds answers to another call."""


class NoSuchRow(UsageError):
    """A row that was named is not in the file, or holds headings."""


class NothingInIt(UsageError):
    """The file has columns, and nobody's answers."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person has said: the order in dates ('' if nothing), and which to take that are usually left out.

    `same` has by row the id of the application here that the row is a newer version of, '' for one to leave out.
    """

    dates: str = ""
    incomplete: bool = False
    decided: bool = False
    same: Mapping[int, str] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    choose: Callable[[str], str] = secrets.choice


@dataclass(frozen=True, slots=True)
class Item:
    """What becomes of one submission: one of the five words above; `why` where it is left out.

    `path`, `before` (None for a new file) and `content` are the file, as it is and as it shall be.
    """

    row: int
    what: str
    id: str = ""
    path: str = ""
    before: bytes | None = None
    content: bytes | None = None
    why: str = ""
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """An import that has been worked out. `extra` and `ignored` are columns by their headings."""

    meeting: Meeting
    export: Export
    targets: Targets
    items: tuple[Item, ...]
    extra: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()

    def of(self, what: str) -> list[Item]:
        """Return the items of which this becomes."""
        return [item for item in self.items if item.what == what]

    @property
    def writes(self) -> list[Item]:
        """The items that change a file."""
        return [item for item in self.items if item.what in (NEW, CHANGED)]


def plan(workspace: Workspace, meeting: Meeting, export: Export, targets: Targets, options: Options) -> Plan:
    """Return what importing would do. The catalog must have been refreshed.

    Raises `NotMapped`, `AmbiguousDates`, `NothingInIt`, `WrongMeeting`, `FileUnusable`, `GitFailed`.
    """
    if not export.submissions:
        raise NothingInIt("there are headings in it, and nobody's answers; export it once more")
    check_who(export, targets)
    _check_meeting(export, targets, meeting)
    sent = read(export, targets, meeting, options.dates)
    _check_rows(sent, options)
    rows = workspace.catalog.rows(meeting.id)
    there = {source: row.id for row in rows for source in row.source.split()}
    twice = Counter(source for row in rows for source in row.source.split())
    # Of an application that several were joined in, only the last says what it is now.
    older = {source for row in rows for source in row.source.split()[:-1]}
    known = {source for one in sent for source in (one.source, one.alone) if source in there}
    paths = {source: layout.application(meeting.id, there[source]) for source in known}
    earlier = imported.versions(workspace.repository, list(paths.values()))
    taken = set(workspace.catalog.ids()) | workspace.past.ids()
    items = []
    for one in sent:
        if twice[one.source] > 1:
            both = ", ".join(row.id for row in rows if one.source in row.source.split())
            items.append(Item(one.row, REFUSED, why=f"is here more than once ({both}); remove all but one, on record"))
        elif one.row in options.same and one.source not in there:
            items.append(_joined(workspace, meeting, one, options))
        elif one.alone in there and _is_as_before(workspace, meeting, one, there[one.alone], earlier):
            items.append(Item(one.row, UNCHANGED, there[one.alone], paths[one.alone]))
        elif one.source in older:
            items.append(Item(one.row, UNCHANGED, there[one.source], paths[one.source]))
        elif one.source in there:
            base = earlier.get(paths[one.source])
            items.append(_again(workspace, meeting, one, there[one.source], base, options))
        elif why := _missing(one, options):
            items.append(Item(one.row, INCOMPLETE, why=why))
        else:
            name = ids.new_id(options.choose, taken)
            taken.add(name)
            content = arrival.write(name, one.received or options.now(), one.applicant, one.answers, one.source)
            items.append(
                _checked(Item(one.row, NEW, name, layout.application(meeting.id, name), None, content), meeting)
            )
    extra = [column.label for column in export.columns if targets.to[column.key] == EXTRA]
    ignored = [column.label for column in export.columns if targets.to[column.key] == IGNORE]
    arriving = [(item.id, item.row, one.applicant) for item, one in zip(items, sent, strict=True) if item.what == NEW]
    pairs = duplicates.find(duplicates.coming(meeting.id, arriving), duplicates.here(workspace.catalog))
    notes = tuple(_notes(export, targets, meeting, sent))
    return Plan(meeting, export, targets, tuple(items), tuple(extra), tuple(ignored), notes, tuple(pairs))


def _check_rows(sent: Sequence[Sent], options: Options) -> None:
    """Raise `NoSuchRow` where a person speaks of a row that nobody's answers are in."""
    for row in options.same:
        if all(one.row != row for one in sent):
            raise NoSuchRow(f"row {row} has nobody's answers; rows are counted as in the file, with the headings")


def _missing(one: Sent, options: Options) -> str:
    """Return why a submission is not whole, '' where it is, or is to be taken all the same."""
    if options.incomplete:
        return ""
    if not one.complete:
        return "was begun and not sent"
    return one.odd or ("" if person.named(one.applicant) else "has neither a name nor an address")


def _again(workspace: Workspace, meeting: Meeting, one: Sent, name: str, base: bytes | None, options: Options) -> Item:
    """Return what becomes of a submission that came in earlier."""
    path = layout.application(meeting.id, name)
    ours = read_file(workspace.root, path)
    now = application_file.parse(ours, path, meeting.id, name)
    was = application_file.parse(base or ours, path, meeting.id, name)
    unchanged = Item(one.row, UNCHANGED, name, path, ours, ours)
    said = _kept_where_gone(was.applicant, application_file.answers(was.body), one)
    if said is None:
        return unchanged
    if base is None:
        why = "the commit that imported it is not in this history, so nobody can tell who changed what"
        return Item(one.row, REFUSED, name, path, ours, None, why)
    if not one.complete:
        return Item(one.row, INCOMPLETE, name, path, why="was opened again and not sent")
    # As it would have come in: what the team has decided since is on our side of the merge alone.
    theirs = arrival.write(name, was.received, said[0], said[1], was.source)
    merged = merge.merge(path, base, ours, theirs)
    if merged.clashes:
        what = ", ".join(clash.what for clash in merged.clashes)
        return Item(one.row, REFUSED, name, path, ours, None, f"the team has edited the same since ({what})")
    if merged.content == ours:
        return unchanged
    if now.status is not Status.RECEIVED and not options.decided:
        why = f"it is {now.status} by now, and what it says was changed; take it all the same with --decided"
        return Item(one.row, REFUSED, name, path, ours, None, why)
    after = application_file.parse(merged.content or b"", path, meeting.id, name)
    return Item(one.row, CHANGED, name, path, ours, merged.content, fields=_differing(now, after))


def _is_as_before(workspace: Workspace, meeting: Meeting, one: Sent, name: str, earlier: Mapping[str, bytes]) -> bool:
    path = layout.application(meeting.id, name)
    was = application_file.parse(earlier.get(path) or read_file(workspace.root, path), path, meeting.id, name)
    return _kept_where_gone(was.applicant, application_file.answers(was.body), one) is None


def _joined(workspace: Workspace, meeting: Meeting, one: Sent, options: Options) -> Item:
    """Return what becomes of a submission that a person says is another's who is here, or is to be left out."""
    if not options.same[one.row]:
        return Item(one.row, LEFT_OUT, why="as you said")
    application = workspace.catalog.application(options.same[one.row])
    path = layout.application(meeting.id, application.id)
    if application.meeting != meeting.id:
        raise WrongMeeting(f"{application.id} applied to {application.meeting}, not to {meeting.id}; keep both")
    if application.status is not Status.RECEIVED and not options.decided:
        why = f"{application.id} is {application.status} by now; take in what was changed with --decided"
        return Item(one.row, REFUSED, application.id, path, why=why)
    ours = read_file(workspace.root, path)
    answers = {answer.question: answer for answer in application_file.answers(application.body)}
    answers |= {answer.question: answer for answer in one.answers}
    source = f"{application.source} {one.source}".strip()
    fields = {**application.applicant, **one.applicant}
    theirs = arrival.write(application.id, application.received, fields, list(answers.values()), source)
    base = arrival.write(
        application.id,
        application.received,
        application.applicant,
        application_file.answers(application.body),
        application.source,
    )
    merged = merge.resolve(merge.merge(path, base, ours, theirs), path, {}) or ours
    after = application_file.parse(merged, path, meeting.id, application.id)
    return Item(one.row, CHANGED, application.id, path, ours, merged, fields=_differing(application, after))


def _differing(before: Application, after: Application) -> tuple[str, ...]:
    """Return the names of the fields, and the ids of the questions, that say something else."""
    said = []
    for one in (before, after):
        answers = {answer.question: answer.text for answer in application_file.answers(one.body)}
        said.append({**one.applicant, **answers})
    return tuple(key for key in {**said[0], **said[1]} if said[0].get(key) != said[1].get(key))


def _kept_where_gone(
    applicant: Mapping[str, str], answers: Iterable[Answer], one: Sent
) -> tuple[dict[str, str], list[Answer]] | None:
    """Return fields and answers as sent now, or None where they are as they were.

    What came in before under a heading that nothing has now stays: a column that vanished takes nothing with it.
    """
    fields = {**applicant, **one.applicant}
    before = {answer.question: answer for answer in answers}
    after = before | {answer.question: answer for answer in one.answers}
    same = all(before.get(key) and _same(before[key].text, answer.text) for key, answer in after.items())
    if fields == dict(applicant) and same:
        return None
    return fields, list(after.values())


def _same(one: str, other: str) -> bool:
    return one.strip() == other.strip()


def _checked(item: Item, meeting: Meeting) -> Item:
    """Return the item, refused where its file could not be read back."""
    try:
        application_file.parse(item.content or b"", item.path, meeting.id, item.id)
    except FileUnusable as error:
        return Item(item.row, REFUSED, why=f"{error.problem.says}; {error.problem.remedy}")
    return item


def _check_meeting(export: Export, targets: Targets, meeting: Meeting) -> None:
    asked = [question for question in meeting.questions if question.required] or list(meeting.questions)
    answered = [q for q in meeting.questions if targets.column(ANSWER + q.id)]
    if asked and not answered and export.kind != "email":
        raise WrongMeeting(
            f"no column answers a question of {meeting.id} ('{asked[0].ask[:60]}' …): it seems to be of another call; "
            f"if not, say --map 'COLUMN={ANSWER}{asked[0].id}'"
        )


def _notes(export: Export, targets: Targets, meeting: Meeting, sent: Sequence[Sent]) -> Iterator[str]:
    yield from export.notes
    for one in targets.gone:
        if one.to not in (EXTRA, IGNORE):
            yield f"the column '{one.column}', which was {one.to} the last time, is not there; what came in then stays"
    late = sum(one.received is not None and one.received > meeting.closes for one in sent)
    if late:
        yield f"{late} of them came in after the call closed ({meeting.closes:%d %b %Y %H:%M})"
    undated = sum(one.received is None and not one.unread for one in sent)
    if undated:
        yield f"{undated} without a time of sending get the time of this import"
    unread = [one for one in sent if one.unread]
    if unread:
        yield (
            f"{len(unread)} times of sending could not be read (row {unread[0].row}: "
            f"'{clean_line(unread[0].unread)[:40]}'); they are kept as answers, and the time of this import counts"
        )
    required = [q for q in meeting.questions if q.required and not targets.column(ANSWER + q.id)]
    for question in required:
        yield f"no column answers '{question.ask[:70]}', which the call requires"
    if any(one.received for one in sent) and meeting.closes.tzinfo:
        yield f"times without a zone are taken as {meeting.closes:%z}, as of the call's deadline"
