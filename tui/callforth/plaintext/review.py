"""The review file: recommendation and scores in the frontmatter, remarks in the body."""

from __future__ import annotations

import re

from callforth.model.review import RECOMMENDATIONS, Review
from callforth.model.text import clean, clean_line
from callforth.plaintext.application import text_field
from callforth.plaintext.document import read

_SCORE = re.compile(r"(-?[0-9]{1,6}(\.[0-9]{1,6})?)?")


def parse(raw: bytes, path: str, application: str, reviewer: str) -> Review:
    """Return the review in a file's bytes. Raises `FileUnusable` with the line."""
    document = read(raw, path)
    for field, wanted in (("application", application), ("reviewer", reviewer)):
        value = text_field(document, field)
        if value != wanted:
            raise document.fail((field,), f"'{field}' does not fit the file's place", f"write '{field}: {wanted}'")
    recommend = text_field(document, "recommend")
    if recommend and recommend not in RECOMMENDATIONS:
        raise document.fail(("recommend",), "the recommendation is unknown", f"use one of {', '.join(RECOMMENDATIONS)}")
    scores = document.data.get("scores") or {}
    if not isinstance(scores, dict):
        raise document.fail(("scores",), "'scores' has no fields", "write 'criterion: number' indented below it")
    numbers: dict[str, float] = {}
    for criterion, value in scores.items():
        if not isinstance(value, str) or not _SCORE.fullmatch(value):
            raise document.fail(("scores", criterion), "the score is not a number", "write a number")
        if value:
            numbers[clean_line(criterion)] = float(value)
    tags = document.data.get("tags") or []
    return Review(
        application=application,
        reviewer=reviewer,
        recommend=recommend,
        scores=numbers,
        tags=tuple(clean_line(tag) for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        conflict=text_field(document, "conflict") in ("true", "yes"),
        remarks=clean(document.body),
    )
