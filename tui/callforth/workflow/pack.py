"""Packs for reviewers: answers and chosen fields of applications, without who applied, and files to fill in.

A pack is built from nothing but what was chosen for it, on a branch without history or in a folder of its own, so that
there is nothing in it to leak. What applicants say of themselves in an answer stays; `telling` finds the plain cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path

from callforth.index.reading import read_file
from callforth.model.application import Answer, Application
from callforth.model.meeting import Meeting
from callforth.model.text import fold
from callforth.plaintext import application as application_file
from callforth.plaintext import blind, layout
from callforth.plaintext import review as review_file
from callforth.plaintext.document import FileUnusable
from callforth.workflow.workspace import Workspace

# Whatever a call says of them: lists and letters know a person by these.
ALWAYS_IDENTITY = ("name", "email")
_LEAST_TELLING = 4
_WORD = re.compile(r"\w+")


def files(
    workspace: Workspace,
    meeting: Meeting,
    ids: Iterable[str],
    reviewer: str | None,
    pages: MutableMapping[str, bytes] | None = None,
) -> dict[str, bytes]:
    """Return a pack's files by path: a page for each application, README.md, and the reviewer's files to fill in.

    Without a reviewer (their slug) there are only pages. Where they have a review in the work tree already, it stands
    in place of a template; whoever adds to a branch leaves the files that it has under `meetings/` alone. Packs of one
    meeting may share `pages`, so that each is made once. Raises `UnknownId`, `FileUnusable`.
    """
    found = {blind.README: blind.readme(meeting, fields(meeting), reviewer or "")}
    pages = {} if pages is None else pages
    for id in ids:
        path = layout.application(meeting.id, id)
        if path not in pages:
            pages[path] = page(meeting, workspace.catalog.application(id))
        found[path] = pages[path]
        if reviewer is not None:
            found[layout.review(meeting.id, id, reviewer)] = _to_fill_in(workspace, meeting, id, reviewer)
    return found


def _to_fill_in(workspace: Workspace, meeting: Meeting, id: str, reviewer: str) -> bytes:
    with suppress(FileUnusable):
        return read_file(workspace.root, layout.review(meeting.id, id, reviewer))
    return review_file.render(meeting, id, reviewer)


def page(meeting: Meeting, application: Application) -> bytes:
    """Return an application's page in a pack."""
    return blind.page(meeting.id, application.id, *_shown(meeting, application))


def _shown(meeting: Meeting, application: Application) -> tuple[dict[str, str], list[Answer]]:
    chosen = {name: application.applicant.get(name, "") for name in fields(meeting)}
    asks = {question.id: question.ask for question in meeting.questions}
    # What stands before the first question may be anybody's note, and headings may have been edited. What the call does
    # not ask may be a telephone number, or when somebody agreed to something.
    answers = [
        Answer(one.question, asks[one.question], one.text)
        for one in application_file.answers(application.body)
        if one.question in asks
    ]
    return chosen, answers


def left_out(meeting: Meeting, application: Application) -> tuple[str, ...]:
    """Return the ids of what stands in an application as an answer and is not in a pack: the call does not ask it."""
    asked = {question.id for question in meeting.questions}
    found = (one.question for one in application_file.answers(application.body))
    return tuple(question for question in found if question and question not in asked)


def fields(meeting: Meeting) -> tuple[str, ...]:
    """Return the names of the applicant's fields that a pack shows, in the order of the call."""
    return tuple(name for name in meeting.review_fields if name not in identity(meeting))


def identity(meeting: Meeting) -> frozenset[str]:
    """Return the names of the fields that say who somebody is."""
    return frozenset(ALWAYS_IDENTITY).union(field.name for field in meeting.fields if field.identity)


def is_pack(folder: Path) -> bool:
    """Tell whether a folder holds a pack, to the end of writing it or not, and no workspace."""
    try:
        with (folder / blind.README).open("rb") as stream:
            return stream.read(len(blind.BEGINS)) == blind.BEGINS and not (folder / layout.CONFIG).exists()
    except OSError:
        return False


def telling(meeting: Meeting, application: Application) -> tuple[str, ...]:
    """Return the names of the fields of identity of which something stands in what an application's page shows.

    Of a name each word counts, if it has four letters or more; of any other field the whole. Without regard to case and
    accents. It is a help to whoever gives a pack away, and no proof: people can be known by much else.
    """
    chosen, answers = _shown(meeting, application)
    text = fold("\n".join([*chosen.values(), *(answer.text for answer in answers)]))
    words = set(_WORD.findall(text))
    return tuple(name for name in sorted(identity(meeting)) if _stands(application.applicant, name, text, words))


def _stands(applicant: Mapping[str, str], name: str, text: str, words: set[str]) -> bool:
    value = fold(applicant.get(name, "")).strip()
    if name == "name":
        return any(len(word) >= _LEAST_TELLING and word in words for word in _WORD.findall(value))
    return len(value) >= _LEAST_TELLING and value in text
