"""The ledger in its canonical form, and what differs between two of them."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callforth.model.decision import Actor, Entry
from callforth.model.status import Status
from callforth.workflow.audit import canon

KEYS = [*("meeting", "application", "kind", "from", "to", "tags", "by"), *("reason", "undo", "over_seats")]
KEYS += ["recorded", "reviewer", "content"]


def _entry(**more: Any) -> Entry:
    said: dict[str, Any] = {
        "commit": "c" * 40,
        "at": datetime(2022, 8, 22, 12, 12, tzinfo=UTC),
        "by": Actor("Sanna Lind", "sanna.lind@example.org"),
        "meeting": "oslo-2022",
        "application": "k7m2qx",
        "before": Status.RECEIVED,
        "after": Status.ACCEPTED,
        "tags": (),
        "reason": "",
        "subject": "Accept k7m2qx",
        "batch": "",
        "reverts": "",
        "recorded": True,
    }
    return Entry(**{**said, **more})


def test_a_line_says_this_and_nothing_else():
    line = canon.line(5, _entry(tags=("+late",), reason="Spricht für „Ærø“.", content="12ab"), 3)
    assert line[:5] == ("oslo-2022", "k7m2qx", 5, "c" * 40, 3)
    assert line.text == (
        '{"meeting":"oslo-2022","application":"k7m2qx","kind":"decision","from":"received","to":"accepted",'
        '"tags":["+late"],"by":"sanna.lind@example.org","reason":"Spricht für „Ærø“.","undo":false,"over_seats":false,'
        '"recorded":true,"reviewer":"","content":"12ab"}'
    )
    assert list(json.loads(line.text)) == KEYS


@pytest.mark.parametrize(
    "change",
    [
        {"commit": "d" * 40},
        {"at": datetime(1999, 1, 1, tzinfo=UTC)},
        {"by": Actor("Another Name", "sanna.lind@example.org")},
        {"subject": "Else"},
        {"batch": "b"},
    ],
)
def test_neither_commit_nor_clock_nor_names_change_what_a_line_says(change):
    assert canon.line(1, _entry(**change), 7).text == canon.line(2, _entry(), 8).text


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "decision"),
        ({"tags": ("+late",)}, "decision"),
        ({"before": None}, "arrival"),
        ({"before": None, "after": None}, "unreadable"),
        ({"after": None}, "removal"),
        ({"after": Status.RECEIVED, "tags": ("+late",)}, "tags"),
        ({"after": Status.RECEIVED, "told": True}, "letter"),
        ({"after": Status.RECEIVED, "edited": True}, "edit"),
        ({"after": Status.RECEIVED}, "other"),
        ({"before": None, "after": None, "reviewer": "hedda"}, "review"),
    ],
)
def test_kinds(said, kind):
    assert canon.kind(_entry(**said)) == kind


texts = st.text(st.characters(codec=None), max_size=12)
entries = st.builds(
    lambda meeting, application, reason: _entry(meeting=meeting, application=application, reason=reason),
    st.sampled_from(["bergen-2023", "oslo-2022"]),
    st.sampled_from(["1e3456", "3fh9td", "k7m2qx"]),
    texts,
)


@given(st.lists(st.tuples(st.integers(0, 3), entries), max_size=12), st.randoms())
def test_it_is_in_one_order_however_it_comes_and_has_as_many_lines(said, chance):
    lines = [canon.line(date, entry, number) for number, (date, entry) in enumerate(said)]
    data = canon.ledger(lines)
    chance.shuffle(lines)
    assert canon.ledger(lines) == data
    assert data.count(b"\n") == len(lines)
    assert canon.digest(data) == hashlib.sha256(data).hexdigest()
    places = [(entry.meeting, entry.application) for _, entry in said]
    found = canon.by_application(data)
    assert list(found) == sorted(set(places))
    assert {place: len(some) for place, some in found.items()} == {place: places.count(place) for place in found}


@given(st.lists(st.tuples(st.integers(0, 9), entries), max_size=10), st.data())
def test_what_came_later_does_not_differ_and_what_was_changed_does(said, data):
    lines = sorted(canon.line(date, entry, number) for number, (date, entry) in enumerate(said))
    sealed: list[canon.Line] = []
    for place in sorted({one[:2] for one in lines}):
        there = [one for one in lines if one[:2] == place]
        sealed += there[: data.draw(st.integers(0, len(there)))]
    assert canon.differing(canon.ledger(sealed), canon.ledger(lines)) == []
    if sealed:
        gone = data.draw(st.sampled_from(sealed))
        forged = gone._replace(text=gone.text.replace('"recorded":true', '"recorded":false'))
        changed = [forged if one == gone else one for one in lines]
        assert canon.differing(canon.ledger(sealed), canon.ledger(changed)) == [gone[:2]]


@pytest.mark.parametrize(
    "data", [b"nothing\n", b"[" * 100_000 + b"\n", b"[1]\n", b'"a"\n', b"\xff\n", b"{}\n\n{}\n", b"\n"]
)
def test_what_is_no_ledger(data):
    with pytest.raises(ValueError, match=r"."):
        canon.differing(data, b"")
