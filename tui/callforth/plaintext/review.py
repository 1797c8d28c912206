"""The review file: recommendation and scores in the frontmatter, remarks in the body.

A template spells out what is asked in comments: of YAML beside each field, and of HTML, one line each, above the
remarks. Neither is part of a review, and both stay when it is filled in.
"""

from __future__ import annotations

import re

from callforth.errors import CallforthError
from callforth.model.ids import is_tag
from callforth.model.meeting import Criterion, Meeting
from callforth.model.review import DECIMALS, RECOMMENDATIONS, Review, alike, tidy
from callforth.model.text import clean, clean_line
from callforth.plaintext import layout, review_edit
from callforth.plaintext.application import text_field
from callforth.plaintext.document import Document, FileUnusable, read

_SCORE = re.compile(r"(-?[0-9]{1,6}(\.[0-9]{1,6})?)?")
_TRUE, _FALSE = ("true", "yes"), ("", "false", "no")
_GUIDE = re.compile(r"^<!-- review:[^\n]*?-->[ \t]*\n?", re.MULTILINE)
# What would begin a comment of ours, or be taken for a conflict of a merge, has a backslash before it in the file.
_RISKY = re.compile(r"^(\\*(?:<!--|<{7}|>{7}))", re.MULTILINE)
_ESCAPED = re.compile(r"^\\(\\*(?:<!--|<{7}|>{7}))", re.MULTILINE)
_NO_SPACE = re.compile(r"^( *)([^\W\d][\w-]*):([^\s#:][^#\n]*)", re.MULTILINE)
_FIELDS = review_edit.FIELDS
_FILLED_IN = _FIELDS[2:]


def parse(raw: bytes, path: str, application: str, reviewer: str) -> Review:
    """Return the review in a file's bytes. Raises `FileUnusable` with the line."""
    try:
        return typed(read(raw, path), application, reviewer)
    except FileUnusable as error:
        raise _without_space(raw, path) or error from None


def typed(document: Document, application: str, reviewer: str) -> Review:
    """Return the review in a file that was read. Raises `FileUnusable` with the line."""
    for field, wanted in (("application", application), ("reviewer", reviewer)):
        value = text_field(document, field)
        if value != wanted:
            raise document.fail((field,), f"'{field}' does not fit the file's place", f"write '{field}: {wanted}'")
    recommend = text_field(document, "recommend").casefold()
    if recommend and recommend not in RECOMMENDATIONS:
        raise document.fail(("recommend",), "the recommendation is unknown", f"use one of {', '.join(RECOMMENDATIONS)}")
    conflict = text_field(document, "conflict").casefold()
    if conflict not in (*_TRUE, *_FALSE):
        raise document.fail(("conflict",), "'conflict' is neither true nor false", "write 'conflict: true' or nothing")
    further = tuple(field for field in document.data if field not in _FIELDS)
    for field in further:
        meant = "recommend" if field.casefold().startswith("recom") else alike(field, _FILLED_IN)
        if meant:  # what was said there would be lost without a word
            says = f"'{clean_line(field)[:40]}' is no field of a review"
            raise document.fail((field,), says, f"did you mean '{meant}'?")
    return Review(
        application=application,
        reviewer=reviewer,
        recommend=recommend,
        scores=_scores(document),
        tags=_tags(document),
        conflict=conflict in _TRUE,
        remarks=remarks(document.body),
        further=further,
    )


def remarks(body: str) -> str:
    """Return what was written below a review's frontmatter: without the lines that explain it, and not escaped."""
    return clean(_ESCAPED.sub(r"\1", _GUIDE.sub("", body))).strip()


def _scores(document: Document) -> dict[str, float]:
    scores = document.data.get("scores") or {}
    if not isinstance(scores, dict):
        raise document.fail(("scores",), "'scores' has no fields", "write 'criterion: number' indented below it")
    numbers: dict[str, float] = {}
    for criterion, value in scores.items():
        if not isinstance(value, str) or not _SCORE.fullmatch(value):
            raise document.fail(("scores", criterion), "the score is not a number", "write one like 4 or 3.5")
        if value:
            numbers[clean_line(criterion)] = float(value)
    return numbers


def _tags(document: Document) -> tuple[str, ...]:
    tags = document.data.get("tags") or []
    if not isinstance(tags, list):
        raise document.fail(("tags",), "'tags' is not a list", "write one '- tag' a line below 'tags:'")
    for number, tag in enumerate(tags):
        if not isinstance(tag, str) or not is_tag(tag):
            shown = clean_line(tag)[:40] if isinstance(tag, str) else "this"
            remedy = "use letters, digits and hyphens, no spaces"
            raise document.fail(("tags", str(number)), f"'{shown}' is no tag", remedy)
    return tuple(sorted(set(tags)))


def _without_space(raw: bytes, path: str) -> FileUnusable | None:
    """Return what is wrong where that is the likeliest slip in a template: `practice:4` in place of `practice: 4`."""
    text = raw.decode(errors="replace").replace("\r\n", "\n")
    head = text.split("\n---", 1)[0]
    for found in _NO_SPACE.finditer(head):
        if found[1] or found[2] in _FIELDS:
            says = f"there is no space after '{found[2]}:'"
            line = head.count("\n", 0, found.start()) + 1
            where = Document(path, {}, {}, {}, "")
            return where.fail(line, says, f"write '{found[2]}: {clean_line(found[3])[:20]}'")
    return None


def handed_out(raw: bytes) -> bool:
    """Tell whether a file was made as a template, filled in since or not: the lines that explain it are still there."""
    return b"<!-- review:" in raw and _GUIDE.search(raw.decode(errors="replace")) is not None


# Writing


def render(meeting: Meeting, application: str, reviewer: str, review: Review | None = None) -> bytes:
    """Return a new review file; where there is no review, a template that spells out what is asked.

    `parse(render(m, a, r, review)) == tidy(review)`.
    """
    head = [f"application: {application}", f"reviewer: {reviewer}"]
    body = _guide(meeting, application) if review is None else []
    if review is None:
        head.append(f"recommend:  # {', '.join(RECOMMENDATIONS[:-1])} or {RECOMMENDATIONS[-1]}")
        if meeting.criteria:
            asked = (f"  {review_edit.key(one.id)}:  # {_asked(meeting, one)}" for one in meeting.criteria)
            head += ["scores:", *asked]
        head.append("tags:  # suggestions, if you have any: one '- tag' on each line below this one")
        head.append("conflict:  # true if you should not judge this one, and then nothing else")
    else:
        review = tidy(review)
        head.append(f"recommend: {review.recommend}".rstrip())
        head += review_edit.block({name: number(review.scores[name]) for name in in_order(meeting, review)})
        if review.tags:
            head += ["tags:", *(f"- {tag}" for tag in review.tags)]
        head.append(f"conflict: {'true' if review.conflict else 'false'}")
        body = [_RISKY.sub(r"\\\1", review.remarks)] if review.remarks else []
    return "\n".join(["---", *head, "---", *([""] if body else []), *body, ""]).encode()


def _asked(meeting: Meeting, criterion: Criterion) -> str:
    alike = len({one.weight for one in meeting.criteria}) == 1
    return f"{criterion.scale}{'' if alike else f', weight {criterion.weight:g}'}: {criterion.text}"


def _guide(meeting: Meeting, application: str) -> list[str]:
    # One comment a line: so nobody writes remarks into one by mistake, where they would never be seen.
    answers = layout.application(meeting.id, application)
    return [
        f"<!-- review: Read {answers} first: that is what the applicant answered. -->",
        "<!-- review: Above, write a word after 'recommend:', and a number after each criterion you can judge. -->",
        "<!-- review: Below, write your remarks. Lines like these three are no part of them, and may stay. -->",
    ]


def update(raw: bytes, path: str, review: Review, meeting: Meeting) -> bytes:
    """Return a review file's bytes with what the review says; only lines that say something else are changed.

    Comments, further fields and the kind of line ends stay. `parse(update(x, r)) == tidy(r)`. Raises `FileUnusable`
    where the file cannot be read, or is written in a way that cannot be changed line by line.
    """
    review = tidy(review)
    before = read(raw, path)
    old = typed(before, review.application, review.reviewer)
    if old.recommend != review.recommend:
        raw = review_edit.set_text(raw, path, "recommend", review.recommend)
    if dict(old.scores) != dict(review.scores):
        wanted = {name: number(review.scores[name]) for name in in_order(meeting, review)}
        same = {name for name, score in old.scores.items() if review.scores.get(name) == score}
        raw = review_edit.set_scores(raw, path, wanted, same)
    if old.tags != review.tags:
        raw = review_edit.set_tags(raw, path, review.tags)
    if old.conflict != review.conflict:
        raw = review_edit.set_text(raw, path, "conflict", "true" if review.conflict else "false")
    if old.remarks != review.remarks:
        guides = [found.strip() for found in _GUIDE.findall(before.body)]
        said = [_RISKY.sub(r"\\\1", review.remarks)] if review.remarks else []
        raw = review_edit.set_body(raw, "\n\n".join(["\n".join(guides), *said] if guides else said))
    _check(raw, before, review)
    return raw


def _check(raw: bytes, before: Document, review: Review) -> None:
    refused = before.fail(1, "this file cannot be changed line by line", "edit it by hand")
    try:
        after = read(raw, before.path)
        same = typed(after, review.application, review.reviewer) == review
    except CallforthError:
        raise refused from None
    others = [{key: value for key, value in one.data.items() if key not in _FIELDS} for one in (before, after)]
    if not same or others[0] != others[1]:
        raise refused


def in_order(meeting: Meeting, review: Review) -> list[str]:
    """Return the criteria that a review scores: first the call's in its order, then what else there is."""
    known = [criterion.id for criterion in meeting.criteria if criterion.id in review.scores]
    return [*known, *sorted(set(review.scores) - set(known))]


def number(score: float) -> str:
    """Return a score as files have it: `4`, `3.5`."""
    return f"{score:.{DECIMALS}f}".rstrip("0").rstrip(".")
