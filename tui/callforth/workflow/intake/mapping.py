"""Which column of an export is what in an application.

What the call says (kept from an earlier import) counts first, then what a person says now, then what the columns'
names tell. What matches nothing is an answer under its own heading, so that nothing is lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from callforth.model.ids import is_slug
from callforth.model.intake import FIELD, META, Column, Export
from callforth.model.meeting import Mapped, Meeting, Question
from callforth.model.text import clean_line, fold
from callforth.workflow.intake import headings
from callforth.workflow.intake.unsaid import Unsaid

APPLICANT, ANSWER = "applicant.", "answer."
RECEIVED, SOURCE, EXTRA, IGNORE = "received", "source", "extra", "ignore"
PLAIN = (RECEIVED, SOURCE, EXTRA, IGNORE)
QUESTION = "question"
MANY = (EXTRA, IGNORE, QUESTION, APPLICANT + "name")  # what several columns may be: a name may stand in two
_ALIKE = 88.0
_LEAST_FOR_ALIKE = 12
_NTH = ("first", "second", "third", "fourth", "fifth")
_NUMBERED = re.compile(r"(.+) \(\d+\)")
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class BadMapping(Unsaid):
    """What was said about a column cannot be."""


class NotMapped(Unsaid):
    """It is not clear which column says who applied; somebody has to say."""


@dataclass(frozen=True, slots=True)
class Targets:
    """For each column key what it is (`applicant.name`, `answer.dialogue`, or one of `PLAIN`).

    `guessed` are the columns whose names are only alike, `gone` what the call keeps of columns that are not there,
    `asks` the questions that the call is to ask from now on, which columns are answers to.
    """

    to: Mapping[str, str]
    guessed: tuple[str, ...] = ()
    gone: tuple[Mapped, ...] = ()
    asks: tuple[Question, ...] = ()

    def column(self, target: str) -> str | None:
        """Return the key of the column that is this, or None."""
        return next((key for key, said in self.to.items() if said == target), None)


def check(target: str, meeting: Meeting, asks: bool = False) -> str:
    """Return a target as it was written, if it is one; with `asks` also `question`. Raises `BadMapping`."""
    wanted = target.strip()
    if wanted in PLAIN or (asks and wanted == QUESTION):
        return wanted
    if wanted == QUESTION:
        raise BadMapping(f"there are applications to {meeting.id}, which were not asked that; use {EXTRA} for it")
    if wanted.startswith(APPLICANT) and _FIELD_NAME.fullmatch(wanted.removeprefix(APPLICANT)):
        return wanted
    if wanted.startswith(ANSWER) and any(wanted == ANSWER + one.id for one in meeting.questions):
        return wanted
    raise BadMapping(
        f"'{clean_line(wanted)[:60]}' is nothing that a column can be; use one of {', '.join(choices(meeting, asks))}"
    )


def choices(meeting: Meeting, asks: bool = False) -> list[str]:
    """Return what a column can be, by name; another `applicant.FIELD` than the call's can be too."""
    fields = [APPLICANT + name for name in sorted({field.name for field in meeting.fields} | {"name", "email"})]
    return [*fields, *(ANSWER + one.id for one in meeting.questions), *([QUESTION] if asks else []), *PLAIN]


def propose(export: Export, meeting: Meeting, said: Mapping[str, str], asks: bool = False) -> Targets:
    """Return what each column is; `said` are a person's words, by the column's name or key.

    With `asks` a column may be a question that the call is to ask from now on: nobody has been asked yet. What the call
    keeps of a column can be said too, also where it is a question that is not asked any more. Raises `BadMapping`.
    """
    to: dict[str, str] = {}
    guessed: list[str] = []
    kept = {one.column: one.to for one in meeting.imports if one.kind == export.kind}
    for name, target in said.items():
        column, wanted = column_of(export, name), target.strip()
        checked = wanted if kept.get(column.key) == wanted else check(wanted, meeting, asks)
        if to.setdefault(column.key, checked) != wanted:
            raise BadMapping(f"{called(column, export)} was said to be {to[column.key]} and {target}; say one of them")
    new = _new_questions(export, meeting, to)
    to |= {key: ANSWER + question.id for key, question in new.items()}
    for column in export.columns:
        if column.key not in to and column.key in kept:
            to[column.key] = kept[column.key]
    to |= {key: APPLICANT + "name" for key in _two_names(export) if key not in to}
    taken = {target for target in to.values() if target not in (EXTRA, IGNORE)}
    for sure in (True, False):
        for column in export.columns:
            if column.key in to:
                continue
            target = _target(column, meeting, taken, sure)
            if target:
                to[column.key] = target
                taken.add(target)
                guessed += [] if sure else [column.key]
    for column in export.columns:
        # A field of the program's own, like the account's address, where the form asks for the same.
        known = column.kind == META or (column.kind == FIELD and APPLICANT + column.key in taken)
        to.setdefault(column.key, IGNORE if known else EXTRA)
    _check_once(to, export)
    there = {column.key for column in export.columns}
    gone = tuple(one for one in meeting.imports if one.kind == export.kind and one.column not in there)
    return Targets({column.key: to[column.key] for column in export.columns}, tuple(guessed), gone, tuple(new.values()))


def turned(export: Export, meeting: Meeting, targets: Targets, key: str, target: str) -> tuple[Targets, Column | None]:
    """Return the targets with another one for a column, and the column that was this until now, if one was.

    That one becomes an answer of its own. With `question` the column is a new question of the call.
    """
    asks = {ANSWER + question.id for question in targets.asks}
    to = {name: QUESTION if said in asks else said for name, said in targets.to.items()}
    once = target not in MANY
    before = next((one for one in export.columns if once and one.key != key and to[one.key] == target), None)
    to[key] = target
    if before is not None:
        to[before.key] = EXTRA
    new = _new_questions(export, meeting, to)
    to |= {name: ANSWER + question.id for name, question in new.items()}
    guessed = tuple(name for name in targets.guessed if name != key and (before is None or name != before.key))
    return replace(targets, to=to, guessed=guessed, asks=tuple(new.values())), before


def asked_then(meeting: Meeting, targets: Targets) -> tuple[Question, ...]:
    """Return what the call asks from now on: what it asks, and what columns are to be new questions.

    What every new call asks gives way to a form's own questions, but for what a column answers.
    """
    from callforth.workflow.meeting_new import asks_the_usual

    stay = meeting.questions
    if targets.asks and asks_the_usual(meeting):
        stay = tuple(question for question in stay if targets.column(ANSWER + question.id))
    return (*stay, *targets.asks)


def _new_questions(export: Export, meeting: Meeting, to: Mapping[str, str]) -> dict[str, Question]:
    """Return the questions that columns are said to be, by the columns' keys; their headings are the wording."""
    taken = {question.id for question in meeting.questions}
    found: dict[str, Question] = {}
    for column in export.columns:
        if to.get(column.key) == QUESTION:
            text = clean_line(column.label)
            found[column.key] = Question(extra_id(text, taken), text, text)
            taken.add(found[column.key].id)
    return found


def unclear(export: Export, meeting: Meeting, targets: Targets) -> list[Column]:
    """Return the columns that a person should look at: all that the call does not know from an earlier import.

    Those whose names are only alike are so in any case. Of mail nothing is kept: fields and marks are what they say.
    """
    kept = {one.column for one in meeting.imports if one.kind == export.kind}
    known = kept if export.kind != "email" else {column.key for column in export.columns}
    return [column for column in export.columns if column.key in targets.guessed or column.key not in known]


def check_who(export: Export, mapping: Targets) -> None:
    """Raise `NotMapped` where no column says who applied."""
    if mapping.column(APPLICANT + "name") is None and mapping.column(APPLICANT + "email") is None:
        names = ", ".join(f"'{column.label}'" for column in export.columns[:8])
        first = export.columns[0].label if export.columns else "Name"
        raise NotMapped(
            f"no column tells who applied (there are: {names}{' …' if len(export.columns) > 8 else ''})",
            f"say which, like --map '{first}=applicant.name'",
        )


def kept(export: Export, mapping: Targets) -> list[Mapped]:
    """Return what the call keeps for the next time: of columns that are there, and of those that are gone."""
    return [Mapped(export.kind, key, target) for key, target in mapping.to.items()] + list(mapping.gone)


def extra_id(label: str, taken: set[str]) -> str:
    """Return the id under which an answer stands that the call does not ask for: the same for the same heading."""
    slug = "-".join(re.findall(r"[a-z0-9]+", fold(label)))[:40].strip("-")
    if not is_slug(slug) or slug in taken:
        slug = f"column-{hashlib.sha256(label.encode()).hexdigest()[:6]}"
    return slug


def stands_under(label: str, target: str, meeting: Meeting) -> str:
    """Return what an application calls what a column says: `applicant.role`, `answer.diet`; '' where it is neither.

    `label` is the column's heading, which an answer of its own stands under.
    """
    if target == EXTRA:
        return ANSWER + extra_id(label, {question.id for question in meeting.questions})
    return target if target.startswith((APPLICANT, ANSWER)) else ""


def asked(export: Export, targets: Targets, meeting: Meeting) -> Meeting:
    """Return the meeting with the questions that its call asks no more, where a column was an answer to one.

    So these columns stay what they were, each an answer under its own heading, and nothing is lost.
    """
    more = [
        Question(target.removeprefix(ANSWER), column.label, column.label)
        for column, target in no_more(export, targets, meeting)
    ]
    return replace(meeting, questions=(*meeting.questions, *more)) if more else meeting


def no_more(export: Export, targets: Targets, meeting: Meeting) -> list[tuple[Column, str]]:
    """Return the columns with answers to questions that the call asks no more, each with what it is."""
    known = {ANSWER + question.id for question in meeting.questions}
    pairs = [(column, targets.to[column.key]) for column in export.columns]
    return [(column, target) for column, target in pairs if target.startswith(ANSWER) and target not in known]


def called(column: Column, export: Export) -> str:
    """Return a column's heading in quotes, told by its place where several have the same."""
    alike = [one.key for one in export.columns if _bare_label(one.label, export) == _bare_label(column.label, export)]
    if len(alike) == 1:
        return f"'{column.label}'"
    at = alike.index(column.key)
    return f"the {_NTH[at] if at < len(_NTH) else f'{at + 1}th'} '{_bare_label(column.label, export)}'"


def name_columns(export: Export, targets: Targets) -> list[str]:
    """Return the keys of the columns that are the name, the given name before the family's."""
    keys = [column.key for column in export.columns if targets.to[column.key] == APPLICANT + "name"]
    family = headings.only_family(
        {column.key: headings.readings(column.label)[-1] for column in export.columns if column.key in keys}
    )
    return sorted(keys, key=lambda key: key in family) if len(keys) > 1 else keys


def _two_names(export: Export) -> list[str]:
    """Return the keys of two columns that have the given and the family name, or nothing."""
    labels = {column.key: headings.readings(column.label)[-1] for column in export.columns if column.kind != META}
    # What a program itself calls the name is whole, like that of the account.
    own = {column.key for column in export.columns if column.kind == FIELD}
    asked = {key: label for key, label in labels.items() if key not in own or label not in headings.OR_FAMILY}
    return list(headings.two_names(asked) or ())


def _bare_label(label: str, export: Export) -> str:
    """Return a heading without the number that it got where another one has the same."""
    numbered = _NUMBERED.fullmatch(label)
    return numbered[1] if numbered and any(one.label == numbered[1] for one in export.columns) else label


def column_of(export: Export, name: str) -> Column:
    """Return the column with this key or heading, or the only one whose heading begins so. Raises `BadMapping`."""
    wanted = fold(clean_line(name))
    whole = [one for one in export.columns if name == one.key] or [
        one for one in export.columns if wanted in (fold(one.label), fold(one.key))
    ]
    begins = whole or [one for one in export.columns if fold(one.label).startswith(wanted)]
    if len(begins) == 1:
        return begins[0]
    if whole:
        keys = ", ".join(f"'{one.key}'" for one in whole)
        raise BadMapping(f"'{clean_line(name)[:60]}' stands over {len(whole)} columns; say which by its key: {keys}")
    if begins:
        names = ", ".join(f"'{one.label[:60]}'" for one in begins[:12])
        raise BadMapping(f"'{clean_line(name)[:60]}' begins several headings; write more of the one you mean: {names}")
    names = ", ".join(f"'{column.label[:40]}'" for column in export.columns[:12])
    raise BadMapping(f"there is no column '{clean_line(name)[:60]}'; the columns are {names}")


def _target(column: Column, meeting: Meeting, taken: set[str], sure: bool) -> str:
    """Return what a column's name tells, '' where it tells nothing; alike names only where it need not be `sure`."""
    if column.kind == META:
        return ""
    if column.kind == FIELD:
        return "" if APPLICANT + column.key in taken else APPLICANT + column.key
    readings = headings.readings(column.label)
    names: dict[str, str] = {}
    for question in meeting.questions:
        for text in (question.id, question.text, question.ask):
            names.setdefault(headings.words(text), ANSWER + question.id)
    for field in meeting.fields:
        for text in (field.name, field.label):
            names.setdefault(headings.words(text), APPLICANT + field.name)
    if sure:
        by_call = [names.get(text, "") for text in (*readings, headings.words(column.key))]
        found = next(filter(None, (*by_call, *map(_usual, readings))), "")
        return "" if found in taken else found
    free = {text: target for text, target in names.items() if target not in taken}
    asked = {text: target for text, target in free.items() if target.startswith(ANSWER)}
    return _alike(readings[0], free) or _alike(headings.last_part(column.label), asked)


def _usual(label: str) -> str:
    field = headings.usual(label)
    return APPLICANT + field if field and field != RECEIVED else field


def _alike(label: str, names: Mapping[str, str]) -> str:
    from rapidfuzz import fuzz, process

    long_ones = [text for text in names if len(text) >= _LEAST_FOR_ALIKE]
    if len(label) < _LEAST_FOR_ALIKE or not long_ones:
        return ""
    found = process.extractOne(label, long_ones, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return names[found[0]] if found else ""


def _check_once(to: Mapping[str, str], export: Export) -> None:
    seen: dict[str, str] = {}
    for key, target in to.items():
        if target in MANY:
            continue
        if target in seen:
            one, other = (called(column, export) for name in (seen[target], key) if (column := export.column(name)))
            remedy = f"say --map '{_label(key, export)}={EXTRA}'"
            raise BadMapping(f"{one} and {other} cannot both be {target}", remedy)
        seen[target] = key


def _label(key: str, export: Export) -> str:
    """Return how to name a column in `--map`: by its heading, by its key where others have the same."""
    label = next(one.label for one in export.columns if one.key == key)
    return key if sum(one.label == label for one in export.columns) > 1 else label


def by_labels(pairs: Sequence[str]) -> dict[str, str]:
    """Return what `--map COLUMN=TARGET` says, as often as it was said. Raises `BadMapping`."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        if not equals or not name.strip() or not target.strip():
            raise BadMapping(f"'{clean_line(pair)[:60]}' is not COLUMN=TARGET, as in --map 'Your name=applicant.name'")
        if found.setdefault(name.strip(), target.strip()) != target.strip():
            raise BadMapping(f"'{clean_line(name)[:60]}' cannot be {found[name.strip()]} and {target.strip()}; say one")
    return found
