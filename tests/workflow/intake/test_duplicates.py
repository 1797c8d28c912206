"""Who may be one person, where a few are alike and where thousands are."""

from __future__ import annotations

import time

import pytest

from callforth.workflow.intake.duplicates import MOST_PAIRS, Person, find


def person(at, name="Ann Berg", email="", organisation="Bro", meeting="oslo", row=True):
    return Person(f"i{at:05}", meeting, name, email, organisation, at if row else 0)


def said(pairs):
    return [(pair.one.row, pair.other.known_by, pair.score, pair.why) for pair in pairs]


def test_the_best_come_first_and_of_these_who_can_be_joined():
    old = [
        person(1, "Ann Berg", "ann@example.org", "Bro", "rome", row=False),
        person(2, "Anne Berg", "", "Oslo Bridge House", row=False),
        person(3, "Ann Berg", "", "", row=False),
        person(4, "Ann Berg", "", "Falk", row=False),
        person(5, "Kurt Falk", "ann@example.org", "Falk", row=False),
    ]
    new = [person(7, "Berg, Ann".replace(",", ""), "ann@example.org", "Oslo Bridge House")]
    assert said(find(new, old)) == [
        (7, "i00005", 100, "the same address"),
        (7, "i00002", 96, "alike names and organisations"),
        (7, "i00003", 95, "alike names"),
        (7, "i00001", 100, "the same address"),
    ]


@pytest.mark.parametrize(
    ("name", "email", "organisation"),
    [("Ann Berg", "", "Bro"), ("", "office@example.org", ""), ("Not given", "", "House {} of Oslo"),
     ("Not given", "", "{}")],
)  # fmt: skip
def test_two_thousand_who_are_alike_are_looked_at_in_a_moment_and_each_has_a_few_pairs(name, email, organisation):
    new = [person(at, name, email, organisation.format(at * 7919)) for at in range(1, 2001)]
    began = time.perf_counter()
    pairs = find(new, [])
    assert time.perf_counter() - began < 5  # compared each with each it took many times as long
    most = MOST_PAIRS * (MOST_PAIRS - 1) // 2 + (2000 - MOST_PAIRS) * MOST_PAIRS
    assert len(pairs) <= most
    if "{" not in organisation:
        of_last = [pair.other.row for pair in pairs if pair.one.row == 2000]
        assert (len(pairs), of_last) == (most, list(range(1, MOST_PAIRS + 1)))


def test_who_can_be_joined_is_found_behind_many_who_cannot():
    old = [person(at, meeting="rome", row=False) for at in range(1, 500)] + [person(900, row=False)]
    pairs = find([person(1000)], old)
    assert (pairs[0].other.id, len(pairs)) == ("i00900", MOST_PAIRS)
