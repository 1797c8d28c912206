"""Who applied before, and who applied twice."""

from __future__ import annotations

from datetime import UTC, datetime

from callforth.index.people import People
from callforth.model.application import Application
from callforth.model.status import Status


def application(id: str, meeting: str, year: int, **applicant: str) -> Application:
    return Application(id, meeting, Status.RECEIVED, datetime(year, 1, 1, tzinfo=UTC), applicant, (), "", "", {}, "")


FIRST = application("000001", "bergen-2020", 2020, name="Marta", email="marta@example.org")
SECOND = application("000002", "oslo-2021", 2021, name="M. Oliveira", email="Marta@Example.ORG")
THIRD = application("000003", "oslo-2022", 2022, name="Marta", email="marta@example.org")
TWICE = application("000004", "oslo-2022", 2022, name="Marta", email="marta@example.org")
NAMESAKE = application("000005", "oslo-2022", 2022, name="Marta", email="another@example.org")
NAMED = application("000006", "oslo-2021", 2021, name="José Ávila")
NAMED_AGAIN = application("000007", "oslo-2022", 2022, name="jose avila")
NOBODY = application("000008", "oslo-2021", 2021)
NOBODY_ELSE = application("000009", "oslo-2022", 2022)
PEOPLE = People([FIRST, SECOND, THIRD, TWICE, NAMESAKE, NAMED, NAMED_AGAIN, NOBODY, NOBODY_ELSE])


def test_earlier_applications_are_found_by_address_the_latest_first() -> None:
    assert PEOPLE.elsewhere(THIRD) == [SECOND, FIRST]
    assert PEOPLE.elsewhere(FIRST) == [TWICE, THIRD, SECOND]


def test_a_second_application_to_the_same_meeting_is_seen() -> None:
    assert PEOPLE.again(THIRD) == [TWICE]
    assert PEOPLE.again(SECOND) == []


def test_a_namesake_with_another_address_is_another_person() -> None:
    assert (PEOPLE.elsewhere(NAMESAKE), PEOPLE.again(NAMESAKE)) == ([], [])


def test_without_addresses_the_name_is_compared_without_accents() -> None:
    assert PEOPLE.elsewhere(NAMED_AGAIN) == [NAMED]


def test_applications_without_name_and_address_are_not_one_person() -> None:
    assert (PEOPLE.elsewhere(NOBODY), PEOPLE.again(NOBODY_ELSE)) == ([], [])
