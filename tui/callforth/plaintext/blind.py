"""The files of a pack for reviewers: an application without who applied, and what a reviewer needs to know.

They are written and never read back. A page is built from what was chosen for it, so that nothing else can be in it;
what applicants wrote is escaped so that Markdown shows it as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from callforth.model.application import Answer
from callforth.model.meeting import Criterion, Meeting
from callforth.plaintext import layout
from callforth.plaintext.page_markdown import escape, table

README = "README.md"
BEGINS = b"# Applications to "
_PLAIN = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_YAML_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}


def page(meeting: str, application: str, fields: Mapping[str, str], answers: Sequence[Answer]) -> bytes:
    """Return an application's page: its id and meeting, these fields of the applicant, these answers; nothing else."""
    said = [f"  {_scalar(name)}: {_scalar(value)}\n" for name, value in fields.items() if value]
    head = f"id: {_scalar(application)}\nmeeting: {meeting}\n{'applicant:' + chr(10) if said else ''}{''.join(said)}"
    parts = [f"<!-- question: {one.question} -->\n## {escape(one.ask)}\n\n{paragraphs(one.text)}\n" for one in answers]
    return f"---\n{head}---\n\n{chr(10).join(parts)}".encode()


def paragraphs(text: str) -> str:
    """Return a text of several lines as Markdown that shows it as it is, line by line."""
    lines = [escape(line) for line in text.strip().split("\n")]
    # Two spaces at the end of a line keep Markdown from joining it with the next.
    ends = ["  " if line and after else "" for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return "\n".join(line + end for line, end in zip(lines, ends, strict=True))


def _scalar(value: str) -> str:
    plain = _PLAIN.fullmatch(value) and value.lower() not in _YAML_WORDS
    return value if plain else json.dumps(value, ensure_ascii=False)


def readme(meeting: Meeting, fields: Sequence[str], reviewer: str) -> bytes:
    """Return the page that explains a pack, for a reviewer (their slug), or for whoever reads it where it is empty.

    `fields` are the names of those that applications have in it. It does not depend on which applications there are.
    """
    labels = {field.name: field.label for field in meeting.fields}
    given = ", ".join(escape(labels.get(name, name)) for name in fields)
    parts = [
        f"{BEGINS.decode()}{escape(meeting.title)}",
        f"In `applications/{meeting.id}/` there is one file for each application: its answers"
        f"{f' and these fields: {given}' if given else ''}. Names, addresses and everything else that says who "
        "applied is left out. Somebody may still tell who they are in an answer. **If you know who it is, and should "
        "not judge them, write `conflict: true` and nothing else.**",
    ]
    if reviewer:
        where = layout.review(meeting.id, "ID", reviewer)
        parts += [
            "## How to review",
            "\n".join(
                (
                    f"1. Read `{layout.application(meeting.id, 'ID')}`.",
                    f"2. Open the file with the same id, `{where}`, and edit it (on a forge: the pencil).",
                    "3. After `recommend:` write `accept`, `waitlist`, `decline` or `abstain`; after each criterion a "
                    "number of its scale, or nothing; below the second line of dashes what you want to say.",
                    "4. Save (on a forge: commit to this branch). You may change it as often as you like.",
                )
            ),
            "A file in which nothing is filled in counts as not yet reviewed. Change no other file.",
        ]
    if meeting.criteria:
        parts += ["## Criteria", _criteria(meeting.criteria)]
    return ("\n\n".join(parts) + "\n").encode()


def _criteria(criteria: Sequence[Criterion]) -> str:
    rows = tuple((one.id, one.text, f"{one.least:g} to {one.most:g}", f"{one.weight:g}") for one in criteria)
    return table(("criterion", "what it asks", "scale", "weight"), rows, 4)
