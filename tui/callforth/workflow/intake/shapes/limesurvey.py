"""The results of a LimeSurvey survey, as CSV, a workbook, or JSON.

Headings are codes (`A8[SQ001]`), codes and texts (`A8[SQ001]. Text [Option]`), or texts alone. Source:
github.com/LimeSurvey/LimeSurvey, application/helpers/admin/export (Writer, CsvWriter, JsonWriter, SurveyObj) and
viewHelper::getFieldCode, getFieldText.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callforth.model.intake import FIELD, META, QUESTION, Column, Export, Submission
from callforth.model.text import clean_line, fold
from callforth.plaintext.tables import Grid, Workbook
from callforth.workflow.intake.headings import FAMILY, GIVEN, words
from callforth.workflow.intake.shapes.gathered import all_addresses, text_of

CODES, BOTH, TEXTS = "codes", "codes and texts", "texts"
_BASE = ("id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl")
# How they read where headings are texts; in other languages the cells tell.
_BASE_TEXTS = {
    "id": "Response ID;Antwort ID", "submitdate": "Date submitted;Datum Abgeschickt",
    "lastpage": "Last page;Letzte Seite", "startlanguage": "Start language;Start-Sprache",
    "seed": "Seed;Zufallsgeneratorstartwert", "token": "Access code;Token;Zugangscode;Zugangsschlüssel",
    "startdate": "Date started;Datum gestartet", "datestamp": "Date last action;Datum letzte Aktivität",
    "ipaddr": "IP address;IP-Adresse", "refurl": "Referrer URL;Weiterleitungs-URL",
}  # fmt: skip
_BY_TEXT = {fold(text): code for code, texts in _BASE_TEXTS.items() for text in texts.split(";")}
_BOTH = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<subs>(?:\[[^\[\]]*\])*)\. ?(?P<text>.*)", re.DOTALL)
_CODE = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<subs>(?:\[[^\[\]]*\])*)")
_TIMES = re.compile(r"(total time|gesamtzeit|(group|question) time: .*|(gruppen|fragen)zeit: .*)")
_DATED = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9-]+)?")
_ANSWER_CODE = re.compile(r"A(O|SQ)?\d{1,3}")
# Where a survey keeps no times, this stands in place of one.
_UNDATED = "1980-01-01"
_YES = ";y;yes;ja;oui;si;sim;tak;ano;kylla;igen;da;ναι;jah;taip;iva;bai;"
_NO = ";n;no;nein;non;nao;nee;nej;nie;ne;ei;nem;nu;οχι;n/a;k.a.;k. a.;"


@dataclass(frozen=True, slots=True)
class _Heading:
    """One column's heading: `code` of its question ('' where only texts are given), `subs` the parts of it, `text`."""

    at: int
    code: str
    subs: tuple[str, ...]
    text: str

    @property
    def group(self) -> str:
        """What the columns of one question have in common."""
        return self.code or self.text

    @property
    def option(self) -> str:
        """The part of the question, or the option, that this column is about; '' where it is the whole of it."""
        return self.subs[-1] if self.subs else ""


def recognise(book: Workbook, name: str) -> Export | None:
    """Return what is in results of LimeSurvey, None for anything else."""
    sheet = _responses(book.document) if book.kind == "json" else next(iter(book.sheets), None)
    if sheet is None or not sheet.rows:
        return None
    style, base = _base(sheet)
    if not {"id", "submitdate"} <= base.keys():
        return None
    headings = _headings(sheet, style, base)
    columns: list[Column] = []
    cells: list[dict[str, str]] = [{} for _ in sheet.rows[1:]]
    for column, found in _columns(headings, sheet, style, base):
        columns.append(column)
        for one, text in zip(cells, found, strict=True):
            if text:
                one[column.key] = text
    notes = tuple(_notes(style, columns, cells))
    submissions = tuple(_submissions(sheet, base, cells))
    return Export("limesurvey", clean_line(sheet.name), tuple(columns), submissions, (*book.notes, *notes))


def _responses(document: object) -> Grid | None:
    """Return the responses of a JSON export as a table; older versions put each below its id."""
    found = document.get("responses") if isinstance(document, dict) else None
    if not isinstance(found, list) or not found:
        return None
    records = [_record(one) for one in found]
    if not all(records):
        return None
    keys = list(dict.fromkeys(key for record in records for key in record))
    rows = [[clean_line(key) for key in keys], *([text_of(record.get(key)) for key in keys] for record in records)]
    return Grid.of("", rows, first=0)


def _record(one: object) -> Mapping[str, object]:
    if isinstance(one, dict) and len(one) == 1:
        one = next(iter(one.values()))
    return one if isinstance(one, dict) else {}


def _base(sheet: Grid) -> tuple[str, dict[str, int]]:
    """Return how headings are written, and where LimeSurvey's own columns are, by their codes."""
    heads = [clean_line(cell) for cell in sheet.rows[0]]
    for style, pattern in ((CODES, _CODE), (BOTH, _BOTH)):
        found = {m["code"]: at for at, head in enumerate(heads) if (m := pattern.fullmatch(head)) and not m["subs"]}
        base = {code: at for code, at in found.items() if code in _BASE}
        if {"id", "submitdate"} <= base.keys() and len(base) > 2:
            return style, base
    base = {_BY_TEXT[fold(head)]: at for at, head in enumerate(heads) if fold(head) in _BY_TEXT}
    if {"id", "submitdate"} <= base.keys() and len(base) > 2:
        return TEXTS, base
    return TEXTS, _by_cells(sheet)


def _by_cells(sheet: Grid) -> dict[str, int]:
    """Return LimeSurvey's own columns where only what they hold tells: they come first, in one order."""
    rows = sheet.rows[1:]
    if not rows or len(rows[0]) < 5:
        return {}
    columns = list(zip(*rows, strict=True))
    ids = [cell for cell in columns[0] if cell.isdecimal()]
    if (
        len(set(ids)) < len(rows)
        or not all(_DATED.fullmatch(cell) or not cell for cell in columns[1])
        or not any(columns[1])
        or not all(len(cell) < 4 and (cell.isdecimal() or not cell) for cell in columns[2])
        or not all(map(_LANGUAGE.fullmatch, columns[3]))
    ):
        return {}
    found = {"id": 0, "submitdate": 1, "lastpage": 2, "startlanguage": 3}
    later = [code for code in _BASE[4:] if code in ("seed", "startdate", "datestamp")]
    for at in range(4, len(columns)):
        filled = [cell for cell in columns[at] if cell]
        if filled and all(cell.isdecimal() and len(cell) > 4 for cell in filled) and "seed" in later:
            code = "seed"
        elif filled and all(_DATED.fullmatch(cell) and not cell.endswith("00:00:00") for cell in filled):
            code = "startdate" if "startdate" in later else "datestamp"
        else:
            break
        if code not in later:
            break
        found[code] = at
        later = later[later.index(code) + 1 :]
    return found


def _headings(sheet: Grid, style: str, base: Mapping[str, int]) -> list[_Heading]:
    """Return the headings of all but LimeSurvey's own columns."""
    found = []
    often = Counter(match["code"] for cell in sheet.rows[0] if (match := _BOTH.fullmatch(clean_line(cell))))
    for at, cell in enumerate(sheet.rows[0]):
        head = clean_line(cell)
        if at in base.values():
            continue
        match = {CODES: _CODE, BOTH: _BOTH}[style].fullmatch(head) if style != TEXTS else None
        if match is None:
            text, subs = _ends(head, 1)
            found.append(_Heading(at, "", subs if text else (), text or head))
            continue
        codes = tuple(re.findall(r"\[([^\[\]]*)\]", match["subs"]))
        text, subs = _ends(match["text"], len(codes) or int(often[match["code"]] > 1)) if style == BOTH else ("", ())
        codes = codes or subs
        # `other` and comments are told by their codes, whatever language their texts are in.
        special = bool(codes) and (codes[-1] in ("other", "filecount") or codes[-1].endswith("comment"))
        if not special and len(subs) == len(codes):
            codes = tuple(sub or code for sub, code in zip(subs, codes, strict=True))
        found.append(_Heading(at, match["code"], codes, text or match["code"]))
    return found


def _ends(text: str, most: int) -> tuple[str, tuple[str, ...]]:
    """Return a heading's text, and the parts in brackets at its end, at most so many (they may hold brackets too)."""
    subs: list[str] = []
    rest = text.rstrip()
    while len(subs) < most and rest.endswith("]"):
        depth = 0
        for at in range(len(rest) - 1, -1, -1):
            depth += (rest[at] == "]") - (rest[at] == "[")
            if depth == 0:
                break
        if depth:
            break
        subs.insert(0, rest[at + 1 : -1].strip())
        rest = rest[:at].rstrip()
    return rest, tuple(subs)


def _columns(
    headings: Sequence[_Heading], sheet: Grid, style: str, base: Mapping[str, int]
) -> Iterator[tuple[Column, list[str]]]:
    """Yield each column with its cells: the person, questions (choices of several as one), and LimeSurvey's own."""
    rows = sheet.rows[1:]
    seen: Counter[str] = Counter()

    def cells(at: int) -> list[str]:
        return [_plain(row[at]) for row in rows]

    def once(key: str) -> str:
        seen[key] += 1
        return key if seen[key] == 1 else f"{key} ({seen[key]})"

    codes = {one.code for one in headings if one.code}
    names = _names(headings)
    if names:
        parts = zip(*(cells(one.at) for one in names), strict=True)
        yield Column("name", "Name", FIELD), [" ".join(filter(None, pair)) for pair in parts]
    left = [one for one in headings if one not in names]
    for group in _groups(left):
        found = {one.at: cells(one.at) for one in group}
        if _ticked(group, found):
            key = once(group[0].group)
            label = group[0].text if group[0].text != group[0].code else key
            remarks = _remarks(group, found)
            options = tuple(one.option for one in group if one.at not in remarks)
            yield (
                Column(key, label, QUESTION, options),
                [_choices(group, found, remarks, at) for at in range(len(rows))],
            )
            continue
        for one in group:
            part = "".join(f"[{sub}]" for sub in one.subs)
            label = f"{one.text} {part}".strip() if one.text != one.code else one.code + part
            email = fold(one.code or one.text) in ("email", "email address") and all_addresses(found[one.at])
            if email and not seen["email"]:
                seen["email"] += 1
                yield Column("email", label, FIELD), found[one.at]
                continue
            kind = META if _is_time(one, codes) or one.option == "filecount" else QUESTION
            yield Column(once(_key(one, sheet, style)), label, kind), found[one.at]
    for code in sorted(base, key=base.__getitem__):
        head = clean_line(sheet.rows[0][base[code]])
        both = _BOTH.fullmatch(head)
        yield Column(once(code), both["text"] if both else head, META), cells(base[code])


def _key(one: _Heading, sheet: Grid, style: str) -> str:
    """Return a column's key: the code where there is one, since texts are corrected."""
    head = clean_line(sheet.rows[0][one.at])
    match = _BOTH.fullmatch(head) if style == BOTH else None
    return match["code"] + match["subs"] if match else head


def _groups(headings: Sequence[_Heading]) -> Iterator[list[_Heading]]:
    """Yield columns that stand side by side and belong to one question."""
    group: list[_Heading] = []
    for one in headings:
        if group and one.group == group[-1].group and len(one.subs) == 1 and len(group[-1].subs) == 1:
            group.append(one)
            continue
        if group:
            yield group
        group = [one]
    if group:
        yield group


def _remarks(group: Sequence[_Heading], found: Mapping[int, Sequence[str]]) -> set[int]:
    """Return which columns say something about the choices: what else it is, and comments.

    Without codes nothing but its text tells the column for something else; it stands last.
    """
    last = group[-1]
    if not last.code:
        return {last.at} if len(group) > 2 and not _only_ticks(found[last.at]) else set()
    return {one.at for one in group if one.option == "other" or one.option.endswith("comment")}


def _ticked(group: Sequence[_Heading], found: Mapping[int, Sequence[str]]) -> bool:
    """Return whether these columns are the options of one question, each of which says yes or no."""
    remarks = _remarks(group, found)
    options = [one for one in group if one.at not in remarks]
    if len(group) < 2 or not options or not all(one.option for one in group):
        return False
    said = [cell for one in options for cell in found[one.at]]
    return _only_ticks(said) and any(_among(cell, _YES) for cell in said)


def _only_ticks(cells: Iterable[str]) -> bool:
    return all(_among(cell, _YES + _NO) for cell in cells if cell)


def _choices(group: Sequence[_Heading], found: Mapping[int, Sequence[str]], remarks: set[int], row: int) -> str:
    """Return what one person chose, with what they added to it."""
    said: list[str] = []
    ticked = False
    for one in group:
        cell = found[one.at][row]
        if one.at not in remarks:
            ticked = _among(cell, _YES)
            said += [one.option] if ticked else []
        elif cell and one.option.endswith("comment") and ticked:
            said[-1] = f"{said[-1]} ({clean_line(cell)})"
        elif cell:
            said.append(clean_line(cell))
    return "; ".join(said)


def _names(headings: Sequence[_Heading]) -> tuple[_Heading, ...]:
    """Return the columns of first and last name, where a survey asks for them in two."""
    for pair in pairwise(headings):
        for first, last in (pair, pair[::-1]):
            if _says(first, GIVEN) and _says(last, FAMILY):
                return (first, last)
    return ()


def _says(one: _Heading, names: frozenset[str]) -> bool:
    return words(one.option or one.text) in names or words(one.code) in names


def _among(text: str, listed: str) -> bool:
    return bool(text) and f";{fold(text)};" in listed


def _is_time(one: _Heading, codes: set[str]) -> bool:
    code = one.code
    timed = code == "interviewtime" or code.startswith("groupTime") or (code.endswith("Time") and code[:-4] in codes)
    return timed or bool(not code and _TIMES.fullmatch(fold(one.text)))


def _plain(cell: str) -> str:
    """Return a cell as it was answered: of uploaded files their names, and no mark before an equals sign."""
    if cell.startswith("'="):
        return cell[1:]
    if cell.startswith("[{") and '"filename"' in cell:
        try:
            files = json.loads(cell)
            return "; ".join(clean_line(str(one["name"])) for one in files)
        except (ValueError, KeyError, TypeError):
            return cell
    return cell


def _submissions(sheet: Grid, base: Mapping[str, int], cells: Sequence[Mapping[str, str]]) -> Iterator[Submission]:
    for number, row, said in zip(sheet.numbers[1:], sheet.rows[1:], cells, strict=True):
        sent = row[base["submitdate"]]
        received = "" if sent.startswith(_UNDATED) else sent
        # Every survey counts from one; the seed is drawn for each who answers, and stays.
        name = row[base["id"]]
        beside = next((text for code in ("seed", "startdate") if (text := _digits(row, base.get(code)))), "")
        source, once = (f"{name}-{beside}", name) if beside else (name, f"{name}-")
        yield Submission(number, source, received, said, bool(sent), once=(once,) if name else ())


def _digits(row: Sequence[str], at: int | None) -> str:
    text = "" if at is None or row[at].startswith(_UNDATED) else row[at]
    return re.sub(r"\D", "", text)


def _notes(style: str, columns: Sequence[Column], cells: Sequence[Mapping[str, str]]) -> Iterator[str]:
    if style == CODES:
        yield "the headings are codes; choose 'Question code & question text' in LimeSurvey to have the questions too"
    for column in columns:
        said = {one[column.key] for one in cells if column.key in one}
        if column.kind == QUESTION and said and all(map(_ANSWER_CODE.fullmatch, said)):
            yield "some answers are codes; choose 'Full answers' in LimeSurvey to have them in words"
            return
