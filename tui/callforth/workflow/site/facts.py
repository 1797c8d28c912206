"""What the public may know of a call. Pages are made from this, never from the meeting itself.

So nothing is published because a template could reach it: no scores, no quotas, no seats taken, nobody's address but
the call's contact.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from callforth.errors import WorkspaceError
from callforth.model.meeting import Meeting, Question

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")  # the shape of BCP 47, section 2.1


class NoDay(WorkspaceError):
    """A call says something else than a day where it says since when it is published."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that applicants are asked, with its parts where it only introduces them."""

    text: str
    required: bool
    parts: tuple[Asked, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call as the public sees it.

    Times are aware, `text` is Markdown, and `language` is '' where it does not look like a tag of BCP 47.
    """

    id: str
    title: str
    series: str
    starts: datetime
    ends: datetime
    place: str
    language: str
    seats: int
    published: date
    closes: datetime
    contact: str
    profile: tuple[str, ...]
    fields: tuple[Asked, ...]
    questions: tuple[Asked, ...]
    related: tuple[str, ...]
    text: str

    @property
    def mail(self) -> str:
        """The contact as `mailto:` takes it where it is an e-mail address, else ''."""
        return quote(self.contact, safe="@") if _ADDRESS.fullmatch(self.contact) else ""

    @property
    def since(self) -> datetime:
        """When it may be known: the beginning of the day it is published on, where it closes."""
        return datetime.combine(self.published, datetime.min.time(), self.closes.tzinfo)

    @property
    def urn(self) -> str:
        """What feeds and calendars know it by, wherever the site is; it stays while its name and whom to ask do."""
        found = _ADDRESS.fullmatch(self.contact)
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'callforth:{found[1].lower() if found else self.contact}/{self.id}')}"


def of(meeting: Meeting, path: str, otherwise: date | None = None) -> Call | None:
    """Return what the public may know of a meeting, or None where nothing may be: its call is not published.

    `otherwise` is the day to take for one that says none. Raises `NoDay`; `path` is for the error.
    """
    published = otherwise
    if meeting.published:
        try:
            published = date.fromisoformat(meeting.published[:10])
        except ValueError:
            raise NoDay(
                f"{path}: 'published' is '{meeting.published[:40]}', which is no day; write it like 2027-08-01"
            ) from None
    if published is None:
        return None
    return Call(
        id=meeting.id,
        title=meeting.title,
        series=meeting.series,
        starts=meeting.starts,
        ends=meeting.ends,
        place=meeting.place,
        language=meeting.language if _LANGUAGE.fullmatch(meeting.language) else "",
        seats=meeting.seats,
        published=published,
        closes=meeting.closes,
        contact=meeting.contact,
        profile=meeting.profile,
        fields=tuple(Asked(field.label, field.required) for field in meeting.fields),
        questions=_questions(meeting.questions),
        related=meeting.related,
        text=meeting.text,
    )


def _questions(questions: tuple[Question, ...]) -> tuple[Asked, ...]:
    """Return the questions, parts of one together under the wording of their parent."""
    found: list[Asked] = []
    parent = ""
    for question in questions:
        part = Asked(question.text, question.required)
        if not question.parent:
            found.append(part)
        elif question.parent == parent:
            found[-1] = Asked(found[-1].text, found[-1].required, (*found[-1].parts, part))
        else:
            # The parent's wording is what the whole one begins with.
            wording = question.ask.removesuffix(question.text).rstrip()
            found.append(Asked(wording, True, (part,)))
        parent = question.parent
    return tuple(found)
