"""What an export of a form holds, whatever program made it: columns, and for each person what they wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# What a column is, as far as the export itself says.
QUESTION, FIELD, META = "question", "field", "meta"
# What people call the program that a shape is named after.
_PROGRAMS = {
    "eusurvey": "EUSurvey",
    "msforms": "Microsoft Forms",
    "google": "Google Forms",
    "limesurvey": "LimeSurvey",
    "indico": "Indico",
    "surveymonkey": "SurveyMonkey",
    "email": "mail",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key (unique in the export, the same in the next one), how people read it, and what it is.

    `kind` is `question`, `field` (then the key is the usual name of the applicant's field: `name`, `email`,
    `organisation`, `role`, `country` …) or `meta` (what the program adds about the submission itself). `options` are
    the choices where the export lists them.
    """

    key: str
    label: str
    kind: str = QUESTION
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """What one person sent: cleaned text by column key, without columns that are empty.

    `row` is where it stands in the file, as a person counts (of mail and JSON: which one it is). `source` is the id
    that the program gave it, '' where it gives none; `once` are ids that the same person's may have from an export that
    says less, or otherwise, beside a short number (`7`; `7-` is any that has something beside it). `received` is when,
    as written ('' if it does not say).
    `complete` is False where the person never pressed the last button. `gone` says why it is not to come in where the
    program has settled that, as what comes after `row 3`: `is withdrawn in Indico`.
    """

    row: int
    source: str
    received: str
    cells: Mapping[str, str]
    complete: bool = True
    gone: str = ""
    once: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """An export that was recognised; `kind` is the name of its shape, `notes` say what was guessed or left out."""

    kind: str
    title: str
    columns: tuple[Column, ...]
    submissions: tuple[Submission, ...]
    notes: tuple[str, ...] = ()

    @property
    def program(self) -> str:
        """What people call the program it is from, or what it is: `Microsoft Forms`, `mail`, `table`."""
        return _PROGRAMS.get(self.kind, self.kind)

    def column(self, key: str) -> Column | None:
        """Return the column with this key, or None."""
        return next((column for column in self.columns if column.key == key), None)
