"""The call file: a meeting's frontmatter and the text that announces it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from callforth.model.ids import is_slug
from callforth.model.meeting import Criterion, Field, Mapped, Meeting, Question, Quota
from callforth.model.text import clean, clean_line
from callforth.plaintext.application import moment, text_field
from callforth.plaintext.document import Document, Path, read

_NUMBER = r"-?\d{1,6}(?:\.\d{1,6})?"
_SCALE = re.compile(rf"({_NUMBER})\s*(?:-|–|to)\s*({_NUMBER})")
_TRUE = ("true", "yes")
_WHO = ("name", "email")  # whatever a call says of them


def parse(raw: bytes, path: str, meeting: str) -> Meeting:
    """Return the meeting that a call file describes. Raises `FileUnusable` with the line."""
    document = read(raw, path)
    for field in ("title", "starts", "ends", "seats", "closes"):
        if not document.data.get(field):
            raise document.fail(1, f"there is no '{field}'", f"add a line '{field}: …'")
    review = document.data.get("review", {})
    if not isinstance(review, dict):
        raise document.fail(("review",), "'review' has no fields", "write 'each: 2' indented below it")
    fields = tuple(_fields(document))
    return Meeting(
        id=meeting,
        title=_line(document, "title"),
        series=_line(document, "series"),
        starts=moment(document, ("starts",), document.data["starts"]),
        ends=moment(document, ("ends",), document.data["ends"]),
        place=_line(document, "place"),
        language=_line(document, "language"),
        seats=_whole(document, ("seats",), document.data["seats"]),
        published=_line(document, "published"),
        closes=moment(document, ("closes",), document.data["closes"]),
        contact=_line(document, "contact"),
        profile=_texts(document, ("profile",), document.data.get("profile")),
        fields=fields,
        questions=_questions(document),
        criteria=tuple(_criteria(document)),
        quotas=tuple(_quotas(document)),
        reviews_each=_whole(document, ("review", "each"), review.get("each", "0")),
        blind=review.get("blind", "false") in _TRUE,
        related=_texts(document, ("related",), document.data.get("related")),
        text=clean(document.body),
        review_fields=_review_fields(document, fields),
        imports=tuple(_imports(document)),
    )


def _fields(document: Document) -> Iterator[Field]:
    for path, item in _items(document, "fields"):
        name = _need(document, path, item, "name")
        yield Field(
            name=name,
            label=clean_line(item.get("label", name)),
            required=item.get("required", "") in _TRUE,
            identity=item.get("identity", "") in _TRUE,
            choices=_texts(document, (*path, "choices"), item.get("choices")),
        )


def _review_fields(document: Document, fields: Sequence[Field]) -> tuple[str, ...]:
    """Return which fields blind reviewers are given: those named, else all that do not say who somebody is."""
    open_ones = [field.name for field in fields if not field.identity and field.name not in _WHO]
    review = document.data.get("review") or {}
    if "fields" not in review:
        return tuple(open_ones)
    names = _texts(document, ("review", "fields"), review["fields"])
    for number, name in enumerate(names):
        if name in open_ones:
            continue
        known = any(field.name == name for field in fields)
        says = f"the field '{name}' says who somebody is" if known else f"'{name}' is no field of this call"
        remedy = f"use {', '.join(open_ones)}" if open_ones else "write 'fields: []'"
        raise document.fail(("review", "fields", str(number)), f"{says}, so blind reviewers are not given it", remedy)
    return tuple(dict.fromkeys(names))


def _questions(document: Document) -> tuple[Question, ...]:
    found: dict[str, Question] = {}
    for path, item in _items(document, "questions"):
        name = _need(document, path, item, "id")
        text = _need(document, path, item, "text")
        parent = item.get("parent", "")
        if not is_slug(name) or name in found:
            raise document.fail(
                (*path, "id"),
                f"'{clean_line(name)}' is not a new id",
                "use lower case words and hyphens, each once",
            )
        if parent and parent not in found:
            raise document.fail(
                (*path, "parent"), f"no question '{clean_line(parent)}' stands above", "name an earlier one"
            )
        ask = f"{found[parent].ask} {text}" if parent else text
        found[name] = Question(name, text, ask, item.get("required", "") in _TRUE, parent)
    parents = {question.parent for question in found.values()}
    # What only introduces its parts is not asked by itself.
    return tuple(question for question in found.values() if question.id not in parents)


def _criteria(document: Document) -> Iterator[Criterion]:
    for path, item in _items(document, "criteria"):
        scale = _SCALE.fullmatch(item.get("scale", "1-5").strip())
        if scale is None or float(scale[1]) >= float(scale[2]):
            raise document.fail((*path, "scale"), "the scale is not like 1-5", "write the least and the most score")
        weight = item.get("weight", "1")
        if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", weight):
            raise document.fail(
                (*path, "weight"), f"the weight '{clean_line(weight)}' is not a number", "write a number"
            )
        name = _need(document, path, item, "id")
        yield Criterion(name, clean_line(item.get("text", name)), float(scale[1]), float(scale[2]), float(weight))


def _quotas(document: Document) -> Iterator[Quota]:
    for path, item in _items(document, "quotas"):
        yield Quota(
            field=_need(document, path, item, "field"),
            value=clean_line(item.get("value", "")),
            least=_whole(document, (*path, "least"), item["least"]) if "least" in item else None,
            most=_whole(document, (*path, "most"), item["most"]) if "most" in item else None,
        )


def _imports(document: Document) -> Iterator[Mapped]:
    for path, item in _items(document, "import"):
        kind, column, to = (_need(document, path, item, key) for key in ("kind", "column", "to"))
        yield Mapped(kind, column, to)


def _items(document: Document, field: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    items = document.data.get(field) or []
    if not isinstance(items, list):
        raise document.fail((field,), f"'{field}' is not a list", f"write '- …' lines below '{field}:'")
    for number, item in enumerate(items):
        path = (field, str(number))
        if not isinstance(item, dict) or any(
            not isinstance(value, str) for key, value in item.items() if key != "choices"
        ):
            raise document.fail(path, f"this item of '{field}' is not 'name: value' lines", "see the formats guide")
        yield path, item


def _need(document: Document, path: Path, item: dict[str, Any], key: str) -> str:
    value = item.get(key, "")
    if not value:
        raise document.fail(path, f"'{key}' is missing here", f"add '{key}: …'")
    return clean_line(str(value))


def _line(document: Document, field: str) -> str:
    return clean_line(text_field(document, field))


def _whole(document: Document, where: Path, value: object) -> int:
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 6:
        raise document.fail(where, f"'{where[-1]}' is not a whole number", "write one to six digits")
    return int(value)


def _texts(document: Document, where: Path, value: object) -> tuple[str, ...]:
    items = value or []
    if not isinstance(items, list) or any(not isinstance(item, str) for item in items):
        raise document.fail(where, f"'{where[-1]}' is not a list of texts", "write one '- text' a line")
    return tuple(clean_line(item) for item in items)
