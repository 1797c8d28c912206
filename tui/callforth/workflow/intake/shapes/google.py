"""Google Forms: its answers in Sheets, saved as XLSX, ODS or CSV, or the CSV that Forms itself gives.

Source: exports in public repositories. The first column is when somebody sent it, the second an address where the form
collects it; both have headings in the owner's language. Sheets joins what was ticked by `, `, also where an option has
a comma itself, so that only the call's choices tell them apart; Forms joins it by `;` and writes times as
`2022/08/20 10:12:33 AM GMT+3`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from callforth.model.intake import FIELD, META, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake.shapes.parts import folded, together, unique

KIND = "google"
WHEN, SCORE = "Timestamp", "Score"
_TIMESTAMPS = folded(
    "timestamp;zeitstempel;horodateur;marca temporal;informazioni cronologiche;carimbo de data/hora;tijdstempel;"
    "tidstämpel;tidsstempel;tidsmerke;aikaleima;sygnatura czasowa;časová značka;časová pečiatka;időbélyeg;"
    "marcaj de timp;χρονική σήμανση;клеймо за време;времева марка;vremenska oznaka;časovni žig;laiko žyma;"
    "laikspiedols;ajatempel;позначка часу;отметка времени;zaman damgası;marca de temps;tímastimpill"
)
_ADDRESSES = folded(
    "email address;username;e-mail-adresse;nutzername;adresse e-mail;nom d'utilisateur;"
    "dirección de correo electrónico;nombre de usuario;indirizzo email;nome utente;endereço de e-mail;"
    "nome de usuário;e-mailadres;gebruikersnaam;e-postadress;e-mailadresse;mailadresse;e-postadresse;"
    "sähköpostiosoite;adres e-mail;nazwa użytkownika;e-mailová adresa;e-mail-cím;adresă de e-mail;"
    "διεύθυνση ηλεκτρονικού ταχυδρομείου;διεύθυνση email;имейл адрес;e-adresa;e-poštni naslov;"
    "el. pašto adresas;e-pasta adrese;e-posti aadress;електронна адреса;адрес электронной почты;e-posta adresi;"
    "adreça electrònica;netfang"
)
# The sheet that a form fills, without its number.
_SHEETS = folded(
    "form responses;formularantworten;réponses au formulaire;respuestas de formulario;risposte del modulo;"
    "respostas ao formulário;respostas do formulário;formulierreacties;formulärsvar;formularsvar;skjemasvar;"
    "lomakevastaukset;liczba odpowiedzi;odpovědi formuláře;odpovede z formulára;űrlapválaszok;"
    "răspunsuri la formular;απαντήσεις φόρμας"
)
_STAMP = re.compile(r"\d{1,4}[-/. ]{1,2}\d{1,2}[-/. ]{1,2}\d{1,4}(?:\s?г)?[.,]{0,2}[ T]+\d{1,2}[:.]\d{2}.*")
_POINTS = re.compile(r"\d+(?:[.,]\d+)? / \d+(?:[.,]\d+)?")


def recognise(book: Workbook, name: str) -> Export | None:
    """Return the answers to a form of Google's, None for what is none."""
    sheets = [sheet for sheet in book.sheets if sheet.rows and _is_one(sheet)]
    if not sheets:
        return None
    sheet = max(sheets, key=lambda one: len(one.rows))
    notes = list(book.notes)
    others = [one.name for one in book.sheets if one.rows and one is not sheet]
    if others:
        notes.append(f"read from the sheet '{sheet.name}'; not from {', '.join(others)}")
    columns = _columns(sheet)
    submissions = []
    for number, row in zip(sheet.numbers[1:], sheet.rows[1:], strict=True):
        cells = {column.key: text for column, at in columns if (text := together(row[at]))}
        submissions.append(Submission(number, "", row[0], cells))
    kept = tuple(column for column, _ in columns)
    return Export(KIND, clean_line(sheet.name), kept, tuple(submissions), tuple(notes))


def _is_one(sheet: Grid) -> bool:
    """Return whether a sheet begins as Google's do: by its headings, and by its name or its times."""
    headings = [fold(clean_line(heading)) for heading in sheet.rows[0]]
    if headings[0] not in _TIMESTAMPS or len(headings) < 2 or not headings[1]:
        return False
    times = [row[0] for row in sheet.rows[1:] if row[0]]
    named = fold(clean_line(sheet.name)).rstrip("0123456789: ") in _SHEETS or headings[1] in _ADDRESSES
    return all(_STAMP.fullmatch(time) for time in times) and (bool(times) or named)


def _columns(sheet: Grid) -> list[tuple[Column, int]]:
    headings = [clean_line(heading) for heading in sheet.rows[0]]
    found = [(Column(WHEN, headings[0], META), 0)]
    if fold(headings[1]) in _ADDRESSES:
        found.append((Column("email", headings[1], FIELD), 1))
    if len(found) < len(headings) and _are_points([row[len(found)] for row in sheet.rows[1:]]):
        found.append((Column(SCORE, headings[len(found)], META), len(found)))
    asked = [at for at in range(len(found), len(headings)) if headings[at] or any(row[at] for row in sheet.rows)]
    names = [headings[at] or f"column {at + 1}" for at in asked]
    keys = unique([*(column.key for column, _ in found), *names])[len(found) :]
    labels = unique(names)
    return found + [(Column(key, label), at) for at, key, label in zip(asked, keys, labels, strict=True)]


def _are_points(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(_POINTS.fullmatch(cell) for cell in filled)
