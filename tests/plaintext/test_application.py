"""The application file, and answers that come out as they went in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callforth.model.application import Answer, Application
from callforth.model.status import Status
from callforth.model.text import clean
from callforth.plaintext.application import answers, escape, parse, unescape
from callforth.plaintext.document import FileUnusable

PATH = "applications/oslo-2022/k7m2qx.md"
HEAD = "---\nid: k7m2qx\nstatus: received\nreceived: 2022-08-20T10:12:00Z\napplicant:\n  name: Ana\n---\n"

TRICKS = [
    "<!-- question: dialogue -->", "## What is your experience?", "# A", "---", "...", "===", "<<<<<<< HEAD",
    "=======", ">>>>>>> main", "|||||||", "\\", "\\\\", "\n", "\n\n", "\r\n", " ", "\t", "<b>", "- x",
    "id: 3fh9td", "status: accepted", "\u200b", "\ufeff", "\u202e", "\u2028", "\x0c", "\x0b", "\x85", "\r",
    "\x1b]0;x\x07", "[/x]", "```", "~~~", "é", "\u0301", "-", "<", "#", "text",
]  # fmt: skip
ANSWERS = st.lists(
    st.sampled_from(TRICKS) | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    max_size=12,
).map("".join)


def parsed(text: str) -> Application:
    return parse(text.encode(), PATH, "oslo-2022", "k7m2qx")


def section(question: str, text: str) -> str:
    """Write an answer as the format says."""
    return f"\n<!-- question: {question} -->\n## Ask {question}?\n\n{escape(text)}\n"


@settings(max_examples=500)
@given(ANSWERS)
def test_unescaping_undoes_escaping(text: str) -> None:
    assert unescape(escape(text)) == text


@settings(max_examples=1000, deadline=None)
@given(st.lists(ANSWERS.map(lambda text: text.strip("\r\n")), min_size=1, max_size=3))
def test_answers_in_a_file_are_read_back_as_exactly_those_answers(texts: list[str]) -> None:
    raw = HEAD + "".join(section(f"q{number}", text) for number, text in enumerate(texts))
    found = answers(parsed(raw).body)
    assert found == tuple(
        Answer(f"q{number}", f"Ask q{number}?", clean(text).strip("\n")) for number, text in enumerate(texts)
    )


@settings(max_examples=200, deadline=None)
@given(ANSWERS)
def test_an_answer_changes_nothing_above_it(text: str) -> None:
    application = parsed(HEAD + section("why", text))
    assert (application.id, application.status, application.applicant) == ("k7m2qx", Status.RECEIVED, {"name": "Ana"})


@pytest.mark.parametrize(
    "line",
    [
        "<!-- question: b -->",
        "## Ask?",
        "---",
        "...",
        "=======",
        "<<<<<<< a",
        ">>>>>>> b",
        "||||||| c",
        "\\## x",
        "\\\\---",
    ],
)
def test_a_line_with_a_meaning_gets_one_backslash(line: str) -> None:
    assert escape(f"x\n{line}\n{line}") == f"x\n\\{line}\n\\{line}"


@pytest.mark.parametrize(
    "line", ["x", "", " ---", "\\x", "--", "..", "x <!-- question: b -->", "==", "*a*", "1. #", "\\ ##"]
)
def test_a_line_without_a_meaning_stays(line: str) -> None:
    assert escape(line) == line
    assert unescape(line) == line


@pytest.mark.parametrize("hidden", ["\u200b", "\ufeff", "\u202e", "\u2060", "\u00ad", "\u2066", "\ufe0f", "\U000e0041"])
def test_an_invisible_character_does_not_smuggle_in_a_marker(hidden: str) -> None:
    text = f"mine\n{hidden}<!-- question: dialogue -->\n{hidden}## Faked?\n\nnot mine\n\\-{hidden}--"
    shown = "mine\n<!-- question: dialogue -->\n## Faked?\n\nnot mine\n\\---"
    assert answers(parsed(HEAD + section("why", text)).body) == (Answer("why", "Ask why?", shown),)


def test_hand_written_bodies_are_split_where_markers_stand() -> None:
    body = (
        "Before all.\n\n<!-- question: a -->\nNo heading.\n\n<!-- question: b-2 -->  \n\n##  Spaced \n## Kept\n"
        "<!-- question: C -->\n <!-- question: d -->\n<!-- question: e -->"
    )
    assert answers(body) == (
        Answer("", "", "Before all."),
        Answer("a", "", "No heading."),
        Answer("b-2", "Spaced", "## Kept\n<!-- question: C -->\n <!-- question: d -->"),
        Answer("e", "", ""),
    )
    assert answers("") == answers(" \n ") == ()


def test_a_whole_file_is_read_as_documented() -> None:
    text = """---
id: k7m2qx
status: waitlisted
received: 2022-08-20T10:12:00+02:00
applicant:
  name: "Marta\\u202e  Oliveira"
  email: marta.oliveira@example.org
  country: NO
tags:
- faith-community
- Zeta
source: eusurvey/5f0c1d2e
informed: 2022-09-01T08:00:00Z waitlisted
notes: see the call of 3 May
nested: {not: shown}
---

Body
"""
    assert parsed(text) == Application(
        id="k7m2qx",
        meeting="oslo-2022",
        status=Status.WAITLISTED,
        received=datetime(2022, 8, 20, 10, 12, tzinfo=timezone(timedelta(hours=2))),
        applicant={"name": "Marta Oliveira", "email": "marta.oliveira@example.org", "country": "NO"},
        tags=("faith-community", "Zeta"),
        source="eusurvey/5f0c1d2e",
        informed="2022-09-01T08:00:00Z waitlisted",
        extra={"notes": "see the call of 3 May"},
        body="Body",
    )


@pytest.mark.parametrize(
    "written", ["2022-08-20", "2022-08-20T00:00:00Z", "2022-08-20 00:00", "'2022-08-20T00:00+00:00'"]
)
def test_a_time_without_zone_is_utc(written: str) -> None:
    assert parsed(HEAD.replace("2022-08-20T10:12:00Z", written)).received == datetime(2022, 8, 20, tzinfo=UTC)


def edited(old: str, new: str) -> str:
    assert HEAD.count(old) == 1
    return HEAD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (edited("id: k7m2qx\n", ""), 1, "there is no id"),
        (edited("k7m2qx", ""), 1, "there is no id"),
        (edited("k7m2qx", "3fh9td"), 2, "the id '3fh9td' is not the file's name"),
        (edited("k7m2qx", '"\\e[2J"'), 2, "the id '␛[2J' is not the file's name"),
        (edited("k7m2qx", "[k7m2qx]"), 2, "'id' is not a single text"),
        (edited("status: received\n", ""), 1, "there is no 'status'"),
        (edited("status: received", "status: recieved"), 3, "the status 'recieved' is unknown"),
        (edited("status: received", "status:"), 3, "the status '' is unknown"),
        (edited("status: received", "status: Received"), 3, "the status 'Received' is unknown"),
        (edited("status: received", "status: [received]"), 3, "'status' is not a single text"),
        (edited("received: 2022-08-20T10:12:00Z\n", ""), 1, "there is no 'received'"),
        (edited("2022-08-20T10:12:00Z", "20.8.2022"), 4, "'20.8.2022' is not a date"),
        (edited("2022-08-20T10:12:00Z", "2022-02-30"), 4, "'2022-02-30' is not a date"),
        (edited("2022-08-20T10:12:00Z", "0001-01-01T00:00+14:00"), 4, "'0001-01-01T00:00+14:00' is not a date"),
        (edited("2022-08-20T10:12:00Z", "9999-12-31T23:59-14:00"), 4, "'9999-12-31T23:59-14:00' is not a date"),
        (edited("2022-08-20T10:12:00Z", "{a: b}"), 4, "'this' is not a date"),
        (edited("applicant:\n  name: Ana\n", ""), 1, "there is no 'applicant'"),
        (edited("applicant:\n  name: Ana", "applicant: Ana"), 5, "'applicant' has no fields"),
        (edited("  name: Ana", "  name: [Ana]"), 6, "'name' is not a single text"),
        (edited("  name: Ana", "  name: Ana\ntags: a"), 7, "'tags' is not a list"),
        (edited("  name: Ana", "  name: Ana\ntags:\n- a\n- two words"), 9, "'two words' is no tag"),
        (edited("  name: Ana", "  name: Ana\ntags:\n- a: b"), 8, "'this' is no tag"),
        (edited("  name: Ana", '  name: Ana\ntags: ["\\e[31m"]'), 7, "'␛[31m' is no tag"),
        (edited("  name: Ana", "  name: Ana\ntags: ['']"), 7, "'' is no tag"),
        (edited("  name: Ana", "  name: Ana\nsource: [a]"), 7, "'source' is not a single text"),
        (edited("  name: Ana", "  name: Ana\ninformed: {a: b}"), 7, "'informed' is not a single text"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(text)
    problem = caught.value.problem
    assert (problem.path, problem.line, problem.says) == (PATH, line, says)
    assert problem.remedy


def test_a_file_named_otherwise_than_an_id_is_refused() -> None:
    with pytest.raises(FileUnusable, match=r"^x\.md:2: the id is not six characters"):
        parse(HEAD.replace("k7m2qx", "unread").encode(), "x.md", "oslo-2022", "unread")


@pytest.mark.parametrize("text", ["tags:", "tags: []", "tags:\n"])
def test_tags_may_be_empty(text: str) -> None:
    assert parsed(edited("  name: Ana", f"  name: Ana\n{text}")).tags == ()


SAMPLES = sorted((Path(__file__).parents[2] / "applications").glob("*/*.md"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_application_of_the_sample_is_wholly_read(path: Path) -> None:
    application = parse(path.read_bytes(), str(path), path.parent.name, path.stem)
    assert all(answer.question and answer.ask.endswith("?") and answer.text for answer in answers(application.body))
    assert clean(path.read_text()) == path.read_text()
