"""The call file: a meeting as its frontmatter describes it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from callforth.model.meeting import Criterion, Field, Meeting, Question, Quota
from callforth.plaintext.call import parse
from callforth.plaintext.document import FileUnusable

PATH = "meetings/oslo-2022/call.md"
LEAST = (
    "---\n"
    "title: A meeting\n"
    "starts: 2022-10-04T12:30:00+02:00\n"
    "ends: 2022-10-05T13:00:00+02:00\n"
    "seats: 25\n"
    "closes: 2022-09-09T23:59:00+02:00\n"
)
FIELDS = "fields:\n- name: role\n- name: house\n  identity: true\n- name: email\n- name: country\n- name: age\n"


def parsed(more: str = "", least: str = LEAST) -> Meeting:
    return parse(f"{least}{more}---\n".encode(), PATH, "oslo-2022")


def test_a_call_needs_little() -> None:
    assert parsed() == Meeting(
        id="oslo-2022",
        title="A meeting",
        series="",
        starts=datetime.fromisoformat("2022-10-04T12:30:00+02:00"),
        ends=datetime.fromisoformat("2022-10-05T13:00:00+02:00"),
        place="",
        language="",
        seats=25,
        published="",
        closes=datetime.fromisoformat("2022-09-09T23:59:00+02:00"),
        contact="",
    )


def test_fields_questions_criteria_and_quotas_are_read() -> None:
    meeting = parsed(
        """fields:
- name: name
  label: Your name
  required: true
  identity: yes
- name: role
  choices:
  - social worker
  - other
questions:
- id: experience
  text: What do you know of
- id: dialogue
  parent: experience
  text: dialogue?
  required: true
- id: case
  text: A case?
criteria:
- id: fit
  text: Fits
  scale: 0.5 to 4.5
  weight: 2.5
- id: plain
quotas:
- field: country
  most: 4
- field: role
  value: social worker
  least: 2
review:
  each: 3
  blind: true
related:
- helsinki-2021
profile:
- "people\\u202e who\\e[31m help"
"""
    )
    assert meeting.fields == (
        Field("name", "Your name", required=True, identity=True),
        Field("role", "role", choices=("social worker", "other")),
    )
    assert meeting.questions == (
        Question("dialogue", "dialogue?", "What do you know of dialogue?", required=True, parent="experience"),
        Question("case", "A case?", "A case?"),
    )
    assert meeting.criteria == (Criterion("fit", "Fits", 0.5, 4.5, 2.5), Criterion("plain", "plain", 1, 5, 1))
    assert meeting.quotas == (Quota("country", most=4), Quota("role", "social worker", least=2))
    assert (meeting.reviews_each, meeting.blind, meeting.related) == (3, True, ("helsinki-2021",))
    assert meeting.profile == ("people who␛[31m help",)


def without(field: str) -> str:
    return "".join(line for line in LEAST.splitlines(keepends=True) if not line.startswith(f"{field}:"))


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ("", ("role", "country", "age")),
        ("review:\n  each: 2\n", ("role", "country", "age")),
        ("review:\n  fields: [age, role, age]\n", ("age", "role")),
        ("review:\n  fields: []\n", ()),
        ("review:\n  fields:\n", ()),
    ],
)
def test_blind_reviewers_are_given_what_the_call_says_or_all_that_does_not_identify(written, given) -> None:
    assert parsed(FIELDS + written).review_fields == given


@pytest.mark.parametrize("field", ["title", "starts", "ends", "seats", "closes"])
def test_what_must_be_there_is_missed(field: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(least=without(field))
    assert caught.value.says == f"{PATH}:1: there is no '{field}'; add a line '{field}: …'"


@pytest.mark.parametrize(
    ("more", "line", "says"),
    [
        ("place: [a]\n", 7, "'place' is not a single text"),
        ("review: 2\n", 7, "'review' has no fields"),
        ("review:\n  each: two\n", 8, "'each' is not a whole number"),
        (f"{FIELDS}review:\n  fields: role\n", 15, "'fields' is not a list of texts"),
        (
            f"{FIELDS}review:\n  fields: [role, x]\n",
            15,
            "'x' is no field of this call, so blind reviewers are not given it",
        ),
        (
            f"{FIELDS}review:\n  fields:\n  - role\n  - house\n",
            17,
            "the field 'house' says who somebody is, so blind reviewers are not given it",
        ),
        (
            f"{FIELDS}review:\n  fields:\n  - email\n",
            16,
            "the field 'email' says who somebody is, so blind reviewers are not given it",
        ),
        ("review:\n  each: [2]\n", 8, "'each' is not a whole number"),
        ("profile: all\n", 7, "'profile' is not a list of texts"),
        ("profile:\n- [a]\n", 7, "'profile' is not a list of texts"),
        ("fields: name\n", 7, "'fields' is not a list"),
        ("fields:\n- name\n", 8, "this item of 'fields' is not 'name: value' lines"),
        ("fields:\n- name: [a]\n", 8, "this item of 'fields' is not 'name: value' lines"),
        ("fields:\n- label: Name\n", 8, "'name' is missing here"),
        ("fields:\n- name: a\n  choices: x\n", 9, "'choices' is not a list of texts"),
        ("questions:\n- id: Why\n  text: Why?\n", 8, "'Why' is not a new id"),
        ("questions:\n- id: why\n  text: A?\n- id: why\n  text: B?\n", 10, "'why' is not a new id"),
        ("questions:\n- id: why\n", 8, "'text' is missing here"),
        ("questions:\n- id: why\n  text: A?\n  parent: how\n", 10, "no question 'how' stands above"),
        ("criteria:\n- id: fit\n  scale: 5-1\n", 9, "the scale is not like 1-5"),
        ("criteria:\n- id: fit\n  scale: five\n", 9, "the scale is not like 1-5"),
        ("criteria:\n- id: fit\n  weight: '-1'\n", 9, "the weight '-1' is not a number"),
        (f"criteria:\n- id: fit\n  scale: 1-{'9' * 400}\n", 9, "the scale is not like 1-5"),
        (f"criteria:\n- id: fit\n  weight: {'9' * 400}\n", 9, f"the weight '{'9' * 400}' is not a number"),
        ("quotas:\n- most: 4\n", 8, "'field' is missing here"),
        ("quotas:\n- field: country\n  most: four\n", 9, "'most' is not a whole number"),
    ],
)
def test_what_the_schema_does_not_allow_is_refused_with_its_line(more: str, line: int, says: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(more)
    assert (caught.value.problem.line, caught.value.problem.says) == (line, says)
    assert caught.value.problem.remedy


@pytest.mark.parametrize("seats", ["-1", "2.5", "٢٥", "many", "9" * 5000, "[25]", "+5", "1_0"])
def test_seats_are_a_whole_number_of_sensible_size(seats: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(least=LEAST.replace("25", seats))
    assert (caught.value.problem.line, caught.value.problem.says) == (5, "'seats' is not a whole number")


@pytest.mark.parametrize("field", ["starts", "ends", "closes"])
def test_times_are_dates(field: str) -> None:
    with pytest.raises(FileUnusable) as caught:
        parsed(f"{field}: in autumn\n", without(field))
    assert (caught.value.problem.line, caught.value.problem.says) == (6, "'in autumn' is not a date")


def test_names_made_with_escape_sequences_are_harmless() -> None:
    meeting = parsed('fields:\n- name: "a\\e[2J"\ncriteria:\n- id: "b\\e[2J"\nquotas:\n- field: "c\\e[2J"\n')
    assert [meeting.fields[0].name, meeting.criteria[0].id, meeting.quotas[0].field] == ["a␛[2J", "b␛[2J", "c␛[2J"]


SAMPLES = sorted((Path(__file__).parents[2] / "meetings").glob("*/call.md"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.parent.name)
def test_every_call_of_the_sample_is_read(path: Path) -> None:
    meeting = parse(path.read_bytes(), str(path), path.parent.name)
    assert meeting.seats > 0
    assert meeting.published < meeting.closes.isoformat() < meeting.starts.isoformat() < meeting.ends.isoformat()
    assert all(question.ask.endswith("?") for question in meeting.questions)
