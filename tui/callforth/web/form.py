"""The form that a call makes: what it asks, what a browser sends, and what is said about it, each in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from callforth.model.application import Answer, Application
from callforth.model.meeting import Field, Meeting
from callforth.model.text import clean, clean_line, typed
from callforth.plaintext import application as application_file
from callforth.workflow.applying import Sent
from callforth.workflow.intake import values

MOST_FIELD = 300
MOST_ANSWER = 10_000
MOST_NAMES = 500
CONSENT = "consent"
HONEYPOT = "homepage"
ONCE, SEEN = "once", "seen"
_FEW_CHOICES = 6
_LONGEST_COUNTRY = 80
_FILLS_IN = {
    "name": "name",
    "email": "email",
    "organisation": "organization",
    "role": "organization-title",
    "country": "country-name",
    "phone": "tel",
}
# What mail servers take without quotes (RFC 5321, and RFC 6531 for letters of other scripts).
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
# What is asked where a call does not say.
_USUAL = (Field("name", "Your name", True, True), Field("email", "Your e-mail address", True, True))


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that is asked: `kind` is line, text, select, radio or email.

    `name` is how the browser sends it, `key` its field's name or its question's id; `id` names it in the page.
    """

    id: str
    name: str
    key: str
    label: str
    kind: str
    required: bool
    choices: tuple[str, ...] = ()
    fills_in: str = ""
    suggests: tuple[str, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether it answers a question of the call."""
        return self.kind == "text"


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as somebody filled it in: texts by the inputs' names, and what is wrong with them."""

    values: Mapping[str, str]
    errors: Mapping[str, str]


def fields_of(meeting: Meeting) -> Sequence[Field]:
    """Return what is asked of the applicant: the call's fields, or name and address where it has none."""
    return meeting.fields or _USUAL


def inputs(meeting: Meeting) -> list[Input]:
    """Return what a call asks, in its order: first of the applicant, then its questions."""
    found = [_of_field(number, field) for number, field in enumerate(fields_of(meeting))]
    for number, question in enumerate(meeting.questions):
        found.append(Input(f"q{number}", f"answer.{question.id}", question.id, question.ask, "text", question.required))
    return found


def _of_field(number: int, field: Field) -> Input:
    kind = "email" if field.name == "email" else "line"
    if field.choices:
        kind = "radio" if len(field.choices) <= _FEW_CHOICES else "select"
    suggests = countries() if field.name == "country" and not field.choices else ()
    fills_in = _FILLS_IN.get(field.name, "") if kind in ("line", "email") else ""
    return Input(
        f"f{number}",
        f"applicant.{field.name}",
        field.name,
        field.label,
        kind,
        field.required,
        field.choices,
        fills_in,
        suggests,
    )


@lru_cache(maxsize=1)
def _territories() -> Mapping[str, str]:
    from babel import Locale

    said = Locale.parse("en").territories
    return {code: str(name) for code, name in said.items() if len(code) == 2 and code.isalpha() and code != "ZZ"}


def countries() -> tuple[str, ...]:
    """Return the names of all countries in English."""
    return tuple(sorted(_territories().values()))


def read(meeting: Meeting, body: Mapping[str, str], consent: bool) -> Filled:
    """Return what somebody sent, cleaned, and what is wrong with it; `consent` where that is asked for too."""
    said, errors = {}, {}
    for one in inputs(meeting):
        raw = body.get(one.name, "")
        text = clean(typed(raw)).strip() if one.is_answer else clean_line(raw)
        said[one.name] = text
        wrong = _wrong(one, text)
        if wrong:
            errors[one.name] = wrong
    said[CONSENT] = "yes" if body.get(CONSENT) == "yes" else ""
    if consent and not said[CONSENT]:
        errors[CONSENT] = "Tick this box to agree; without it nothing may be stored."
    said[HONEYPOT] = clean_line(body.get(HONEYPOT, ""))[:MOST_FIELD]
    if said[HONEYPOT]:
        errors[HONEYPOT] = "Leave this field empty: what fills it in is taken for a program."
    return Filled(said, errors)


def _wrong(one: Input, text: str) -> str:
    most = MOST_ANSWER if one.is_answer else MOST_FIELD
    if not _written(one, text):
        if not one.required:
            return ""
        return "Choose one of these." if one.choices else "Fill this in: it is needed."
    if len(text) > most:
        return f"Shorten this to {most:,} characters; it has {len(text):,}."
    if one.choices and text not in one.choices:
        return "Choose one of these."
    if one.kind == "email" and (not _ADDRESS.fullmatch(text) or not values.address(text) or "=?" in text):
        return "Write an e-mail address like name@example.org."
    return ""


def sent(meeting: Meeting, filled: Filled) -> Sent:
    """Return what was filled in, in the words of the call."""
    applicant, answers, asked = {}, [], set()
    asks = {question.id: question.ask for question in meeting.questions}
    for one in inputs(meeting):
        text = _written(one, filled.values.get(one.name, ""))
        asked.add(one.name)
        if text and one.is_answer:
            answers.append(Answer(one.key, asks[one.key], text))
        elif text:
            applicant[one.key] = text
    return Sent(applicant, tuple(answers), frozenset(asked))


def _written(one: Input, text: str) -> str:
    """Return what is stored of a text: of a country its code, and '' where it says that there is none."""
    # No country has a name that long, and looking for one takes its time.
    if one.is_answer or one.key != "country" or len(text) > _LONGEST_COUNTRY:
        return text
    found = values.country(text)
    return found or text if one.choices else found


def agreed(meeting: Meeting, text: str, when: datetime) -> Answer:
    """Return the answer that keeps to what the applicant has agreed, and when; `when` is aware."""
    taken = {question.id for question in meeting.questions}
    name = next(name for name in (CONSENT, f"{CONSENT}-given", f"{CONSENT}-to-this") if name not in taken)
    return Answer(name, text, f"Agreed on {when.strftime('%Y-%m-%d at %H:%M UTC')}.")


def shown(meeting: Meeting, application: Application) -> list[tuple[str, str]]:
    """Return all that an application says: what was asked, or its field, and the text as it would have been typed."""
    labels = {one.key: one.label for one in inputs(meeting) if not one.is_answer}
    typed_in = kept(meeting, application)
    fields = application.applicant.items()
    said = [(labels.get(key, key), typed_in.get(f"applicant.{key}", text)) for key, text in fields]
    return said + [(one.ask or one.question, one.text) for one in application_file.answers(application.body)]


def kept(meeting: Meeting, application: Application) -> dict[str, str]:
    """Return what an application says, by the inputs' names, as its applicant would have typed it."""
    answers = {answer.question: answer.text for answer in application_file.answers(application.body)}
    return {one.name: text for one, text in _said(meeting, application, answers)}


def _said(meeting: Meeting, application: Application, answers: Mapping[str, str]) -> Iterator[tuple[Input, str]]:
    for one in inputs(meeting):
        text = answers.get(one.key, "") if one.is_answer else application.applicant.get(one.key, "")
        if one.key == "country" and not one.is_answer:
            same = (choice for choice in one.choices if _written(one, choice) == text)
            text = next(same, text) if one.choices else _territories().get(text, text)
        yield one, text


def who(meeting: Meeting, filled: Filled) -> str:
    """Return by what a person is known again: their address for comparing, else their name."""
    found = {one.key: filled.values.get(one.name, "") for one in inputs(meeting) if not one.is_answer}
    return values.address(found.get("email", "")) or found.get("name", "").casefold()


def address(application: Application) -> str:
    """Return the address that mail goes to, '' where there is none."""
    text = application.applicant.get("email", "")
    return text if values.address(text) else ""
