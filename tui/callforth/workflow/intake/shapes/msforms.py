"""Microsoft Forms, as Excel opens its answers: XLSX, or CSV saved from it.

Source: exports in public repositories (`ID,Start time,Completion time,Email,Name[,Last modified time]`, then the
questions; of a quiz also points and feedback). What of several was ticked ends with `;`. A question that is called as
one of these columns gets a number: `Name2`. Who was not signed in is `anonymous`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callforth.model.intake import FIELD, META, QUESTION, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake import values
from callforth.workflow.intake.shapes.parts import folded, stamp, unique

KIND = "msforms"
ID, START, END, EMAIL, NAME, MODIFIED = (
    "ID", "Start time", "Completion time", "Email", "Name", "Last modified time",
)  # fmt: skip
_WORDS = {
    ID: "ID;Identyfikator;Identifiant",
    START: "Start time;Startzeit;Heure de début;Hora de inicio;Ora di inizio;Ora inizio;Begintijd;Starttid;"
    "Starttidspunkt;Hora de início;Godzina rozpoczęcia;Aloitusaika;Čas spuštění;Čas zahájení;Ώρα έναρξης",
    END: "Completion time;Fertigstellungszeit;Heure de fin;Hora de finalización;Ora di completamento;"
    "Tijd van voltooien;Slutförandetid;Færdiggørelsestidspunkt;Hora de conclusão;Godzina ukończenia;"
    "Valmistumisaika;Čas dokončení;Ώρα ολοκλήρωσης",
    EMAIL: "Email;E-Mail;Adresse de messagerie;Correo electrónico;Posta elettronica;E-post;Adres e-mail;Sähköposti",
    NAME: "Name;Nom;Nombre;Nome;Naam;Namn;Navn;Nazwa;Nimi;Jméno;Όνομα",
    MODIFIED: "Last modified time;Uhrzeit der letzten Änderung;Heure de la dernière modification;"
    "Hora de la última modificación;Ora ultima modifica;Laatst gewijzigd;Tid för senaste ändring",
}
_MEANS = {name: folded(words) for name, words in _WORDS.items()}
_QUIZ = re.compile(r"total points|quiz feedback|grade posted time|(?:points|feedback) - .*", re.DOTALL)
_WHEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")
_ANONYMOUS = re.compile(r"(?:anon|ανωνυμ|анон).*")
# How a form asks itself for what the account would tell, folded.
_ASKS_EMAIL = re.compile(r".*\b(?:e-?mail|mail|e-?post|courriel|messagerie|correo|posta elettronica|sahkoposti)\b.*")
_ASKS_NAME = re.compile(
    r"(?:your |full |first and last |ihr |vor- und |votre |tu |il tuo )*(?:name|nachname|nom|nombre|nome|naam|namn)"
    r"(?: (?:and surname|et prenom|y apellidos?|e cognome|completo))?2?[ :*]*"
)


def recognise(book: Workbook, name: str) -> Export | None:
    """Return the answers to a form of Microsoft's, None for what is none."""
    for sheet in book.sheets:
        accounts = _accounts(sheet) if sheet.rows else []
        if accounts:
            return _read(sheet, accounts, book)
    return None


def _accounts(sheet: Grid) -> list[str]:
    """Return what the first columns are that Forms adds itself, [] for a sheet that is not from there.

    They are known by their headings; in other languages, in a workbook, by an id, two times of which the second is
    later, and an address.
    """
    headings = [fold(clean_line(heading)) for heading in sheet.rows[0]]
    rows = sheet.rows[1:]
    if len(headings) < 4 or headings[0] not in _MEANS[ID]:
        return []
    known = headings[1] in _MEANS[START] and headings[2] in _MEANS[END]
    if not known and not (rows and all(_looks_so(row) for row in rows)):
        return []
    found = [ID, START, END]
    for wanted in (EMAIL, NAME, MODIFIED):
        at = len(found)
        if at == len(headings):
            break
        cells = [row[at] for row in rows if row[at]]
        if headings[at] in _MEANS[wanted] or (not known and _fits(wanted, cells, found)):
            found.append(wanted)
    return found


def _looks_so(row: Sequence[str]) -> bool:
    identity = bool(values.address(row[3]) or _ANONYMOUS.fullmatch(fold(row[3])))
    times = all(_WHEN.fullmatch(cell) for cell in row[1:3])
    return row[0].isdecimal() and times and row[1] <= row[2] and identity


def _fits(wanted: str, cells: Sequence[str], found: Sequence[str]) -> bool:
    if wanted == MODIFIED:
        return bool(cells) and all(_WHEN.fullmatch(cell) for cell in cells)
    return wanted == EMAIL or EMAIL in found


def _read(sheet: Grid, accounts: Sequence[str], book: Workbook) -> Export:
    headings = [clean_line(heading) for heading in sheet.rows[0]]
    asked = [at for at in range(len(accounts), len(headings)) if headings[at] or any(row[at] for row in sheet.rows)]
    names = unique(headings[at] or f"column {at + 1}" for at in asked)
    own = set(headings[: len(accounts)])
    columns = [(_column(name, own), at) for at, name in zip(asked, names, strict=True)]
    labels = [fold(column.label) for column, _ in columns if column.kind == QUESTION]
    keys = unique([*names, *(what.lower() if what in (EMAIL, NAME) else what for what in accounts)])[len(names) :]
    for at, (what, key) in enumerate(zip(accounts, keys, strict=True)):
        signed = any(_signed(row[at]) for row in sheet.rows[1:])
        columns.append((_account(what, key, headings[at], labels, signed), at))
    submissions = []
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:], strict=True):
        cells = {column.key: text for column, at in columns if (text := _cell(row[at], column))}
        source = f"{row[0]}-{when}" if row[0] and (when := stamp(row[1])) else row[0]
        submissions.append(Submission(number, source, row[2], cells))
    return Export(KIND, sheet.name, tuple(column for column, _ in columns), tuple(submissions), book.notes)


def _column(name: str, own: set[str]) -> Column:
    if _QUIZ.fullmatch(fold(name)):
        return Column(name, name, META)
    return Column(name, name[:-1] if name.endswith("2") and name[:-1] in own else name)


def _account(what: str, key: str, heading: str, labels: Sequence[str], signed: bool) -> Column:
    """Return the column of what Forms adds. Who was signed in is the applicant, unless the form asks for it itself."""
    asks = {EMAIL: _ASKS_EMAIL, NAME: _ASKS_NAME}.get(what)
    if asks and signed and not any(asks.fullmatch(label) for label in labels):
        return Column(key, heading, FIELD)
    return Column(key, heading, META)


def _signed(cell: str) -> bool:
    return bool(cell) and not _ANONYMOUS.fullmatch(fold(cell))


def _cell(text: str, column: Column) -> str:
    if column.kind != QUESTION:
        return text if _signed(text) else ""
    if text.endswith(";") and "\n" not in text:
        return "; ".join(part for one in text.split(";") if (part := one.strip()))
    return text
