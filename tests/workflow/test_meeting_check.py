"""What a careful colleague would say of a call."""

from pathlib import Path

import pytest

from callforth.workflow import start
from callforth.workflow.meeting_check import Surroundings, examine

SAMPLE = Path(__file__).resolve().parents[2] / "meetings"
AROUND = Surroundings(("helsinki-2021", "rotterdam-2022"), 3)
CALL = (SAMPLE / "stockholm-2022" / "call.md").read_text("utf-8")


def found(text):
    return [(one.rule, one.line, one.grave, one.says) for one in examine(text.encode(), "stockholm-2022", AROUND)]


def test_of_the_samples_calls_there_is_nothing_to_say():
    for name in ("helsinki-2021", "rotterdam-2022", "stockholm-2022"):
        assert examine((SAMPLE / name / "call.md").read_bytes(), name, AROUND) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "closes: 2022-09-09T23:59:00+02:00\n",
            "",
            ("missing", 1, True, "the call has no 'closes', so a closing date is missing"),
        ),
        ("closes: 2022-09-09", "closes: 2022-10-09", ("closes", 10, True, "the call closes after the meeting begins")),
        (
            "closes: 2022-09-09",
            "closes: 2022-09-29",
            ("closes", 10, False, "from the deadline to the meeting it is only 4 days"),
        ),
        ("ends: 2022-10-05", "ends: 2022-10-03", ("times", 5, True, "the meeting ends before it begins")),
        ("ends: 2022-10-05", "ends: 2023-10-05", ("times", 5, False, "the meeting takes 366 days")),
        ("seats: 25\n", "", ("missing", 1, True, "the call has no 'seats', so a number of seats is missing")),
        ("seats: 25", "seats: 0", ("seats", 8, True, "there are no seats")),
        ("seats: 25", "seats: many", ("unreadable", 8, True, "'seats' is not a whole number")),
        (
            "- id: case\n  text",
            "- text",
            ("question-mark", 69, True, "a question has no id, so no answer can be marked as its own"),
        ),
        (
            "starts: 2022-10-04T12:30:00+02:00",
            "starts: 2022-10-04T12:30:00",
            ("zones", 4, True, "'starts' has no time zone, so it is taken for UTC"),
        ),
        (
            "closes: 2022-09-09T23:59:00+02:00",
            "closes: 2022-09-09",
            ("zones", 10, True, "'closes' has no time, so it is taken for the first moment of the day (UTC)"),
        ),
        ("published: 2022-08-12\n", "", ("published", 1, False, "the call is not published, so it is on no site")),
        ("published: 2022-08-12", "published: soon", ("published", 9, True, "'published' is no day")),
        (
            "published: 2022-08-12",
            "published: 2022-09-10",
            ("published", 9, True, "the call is published after it closes"),
        ),
        (
            "published: 2022-08-12",
            "published: 2022-09-01",
            ("published", 10, False, "people have only 8 days to apply"),
        ),
        ("place: Stockholm, Sweden\n", "", ("place", 1, False, "it is not said where the meeting is")),
        ("contact: stockholm-2022@example.org\n", "", ("contact", 1, False, "it is not said whom to ask")),
        (
            "contact: stockholm-2022@example.org",
            "contact: Sanna",
            ("contact", 11, False, "'contact' is no e-mail address"),
        ),
        ("- name: email", "- name: mail", ("fields", 18, False, "applicants need not say their 'email'")),
        ("- name: organisation", "- name: name", ("fields", 18, True, "the field 'name' stands twice")),
        (
            "text: Where is that like, and unlike, the polarisation you saw around COVID-19?",
            "text: Which challenges of yours should this meeting talk about?",
            ("questions", 48, True, "the questions 'challenges' and 'pandemic' ask the same"),
        ),
        ("  each: 2", "  each: 4", ("review", 91, False, "each application needs 4 reviews, and 3 may review")),
        (
            "- field: country\n  most",
            "- field: town\n  most",
            ("quotas", 85, True, "a quota is for 'town', which nobody is asked"),
        ),
        (
            "value: religious leader",
            "value: Religious leader",
            ("quotas", 87, True, "a quota is for 'Religious leader', which is no choice of 'role'"),
        ),
        ("least: 2", "least: 2\n  most: 1", ("quotas", 87, True, "a quota's least is more than its most")),
        ("least: 2", "least: 26", ("quotas", 87, True, "a quota asks for more than there are seats")),
        (
            "- helsinki-2021",
            "- helsinki-2020",
            ("related", 94, False, "the related meeting 'helsinki-2020' is not here"),
        ),
        ("title: Holding", "title: Keeping", ("text", 2, False, "the text's heading is not the title")),
        (
            "form by **9 September 2022**",
            "form by **10 September**",
            ("text", 10, False, "the text says by 10 September 2022, and 'closes' another day"),
        ),
        (
            "place: Stockholm",
            "pIace: Stockholm",
            ("spelling", 6, False, "'pIace' is no field of calls, and is not read"),
        ),
        (
            "  text: Which challenges",
            "  txet: Which challenges",
            ("spelling", 63, False, "'txet' is no field of questions, and is not read"),
        ),
        (
            "  identity: true\n- name: role",
            "  identity: True\n- name: role",
            ("spelling", 30, True, "'identity' is 'True', which is taken for no"),
        ),
        (
            "- id: case\n",
            "- id: pandemic\n",
            (
                "question-mark",
                69,
                True,
                "the id 'pandemic' marks two questions, so their answers could not be told apart",
            ),
        ),
        (
            "  - other\n",
            "  - Religious Leader\n",
            ("fields", 34, True, "the choice 'Religious Leader' of 'role' stands twice"),
        ),
        (
            "least: 2",
            "least: 2\n- field: role\n  value: other\n  least: 24",
            ("quotas", 84, True, "the quotas for 'role' ask for at least 26 of 25 seats"),
        ),
        (
            "least: 2",
            "least: 2\n- field: role\n  most: 2",
            ("quotas", 84, False, "the quotas for 'role' leave at most 20 of 25 seats to be filled"),
        ),
        ("\n---\n\n# Holding", "\n# Holding", ("unreadable", 1, True, "the frontmatter is not closed")),
    ],
)
def test_each_thing_that_is_wrong_is_said_with_its_line(old, new, says):
    assert old in CALL
    assert says in found(CALL.replace(old, new))


def test_all_that_is_missing_is_said_at_once_and_what_was_misspelt():
    text = (
        CALL.replace("closes: 2022", "closing: 2022").replace("seats: 25\n", "").replace("- id: case\n  text", "- text")
    )
    said = examine(text.encode(), "stockholm-2022", AROUND)
    assert [(one.rule, one.line) for one in said] == [("missing", 1), ("missing", 1), ("question-mark", 68)]
    assert said[1].remedy == "rename 'closing'"


def test_a_call_that_nobody_has_written_yet_is_known():
    text = CALL[: CALL.index("\n# Holding")] + "\n# T\n\nTell who is invited, what happens, and by when to apply.\n"
    assert found(text) == [("text", 1, False, "the call's text is not written yet")]


def test_of_what_a_new_workspace_begins_with_it_is_said_what_is_to_be_written(tmp_path):
    start.init(tmp_path / "new", "oslo-2027")

    notes = examine((tmp_path / "new" / "meetings" / "oslo-2027" / "call.md").read_bytes(), "oslo-2027", AROUND)
    assert [(one.rule, one.line, one.grave) for one in notes] == [
        ("published", 1, False),
        ("text", 1, False),
        ("title", 2, False),
        ("place", 6, False),
        ("contact", 11, False),
    ]
    assert notes[2].says == "'title' is still what a new workspace's call begins with"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "by September 9th"), ("en", "by the 9th of September, 2022"), ("en", "before 10 September"),
        ("en", "No later than Friday, 9 Sep., 23:59"), ("en", "The call closes on 09/09/2022"), ("en", "by 2022-09-09"),
        ("sv", "senast den 9 september"), ("fr", "avant le 9 septembre 2022"), ("de", "bis zum 9.9.2022"),
        ("pt", "até 9 de setembro"), ("el", "έως 9 Σεπτεμβρίου 2022"), ("hu", "2022. szeptember 9."),
        ("xx", "by 9 September"),
        ("en", "soon, and in September 2022 may 25 people come"), ("en", "early. They met until 5 October"),
    ],
)  # fmt: skip
def test_the_deadline_is_read_in_many_ways(language, said):
    text = CALL.replace("language: en", f"language: {language}").replace("form by **9 September 2022**", f"form {said}")
    assert found(text) == []


@pytest.mark.parametrize(
    ("language", "said", "says"),
    [
        ("en", "until the end of September", "the text says by 30 September 2022, and 'closes' another day"),
        ("fr", "avant le 9 septembre 2021", "the text says by 9 September 2021, and 'closes' another day"),
        ("fi", "31.8.2022 mennessä", "the text names 31 August 2022, and not the day on which the call closes"),
        ("hu", "augusztus 31-ig", "the text names 31 August 2022, and not the day on which the call closes"),
        ("en", "by 8/9/2022", "the text says by 8 September 2022, and 'closes' another day"),
    ],
)
def test_another_day_in_the_text_is_told(language, said, says):
    text = CALL.replace("language: en", f"language: {language}").replace("form by **9 September 2022**", f"form {said}")
    assert found(text) == [("text", 10, False, says)]
