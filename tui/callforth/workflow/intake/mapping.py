"""Which column of an export is what in an application.

What the call says (kept from an earlier import) counts first, then what a person says now, then what the columns'
names tell. What matches nothing is an answer under its own heading, so that nothing is lost.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from callforth.errors import UsageError
from callforth.model.ids import is_slug
from callforth.model.intake import FIELD, META, Column, Export
from callforth.model.meeting import Mapped, Meeting
from callforth.model.text import clean_line, fold

APPLICANT, ANSWER = "applicant.", "answer."
RECEIVED, SOURCE, EXTRA, IGNORE = "received", "source", "extra", "ignore"
PLAIN = (RECEIVED, SOURCE, EXTRA, IGNORE)
_ALIKE = 88.0
_LEAST_FOR_ALIKE = 12
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
# How forms ask for the usual fields, folded.
_USUAL = {
    "name": "name;full name;your name;your full name;first and last name;name and surname;vor und nachname;ihr name;"
    "nom;nom et prenom;nombre;nombre y apellidos;nome;nome e cognome;nome completo;naam;namn;navn;nimi;imie i nazwisko;"
    "jmeno;nev;nume;ονομα;ονοματεπωνυμο;name of applicant;participant name",
    "email": "email;e-mail;email address;e-mail address;your email;your e-mail;your email address;your e-mail address;"
    "e-mail-adresse;mail;adresse e-mail;adresse electronique;courriel;correo electronico;correo;posta elettronica;"
    "indirizzo e-mail;endereco de e-mail;e-postadress;e-post;e-mailadres;adres e-mail;sahkoposti;contact email",
    "organisation": "organisation;organization;your organisation;your organization;organisation or group;institution;"
    "affiliation;company;employer;organisationen;organizacion;organizzazione;organizacao;organisatie;organizacja;"
    "name of organisation;name of your organisation;name of the organisation;εταιρεια;οργανισμος",
    "role": "role;your role;function;position;job title;profession;title;funktion;rolle;fonction;funcion;ruolo;functie",
    "country": "country;your country;country of residence;country of work;land;pays;pais;paese;land waar u werkt;kraj;"
    "χωρα;maa;zeme;orszag;tara;country you work in;the country you work in",
}
_WHEN = (
    "timestamp;submitted;submitted at;submitted on;submission date;submission time;date submitted;date of submission;"
    "created;created at;completion time;completed at;received;received at;horodateur;zeitstempel;marca temporal;"
    "informazioni cronologiche;carimbo de data hora;tijdstempel;tidsstampel;tidsstempel;aikaleima;sygnatura czasowa;"
    "casova znacka;idobelyeg;marcaj de timp;χρονικη σημανση;eingegangen;date d envoi"
)
_RECEIVED_NAMES = frozenset(fold(word) for word in _WHEN.split(";"))
# A name in two columns: what is given, and what is the family's.
_GIVEN_WORDS = (
    "first name;given name;first names;forename;vorname;prenom;prenoms;nombre;nombres;nome;voornaam;fornamn;fornavn;"
    "etunimi;imie;jmeno;krestni jmeno;keresztnev;prenume;ονομα;ad;meno;vardas;vards;eesnimi;ime"
)
_FAMILY_WORDS = (
    "last name;surname;family name;second name;nachname;familienname;nom;nom de famille;apellido;apellidos;cognome;"
    "sobrenome;apelido;achternaam;efternamn;efternavn;etternavn;sukunimi;nazwisko;prijmeni;priezvisko;vezeteknev;"
    "csaladnev;nume;nume de familie;επωνυμο;επιθετο;soyad;soyadi;pavarde;uzvards;perekonnanimi;prezime;priimek"
)
_GIVEN, _FAMILY = (frozenset(fold(word) for word in words.split(";")) for words in (_GIVEN_WORDS, _FAMILY_WORDS))
_FIELDS_BY_NAME = {fold(word): field for field, words in _USUAL.items() for word in words.split(";")}


class BadMapping(UsageError):
    """What was said about a column cannot be."""


class NotMapped(UsageError):
    """It is not clear which column says who applied; somebody has to say."""


@dataclass(frozen=True, slots=True)
class Targets:
    """For each column key what it is (`applicant.name`, `answer.dialogue`, or one of `PLAIN`).

    `guessed` are the columns whose names are only alike, `gone` what the call keeps of columns that are not there.
    """

    to: Mapping[str, str]
    guessed: tuple[str, ...] = ()
    gone: tuple[Mapped, ...] = ()

    def column(self, target: str) -> str | None:
        """Return the key of the column that is this, or None."""
        return next((key for key, said in self.to.items() if said == target), None)


def check(target: str, meeting: Meeting) -> str:
    """Return a target as it was written, if it is one. Raises `BadMapping`."""
    wanted = target.strip()
    if wanted in PLAIN:
        return wanted
    if wanted.startswith(APPLICANT) and _FIELD_NAME.fullmatch(wanted.removeprefix(APPLICANT)):
        return wanted
    if wanted.startswith(ANSWER) and any(wanted == ANSWER + one.id for one in meeting.questions):
        return wanted
    fields = {field.name for field in meeting.fields} | {"name", "email"}
    there = [*(APPLICANT + one for one in sorted(fields)), *(ANSWER + one.id for one in meeting.questions), *PLAIN]
    raise BadMapping(f"'{clean_line(wanted)[:60]}' is nothing that a column can be; use one of {', '.join(there)}")


def propose(export: Export, meeting: Meeting, said: Mapping[str, str]) -> Targets:
    """Return what each column is; `said` are a person's words, by the column's name or key. Raises `BadMapping`."""
    to: dict[str, str] = {}
    guessed: list[str] = []
    for name, target in said.items():
        to[_column(export, name).key] = check(target, meeting)
    kept = {one.column: one.to for one in meeting.imports if one.kind == export.kind}
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
    return Targets({column.key: to[column.key] for column in export.columns}, tuple(guessed), gone)


def check_who(export: Export, mapping: Targets) -> None:
    """Raise `NotMapped` where no column says who applied."""
    if mapping.column(APPLICANT + "name") is None and mapping.column(APPLICANT + "email") is None:
        names = ", ".join(f"'{column.label}'" for column in export.columns[:8])
        first = export.columns[0].label if export.columns else "Name"
        raise NotMapped(
            f"no column tells who applied (there are: {names}{' …' if len(export.columns) > 8 else ''}); say which, "
            f"like --map '{first}=applicant.name'"
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


def name_columns(export: Export, targets: Targets) -> list[str]:
    """Return the keys of the columns that are the name, the given name before the family's."""
    keys = [column.key for column in export.columns if targets.to[column.key] == APPLICANT + "name"]
    family = {column.key for column in export.columns if _words(column.label) in _FAMILY - _GIVEN}
    return sorted(keys, key=lambda key: key in family) if len(keys) > 1 else keys


def _two_names(export: Export) -> list[str]:
    """Return the keys of two columns that have the given and the family name, or nothing."""
    labels = {column.key: _words(column.label) for column in export.columns if column.kind != META}
    given = [key for key, label in labels.items() if label in _GIVEN - _FAMILY] or [
        key for key, label in labels.items() if label in _GIVEN
    ]
    family = [key for key, label in labels.items() if label in _FAMILY and key not in given[:1]]
    return [given[0], family[0]] if given and family else []


def _column(export: Export, name: str) -> Column:
    wanted = fold(clean_line(name))
    for column in export.columns:
        if name == column.key or wanted in (fold(column.label), fold(column.key)):
            return column
    begins = [column for column in export.columns if fold(column.label).startswith(wanted)]
    if len(begins) == 1:
        return begins[0]
    names = ", ".join(f"'{column.label[:40]}'" for column in export.columns[:12])
    raise BadMapping(f"there is no column '{clean_line(name)[:60]}'; the columns are {names}")


def _target(column: Column, meeting: Meeting, taken: set[str], sure: bool) -> str:
    """Return what a column's name tells, '' where it tells nothing; alike names only where it need not be `sure`."""
    if column.kind == META:
        return ""
    if column.kind == FIELD:
        return "" if APPLICANT + column.key in taken else APPLICANT + column.key
    label = _words(column.label)
    names: dict[str, str] = {}
    for question in meeting.questions:
        for text in (question.id, question.text, question.ask):
            names.setdefault(_words(text), ANSWER + question.id)
    for field in meeting.fields:
        for text in (field.name, field.label):
            names.setdefault(_words(text), APPLICANT + field.name)
    if sure:
        found = names.get(label) or names.get(_words(column.key)) or _usual(label)
        return found if found and found not in taken else ""
    return _alike(label, {text: target for text, target in names.items() if target not in taken})


def _usual(label: str) -> str:
    if label in _RECEIVED_NAMES:
        return RECEIVED
    field = _FIELDS_BY_NAME.get(label)
    return APPLICANT + field if field else ""


def _alike(label: str, names: Mapping[str, str]) -> str:
    from rapidfuzz import fuzz, process

    long_ones = [text for text in names if len(text) >= _LEAST_FOR_ALIKE]
    if len(label) < _LEAST_FOR_ALIKE or not long_ones:
        return ""
    found = process.extractOne(label, long_ones, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    return names[found[0]] if found else ""


def _words(text: str) -> str:
    """Return a heading as headings are compared: folded, without marks, numbers in front, and 'required' signs."""
    bare = re.sub(r"^\s*(?:\d+|[a-z])[.)]\s+", "", fold(clean_line(text)))
    return " ".join(re.findall(r"[^\W_]+(?:-[^\W_]+)*", bare))


def _check_once(to: Mapping[str, str], export: Export) -> None:
    seen: dict[str, str] = {}
    for key, target in to.items():
        if target in (EXTRA, IGNORE, APPLICANT + "name"):  # a name may stand in two columns
            continue
        if target in seen:
            one, other = (column.label if (column := export.column(name)) else name for name in (seen[target], key))
            raise BadMapping(f"'{one}' and '{other}' cannot both be {target}; say --map '{other}={EXTRA}'")
        seen[target] = key


def by_labels(pairs: Sequence[str]) -> dict[str, str]:
    """Return what `--map COLUMN=TARGET` says, as often as it was said. Raises `BadMapping`."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, equals, target = pair.rpartition("=")
        if not equals or not name.strip() or not target.strip():
            raise BadMapping(f"'{clean_line(pair)[:60]}' is not COLUMN=TARGET, as in --map 'Your name=applicant.name'")
        found[name.strip()] = target.strip()
    return found
