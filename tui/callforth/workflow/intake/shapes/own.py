"""What form programs add to a plain table: the submission's id, when it was sent, and about the machine.

Source: exports in public repositories, of Typeform (`#` … `Start Date (UTC)`, `Submit Date (UTC)`, `Network ID`), Tally
(`Submission ID`, `Respondent ID`, `Submitted at`), Jotform (`Submission Date` … `Submission ID`, `IP`), and others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from callforth.model.intake import META, Export, Submission
from callforth.model.text import fold
from callforth.workflow.intake import headings
from callforth.workflow.intake.shapes.parts import folded, stamp

# By what a submission is known, the surest first. A number alone (`#`, `ID`) may be that of the row.
_IDS = ("submission id", "response id", "entry id", "response uuid", "submission uuid")
_TOKEN_OF = ("#", "id", "token", "uuid")
_TOKEN = re.compile(r"(?=.*[a-z])(?=.*\d)[0-9a-z-]{16,}", re.IGNORECASE)
# So short a number another form may have given too.
_SHORT = re.compile(r"\d{1,7}")
_MACHINE = folded("ip;ip address;ip-address;ip-adresse;submission ip;remote ip;user ip;adresse ip;direccion ip;"
                  "indirizzo ip;user agent")  # fmt: skip
_BESIDE_ID = folded(
    "respondent id;collector id;network id;start date (utc);stage date (utc);response type;browser;device;referrer;"
    "referer;source url;submission url;submission uri;entry url;edit link;submission edit url;last update date"
)
_STATE, _BEGUN = "response type", {"partial", "started", "incomplete"}
_UTC = re.compile(r"(.*?)\s*\(utc\)")


def with_own(export: Export) -> Export:
    """Return the export with the program's own columns as such, and what they say of each submission."""
    labels = {column.key: fold(column.label).strip() for column in export.columns}
    rows = export.submissions
    by = _id_column(labels, rows)
    said = {key: label for key, label in labels.items() if label in _MACHINE or (by and label in _BESIDE_ID)}
    sent = next((key for key, label in labels.items() if _is_sent(label)), "")
    in_utc = bool(sent and _UTC.fullmatch(labels[sent]))
    own = {*said, *([by] if by else []), *([sent] if in_utc else [])}
    state = next((key for key, label in said.items() if label == _STATE), "")
    submissions = []
    for one in rows:
        when = one.cells.get(sent, "")
        received = f"{when} UTC" if in_utc and when else ""
        complete = one.cells.get(state, "").lower() not in _BEGUN
        source = _source(one.cells[by], when) if by else ""
        submissions.append(replace(one, source=source, received=received, complete=complete))
    columns = tuple(replace(one, kind=META) if one.key in own else one for one in export.columns)
    return replace(export, columns=columns, submissions=tuple(submissions))


def _id_column(labels: dict[str, str], rows: Sequence[Submission]) -> str:
    """Return the key of the column that has an id of each submission, '' where there is none."""
    for wanted in (*_IDS, *_TOKEN_OF):
        for key, label in labels.items():
            cells = [one.cells.get(key, "") for one in rows]
            if label != wanted or not rows or not all(cells) or len(set(cells)) < len(cells):
                continue
            if wanted in _IDS or all(map(_TOKEN.fullmatch, cells)):
                return key
    return ""


def _is_sent(label: str) -> bool:
    utc = _UTC.fullmatch(label)
    return headings.usual(headings.words(utc[1] if utc else label)) == headings.RECEIVED


def _source(said: str, when: str) -> str:
    """Return an id; a short number with when it was sent beside it, and '' where that is not known."""
    if not _SHORT.fullmatch(said):
        return said
    at = stamp(when)
    return f"{said}-{at}" if at else ""
