"""The small records: applications and problems, people, teams, meetings, reviews, ledger entries."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from callforth.model import person
from callforth.model.application import Application, Problem
from callforth.model.decision import Actor, Entry
from callforth.model.meeting import Meeting
from callforth.model.status import Status
from callforth.model.team import Member, Team

WHEN = datetime(2022, 10, 4, 12, 30, tzinfo=UTC)


def application(**applicant: str) -> Application:
    return Application("k7m2qx", "oslo-2022", Status.RECEIVED, WHEN, applicant, (), "", "", {}, "")


def test_a_problem_is_one_sentence_with_place_and_remedy() -> None:
    assert Problem("a/b.md", 3, "it is odd", "mend it").sentence == "a/b.md:3: it is odd; mend it"
    assert Problem("a/b.md", 0, "it is odd", "mend it").sentence == "a/b.md: it is odd; mend it"


def test_who_a_person_is_comes_from_the_applicants_fields() -> None:
    marta = application(name="Marta Oliveira", email="Marta@Example.org", organisation="Bairro", country="pt")
    assert (person.name(marta), person.email(marta)) == ("Marta Oliveira", "Marta@Example.org")
    assert (person.organisation(marta), person.country(marta)) == ("Bairro", "PT")
    assert person.key(marta) == "marta@example.org"


def test_a_person_without_fields_is_known_by_the_id() -> None:
    nobody = application()
    assert (person.name(nobody), person.email(nobody), person.organisation(nobody), person.country(nobody)) == (
        "k7m2qx",
        "",
        "",
        "",
    )
    assert person.key(nobody) == "k7m2qx"


def test_without_an_address_the_folded_name_makes_the_person() -> None:
    assert person.key(application(name="José Ávila")) == person.key(application(name="JOSE AVILA")) == "jose avila"


def member(slug: str, *roles: str) -> Member:
    return Member(slug, slug.title(), f"{slug}@example.org", roles)


def test_a_member_is_found_by_address_without_regard_to_case() -> None:
    team = Team("Test", (member("sanna", "organiser"), member("hedda", "reviewer", "auditor")))
    assert team.member("SANNA@example.ORG") is team.members[0]
    assert team.member("nobody@example.org") is None


def test_organisers_decide_and_nobody_else() -> None:
    team = Team(
        "Test",
        (
            member("sanna", "organiser"),
            member("hedda", "reviewer"),
            member("alva", "auditor"),
            member("dario", "reviewer", "organiser"),
        ),
    )
    assert [one.slug for one in team.organisers] == ["sanna", "dario"]


def test_a_meeting_is_named_by_place_and_year_and_its_series() -> None:
    times = {"starts": WHEN, "ends": WHEN, "closes": WHEN}
    oslo = Meeting(
        "oslo-2022",
        "A title",
        "A series",
        place="Oslo, Norway",
        language="en",
        seats=3,
        published="",
        contact="",
        **times,
    )
    alone = Meeting("oslo-2022", "A title", "", place="Oslo", language="en", seats=3, published="", contact="", **times)
    assert (oslo.place_and_year, oslo.short_series) == ("Oslo 2022", "A series")
    assert (alone.place_and_year, alone.short_series) == ("Oslo 2022", "A title")


@pytest.mark.parametrize(
    ("before", "after", "tags", "decision", "tagging"),
    [
        (Status.RECEIVED, Status.ACCEPTED, (), True, False),
        (Status.RECEIVED, Status.RECEIVED, ("+late",), False, True),
        (Status.RECEIVED, Status.RECEIVED, (), False, False),
        (Status.RECEIVED, Status.ACCEPTED, ("+late",), True, False),
        (None, Status.RECEIVED, (), False, False),
        (Status.RECEIVED, None, (), False, False),
    ],
)
def test_an_entry_is_a_decision_or_a_tagging(
    before: Status | None, after: Status | None, tags: tuple[str, ...], decision: bool, tagging: bool
) -> None:
    entry = Entry(
        "c", WHEN, Actor("A", "a@example.org"), "oslo-2022", "k7m2qx", before, after, tags, "", "", "", "", True
    )
    assert (entry.is_decision, entry.is_tagging) == (decision, tagging)
