"""What an import would do, before it does it.

Each submission becomes an application of the meeting, or is found to be one that came in earlier: by the id that the
form program gave it, else by who sent it and when. What came in then is known from the commit that imported it, so an
application that the team has edited since is merged with what the applicant has changed, field by field.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from callforth.errors import UsageError
from callforth.model import ids, person
from callforth.model.application import Application
from callforth.model.intake import Export
from callforth.model.meeting import Meeting
from callforth.plaintext import application as application_file
from callforth.plaintext import arrival, layout
from callforth.plaintext.document import FileUnusable
from callforth.workflow.intake import duplicates, mapping, noting, who
from callforth.workflow.intake.again import Stands, again, joined, stands, with_newer
from callforth.workflow.intake.duplicates import Duplicate, Person
from callforth.workflow.intake.items import (
    AGAIN,
    CHANGED,
    INCOMPLETE,
    JOINED,
    LEFT_OUT,
    NEW,
    REFUSED,
    UNCHANGED,
    Item,
    Known,
)
from callforth.workflow.intake.known import Here
from callforth.workflow.intake.mapping import (
    ANSWER,
    APPLICANT,
    EXTRA,
    IGNORE,
    QUESTION,
    Targets,
    check_who,
    stands_under,
)
from callforth.workflow.intake.noting import Told
from callforth.workflow.intake.removed import removed
from callforth.workflow.intake.sent import Sent, former, read
from callforth.workflow.intake.unsaid import Unsaid
from callforth.workflow.intake.values import ORDERS
from callforth.workflow.workspace import Workspace


class WrongMeeting(Unsaid):
    """The file holds answers to another call."""


class AsksTheUsual(WrongMeeting):
    """The call still asks what every new call asks, and the file answers something else."""


class NoSuchRow(UsageError):
    """A row that was named is not in the file, or holds headings."""


class NothingInIt(UsageError):
    """The file has columns, and nobody's answers."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person has said: the order in dates ('' if nothing), and which to take that are usually left out.

    `same` has by row the application here, or the earlier row, that the row is a newer version of, '' for one to
    leave out. `again` are rows to bring in though their applications were removed on record.
    """

    dates: str = ""
    incomplete: bool = False
    decided: bool = False
    same: Mapping[int, str] = field(default_factory=dict)
    again: frozenset[int] = frozenset()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    choose: Callable[[str], str] = secrets.choice


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

    Raises `NotMapped`, `AmbiguousDates`, `NothingInIt`, `WrongMeeting`, `NoSuchRow`, `FileUnusable`, `GitFailed`.
    """
    if not export.submissions:
        raise NothingInIt("there are headings in it, and nobody's answers; export it once more")
    check(export, targets, meeting)
    asks = mapping.asked_then(meeting, targets)
    unasked = [question for question in meeting.questions if question not in asks]
    meeting = replace(meeting, questions=asks)
    asked = mapping.asked(export, targets, meeting)
    sent = read(export, targets, asked, options.dates)
    _check_rows(sent, options)
    columns = stands(export, targets, asked)
    here = Here(
        workspace, meeting.id, export.kind, workspace.catalog.rows(meeting.id), columns, meeting.closes.tzinfo or UTC
    )
    here.find(
        sent,
        former(export, targets, meeting, options.dates),
        lambda: (read(export, targets, asked, order) for order in ORDERS),
    )
    items = _Looking(workspace, meeting, columns, here, sent, options).items()
    extra = [column.label for column in export.columns if targets.to[column.key] == EXTRA]
    ignored = [column.label for column in export.columns if targets.to[column.key] == IGNORE]
    new = [(item.id, one) for item, one in zip(items, sent, strict=True) if item.what == NEW]
    told = Told(export, targets, meeting, sent, [one for _, one in new], options.now(), bool(options.dates), unasked)
    coming = duplicates.coming(meeting.id, [(name, one.row, one.applicant) for name, one in new])
    pairs = duplicates.find(coming, duplicates.here(workspace.catalog))
    notes = tuple(noting.notes(told, items))
    return Plan(meeting, export, targets, tuple(items), tuple(extra), tuple(ignored), notes, tuple(pairs))


class _Looking:
    """The submissions of a file, each looked at in its turn beside what is here."""

    def __init__(
        self,
        workspace: Workspace,
        meeting: Meeting,
        columns: Stands,
        here: Here,
        sent: Sequence[Sent],
        options: Options,
    ) -> None:
        self._workspace, self._meeting, self._columns, self._options = workspace, meeting, columns, options
        self._sent, self._here, self._rows = sent, here, here.rows
        self._items: list[Item] = []
        self._times = Counter(source for row in self._rows for source in row.source.split())
        # Of an application that several were joined in, only the last says what it is now.
        self._older = {source for row in self._rows for source in row.source.split()[:-1]}
        self._parts: dict[str, list[tuple[Sent, Known]]] = defaultdict(list)
        for one in sent:
            if known := here.known.get(one.row):
                self._parts[known.name].append((one, known))
        there, ever = set(workspace.catalog.ids()), workspace.past.ids()
        self._taken = there | ever
        self._removed = removed(workspace, meeting.id, ever - there)

    def items(self) -> list[Item]:
        """Return what becomes of each."""
        changing: dict[str, int] = {}
        for one in self._sent:
            item = self._item(one)
            if item.what == CHANGED and changing.setdefault(item.path, one.row) != one.row:
                why = f"row {changing[item.path]} changes {item.id} too; import once more after this"
                item = Item(one.row, REFUSED, item.id, item.path, why=why)
            self._items.append(item)
        return self._items

    def _item(self, one: Sent) -> Item:
        same, known = self._options.same.get(one.row), self._here.known.get(one.row)
        if same == "":
            return Item(one.row, LEFT_OUT, why="as you said")
        if known and self._times[known.source] > 1:
            both = ", ".join(row.id for row in self._rows if known.source in row.source.split())
            why = f"is here more than once ({both}); 'callforth check' says how to remove all but one"
            return Item(one.row, REFUSED, why=why)
        if same is not None:
            return self._said_same(one, same, known)
        if one.row in self._here.unsure:
            names = self._here.unsure[one.row]
            why = (
                f"seems to be a newer version of one of {', '.join(names)}, and nobody can tell of which; say --same "
                f"{one.row}={names[0]}, say, or --skip {one.row}"
            )
            return Item(one.row, REFUSED, why=why)
        return self._again(one, known) if known else self._new(one)

    def _again(self, one: Sent, known: Known, sure: bool = False) -> Item:
        path, decided = self._path(known.name), self._options.decided
        if known.source in self._older:
            return Item(one.row, UNCHANGED, known.name, path)
        brought, joined_in = self._here.earlier.get(path), self._parts[known.name]
        return again(self._workspace, self._meeting.id, one, known, brought, self._columns, decided, joined_in, sure)

    def _new(self, one: Sent) -> Item:
        if why := _missing(one, self._options):
            return Item(one.row, INCOMPLETE, why=why, option=INCOMPLETE)
        gone = self._removed.get(one.source) or self._removed.get(one.alone)
        if gone and not gone.day:
            why = f"the file of {gone.id} is gone from its folder; 'git restore {self._path(gone.id)}' brings it back"
            return Item(one.row, REFUSED, why=why)
        if gone and one.row not in self._options.again and not who.another(gone.applicant, one.applicant):
            return Item(one.row, LEFT_OUT, why=f"{gone.id} was removed on {gone.day}", option=AGAIN)
        name = ids.new_id(self._options.choose, self._taken)
        self._taken.add(name)
        content = arrival.write(name, one.received or self._options.now(), one.applicant, one.answers, one.source)
        return self._checked(Item(one.row, NEW, name, self._path(name), None, content))

    def _said_same(self, one: Sent, same: str, known: Known | None) -> Item:
        """Return what becomes of a submission that a person says is another's: of an earlier row, or one here."""
        rows = [item for item in self._items if str(item.row) == same]
        other = next((item for item in self._items if item.what == NEW and rows and item.id == rows[0].id), None)
        if rows and not rows[0].id:
            return Item(one.row, REFUSED, why=f"row {same} is not taken in, so nothing can be joined with it")
        to = rows[0].id if rows else self._application(one, same).id
        if known and known.name == to:
            return self._again(one, known, sure=True)
        if known and not known.soft:
            name = known.name
            why = (
                f"is in already, as {name}, and cannot become one with {to}; leave both, or withdraw one: "
                f"callforth withdraw {name} -m 'the same as {to}'"
            )
            return Item(one.row, REFUSED, name, self._path(name), why=why)
        if other is None:
            return joined(self._workspace, self._meeting.id, one, to, self._options.decided)
        before = application_file.parse(other.content or b"", other.path, self._meeting.id, other.id)
        both = replace(other, content=with_newer(other.content or b"", before, other.path, one))
        self._items[self._items.index(other)] = self._checked(both)
        return Item(one.row, JOINED, other.id, other.path, why=f"with row {other.row}")

    def _application(self, one: Sent, same: str) -> Application:
        if same.isdecimal() and any(str(other.row) == same for other in self._sent):
            raise NoSuchRow(f"row {same} does not come before row {one.row}; name an earlier row")
        application = self._workspace.catalog.application(same)
        if application.meeting != self._meeting.id:
            raise WrongMeeting(
                f"{application.id} applied to {application.meeting}, not to {self._meeting.id}; keep both"
            )
        return application

    def _checked(self, item: Item) -> Item:
        """Return the item, refused where its file could not be read back."""
        try:
            application_file.parse(item.content or b"", item.path, self._meeting.id, item.id)
        except FileUnusable as error:
            return Item(item.row, REFUSED, why=f"{error.problem.says}; {error.problem.remedy}")
        return item

    def _path(self, name: str) -> str:
        return layout.application(self._meeting.id, name)


def _check_rows(sent: Sequence[Sent], options: Options) -> None:
    """Raise `NoSuchRow` where a person speaks of a row that nobody's answers are in."""
    there = {one.row for one in sent}
    for row in (*options.same, *options.again):
        if row not in there:
            raise NoSuchRow(f"row {row} has nobody's answers; rows are counted as in the file, with the headings")


def _missing(one: Sent, options: Options) -> str:
    """Return why a submission is not whole, '' where it is, or is to be taken all the same."""
    if options.incomplete:
        return ""
    if not one.complete:
        return "was begun and not sent"
    return one.odd or ("" if person.named(one.applicant) else "has neither a name nor an address")


def check(export: Export, targets: Targets, meeting: Meeting) -> None:
    """Raise `NotMapped` where no column says who applied, `WrongMeeting` where none answers a question of the call."""
    check_who(export, targets)
    asked = [question for question in meeting.questions if question.required] or list(meeting.questions)
    answered = [q for q in mapping.asked_then(meeting, targets) if targets.column(ANSWER + q.id)]
    if asked and not answered and export.kind != "email":
        from callforth.workflow.meeting_new import asks_the_usual

        if asks_the_usual(meeting):
            raise AsksTheUsual(
                f"no column answers a question of {meeting.id}, which still asks what every new call asks",
                f"make a column a question of it with --map 'COLUMN={QUESTION}' (while nobody has applied), or write "
                f"your form's questions into {layout.call(meeting.id)} and commit that",
            )
        raise WrongMeeting(
            f"no column answers a question of {meeting.id} ('{asked[0].ask[:60]}' …): it seems to be of another call",
            f"if not, say --map 'COLUMN={ANSWER}{asked[0].id}'",
        )


def says(workspace: Workspace, plan: Plan, one: Person) -> dict[str, tuple[str, str]]:
    """Return what one of a pair has sent: by what it stands under in an application, its heading and its text."""
    if one.row:
        row = next(row for row in plan.export.submissions if row.row == one.row)
        under = [(stands_under(c.label, plan.targets.to[c.key], plan.meeting), c) for c in plan.export.columns]
        return {key: (column.label, row.cells.get(column.key, "")) for key, column in under if key}
    application = workspace.catalog.application(one.id)
    answers = application_file.answers(application.body)
    fields = {APPLICANT + name: (name, text) for name, text in application.applicant.items()}
    return fields | {ANSWER + answer.question: (answer.ask, answer.text) for answer in answers}
