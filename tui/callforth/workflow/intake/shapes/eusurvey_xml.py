"""EUSurvey's results as XML: questions in `Results/Survey/Elements`, submissions in `Results/Answers/AnswerSet`.

Source: `XmlExportCreator.java` of github.com/EUSurvey/EUSURVEY (package `com.ec.survey.tools.export`). `Elements`
stands there once for each language of the survey; a question's possible answers follow it as its next siblings. Titles
are HTML. An `Answer` names its question (`qid`), and the option (`aid`) or says the text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from callforth.model.intake import META, Column, Export, Submission
from callforth.model.text import clean, clean_line, typed
from callforth.plaintext.tables import Workbook
from callforth.workflow.intake.shapes.parts import unique

_KIND = "eusurvey"
# The attributes of a submission, under the names that the same have in a spreadsheet.
_METAS = {
    "invitation": "Invitation number", "id": "Contribution ID", "user": "User name", "create": "Creation date",
    "last": "Last update", "lang": "Languages", "totalscore": "Total score",
}  # fmt: skip
_ANONYMOUS = "Anonymous"
_WITHOUT_ANSWERS = {"File Download", "Line", "Rating", "Text", "Image"}
_RANKING = "Ranking"
_BREAK = re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|td|tr|h\d))\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_STAMP = re.compile(r"(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)")


@dataclass(slots=True)
class _Survey:
    """The questions: titles by id (of a table's cell by the ids of its row and column), and their options by id."""

    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    options: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    rankings: set[str] = field(default_factory=set)


def recognise(book: Workbook, name: str) -> Export | None:
    """Return the submissions of an XML export of EUSurvey, None for what is none."""
    root = book.document
    if book.kind != "xml" or not isinstance(root, Element) or root.tag != "Results":
        return None
    survey, answers = root.find("Survey"), root.find("Answers")
    if survey is None or answers is None:
        return None
    languages = survey.findall("Elements")
    asked = _survey(languages[0]) if languages else _Survey()
    sets = answers.findall("AnswerSet")
    said = [_said(one, asked) for one in sets]
    for texts in said:
        for key in texts:
            asked.titles.setdefault(key, f"question {key[0]}")
    names = dict(zip(asked.titles, unique(asked.titles.values()), strict=True))
    columns = [Column(text, text, options=tuple(asked.options.get(key, {}).values())) for key, text in names.items()]
    there = [attribute for attribute in _METAS if any(one.get(attribute) for one in sets)]
    keys = unique([*names.values(), *(_METAS[attribute] for attribute in there)])[len(names) :]
    columns += [Column(key, _METAS[attribute], META) for attribute, key in zip(there, keys, strict=True)]
    submissions = []
    for row, (one, texts) in enumerate(zip(sets, said, strict=True), 1):
        number = _meta(one, "list")
        source = _meta(one, "id") or (f"list-{number}" if number else "")
        cells = {names[key]: "; ".join(parts) for key, parts in texts.items()}
        cells |= {key: text for attribute, key in zip(there, keys, strict=True) if (text := _meta(one, attribute))}
        submissions.append(Submission(row, source, _meta(one, "create") or _meta(one, "last"), cells))
    notes = list(book.notes)
    if len(languages) > 1:
        notes.append(f"the questions are shown in {languages[0].get('lang', 'the first language')}")
    if any(one.find(tag) is not None for one in sets for tag in ("Explanation", "Discussion")):
        notes.append("what people explained and discussed of each other's answers was left out")
    return Export(_KIND, clean_line(survey.get("alias", "")), tuple(columns), tuple(submissions), tuple(notes))


def _survey(elements: Element) -> _Survey:
    found = _Survey()
    rows: list[tuple[str, str]] = []
    above, last = "", ("", "")
    for one in elements:
        key = (one.get("id", ""), "")
        title = _title(one)
        match one.tag:
            case "MatrixTitle" | "TableTitle" | "ComplexTableTitle":
                above, rows = title, []
            case "MatrixQuestion":
                rows.append((key[0], title))
                found.titles[key] = f"{above}: {title}"
            case "MatrixAnswer":
                for row, _ in rows:
                    found.options.setdefault((row, ""), {})[key[0]] = title
            case "TableQuestion":
                rows.append((key[0], title))
            case "TableAnswer":
                for row, heading in rows:
                    found.titles[row, key[0]] = f"{above} {heading}:{title}"
            case "Cell":
                _add_cell(one, found)
            case "RatingQuestion":
                found.titles[key] = title
            case "Question" if one.get("type") not in _WITHOUT_ANSWERS:
                last, found.titles[key] = key, title
                found.rankings |= {key[0]} if one.get("type") == _RANKING else set()
            case "Answer" | "RankingItem":
                found.options.setdefault(last, {})[key[0]] = title
    return _by_row(found)


def _by_row(survey: _Survey) -> _Survey:
    """Put a table's cells in the order of a spreadsheet's columns: row by row."""
    order = {row: at for at, (row, _) in reversed(list(enumerate(survey.titles)))}
    survey.titles = dict(sorted(survey.titles.items(), key=lambda item: order[item[0][0]]))
    return survey


def _add_cell(cell: Element, survey: _Survey) -> None:
    title = _title(cell.find("ResultText")) or _title(cell.find("CellTitle"))
    if not title or cell.get("type") in ("Empty", "StaticText"):
        return
    key = (cell.get("id", ""), "")
    survey.titles[key] = title
    for answer in cell.findall("Answer"):
        survey.options.setdefault(key, {})[answer.get("id", "")] = _title(answer)


def _said(answers: Element, survey: _Survey) -> dict[tuple[str, str], list[str]]:
    """Return what somebody answered, by question: texts, or the titles of the options."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in answers.findall("Answer"):
        question, option = one.get("qid", ""), one.get("aid", "")
        text = clean(typed("".join(one.itertext()))).strip()
        key = (question, option) if (question, option) in survey.titles else (question, "")
        options = survey.options.get(key, {})
        if not key[1] and option:
            text = options.get(option, text or option)
        elif question in survey.rankings:
            text = "; ".join(options.get(part, part) for part in text.split(";"))
        if text:
            found.setdefault(key, []).append(text)
    return found


def _meta(answers: Element, attribute: str) -> str:
    """Return what an attribute of a submission says; a moment as ISO 8601."""
    text = clean_line(answers.get(attribute, ""))
    return "" if text == _ANONYMOUS else _STAMP.sub(r"\1T\2:\3:\4", text)


def _title(element: Element | None) -> str:
    if element is None:
        return ""
    return clean_line(html.unescape(_TAG.sub("", _BREAK.sub(" ", element.text or ""))))
